"""Values that are decided by a test, or made by a loop in a function: nothing can be seen in the values themselves, so
what is told is where the two programs part, or what ranks do too often or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatmpi.analysis.parse import ParseOptions
from chatmpi.analysis.source import Source
from chatmpi.verify.simulate.job import Refutation
from chatmpi.verify.simulate.simulation import simulate

_ALONE = """#include <stdio.h>
#define N 30
static int divisors(int n) {
    int found = 0;
    for (int d = 1; d <= n; d++)
        if (n % d == 0) found++;
    return found;
}
static double power(double x, int times) {
    double value = 1.0;
    for (int k = 0; k < times; k++) value *= x;
    return value;
}
int main(void) {
    int most = 0, even = 0;
    double sum = 0.0;
    for (int n = 1; n <= N; n++) {
        int d = divisors(n);
        if (d > most)
            most = d;
        if (d % 2 == 0)
            even++;
    }
    for (int n = 0; n < N; n++)
        sum += power(0.01 * n, 3);
    printf("%d %d %.10f\\n", most, even, sum);
    return 0;
}
"""
_RANKS = """#include <mpi.h>
#include <stdio.h>
#define N 30
static int divisors(int n) {
    int found = 0;
    for (int d = 1; d <= n; d++)
        if (n % d == 0) found++;
    return found;
}
static double power(double x, int times) {
    double value = 1.0;
    for (int k = 0; k < times; k++) value *= x;
    return value;
}
static int larger(int a, int b) {
    return a > b ? a : b;
}
int main(int argc, char **argv) {
    int rank, size, most = 0, even = 0;
    double sum = 0.0;
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    int end = 1 + N * (rank + 1) / size;
    int chunk = larger(1, N / (16 * size));
    for (int n = 1 + N * rank / size; n < end; n++) {
        int d = divisors(n);
        if (d > most)
            most = d;
        if (d % 2 == 0)
            even++;
    }
    for (int first = rank * chunk; first < N; first += size * chunk)
        for (int n = first; n < N && n < first + chunk; n++)
            sum += power(0.01 * n, 3);
    MPI_Allreduce(MPI_IN_PLACE, &most, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
    MPI_Allreduce(MPI_IN_PLACE, &even, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
    MPI_Allreduce(MPI_IN_PLACE, &sum, 1, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
    if (rank == 0) printf("%d %d %.10f\\n", most, even, sum);
    MPI_Finalize();
    return 0;
}
"""


def _refuted(alone: str, ranks: str) -> Refutation:
    found = simulate(Source.from_str("s.c", alone), Source.from_str("c.c", ranks), ParseOptions()).refutation
    assert found is not None
    return found


def test_the_program_is_right() -> None:
    found = simulate(Source.from_str("s.c", _ALONE), Source.from_str("c.c", _RANKS), ParseOptions())
    assert found.result == "holds"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        # a function that counts: the first thing that the same call does otherwise
        ("int d = 1; d", "int d = 2; d", "called in line 27 with 1, sets 'd' to 2, and not to 1 as line 5 of the seq"),
        ("d <= n", "d < n", "line 6 on rank 0, called in line 27 with 1, decides otherwise than line 5 of the seq"),
        # a product that a function makes in a loop
        ("k < times;", "k < times - 1;", "called in line 35, decides otherwise than line 11 of the sequential program"),
        # a function that is given something else is not what is wrong
        (
            "power(0.01 * n, 3)",
            "power(0.01 * n, 2)",
            "line 35 (under line 34, line 33) on rank 0 calls 'power' with numbers",
        ),
        # blocks that overlap, of a loop in which values are decided only
        ("n < end; n++", "n <= end; n++", "both do it with 'n' ="),
        ("n < end; n++", "n < end - 1; n++", "no rank does it with 'n' ="),
        # the largest of some, which is replaced by what comes later
        ("if (d > most)", "if (d > 1)", "sets it to"),
        # a loop that ends nowhere, and what its step is made of
        ("a > b ? a : b", "b", "whether the loop of line 33 goes on depends on"),
    ],
)
def test_what_is_decided_by_tests_is_followed(old: str, new: str, told: str) -> None:
    assert _RANKS.count(old) == 1
    found = _refuted(_ALONE, _RANKS.replace(old, new))
    assert any(told in sentence for sentence in found.state), found.state


def test_a_function_that_reads_what_was_set_elsewhere_is_not_said_to_be_wrong() -> None:
    """The variable of file scope is: the function is the same."""
    alone = _ALONE.replace("static double power", "static double scale = 2.0;\nstatic double power")
    alone = alone.replace("double value = 1.0", "double value = scale")
    ranks = _RANKS.replace("static double power", "static double scale = 3.0;\nstatic double power")
    ranks = ranks.replace("double value = 1.0", "double value = scale")
    found = _refuted(alone, ranks)
    assert not any("which is given the same" in sentence for sentence in found.state), found.state


_ROD = """#include <stdio.h>
#define N 9
static double u[N + 2];
int main(void) {
    double sum = 0;
    for (int i = 0; i < N + 2; i++) u[i] = 0.1 * i * i;
    for (int i = 1; i <= N; i++) sum += u[i - 1] * u[i + 1];
    printf("%.10g\\n", sum);
    return 0;
}
"""
_RODS = """#include <mpi.h>
#include <stdio.h>
#define N 9
static double u[N + 2];
int main(int argc, char **argv) {
    int rank, size;
    double sum = 0, all, *last = NULL;
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    int lo = N * rank / size, n = N * (rank + 1) / size - lo;
    int left = MPI_PROC_NULL, right = MPI_PROC_NULL;
    if (rank > 0)
        left = rank - 1;
    if (rank < size - 1)
        right = rank + 1;
    if (rank == 0)
        last = &all;
    u[0] = 0.1 * lo * lo;
    u[n + 1] = 0.1 * (lo + n + 1) * (lo + n + 1);
    for (int i = 1; i <= n; i++) u[i] = 0.1 * (lo + i) * (lo + i);
    MPI_Sendrecv(&u[1], 1, MPI_DOUBLE, left, 0, &u[n + 1], 1, MPI_DOUBLE, right, 0,
                 MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    if (n == 0) MPI_Abort(MPI_COMM_WORLD, 1);
    for (int i = 1; i <= n; i++) sum += u[i - 1] * u[i + 1];
    MPI_Reduce(&sum, last, 1, MPI_DOUBLE, MPI_SUM, 0, MPI_COMM_WORLD);
    if (rank == 0) printf("%.10g\\n", all);
    MPI_Finalize();
    return 0;
}
"""


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        # a rank that waits for what is sent to nobody
        ("if (rank > 0)", "if (rank > 1)", "is to MPI_PROC_NULL, 'left' of line 12; rank 1 does not come to line 14"),
        # memory that is nowhere
        (
            "if (rank == 0)\n        last",
            "if (rank == 1)\n        last",
            "rank 0 does not come to line 18, which sets it",
        ),
    ],
)
def test_lines_that_set_what_a_call_is_given_and_are_not_come_to(old: str, new: str, told: str) -> None:
    assert _RODS.count(old) == 1
    found = _refuted(_ROD, _RODS.replace(old, new))
    assert any(told in sentence for sentence in found.state), found.state


def test_of_ranks_that_wait_the_one_is_told_whose_partner_has_gone_on() -> None:
    """Rank 0 waits for the results, others in their steps: one of them for a rank that has no steps to do."""
    folder = Path(__file__).parents[1] / "corpus" / "baselines"
    alone, ranks = (Source.read(folder / f"rod_isend{end}.c") for end in ("", "_mpi"))
    loop, test = "p < size && right == MPI_PROC_NULL && n > 0; p++)\n", "(long)N * (p + 1) / size > (long)N * p / size"
    assert f"{loop}    if ({test})" in ranks.text
    broken = ranks.text.replace(f"{loop}    if ({test})", f"{loop}    if (1)")
    found = _refuted(alone.text, broken)
    assert found.message.startswith("rank 0: deadlock")
    assert any("MPI_Irecv of line 34 is given 'right' of line 24 (under line 23)" in s for s in found.state), (
        found.state
    )
