"""Rows that wrap around an array: whole turns are told in few pieces, and what is asked again is answered alike."""

from __future__ import annotations

import islpy as isl

from chatmpi.analysis.numbers.domains import Parameters, holds_nowhere, isl_set
from chatmpi.plan.windows import TURNS, no_whole_turns


def test_rows_not_whole_turns_apart_are_between_neighbouring_turns() -> None:
    names = "[n, m] -> { [i, j] : n >= 1 and "
    pieces = isl.Set(f"{names}({no_whole_turns('2i', 'j + m', 'n')}) }}")
    each = " and ".join(f"2i != j + m + {k}*(n)" for k in range(-TURNS, TURNS + 1))
    assert pieces.is_equal(isl.Set(f"{names}{each} }}"))
    assert pieces.n_basic_set() <= 2 * TURNS + 2


def test_what_is_kept_of_a_set_is_what_isl_says_of_it() -> None:
    for formulas in (["0 <= i < n", "n < 1"], ["0 <= i < n", "n < 2"]):
        for _ in range(2):
            empty = bool(isl_set(Parameters(), ["i"], formulas, ["n"]).is_empty())
            assert holds_nowhere(Parameters(), ["i"], formulas, ["n"]) is empty
