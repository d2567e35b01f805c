"""A program and its translation, run beside each other."""

from __future__ import annotations

from pathlib import Path

from comparing import difference
from running import SANITISED, compile_c, run_ranks, run_sequential


def assert_alike(
    before: str, after: str, executables: Path, *, ranks: tuple[int, ...] = (1, 3), tolerance: float = 1e-12
) -> None:
    """At each number of ranks, under sanitizers, the translation says and returns what the program does.

    And the compiler has nothing to say of it that it does not say of the program.
    """
    sequential = compile_c(before, executables, mpi=False)
    parallel = compile_c(after, executables, mpi=True, flags=SANITISED)
    assert set(parallel.warnings) <= set(sequential.warnings)
    expected = run_sequential(sequential)
    for number in ranks:
        actual = run_ranks(parallel, number)
        assert actual.status == expected.status, actual.stderr
        assert (found := difference(expected.stdout, actual.stdout, tolerance)) is None, found
