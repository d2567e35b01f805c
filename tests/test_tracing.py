"""Where a wrong value comes from: a refuted program is run once more, and its history followed back."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_blame import _CANDIDATE, _SEQUENTIAL, _refuted

from chatmpi.analysis.parse import ParseOptions, parse
from chatmpi.analysis.source import Source
from chatmpi.verify.simulate.simulation import simulate
from chatmpi.verify.simulate.tracing.case import Case
from chatmpi.verify.simulate.tracing.counterparts import Counterparts
from chatmpi.verify.simulate.tracing.divergence import first_divergence
from chatmpi.verify.simulate.tracing.events import Event
from chatmpi.verify.simulate.tracing.made_from import parts
from chatmpi.verify.simulate.tracing.origin import Origin, Origins
from chatmpi.verify.simulate.tracing.recorded import Recorded, record

_OTHER = "        MPI_Sendrecv(&u[n], 1, MPI_DOUBLE, right, 1, &u[0], 1, MPI_DOUBLE, left, 1,\n"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        # a message that is not sent: who has what it should have brought
        (
            _OTHER + "                     MPI_COMM_WORLD, MPI_STATUS_IGNORE);\n",
            "",
            "between line 22 and line 21 of the next iteration of line 17",
        ),
        # a copy that ends too early: the line that sets the neighbours
        ("for (int i = 1; i <= n; i++) u[i] = v[i]", "for (int i = 1; i < n; i++) u[i] = v[i]", "line 24"),
        # ranges that do not cover: what the bound of the loop is made of
        ("n = N * (rank + 1) / size - lo", "n = N / size * (rank + 1) - lo", "'n' of line 12"),
        # a sum that begins with something else, over ranks and a reduction
        ("double sum = 0, all", "double sum = 1, all", "sets 'sum' in line 8"),
        # a loop that does not come to all
        ("for (int i = 1; i <= n; i++) sum", "for (int i = 2; i <= n; i++) sum", "line 26"),
        # a value that another rank has
        ("    MPI_Reduce(&sum, &all, 1, MPI_DOUBLE, MPI_SUM, 0, MPI_COMM_WORLD);\n", "", "between line 26 and line 27"),
    ],
)
def test_the_origin_of_a_wrong_value_is_told(old: str, new: str, told: str) -> None:
    found = _refuted(old, new)
    assert any(told in sentence for sentence in found.state), found.state


def _recorded(candidate: str) -> Recorded:
    before = parse(Source.from_str("s.c", _SEQUENTIAL), ParseOptions())
    return record(Case(before, parse(Source.from_str("c.c", candidate), ParseOptions()), 0, 3))


def test_nothing_diverges_where_a_program_is_right() -> None:
    run = _recorded(_CANDIDATE)
    origins = Origins(run)
    assert run.fault is None
    printed = Origin("set", tuple(e for _, e in run.came), beside=tuple(e for _, e in run.expected))
    assert first_divergence(origins, Counterparts(origins), printed) is None


def test_a_sum_has_the_same_parts_over_ranks() -> None:
    run = _recorded(_CANDIDATE)
    origins = Origins(run)

    def added(printed: Event) -> list[str]:
        (total,) = parts(printed)
        return sorted(str(origins.mark(p)) for p in parts(total) if str(origins.key(p.value)) != zero)

    zero = str(origins.key(run.terms.constant(0.0)))
    ours, theirs = (next(e for item, e in items if not isinstance(item, str)) for items in (run.expected, run.came))
    assert len(added(theirs)) == 40
    assert added(ours) == added(theirs)


_BASELINES = Path(__file__).parents[1] / "corpus" / "baselines"


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        # a persistent request is started with others: which of them it is
        ("rod_persistent", "&u[0], 1, MPI_DOUBLE, left", "&u[1], 1, MPI_DOUBLE, left", "the MPI_Recv_init of line 29"),
        # a send that nobody receives, and an element that would come by it
        (
            "rod_isend",
            "MPI_Recv(&all[from], to - from, MPI_DOUBLE, p, 5, MPI_COMM_WORLD, MPI_STATUS_IGNORE);",
            "",
            "sends in line 63 between the MPI_Waitall of line 39 and line 60",
        ),
        # an operation of the program's own: what of it is run
        ("nearest_operation", "k < *count", "k < *count - 1", "the operation, which runs line 14, line 16,"),
        # an element that a later loop leaves out
        (
            "prefix_scan",
            "i = begin; i < end; i++)\n    s[",
            "i = begin + 1; i < end; i++)\n    s[",
            "set after that in line 26",
        ),
        # what a message brought was never set where it comes from
        (
            "saxpy_scatter",
            "i = 0; i < N; i++) {\n      x[",
            "i = 1; i < N; i++) {\n      x[",
            "element 0 of 'x' on rank 0",
        ),
        # a line that prints too little
        ("tasks_any", "k < TASKS; k++)\n      printf", "k < TASKS - 1; k++)\n      printf", "left out by line 39"),
        # parts of a sum that nothing puts together
        (
            "product_broadcast",
            "MPI_Reduce(&part, &trace, 1, MPI_DOUBLE, MPI_SUM, 0, MPI_COMM_WORLD);",
            "",
            "nothing brings what is in 'part' on rank 2 to where it is used on rank 0, between line 41 and line 60",
        ),
    ],
)
def test_baselines_that_are_broken(name: str, old: str, new: str, told: str) -> None:
    sequential, candidate = (Source.read(_BASELINES / f"{name}{end}.c") for end in ("", "_mpi"))
    assert old in candidate.text
    broken = Source.from_str("broken.c", candidate.text.replace(old, new))
    found = simulate(sequential, broken, ParseOptions()).refutation
    assert found is not None
    assert any(told in sentence for sentence in found.state), found.state


_STEPS = """
#include <stdio.h>
#define N 12
static double x[N];
int main(void) {
    for (int i = 0; i < N; i++) x[i] = 1.0 + i % 3;
    double all = 0;
    for (int t = 0; t < 5; t++) {
        all = 0;
        for (int i = 0; i < N; i++)
            all += x[i] * x[i];
        for (int i = 0; i < N; i++) x[i] = x[i] / all + 1.0;
    }
    printf("%.10f\\n", all);
    return 0;
}
"""
_PARALLEL = """
#include <mpi.h>
#include <stdio.h>
#define N 12
static double x[N];
static int rank, size;
static double squares(void) {
    double sum = 0;
    for (int i = rank; i < N; i += size)
        sum += x[i] * x[i];
    MPI_Allreduce(MPI_IN_PLACE, &sum, 1, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
    return sum;
}
int main(int argc, char **argv) {
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    for (int i = 0; i < N; i++) x[i] = 1.0 + i % 3;
    double all = 0;
    for (int t = 0; t < 5; t++) {
        all = squares();
        for (int i = rank; i < N; i += size) x[i] = x[i] / all + 1.0;
    }
    if (rank == 0) printf("%.10f\\n", all);
    MPI_Finalize();
    return 0;
}
"""


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        # what a function returns is followed into it, also where the address of its variable is taken
        ("MPI_SUM", "MPI_MAX", "MPI_Allreduce of line 11 on rank"),
        # products of the right factors in another way
        ("x[i] * x[i]", "x[i] + x[i]", "that from line 10"),
        # a loop that is left too early
        (
            "x[i] = x[i] / all + 1.0;\n",
            "x[i] = x[i] / all + 1.0;\n        if (t == 0)\n            break;\n",
            "leaves the loop of line 20",
        ),
    ],
)
def test_values_of_functions_and_loops(old: str, new: str, told: str) -> None:
    sources = Source.from_str("s.c", _STEPS), Source.from_str("c.c", _PARALLEL.replace(old, new))
    assert simulate(sources[0], Source.from_str("c.c", _PARALLEL), ParseOptions()).result == "holds"
    found = simulate(*sources, ParseOptions()).refutation
    assert found is not None
    assert any(told in sentence for sentence in found.state), found.state


def test_a_test_that_is_made_too_seldom_is_told() -> None:
    """Whole numbers are the same by chance in many places; how often lines are come to is not."""
    alone = """
#include <stdio.h>
#define N 14
static int least[N];
int main(void) {
    int total = 0;
    for (int i = 0; i < N; i++) least[i] = i * 7 % 5;
    for (int k = 1; k < 4; k++)
        for (int i = 0; i < N; i++)
            if (least[i] > k)
                least[i] = least[i] - k;
    for (int i = 0; i < N; i++) total += least[i];
    printf("%d\\n", total);
    return 0;
}
"""
    start = "int rank, size; MPI_Init(NULL, NULL); MPI_Comm_rank(MPI_COMM_WORLD, &rank); "
    start += "MPI_Comm_size(MPI_COMM_WORLD, &size);"
    ranks = alone.replace("#include", "#include <mpi.h>\n#include", 1).replace("int total", f"{start} int total")
    ranks = ranks.replace("int i = 0; i < N; i++)\n", "int i = rank; i < N; i += size)\n")
    ranks = ranks.replace("i < N; i++) total", "i < N; i++) if (i % size == rank) total")
    end = "MPI_Allreduce(MPI_IN_PLACE, &total, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);\n    if (rank == 0) printf"
    ranks = ranks.replace("printf", end).replace("return 0", "MPI_Finalize(); return 0")
    assert simulate(Source.from_str("s.c", alone), Source.from_str("c.c", ranks), ParseOptions()).result == "holds"
    broken = Source.from_str("c.c", ranks.replace("int i = rank;", "int i = rank + 1;"))
    found = simulate(Source.from_str("s.c", alone), broken, ParseOptions()).refutation
    assert found is not None
    assert any("line 10 of the sequential program is come to" in sentence for sentence in found.state), found.state
