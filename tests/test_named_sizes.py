"""Sizes that main writes as numbers in calls get names, and helper functions say them in names of their own."""

from __future__ import annotations

import pytest
from deciding import HEAD

from chatmpi.analysis.calls.specialise import read_program
from chatmpi.analysis.facts import analyze
from chatmpi.analysis.parse import parse
from chatmpi.analysis.restyle.named_sizes import named_sizes
from chatmpi.analysis.source import Source, edited
from chatmpi.generate.from_template import generate
from chatmpi.plan.decide import decide

GRID = """
typedef struct { int nx, ny; double *u, *v; } Grid;
static double *room(int n) { double *p = calloc(n, sizeof *p); if (!p) exit(1); return p; }
static void grid_init(Grid *g, int nx, int ny) { g->nx = nx; g->ny = ny; g->u = room(nx*ny); g->v = room(nx*ny); }
static void step(Grid *g, int times) {
  for (int t = 0; t < times; t++) {
    for (int i = 1; i < g->nx - 1; i++)
      for (int j = 0; j < g->ny; j++)
        g->v[i*g->ny + j] = g->u[(i - 1)*g->ny + j] + g->u[(i + 1)*g->ny + j];
    for (int i = 1; i < g->nx - 1; i++) for (int j = 0; j < g->ny; j++) g->u[i*g->ny + j] = g->v[i*g->ny + j];
  }
}
int main(void) {
  Grid g;
  grid_init(&g, 200, 170);
  step(&g, 50);
  OTHER
  printf("%g\\n", g.u[5]);
}
"""


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ("", "const int nx = 200;\n  const int ny = 170;\n  grid_init(&g, nx, ny);\n  step(&g, 50);"),
        ("for (int k = 0; k < 170; k++) g.u[k] = 0;", "const int nx = 200;\n  grid_init(&g, nx, 170);"),
        ("int nx = 3; g.u[nx] = 1;", "const int nx2 = 200;\n  const int ny = 170;\n  grid_init(&g, nx2, ny);"),
    ],
)
def test_numbers_that_are_sizes_get_names(other: str, expected: str) -> None:
    program = parse(Source.from_str("grid.c", HEAD + GRID.replace("OTHER", other)))
    assert expected in edited(program.source, named_sizes(program)).shown


def test_helper_functions_say_sizes_in_their_own_words() -> None:
    facts = analyze(read_program(Source.from_str("grid.c", HEAD + GRID.replace("OTHER", ""))))
    assert facts is not None
    text = generate(facts, decide(facts)).text
    assert "MPI_Sendrecv(&g->u[1*g->ny], g->ny, MPI_DOUBLE" in text
    assert "g->u = room((rows + 2)*ny)" in text
