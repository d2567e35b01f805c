"""Arrays that are reached word by word have the rows of those that they go with."""

from __future__ import annotations

import pytest
from deciding import array, exchanged, facts_of, plan_of

GRID = """
int n = atoi(argv[1]), m = atoi(argv[2]), all = n * m; double s = 0;
double *u = malloc(all * sizeof *u), *v = malloc(all * sizeof *v), *r = malloc(all * sizeof *r);
for (int k = 0; k < all; k++) { r[k] = k %% 7; u[k] = r[k]; }
for (int t = 0; t < 9; t++) {
    for (int i = 1; i < n - 1; i++) for (int j = 0; j < m; j++)
        v[i*m + j] = u[i*m + j] - u[(i - 1)*m + j] + u[(i + 1)*m + j];
    for (int k = 0; k < all; k++) { r[k] -= 0.5 * u[k]; u[k] += r[k]; }
    %s
}
for (int k = 0; k < all; k++) s += r[k] * v[k];
printf("%%g %%g", s, r[all / 2]);
"""


def rows_of_r(more: str) -> int:
    shapes = {s.name: shape for s, shape in facts_of(GRID % more).shapes.items()}
    return len(shapes["r"].strides)


@pytest.mark.parametrize("more", ["", "s += r[3];", "r[0] = 1;", "for (int k = 0; k < all; k += 3) r[k] = 0;",
                                  "for (int k = 0; k < n; k++) s += r[(int) v[k]];"])  # fmt: skip
def test_words_lie_in_the_rows_of_others(more: str) -> None:
    assert rows_of_r(more) == 2


@pytest.mark.parametrize(
    "more",
    [
        "for (int k = 1; k < all; k++) r[k] += r[k - 1];",
        "r[all - 1] = 1;",
        "for (int k = 0; k < n; k++) r[k * k % m] = 0;",
    ],
)
def test_an_array_that_is_reached_in_other_ways_keeps_its_words(more: str) -> None:
    assert rows_of_r(more) == 1


def test_all_are_divided_alike() -> None:
    plan = plan_of(GRID % "")
    assert {array(plan, name).partition for name in "uvr"} == {"row"}
    assert [x for x in exchanged(plan) if x.startswith(("halo", "allgather"))] == ["halo u"]
