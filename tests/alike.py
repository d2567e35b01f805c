"""A program and its translation, run beside each other."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from comparing import difference
from running import SANITISED, Run, compile_c, run_ranks, run_sequential


def assert_alike(
    before: str, after: str, executables: Path, *, ranks: tuple[int, ...] = (1, 3), tolerance: float = 1e-12
) -> None:
    """At each number of ranks, under sanitizers, the translation says, returns and writes what the program does.

    And the compiler has nothing to say of it that it does not say of the program.
    """
    sequential = compile_c(before, executables, mpi=False)
    parallel = compile_c(after, executables, mpi=True, flags=SANITISED)
    assert set(parallel.warnings) <= set(sequential.warnings)
    expected, written = _with_files(partial(run_sequential, sequential))
    for number in ranks:
        actual, files = _with_files(partial(run_ranks, parallel, number))
        assert actual.status == expected.status, actual.stderr
        assert (found := difference(expected.stdout, actual.stdout, tolerance)) is None, found
        assert files.keys() == written.keys()
        for name, text in written.items():
            assert (found := difference(text, files[name], tolerance)) is None, f"{name}: {found}"


def _with_files(run: Callable[..., Run]) -> tuple[Run, dict[str, str]]:
    """A run in a folder of its own, and the files that it writes there."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        return run(folder=folder), {f.name: f.read_text(errors="replace") for f in folder.iterdir() if f.is_file()}
