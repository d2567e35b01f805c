"""Searches that keep the place of an extremum only: the value is kept too, where that lets ranks share the search."""

from __future__ import annotations

import pytest
from deciding import HEAD

from chatmpi.analysis.calls.specialise import read_program
from chatmpi.analysis.source import Source
from chatmpi.translate import first_plan

FILL = "static double x[N], a[N][M]; int i, j, w = 0, v = 0; for (i = 0; i < N; i++) x[i] = fmod(i*37.0, 41.0);\n"
TABLE = "for (i = 0; i < N; i++) for (j = 0; j < M; j++) a[i][j] = fmod(i*31.0 + j*7, 53.0);\n"


def kept(loop: str, functions: str = "") -> str:
    """The text as it is read, if a value is kept in it."""
    last = 'printf("%d %d", w, v); return 0;'
    code = f"{HEAD}{functions}int main(void) {{\n{FILL}{TABLE}{loop}\n{last}\n}}\n"
    program = read_program(Source.from_str("program.c", code))
    return program.source.text if program.kept_values else ""


@pytest.mark.parametrize(
    ("loop", "shown"),
    [
        ("for (i = 1; i < N; i++) if (x[i] > x[w]) w = i;", "if (1 < N)\n    w_value = x[w];\nfor"),
        ("for (i = 1; i < 9; i++) if (x[w] >= x[i]) w = i;", "double w_value = x[w];\nfor"),
        ("for (i = 1; i < N; i++) { v += i; if (fabs(x[i]) > fabs(x[w])) { w = i; } }", "if (fabs(x[i]) > w_value) { "),
        (
            "for (i = 0; i < N; i++) for (j = i % 2; j < 9; j++) if (a[i][j] < a[w][v]) { w = i; v = j; }",
            "",  # whether the loops compare anything depends on i
        ),
        (
            "for (i = 0; i < N; i++) for (j = 0; j < M; j++) if (a[i][j] < a[w][v]) { w = i; v = j; }",
            "if (0 < N && 0 < M)\n    w_value = a[w][v];\nfor",
        ),
    ],
)
def test_the_value_is_kept_with_the_place(loop: str, shown: str) -> None:
    text = kept(loop)
    assert (shown in text and "w_value" in text) if shown else not text


@pytest.mark.parametrize(
    "loop",
    [
        "for (i = 1; i < N; i++) if (x[i] > x[w]) w = i - 1;",
        "for (i = 1; i < N; i++) if (x[i] > x[w]) w = i; else v = i;",
        "for (i = 1; i < N; i++) { if (x[i] > x[w]) w = i; x[i] = 0; }",
        "for (i = 1; i < N; i++) { if (x[i] > x[w]) w = i; if (i == 7) w = 0; }",
        "for (i = 1; i < N; i++) if (i % 2) if (x[i] > x[w]) w = i;",
        "for (i = 1; i < N; i++) { if (i % 2) continue; if (x[i] > x[w]) w = i; }",
        "for (i = 1; i < N; i++) if (x[i] > x[w] + 1) w = i;",
        "int *p = &w; for (i = 1; i < N; i++) { *p += 1; if (x[i] > x[w]) w = i; }",
        "for (i = 1; i < N; i++) { touch(); if (x[i] > x[w]) w = i; }",
    ],
)
def test_what_may_compare_with_something_else_is_left_alone(loop: str) -> None:
    assert not kept(loop, "static double y[9]; static void touch(void) { y[1] += 1; }\n")


def plan_communications(loop: str) -> list[str]:
    code = f"{HEAD}int main(void) {{\n{FILL}{TABLE}{loop}\nreturn 0; }}\n"
    return [f"{c.kind} {c.subject}" for c in first_plan(Source.from_str("program.c", code)).communications]


def test_ranks_share_the_search_for_a_place() -> None:
    loop = "for (i = 0; i < N; i++) x[i] = exp(sin(x[i]) * cos(x[i]) + sqrt(x[i]));"
    loop += 'for (i = 1; i < N; i++) if (x[i] > x[w]) w = i; printf("%d", w);'
    assert plan_communications(loop) == ["broadcast x", "locate w_value"]


def test_a_search_that_each_iteration_makes_by_itself_stays_as_it_is() -> None:
    loop = "for (i = 0; i < N; i++) { w = 0; for (j = 1; j < M; j++) if (a[i][j] > a[i][w]) w = j; x[i] = w; }"
    assert kept(loop)
    loop += 'double s = 0; for (i = 0; i < N; i++) s += x[i]; printf("%g", s);'
    assert plan_communications(loop) == ["reduce s"]
