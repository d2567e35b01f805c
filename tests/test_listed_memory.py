"""Structs that get their memory in a list of values, before and after each member has a statement."""

from __future__ import annotations

from pathlib import Path

import pytest
from alike import assert_alike
from deciding import HEAD

from chatmpi.analysis.parse import ParseOptions, parse
from chatmpi.analysis.restyle.listed_memory import listed_memory
from chatmpi.analysis.source import Source, edited
from chatmpi.translate import translate

GRID = """typedef struct { int n; double h, *u, *v; } Grid;
static Grid shared;
static int other(void) { return shared.n; }
static double half(int n) { return n / 2.0; }
"""
MADE = GRID + "static Grid *make(int n) {\nGrid *g = malloc(sizeof *g), *old = g;\n%s\nreturn old; }\n"
BUILT = GRID + "static Grid build(int n) {\n%s\n}\n"
ASSIGNED = [
    (
        "*g = (Grid){.n = n, .u = calloc(n, 8)};",
        "g->n = n;\ng->h = 0;\ng->u = calloc(n, 8);\ng->v = 0;",
    ),
    (
        "if (n) { *g = (Grid){n, half(n), NULL, malloc(8 * (n + 1))}; }",
        "if (n) { g->n = n;\ng->h = half(n);\ng->u = NULL;\ng->v = malloc(8 * (n + 1)); }",
    ),
    ("*g = (Grid){n + 1, 0.5, 0, 0};", "g->n = n + 1;\ng->h = 0.5;\ng->u = 0;\ng->v = 0;"),
    # what might be read is set before, the statement has no place for more of them, it gives nothing in a list
    ("*g = (Grid){.n = 1, .h = old->n, .u = calloc(n, 8)};", None),
    ("*g = (Grid){.n = 1, .h = other(), .u = calloc(n, 8)};", None),
    ("if (n) *g = (Grid){.n = n, .u = calloc(n, 8)};", None),
    ("*g = shared;", None),
    ("*g = (Grid){.n = (other, n), .u = calloc(n, 8)};", None),
]
RETURNED = [
    ("return (Grid){n, 0.5, calloc(n, 8), 0};", "Grid made = {n, 0.5, calloc(n, 8), 0};\nreturn made;"),
    ("return (Grid){n, 0.5, 0, 0};", None),
]


@pytest.mark.parametrize(
    ("program", "before", "after"), [*((MADE, *c) for c in ASSIGNED), *((BUILT, *c) for c in RETURNED)]
)
def test_memory_of_a_list_is_asked_for_by_statements(program: str, before: str, after: str | None) -> None:
    code = HEAD + program + "int main(void) { return 0; }\n"
    read = parse(Source.from_str("p.c", code % before), ParseOptions())
    assert edited(read.source, listed_memory(read)).shown == code % (after or before)


def test_pointers_that_parameters_bring_keep_a_list_without_memory() -> None:
    code = HEAD + GRID + "static void set(Grid *g, int n) { *g = (Grid){n, 1, 0, 0}; }\nint main(void) { return 0; }\n"
    assert listed_memory(parse(Source.from_str("p.c", code), ParseOptions())) == []


LIST = "(Grid){.n = n, .h = 1.0/n, .u = calloc(n + 2, sizeof(double)), .v = calloc(n + 2, sizeof(double))}"
BY_POINTER = f"static Grid *make(int n) {{ Grid *g = malloc(sizeof *g); if (!g) exit(1); *g = {LIST}; return g; }}\n"
BY_VALUE = f"static Grid make(int n) {{ return {LIST}; }}\n"
RELAXED = """int main(int argc, char **argv) {
  Grid *g = make(argc + 40);
  for (int i = 1; i <= g->n; i++) g->u[i] = (i % 5) * g->h;
  for (int t = 0; t < 6; t++) {
    for (int i = 1; i <= g->n; i++) g->v[i] = 0.5*(g->u[i - 1] + g->u[i + 1]);
    for (int i = 1; i <= g->n; i++) g->u[i] = g->v[i];
  }
  double s = 0;
  for (int i = 1; i <= g->n; i++) s += g->u[i];
  printf("%.9g\\n", s);
  free(g->u); free(g->v); free(g);
  return 0;
}
"""


@pytest.mark.parametrize("by_value", [False, True])
def test_memory_of_a_list_is_divided(by_value: bool, executables: Path) -> None:
    relaxed = RELAXED.replace(" free(g);", "").replace("g->", "g.").replace("*g", "g") if by_value else RELAXED
    code = HEAD + GRID.partition("static")[0] + (BY_VALUE if by_value else BY_POINTER) + relaxed
    text = translate(Source.from_str("p.c", code)).source.shown
    assert "MPI_Sendrecv(&g" in text
    assert_alike(code, text, executables, ranks=(1, 3, 4))
