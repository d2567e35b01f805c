"""The corpus, translated: what the index expects of each program, on real MPI."""

from __future__ import annotations

from pathlib import Path

import pytest
from comparing import difference
from measuring import measure
from resizing import sized
from running import OPTIMISED, SANITISED, Executable, Run, compile_c, run_ranks, run_sequential
from translating import translated

from chatmpi.corpus.index import CorpusProgram, programs

PROGRAMS = programs()
RANKS = (1, 2, 3, 4, 5, 8)

each_program = pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.name)


def original(program: CorpusProgram, size: int, executables: Path) -> tuple[Executable, tuple[str, ...]]:
    """The sequential program at a size, and its arguments."""
    text, arguments = sized(program.text, program.size, size)
    return compile_c(text, executables, mpi=False), arguments


def translation(
    program: CorpusProgram, size: int, executables: Path, flags: tuple[str, ...] = OPTIMISED
) -> tuple[Executable, tuple[str, ...]]:
    """The translated program at a size, and its arguments."""
    text, arguments = sized(translated(program.path).source.shown, program.size, size)
    return compile_c(text, executables, mpi=True, flags=flags), arguments


def assert_same(expected: Run, actual: Run, tolerance: float) -> None:
    assert actual.status == expected.status, actual.stderr
    assert (found := difference(expected.stdout, actual.stdout, tolerance)) is None, found


def assert_no_new_warning(before: Executable, after: Executable) -> None:
    assert [w for w in after.warnings if w not in before.warnings] == []


@each_program
def test_translation_is_accepted(program: CorpusProgram) -> None:
    verdict = translated(program.path).verdict
    assert verdict.counterexamples == ()
    assert verdict.accepted


@each_program
def test_arrays_are_distributed_as_expected(program: CorpusProgram) -> None:
    arrays = translated(program.path).plan.arrays
    divided = {array.name for array in arrays if array.partition}
    whole = {array.name for array in arrays if not array.partition}
    assert program.distributed - divided == set()
    assert program.replicated - whole == set()


@each_program
def test_communication_is_what_the_data_needs(program: CorpusProgram) -> None:
    found = {(c.kind, c.subject) for c in translated(program.path).plan.communications}
    allowed = (*program.communications, *program.permitted)
    missing = [str(e) for e in program.communications if not any(e.allows(*c) for c in found)]
    surplus = sorted(c for c in found if not any(e.allows(*c) for e in allowed))
    assert (missing, surplus) == ([], [])


def pairs(program: CorpusProgram) -> list[tuple[int, int]]:
    """Four sizes, each with another number of ranks; other pairs for other programs, so that a family sees them all."""
    first = PROGRAMS.index(program)
    sizes = [program.sizes[(first + k) % len(program.sizes)] for k in range(4)]
    return [(size, RANKS[(first * 4 + k) % len(RANKS)]) for k, size in enumerate(sizes)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("program", "size", "ranks"),
    [pytest.param(p, n, ranks, id=f"{p.name}-{n}-{ranks}") for p in PROGRAMS for n, ranks in pairs(p)],
)
def test_output_is_that_of_the_sequential_program(
    program: CorpusProgram, size: int, ranks: int, executables: Path
) -> None:
    """And the compiler has nothing new to say. At three ranks under sanitizers."""
    before, arguments = original(program, size, executables)
    after, _ = translation(program, size, executables, SANITISED if ranks == 3 else OPTIMISED)
    assert_no_new_warning(before, after)
    actual = run_ranks(after, ranks, *arguments)
    assert_same(run_sequential(before, *arguments), actual, program.tolerance)
    assert "runtime error" not in actual.stderr


@each_program
def test_translation_brings_no_warning(program: CorpusProgram, executables: Path) -> None:
    size = program.sizes[3]
    assert_no_new_warning(original(program, size, executables)[0], translation(program, size, executables)[0])


@each_program
def test_work_and_memory_are_divided(program: CorpusProgram, executables: Path, tmp_path: Path) -> None:
    """No rank of four executes much more than a quarter of the lines that the sequential program executes, nor holds
    much more than its part of what is distributed."""
    before, arguments = sized(program.text, program.size, program.work_size)
    after, _ = sized(translated(program.path).source.shown, program.size, program.work_size)
    (sequential,) = measure(before, executables, tmp_path / "sequential", *arguments)
    ranks = measure(after, executables, tmp_path / "ranks", *arguments, ranks=4)
    work = [r.total_lines / sequential.total_lines for r in ranks]
    assert max(work) <= program.work, work
    if program.distributed:
        memory = [r.bytes / sequential.bytes for r in ranks]
        assert max(memory) <= program.memory, memory
