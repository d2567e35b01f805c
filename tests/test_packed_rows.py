"""Triangles that lie row by row in one vector: rows of different lengths, of which each rank computes its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from alike import assert_alike
from deciding import HEAD, array, exchanged, facts_of, loop_at, plan_of

from chatmpi.analysis.source import Source
from chatmpi.translate import first_plan, translate

MAKE = "int n = atoi(argv[1]); double *ap = malloc(n * (n + 1) / 2 * sizeof *ap);\n"
LOWER = "for (int i = 0; i < n; i++) for (int j = 0; j <= i; j++) ap[PLACE] = i + j;"
UPPER = "for (int i = 0; i < n; i++) for (int j = i; j < n; j++) ap[PLACE] = i + j;"


def whole(code: str) -> str:
    return f"{HEAD}int main(int argc, char **argv) {{\n{code}\nreturn 0;\n}}\n"


def rows_of(code: str) -> tuple[int, str, str] | None:
    """How the rows of `ap` begin, and how many there are."""
    facts = facts_of(MAKE + code)
    packed = next(shape.packed for s, shape in facts.shapes.items() if s.name == "ap")
    return None if packed is None else (packed.bend, packed.slope.text(), packed.count.text())


def places_of(code: str) -> list[tuple[str | None, ...]]:
    """The row and the column of each access to `ap`."""
    facts = facts_of(MAKE + code)
    found = [a for a in facts.accesses.values() if a.touch.symbol.name == "ap"]
    return [tuple(None if s is None else s.text() for s in a.subscripts) for a in found]


@pytest.mark.parametrize(
    ("loop", "place", "rows"),
    [
        (LOWER, "i*(i + 1)/2 + j", (1, "1", "n")),
        (LOWER, "j + (i + 1)*i/2", (1, "1", "n")),
        (LOWER, "(i*i + i)/2 + j", (1, "1", "n")),
        (UPPER, "i*n - i*(i - 1)/2 + j - i", (-1, "2*n + 1", "n")),
        (UPPER, "i*(2*n - i - 1)/2 + j", (-1, "2*n + 1", "n")),
        (LOWER.replace("<= i", "< i"), "i*(i - 1)/2 + j", (1, "-1", "n")),
        (LOWER.replace("= 0", "= 1").replace("< n", "<= n"), "i*(i - 1)/2 + j - 1", (1, "-1", "n + 1")),
        (LOWER, "i*(i + 1) + 2*j", (2, "2", "n")),
    ],
)  # fmt: skip
def test_rows_are_found_by_where_they_begin(loop: str, place: str, rows: tuple[int, str, str]) -> None:
    assert rows_of(loop.replace("PLACE", place)) == rows


@pytest.mark.parametrize(
    ("loop", "place"),
    [
        (LOWER.replace("<= i", "<= i + 1"), "i*(i + 1)/2 + j"),  # the last is the first of the next row
        (LOWER, "i*i/2 + j"),  # half of an odd number
        (LOWER, "i*(i + 1)/3 + j"),
        (LOWER.replace("int i", "unsigned i"), "(i*i - 3*i + 2)/2 + j"),  # as an unsigned number it may wrap
        (LOWER + "\nn = n / 2;\n" + LOWER.replace("PLACE", "0"), "i*(2*n - i - 1)/2 + j"),  # rows begin elsewhere
    ],
)
def test_rows_that_may_meet_are_none(loop: str, place: str) -> None:
    assert rows_of(loop.replace("PLACE", place)) is None


def test_an_element_of_another_row_is_told_too() -> None:
    fill = LOWER.replace("PLACE", "i*(i + 1)/2 + j")
    others = "\nfor (int i = 0; i < n; i++) for (int j = i + 1; j < n; j++) ap[j*(j + 1)/2 + i] += ap[i*(i + 1)/2];"
    assert places_of(fill + others)[1:] == [("i", "0"), ("j", "i")]


def test_an_element_that_follows_no_row_is_in_none() -> None:
    assert places_of(LOWER.replace("PLACE", "i*(i + 1)/2 + j") + "\nap[n] = 1;")[1:] == [(None, None)]


PRODUCT = (
    MAKE
    + """
