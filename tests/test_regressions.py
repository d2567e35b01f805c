"""Programs that were once translated wrongly: each is right at every rank count, or not divided at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from alike import assert_alike

from chatmpi.analysis.diagnostics import NothingDistributed
from chatmpi.analysis.source import Source
from chatmpi.translate import first_plan, translate

PROGRAMS = sorted((Path(__file__).parent / "regressions").glob("*.c"))


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda p: p.stem)
def test_what_once_went_wrong(path: Path, executables: Path) -> None:
    source = Source.read(path)
    try:
        translation = translate(source)
    except NothingDistributed:
        return
    assert_alike(source.shown, translation.source.shown, executables)


@pytest.mark.parametrize(
    "name",
    [
        "cleared_arrays",
        "complex_numbers",
        "elements_by_macro",
        "exit_at_bad_pivot",
        "factor_left_early",
        "left_early_helpers",
        "rows_from_a_helper",
        "row_pointers_swapped",
        "struct_made_in_helper",
        "value_beside_an_extremum",
    ],
)
def test_what_was_once_left_whole_is_divided(name: str) -> None:
    plan = first_plan(Source.read(Path(__file__).parent / "regressions" / f"{name}.c"))
    assert all(a.partition for a in plan.arrays)
