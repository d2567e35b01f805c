"""Rows dealt in turn where the rows that are worked on become fewer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from deciding import HEAD, facts_of, plan_of

from chatmpi.analysis.source import Source
from chatmpi.plan.plan import Halo, Plan
from chatmpi.translate import translate
from chatmpi.verify.prove import prove

START = (
    "double a[N][N];\n"
    "for (int i = 0; i < N; i++) for (int j = 0; j < N; j++) a[i][j] = i == j ? N + 1.0 : 1.0/(1 + i + j);\n"
)
ELIMINATION = START + (
    "for (int k = 0; k < N; k++)\n"
    "  for (int i = k + 1; i < N; i++) {\n"
    "    a[i][k] /= a[k][k];\n"
    "    for (int j = k + 1; j < N; j++) a[i][j] -= a[i][k]*a[k][j];\n"
    "  }\n"
)


def _kinds(plan: Plan) -> list[str]:
    return [p.kind for p in plan.partitions]


def test_the_rows_of_an_elimination_are_dealt_in_turn() -> None:
    assert _kinds(plan_of(ELIMINATION)) == ["cyclic"]


def test_rows_that_stay_in_work_are_dealt_in_blocks() -> None:
    jordan = ELIMINATION.replace("int i = k + 1; i < N; i++", "int i = 0; i < N; i++").replace(
        "{\n", "if (i != k) {\n", 1
    )
    assert "row_broadcast" in [c.kind for c in plan_of(jordan).communications]
    assert _kinds(plan_of(jordan)) == ["block"]


def test_rows_whose_neighbours_are_read_are_dealt_in_blocks() -> None:
    smooth = "for (int i = 1; i < N; i++) for (int j = 0; j < N; j++) b[i][j] = a[i][j] - a[i-1][j];\n"
    plan = plan_of("double b[N][N];\n" + ELIMINATION + smooth)
    assert plan.partitions[0].halo == Halo(1, 0)
    assert "cyclic" not in _kinds(plan)


def test_a_plan_that_deals_rows_with_halos_in_turn_is_refuted() -> None:
    program = (
        "double a[N], b[N]; for (int i = 0; i < N; i++) a[i] = i;\n"
        "for (int k = 0; k < N; k++) for (int i = 1; i < N; i++) b[i] = a[i-1] + k;\n"
    )
    plan, facts = plan_of(program), facts_of(program)
    assert prove(facts, plan)[1] == ()
    dealt = replace(plan, partitions=tuple(replace(p, kind="cyclic") for p in plan.partitions))
    assert any("dealt in turn" in w.message for w in prove(facts, dealt)[1])


def test_the_first_pivot_is_known_by_its_row() -> None:
    search = (
        "int p = k; double big = fabs(a[k][k]);\n"
        "for (int i = k + 1; i < N; i++) if (fabs(a[i][k]) > big) { big = fabs(a[i][k]); p = i; }\n"
        'printf("%d\\n", p);\n'
    )
    program = ELIMINATION.replace("k++)\n", "k++) {\n" + search, 1) + "}\n"
    plan, facts = plan_of(program), facts_of(program)
    assert _kinds(plan) == ["cyclic"]
    assert "locate" in [c.kind for c in plan.communications]
    assert prove(facts, plan)[1] == ()


def test_the_last_pivot_needs_blocks() -> None:
    search = (
        "int p = k; double big = fabs(a[k][k]);\n"
        "for (int i = k + 1; i < N; i++) if (fabs(a[i][k]) >= big) { big = fabs(a[i][k]); p = i; }\n"
        'printf("%d\\n", p);\n'
    )
    program = ELIMINATION.replace("k++)\n", "k++) {\n" + search, 1) + "}\n"
    plan, facts = plan_of(program), facts_of(program)
    assert "cyclic" not in _kinds(plan)
    dealt = replace(plan, partitions=tuple(replace(p, kind="cyclic", work=()) for p in plan.partitions))
    assert prove(facts, dealt)[1]


def test_rows_that_are_printed_may_be_dealt_in_turn() -> None:
    show = 'for (int i = 0; i < N; i++) { for (int j = 0; j < N; j++) printf("%g ", a[i][j]); printf("\\n"); }\n'
    program = ELIMINATION + show
    assert _kinds(plan_of(program)) == ["cyclic"]
    assert not prove(facts_of(program), plan_of(program))[1]
    differences = show.replace("a[i][j]);", "a[i][j] - a[N - 1 - i][j]);", 1)  # rows that do not follow i
    assert "cyclic" not in _kinds(plan_of(ELIMINATION + differences))


def test_rows_dealt_in_turn_are_gathered_whole() -> None:
    program = (Path(__file__).parent / "owner_broadcast" / "gauss_printed.c").read_text()
    plan = plan_of(program)
    assert _kinds(plan) == ["cyclic"]
    assert ("allgather", "before") in [(c.kind, c.when) for c in plan.communications]
    assert not prove(facts_of(program), plan)[1]


def test_the_column_that_a_loop_is_at_is_one_of_the_arrays() -> None:
    """There is room for N columns, and nobody knows that n is not more; but where it is, the loop leaves the array."""
    plan = plan_of(
        "static double a[N][N]; int n = atoi(argv[1]), i, j, k; double s, t = 0;\n"
        "for (i = 0; i < n; i++) for (j = 0; j < n; j++) a[i][j] = i == j ? n : 1.0/(1 + i + j);\n"
        "for (j = 0; j < n; j++) for (i = j; i < n; i++) {\n"
        "  s = a[i][j]; for (k = 0; k < j; k++) s -= a[i][k]*a[k][j]; a[i][j] = s; }\n"
        'for (i = 0; i < n; i++) t += a[i][i]; printf("%g", t);'
    )
    assert _kinds(plan) == ["cyclic"]
    assert "column_gather" in [c.kind for c in plan.communications]


def test_an_iteration_may_write_what_it_has_read_of_a_broadcast_row() -> None:
    mirror = START + "for (int i = 0; i < N; i++) for (int j = i; j < N; j++) a[j][i] = a[i][j];\n"
    plan = plan_of(mirror + 'double t = 0; for (int i = 0; i < N; i++) t += a[i][0]; printf("%g", t);')
    assert [x.treatment for x in plan.loops if x.variable == "j"][-1] == "distributed"


COPIED = f"""{HEAD}#include <string.h>
int main(int argc, char **argv) {{
    int n = atoi(argv[1]);
    double *a = malloc((size_t)n * n * sizeof *a), *lu = malloc((size_t)n * n * sizeof *lu);
    double *b = malloc(n * sizeof *b), *x = malloc(n * sizeof *x), worst = 0;
    for (int i = 0; i < n; i++) {{
        b[i] = sin(i);
        for (int j = 0; j < n; j++) a[i * n + j] = 1.0 / (1 + abs(i - j)) + (i == j ? n : 0);
    }}
    memcpy(lu, a, (size_t)n * n * sizeof *a);
    memcpy(x, b, n * sizeof *b);
    for (int k = 0; k < n; k++)
        for (int i = k + 1; i < n; i++) {{
            double f = lu[i * n + k] / lu[k * n + k];
            for (int j = k; j < n; j++) lu[i * n + j] -= f * lu[k * n + j];
            x[i] -= f * x[k];
        }}
    for (int i = 0; i < n; i++) worst += fabs(x[i]) + lu[i * n + i] - a[i * n + i] + b[i * i % n];
    for (int w = 0; w < n * n; w++) worst += lu[w] * 1e-3;
    printf("%.9f\\n", worst);
    free(a); free(lu); free(b); free(x);
}}
"""


def test_matrices_that_are_copied_before_they_are_factorised_are_dealt_in_turn() -> None:
    done = translate(Source.from_str("lu.c", COPIED))
    assert [p.kind for p in done.plan.partitions] == ["cyclic"]
    assert "memcpy(lu, a, (size_t)rows*n * sizeof *a);" in done.source.text
    assert "for (int r = 0; r < rows; r++) x[r] = b[r * size + rank];" in done.source.text
    assert "for (int w = 0; w < rows*n; w++) worst += lu[w] * 1e-3;" in done.source.text
    assert done.verdict.accepted
