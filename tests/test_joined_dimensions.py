"""Loops over all cells of a grid whose cells have several words: `cell[k].f[q]`, with k through rows and columns."""

from __future__ import annotations

import pytest
from deciding import HEAD, array, exchanged, facts_of, loop_at, plan_of

from chatmpi.analysis.source import Source
from chatmpi.plan.plan import Halo
from chatmpi.translate import check_candidate, translate

CELLS = """#define Q 5
static const int turned[Q] = {0, 2, 1, 4, 3};
int main(int argc, char **argv) {
    int n = atoi(argv[1]), m = atoi(argv[2]); double s = 0;
    double *u = malloc(n * m * Q * sizeof *u), *v = malloc(n * m * Q * sizeof *v);
    for (int i = 0; i < n; i++) for (int j = 0; j < m; j++) for (int q = 0; q < Q; q++)
        u[(i*m + j)*Q + q] = (i*3 + j + q) % 7;
    for (int t = 0; t < 9; t++) {
        for (int k = 0; k < n*m; k++) {
            double old[Q];
            for (int q = 0; q < Q; q++) old[q] = u[k*Q + turned[q]];
            for (int q = 0; q < Q; q++) u[k*Q + q] = 0.5*old[q];
        }
        for (int i = 1; i < n - 1; i++) for (int j = 0; j < m; j++) for (int q = 0; q < Q; q++)
            v[(i*m + j)*Q + q] = u[((i - 1)*m + j)*Q + q] + u[((i + 1)*m + j)*Q + q];
        for (int i = 1; i < n - 1; i++) for (int j = 0; j < m; j++) for (int q = 0; q < Q; q++)
            u[(i*m + j)*Q + q] = v[(i*m + j)*Q + q];
    }
    for (int k = 0; k < n*m; k++) s += u[k*Q + 3];
    printf("%g\\n", s);
    free(u); free(v);
    return 0;
}
"""


def test_cells_are_divided_by_the_rows_of_the_grid() -> None:
    plan = plan_of(HEAD + CELLS)
    assert [d.extent for d in array(plan, "u").dimensions] == ["n", "m", "Q"]
    assert array(plan, "u").halo == Halo(1, 1)
    assert [(loop_at(plan, "k", i).partition, loop_at(plan, "k", i).scale) for i in (0, 1)] == [("row", "m")] * 2
    assert exchanged(plan) == ["halo u", "reduce s"]


@pytest.mark.parametrize(
    "apart",
    [
        ("u[k*Q + q] = 0.5*old[q]", "u[k*Q + q + 1] = 0.5*old[q]"),  # the last word lies in the next cell
        ("u[k*Q + q] = 0.5*old[q]", "u[k*2 + q] = 0.5*old[q]"),
        ("old[q] = u[k*Q + turned[q]]", "old[q] = u[k*Q + turned[q] + m]"),
    ],
)
def test_iterations_that_reach_into_other_cells_depend_on_each_other(apart: tuple[str, str]) -> None:
    facts = facts_of(HEAD + CELLS.replace(*apart))
    over_cells = [f for i, f in facts.loop_facts.items() if (c := facts.loops[i].canonical) and c.variable.name == "k"]
    assert [f.is_parallel for f in over_cells] == [False, True]


def test_a_candidate_that_starts_at_another_cell_is_refuted() -> None:
    done = translate(Source.from_str("cells.c", HEAD + CELLS))
    assert done.verdict.word == "PROVED"
    text = done.source.shown
    assert "u[k*Q + turned[q]]" in text
    changed = text.replace("row_begin*m)", "row_begin*m + 1)")
    assert changed != text
    assert not check_candidate(done, Source.from_str("cells.c", changed)).accepted
