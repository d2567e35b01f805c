"""Rows that every rank reads: broadcast by their owner, as far out as nothing changes."""

from __future__ import annotations

from dataclasses import replace

from deciding import array, exchanged, facts_of, loop_at, plan_of

from chatmpi.plan.decide import Wishes, decide
from chatmpi.plan.plan import Communication, Plan
from chatmpi.verify.prove import prove

ELIMINATION = """
double a[N][N];
for (int i = 0; i < N; i++) for (int j = 0; j < N; j++) a[i][j] = i == j ? N + 1.0 : 1.0/(1 + i + j);
for (int k = 0; k < N; k++)
  for (int i = k + 1; i < N; i++) {
    a[i][k] /= a[k][k];
    for (int j = k + 1; j < N; j++) a[i][j] -= a[i][k]*a[k][j];
  }
"""


def _rows(plan: Plan) -> list[Communication]:
    return [c for c in plan.communications if c.kind == "row_broadcast"]


def test_elimination_broadcasts_the_pivot_row_before_the_rows_below_it() -> None:
    plan = plan_of(ELIMINATION)
    (row,) = _rows(plan)
    assert (row.subject, row.element, row.words) == ("a", "k", "N")
    assert row.start.statement == loop_at(plan, "i", 1).place.statement
    assert loop_at(plan, "i", 1).treatment == "distributed"
    assert array(plan, "a").partition == "row"


def test_a_row_that_never_changes_is_broadcast_once_before_all_loops() -> None:
    plan = plan_of(
        "double a[N][N], b[N][N];\n"
        "for (int i = 0; i < N; i++) for (int j = 0; j < N; j++) { a[i][j] = i + j; b[i][j] = 0; }\n"
        "for (int t = 0; t < 9; t++)\n"
        "  for (int i = 0; i < N; i++) for (int j = 0; j < N; j++) b[i][j] += a[i][j]*a[3][j];\n"
    )
    (row,) = _rows(plan)
    assert row.start.statement == loop_at(plan, "t").place.statement
    assert row.times == "once"


def test_a_row_that_the_loop_itself_writes_is_broadcast_anew() -> None:
    plan = plan_of(
        "double a[N][N];\n"
        "for (int i = 0; i < N; i++) for (int j = 0; j < N; j++) a[i][j] = i + j;\n"
        "for (int i = 0; i < N; i++) for (int j = 0; j < N; j++) a[i][j] += a[3][j];\n"
    )
    assert [(c.element, c.operation) for c in _rows(plan)] == [("3", "TURNING")]
    assert loop_at(plan, "i", 1).split == "3"


def test_an_exchange_of_two_rows_takes_two_broadcasts() -> None:
    plan = plan_of(
        "double a[N][N], t; int p = N/2;\n"
        "for (int i = 0; i < N; i++) for (int j = 0; j < N; j++) a[i][j] = i + j;\n"
        "for (int k = 0; k < N; k++) {\n"
        "  for (int j = 0; j < N; j++) { t = a[k][j]; a[k][j] = a[p][j]; a[p][j] = t; }\n"
        "  for (int i = 0; i < N; i++) for (int j = 0; j < N; j++) a[i][j] = sin(a[i][j]);\n"
        "}\n"
    )
    assert sorted(c.element for c in _rows(plan)) == ["(N / 2)", "k"]


def test_a_broadcast_that_comes_too_early_is_refuted() -> None:
    plan = plan_of(ELIMINATION)
    outer = loop_at(plan, "k").place
    early = tuple(
        replace(c, start=outer, finish=outer) if c.kind == "row_broadcast" else c for c in plan.communications
    )
    facts = facts_of(ELIMINATION)
    assert prove(facts, plan)[1] == ()
    assert prove(facts, replace(plan, communications=early))[1]


def test_plain_plans_have_no_copies() -> None:
    plan = decide(facts_of(ELIMINATION), Wishes(plain=True))
    assert "row_broadcast" not in " ".join(exchanged(plan))


SHORTEST = """
int d[N][N];
for (int i = 0; i < N; i++) for (int j = 0; j < N; j++) d[i][j] = (i*7 + j*5)%11;
for (int k = 0; k < N; k++)
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) if (d[i][k] + d[k][j] < d[i][j]) d[i][j] = d[i][k] + d[k][j];
"""


def test_a_loop_is_split_where_an_iteration_changes_the_row_that_all_read() -> None:
    plan = plan_of(SHORTEST)
    assert loop_at(plan, "i", 1).split == "k"
    assert loop_at(plan, "i", 1).treatment == "distributed"
    assert [(c.element, c.operation) for c in _rows(plan)] == [("k", "TURNING")]


def test_a_loop_that_reads_two_changing_rows_is_not_split() -> None:
    plan = plan_of(SHORTEST.replace("d[k][j]", "(d[k][j] + d[(k + 1)%N][j])"))
    assert all(not x.split for x in plan.loops)


def test_a_split_that_is_left_out_is_refuted() -> None:
    plan, facts = plan_of(SHORTEST), facts_of(SHORTEST)
    assert prove(facts, plan)[1] == ()
    whole = replace(plan, loops=tuple(replace(x, split="") for x in plan.loops))
    once = replace(plan, communications=tuple(replace(c, operation="") for c in plan.communications))
    assert prove(facts, whole)[1]
    assert prove(facts, once)[1]


def test_a_column_that_every_rank_reads_is_gathered() -> None:
    plan = plan_of(
        "double a[N][N];\n"
        "for (int i = 0; i < N; i++) for (int j = 0; j < N; j++) a[i][j] = i + j;\n"
        "for (int k = 0; k < N; k++)\n"
        "  for (int i = k + 1; i < N; i++) for (int j = k + 1; j <= i; j++) a[i][j] -= a[i][k]*a[j][k];\n"
    )
    gathered = [c for c in plan.communications if c.kind == "column_gather"]
    assert [(c.subject, c.element, c.words) for c in gathered] == [("a", "k", "N")]


def test_what_lies_beyond_the_array_is_not_read_before_a_loop_that_may_be_empty() -> None:
    plan = plan_of(
        "double a[N][N];\n"
        "for (int i = 0; i < N; i++) for (int j = 0; j < N; j++) a[i][j] = i + j;\n"
        "for (int k = 0; k < N; k++)\n"
        "  for (int i = k + 1; i < N; i++) for (int j = 0; j < N; j++) a[i][j] += a[k][k+1];\n"
    )
    assert [c.kind for c in plan.communications if c.subject == "a"] == ["row_broadcast"]
