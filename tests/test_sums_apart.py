"""Sums over the rows of a matrix, before and after they are taken apart from what becomes of them."""

from __future__ import annotations

import pytest
from deciding import HEAD, facts_of, respelled

from chatmpi.analysis.restyle.sums_apart import sums_apart
from chatmpi.analysis.restyle.sums_over_rows import sums_over_rows
from chatmpi.analysis.source import Source, edited
from chatmpi.corpus.index import programs
from chatmpi.translate import first_plan, translate

START = "static double a[N][N], b[N], c[N][N]; int i, j, k; double s, t = 0;"

SUMS = {
    "a variable of its own": (
        "for (j = 0; j < N; j++) { double r = 0.0; for (i = 0; i < N; i++) r += a[i][j]*b[i]; c[0][j] = r/2; }",
        "double *r_sums = malloc(N * sizeof *r_sums); "
        "for (j = 0; j < N; j++) { r_sums[j] = 0.0; for (i = 0; i < N; i++) r_sums[j] += a[i][j]*b[i]; } "
        "for (j = 0; j < N; j++) { c[0][j] = r_sums[j]/2; } free(r_sums);",
    ),
    "in steps of another loop": (
        "for (k = 0; k < N; k++) for (j = k; j < N; j++) "
        "{ s = a[k][j]; for (i = 0; i < k; i++) s -= a[i][j]*c[i][j]; b[j] += s; } s = 1;",
        "double *s_sums = malloc(N * sizeof *s_sums); for (k = 0; k < N; k++) { for (j = k; j < N; j++) "
        "{ s_sums[j] = a[k][j]; for (i = 0; i < k; i++) s_sums[j] -= a[i][j]*c[i][j]; } "
        "for (j = k; j < N; j++) { b[j] += s_sums[j]; } } free(s_sums); s = 1;",
    ),
    "an element of a vector": (
        "for (j = 0; j < N; j++) { b[j] = 0; for (i = 0; i < N; i++) b[j] += a[i][j]; b[j] /= N; }",
        "for (j = 0; j < N; j++) { b[j] = 0; for (i = 0; i < N; i++) b[j] += a[i][j]; } "
        "for (j = 0; j < N; j++) { b[j] /= N; }",
    ),
    "a comment behind the header": (
        "for (j = 0; j < N; j++) // (columns)\n{ b[j] = 0; for (i = 0; i < N; i++) b[j] += a[i][j]; b[j] /= N; }",
        "for (j = 0; j < N; j++) // (columns) { b[j] = 0; for (i = 0; i < N; i++) b[j] += a[i][j]; } "
        "for (j = 0; j < N; j++) { b[j] /= N; }",
    ),
    "an element of a matrix": (
        "for (k = 0; k < N; k++) for (j = 0; j < k; j++) "
        "{ c[k][j] = 0; for (i = 0; i < N; i++) c[k][j] += a[i][j]*a[i][k]; c[j][k] = c[k][j]; }",
        "double *c_sums = malloc(N * sizeof *c_sums); for (k = 0; k < N; k++) { for (j = 0; j < k; j++) "
        "{ c_sums[j] = 0; for (i = 0; i < N; i++) c_sums[j] += a[i][j]*a[i][k]; } "
        "for (j = 0; j < k; j++) { c[k][j] = c_sums[j]; c[j][k] = c[k][j]; } } free(c_sums);",
    ),
    "an element that held something": (
        "for (k = 0; k < N; k++) { for (j = 0; j < N; j++) "
        "{ c[k][j] = c[k][j]/2; for (i = 0; i < N; i++) c[k][j] += a[i][j]; c[k][j] *= 2; } }",
        "double *c_sums = malloc(N * sizeof *c_sums); for (k = 0; k < N; k++) { for (j = 0; j < N; j++) "
        "{ c_sums[j] = 0; for (i = 0; i < N; i++) c_sums[j] += a[i][j]; } for (j = 0; j < N; j++) "
        "{ c[k][j] = c[k][j]/2; c[k][j] += c_sums[j]; c[k][j] *= 2; } } free(c_sums);",
    ),
    "an element that is not set first": (
        "for (k = 0; k < N; k++) { for (j = 0; j < N; j++) { for (i = 0; i < N; i++) c[k][j] += a[i][j]; b[j] = 2; } }",
        "double *c_sums = malloc(N * sizeof *c_sums); for (k = 0; k < N; k++) { for (j = 0; j < N; j++) "
        "{ c_sums[j] = 0; for (i = 0; i < N; i++) c_sums[j] += a[i][j]; } for (j = 0; j < N; j++) "
        "{ c[k][j] += c_sums[j]; b[j] = 2; } } free(c_sums);",
    ),
    "an element of the matrix that is read": (
        "for (k = 0; k < N; k++) for (j = k; j < N; j++) for (i = 0; i < k; i++) a[k][j] -= a[k][i]*a[i][j];",
        "double *a_sums = malloc(N * sizeof *a_sums); for (k = 0; k < N; k++) { for (j = k; j < N; j++) "
        "{ a_sums[j] = 0; for (i = 0; i < k; i++) a_sums[j] -= a[k][i]*a[i][j]; } "
        "for (j = k; j < N; j++) a[k][j] += a_sums[j]; } free(a_sums);",
    ),
    "half of a sum": (
        "for (j = 0; j < N; j++) { s = 0; for (i = 0; i <= j; i++) s += a[j][i]*b[i]; "
        "for (i = j + 1; i < N; i++) s += a[i][j]*b[i]; c[0][j] = s; }",
        "double *s_sums = malloc(N * sizeof *s_sums); for (j = 0; j < N; j++) "
        "{ s_sums[j] = 0; for (i = j + 1; i < N; i++) s_sums[j] += a[i][j]*b[i]; } "
        "for (j = 0; j < N; j++) { s = 0; for (i = 0; i <= j; i++) s += a[j][i]*b[i]; "
        "s += s_sums[j]; c[0][j] = s; } free(s_sums);",
    ),
}

