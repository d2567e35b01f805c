"""Loops over columns of arrays that every rank holds: each rank computes its own columns, then they are gathered."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from alike import assert_alike
from deciding import HEAD, array, facts_of, plan_of

from chatmpi.generate.from_template import generate
from chatmpi.plan.decide import Wishes, decide
from chatmpi.verify.prove import prove

START = (
    "static double A[N][N], B[N][N]; double *c = calloc(N*M, sizeof *c), x[N]; static double T[4][N][3]; int i, j, k;\n"
    "for (i = 0; i < N; i++) { x[i] = 1 + i % 3; for (j = 0; j < N; j++) {\n"
    "A[i][j] = (i + j) % 9 + N*(i == j); B[i][j] = (2*i + 3*j) % 7; } }\n"
    "for (i = 0; i < N; i++) for (j = 0; j < M; j++) c[i*M + j] = (i*j) % 5;\n"
    "for (k = 0; k < 4; k++) for (j = 0; j < N; j++) for (i = 0; i < 3; i++) T[k][j][i] = k + i*j;\n"
)
SHOW = (
    "double s = 0; for (i = 0; i < N; i++) for (j = 0; j < M; j++) s += B[i][j]*(i + 2*j) + c[i*M + j]*(i + 3*j);\n"
    "for (k = 0; k < 4; k++) for (j = 0; j < N; j++) for (i = 0; i < 3; i++) s += T[k][j][i]*(k + j + i);\n"
    'printf("%.12g\\n", s);'
)
SOLVE = "double t = B[i][j]; for (k = 0; k < i; k++) t -= A[i][k]*B[k][j]; B[i][j] = t/A[i][i];"
LOOPS = {  # the loop over columns, and the loop after which they are gathered
    "columns outside": (f"for (j = 0; j < N; j++) for (i = 0; i < N; i++) {{ {SOLVE} }}", "j", "j"),
    "columns inside": (f"for (i = 0; i < N; i++) for (j = 0; j < N; j++) {{ {SOLVE} }}", "j", "i"),
    "some columns": (f"for (i = 0; i < N; i++) for (j = 2; j <= N - 3; j++) {{ {SOLVE} }}", "j", "i"),
    "linearised": (
        "for (i = 1; i < N; i++) for (j = M - 1; j >= 0; j--)\n"
        "for (k = 0; k < i; k++) c[i*M + j] += 0.1*c[k*M + j]*x[k];",
        "j",
        "i",
    ),
    "columns of one row, and its neighbours' before": (
        "for (i = 1; i < N; i++) for (j = 1; j < N - 1; j++) {\n"
        "for (k = 0; k < N; k++) B[i][j] += 0.01*A[i][k]*(B[i - 1][j - 1] + x[k]*B[i - 1][j + 1]); }",
        "j",
        "j",
    ),
    "three dimensions": (
        "for (k = 1; k < 4; k++) for (j = 0; j < N; j++) for (i = 0; i < 3; i++)\n"
        "for (int m = 0; m < N; m++) T[k][j][i] += 0.1*T[k - 1][j][2 - i]*x[m];",
        "j",
        "k",
    ),
    "as long as they change": (
        "double most = 1; while (most > 1e-3) { most *= 0.25;\n"
        "for (j = 1; j < N; j++) for (i = 1; i < N; i++)\n"
        "for (k = 0; k < N; k++) B[i][j - 1] += most*B[i - 1][j - 1]*x[k]; }",
        "j",
        "",
    ),
}


@pytest.mark.parametrize("name", LOOPS)
def test_they_are_gathered_when_all_is_done(name: str, executables: Path) -> None:
    code, over, gathered = LOOPS[name]
    facts = facts_of(START + "int begins = 0; for (begins = 0; begins < 3; begins++) x[begins] = 2;\n" + code + SHOW)
    plan = decide(facts)
    behind = next(x.place for x in plan.loops if x.variable == "begins").statement
    loops = [x for x in plan.loops if x.place.statement > behind]
    columns = next(x for x in loops if x.variable == over)
    assert columns.treatment == "distributed"
    gathers = [c for c in plan.communications if c.kind == "allgather" and c.when == "after"]
    (gather,) = [c for c in gathers if c.start.statement > behind]
    assert gather.start == next(x for x in loops if x.variable == gathered).place
    assert prove(facts, plan)[1] == ()
    assert_alike(facts.program.source.shown, generate(facts, plan).shown, executables)


def test_a_plain_plan_leaves_them_whole() -> None:
    facts = facts_of(START + LOOPS["columns inside"][0] + SHOW)
    assert array(decide(facts), "B").partition is None
    plain = decide(facts, Wishes(plain=True))
    assert [x.variable for x in plain.loops if x.treatment == "distributed" and x.variable == "j"] == []


LEFT_EARLY = """
static double x[N][M];
static void relax(int steps)
{
    for (int t = 0; t < steps; t++) {
        if (t > 3) return;
        for (int j = 0; j < M; j++)
            for (int i = 1; i < N; i++)
                x[i][j] = 0.5 * x[i - 1][j] + 0.3 * x[i][j] + sin(x[i][j] + t);
    }
}
int main(void) { relax(9); double s = 0; for (int k = 0; k < N; k++) s += x[(k*k) % N][k % M]; printf("%g", s); }
"""


def test_columns_are_not_gathered_where_a_return_passes_by() -> None:
    facts = facts_of(HEAD + LEFT_EARLY)
    plan = decide(facts)
    (gather,) = [c for c in plan.communications if c.kind == "allgather"]
    assert not prove(facts, plan)[1]
    outer = next(i for i, info in facts.loops.items() if info.counted is not None and info.counted.left)
    place = replace(gather.start, statement=outer)
    later = replace(gather, start=place, finish=place)
    communications = tuple(later if c is gather else c for c in plan.communications)
    wrong = prove(facts, replace(plan, communications=communications))[1]
    assert any("a return passes by" in c.message for c in wrong)


def test_counters_that_loops_share_change_no_plan() -> None:
    code = """double *s = malloc(argc * argc * sizeof *s), *b = malloc(argc * M * sizeof *b); int i, j, k, n = argc;
    for (i = 0; i < n * n; i++) s[i] = i % 19;
    for (i = 0; i < n * M; i++) b[i] = i % 7;
    for (j = 0; j < M; j++)
        for (i = n - 1; i >= 0; i--) {
            double t = b[i * M + j];
            for (k = 0; k < i; k++) t += s[i * n + k] * b[k * M + j];
            b[i * M + j] = t;
        }
    printf("%g", b[0]);"""
    own = code.replace("int i, j, k, n", "int n")
    for name in "ijk":
        own = own.replace(f"for ({name} =", f"for (int {name} =")
    apart, shared = plan_of(own), plan_of(code)
    assert [(x.variable, x.treatment) for x in shared.loops] == [(x.variable, x.treatment) for x in apart.loops]
    assert [x.variable for x in shared.loops if x.treatment == "distributed"] == ["j"]
