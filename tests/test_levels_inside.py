"""Arrays whose first dimension counts levels or components, before and after their rows are outermost."""

from __future__ import annotations

import pytest
from deciding import HEAD, array, exchanged

from chatmpi.analysis.parse import parse
from chatmpi.analysis.restyle.levels_inside import levels_inside
from chatmpi.analysis.source import Source, edited
from chatmpi.translate import first_plan

TURNED = {
    "levels by their numbers": (
        "static double u[3][N][M]; int main(void) { int t = 1; u[(t + 1)%3][N - 1][0] = u[t][0][1]; return 0; }",
        "static double u[N][3][M]; int main(void) { int t = 1; u[N - 1][(t + 1)%3][0] = u[0][t][1]; return 0; }",
    ),
    "two dimensions of few": (
        "int main(void) { float u[2][3][N] = {0}; int c = 0, d = 1, i = 4; return (int) u[c][d][i + 1]; }",
        "int main(void) { float u[N][2][3] = {0}; int c = 0, d = 1, i = 4; return (int) u[i + 1][c][d]; }",
    ),
    "of a size that is read": (
        "int main(int n, char **v) { double u[3][n]; u[0][n - 1] = sizeof u; return v != 0; }",
        "int main(int n, char **v) { double u[n][3]; u[n - 1][0] = sizeof u; return v != 0; }",
    ),
    "parameters, with a prototype": (
        "void f(double a[][N][M]); double u[2][N][M]; int main(void) { f(u); return 0; } "
        "void f(double a[][N][M]) { a[1][2][3] = 4; }",
        "void f(double a[N][2][M]); double u[N][2][M]; int main(void) { f(u); return 0; } "
        "void f(double a[N][2][M]) { a[2][1][3] = 4; }",
    ),
    "set and copied as a whole": (
        "double u[2][N], w[2][N]; int main(void) { memset(u, 0, sizeof u); memcpy(w, u, sizeof(w)); u[0][1] = 2; }",
        "double u[N][2], w[N][2]; int main(void) { memset(u, 0, sizeof u); memcpy(w, u, sizeof(w)); u[1][0] = 2; }",
    ),
    "a macro for elements": (
        "#define U(c, i) u[c][i]\ndouble u[2][N]; int main(void) { u[1][2] = 3; return 0; }",
        "#define U(c, i) u[c][i]\ndouble u[N][2]; int main(void) { u[2][1] = 3; return 0; }",
    ),
}

STAYS = {
    "one level is handed on": "void f(double a[N]) { a[0] = 1; } double u[2][N]; int main(void) { f(u[1]); return 0; }",
    "an address is taken": "double u[2][N]; int main(void) { double *p = &u[0][0]; p[N] = 1; return (int) u[1][0]; }",
    "a pointer leads to it": "double u[2][N], (*p)[N] = u; int main(void) { p[1][0] = 1; return (int) u[0][1]; }",
    "values in their order": "double u[2][N] = {{1, 2}, {3}}; int main(void) { return (int) u[1][0]; }",
    "as a block of bytes": "double u[2][N]; int main(void) { memset(u, 0, N*sizeof(double)); return (int) u[1][0]; }",
    "copied from another": (
        "double u[2][N], w[2][N]; int main(void) { memcpy(w, u, sizeof w); memset(u[1], 0, 8); return 0; }"
    ),
    "many rows first": "double u[N][3]; int main(void) { return (int) u[1][0]; }",
    "nothing but few": "double u[3][4]; int main(void) { return (int) u[1][0]; }",
    "a macro reaches it": "#define LAST(u) u[0][5]\ndouble u[2][N]; int main(void) { return (int) LAST(u); }",
    "a function that is handed on": (
        "void f(double a[2][N]) { a[0][1] = 1; } void (*g)(double [2][N]) = f; double u[2][N]; "
        "int main(void) { f(u); g(u); return 0; }"
    ),
}


def turned(code: str) -> str:
    program = parse(Source.from_str("program.c", f"{HEAD}#include <string.h>\n{code}\n"))
    return edited(program.source, list(dict.fromkeys(levels_inside(program)))).text.split("<string.h>\n")[1].strip()


@pytest.mark.parametrize("kind", TURNED)
def test_rows_are_outermost_where_all_subscripts_are_written_out(kind: str) -> None:
    before, after = TURNED[kind]
    assert turned(before) == after


@pytest.mark.parametrize("kind", STAYS)
def test_arrays_keep_their_order_where_it_is_seen(kind: str) -> None:
    assert turned(STAYS[kind]) == STAYS[kind]


WAVES = (
    HEAD
    + """static double u[3][N][M];
int main(void) {
    double s = 0;
    for (int i = 0; i < N; i++) for (int j = 0; j < M; j++) u[0][i][j] = u[1][i][j] = i*j % 7;
    for (int t = 1; t < 50; t++)
        for (int i = 1; i < N - 1; i++) for (int j = 1; j < M - 1; j++)
            u[(t + 1)%3][i][j] = u[t%3][i + 1][j] + u[t%3][i - 1][j] - u[(t + 2)%3][i][j];
    for (int i = 0; i < N; i++) for (int j = 0; j < M; j++) s += u[1][i][j];
    printf("%g\\n", s);
    return 0;
}
"""
)


def test_levels_of_time_are_divided_by_rows_with_halos() -> None:
    plan = first_plan(Source.from_str("waves.c", WAVES))
    assert array(plan, "u").partition is not None
    assert exchanged(plan) == ["halo u", "reduce s"]
