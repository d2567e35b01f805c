"""Variables that iterations only set: the last iteration that does decides what is used after the loop."""

from __future__ import annotations

from dataclasses import replace

import pytest
from deciding import facts_of, loop_of

from chatmpi.analysis.source import Source
from chatmpi.plan.decide import Wishes, decide
from chatmpi.plan.serialize import plan_from_json, plan_to_json
from chatmpi.translate import translate
from chatmpi.verify.prove import prove

HEAD = "double a[N], b[N], s = 0; int i, j = 0, k = -1, f = 0, n = argc;\n"
AFTER = '\nprintf("%g %d %d %d", s, j, k, f);'


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("if (a[i] > 0) k = i;", ["k"]),
        ("if (a[i] > 0) { k = i; s = a[i]; }", ["k, s"]),
        ("s = a[i]; if (s > 0) k = i;", ["s", "k"]),
        ("if (a[i] > 0) k = i; else if (b[i] > 0) k = 2 * i;", ["k"]),
        ("for (j = 0; j < 3; j++) b[i] += j;", ["j"]),
        ("if (a[i] > 0) continue; k = i;", ["k"]),
        # not that: the value of an earlier iteration is looked at, or it may be set without a statement of its own
        ("b[i] = k; k = i;", []),
        ("if (k < 0) k = i;", []),
        ("(void)(a[i] > 0 && (k = i));", []),
        ("if (a[i] > 0) k = i; b[i] = k;", []),
    ],
)
def test_the_last_iteration_decides(body: str, expected: list[str]) -> None:
    found = loop_of(f"{HEAD}for (i = 0; i < n; i++) {{ {body} }}{AFTER}")
    assert sorted(x.names for x in found.lasting) == sorted(expected)
    assert found.is_parallel == bool(expected)


PROGRAM = """#include <stdio.h>
#define N 60
static double a[N], b[N];
int main(void) {
    int i, last = -1, first = -1;
    double value = 0;
    for (i = 0; i < N; i++) a[i] = (i * 7) % 11;
    for (i = 1; i < N; i++) {
        b[i] = a[i] + a[i - 1];
        if (b[i] < 4) { last = i; value = b[i]; }
    }
    printf("%d\\n", i);
    for (i = N - 1; i > 0; i--)
        if (b[i] > 9) first = i;
    printf("%d %g %d %d\\n", last, value, first, i);
    return 0;
}
"""


def test_they_are_agreed_on_behind_the_loop() -> None:
    made = translate(Source.from_str("p.c", PROGRAM)).source.shown
    assert "last_from = rank;" in made
    assert "i = larger(1, N);" in made
    assert "MPI_MIN, MPI_COMM_WORLD);\n    if (first_from < size)" in made


def test_a_plan_that_forgets_one_is_not_proved() -> None:
    facts = facts_of(PROGRAM)
    plan = decide(facts, Wishes())
    assert plan_from_json(plan_to_json(plan)) == plan
    assert not prove(facts, plan)[1]
    without = tuple(c for c in plan.communications if c.kind != "last")
    assert len(without) < len(plan.communications)
    assert "not agreed on" in prove(facts, replace(plan, communications=without))[1][0].message
