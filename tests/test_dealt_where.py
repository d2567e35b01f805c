"""Rows that are dealt out in the function that finds how many there are."""

from __future__ import annotations

from pathlib import Path

import pytest
from alike import assert_alike
from deciding import HEAD

from chatmpi.analysis.source import Source
from chatmpi.translate import translate

GRID = "typedef struct { int n, m; double *u, *v; } Grid;\n"
TABLE = "typedef struct { int n, m; double **u, **v; } Grid;\n"
RELAX = """  for (int i = 0; i <= g.n + 1; i++) g.u[i] = i % 5;
  for (int t = 0; t < 6; t++) {
    for (int i = 1; i <= g.n; i++) g.v[i] = 0.5*(g.u[i - 1] + g.u[i + 1]);
    for (int i = 1; i <= g.n; i++) g.u[i] = g.v[i];
  }
  double s = 0;
  for (int i = 1; i <= g.n; i++) s += g.u[i];
  printf("%.9g %.9g\\n", s, g.u[g.n / 2]);
  free(g.u); free(g.v);
  return 0;
}
"""
BY_POINTER = (
    GRID
    + """static int make(Grid *g, int argc, char **argv) {
  g->n = argc > 1 ? atoi(argv[1]) : 41;
  if (g->n < 3) return 1;
  if (!(g->u = calloc(g->n + 2, sizeof(double)))) return 1;
  g->v = calloc(g->n + 2, sizeof(double));
  return g->v == NULL;
}
int main(int argc, char **argv) {
  Grid g;
  if (make(&g, argc, argv)) return 1;
"""
    + RELAX
)
BY_VALUE = (
    GRID
    + """static Grid make(int n) {
  Grid g = {.n = n, .u = calloc(n + 2, sizeof(double)), .v = calloc(n + 2, sizeof(double))};
  return g;
}
int main(int argc, char **argv) {
  Grid g = make(argc > 1 ? atoi(argv[1]) : 41);
"""
    + RELAX
)
BY_FUNCTIONS = (
    TABLE
    + """static double **table(int n, int m) {
  double **a = malloc(n * sizeof *a);
  a[0] = calloc((size_t)n * m, sizeof **a);
  for (int i = 1; i < n; i++) a[i] = a[0] + i * m;
  return a;
}
static void make(Grid *g, int argc) {
  g->n = 37; g->m = 11;
  if (argc > 1) g->n += argc;
  g->u = table(g->n, g->m);
  g->v = table(g->n, g->m);
  for (int i = 0; i < g->n; i++)
    for (int j = 0; j < g->m; j++) g->u[i][j] = g->v[i][j] = i + 2*j;
}
static void relax(Grid *g) {
  for (int i = 1; i < g->n - 1; i++)
    for (int j = 0; j < g->m; j++) g->v[i][j] = 0.5*(g->u[i - 1][j] + g->u[i + 1][j]);
  double **t = g->u; g->u = g->v; g->v = t;
}
int main(int argc, char **argv) {
  Grid g;
  make(&g, argc);
  for (int t = 0; t < 6; t++) relax(&g);
  double s = 0;
  for (int i = 0; i < g.n; i++)
    for (int j = 0; j < g.m; j++) s += g.u[i][j];
  printf("%.9g\\n", s);
  free(g.u[0]); free(g.u); free(g.v[0]); free(g.v);
  return 0;
}
"""
)
WITH_COPIES = (
    TABLE
    + """static void make(Grid *g, int argc) {
  g->n = argc > 1 ? 5 : 37;
  g->u = malloc(g->n * sizeof *g->u);
  for (int i = 0; i < g->n; i++) g->u[i] = malloc(9 * sizeof(double));
  for (int i = 0; i < g->n; i++)
    for (int j = 0; j < 9; j++) g->u[i][j] = 1.0/(i + j + 1);
  for (int i = 1; i < g->n; i++)
    for (int j = 0; j < 9; j++) g->u[i][j] -= 0.5*g->u[0][j];
}
int main(int argc, char **argv) {
  Grid g;
  make(&g, argc);
  double s = 0;
  for (int i = 0; i < g.n; i++)
    for (int j = 0; j < 9; j++) s += g.u[i][j];
  printf("%.9g\\n", s);
  for (int i = 0; i < g.n; i++) free(g.u[i]);
  free(g.u);
  return 0;
}
"""
)


@pytest.mark.parametrize(
    ("code", "dealt"),
    [
        (BY_POINTER, "my_begin = block_begin(g->n + 2, rank, owners);"),
        (BY_VALUE, "my_begin = block_begin(n + 2, rank, owners);"),
        (BY_FUNCTIONS, "row_begin = block_begin(g->n, rank, owners);"),
        (WITH_COPIES, "row_begin = block_begin(g->n, rank, size);"),
    ],
    ids=["by_pointer", "by_value", "by_functions", "with_copies"],
)
def test_rows_are_dealt_out_where_their_number_is_found(code: str, dealt: str, executables: Path) -> None:
    text = translate(Source.from_str("p.c", HEAD + code)).source.shown
    assert dealt in text
    assert text.index(dealt) < text.index("int main")
    assert "main_" not in text  # what a function has a name for needs no other
    assert_alike(HEAD + code, text, executables, ranks=(1, 3, 4))


MADE_U = "  if (!(g->u = calloc(g->n + 2, sizeof(double)))) return 1;"
CONDITIONAL = [
    (MADE_U, "  if (argc < 9) {\n  g->u = calloc(g->n + 2, sizeof(double)); }"),
    ("  if (make(&g, argc, argv)) return 1;", "  if (argc < 9) {\n  if (make(&g, argc, argv)) return 1; }"),
    ("  return g->v == NULL;", "  if (argc > 8) g->n = 4;\n  return g->v == NULL;"),
]


@pytest.mark.parametrize("conditional", CONDITIONAL)
def test_rows_are_not_dealt_out_on_one_of_several_ways(conditional: tuple[str, str], executables: Path) -> None:
    assert conditional[0] in BY_POINTER
    code = HEAD + BY_POINTER.replace(*conditional)
    text = translate(Source.from_str("p.c", code)).source.shown
    assert "my_count + 2" not in text  # as much as a rank has of both
    assert_alike(code, text, executables)
