"""Macros written out where their uses stand."""

from __future__ import annotations

import pytest

from chatmpi.analysis.macro_uses import without_uses
from chatmpi.analysis.parse import ParseOptions
from chatmpi.analysis.source import Source


def written_out(macros: str, body: str, name: str) -> str:
    text = f"{macros}\nint n;\nint f(int i, int *a) {{ {body} }}\n"
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
        # left as they are: two meanings, a look at the argument's text
        ("#define A(i) a[i]\n#undef A\n#define A(i) (i)", "return A(i);", "A", "return A(i);"),
        ("#define A(i) a[i]\n#define S(x) #x", "return A(i) + *S(A(i));", "A", "return A(i) + *S(A(i));"),
        ("#define A(i) a[i + __LINE__]", "return A(i);", "A", "return A(i);"),
    ],
)  # fmt: skip
def test_uses_become_what_the_preprocessor_makes_of_them(macros: str, body: str, name: str, expected: str) -> None:
    assert written_out(macros, body, name) == expected
