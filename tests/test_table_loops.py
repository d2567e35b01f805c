"""Loops over tables of functions, before and after they are spelled anew."""

from __future__ import annotations

import pytest

from chatmpi.analysis.parse import parse
from chatmpi.analysis.restyle.table_loops import table_loops
from chatmpi.analysis.source import Source, edited

TABLE = "double sin(double); double cos(double); double sum(double (*g)(double), int n);"


def unrolled(body: str) -> str:
    program = parse(Source.from_str("t.c", f"{TABLE} int main(void) {{ double s = 0; {body} return s; }}"))
    shown = edited(program.source, table_loops(program)).shown
    return " ".join(shown[shown.index("s = 0;") + 6 : shown.rindex("return")].split())


TABLES = [
    (
        "double (*f[2])(double) = {sin, cos}; for (int k = 0; k < 2; k++) s += sum(f[k], k);",
        "{ { s += sum(sin, 0); } { s += sum(cos, 1); } }",
    ),
    (
        "double (*f[2])(double) = {sin, cos}; s = f[1](s);"
        " for (int k = 0; k < (int)(sizeof f / sizeof f[0]); k++) { s += sum(f[k], k); }",
        "double (*f[2])(double) = {sin, cos}; s = f[1](s); { { s += sum(sin, 0); } { s += sum(cos, 1); } }",
    ),
    # the table changes, the loop is left, goes on beyond the table, or its counter is looked at
    ("double (*f[2])(double) = {sin, cos}; f[0] = cos; for (int k = 0; k < 2; k++) s += sum(f[k], k);", None),
    ("double (*f[2])(double) = {sin, cos}; for (int k = 0; k < 2; k++) { if (s > 1) break; s += sum(f[k], k); }", None),
    ("double (*f[2])(double) = {sin, cos}; for (int k = 0; k < 3; k++) if (k < 2) s += sum(f[k], k);", None),
    (
        "enum { MANY = 2 }; double (*f[MANY])(double) = {sin, cos}; for (int k = 0; k < MANY; k++) s += sum(f[k], k);",
        None,  # a number with a name may be changed
    ),
    ("double (*f[2])(double) = {sin, cos}; int k; for (k = 0; k < 2; k++) s += sum(f[k], k); s += k;", None),
]


@pytest.mark.parametrize(("before", "after"), TABLES)
def test_a_loop_over_a_table_has_a_body_for_each_entry(before: str, after: str | None) -> None:
    assert unrolled(before) == (after or before)
