"""Programs that behave otherwise above the small sizes: numbers in conditions tell where; what no run did is said."""

from __future__ import annotations

import pytest

from chatmpi.analysis.parse import ParseOptions
from chatmpi.analysis.source import Source
from chatmpi.verify.gate import verdict_of
from chatmpi.verify.simulate.job import Simulation
from chatmpi.verify.simulate.simulation import simulate

_SEQUENTIAL = """#include <stdio.h>
#define N 1000
static int x[N];
int main(void) {
    int s = 0;
    for (int i = 0; i < N; i++) x[i] = i;
    for (int i = 0; i < N; i++) s += x[i];
    printf("%d\\n", s);
    return 0;
}
"""
_CANDIDATE = """#include <mpi.h>
#include <stdio.h>
#define N 1000
static int x[N];
int main(int argc, char **argv) {
    int s = 0, t = 0, rank, size;
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    int lo = N * rank / size, hi = N * (rank + 1) / size, many = hi - lo;
    if (many < 0) { fprintf(stderr, "no\\n"); MPI_Abort(MPI_COMM_WORLD, 1); }
    for (int i = lo; i < hi; i++) x[i] = i;
    SPECIAL
    for (int i = lo; i < lo + many; i++) s += x[i];
    MPI_Reduce(&s, &t, 1, MPI_INT, MPI_SUM, 0, MPI_COMM_WORLD);
    if (rank == 0) printf("%d\\n", t);
    MPI_Finalize();
    return 0;
}
"""


def _simulated(special: str) -> Simulation:
    candidate = Source.from_str("c.c", _CANDIDATE.replace("SPECIAL", special))
    return simulate(Source.from_str("s.c", _SEQUENTIAL), candidate, ParseOptions())


@pytest.mark.parametrize(
    "special",
    [
        "many = many > 100 ? 100 : many;",
        "if (size > 1 && N > 60) many--;",
        "if (N * N > 4000) many--;",
        "for (int b = 0; b < many / 64; b++) many -= 1;",
        "enum { LIMIT = 40 }; if (hi - lo > LIMIT) many = LIMIT;",
    ],
)
def test_what_goes_wrong_above_a_number_of_a_condition_is_refuted(special: str) -> None:
    assert _simulated(special).result == "refuted"


def test_what_is_right_on_both_sides_of_a_number_is_accepted_with_that_size() -> None:
    found = _simulated("if (many > 90) many += 0;")
    assert found.result == "holds"
    assert not found.unreached
    assert any(scope == "N=91" for scope, _ in found.runs)


def test_what_no_run_executes_is_said_but_for_what_gives_up() -> None:
    found = _simulated("if (N > 2000000000) {\n many--;\n }")
    assert found.result == "holds"
    assert found.unreached == ((14, 14),)
    assert "no run executed line 14 of the candidate" in verdict_of(found).notes
