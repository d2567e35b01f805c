"""Vectors counted from another number than zero are counted from zero, with room before their first element."""

from __future__ import annotations

import pytest
from parsing import program

from chatmpi.analysis.restyle.displaced_vectors import displaced_vectors
from chatmpi.analysis.source import edited

HEAD = "#include <stdlib.h>\n#define NR_END 1\n"
MAKE = (
    "static float *vec(long nl, long nh) { float *v = malloc((nh - nl + 1 + NR_END) * sizeof(float)); "
    "return v - nl + NR_END; }\nstatic void del(float *v, long nl) { free((char *)(v + nl - NR_END)); }\n"
)
MADE = (
    "static float *vec(long nl, long nh) { float *v = malloc((nh - nl + 1 + NR_END) * sizeof(float) + "
    "(nl - NR_END) * sizeof(float)); return v; }\nstatic void del(float *v, long nl) { (void)nl; free(v); }\n"
)
MAIN = "int main(void) { int n = 9; %s return 0; }\n"


def spelled(text: str) -> str:
    p = program(HEAD + text)
    return edited(p.source, displaced_vectors(p)).text.removeprefix(HEAD)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "double *x = (double *)malloc(n * 8) - 1, *y = calloc(n, 8); y--; x[1] = y[n] = 0; free(x + 1); free(++y);",
            "double *x = (double *)malloc(n * 8 + 1 * sizeof(double)), *y = calloc(n + 1, 8);  x[1] = y[n] = 0; "
            "free(x); free(y);",
        ),
        ("double *x = malloc(n * 8); x -= 2; x[2] = 0; free(&x[2]);",
         "double *x = malloc(n * 8 + 2 * sizeof(double));  x[2] = 0; free(x);"),
    ],
)  # fmt: skip
def test_of_one_function(before: str, after: str) -> None:
    assert spelled(MAIN % before).replace(";  ", "; ") == (MAIN % after).replace(";  ", "; ")


def test_of_helper_functions() -> None:
    main = MAIN % "float *x = vec(1, n), *y; y = vec(2, n); x[1] = y[2]; del(x, 1); del(y, 2);"
    assert spelled(MAKE + main) == MADE + main


@pytest.mark.parametrize(
    "body",
    [
        "float *x = vec(0, n); x[0] = 1; del(x, 0);",  # before its memory
        "float *x = vec(n, 2 * n); x[n] = 1; del(x, n);",  # from what number is not known
        "float *x = vec(1, n), *y = malloc(8); del(x, 1); del(y, 1);",  # others are freed so too
        "float *x = vec(1, n), *y = x + 1; free(y - 1 + 1); del(x, 1);",
        "float *x = vec(1, n), *y = x + 1; free(y);",
        "float *x = vec(1, n); x = realloc(x + 1, 80); x[1] = 2;",
        "float *x = malloc(8); x[0] = 2; x--; free(x + 1);",
        "float *x = malloc(8); for (; n > 8; n--) x--; free(x + 1);",
    ],
)
def test_what_is_not_followed_stays(body: str) -> None:
    text = MAKE + MAIN % body
    assert spelled(text) == text
