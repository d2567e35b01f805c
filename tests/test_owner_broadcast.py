"""Programs in which all ranks need one row: made as the plan says, run, and compared with the sequential ones."""

from __future__ import annotations

from pathlib import Path

import pytest
from alike import assert_alike
from deciding import facts_of

from chatmpi.analysis.source import Source
from chatmpi.generate.from_template import generate
from chatmpi.plan.decide import decide
from chatmpi.verify.prove import prove

PROGRAMS = sorted((Path(__file__).parent / "owner_broadcast").glob("*.c"))


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda p: p.stem)
def test_rows_are_broadcast_and_the_output_is_the_same(path: Path, executables: Path) -> None:
    source = Source.read(path)
    facts = facts_of(source.shown)
    plan = decide(facts)
    assert {c.kind for c in plan.communications} & {"row_broadcast", "column_gather"}
    assert prove(facts, plan)[1] == ()
    assert_alike(source.shown, generate(facts, plan).shown, executables, ranks=(1, 3, 4), tolerance=1e-11)
