"""The corpus by itself, before any translation: an expectation is worth no more than the program it is about."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from comparing import difference
from resizing import sized
from running import SANITISED, compile_c, run_sequential

from chatmpi.corpus.index import FAMILIES, CorpusProgram, folder, programs

PROGRAMS = programs()


def test_index_names_every_file_once() -> None:
    assert sorted(p.path for p in PROGRAMS) == sorted(folder().rglob("*.c"))


def test_every_family_has_programs() -> None:
    assert {p.family for p in PROGRAMS} == set(FAMILIES)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.name)
def test_sizes_are_awkward(program: CorpusProgram) -> None:
    assert len(program.sizes) >= 5
    assert sum(n < 8 for n in program.sizes) >= 2
    assert any(n > 8 and all(n % ranks for ranks in (2, 3, 4, 5, 8)) for n in program.sizes)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("program", "size"),
    [pytest.param(p, n, id=f"{p.name}-{n}") for k, p in enumerate(PROGRAMS) for n in p.sizes[k % 3 :: 3]],
)
def test_program_is_clean(program: CorpusProgram, size: int, executables: Path) -> None:
    """No warning, no undefined behaviour, and optimisation changes nothing."""
    text, arguments = sized(program.text, program.size, size)
    plain = compile_c(text, executables, mpi=False)
    checked = compile_c(text, executables, mpi=False, flags=SANITISED)
    expected, run = run_sequential(plain, *arguments), run_sequential(checked, *arguments)

    assert plain.warnings == checked.warnings == ()
    assert run.status == expected.status, run.stderr
    assert difference(expected.stdout, run.stdout, 0.0) is None
    assert expected.stdout or expected.status != 0
    assert not re.search(r"\b(nan|inf)\b", expected.stdout)