TOGETHER = {
    "an element that is read by others": (
        "for (k = 0; k < N; k++) for (j = 0; j < N; j++) for (i = 0; i < k; i++) a[k][j] -= a[k][i]*a[i][j];"
    ),
    "an element that is read while it is summed up": (
        "for (k = 0; k < N; k++) for (j = k; j < N; j++) for (i = 0; i <= k; i++) a[k][j] -= a[i][j];"
    ),
    "what is summed up was changed by an earlier sum": (
        "for (j = 1; j < N; j++) { s = 0; for (i = 0; i < N; i++) s += a[i][j]; a[2][j + 1] = s; }"
    ),
    "a sum of the one before": ("s = 0; for (j = 0; j < N; j++) { for (i = 0; i < N; i++) s += a[i][j]; b[j] = s; }"),
    "a sum that is used afterwards": (
        "for (j = 0; j < N; j++) { s = 0; for (i = 0; i < N; i++) s += a[i][j]; b[j] = s; } t = s;"
    ),
    "a variable leads back": (
        "for (j = 0; j < N; j++) { s = t; for (i = 0; i < N; i++) s += a[i][j]; t = s/2; b[j] = t; }"
    ),
    "a variable leads on": (
        "for (j = 0; j < N; j++) { double u = j; s = 0; for (i = 0; i < N; i++) s += a[i][j]; b[j] = s*u; }"
    ),
    "rows, not columns": "for (j = 0; j < N; j++) { s = 0; for (i = 0; i < N; i++) s += a[j][i]; b[j] = s; }",
    "what it begins with was changed by an earlier sum": (
        "for (j = 1; j < N; j++) { s = b[j]; b[j] = 0; for (i = 0; i < N; i++) s += a[i][j]; b[j + 1] = s; }"
    ),
    "a factor that is known there only": (
        "for (j = 1; j < N; j++) { double u = b[j]; for (i = 0; i < N; i++) c[1][j] += u*a[i][j]; c[2][j] = 1; }"
    ),
    "what is summed up changes before": (
        "for (j = 1; j < N; j++) { a[2][j] = j; for (i = 0; i < N; i++) c[1][j] += a[i][j]; c[2][j] = 1; }"
    ),
    "a way out": (
        "for (j = 0; j < N; j++) { s = 0; for (i = 0; i < N; i++) s += a[i][j]; if (s > 9) break; b[j] = s; }"
    ),
    "sums that are read by others": (
        "for (j = 0; j < N; j++) { b[j] = 0; for (i = 0; i < N; i++) b[j] += a[i][j]; t += b[N - 1]; }"
    ),
}


def apart(body: str) -> str:
    return respelled(
        START,
        body,
        "for (i = 0; i < N; i++) t += a[i][0] + b[i] + c[i][1];",
        lambda facts: sums_apart(sums_over_rows(facts), facts),
    )


