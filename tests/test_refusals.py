"""Candidates that do not take all numbers of ranks or all sizes, and say so by their exit status."""

from __future__ import annotations

import pytest

from chatmpi.analysis.options import AS_USUAL
from chatmpi.analysis.source import Source
from chatmpi.judge import judge
from chatmpi.judge_alone import judge_alone
from chatmpi.verify.gate import simulated_verdict
from chatmpi.verify.simulate.trials import Wanted

_SEQUENTIAL = """#include <stdio.h>
#define N 64
int main(void) { double s = 0; for (int i = 0; i < N; i++) s += 0.5 * i; printf("%f\\n", s); return 0; }
"""
_MPI = """#include <mpi.h>
#include <stdio.h>
#define N 64
int main(int argc, char **argv) {
  int rank, size; double s = 0, t; MPI_Init(&argc, &argv); MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  GUARD
  for (int i = rank * (N / size); i < (rank + 1) * (N / size); i++) s += 0.5 * i;
  MPI_Reduce(&s, &t, 1, MPI_DOUBLE, MPI_SUM, 0, MPI_COMM_WORLD);
  if (rank == 0) printf("%f\\n", t);
  MPI_Finalize(); return 0; }
"""


def _candidate(guard: str) -> Source:
    return Source.from_str("b.c", _MPI.replace("GUARD", guard))


@pytest.mark.parametrize(
    ("guard", "word"),
    [
        ("if (N % size) MPI_Abort(MPI_COMM_WORLD, 1);", "CHECKED"),
        ('if (N % size) { if (!rank) printf("no\\n"); MPI_Finalize(); return 1; }', "CHECKED"),
        ("if (size > 2 || N % size) MPI_Abort(MPI_COMM_WORLD, 1);", "CHECKED"),
        ("if (size > N) MPI_Abort(MPI_COMM_WORLD, 1);", "REFUTED"),
        ("if (size > 1) MPI_Abort(MPI_COMM_WORLD, 1);", "UNKNOWN"),
        ("if (rank == 0 && N % size) { MPI_Finalize(); return 1; }", "REFUTED"),
    ],
)
def test_what_it_does_not_take_is_not_what_it_gets_wrong(guard: str, word: str) -> None:
    verdict = judge(Source.from_str("a.c", _SEQUENTIAL), _candidate(guard), wanted=Wanted(refusals=True))
    assert verdict.word == word
    if word != "REFUTED":
        assert any("the candidate ends by itself, before it begins, at" in note for note in verdict.notes)


def test_what_is_translated_takes_everything() -> None:
    candidate = _candidate("if (N % size) MPI_Abort(MPI_COMM_WORLD, 1);")
    sequential = Source.from_str("a.c", _SEQUENTIAL)
    assert simulated_verdict(sequential, candidate, AS_USUAL, Wanted()).word == "REFUTED"


def test_a_program_by_itself_is_run_at_numbers_that_it_takes() -> None:
    assert judge_alone(_candidate("if (size != 9) MPI_Abort(MPI_COMM_WORLD, 1);")).checks[-1].scope == "9 ranks"
    assert judge_alone(_candidate("MPI_Abort(MPI_COMM_WORLD, 1);")).word == "UNKNOWN"
