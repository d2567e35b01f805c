"""Stencils of every kind, divided, beside the sequential programs at sizes down to one row."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from alike import assert_alike

from chatmpi.analysis.facts import analyze
from chatmpi.analysis.parse import parse
from chatmpi.analysis.source import Source
from chatmpi.generate.from_template import generate
from chatmpi.plan.decide import decide
from chatmpi.plan.references import check_references
from chatmpi.plan.serialize import plan_from_json, plan_to_json
from chatmpi.verify.prove import prove

PROGRAMS = sorted((Path(__file__).parent / "stencils").glob("*.c"))
SIZE = re.compile(r"(#define N|int n =) \d+")


@pytest.mark.parametrize("rows", [23, pytest.param(1, marks=pytest.mark.slow), 2])
@pytest.mark.parametrize("path", PROGRAMS, ids=lambda p: p.stem)
def test_all_ranks_together_compute_what_one_computes(path: Path, rows: int, executables: Path) -> None:
    """Every array is divided and every rank runs its part, however few rows there are. (One row of literal extent is
    not worth it.)"""
    source = Source.from_str(path.name, SIZE.sub(rf"\1 {rows}", path.read_text()))
    facts = analyze(parse(source))
    assert facts is not None
    plan = decide(facts)
    assert rows == 1 or [a.name for a in plan.arrays if a.partition is None] == []
    assert prove(facts, plan)[1] == ()
    check_references(plan_from_json(plan_to_json(plan)), facts.program)
    assert_alike(
        source.shown, generate(facts, plan).shown, executables, ranks=(1, 3) if rows > 2 else (2,), tolerance=1e-9
    )