@pytest.mark.parametrize("kind", SUMS)
def test_sums_come_before_what_becomes_of_them(kind: str) -> None:
    before, after = SUMS[kind]
    assert apart(before) == after


@pytest.mark.parametrize("kind", TOGETHER)
def test_what_an_iteration_hands_on_keeps_sums_where_they_are(kind: str) -> None:
    assert apart(TOGETHER[kind]) == " ".join(TOGETHER[kind].split())


def test_a_variable_that_has_another_name_everywhere_is_not_declared() -> None:
    body = "for (j = 0; j < N; j++) { s = 0; for (i = 0; i < N; i++) s += a[i][j]; b[j] = s; }"
    facts = facts_of(f"{START}{body}")
    text = edited(facts.program.source, sums_apart(sums_over_rows(facts), facts)).text
    assert "double t = 0;" in text


REFLECTIONS = """#include <math.h>
#include <stdio.h>
#include <stdlib.h>
int main(int argc, char **argv) {
    int n = argc > 1 ? atoi(argv[1]) : 60, m = n + 3;
    double (*a)[n] = malloc(m * sizeof *a), *v = malloc(m * sizeof *v), d = 0;
    for (int i = 0; i < m; i++) for (int j = 0; j < n; j++) a[i][j] = sin(i * n + j) + (i == j);
    for (int k = 0; k < n; k++) {
        double vv = 0;
        for (int i = k; i < m; i++) v[i] = a[i][k];
        v[k] += 2;
        for (int i = k; i < m; i++) vv += v[i] * v[i];
        for (int j = k; j < n; j++) {
            double s = 0;
            for (int i = k; i < m; i++) s += v[i] * a[i][j];
            for (int i = k; i < m; i++) a[i][j] -= 2 * s / vv * v[i];
        }
    }
    for (int k = 0; k < n; k++) d += a[k][k];
    printf("%.9f\\n", d);
    return 0;
}
"""


def test_reflections_combine_the_sums_of_all_columns_at_once() -> None:
    made = translate(Source.from_str("reflect.c", REFLECTIONS))
    assert {a.name for a in made.plan.arrays if a.partition} == {"a", "v"}
    (combined,) = [c for c in made.plan.communications if c.subject == "s_sums"]
    assert combined.kind == "allreduce"
    assert "MPI_Allreduce(MPI_IN_PLACE, &s_sums[k]," in made.source.shown


def test_sums_that_are_not_divided_stay_where_they_are() -> None:
    """Each rank has columns of b: the order of what is added up is the program's own."""
    code = f"""{HEAD}int main(void) {{
        static double a[N][N], b[N][M]; double t = 0;
        for (int i = 0; i < N; i++) {{
            for (int j = 0; j <= i; j++) a[i][j] = i - j;
            for (int j = 0; j < M; j++) b[i][j] = i * j;
        }}
        for (int i = 0; i < N; i++) for (int j = 0; j < M; j++) {{
            for (int k = i + 1; k < N; k++) b[i][j] += a[k][i] * b[k][j];
            b[i][j] *= 2;
        }}
        for (int i = 0; i < N; i++) for (int j = 0; j < M; j++) t += b[i][j];
        printf("%g", t);
        return 0;
    }}
    """
    assert sums_over_rows(facts_of(code))
    plan = first_plan(Source.from_str("trmm.c", code))
    assert not any("sums" in a.name for a in plan.arrays)


PRODUCT = (
    HEAD
    + """int main(void) {
    static double a[N][N], b[N][N], c[N][N]; double t = 0;
    for (int i = 0; i < N; i++) for (int j = 0; j < N; j++) { a[i][j] = i - j; b[i][j] = i * j; }
    for (int i = 0; i < N; i++) for (int j = 0; j < N; j++) {
        double s = 0;
        for (int k = 0; k < N; k++) s += a[i][k] * b[k][j];
        c[i][j] = s;
    }
    for (int i = 0; i < N; i++) t += c[i][i];
    printf("%g", t);
    return 0;
}
"""
)


def test_a_symmetric_matrix_of_which_one_half_is_stored_is_divided() -> None:
    program = next(p for p in programs() if p.name == "row_block/symv")
    plan = first_plan(Source.from_str("symv.c", program.text))
    assert {a.name for a in plan.arrays if a.partition} == {"a", "y"}


def test_a_product_of_matrices_keeps_its_sums() -> None:
    assert sums_over_rows(facts_of(PRODUCT))
    plan = first_plan(Source.from_str("product.c", PRODUCT))
    assert not any("sums" in a.name for a in plan.arrays)
