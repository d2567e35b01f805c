"""Divided arrays to which iterations add anywhere: each rank gets the sums of its own rows."""

from __future__ import annotations

from dataclasses import replace

import pytest
from deciding import HEAD, array, exchanged, facts_of, loop_at, plan_of

from chatmpi.analysis.source import Source
from chatmpi.plan.decide import decide
from chatmpi.translate import translate
from chatmpi.verify.prove import prove

ADD = "y[row[k]] += k * 0.5;"
CODE = """
int n = atoi(argv[1]); double norm = 0;
int *row = malloc(4 * n * sizeof *row); double *y = malloc(n * sizeof *y), *z = malloc(n * sizeof *z);
for (int k = 0; k < 4 * n; k++) row[k] = (int)(n * fabs(sin(k)));
for (int i = 0; i < n; i++) z[i] = cos(i);
for (int t = 0; t < 50; t++) {
    for (int i = 0; i < n; i++) y[i] = 1.0 + z[i];
    for (int k = 0; k < 4 * n; k++) ADD
    for (int i = 0; i < n; i++) { z[i] = sqrt(y[i]) + exp(-y[i]); norm += z[i] * z[i]; }
    USE
}
printf("%.6g\\n", norm);
"""


def code(add: str = ADD, use: str = "") -> str:
    return CODE.replace("ADD", add).replace("USE", use)


def test_sums_go_to_the_owners_of_rows() -> None:
    plan = plan_of(code())
    assert array(plan, "y").partition == array(plan, "z").partition == "item2"
    assert exchanged(plan) == ["reduce_scatter y", "allreduce norm"]
    assert [loop_at(plan, "i", k).treatment for k in (1, 2)] == ["distributed"] * 2


def test_neighbours_are_exchanged_after_it() -> None:
    plan = plan_of(code(use="for (int i = 1; i < n; i++) norm += y[i] * sin(y[i - 1]);"))
    assert exchanged(plan) == ["reduce_scatter y", "allreduce norm", "halo y", "allreduce norm"]


@pytest.mark.parametrize(
    "add", ["y[row[k]] *= 1.5;", "if (y[row[k]] < k) y[row[k]] = k;", "{ y[row[k]] += 1; norm += y[0]; }"]
)
def test_only_sums(add: str) -> None:
    assert not any(x.startswith("reduce_scatter") for x in exchanged(plan_of(code(add))))


def test_a_plan_without_it_is_refuted() -> None:
    facts = facts_of(code())
    plan = decide(facts)
    assert prove(facts, plan)[1] == ()
    others = tuple(c for c in plan.communications if c.kind != "reduce_scatter")
    (sent,) = set(plan.communications) - set(others)
    for wrong in (
        replace(plan, communications=others),
        replace(plan, communications=(*others, replace(sent, operation="MAX"))),
        replace(plan, communications=(*others, replace(sent, kind="allreduce"))),
        replace(plan, partitions=tuple(replace(p, kind="cyclic") for p in plan.partitions)),
    ):
        assert prove(facts, wrong)[1] != ()


FORCES = f"""{HEAD}
static double force[N][3], x[N];
static void spread(double f[N][3], const double *p) {{
    for (int e = 0; e < 2 * N; e++) {{
        int a = e % N, b = (7 * e + 3) % N;
        for (int d = 0; d < 3; d++) {{ f[a][d] += p[a] - p[b]; f[b][d] -= d * (p[a] + p[b]); }}
    }}
}}
int main(void) {{
    double s = 0;
    for (int i = 0; i < N; i++) x[i] = i % 5;
    for (int t = 0; t < 20; t++) {{
        for (int i = 0; i < N; i++) for (int d = 0; d < 3; d++) force[i][d] = 0;
        spread(force, x);
        for (int i = 0; i < N; i++) x[i] += 0.01 * sqrt(fabs(force[i][0] + force[i][1] * force[i][2]));
    }}
    for (int i = 0; i < N; i++) s += x[i];
    printf("%.9g\\n", s);
}}
"""


def test_rows_of_several_elements_in_a_helper_function() -> None:
    done = translate(Source.from_str("forces.c", FORCES))
    assert "reduce_scatter force" in exchanged(done.plan)
    assert "add_blocks(force_sums, f[0], N, size, 3, MPI_DOUBLE);" in done.source.text
    assert done.verdict.accepted


MADE = f"""{HEAD}
static double *made(int n) {{
    double *y = calloc(n, sizeof *y);
    for (int k = 0; k < 40 * n; k++) y[(int)(n * fabs(sin(k)))] += sqrt(k) * exp(-k);
    for (int i = 0; i < n; i++) y[i] = sqrt(y[i]) + i;
    return y;
}}
int main(int argc, char **argv) {{
    int n = atoi(argv[1]);
    double *y = made(n), s = 0;
    for (int t = 0; t < 20; t++)
        for (int i = 0; i < n; i++) {{ y[i] = sin(y[i] + t); s += y[i]; }}
    printf("%.8f\\n", s);
    free(y);
    return 0;
}}
"""


def test_sums_in_the_function_that_makes_the_array() -> None:
    done = translate(Source.from_str("made.c", MADE))
    assert "reduce_scatter y" in exchanged(done.plan)
    assert done.verdict.accepted
