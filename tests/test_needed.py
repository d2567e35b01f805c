"""What makes a communication necessary, as sets of elements; what families loops belong to; what stops loops."""

import re

import deciding
import pytest

from chatmpi.plan.plan import LoopPlan, Plan

HEAT = """
static double u[N][N], v[N][N];
int main(void) {
  for (int t = 0; t < 9; t++) {
    for (int i = 1; i < N - 1; i++) for (int j = 1; j < N - 1; j++)
      v[i][j] = u[i - 1][j] + u[i + 1][j] + u[i][j - 1] + u[i][j + 1];
    for (int i = 0; i < N; i++) for (int j = 0; j < N; j++) u[i][j] = v[i][j];
  }
  printf("%g", u[3][4]);
}"""
BELOW = """
static double w[N];
int main(void) {
  double s = 0.0;
  for (int t = 0; t < 9; t++) {
    for (int i = 2; i < N; i++) s += w[i - 1] - w[i - 2];
    for (int i = 0; i < N; i++) w[i] = s + i;
  }
  printf("%g", s);
}"""
LU = """
static double a[N][N];
int main(void) {
  for (int i = 0; i < N; i++) for (int j = 0; j < N; j++) a[i][j] = i == j ? N : 1.0 / (1 + i + j);
  for (int k = 0; k < N - 1; k++)
    for (int i = k + 1; i < N; i++) {
      a[i][k] /= a[k][k];
      for (int j = k + 1; j < N; j++) a[i][j] -= a[i][k] * a[k][j];
    }
  printf("%g", a[N - 1][N - 1]);
}"""
GEMV = """
static double a[N][N], x[N], y[N];
int main(void) {
  for (int i = 0; i < N; i++) { x[i] = i; for (int j = 0; j < N; j++) a[i][j] = i - j; }
  for (int t = 0; t < 9; t++) {
    for (int i = 0; i < N; i++) { double s = 0; for (int j = 0; j < N; j++) s += a[i][j] * x[j]; y[i] = s; }
    for (int i = 0; i < N; i++) x[i] = 0.5 * y[i];
  }
  printf("%g", x[0]);
}"""
RED_BLACK = """
static double u[N][N];
int main(void) {
  for (int t = 0; t < 9; t++)
    for (int c = 0; c < 2; c++)
      for (int i = 1; i < N - 1; i++) for (int j = 1; j < N - 1; j++)
        if ((i + j) % 2 == c) u[i][j] = u[i - 1][j] + u[i + 1][j];
  printf("%g", u[3][4]);
}"""
SCATTER = """
static double y[N], x[N]; static int row[40 * N];
int main(void) {
  for (int k = 0; k < N; k++) { x[k] = k; for (int e = 0; e < 40; e++) row[40 * k + e] = (k + e) % N; }
  for (int k = 0; k < N; k++) for (int e = 0; e < 40; e++) y[row[40 * k + e]] += x[k];
  printf("%g", y[0]);
}"""


def plan_of(code: str) -> Plan:
    return deciding.plan_of(deciding.HEAD + code)


def elements_of(plan: Plan, subject: str) -> set[str]:
    return {e for c in plan.communications if c.subject == subject for e in c.elements}


@pytest.mark.parametrize(
    ("program", "subject", "expected"),
    [
        (HEAT, "u", {"u[row_begin - 1][1..N-2]", "u[row_end][1..N-2]", "u[3][4]"}),
        (BELOW, "w", {"w[my_begin - 1]"}),
        (LU, "a", {"a[k][k..N-1]", "a[N - 1][N - 1]"}),
        (RED_BLACK, "u", {"part of u[row_begin - 1][1..N-2]", "part of u[row_end][1..N-2]"}),
        (GEMV, "x", {"x[0..row_begin-1]", "x[row_end..N-1]"}),
        (SCATTER, "y", {"y[0..N-1]"}),
    ],
)
def test_communication_names_the_elements(program: str, subject: str, expected: set[str]) -> None:
    found = elements_of(plan_of(program), subject)
    assert expected <= found


def loops_by_line(plan: Plan) -> list[LoopPlan]:
    return sorted(plan.loops, key=lambda x: x.place.line)


@pytest.mark.parametrize(
    ("program", "families"),
    [
        (HEAT, ["iterative, composite", "2-D stencil, 4 points", "embarrassingly parallel"]),
        (BELOW, ["iterative, composite", "1-D stencil, 2 points, with reduction", "BLAS 1, vector parallel"]),
        (GEMV, ["embarrassingly parallel", "iterative, composite", "BLAS 2, row blocks", "BLAS 1, vector parallel"]),
        (SCATTER, ["embarrassingly parallel", "sparse, CSC or COO: accumulation"]),
    ],
)
def test_loops_are_named_by_their_workload(program: str, families: list[str]) -> None:
    assert [x.family for x in loops_by_line(plan_of(program))] == families


def test_names_do_not_decide() -> None:
    other = re.sub(r"\b[uv]\b", lambda m: {"u": "x", "v": "matrix"}[m[0]], HEAT)
    assert [x.family for x in plan_of(other).loops] == [x.family for x in plan_of(HEAT).loops]


def test_all_that_stops_a_loop_is_told_with_two_iterations_each() -> None:
    plan = plan_of("""
        static double a[N], b[N];
        int main(void) {
          double last = 0.0;
          for (int i = 1; i < N; i++) {
            a[i] = a[i - 1] + b[i] * last;
            b[i] = b[i - 1] * 2.0;
            last = last / (1.0 + a[i]) + b[i];
          }
          printf("%g %g", a[N - 1], last);
        }""")
    loop = plan.loops[0]
    assert loop.dependence is not None
    told = (loop.dependence, *loop.others)
    assert {d.variable for d in told} == {"a", "b", "last"}
    assert all((d.source, d.target) == ("i = 1", "i = 2") for d in told)
