"""Rows that are held inside an array by a helper function or a chain of ifs: neighbours, not the whole array."""

from __future__ import annotations

import pytest
from deciding import plan_of

from chatmpi.analysis.source import Source
from chatmpi.translate import translate

FUNCTIONS = """
static int clamp(int v, int lo, int hi) { if (v < lo) return lo; else if (v > hi) return hi; else return v; }
static int mirror(int i, int n) { if (i < 0) return -i; if (i >= n) return 2 * n - 2 - i; return i; }
static int before(int i) { if (i == 0) return N - 1; return i - 1; }
"""
PROGRAM = """#include <stdio.h>
#define N 60
#define M 40
%s
static double a[N][M], b[N][M];
int main(void) {
    for (int i = 0; i < N; i++) for (int j = 0; j < M; j++) a[i][j] = i * j %% 7;
    for (int t = 0; t < 9; t++) {
        for (int i = 0; i < N; i++)
            for (int j = 0; j < M; j++) { %s b[i][j] = a[k][j] + a[i][j]; }
        for (int i = 0; i < N; i++) for (int j = 0; j < M; j++) a[i][j] = b[i][j];
    }
    printf("%%g\\n", a[3][4]);
    return 0;
}
"""


@pytest.mark.parametrize(
    ("row", "halo"),
    [
        ("int k = clamp(i + 1, 0, N - 1);", (0, 1)),
        ("int k = mirror(i - 2, N);", (2, 2)),
        ("int k = before(i);", (1, 0)),
        ("int k; if (i == 0) k = 0; else if (i > N - 3) k = N - 1; else k = i + 2;", (0, 2)),
    ],
)
def test_a_row_held_inside_is_a_neighbour(row: str, halo: tuple[int, int]) -> None:
    found = plan_of(PROGRAM % (FUNCTIONS, row))
    exchanged = [(c.kind, c.subject) for c in found.communications]
    assert ("halo", "a") in exchanged
    assert not any(kind == "allgather" for kind, _ in exchanged)
    width = next(c.halo for c in found.communications if c.kind == "halo")
    assert (width.lower, width.upper) == halo


@pytest.mark.parametrize("rows", ["n", "n / 2 + 1", "(n + 3) / 4"])
def test_rows_around_the_ends_are_neighbours(rows: str) -> None:
    code = f"""#include <stdio.h>
#include <stdlib.h>
int main(int argc, char **argv) {{
    int n = atoi(argv[argc - 1]), m = {rows};
    double *a = malloc((size_t)m * n * sizeof *a), *b = malloc((size_t)m * n * sizeof *b), s = 0;
    for (int i = 0; i < m; i++) for (int j = 0; j < n; j++) a[i * n + j] = i * j;
    for (int t = 0; t < 9; t++) {{
        for (int i = 0; i < m; i++) {{
            int up = (i + 1 + m) % m, down = (i - 1 + m) % m;
            for (int j = 0; j < n; j++) b[i * n + j] = a[up * n + j] + a[down * n + j];
        }}
        double *held = a; a = b; b = held;
    }}
    for (int i = 0; i < m; i++) for (int j = 0; j < n; j++) s += a[i * n + j];
    printf("%g\\n", s);
    return 0;
}}
"""
    kinds = [c.kind for c in plan_of(code).communications]
    assert "halo" in kinds
    assert "allgather" not in kinds


def test_nothing_is_left_unused() -> None:
    function = "static int before(int i, int n) { if (i == 0) return n - 1; return i - 1; }"
    sweep = "static void sweep(int n) { for (int i = 0; i < n; i++) b[i][0] = a[(i + 1) % n][0]; }\nint main(void)"
    code = (PROGRAM % (function, "int k = before(i, N);")).replace("int main(void)", sweep)
    made = translate(Source.from_str("p.c", code.replace("printf", "sweep(N); printf"))).source.shown
    assert "int before(" not in made
    assert "(void)n;" in made
