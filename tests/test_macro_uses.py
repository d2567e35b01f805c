"""Macros written out where their uses stand."""

from __future__ import annotations

import pytest

from chatmpi.analysis.parse import ParseOptions, parse
from chatmpi.analysis.restyle.macro_uses import without_uses
from chatmpi.analysis.restyle.passes import restyled
from chatmpi.analysis.source import Source


def written_out(macros: str, body: str, name: str) -> str:
    text = f"#include <stdio.h>\n{macros}\nint n;\nint f(int i, int *a) {{ {body} }}\n"
    source = without_uses(Source.from_str("t.c", text), {name}, ParseOptions())
    return source.shown.split("int *a) { ")[1].removesuffix(" }\n")


@pytest.mark.parametrize(
    ("macros", "body", "name", "expected"),
    [
        ("#define A(i, j) a[(i)*n + (j)]", "return A(i, i + 1);", "A", "return a[(i)*n + (i + 1)];"),
        ("#define A(i) a[(i) /* row */ \\\n + 1]", "return A(A(i));", "A", "return a[(a[(i) + 1]) + 1];"),
        ("#define A(i, j) a[(i)*n + (j)]", "return A((i, 1), f(i, a)); /* A(1, 2) */", "A",
         "return a[((i, 1))*n + (f(i, a))]; /* A(1, 2) */"),
        ("#define N 5\n#define A(i) a[i + N]", "return A(N);", "A", "return a[N + N];"),
        ('#define C(x) if (!(x)) puts(#x " fails")', 'C(i > 1 && "a\\n");', "C",
         r'''if (!(i > 1 && "a\n")) puts("i > 1 && \"a\\n\"" " fails");'''),
        ("#define P(f, ...) printf(f, ##__VA_ARGS__)", 'P("f"); P("%d", i);', "P", 'printf("f"); printf("%d", i);'),
        ("#define A(i) a[i + __LINE__]", "return A(i);", "A", "return a[i + __LINE__];"),
        # left as they are: two meanings, words that are glued, where the argument's text is shown
        ("#define A(i) a[i]\n#undef A\n#define A(i) (i)", "return A(i);", "A", "return A(i);"),
        ("#define A(i) a[i]\n#define S(x) #x", "return A(i) + *S(A(i));", "A", "return a[i] + *S(A(i));"),
        ("#define A(i) a##i[0]", "int *ab = a; return A(b);", "A", "int *ab = a; return A(b);"),
    ],
)  # fmt: skip
def test_uses_become_what_the_preprocessor_makes_of_them(macros: str, body: str, name: str, expected: str) -> None:
    assert written_out(macros, body, name) == expected


def test_loops_that_a_macro_writes_are_written_out() -> None:
    text = (
        "#define CLEAR(a, n) do { int k; for (k = 0; k < n; k++) (a)[k] = 0; } while (0)\n"
        "#define TWICE(n) do { (n) *= 2; } while (0)\n"
        "void f(int n, double *x) { if (n > 2) CLEAR(x, n); else TWICE(n); }\n"
    )
    after = restyled(parse(Source.from_str("t.c", text), ParseOptions()), ParseOptions()).source.text
    assert after.splitlines()[-1] == (
        "void f(int n, double *x) { if (n > 2) { int k; for (k = 0; k < n; k++) (x)[k] = 0; } else TWICE(n); }"
    )


def test_exchanges_and_elements_that_a_macro_writes_are_written_out() -> None:
    text = (
        "#define SWAP(T, a, b) do { T t_ = (a); (a) = (b); (b) = t_; } while (0)\n"
        "#define ADD(i) do { y[i] += x[i]; } while (0)\n"
        "#define NEXT(n) do { if ((n) > 5) break; (n)++; } while (0)\n"
        "void f(int n, double *x, double *y) { for (int i = 0; i < n; i++) ADD(i); SWAP(double *, x, y); NEXT(n); }\n"
    )
    after = restyled(parse(Source.from_str("t.c", text), ParseOptions()), ParseOptions()).source.text
    loop = "for (int i = 0; i < n; i++) { y[i] += x[i]; }"
    swap = "{ double * t_ = (x); (x) = (y); (y) = t_; }"
    assert after.splitlines()[-1] == f"void f(int n, double *x, double *y) {{ {loop} {swap} NEXT(n); }}"
