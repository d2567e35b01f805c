"""Loops that print distributed arrays: rank 0 runs them, on rows that come block by block or all at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from comparing import difference
from deciding import exchanged, facts_of, loop_at, plan_of
from running import SANITISED, compile_c, run_ranks, run_sequential

from chatmpi.generate.from_template import generate
from chatmpi.plan.decide import decide
from chatmpi.plan.plan import Plan
from chatmpi.plan.serialize import plan_from_json, plan_to_json
from chatmpi.plan.wishes import wishes_of
from chatmpi.verify.prove import prove

SWEEPS = """
double *x = malloc(N * sizeof *x); double u[N][M]; int i, j, k, t;
for (i = 0; i < N; i++) x[i] = 0.5 * i;
for (i = 0; i < N; i++) for (j = 0; j < M; j++) u[i][j] = i - j;
for (t = 0; t < 500; t++) {
  for (i = 0; i < N; i++) for (j = 0; j < M; j++) u[i][j] = 0.9 * u[i][j] + x[i];
  for (i = 0; i < N; i++) x[i] += u[i][0];
}
"""
ROWS = 'for (i = 0; i < N; i++) { for (j = 0; j < M; j++) printf("%g ", u[i][j]); printf("\\n"); }'


def test_rows_are_printed_block_by_block() -> None:
    plan = plan_of(SWEEPS + ROWS)
    assert (loop_at(plan, "i", -1).treatment, loop_at(plan, "i", -1).partition) == ("printed", "row")
    assert exchanged(plan) == ["collect u"]
    assert not plan.outputs


def test_columns_are_printed_from_the_whole_array() -> None:
    plan = plan_of(SWEEPS + 'for (j = 0; j < M; j++) for (i = 0; i < N; i++) printf("%g\\n", u[i][j]);')
    assert (loop_at(plan, "j", -1).treatment, loop_at(plan, "j", -1).partition) == ("printed", None)


def test_neighbours_in_one_line_are_printed_from_the_whole_array() -> None:
    plan = plan_of(SWEEPS + 'for (i = 1; i < N; i++) printf("%g\\n", x[i] - x[i - 1]);')
    assert (loop_at(plan, "i", -1).treatment, loop_at(plan, "i", -1).partition) == ("printed", None)


def test_a_count_that_is_only_printed_stays_on_rank_0() -> None:
    code = 'int n = 0; for (i = 0; i < N; i++) if (x[i] > 9) { n++; printf("%d %g\\n", n, x[i]); } printf("%d\\n", n);'
    assert loop_at(plan_of(SWEEPS + code), "i", -1).treatment == "printed"


@pytest.mark.parametrize(
    "code",
    [
        'double s = 0; for (i = 0; i < N; i++) { s += x[i]; printf("%g\\n", x[i]); } if (s > 3) puts("much");',
        'for (i = 0; i < N; i++) { printf("%g\\n", x[i]); u[i][0] = x[i]; }',
        'for (i = 0; i < N; i++) { printf("%g\\n", x[i]); if (x[i] > 1e9) return 1; }',
        'for (i = 0; i < N; i++) printf("%g %d\\n", x[i], 1 + i); return i;',
    ],
    ids=["the sum decides", "it writes rows", "it may end the program", "the index is returned"],
)
def test_what_others_need_is_not_left_to_rank_0(code: str) -> None:
    assert all(x.treatment != "printed" for x in plan_of(SWEEPS + code).loops)


def test_the_plan_goes_through_json() -> None:
    facts = facts_of(SWEEPS + ROWS)
    plan = decide(facts)
    again = plan_from_json(plan_to_json(plan))
    assert again == plan
    made_anew = decide(facts, wishes_of(again, facts))
    assert (made_anew.loops, made_anew.communications) == (plan.loops, plan.communications)


def changed(plan: Plan, **changes: object) -> Plan:
    loops = tuple(replace(x, **changes) if x.treatment == "printed" else x for x in plan.loops)  # type: ignore[arg-type]
    return replace(plan, loops=loops)


def test_wrong_plans_are_refuted() -> None:
    facts = facts_of(SWEEPS + ROWS)
    plan = decide(facts)
    kept = tuple(c for c in plan.communications if c.kind != "collect")
    assert not prove(facts, plan)[1]
    assert "does not get the rows of 'u'" in prove(facts, replace(plan, communications=kept))[1][0].message
    assert prove(facts, changed(plan, shift=1))[1]
    assert any("every rank would print" in c.message for c in prove(facts, changed(plan, treatment="replicated"))[1])


PROGRAM = """
#include <stdio.h>
#include <stdlib.h>
#define AT(i, j) a[(i) * m + (j)]
int main(int argc, char **argv) {
    size_t n = argc > 1 ? atoi(argv[1]) : 17, m = 9, i, j;
    double *a = malloc(n * m * sizeof(double));
    int *c = calloc(n, sizeof *c), count = 0;
    for (i = 0; i < n; i++) {
        c[i] = (int) i % 4;
        for (j = 0; j < m; j++)
            AT(i, j) = i * 10.0 + j;
    }
    for (int t = 0; t < 500; t++)
        for (i = 0; i < n; i++)
            for (j = 0; j < m; j++)
                AT(i, j) = AT(i, j) * 0.5 + c[i];
    for (i = 0; i < n; i++) {
        double total = 0;
        for (j = 0; j < m; j++)
            total += AT(i, j);
        if (c[i] > 0 && i < n - 1) {
            printf("%zu %d %g\\n", i, c[i], total);
            continue;
        }
        for (j = 0; j < m; ++j)
            printf("%g%c", AT(i, j), j + 1 < m ? ' ' : '\\n');
        putchar('\\n');
    }
    for (size_t k = 0; k < n * m; k++)
        printf("%g%s", a[k], (k + 1) % m ? " " : "\\n");
    for (i = 2; i < n; i += 3)
        printf("%d,", c[i]);
    for (int k = (int) n - 1; k > 0; k--) printf("%d;", c[k]);
    i = 0;
    while (i < n) { printf("<%d>", c[i]); i++; }
    for (size_t k = 0; k < n; k++) if (c[k] == 3) { count++; printf("%d: %g\\n", count, a[k * m]); }
    printf("count %d\\n", count);
    for (i = 1; i < n; i++) printf("%g ", AT(i, 0) - AT(i - 1, 0));
    free(a);
    free(c);
    return 0;
}
"""


@pytest.mark.parametrize("ranks", [1, 3])
def test_what_is_printed_is_the_same(ranks: int, executables: Path) -> None:
    facts = facts_of(PROGRAM)
    plan = decide(facts)
    assert sum(x.treatment == "printed" for x in plan.loops) >= 6
    assert not prove(facts, plan)[1]
    parallel = compile_c(generate(facts, plan).shown, executables, mpi=True, flags=SANITISED)
    assert not parallel.warnings
    sequential = compile_c(PROGRAM, executables, mpi=False)
    for n in ("2", "11"):
        actual = run_ranks(parallel, ranks, n)
        assert actual.status == 0, actual.stderr
        assert difference(run_sequential(sequential, n).stdout, actual.stdout, 0) is None


def test_what_is_printed_keeps_its_type_where_rows_are_counted_by_long() -> None:
    facts = facts_of("""
        long n = argc > 1 ? atol(argv[1]) : 4000; double *a = malloc(n * sizeof *a); static double w[M];
        for (long k = 0; k < n; k++) a[k] = sin(k);
        for (long k = 0; k < n; k++) for (int t = 0; t < 9; t++) a[k] = sin(a[k]);
        for (int i = 0; i < M; i++) for (int t = 0; t < 4000; t++) w[i] += sin(i + t);
        for (long k = 0; k < n; k++) printf("%g\\n", a[k]);
        for (int i = 0; i < M; i++) printf("%d %g\\n", 2 * i, w[i]);
    """)
    assert 'printf("%d %g\\n", 2 * (i + (int)(begin)), w[i]);' in generate(facts, decide(facts)).shown
