"""The limit on what isl does for one set."""

from __future__ import annotations

import islpy as isl

from chatmpi.analysis.numbers.few_operations import few_operations, is_empty

NONE = "{ [i, j] : 3i = 2 + 6j and 0 <= i < 100 }"
SOME = "{ [i, j] : 3i = 6j and 0 <= i < 100 }"


def test_sets_without_points_are_empty() -> None:
    assert is_empty(isl.Set(NONE))
    assert not is_empty(isl.Set(SOME))


def test_what_takes_too_long_ends_and_what_follows_does_not() -> None:
    total = isl.Set("[n] -> { [i, j] : 0 <= i < n and exists k : 7k <= i * 3 + j and 5k >= j and 0 <= j < n }")
    answers = []
    with few_operations(total.get_ctx(), 1):
        answers.append(total.complement().is_empty())
    assert answers == []
    with few_operations(total.get_ctx()):
        answers.append(total.complement().is_empty())
    assert answers == [False]
    assert total.get_ctx().get_max_operations() == 0
