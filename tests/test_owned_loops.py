"""Loops that the owner of a row runs alone: he is asked for before the loop, not for each of its elements."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from deciding import facts_of, plan_of

from chatmpi.generate.from_template import generate
from chatmpi.plan.decide import Wishes, decide
from chatmpi.plan.plan import GuardPlan
from chatmpi.plan.serialize import plan_from_json, plan_to_json
from chatmpi.verify.prove import prove

ELIMINATE = """static double a[N][N];
int i, j, k; double p, s = 0;
for (i = 0; i < N; i++) for (j = 0; j < N; j++) a[i][j] = i == j ? N : 1.0 / (1 + i + j);
for (k = 0; k < N; k++) {
    p = a[k][k];
    %s
    for (i = 0; i < N; i++) if (i != k) for (j = k + 1; j < N; j++) a[i][j] -= a[i][k] * a[k][j];
}
for (i = 0; i < N; i++) for (j = 0; j < N; j++) s += a[i][j];
printf("%%g", s + %s);
"""


def guards(body: str, used: str = "0") -> tuple[GuardPlan, ...]:
    return plan_of(ELIMINATE % (body, used)).guards


@pytest.mark.parametrize(
    "body",
    [
        "for (j = k + 1; j < N; j++) a[k][j] /= p;",
        "for (j = N - 1; j > k; j--) { double t = j + p; if (j % 2) a[k][j] /= t; }",
        "for (j = k + 1; j < N; j++) a[k][j] -= a[N - 1][j];",  # a row that has been broadcast before
    ],
)
def test_the_owner_is_found_out_before_the_loop(body: str) -> None:
    (guard,) = guards(body)
    assert guard.around is not None
    assert guard.around.statement != guard.place.statement


@pytest.mark.parametrize(
    ("body", "used"),
    [
        ("for (j = k + 1; j < N; j++) { a[k][j] /= p; s += j; }", "0"),  # every rank needs the sum
        ("for (j = k + 1; j < N; j++) a[k][j] /= p;", "j"),  # and here the counter
        ("for (j = k + 1; j < N; j++) { a[k][j] /= p; a[N - 1][j] += p; }", "0"),  # two owners
        ("for (j = k + 1; j < N; j++) a[j][k] /= p + rand();", "0"),
    ],
)
def test_what_is_felt_elsewhere_is_done_by_every_rank(body: str, used: str) -> None:
    assert all(g.around is None for g in guards(body, used))


def test_the_proof_asks_that_the_loop_is_one_owners_matter() -> None:
    facts = facts_of(ELIMINATE % ("for (j = k + 1; j < N; j++) a[k][j] /= p;", "0"))
    plan = decide(facts)
    (guard,) = plan.guards
    assert plan_from_json(plan_to_json(plan)) == plan
    assert prove(facts, plan)[1] == ()
    outer = next(x.place for x in plan.loops if x.variable == "k")
    wrong = prove(facts, replace(plan, guards=(replace(guard, around=outer),)))[1]
    assert any("not the matter of one row's owner" in c.message for c in wrong)


def test_a_plain_plan_asks_for_each_element() -> None:
    facts = facts_of(ELIMINATE % ("for (j = k + 1; j < N; j++) a[k][j] /= p;", "0"))
    plan = decide(facts, Wishes(plain=True))
    assert all(g.around is None for g in plan.guards)


def test_the_test_stands_before_the_loop() -> None:
    facts = facts_of(ELIMINATE % ("for (j = k + 1; j < N; j++) a[k][j] /= p;", "0"))
    text = generate(facts, decide(facts)).text
    asked = r"if \(row_begin <= k && k < row_end\)\n +for \(j = k \+ 1; j < N; j\+\+\) a\[k - row0\]"
    assert re.search(asked, text), text


def test_an_element_is_updated_where_it_lies_though_its_row_is_not_surely_k() -> None:
    code = """int n = atoi(argv[1]), m = atoi(argv[2]); double *a = malloc(n * m * sizeof *a), s = 0;
for (int i = 0; i < n; i++) for (int j = 0; j < m; j++) a[i*m + j] = i + sin(j);
for (int k = 0; k < n; k++) {
    a[k*m + k] -= 0.5;
    for (int i = 0; i < n; i++) for (int j = 0; j < m; j++) a[i*m + j] = sin(a[i*m + j]);
}
for (int i = 0; i < n; i++) for (int j = 0; j < m; j++) s += a[i*m + j];
printf("%g", s);
"""
    facts = facts_of(code)
    plan = decide(facts)
    assert [a.name for a in plan.arrays if a.partition] == ["a"]
    assert not any(c.subject.startswith("a") for c in plan.communications)
    assert "- row0*m] -= 0.5;" in generate(facts, plan).text