double *x = malloc(n * sizeof *x), *y = malloc(n * sizeof *y), check = 0;
for (int i = 0; i < n; i++) {
    x[i] = cos(i);
    for (int j = 0; j <= i; j++) ap[i*(i + 1)/2 + j] = sin(i + j);
}
for (int i = 0; i < n; i++) {
    double sum = 0;
    for (int j = 0; j <= i; j++) sum += ap[i*(i + 1)/2 + j] * x[j];
    y[i] = sum;
}
for (int i = 0; i < n; i++) check += y[i];
printf("%.12g\\n", check);
"""
)


def test_rows_are_dealt_by_the_work_in_them() -> None:
    plan = plan_of(PRODUCT)
    partition = plan.partition(array(plan, "ap").partition or "")
    assert (partition.kind, partition.work) == ("balanced", ("1", "1"))
    assert array(plan, "ap").words_per_rank == array(plan, "ap").global_words  # there is room for all
    assert array(plan, "y").partition == partition.name


def test_rows_that_shrinking_loops_go_through_weigh_as_often_as_they_are_gone_through() -> None:
    below = "for (int j = i + 1; j < n; j++) sum += ap[j*(j + 1)/2 + i] * x[j];"
    plan = first_plan(Source.from_str("symmetric.c", whole(PRODUCT.replace("y[i] = sum;", f"{below} y[i] = sum;"))))
    partition = plan.partition(array(plan, "ap").partition or "")
    assert (partition.kind, partition.work) == ("balanced", ("2", "3"))


def test_a_whole_triangle_is_gathered_in_its_place() -> None:
    far = "for (int i = 0; i < n; i++) y[i] += ap[(n - 1 - i)*(n - i)/2];\n"
    heavy = "for (int t = 0; t < 99; t++) for (int i = 0; i < n; i++) for (int j = 0; j <= i; j++)"
    heavy += " ap[i*(i + 1)/2 + j] = sin(ap[i*(i + 1)/2 + j]) + cos(t);\n"
    plan = plan_of(
        PRODUCT.replace("for (int i = 0; i < n; i++) check", heavy + far + "for (int i = 0; i < n; i++) check")
    )
    assert "allgather ap" in exchanged(plan)


RUN = """
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#define AP(i, j) ap[(i) * ((i) + 1) / 2 + (j)]
static void scaled(int n, double factor, double *ap)
{
    for (int t = 0; t < 60; t++)
        for (int i = 0; i < n; i++)
            for (int j = 0; j <= i; j++)
                AP(i, j) = factor * AP(i, j) + sin(t + AP(i, j));
}

int main(void)
{
    int n = 37;
    double *ap = malloc(n * (n + 1) / 2 * sizeof *ap);
    double *y = malloc(n * sizeof *y);
    for (int i = 0; i < n; i++)
        for (int j = 0; j <= i; j++)
            AP(i, j) = cos(i - 2 * j);
    AP(n / 2, 0) = 7.0;
    scaled(n, 0.25, ap);
    for (int i = 0; i < n; i++)
        y[i] = ap[(n - 1 - i) * (n - i) / 2] + AP(i, i);
    for (int i = 0; i < n; i++)
        printf("%.9f\\n", y[i]);
    printf("%.9f\\n", AP(n - 1, n - 1));
    free(ap);
    free(y);
    return 0;
}
"""


def test_triangles_are_computed_as_before(executables: Path) -> None:
    translation = translate(Source.from_str("packed.c", RUN))
    assert array(translation.plan, "ap").partition is not None
    assert "allgather ap" in exchanged(translation.plan)
    assert_alike(RUN, translation.source.shown, executables, ranks=(1, 3))


def test_sums_go_to_blocks_of_equal_work() -> None:
    plan = plan_of(
        "int n = atoi(argv[1]); double *a = malloc(n * n * sizeof *a), *y = calloc(n, sizeof *y), s = 0;\n"
        "for (int i = 0; i < n; i++) for (int j = 0; j <= i; j++) { y[i] = 1; a[i*n + j] = sin(i + j); }\n"
        "for (int i = 0; i < n; i++) for (int j = 0; j <= i; j++) y[j] += a[i*n + j];\n"
        'for (int i = 0; i < n; i++) s += sin(y[i]); printf("%g", s);'
    )
    assert "reduce_scatter y" in exchanged(plan)
    assert plan.partition(array(plan, "y").partition or "").kind == "balanced"
    assert loop_at(plan, "i", 1).partition == array(plan, "y").partition


def test_loops_over_all_words_go_through_a_ranks_own_rows() -> None:
    fill = "for (int k = 0; k < n*(n + 1)/2; k++) ap[k] = sin(k);\n"
    plan = plan_of(PRODUCT.replace("double *x", fill + "double *x", 1))
    assert loop_at(plan, "k").partition == array(plan, "ap").partition is not None


def test_loops_over_more_words_than_the_rows_have_are_not_divided_by_them() -> None:
    fill = "for (int k = 0; k < n*(n + 1)/2 + 1; k++) ap[k] = sin(k);\n"
    larger = PRODUCT.replace("/ 2 * sizeof", "/ 2 + 1) * sizeof").replace("malloc(n * (n", "malloc((n * (n", 1)
    plan = plan_of(larger.replace("double *x", fill + "double *x", 1))
    assert loop_at(plan, "k").partition is None
