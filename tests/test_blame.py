"""Where a refuted program goes wrong first: the line, and the MPI calls that have part in it."""

from __future__ import annotations

import pytest

from chatmpi.analysis.parse import ParseOptions
from chatmpi.analysis.source import Source
from chatmpi.verify.simulate.job import Refutation
from chatmpi.verify.simulate.simulation import simulate
from chatmpi.verify.simulate.trials import Wanted

_SEQUENTIAL = """#include <stdio.h>
#define N 40
#define STEPS 3
static double u[N + 2], v[N + 2];
int main(void) {
    double sum = 0;
    for (int i = 0; i < N + 2; i++) u[i] = 0.1 * i * i;
    for (int t = 0; t < STEPS; t++) {
        for (int i = 1; i <= N; i++) v[i] = 0.5 * (u[i - 1] + u[i + 1]);
        for (int i = 1; i <= N; i++) u[i] = v[i];
    }
    for (int i = 1; i <= N; i++) sum += u[i];
    printf("%.10g\\n", sum);
    return 0;
}
"""
_CANDIDATE = """#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#define N 40
#define STEPS 3
int main(int argc, char **argv) {
    int rank, size;
    double sum = 0, all = 0;
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    int lo = N * rank / size, n = N * (rank + 1) / size - lo;
    int left = rank > 0 ? rank - 1 : MPI_PROC_NULL, right = rank < size - 1 ? rank + 1 : MPI_PROC_NULL;
    double *u = malloc((n + 2) * sizeof *u);
    double *v = malloc((n + 2) * sizeof *v);
    for (int i = 0; i < n + 2; i++) u[i] = 0.1 * (lo + i) * (lo + i);
    for (int t = 0; t < STEPS; t++) {
        MPI_Sendrecv(&u[1], 1, MPI_DOUBLE, left, 0, &u[n + 1], 1, MPI_DOUBLE, right, 0,
                     MPI_COMM_WORLD, MPI_STATUS_IGNORE);
        MPI_Sendrecv(&u[n], 1, MPI_DOUBLE, right, 1, &u[0], 1, MPI_DOUBLE, left, 1,
                     MPI_COMM_WORLD, MPI_STATUS_IGNORE);
        for (int i = 1; i <= n; i++)
            v[i] = 0.5 * (u[i - 1] + u[i + 1]);
        for (int i = 1; i <= n; i++) u[i] = v[i];
    }
    for (int i = 1; i <= n; i++) sum += u[i];
    MPI_Reduce(&sum, &all, 1, MPI_DOUBLE, MPI_SUM, 0, MPI_COMM_WORLD);
    if (rank == 0) printf("%.10g\\n", all);
    free(u);
    free(v);
    MPI_Finalize();
    return 0;
}
"""


def _refuted(old: str, new: str) -> Refutation:
    assert old in _CANDIDATE
    candidate = Source.from_str("c.c", _CANDIDATE.replace(old, new))
    found = simulate(Source.from_str("s.c", _SEQUENTIAL), candidate, ParseOptions(), Wanted(ranks=(3,)))
    assert found.refutation is not None
    return found.refutation


@pytest.mark.parametrize(
    ("old", "new", "line", "told"),
    [
        (
            "&u[n], 1, MPI_DOUBLE, right",
            "&u[1], 1, MPI_DOUBLE, right",
            23,
            "'u' takes part in the MPI_Sendrecv of line 20",
        ),
        ("0.5 * (u[i - 1]", "0.5 * (u[i]", 23, "is computed in line 7 of the sequential program"),
        ("MPI_SUM", "MPI_MAX", 27, "computes in line 27 what the sequential program does not"),
        (
            "&sum, &all, 1, MPI_DOUBLE, MPI_SUM, 0",
            "&sum, &all, 1, MPI_DOUBLE, MPI_SUM, size - 1",
            28,
            "MPI_Reduce of line 27",
        ),
        ("u = malloc((n + 2)", "u = malloc((n + 1)", 16, "'u' has 3 elements on rank 0, from line 14"),
        ("if (rank == 0) printf", "printf", 28, "'all' takes part in the MPI_Reduce of line 27"),
    ],
)
def test_the_first_wrong_line_and_the_calls_that_have_part_in_it(old: str, new: str, line: int, told: str) -> None:
    found = _refuted(old, new)
    assert found.location is not None
    assert found.location.line == line
    assert any(told in sentence for sentence in found.state), found.state
