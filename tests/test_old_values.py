"""Loops that overwrite what earlier iterations have read: ranks read their own copies, which keep the old values."""

from __future__ import annotations

from pathlib import Path

import pytest
from alike import assert_alike
from deciding import array, exchanged, facts_of, loop_at, loop_of, plan_of

from chatmpi.generate.from_template import generate
from chatmpi.plan.decide import Wishes, decide
from chatmpi.verify.prove import prove

START = (
    "static double A[N][N], x[N]; int i, j, k; for (i = 0; i < N; i++) { x[i] = i % 7 + 0.5;\n"
    "for (j = 0; j < N; j++) A[i][j] = (3*i + 5*j) % 11 * 0.1; }\n"
)
SHOW = (
    "double s = 0; for (i = 0; i < N; i++) for (j = 0; j < N; j++) s += A[i][j]*(i + 2*j) + x[j];\n"
    'printf("%.12g\\n", s);'
)
LOOPS = {
    "lower triangle times vector": (
        "for (i = N - 1; i >= 0; i--) { double t = 0; for (j = 0; j <= i; j++) t += A[i][j]*x[j]; x[i] = t; }"
    ),
    "upper triangle times vector": (
        "for (i = 0; i < N; i++) { x[i] *= A[i][i]; for (j = i + 1; j < N; j++) x[i] += A[i][j]*x[j]; }"
    ),
    "triangle times matrix": (
        "for (i = 0; i < N; i++) for (j = 0; j < N; j++) for (k = i + 1; k < N; k++) A[i][j] += 0.1*x[k]*A[k][j];"
    ),
    "rows that move up": "for (i = 0; i < N - 2; i++) for (j = 0; j < N; j++) A[i][j] = A[i + 2][j]*x[i];",
    "rows that move down": "for (i = N - 1; i > 0; i--) for (j = 1; j < N; j++) A[i][j] = A[i - 1][j - 1]*x[i];",
}


@pytest.mark.parametrize("name", LOOPS)
def test_it_is_divided_and_prints_what_it_printed(name: str, executables: Path) -> None:
    facts = facts_of(START + LOOPS[name] + SHOW)
    plan = decide(facts)
    assert not facts.loop_facts[loop_at(plan, "i", 1).place.statement].is_parallel
    assert loop_at(plan, "i", 1).treatment == "distributed"
    assert prove(facts, plan)[1] == ()
    assert_alike(facts.program.source.shown, generate(facts, plan).shown, executables, ranks=(1, 3, 5))


def test_the_vector_is_gathered_after_the_loop_and_the_matrix_divided() -> None:
    plan = plan_of(START + LOOPS["lower triangle times vector"] + SHOW)
    assert array(plan, "A").partition == "row"
    assert array(plan, "x").partition is None
    assert exchanged(plan)[:1] == ["allgather x"]
    assert "keeps its old values" in loop_at(plan, "i", 1).reason


def test_neighbours_rows_are_exchanged_before_the_loop() -> None:
    plan = plan_of(START + LOOPS["rows that move up"] + SHOW)
    assert array(plan, "A").partition == "row"
    assert "halo A" in exchanged(plan)


@pytest.mark.parametrize(
    "loop",
    [
        "double x[N]; for (int i = 1; i < N; i++) x[i] = x[i - 1];",
        "double x[N]; for (int i = N - 2; i >= 0; i--) x[i] = x[i + 1];",
        "double x[N]; for (int i = 1; i < N - 1; i++) x[i] = x[i - 1] + x[i + 1];",
        "double x[N]; for (int i = 0; i < N - 1; i++) { x[i] = x[i + 1]; x[i + 1] = i; }",
        "double x[N]; for (int i = 0; i < N; i++) x[N - 1 - i] = x[i];",
        "double x[N]; int w[N]; for (int i = 0; i < N; i++) x[i] = x[w[i]];",
        "double x[N], s = 0; for (int i = 0; i < N - 1; i++) { x[i] = x[i + 1] + s; s = x[i]; }",
    ],
)
def test_what_needs_a_new_value_or_is_written_twice_stays_in_order(loop: str) -> None:
    assert not loop_of(loop).reads_old_values


def test_a_plain_plan_leaves_it_whole() -> None:
    plan = decide(facts_of(START + LOOPS["rows that move up"] + SHOW), Wishes(plain=True))
    assert loop_at(plan, "i", 1).treatment != "distributed"
