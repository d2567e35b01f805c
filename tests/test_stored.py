"""Values that every rank computes, because that has effects, and that only their owner stores."""

from __future__ import annotations

from pathlib import Path

import pytest
from comparing import difference
from deciding import array, facts_of, plan_of
from running import SANITISED, compile_c, run_ranks, run_sequential

from chatmpi.generate.from_template import generate
from chatmpi.plan.decide import Wishes, decide
from chatmpi.verify.prove import prove

SWEEPS = """
for (t = 0; t < 500; t++)
  for (i = 0; i < N; i++) { x[i] = 0.9 * x[i]; for (j = 0; j < M; j++) u[i][j] = 0.9 * u[i][j] + x[i]; }
"""
ARRAYS = "static double x[N], u[N][M]; unsigned s = 1; int i, j, t;\n"


@pytest.mark.parametrize(
    "start",
    [
        "for (i = 0; i < N; i++) for (j = 0; j < M; j++) u[i][j] = rand() / (double)RAND_MAX;",
        "for (i = 0; i < N; i++) u[i][0] += drand48();",
        "for (i = 0; i < N; i++) x[i] = u[i][0] = rand();",
        "for (i = 0; i < N; i++) x[i] = s = s * 16807 % 2147483647;",
        "for (i = 0; i < N; i++) u[i][1] = x[i] + 0.1 * rand();",
        "for (i = 0; i < N; i++) { s = s * 5 + 1; x[i] = s; }",
    ],
)
def test_arrays_that_start_from_a_generator_are_distributed(start: str) -> None:
    plan = plan_of(ARRAYS + start + SWEEPS)
    assert [array(plan, name).partition for name in ("x", "u")] == ["row", "row"]
    assert not plan.communications


@pytest.mark.parametrize(
    "start",
    [
        "for (i = 0; i < N; i++) x[i] = x[i] > 1 ? rand() : 0;",
        "for (i = 0; i < N; i++) x[s++ % N] = rand();",
        "for (i = 0; i < N; i++) s += (x[i] = 2);",
    ],
)
def test_what_cannot_be_taken_apart_is_left_whole(start: str) -> None:
    assert array(plan_of(ARRAYS + start + SWEEPS), "x").partition is None


def test_a_row_of_values_is_one_value() -> None:
    facts = facts_of(ARRAYS + "for (i = 0; i < N; i++) x[i] = (s *= 5, s);" + SWEEPS)
    assert "const unsigned int value = (s *= 5, s);" in generate(facts, decide(facts)).shown


def test_the_stage_that_reads_does_not_know_it() -> None:
    facts = facts_of(ARRAYS + "for (i = 0; i < N; i++) x[i] = rand();" + SWEEPS)
    assert not decide(facts, Wishes(plain=True)).guards


@pytest.mark.parametrize("ranks", [1, 3])
def test_every_rank_gets_its_part_of_the_same_numbers(ranks: int, executables: Path) -> None:
    text = (Path(__file__).parent / "regressions" / "random_start.c").read_text()
    facts = facts_of(text)
    plan = decide(facts)
    assert plan.guards
    assert not prove(facts, plan)[1]
    parallel = compile_c(generate(facts, plan).shown, executables, mpi=True, flags=SANITISED)
    assert not parallel.warnings
    actual = run_ranks(parallel, ranks)
    assert actual.status == 0, actual.stderr
    assert difference(run_sequential(compile_c(text, executables, mpi=False)).stdout, actual.stdout, 0) is None
