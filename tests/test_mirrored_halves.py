"""Symmetric matrices filled in both halves at once: the second is filled behind the loop, where that is the same."""

from __future__ import annotations

import pytest

from chatmpi.analysis.parse import ParseOptions, parse
from chatmpi.analysis.restyle.mirrored_halves import mirrored_halves
from chatmpi.analysis.source import Source, edited

FRAME = """#include <math.h>
#include <stdlib.h>
#include <stdio.h>
static double c[50][50], x[50][50];
double f(double v);
int main(int argc, char **argv)
{{
    int n = atoi(argv[1]), i, j;
    double *g = malloc(n * n * sizeof *g);
    for (i = 0; i < n * n; i++)
        g[i] = i;
    /*begin*/
    {}
    /*end*/
    printf("%g %g %d\\n", c[3][4], g[0], i);
    return 0;
}}
"""


def spelled_anew(body: str) -> str:
    program = parse(Source.from_str("t.c", FRAME.format(body)), ParseOptions())
    text = edited(program.source, mirrored_halves(program)).text
    return " ".join(text[text.index("/*begin*/") + 9 : text.index("/*end*/")].split())


BEHIND = "for (int i2 = 0; i2 < n; i2++) for (int j2 = i2; j2 < n; j2++) c[j2][i2] = c[i2][j2];"

MIRRORED = [
    (
        "for (i = 0; i < n; i++) for (j = i; j < n; j++) { double s = x[i][j]; c[i][j] = s; c[j][i] = s; }",
        "for (i = 0; i < n; i++) for (j = i; j < n; j++) { double s = x[i][j]; c[i][j] = s; } " + BEHIND,
    ),
    (
        "for (i = 0; i < n; i++) for (j = i; j < n; j++) { double s = x[i][j]; c[j][i] = s; c[i][j] = s; }",
        "for (i = 0; i < n; i++) for (j = i; j < n; j++) { double s = x[i][j]; c[i][j] = s; } " + BEHIND,
    ),
    (
        "for (i = 0; i < n; i++) for (j = i; j < n; j++) { c[i][j] = x[j][i]; c[i][j] += 1; c[j][i] = c[i][j]; }",
        "for (i = 0; i < n; i++) for (j = i; j < n; j++) { c[i][j] = x[j][i]; c[i][j] += 1; } " + BEHIND,
    ),
    (
        "for (i = 0; i < n; i++) for (j = i; j < n; j++) c[i][j] = c[j][i] = sqrt(x[i][j]);",
        "for (i = 0; i < n; i++) for (j = i; j < n; j++) c[i][j] = (sqrt(x[i][j])); " + BEHIND,
    ),
    (
        "for (int k = 0; k < n; k++) { g[k*n + k] = 1; for (int l = 0; l < k; l++)"
        " g[l*n + k] = g[k*n + l] = x[k][l]; }",
        "for (int k = 0; k < n; k++) { g[k*n + k] = 1; for (int l = 0; l < k; l++) g[k*n + l] = x[k][l]; }"
        " for (int k = 0; k < n; k++) for (int l = 0; l < k; l++) g[l*n + k] = g[k*n + l];",
    ),
]


@pytest.mark.parametrize(("before", "after"), MIRRORED)
def test_the_second_half_is_filled_behind_the_loop(before: str, after: str) -> None:
    assert spelled_anew(before) == after


KEPT = [
    # nothing is left to divide
    "for (i = 0; i < n; i++) for (j = i; j < n; j++) c[j][i] = c[i][j];",
    # the other half is read, or written, in the loop
    "for (i = 0; i < n; i++) for (j = i; j < n; j++) c[i][j] = c[j][i] = x[i][j] + c[j][0];",
    "for (i = 1; i < n; i++) for (j = i; j < n; j++) c[i][j] = c[j][i] = c[i][i - 1];",
    "for (i = 0; i < n; i++) for (j = 0; j < n; j++) c[i][j] = c[j][i] = x[i][j];",
    # what is copied changes afterwards
    "for (i = 0; i < n; i++) for (j = i; j < n; j++) { c[i][j] = x[i][j]; c[j][i] = c[i][j]; c[i][j] += 1; }",
    "for (i = 0; i < n; i++) { for (j = i; j < n; j++) c[i][j] = c[j][i] = x[i][j]; c[i][n - 1] = 0; }",
    # not every iteration gets there
    "for (i = 0; i < n; i++) for (j = i; j < n; j++) { if (x[i][j] < 0) continue; c[i][j] = c[j][i] = x[i][j]; }",
    "for (i = 0; i < n; i++) for (j = i; j < n; j++) { c[i][j] = c[j][i] = x[i][j]; if (x[i][j] < 0) break; }",
    # the headers mean something else there
    "for (i = 0; i < n; i++) { int m = n - i; for (j = i; j < m; j++) c[i][j] = c[j][i] = x[i][j]; }",
    "for (i = 0; i < n; i++) for (j = i; j < n - (int)x[i][0]; j++) c[i][j] = c[j][i] = x[i][j];",
    # rows of another length
    "for (i = 0; i < n; i++) for (j = i; j < n + 1; j++) g[i*n + j] = g[j*n + i] = x[i][j];",
]


def test_it_stays_where_that_may_be_something_else() -> None:
    body = " ".join(KEPT)
    assert spelled_anew(body) == body


UNKNOWN = [
    # who knows what a function does, or where a pointer leads
    "for (i = 0; i < n; i++) for (j = i; j < n; j++) c[i][j] = c[j][i] = f(x[i][j]);",
    "int *m = &n; for (i = 0; i < n; i++) for (j = i; j < *m; j++) c[i][j] = c[j][i] = x[i][j];",
]


@pytest.mark.parametrize("body", UNKNOWN)
def test_it_stays_where_something_is_not_known(body: str) -> None:
    assert spelled_anew(body) == body
