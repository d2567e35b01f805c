"""Variables that hide others get names of their own."""

from __future__ import annotations

import pytest

from chatmpi.analysis.parse import parse
from chatmpi.analysis.restyle.distinct_names import distinct_names
from chatmpi.analysis.source import Source, edited


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("int n = 1; { int n = 2; f(n); } f(n);", "int n = 1; { int n2 = 2; f(n2); } f(n);"),
        ("int i; for (int i = 0; i < 3; i++) f(i); i = 2;", "int i; for (int i2 = 0; i2 < 3; i2++) f(i2); i = 2;"),
        ("int a; { int a; { int a = 3; f(a); } a = 4; } a = 5;",
         "int a; { int a22; { int a2 = 3; f(a2); } a22 = 4; } a = 5;"),
        ("double g = 2; f(g);", "double g2 = 2; f(g2);"),
        ("int k = p; { int p = k; f(p); }", "int k = p; { int p2 = k; f(p2); }"),
        # side by side; the outer one is meant before; text that the tree does not show
        ("for (int i = 0; i < 3; i++) f(i); for (int i = 0; i < 3; i++) f(i);", None),
        ("int n = 1; { f(n); int n = 2; f(n); }", None),
        ("int n = 1; { int n = 2; f(TWICE); }", None),
        ("int n = 1; { int n = 2; f(((struct s *)0)->n); }", None),
    ],
)  # fmt: skip
def test_hiding_variables(before: str, after: str | None) -> None:
    head = "#define TWICE (2 * n)\nstruct s { int n; }; int g; int f(int x);\nint h(int p) { "
    program = parse(Source.from_str("t.c", f"{head}{before} }}\n"))
    found = edited(program.source, list(dict.fromkeys(distinct_names(program)))).shown
    for _ in range(3):
        program = parse(Source.from_str("t.c", found))
        found = edited(program.source, list(dict.fromkeys(distinct_names(program)))).shown
    assert found == f"{head}{after or before} }}\n"
