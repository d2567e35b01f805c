"""Nests of two loops that depend on themselves, before and after they are turned."""

from __future__ import annotations

import pytest
from deciding import HEAD, respelled

from chatmpi.analysis.restyle.nests_turned import dependent_nests, turned
from chatmpi.analysis.source import Source
from chatmpi.translate import first_plan

START = "static double a[N][N], b[N]; int i, j, k = N / 2; double t = 0;"

TURNED = {
    "the counters are declared in the loops": (
        "for (int c = 0; c < N; c++) for (int r = 1; r < N; r++) a[r][c] = fmin(a[r][c], a[r][k] + a[k][c]);",
        "for (int r = 1; r < N; r++) for (int c = 0; c < N; c++) a[r][c] = fmin(a[r][c], a[r][k] + a[k][c]);",
    ),
    "with braces, and a variable of the body": (
        "for (j = 0; j < N; j++) { for (i = 0; i <= N - 1; ++i) { "
        "double s = a[i][k] + a[k][j]; if (s < a[i][j]) a[i][j] = s; } }",
        "for (i = 0; i <= N - 1; ++i) { for (j = 0; j < N; j++) { "
        "double s = a[i][k] + a[k][j]; if (s < a[i][j]) a[i][j] = s; } }",
    ),
    "comments stay where they are": (
        "for (j = 0; j < N; j++) // (columns)\n for (i = 0; i < N; i++) { /* größer */ a[i][j] += a[i][k] + a[k][j]; }",
        "for (i = 0; i < N; i++) // (columns) for (j = 0; j < N; j++) { /* größer */ a[i][j] += a[i][k] + a[k][j]; }",
    ),
    "downwards": (
        "for (j = N - 2; j >= 0; j--) for (i = N - 2; i >= 0; i--) a[i][j] += a[i + 1][j] + a[i][j + 1];",
        "for (i = N - 2; i >= 0; i--) for (j = N - 2; j >= 0; j--) a[i][j] += a[i + 1][j] + a[i][j + 1];",
    ),
}

STAYS = {
    "an iteration needs one that would come behind it": (
        "for (j = 1; j < N; j++) for (i = 0; i < N - 1; i++) a[i][j] += a[i + 1][j - 1];"
    ),
    "the same downwards": (
        "for (j = N - 2; j >= 0; j--) for (i = 1; i < N - 1; i++) a[i][j] += a[i + 1][j + 1] + a[i - 1][j];"
    ),
    "a variable leads on": "for (j = 0; j < N; j++) for (i = 1; i < N; i++) { t += a[i - 1][j]; a[i][j] = t; }",
    "a loop's end is changed": "for (j = 0; j < k; j++) for (i = 1; i < N; i++) { a[i][j] += a[k][j]; k = N / 3; }",
    "one loop's end is the other's counter": (
        "for (j = 0; j < N; j++) for (i = 1; i < j; i++) a[i][j] += a[i - 1][j] + a[i][k];"
    ),
    "something is printed": (
        'for (j = 0; j < N; j++) for (i = 1; i < N; i++) { a[i][j] += a[i - 1][j] + a[i][k]; printf("%g", a[i][j]); }'
    ),
    "one loop is parallel": "for (j = 0; j < N; j++) for (i = 1; i < N; i++) a[i][j] += a[i - 1][j];",
    "there is more in the body": (
        "for (j = 0; j < N; j++) { b[j] = a[k][j]; for (i = 1; i < N; i++) a[i][j] += a[i - 1][j] + a[i][k]; }"
    ),
}


def read_turned(body: str) -> str:
    return respelled(
        START, body, "for (j = 0; j < N; j++) t += a[j][1] + b[j];", lambda facts: turned(dependent_nests(facts), facts)
    )


@pytest.mark.parametrize("kind", TURNED)
def test_nests_are_turned_where_no_two_iterations_that_need_each_other_change_places(kind: str) -> None:
    before, after = TURNED[kind]
    assert read_turned(before) == after


@pytest.mark.parametrize("kind", STAYS)
def test_other_nests_stay(kind: str) -> None:
    assert read_turned(STAYS[kind]) == STAYS[kind]


SHORTEST = (
    HEAD
    + """
#define D(i, j) d[((j) - 1) * N + (i) - 1]
int main(void) {
    int *d = malloc(N * N * sizeof *d);
    for (int i = 1; i <= N; i++) for (int j = 1; j <= N; j++) D(i, j) = i == j ? 0 : 1 + (i * 17 + j * 31) % 97;
    for (int k = 1; k <= N; k++)
        for (int i = 1; i <= N; i++)
            for (int j = 1; j <= N; j++)
                if (D(i, k) + D(k, j) < D(i, j)) D(i, j) = D(i, k) + D(k, j);
    for (int i = 1; i <= N; i++) printf("%d ", D(i, 3));
    free(d);
    return 0;
}
"""
)


def test_shortest_paths_by_columns_are_divided_by_rows_of_memory() -> None:
    plan = first_plan(Source.from_str("shortest.c", SHORTEST))
    assert [(a.name, a.partition is not None) for a in plan.arrays] == [("d", True)]
    assert "row_broadcast" in [c.kind for c in plan.communications]
