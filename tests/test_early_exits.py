"""Loops that look for something: all ranks leave when one has found it, if further iterations do no harm."""

from __future__ import annotations

from dataclasses import replace

import pytest
from deciding import facts_of, loop_of

from chatmpi.analysis.source import Source
from chatmpi.plan.decide import decide
from chatmpi.translate import translate
from chatmpi.verify.prove import prove

HEAD = "double a[N], b[N], d; int c[N], i, j, k = 0, ok = 1, n = argc;\n"
AFTER = '\nprintf("%d %d", ok, k);'


@pytest.mark.parametrize(
    ("body", "searches"),
    [
        ("if (a[i] != b[i]) { ok = 0; break; }", True),
        ("d = a[i] - b[i]; if (d > 1e-9 || d < -1e-9) { ok = 0; break; }", True),
        ("double e = fabs(a[i]); if (i > 0 && e < a[i - 1]) { ok = -1; k = n; break; }", True),
        # what is found depends on the iteration, or an iteration does more than look
        ("if (a[i] != b[i]) { k = i; break; }", False),
        ("k++; if (a[i] != b[i]) { ok = 0; break; }", False),
        ("b[i] = 1; if (a[i] < 0) { ok = 0; break; }", False),
        ("if (a[i] < 0) { ok = 0; break; } if (b[i] < 0) break;", False),
        ('if (a[i] < 0) { printf("no"); break; }', False),
        # iterations behind the last might read what is not there, divide by zero, or not end
        ("if (a[i + 1] < 0) { ok = 0; break; }", False),
        ("if (c[c[i]] < 0) { ok = 0; break; }", False),
        ("if (100 / c[i] < 2) { ok = 0; break; }", False),
        ("if (c[i] < 0) { ok = 0; break; } while (c[i] > 1) ;", False),
    ],
)
def test_what_may_be_looked_for_apart(body: str, searches: bool) -> None:
    found = loop_of(f"{HEAD}for (i = 0; i < N; i++) {{ {body} }}{AFTER}")
    assert (found.exit is not None) == searches
    assert found.is_parallel == searches


PROGRAM = """#include <stdio.h>
#define N 60
static double a[N][N], b[N][N];
static int same(int n) {
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            if (a[i][j] != b[i][j])
                return 0;
    return 1;
}
int main(void) {
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            a[i][j] = b[i][j] = i * j;
    for (int t = 0; t < 9; t++)
        for (int i = 0; i < N; i++)
            for (int j = 0; j < N; j++)
                a[i][j] += b[i][j] * (t < 4);
    const int alike = same(N);
    printf("%d\\n", alike);
    return 0;
}
"""


def test_all_ranks_leave() -> None:
    made = translate(Source.from_str("p.c", PROGRAM)).source.shown
    assert "&& !found; i++)" in made
    assert "{ found = 1; break; }" in made
    assert "MPI_LOR, MPI_COMM_WORLD);\n    if (found)\n        return 0;\n    return 1;" in made


def test_a_plan_in_which_others_go_on_is_not_proved() -> None:
    facts = facts_of(PROGRAM)
    plan = decide(facts)
    assert not prove(facts, plan)[1]
    without = tuple(c for c in plan.communications if c.kind != "exit")
    assert "others do not learn" in prove(facts, replace(plan, communications=without))[1][0].message
