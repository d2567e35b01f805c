"""Between the best plan and the plain one: the plan without the loop or the array that a refusal speaks against."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from chatmpi.analysis.facts import Facts
from chatmpi.analysis.parse import ParseOptions
from chatmpi.analysis.source import Location, Source
from chatmpi.plan.plan import Plan
from chatmpi.translate import plans, translate
from chatmpi.verify.verdict import Check, Counterexample, Verdict

TEXT = """\
#include <stdio.h>
#define N 4000
static double a[N], b[N], c[N];
static void fill(double *x, int n) { for (int i = 0; i < n; i++) x[i] = i * 0.5; }
int main(void) {
    fill(a, N);
    for (int t = 0; t < 50; t++) {
        for (int i = 1; i < N; i++)
            b[i] = a[i] + a[i - 1];
        for (int i = 0; i < N; i++)
            a[i] = 0.5 * b[i];
    }
    for (int i = 0; i < N; i++)
        c[i] = i * i * 0.25 + i;
    printf("%g %g %g\\n", a[3], b[5], c[7]);
    return 0;
}
"""


def translated(monkeypatch: pytest.MonkeyPatch, refused: Counterexample, mended: Callable[[Plan], bool]) -> Plan:
    """The plan that is carried out where the gate refuses all others."""

    def gate(facts: Facts, plan: Plan, candidate: Source, options: ParseOptions) -> Verdict:
        if mended(plan):
            return Verdict((Check("simulated", "same", "", "same terms"),), ())
        line = next(k for k, x in enumerate(candidate.text.split("\n")) if "c[i" in x) + 1
        place = Location(candidate.name, line, 1) if refused.location else None
        return Verdict((), (Counterexample("simulated", refused.message, place),))

    monkeypatch.setattr(sys.modules[translate.__module__], "gate", gate)
    return translate(Source.from_str("p.c", TEXT)).plan


def _whole_c(plan: Plan) -> bool:
    return any(a.name == "c" and a.partition is None for a in plan.arrays)


def _whole_last(plan: Plan) -> bool:
    return any(x.place.line == 13 and x.treatment != "distributed" for x in plan.loops)


def test_a_named_array_is_left_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = translated(monkeypatch, Counterexample("simulated", "element 9 of 3 (of 'c') is accessed", None), _whole_c)
    assert {a.name: a.partition is None for a in plan.arrays} == {"a": False, "b": False, "c": True}
    assert not plan.plain
    assert any("was tried first: element 9 of 3 (of 'c') is accessed" in n for n in plan.notes)


def test_a_loop_at_the_place_is_left_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    here = Location("p_mpi.c", 1, 1)
    plan = translated(monkeypatch, Counterexample("simulated", "it differs", here), _whole_last)
    treatments = {x.place.line: x.treatment for x in plan.loops}
    assert treatments[13] != "distributed"
    assert treatments[8] == treatments[10] == "distributed"


def test_nothing_is_known_of_what_names_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then the plain plan is next, which leaves calls as they are."""
    plan = translated(monkeypatch, Counterexample("simulated", "it differs", None), lambda p: p.plain)
    assert plan.plain


def test_what_was_written_for_the_best_plan_asks_for_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    source = Source.from_str("p.c", TEXT)
    written = translate(source).source
    asked: list[Source] = []

    def gate(facts: Facts, plan: Plan, candidate: Source, options: ParseOptions) -> Verdict:
        asked.append(candidate)
        return Verdict((Check("simulated", "same", "", "same terms"),), ())

    monkeypatch.setattr(sys.modules[translate.__module__], "gate", gate)
    own = [plan for _, plan in plans(source, written=written)]
    renamed = Source.from_str("q_mpi.c", written.shown.replace("from p.c", "from q.c"))
    assert renamed.text != written.text
    assert [plan for _, plan in plans(source, written=renamed)] == own
    assert not asked
    other = Source.from_str(written.name, written.shown + "\n")
    assert [plan for _, plan in plans(source, written=other)] == own
    assert [c.text for c in asked] == [written.text]
