"""Pointers that a function moves before it uses them, to count from another number than zero."""

from __future__ import annotations

import pytest

from chatmpi.analysis.parse import parse
from chatmpi.analysis.restyle.adjusted_parameters import adjusted_parameters
from chatmpi.analysis.source import Source, edited


def after(body: str) -> str:
    code = f"double g(double *x);\nvoid f(int *n, double *x, int ld, int off) {{ {body} }}\n"
    program = parse(Source.from_str("program.c", code))
    return edited(program.source, adjusted_parameters(program)).text.split("{", 1)[1].rsplit("}", 1)[0].strip()


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("--x; x[1] = x[*n];", "x[1 - 1] = x[*n - 1];"),
        ("x--; x[ld & 3] = 0;", "x[(ld & 3) - 1] = 0;"),
        ("off = 1 + ld; x -= off; x[ld * 2] = 1;", "off = 1 + ld; x[ld * 2 - off] = 1;"),
        ("x = x - (ld + 1); x[ld + 2] = g(x + 3);", "x[ld + 2 - (ld + 1)] = g((x - (ld + 1)) + 3);"),
        ("++x; x[0] = 1;", "x[0 + 1] = 1;"),
    ],
)
def test_what_is_added_stands_in_each_subscript(before: str, expected: str) -> None:
    assert after(before) == expected


@pytest.mark.parametrize(
    "body",
    [
        "x[0] = 1; --x; x[1] = 2;",  # used before
        "--x; x[1] = 2; ++x; x[0] = 1;",  # moved again
        "x -= ld; ld++; x[ld] = 1;",  # by what changes later
        "x -= *n; x[*n] = 1;",  # by what something else may change
        "if (ld) --x; x[1] = 2;",  # sometimes
        "--x; *x = 2;",
        "unsigned k = ld; x -= k; x[3] = 1;",  # 3 - k is no negative number
        "unsigned k = ld; --x; x[k] = 1;",
        "--x; while (ld--) *x++ = 1;",
    ],
)
def test_other_pointers_stay(body: str) -> None:
    assert after(body) == body
