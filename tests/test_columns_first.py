"""Triangles that are gone through row by row, before and after they are gone through by columns."""

from __future__ import annotations

import pytest
from deciding import HEAD, respelled

from chatmpi.analysis.restyle.columns_first import columns_first, triangles
from chatmpi.analysis.source import Source
from chatmpi.translate import first_plan

START = "static double a[N][N], b[N]; int i, j, k; double t = 0;"

TURNED = {
    "with the diagonal behind": (
        "for (i = 0; i < N; i++) { "
        "for (j = 0; j < i; j++) { for (k = 0; k < j; k++) a[i][j] -= a[i][k]*a[j][k]; a[i][j] /= a[j][j]; } "
        "for (k = 0; k < i; k++) a[i][i] -= a[i][k]*a[i][k]; a[i][i] = sqrt(a[i][i]); }",
        "for (i = 0; i < N; i++) { "
        "for (k = 0; k < i; k++) a[i][i] -= a[i][k]*a[i][k]; a[i][i] = sqrt(a[i][i]); "
        "for (int i2 = i + 1; i2 < N; i2++) "
        "{ for (k = 0; k < i; k++) a[i2][i] -= a[i2][k]*a[i][k]; a[i2][i] /= a[i][i]; } }",
    ),
    "with the diagonal asked for": (
        "for (int r = 0; r < N; r++) { for (int c = 0; c <= r; c++) { double s = a[r][c]; "
        "for (k = 0; k < c; k++) s -= a[r][k]*a[c][k]; if (r == c) a[r][r] = sqrt(s); else a[r][c] = s/a[c][c]; } }",
        "for (int r = 0; r < N; r++) { { double s = a[r][r]; "
        "for (k = 0; k < r; k++) s -= a[r][k]*a[r][k]; a[r][r] = sqrt(s); } "
        "for (int r2 = r + 1; r2 < N; r2++) { double s = a[r2][r]; "
        "for (k = 0; k < r; k++) s -= a[r2][k]*a[r][k]; a[r2][r] = s/a[r][r]; } }",
    ),
    "a triangular system": (
        "for (i = 0; i < N; i++) { for (j = 0; j < i; j++) b[i] -= a[i][j]*b[j]; b[i] /= a[i][i]; }",
        "for (i = 0; i < N; i++) { b[i] /= a[i][i]; for (int i2 = i + 1; i2 < N; i2++) b[i2] -= a[i2][i]*b[i]; }",
    ),
}

STAYS = {
    "the row before is needed": (
        "for (i = 1; i < N; i++) { for (j = 1; j < i; j++) a[i][j] = a[i - 1][j + 1]; a[i][i] = 1; }"
    ),
    "a variable leads on": (
        "for (i = 0; i < N; i++) { for (j = 0; j < i; j++) { t += a[i][j]; a[i][j] = t; } a[i][i] = 1; }"
    ),
    "where the row ends is asked": ("for (i = 0; i < N; i++) { for (j = 0; j < i; j++) a[i][j] = 1; a[i][j] = 2; }"),
    "another beginning": "for (i = 0; i < N; i++) { for (j = 1; j < i; j++) a[i][j] /= a[j][j]; a[i][i] = 1; }",
    "something is printed": (
        'for (i = 0; i < N; i++) { for (j = 0; j < i; j++) a[i][j] /= a[j][j]; printf("%g", a[i][i]); }'
    ),
}


def turned(body: str) -> str:
    return respelled(
        START,
        body,
        "for (j = 0; j < N; j++) t += a[j][1] + b[j];",
        lambda facts: columns_first(triangles(facts), facts),
    )


@pytest.mark.parametrize("kind", TURNED)
def test_columns_come_first_where_nothing_is_needed_before_it_is_there(kind: str) -> None:
    before, after = TURNED[kind]
    assert turned(before) == after


@pytest.mark.parametrize("kind", STAYS)
def test_what_rows_need_of_each_other_keeps_their_order(kind: str) -> None:
    assert turned(STAYS[kind]) == " ".join(STAYS[kind].split())


FACTOR = (
    HEAD
    + """int main(void) {
    static double a[N][N]; double t = 0;
    for (int i = 0; i < N; i++) for (int j = 0; j < N; j++) a[i][j] = i == j ? N : 1.0 / (1 + i + j);
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < i; j++) {
            for (int k = 0; k < j; k++) a[i][j] -= a[i][k] * a[k][j];
            a[i][j] /= a[j][j];
        }
        for (int j = i; j < N; j++) for (int k = 0; k < i; k++) a[i][j] -= a[i][k] * a[k][j];
    }
    for (int i = 0; i < N; i++) t += a[i][i];
    printf("%g", t);
    return 0;
}
"""
)


def test_a_factorisation_by_rows_has_its_rows_dealt_in_turn() -> None:
    plan = first_plan(Source.from_str("factor.c", FACTOR))
    assert [(a.name, a.partition is not None) for a in plan.arrays] == [("a", True), ("a_sums", False)]
    assert [p.kind for p in plan.partitions] == ["cyclic"]
