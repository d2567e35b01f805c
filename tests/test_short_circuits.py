"""Functions that a condition calls only sometimes are read in the place of their calls too."""

from __future__ import annotations

from textwrap import dedent

import pytest

from chatmpi.analysis.calls.specialise import read_program
from chatmpi.analysis.source import Source

HEAD = """static double u[9];
static int small(const double *a) {
    double s = 0;
    for (int i = 0; i < 9; i++) s += a[i] * a[i];
    return s < 1;
}
static int odd(int k) {
    int n = 0;
    for (int i = 0; i < k; i++) n += i;
    return n % 2;
}
"""


def spelled(body: str) -> str:
    """The body of main as the analysis reads it."""
    text = HEAD + "int main(void) {\n" + body + "\nreturn 0;\n}\n"
    program = read_program(Source.from_str("p.c", text))
    main = program.function("main")
    assert main is not None
    return program.source.shown_at(main.body.span).removeprefix("{\n").removesuffix("\nreturn 0;\n}")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "int k = 3;\nif (k > 2 && small(u))\n    k = 1;\nelse\n    k = 2;",
            """\
            int k = 3;
            int holds = k > 2;
            if (holds) {
                const int small_value = small(u);
                holds = small_value != 0;
            }
            if (holds)
                k = 1;
            else
                k = 2;""",
        ),
        (
            "int k = 0;\nwhile (k < 5 || !small(u)) {\n    k++;\n}",
            """\
            int k = 0;
            while (1) {
                int holds = k < 5;
                if (!holds) {
                    const int small_value = small(u);
                    holds = !small_value;
                }
                if (!holds)
                    break;
                k++;
            }""",
        ),
        (
            "int k = 0;\nif (k) k = 1;\nelse if (k == 7 || small(u) == 1) k = 2;",
            """\
            int k = 0;
            if (k) k = 1;
            else { int holds = k == 7;
            if (!holds) {
                const int small_value = small(u);
                holds = small_value == 1;
            }
            if (holds) k = 2; }""",
        ),
        (  # what binds less than `&&` stays in parentheses
            "int k = 3, y, z = 2;\nif ((y = z) && z > 1 && small(u))\n    k = y;",
            """\
            int k = 3, y, z = 2;
            if ((y = z) && z > 1)
                { const int small_value = small(u);
                if (small_value) k = y; }""",
        ),
        (
            "int k = 3;\nif ((k ? k < 2 : k > 4) && k < 9 && small(u)) k = 1;",
            """\
            int k = 3;
            if ((k ? k < 2 : k > 4) && k < 9) { const int small_value = small(u);
            if (small_value) k = 1; }""",
        ),
    ],
)
def test_conditions_in_steps(before: str, after: str) -> None:
    assert spelled(before) == dedent(after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "int k = 0;\nswitch (small(u) + 1) { case 1: k = 5; break; default: k = 6; }",
            """\
            int k = 0;
            const int small_value = small(u);
            switch (small_value + 1) { case 1: k = 5; break; default: k = 6; }""",
        ),
        (
            "int k = 3;\nif (k > 2)\n    switch (small(u) & 1) { case 1: k = 5; }\nelse\n    k = 2;",
            """\
            int k = 3;
            if (k > 2)
                { const int small_value = small(u); switch (small_value & 1) { case 1: k = 5; } }
            else
                k = 2;""",
        ),
        ("int k = 3;\nswitch (k > 2 && small(u)) { case 1: k = 5; }",) * 2,  # not always called
    ],
)
def test_what_a_switch_is_about_comes_first(before: str, after: str) -> None:
    assert spelled(before) == dedent(after)


@pytest.mark.parametrize(
    "body", ["int k = 3;\nif (k > 2 && odd(k))\n    k = 1;", "int k = 3;\nwhile (k > 2 && u[0] > 1)\n    k--;"]
)
def test_there_is_nothing_to_share_in_a_function_of_numbers(body: str) -> None:
    assert spelled(body) == body
