"""Matrices of Numerical Recipes, counted from one by pointers that lead before their memory: counted from zero."""

from __future__ import annotations

import pytest

from chatmpi.analysis.calls.specialise import read_program
from chatmpi.analysis.facts import analyze
from chatmpi.analysis.parse import ParseOptions, parse
from chatmpi.analysis.restyle.displaced_matrices import displaced_matrices
from chatmpi.analysis.source import Source, edited
from chatmpi.plan.decide import decide

LIBRARY = """#include <stdio.h>
#include <stdlib.h>
#define NR_END 1
static double **dmatrix(long nrl, long nrh, long ncl, long nch)
{
    long i, nrow = nrh - nrl + 1, ncol = nch - ncl + 1;
    double **m = (double **)malloc((size_t)((nrow + NR_END) * sizeof(double *)));
    if (!m) exit(1);
    m += NR_END;
    m -= nrl;
    m[nrl] = (double *)malloc((size_t)((nrow * ncol + NR_END) * sizeof(double)));
    if (!m[nrl]) exit(1);
    m[nrl] += NR_END;
    m[nrl] -= ncl;
    for (i = nrl + 1; i <= nrh; i++) m[i] = m[i - 1] + ncol;
    return m;
}
static void free_dmatrix(double **m, long nrl, long ncl)
{
    free(m[nrl] + ncl - NR_END);
    free(m + nrl - NR_END);
}
"""
MAIN = """int main(int argc, char **argv)
{
    int n = atoi(argv[1]);
    double **a = dmatrix(1, n, 1, n), s = 0;
    for (int i = 1; i <= n; i++) for (int j = 1; j <= n; j++) a[i][j] = i * j;
    for (int t = 0; t < 9; t++) for (int i = 1; i <= n; i++) for (int j = 2; j < n; j++) a[i][j] += a[i][j + 1];
    for (int i = 1; i <= n; i++) for (int j = 1; j <= n; j++) s += a[i][j];
    printf("%g\\n", s);
    free_dmatrix(a, 1, 1);
    return 0;
}
"""


def spelled_anew(text: str) -> str:
    program = parse(Source.from_str("t.c", text), ParseOptions())
    return " ".join(edited(program.source, displaced_matrices(program)).text.split())


def test_rows_and_columns_are_counted_from_zero() -> None:
    made = spelled_anew(LIBRARY + MAIN)
    assert (
        "(void)nrow; double **m = (double **)malloc((nrh + 1) * sizeof(double *)); if (!m) exit(1);"
        " m[0] = (double *)malloc((nrh + 1) * (ncol + ncl) * sizeof(double)); if (!m[0]) exit(1);"
        " for (i = 1; i <= nrh; i++) m[i] = m[i - 1] + (ncol + ncl); return m;"
    ) in made
    assert "{ (void)nrl; (void)ncl; free(m[0]); free(m); }" in made


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("dmatrix(1, n, 1, n)", "dmatrix(-1, n, 1, n)"),  # room before the first row would be less than none
        ("dmatrix(1, n, 1, n)", "dmatrix(n, n, 1, n)"),
        ('printf("%g', 'double *all = &a[1][1]; printf("%g'),  # the rows as one vector
        ('printf("%g', 'double **b = a + 1; printf("%g'),
        ("a = dmatrix(1, n, 1, n)", "a = n > 3 ? dmatrix(1, n, 1, n) : malloc(8)"),
        ("m[i] = m[i - 1] + ncol;", "m[i] = m[i - 1] - ncol;"),
        ("    return m;", "    m[nrh][nch] = 0; return m;"),
    ],
)
def test_other_matrices_stay(before: str, after: str) -> None:
    text = (LIBRARY + MAIN).replace(before, after)
    assert spelled_anew(text) == " ".join(text.split())


def test_their_rows_are_divided() -> None:
    facts = analyze(read_program(Source.from_str("t.c", LIBRARY + MAIN)))
    assert facts is not None
    assert [a.partition is not None for a in decide(facts).arrays] == [True]


def test_subscripts_that_leave_their_row_keep_the_matrix_as_it_is() -> None:
    """In one block, a[1][n + 1] is a[2][1], and a[2][0] is a[1][n]."""
    for flat in ("for (int k = 1; k <= n*n; k++) a[1][k] = k;", "if (n > 3) a[2][0] = 7;"):
        read = read_program(Source.from_str("t.c", LIBRARY + MAIN.replace("printf", f"{flat} printf")))
        assert "+ (ncol + ncl)" not in read.source.text
    assert "+ (ncol + ncl)" in read_program(Source.from_str("t.c", LIBRARY + MAIN)).source.text
