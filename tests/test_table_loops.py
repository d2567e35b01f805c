"""Loops over tables of functions and of pointers, and these tables, before and after they are spelled anew."""

from __future__ import annotations

import pytest

from chatmpi.analysis.parse import parse
from chatmpi.analysis.restyle.pointer_tables import without_pointer_tables
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
        "enum { MANY = 2 }; double (*f[])(double) = {sin, cos}; for (int k = 0; k < MANY; k++) s += sum(f[k], k);",
        None,  # a number with a name may be changed
    ),
    (
        "enum { MANY = 2 }; double (*f[MANY])(double) = {sin, cos}; for (int k = 0; k < MANY; k++) s += sum(f[k], k);",
        "enum { MANY = 2 }; { { s += sum(sin, 0); } { s += sum(cos, 1); } }",  # not if a table has as many entries
    ),
    (
        "double (*f[2])(double) = {sin, cos}; for (int k = 0; k < 2; k++) { const long at = k; s += sum(f[at], at); }",
        "{ { s += sum(sin, 0l); } { s += sum(cos, 1l); } }",
    ),
    ("double (*f[2])(double) = {sin, cos}; int k; for (k = 0; k < 2; k++) s += sum(f[k], k); s += k;", None),
]


@pytest.mark.parametrize(("before", "after"), TABLES)
def test_a_loop_over_a_table_has_a_body_for_each_entry(before: str, after: str | None) -> None:
    assert unrolled(before) == (after or before)


FIELDS = (
    "struct st { int n; double *u, *v; }; void put(struct st *s); double w[9]; "
    "double half(double x) { return x / 2; } void f(struct st *s, double *a) { "
)
POINTERS = [
    (
        "double *all[2] = {s->u, a}; for (int k = 0; k < 2; k++) for (int i = 0; i < s->n; i++) all[k][i] = half(k);",
        "{ { for (int i = 0; i < s->n; i++) s->u[i] = half(0); } { for (int i = 0; i < s->n; i++) a[i] = half(1); } }",
    ),
    (
        "const double *q[] = {s->u, w}; for (unsigned k = 0; k < sizeof q / sizeof *q; k++) a[k] = q[k][1] / (k + 1);",
        "{ { a[0] = s->u[1] / (0u + 1); } { a[1] = w[1] / (1u + 1); } }",
    ),
    ("const double *q[2] = {s->v, w}; a[1] = q[0][2] + *q[1];", "a[1] = s->v[2] + *w;"),
    # an entry may be other memory by then, the table may have other entries, or its size has a name
    ("double *q[2] = {s->v, w}; put(s); a[1] = q[0][2];", None),
    ("double *q[2] = {s->v, w}; s->v = a; a[1] = q[0][2];", None),
    ("double *q[2] = {s->v, w}; q[1] = a; a[1] = q[1][2];", None),
    ("double *q[2] = {s->v, w}; q[1]++; a[1] = q[1][2];", None),
    ("double *q[2] = {s->v, a}; a++; a[1] = q[1][2];", None),
    ("double *q[2] = {s->v, w}; double **p = &q[1]; *p = a; a[1] = q[1][2];", None),
    ("double *q[2] = {s->v, w}; a[1] = q[s->n][2];", None),
    ("enum { K = 2 }; double *q[] = {s->v, w}; for (int k = 0; k < K; k++) a[k] = q[k][2];", None),
]


@pytest.mark.parametrize(("before", "after"), POINTERS)
def test_arrays_stand_in_the_place_of_pointers_in_tables(before: str, after: str | None) -> None:
    program = parse(Source.from_str("t.c", f"{FIELDS}{before} }}"))
    program = parse(edited(program.source, table_loops(program)))
    shown = edited(program.source, without_pointer_tables(program)).shown
    assert " ".join(shown[len(FIELDS) : shown.rindex("}")].split()) == (after or before)
