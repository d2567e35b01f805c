"""The proof can fail: plans that are wrong in one place are refuted there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from deciding import facts_of

from chatmpi.plan.decide import Wishes, decide
from chatmpi.plan.plan import GuardPlan, Halo, Plan
from chatmpi.verify.prove import prove

PROGRAM = """
static double u[N][M], v[N][M], x[N], w[N]; double s = 0, total = 0; int i, j, t;
for (i = 0; i < N; i++) { x[i] = i; for (j = 0; j < M; j++) u[i][j] = v[i][j] = i*j; }
for (j = 0; j < M; j++) u[0][j] = u[1][j];
for (t = 0; t < 5; t++) {
  for (i = 2; i < N - 1; i++) for (j = 0; j < M; j++) v[i][j] = u[i-2][j] + u[i+1][j];
  for (i = 2; i < N - 1; i++) for (j = 0; j < M; j++) { u[i][j] = v[i][j]; s += v[i][j]; }
  if (s > 100) s = 0;
}
for (i = 0; i < N; i++) { w[i] = 0; for (j = 0; j < N; j++) w[i] += x[j]; }
for (i = 0; i < N; i++) total += w[i] + u[i][0];
printf("%g %g %g\\n", s, total, u[3][2]);
"""

Change = Callable[[Plan], Plan]


def refutation(change: Change) -> str:
    facts = facts_of(PROGRAM)
    _, wrong = prove(facts, change(decide(facts, Wishes(plain=True))))
    return "; ".join(c.message for c in wrong)


def without(kind: str) -> Change:
    return lambda p: replace(p, communications=tuple(c for c in p.communications if c.kind != kind))


def with_kind(old: str, **changes: object) -> Change:
    def change(p: Plan) -> Plan:
        return replace(
            p,
            communications=tuple(replace(c, **changes) if c.kind == old else c for c in p.communications),  # type: ignore[arg-type]
        )

    return change


def with_partition(**changes: object) -> Change:
    return lambda p: replace(p, partitions=tuple(replace(q, **changes) for q in p.partitions))  # type: ignore[arg-type]


def with_loops(**changes: object) -> Change:
    def change(p: Plan) -> Plan:
        return replace(
            p,
            loops=tuple(replace(x, **changes) if x.treatment == "distributed" else x for x in p.loops),  # type: ignore[arg-type]
        )

    return change


def with_guard(guard: Callable[[GuardPlan], GuardPlan]) -> Change:
    return lambda p: replace(p, guards=tuple(guard(g) for g in p.guards))


def test_the_plan_itself_is_proved() -> None:
    facts = facts_of(PROGRAM)
    checks, wrong = prove(facts, decide(facts))
    assert wrong == ()
    assert len(checks) == 10
    assert {c.scope for c in checks} == {"all sizes, ranks and block boundaries"}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (without("halo"), "may be out of date"),
        (with_kind("halo", halo=Halo(1, 1)), "may be out of date"),
        (with_kind("halo", halo=Halo(2, 0)), "may be out of date"),
        (with_kind("halo", halo=Halo(3, 1)), "wider than the halo"),
        (with_partition(halo=Halo(1, 1)), "beyond its halo"),
        (with_partition(min_block=1), "too narrow"),
        (with_partition(extent="N + 1"), "extent"),
        (without("allreduce"), "are not combined"),
        (with_kind("allreduce", operation="MAX"), "combined by MAX"),
        (with_kind("allreduce", kind="reduce"), "on rank 0 only"),
        (without("reduce"), "are not combined"),
        (without("allgather"), "not shared after it"),
        (without("broadcast"), "not every rank holds it"),
        (with_loops(shift=1), "shifted by 0, not by 1"),
        (with_loops(partition=None), "partition is not that"),
        (with_guard(lambda g: replace(g, row="1")), "owners of row 0"),
        (lambda p: replace(p, guards=()), "every rank would write"),
        (lambda p: replace(p, outputs=()), "every rank would print"),
    ],
)
def test_a_plan_that_is_wrong_in_one_place_is_refuted(change: Change, expected: str) -> None:
    assert expected in refutation(change)


def test_a_row_beyond_the_halo_comes_with_a_case() -> None:
    facts = facts_of(PROGRAM)
    _, wrong = prove(facts, with_partition(halo=Halo(1, 1))(decide(facts)))
    found = next(c for c in wrong if "u[i - 2][j]" in c.message)
    assert "begin = " in found.witness
    assert "i = " in found.witness
    assert found.location is not None
    assert found.location.line == 12


def test_a_recurrence_that_a_plan_calls_distributed_is_refuted() -> None:
    facts = facts_of("double a[N]; for (int i = 0; i < N; i++) a[i] = i; for (int i = 1; i < N; i++) a[i] = a[i-1];")
    plan = decide(facts)
    wrong_plan = replace(plan, loops=tuple(replace(x, treatment="distributed") for x in plan.loops))
    _, wrong = prove(facts, wrong_plan)
    assert any("depend on each other" in c.message for c in wrong)


def test_a_whole_copy_that_is_missing_or_in_the_wrong_place_is_refuted() -> None:
    facts = facts_of(
        "static double u[N][N], v[N][N]; double w[N]; int i, j, t;\n"
        "for (i = 0; i < N; i++) for (j = 0; j < N; j++) u[i][j] = i - j;\n"
        "for (t = 0; t < 50; t++) {\n"
        "  for (i = 1; i < N - 1; i++) for (j = 0; j < N; j++) v[i][j] = u[i-1][j] + u[i+1][j];\n"
        "  for (i = 1; i < N - 1; i++) for (j = 0; j < N; j++) u[i][j] = v[i][j];\n"
        "}\n"
        "for (i = 0; i < N; i++) { w[i] = 0; for (j = 0; j < N; j++) w[i] += u[j][i] * u[(i*j) / 2][j]; }\n"
    )
    plan = decide(facts)
    assert [c.subject for c in plan.communications if (c.kind, c.when) == ("allgather", "before")] == ["u"]
    assert prove(facts, plan)[1] == ()
    _, missing = prove(facts, without("allgather")(plan))
    assert any("do not follow its variable" in c.message for c in missing)
    around = next(x.place for x in plan.loops if x.variable == "t")
    _, early = prove(facts, with_kind("allgather", start=around, finish=around)(plan))
    assert any("it is written there" in c.message for c in early)
