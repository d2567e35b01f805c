"""Rows that change places by their pointers: spelled as exchanges of elements, or left where that may differ."""

from __future__ import annotations

import re

import pytest

from chatmpi.analysis.parse import ParseOptions, parse
from chatmpi.analysis.restyle.passes import restyled
from chatmpi.analysis.restyle.row_swaps import row_swaps
from chatmpi.analysis.source import Source

SWAP = "double *t = a[p]; a[p] = a[q]; a[q] = t;"
ELEMENTS = (
    "for (int column = 0; column < n; column++) {"
    " const double held = a[p][column]; a[p][column] = a[q][column]; a[q][column] = held; }"
)
MADE = "double **a = malloc(n * sizeof *a); for (int i = 0; i < n; i++) a[i] = malloc(n * sizeof **a);"
BLOCK = "double **a = malloc(n * sizeof *a), *m = malloc(n * n * sizeof *m); if (!m || a == NULL) return 1;"
ROWS = "for (int i = 0; i < n; i++) a[i] = m + (size_t)i * n;"
HELPERS = """double **made(int rows, int n) {
    double **m = (double **)malloc(rows * sizeof(double *));
    for (int i = 0; i < rows; i++) { m[i] = calloc(n, sizeof(double)); if (!m[i]) exit(1); }
    return m;
}
"""


def program(main: str, before: str = "", n: str = "int n = 9;") -> str:
    return f"#include <stdlib.h>\n#include <string.h>\n{before}int main(void) {{ {n} int p = 1, q = 2; {main} }}\n"


def swapped(text: str) -> str:
    """The text as it is spelled for the analysis, on one line."""
    return " ".join(restyled(parse(Source.from_str("t.c", text)), ParseOptions()).source.shown.split())


@pytest.mark.parametrize(
    "text",
    [
        program(f"{MADE} {SWAP} free(a[0]);"),
        program(f"{MADE} {{ {SWAP} }} memset(&a[0][0], 0, 8);"),
        program(f"double **a; a = made(7, n); {SWAP}", HELPERS),
        program(f"{MADE} {SWAP} f(a[p], n);", "void f(double *x, int n) { x[n - 1] = *x; }\n"),
        program(f"{MADE} {SWAP}", n="int n; if (rand()) n = 5; else n = 7;"),
        program(f"{BLOCK} {ROWS} {SWAP} free(m);"),
        program(f"{BLOCK} for (int i = 0; i < n; i++) {{ a[i] = &m[n*i]; a[i][0] = i; }} {SWAP}"),
        program("double **a = made(4, 9); f(a, p, 9); f(a, 1, 9);",
                f"{HELPERS} void f(double **a, int p, int n) {{ int q = 3; {SWAP} }}\n"),
    ],
)  # fmt: skip
def test_elements_change_places(text: str) -> None:
    assert ELEMENTS in swapped(text)


def test_the_pointer_that_held_the_row_goes() -> None:
    text = program(f"double *t, s = 0; {MADE} {SWAP.removeprefix('double *')} s = a[0][0]; return s > 0;")
    assert ELEMENTS in swapped(text)
    assert re.search(r"\bt\b", swapped(text)) is None


@pytest.mark.parametrize(
    "text",
    [
        # something else leads into a row
        program(f"{MADE} double *r = a[0]; {SWAP} r[1] = 2;"),
        program(f"{MADE} double *r = &a[0][1]; {SWAP} *r = 2;"),
        program(f"{MADE} double **b = a; {SWAP} b[1][1] = 2;"),
        program(f"{MADE} keep(a[1]); {SWAP}", "double *kept; void keep(double *x) { kept = x; }\n"),
        program(f"{MADE} keep(a); {SWAP}", "double *kept; void keep(double **x) { kept = x[0]; }\n"),
        # rows that are not their own, or of other lengths
        program(f"{MADE} a[1] = a[0]; {SWAP}"),
        program(f"{MADE} a[0] = malloc(3 * sizeof **a); {SWAP}"),
        program(f"double **a = malloc(n * sizeof *a); a[0] = malloc(n * n * 8); "
                f"for (int i = 1; i < n; i++) a[i] = a[i - 1] + n; {SWAP}"),
        # a block that is reached otherwise, rows that are set anew, or overlap
        program(f"{BLOCK} {ROWS} {SWAP} m[1] = 2;"),
        program(f"{BLOCK} {ROWS} {SWAP} double *b = m;"),
        program(f"{BLOCK} {ROWS} {SWAP} {ROWS}"),
        program(f"{BLOCK} while (p--) {{ {ROWS} {SWAP} }}"),
        program(f"{BLOCK} for (int i = 0; i < n; i++) a[i] = m + (i + 1) * n; {SWAP}"),
        program(f"{BLOCK} for (int i = 0; i < n; i++) a[i] = m + i; {SWAP}"),
        program(f"{BLOCK} double **b = malloc(n * sizeof *b); {ROWS} {ROWS.replace('a[i]', 'b[i]')} {SWAP}"),
        # what says how long they are changes, or has another name there
        program(f"{MADE} n = 3; {SWAP}"),
        program(f"{MADE} {{ int n = 2; p = n; {SWAP} }}"),
        program("double **a = made(4, 9), **b = made(4, 8); f(a, 9); f(b, 9);",
                f"{HELPERS} void f(double **a, int n) {{ int p = 0, q = 3; {SWAP} }}\n"),
        program("double **a = made(4, 9); void (*g)(double **, int) = f; f(a, 9); g(0, 9);",
                f"{HELPERS} void f(double **a, int n) {{ int p = 0, q = 3; {SWAP} }}\n"),
        # the held row is used again, and subscripts that are not those of an exchange
        program(f"{MADE} {SWAP} t[0] = 1;"),
        program(f"{MADE} double *t = a[p]; a[p] = a[q]; a[p] = t;"),
        program(f"{MADE} double *t = a[p++]; a[p] = a[q]; a[q] = t;"),
    ],
)  # fmt: skip
def test_left_as_it_is(text: str) -> None:
    parsed = parse(Source.from_str("t.c", text))
    assert row_swaps(parsed) == []
