"""Times differ between ranks: each rank keeps its own, as long as no other can tell."""

from __future__ import annotations

import pytest
from deciding import facts_of, plan_of

from chatmpi.analysis.outside.obstacles import obstacles

PROGRAM = """
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#define RUNS 5
double times[RUNS], a[400];
int main(int argc, char **argv) {
    const char *text = "slow";
    double best = 1e30, dt = 0, s = 0;
    int fastest = 0, n = atoi(argv[1]);
    for (int i = 0; i < n; i++) a[i] = i;
    for (int k = 0; k < RUNS; k++) {
        clock_t t = clock();
        for (int i = 0; i < n; i++) a[i] = a[i] * 1.01 + 2;
        dt = (double)(clock() - t) / CLOCKS_PER_SEC;
        BETWEEN
    }
    for (int i = 0; i < n; i++) s += a[i];
    BEHIND
    printf("%f\\n", s);
    fprintf(stderr, "%f %d %f\\n", best, fastest, dt);
    return 0;
}
"""


def _program(between: str, behind: str) -> str:
    return PROGRAM.replace("BETWEEN", between).replace("BEHIND", behind)


@pytest.mark.parametrize(
    ("between", "behind"),
    [
        ("if (dt < best) best = dt;", ""),
        ("if (dt < best) { best = dt; fastest = k; } else if (dt > 1) puts(text);", ""),
        ("times[k] = dt;", "for (int k = 1; k < RUNS; k++) dt += times[k];"),
        ("times[k] = dt;", "for (int k = 1; k < RUNS; k++) if (times[k] < times[fastest]) fastest = k;"),
        ("times[k] = dt;", 'const char *names[2] = {"a", "b"}; printf("%s %f\\n", names[n % 2], times[0]);'),
        ("times[k] += dt;", "for (int k = 0; k < RUNS; k++) times[k] = times[k] / (double)(RUNS - 1);"),
        ("while ((double)(clock() - t) < 10) { if (++fastest > 9) break; }", ""),
    ],
)
def test_each_rank_keeps_its_own_times(between: str, behind: str) -> None:
    code = _program(between, behind)
    assert not obstacles(facts_of(code))
    plan = plan_of(code)
    assert [a.name for a in plan.arrays if a.partition is not None] == ["a"]
    assert all(c.subject in {"a", "s"} for c in plan.communications)


@pytest.mark.parametrize(
    ("between", "behind"),
    [
        ("if (dt < best) break;", ""),
        ("if (dt < best) { best = dt; a[0] = 1; }", ""),
        ("if (dt < best) { best = dt; s = a[0]; }", ""),
        ("if (dt < best) { best = dt; fastest = k; }", "for (int i = 0; i < fastest; i++) a[i] = 0;"),
        ("if (dt < best) { best = dt; fastest = rand(); }", ""),
        ("if (dt > 9) { puts(text); exit(1); }", ""),
        ("a[3] += dt;", ""),
        ("times[k] = dt;", "if (times[1] > 3) return 1;"),
        ("times[k] = dt;", "if (times[1] > times[2]) for (int i = 0; i < n; i++) s += a[i];"),
        ("while ((double)(clock() - t) < 10) for (int i = 0; i < n; i++) a[i] = 0;", ""),
        ("while ((double)(clock() - t) < 10) { if (s < 3) { s += 1; continue; } return 2; }", ""),
    ],
)
def test_nothing_else_is_decided_by_the_time(between: str, behind: str) -> None:
    code = _program(between, behind)
    stopped = any("differs between ranks" in o.reason for o in obstacles(facts_of(code)))
    assert stopped or not plan_of(code).is_distributed
