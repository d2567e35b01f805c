"""Matrices in one dimension of which some loops pass over every other row."""

from __future__ import annotations

from deciding import array, facts_of

from chatmpi.plan.decide import decide

RESTRICTION = """int n = argc + 30, w = 2*n + 1;
double *fine = malloc(w*w*sizeof *fine), *coarse = malloc((n + 1)*(n + 1)*sizeof *coarse), s = 0;
for (int i = 0; i < w; i++) for (int j = 0; j < w; j++) fine[i*w + j] = i + 2*j;
for (int I = 1; I < n; I++) for (int J = 1; J < n; J++)
  coarse[I*(n + 1) + J] = fine[2*I*w + 2*J] + fine[(2*I - 1)*w + 2*J] + fine[(2*I + 1)*w + 2*J];
for (int I = 1; I < n; I++) for (int J = 1; J < n; J++) s += coarse[I*(n + 1) + J];
printf("%g\\n", s);
"""
PAIRS = """int n = argc + 30, m = 20;
double *a = calloc(2*n*m, sizeof *a), s = 0;
for (int i = 0; i < n; i++) for (int k = 0; k < 2; k++) for (int j = 0; j < m; j++) a[i*2*m + k*m + j] = i + k;
for (int i = 0; i < n; i++) for (int j = 0; j < m; j++) s += a[i*2*m + j];
printf("%g\\n", s);
"""


def strides(code: str, name: str) -> list[str]:
    facts = facts_of(code)
    return [p.text() for s, shape in facts.shapes.items() if s.name == name for p in shape.strides]


def test_rows_are_those_that_all_loops_know() -> None:
    assert strides(RESTRICTION, "fine") == ["2*argc + 61", "1"]
    plan = decide(facts_of(RESTRICTION))
    assert array(plan, "coarse").partition is not None
    assert all(loop.treatment == "distributed" for loop in plan.loops if loop.variable in {"i", "I"})


def test_two_rows_that_belong_together_stay_so() -> None:
    assert strides(PAIRS, "a") == ["2*m", "m", "1"]
