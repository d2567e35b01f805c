"""Tables of numbers that nothing ever changes: neighbours by their offsets."""

from __future__ import annotations

import pytest
from deciding import HEAD, array, exchanged, facts_of, loop_at, plan_of

from chatmpi.analysis.source import Source
from chatmpi.plan.plan import Halo
from chatmpi.translate import check_candidate, translate

TABLES = {
    "of file scope": ("static const int d[4] = {1, -1};", "", [1, -1, 0, 0]),
    "in rows": ("int d[2][2] = {{0, 3}, {-4, 5}};", "", [0, 3, -4, 5]),
    "of a function": ("", "const long d[3] = {7, 8, 9};", [7, 8, 9]),
    "set elsewhere": ("int d[2] = {1, 2}; void f(void) { d[0] = 3; }", "f();", None),
    "handed to a function": ("int d[2] = {1, 2}; void f(int *e) { e[0] = 3; }", "f(d);", None),
    "reached by a pointer": ("int d[2] = {1, 2};", "int *e = d; e[1] = 4;", None),
    "of sizes": ("const int d[2] = {N, 2};", "", None),
    "of other numbers": ("const double d[2] = {1, 2};", "", None),
    "of unsigned numbers": ("const unsigned d[2] = {1, 2};", "", None),
}


@pytest.mark.parametrize("kind", TABLES)
def test_tables_are_known_where_nothing_changes_them(kind: str) -> None:
    outside, inside, values = TABLES[kind]
    facts = facts_of(f"{HEAD}{outside}\nint main(void) {{ {inside} return (int) sizeof d; }}\n")
    found = [list(t.values) for s, t in facts.naming.tables.items() if s.name == "d"]
    assert found == ([] if values is None else [values])


SPREAD = """static const int di[4] = {1, -1, 0, 0}, dj[4] = {0, 0, 2, -2};
static double u[N][M], w[N][M];
int main(void) {
    double s = 0;
    for (int i = 0; i < N; i++) for (int j = 0; j < M; j++) u[i][j] = i*j % 7;
    for (int t = 0; t < 50; t++) {
        for (int i = 1; i < N - 1; i++) for (int j = 2; j < M - 2; j++) {
            w[i][j] = 0;
            for (int k = 0; k < 4; k++) w[i][j] += u[i + di[k]][j + dj[k]];
        }
        for (int i = 1; i < N - 1; i++) for (int j = 2; j < M - 2; j++) u[i][j] = w[i][j]/4;
    }
    for (int i = 0; i < N; i++) for (int j = 0; j < M; j++) s += u[i][j];
    printf("%g\\n", s);
    return 0;
}
"""


def test_neighbours_told_by_a_table_come_with_a_halo() -> None:
    plan = plan_of(HEAD + SPREAD)
    assert array(plan, "u").halo == Halo(1, 1)
    assert exchanged(plan) == ["halo u", "reduce s"]
    assert "sparse" not in loop_at(plan, "i", 1).family


def test_rows_that_a_table_tells_around_a_ring_come_with_a_halo() -> None:
    ring = SPREAD.replace("u[i + di[k]]", "u[(i + di[k] + N) % N]").replace("int i = 1; i < N - 1", "int i = 0; i < N")
    assert array(plan_of(HEAD + ring), "u").halo == Halo(1, 1)


def test_a_candidate_is_read_with_the_same_tables_only() -> None:
    done = translate(Source.from_str("spread.c", HEAD + SPREAD))
    assert done.verdict.word == "PROVED"
    changed = done.source.shown.replace("{0, 0, 2, -2}", "{0, 0, 2, -1}")
    assert changed != done.source.shown
    assert not check_candidate(done, Source.from_str("spread.c", changed)).accepted
