"""A few of the random programs of the campaign in `fuzz.py`: each comes out right, by real runs as by the gate."""

from __future__ import annotations

from pathlib import Path

import pytest
from fuzz import not_clean, outcome_of, program_of, trials_of

SEEDS = (4, 10, 20, 24, 32, 39, 44)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_random_program_comes_out_right(seed: int, tmp_path: Path) -> None:
    found = outcome_of(seed, tmp_path, simulating=False)
    assert found.word in ("PROVED", "CHECKED"), found


def test_random_programs_do_nothing_that_c_does_not_define(tmp_path: Path) -> None:
    for seed in (SEEDS[0], SEEDS[-1]):
        text = program_of(seed)
        assert program_of(seed) == text
        assert not any(not_clean(text, t, tmp_path) for t in trials_of(seed, text))
