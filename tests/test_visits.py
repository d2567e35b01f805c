"""Products with no matrix whole on any rank: blocks visit every rank in turn, sums go on in the sequential order."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest
from alike import assert_alike
from deciding import facts_of

from chatmpi.analysis.facts import Facts
from chatmpi.analysis.source import Source
from chatmpi.plan.decide import Wishes, decide
from chatmpi.plan.fit import Misfit, fit
from chatmpi.plan.plan import Plan
from chatmpi.plan.quantities import bytes_in
from chatmpi.translate import translate
from chatmpi.verify.prove import prove

PROGRAMS = sorted((Path(__file__).parent / "visits").glob("*.c"))


@pytest.mark.slow
@pytest.mark.parametrize("path", PROGRAMS, ids=lambda p: p.stem)
def test_blocks_visit_and_the_output_is_the_same(path: Path, executables: Path) -> None:
    source = Source.read(path)
    limit = re.search(r"memory per rank: (\w+)", source.text)
    assert limit is not None
    translation = translate(source, wishes=Wishes(memory=bytes_in(limit[1])))
    assert "visit" in {c.kind for c in translation.plan.communications}
    assert_alike(source.shown, translation.source.shown, executables, ranks=(1, 3, 5))


def product(body: str, before: str = "") -> Facts:
    """A program with a loop over the rows of c that reads rows of b."""
    return facts_of(f"""
        double a[N][N], b[N][N], c[N][N], x[N]; double s = 0.0, t = 0.0; {before}
        for (int i = 0; i < N; i++) for (int j = 0; j < N; j++) {{ a[i][j] = i; b[i][j] = j; c[i][j] = 1; x[i] = 2; }}
        for (int i = 0; i < N; i++) {{ {body} }}
        printf("%g %g", c[1][2], x[3]);
    """)


def visited(facts: Facts) -> bool:
    """Whether rows can visit the loop if all arrays are divided."""
    arrays = frozenset(s for s in facts.extents if s.name in "abcx")
    last = max(i for i, info in facts.loops.items() if len(info.around) == 1)
    found = fit(facts.loops[last], arrays, facts)
    return not isinstance(found, Misfit) and found.visit is not None


DOT = "for (int k = 0; k < N; k++) s += a[i][k] * b[k][j];"


@pytest.mark.parametrize(
    "body",
    [
        f"for (int j = 0; j < N; j++) {{ s = 0; {DOT} c[i][j] = s; }}",
        f"for (int j = 0; j < N; j++) {{ s = c[i][j]; {DOT} c[i][j] = s; }}",
        "for (int k = 0; k < N; k++) for (int j = 0; j < N; j++) c[i][j] += a[i][k] * b[k][j];",
        "for (int j = 0; j < N; j++) { c[i][j] *= 2; for (int k = i; k < N; k++) c[i][j] += b[k][j]; }",
        "double r = 0; for (int j = 0; j < N; j++) { s = 0; " + DOT + " c[i][j] = s; r += s; } x[i] = r;",
        "double f = a[i][0]; for (int k = 1; k < N; k++) c[i][0] += f * b[k - 1][0];",
    ],
)
def test_rows_that_can_visit(body: str) -> None:
    assert visited(product(body))


@pytest.mark.parametrize(
    "body",
    [
        # the order of turns would change what is computed
        "for (int j = 1; j < N; j++) for (int k = 0; k < N; k++) c[i][j] += c[i][j - 1] * b[k][j];",
        "s = 0; for (int j = 0; j < N; j++) for (int k = 0; k < N; k++) { s += b[k][j]; c[i][k] = s; }",
        "for (int k = N - 1; k >= 0; k--) c[i][0] = 0.5 * c[i][0] + b[k][0];",
        # rows that are changed in the loop
        "for (int j = 0; j < N; j++) { s = 0; for (int k = 0; k < i; k++) s += a[i][k] * c[k][j]; c[i][j] = s; }",
        # the number of turns would show
        f"for (int j = 0; j < N; j++) {{ s = 0; t = c[i][j]; {DOT} c[i][j] = s + t; t = 0; }} x[i] = t;",
        # two rows in one iteration, and rows that follow no loop
        "for (int k = 1; k < N; k++) c[i][0] += b[k][0] * b[k - 1][0];",
        "for (int k = 0; k < N; k++) c[i][0] += b[(k * k) % N][0];",
        # what the second loop reads may come before what the first reads
        "for (int k = i; k < N; k++) c[i][0] += b[k][0]; for (int k = 0; k < i; k++) c[i][0] += b[k][0];",
        # under a condition
        "if (x[i] > 1) for (int k = 0; k < N; k++) c[i][0] += b[k][0];",
        # carried values that are as many as the row says
        "for (int j = 0; j < i; j++) { s = 0; " + DOT + " c[i][j] = s; }",
    ],
)
def test_rows_that_cannot_visit(body: str) -> None:
    assert not visited(product(body))


def gemm() -> tuple[Facts, Plan]:
    facts = product(f"for (int j = 0; j < N; j++) {{ s = 0; {DOT} c[i][j] = s; }}")
    plan = decide(facts, Wishes(memory=8 * 40 * 40 * 6 // 8))
    assert any(c.kind == "visit" for c in plan.communications)
    return facts, plan


def test_the_proof_holds() -> None:
    facts, plan = gemm()
    assert prove(facts, plan)[1] == ()


def test_a_visit_that_is_missing_is_refuted() -> None:
    facts, plan = gemm()
    left = tuple(c for c in plan.communications if c.kind != "visit")
    wrong = prove(facts, dataclasses.replace(plan, communications=left))[1]
    assert any("do not visit" in w.message for w in wrong)


def test_rows_dealt_in_turn_cannot_visit() -> None:
    facts, plan = gemm()
    cyclic = tuple(dataclasses.replace(p, kind="cyclic", work=()) for p in plan.partitions)
    wrong = prove(facts, dataclasses.replace(plan, partitions=cyclic))[1]
    assert any("out of order" in w.message for w in wrong)


def test_without_a_limit_nothing_visits() -> None:
    facts, _ = gemm()
    assert all(c.kind != "visit" for c in decide(facts).communications)
