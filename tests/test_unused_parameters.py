"""Functions say which parameters they no longer read, so that no compiler has to ask."""

from __future__ import annotations

from parsing import program

from chatmpi.generate.unused_parameters import with_unread_parameters

BEFORE = "static int f(int n, const int *x, const int *y, int z) {\n    return n + x[0] + y[0];\n}\n"


def test_what_was_read_and_is_not_any_more_is_said() -> None:
    text = "int f(int, int *, int *, int);\n" + BEFORE.replace("y[0]", "x[1] /* y */")
    after = with_unread_parameters(text, program(BEFORE), "    ")
    assert after == text.replace("z) {\n", "z) {\n    (void)y;\n")


def test_what_is_still_read_is_not() -> None:
    assert with_unread_parameters(BEFORE, program(BEFORE), "    ") == BEFORE
    hidden = "#define Y y[0]\n" + BEFORE.replace("y[0]", "Y")
    assert with_unread_parameters(hidden, program(BEFORE), "    ") == hidden
