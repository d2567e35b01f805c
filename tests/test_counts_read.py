"""Functions that turn numbers of elements into counts of MPI: which of them return what they are given."""

from __future__ import annotations

import pytest

from chatmpi.analysis.parse import parse
from chatmpi.analysis.source import Source
from chatmpi.verify.reading.counts import is_count

HEAD = "#include <limits.h>\n#include <mpi.h>\n#include <stdio.h>\n"
ABORT = "MPI_Abort(MPI_COMM_WORLD, 1);"
TELL = 'fprintf(stderr, "%lld\\n", e);'


def counts(body: str, returns: str = "int") -> bool:
    (function,) = parse(Source.from_str("t.c", f"{HEAD}static {returns} f(long long e) {{ {body} }}\n")).functions
    return is_count(function)


@pytest.mark.parametrize(
    "body",
    [
        f"if (e > INT_MAX) {{ {TELL} {ABORT} }} return (int)e;",
        f"if (e > INT_MAX) {ABORT} return (int)e;",
        f"if (e > 2147483647) {{ {ABORT} }} return e;",
    ],
)
def test_what_ends_the_program_beyond_int_returns_its_number(body: str) -> None:
    assert counts(body)


@pytest.mark.parametrize(
    "body",
    [
        f"if (e > 1000) {ABORT} return (int)e;",
        f"if (e > INT_MAX) {{ {TELL} }} return (int)e;",
        f"if (e > INT_MAX) {{ {ABORT} }} return (int)e + 1;",
        f"if (e < INT_MAX) {ABORT} return (int)e;",
        f"if (e > INT_MAX) {ABORT} else return 0; return (int)e;",
        f"if (e > INT_MAX) {{ e = 0; {ABORT} }} return (int)e;",
        "return (int)e;",
    ],
)
def test_others_do_not(body: str) -> None:
    assert not counts(body)


def test_a_narrow_result_does_not() -> None:
    assert not counts(f"if (e > INT_MAX) {ABORT} return e;", "short")
