"""Lines that come between statements of one line of the source: no body without braces seems to go on."""

from __future__ import annotations

import pytest
from parsing import program

from chatmpi.analysis.source import apply_edits
from chatmpi.generate.insertions import Insertions


@pytest.mark.parametrize(
    ("line", "before", "after", "expected"),
    [
        ("if (n) n = 1; n++; n--;", (), (1,), ["if (n) n = 1; n++;", "new();", "n--;"]),
        ("n++; if (n) n = 1; n--;", (1,), (), ["n++; new();", "if (n) n = 1;", "n--;"]),
        ("n++; if (n) n = 1; n--;", (), (0,), ["n++;", "new();", "if (n) n = 1;", "n--;"]),
        ("n++; if (n) { n = 1; } n--; n++;", (1,), (), ["n++; new();", "if (n) { n = 1; } n--; n++;"]),
        ("if (n) n = 1; n--;", (0,), (), ["new();", "if (n) n = 1; n--;"]),  # as it was written
        ("n--; n++;", (), (1,), ["n--; n++;", "new();"]),
    ],
)
def test_lines_are_broken_behind_what_would_mislead(
    line: str, before: tuple[int, ...], after: tuple[int, ...], expected: list[str]
) -> None:
    p = program(f"void f(int n) {{\n    {line}\n}}\n")
    body = p.functions[0].body
    made = Insertions(p.source, "    ")
    made.before |= {body.body[k].id: ["new();"] for k in before}
    made.after |= {body.body[k].id: ["new();"] for k in after}
    text = apply_edits(p.source, made.edits(body)).text
    assert [part.strip() for part in text.splitlines()[1:-1]] == expected
