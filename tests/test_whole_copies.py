"""Whole copies of arrays whose rows are dealt in turn, or in blocks of equal work."""

from __future__ import annotations

from pathlib import Path

from alike import assert_alike
from deciding import facts_of

from chatmpi.generate.from_template import generate
from chatmpi.plan.decide import decide
from chatmpi.plan.whole import wholes_of
from chatmpi.verify.prove import prove

ELIMINATION = """
static double a[N][N], b[N]; int i, j, k; double s = 0;
for (i = 0; i < N; i++) { b[i] = i % 5; for (j = 0; j < N; j++) a[i][j] = i == j ? N : 1.0 / (1 + i + j); }
for (k = 0; k < N; k++)
  for (i = k + 1; i < N; i++) {
    double f = a[i][k] / a[k][k];
    for (j = k; j < N; j++) a[i][j] -= f * a[k][j];
    b[i] -= f * b[k];
  }
for (i = N - 1; i >= 0; i--) {
  for (j = i + 1; j < N; j++) b[i] -= a[i][j] * b[j];
  b[i] /= a[i][i];
}
for (i = 0; i < N; i++) s += b[i] * (i % 3);
printf("%.12g\\n", s);
"""

TRIANGLE = """
static double l[N][N], c[N][N], x[N];
double s = 0; int i, j, k;
for (i = 0; i < N; i++) { x[i] = i % 7; for (j = 0; j < N; j++) l[i][j] = c[i][j] = 0; }
for (i = 0; i < N; i++) for (j = 0; j <= i; j++) for (k = 0; k < N; k++) l[i][j] += sin(i - j + k)*x[k];
for (i = 0; i < N; i++) for (j = 0; j <= i; j++) for (k = 0; k < N; k++) c[i][j] += l[i][k]*l[j][k];
for (i = 0; i < N; i++) for (j = 0; j <= i; j++) l[i][j] += c[i][j];
for (i = 0; i < N; i++) for (j = 0; j <= i; j++) s += l[i][j]*x[j];
printf("%.12g\\n", s);
"""


def assert_gathered(code: str, kind: str, executables: Path) -> None:
    facts = facts_of(code)
    plan = decide(facts)
    (whole,) = wholes_of(plan, facts)
    (partition,) = {a.partition for a in plan.arrays if a.uid == whole.array.uid}
    assert partition is not None
    assert plan.partition(partition).kind == kind
    assert prove(facts, plan)[1] == ()
    assert_alike(facts.program.source.shown, generate(facts, plan).shown, executables, ranks=(1, 3, 5))


def test_rows_dealt_in_turn_are_put_together(executables: Path) -> None:
    assert_gathered(ELIMINATION, "cyclic", executables)


def test_blocks_of_equal_work_are_put_together(executables: Path) -> None:
    assert_gathered(TRIANGLE, "balanced", executables)


USED_PART = """
static double u[4000], w[4000], v[3][4000]; int n = argc > 1 ? atoi(argv[1]) : 23; double s = 0;
for (int i = 0; i < n; i++) u[i] = w[i] = i % 7;
for (int k = 0; k < 3; k++) {
  for (int t = 0; t < 40; t++) {
    for (int i = 2; i < n - 2; i++) u[i] = sin(w[i - 2]) * w[i + 2];
    for (int i = 0; i < n; i++) w[i] = sin(u[i]);
  }
  for (int i = 0; i < n; i++) v[k][i] = w[i];
}
for (int k = 0; k < 3; k++) for (int i = 0; i < n; i++) s += v[k][i] * (k + i % 3);
printf("%.12g\\n", s);
"""


def test_blocks_with_halos_of_the_used_part_are_put_together(executables: Path) -> None:
    assert_gathered(USED_PART, "block", executables)
