"""What reading alone finds in MPI programs: what is certain is an error, the rest are warnings."""

from __future__ import annotations

import pytest
from test_api_errors import RIGHT, Case

from chatmpi.analysis.parse import ParseOptions, parse
from chatmpi.analysis.source import Source
from chatmpi.judge_alone import judge_alone
from chatmpi.verify.static.check import read_statically
from chatmpi.verify.verdict import Verdict

_HEAD = """#include <mpi.h>
#include <stdlib.h>
#define W MPI_COMM_WORLD
int main(int argc, char **argv) {
int rank, size, x = 1, y = 1;
double a[4] = {0}, b[4];
MPI_Init(&argc, &argv);
MPI_Comm_rank(W, &rank);
MPI_Comm_size(W, &size);
"""
_END = "\nMPI_Finalize();\nreturn 0;\n}\n"


def read(text: str) -> Verdict:
    return read_statically(parse(Source.from_str("a.c", text), ParseOptions()))


def kinds(body: str) -> tuple[list[str], list[str]]:
    """The classes of what is certain, and of what is warned of."""
    found = read(_HEAD + body + _END)
    return [c.kind for c in found.counterexamples], [w.kind for w in found.warnings]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("MPI_Bcast(a, -1, MPI_DOUBLE, 0, W);", "invalid argument"),
        ("int to = -3; if (rank == 0) MPI_Send(&x, 1, MPI_INT, to, 0, W);", "invalid argument"),
        ("if (rank != 1) MPI_Recv(&x, 1, MPI_INT, 0, -7, W, MPI_STATUS_IGNORE);", "invalid argument"),
        ("const int root = -1; MPI_Bcast(&x, 1, MPI_INT, root, W);", "invalid argument"),
        ("MPI_Comm c = MPI_COMM_NULL; MPI_Barrier(c);", "invalid argument"),
        ("MPI_Allreduce(&x, &x, 1, MPI_INT, MPI_SUM, W);", "invalid argument"),
        ("MPI_Bcast(a, 4, MPI_FLOAT, 0, W);", "datatype"),
        ("double *p = malloc(8); MPI_Bcast(&p, 1, MPI_DOUBLE, 0, W); free(p);", "datatype"),
        ("MPI_Finalize(); MPI_Barrier(W);", "call ordering and matching"),
        ("MPI_Init(&argc, &argv);", "call ordering and matching"),
    ],
)
def test_what_is_certain(body: str, kind: str) -> None:
    assert kind in kinds(body)[0]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("if (size > 9) MPI_Bcast(a, -1, MPI_DOUBLE, 0, W);", "invalid argument"),
        ("if (argc > 1) return 1;\nMPI_Bcast(a, 4, MPI_FLOAT, 0, W);", "datatype"),
        ("MPI_Bcast(a, size - 1, MPI_FLOAT, 0, W);", "datatype"),
        ("char c[8] = {0}; MPI_Bcast(c, 1, MPI_DOUBLE, 0, W);", "datatype"),
        ("if (rank == 1) MPI_Barrier(W);", "call ordering and matching"),
        ("int k = rank / 2; while (k-- > 0) MPI_Barrier(W);", "call ordering and matching"),
        ("if (rank) MPI_Reduce(&x, &x, 1, MPI_INT, MPI_SUM, 0, W); else MPI_Barrier(W);", "invalid argument"),
    ],
)
def test_what_may_be_wrong(body: str, kind: str) -> None:
    certain, warned = kinds(body)
    assert not certain
    assert kind in warned


@pytest.mark.parametrize(
    "body",
    [
        "if (rank == 0) MPI_Bcast(&x, 1, MPI_INT, 0, W);\nelse MPI_Bcast(&y, 1, MPI_INT, 0, W);",
        "MPI_Allreduce(MPI_IN_PLACE, &x, 1, MPI_INT, MPI_SUM, W);",
        "MPI_Gather(&x, 1, MPI_INT, rank ? NULL : malloc(size * 4), -1 + 2, MPI_INT, 0, W);",
        "if (rank == 0) MPI_Send(&x, 1, MPI_INT, MPI_PROC_NULL, 0, W);",
        "void *p = a; MPI_Bcast(p, 4, MPI_DOUBLE, 0, W);",
        "MPI_Bcast(a, 4 * sizeof(double), MPI_BYTE, 0, W);",
        "for (int more = rank; more; ) { more = 0; MPI_Allreduce(MPI_IN_PLACE, &more, 1, MPI_INT, MPI_MAX, W); }",
    ],
)
def test_what_is_right(body: str) -> None:
    assert kinds(body) == ([], [])


@pytest.mark.parametrize("case", RIGHT, ids=lambda c: c.name.replace(" ", "-"))
def test_right_programs_are_not_blamed(case: Case) -> None:
    found = read(case.text)
    assert not found.counterexamples
    assert not found.warnings


def test_a_program_that_never_ends_mpi() -> None:
    (found,) = read(_HEAD + "MPI_Barrier(W);\nreturn 0;\n}\n").counterexamples
    assert found.message == "the program ends without MPI_Finalize"
    assert found.location is not None
    assert found.location.line == 10


def test_names_of_a_newer_mpi_are_unknown_and_no_fault() -> None:
    text = _HEAD + "MPI_Request q;\nMPI_Barrier_later(W, MPI_INFO_NULL, &q);" + _END
    assert judge_alone(Source.from_str("a.c", text)).word == "UNKNOWN"
    assert judge_alone(Source.from_str("a.c", text.replace("MPI_Request q;", ""))).word == "REFUTED"
