"""Obligations of arrays that every rank adds to in its own copy: each is combined once, whole, by its operation."""

from __future__ import annotations

from collections.abc import Iterator

from chatmpi.analysis.numbers.values import text
from chatmpi.plan.accumulate import Sum
from chatmpi.plan.fit import Fit
from chatmpi.plan.plan import LoopPlan, Plan
from chatmpi.plan.scattered import can_scatter, in_blocks


def wrong_sums(found: Fit, loop: LoopPlan, plan: Plan) -> Iterator[str]:
    """What is wrong with the plan's treatment of the arrays that a distributed loop adds to.

    That the iterations do nothing to them but updates of one operation, in any order, is the analysis' finding,
    made anew in `found`; that the copies are whole follows from their being replicated.
    """
    for added in found.sums:
        yield from _wrong_sum(added, loop, plan)


def _wrong_scattering(added: Sum, loop: LoopPlan, plan: Plan, divided: str) -> Iterator[str]:
    """What is wrong with the sums of a divided array: each rank fills an array of its own for all rows, from nothing,
    and every row's sum is added to what its owner holds."""
    array, place = added.array, loop.place.statement
    sent = [c for c in plan.communications if c.uid == array.uid and c.start.statement == place and c.when == "after"]
    expected = [("reduce_scatter", added.operation, divided)]
    if [(c.kind, c.operation, c.partition) for c in sent] != expected or not can_scatter(added):
        yield f"'{array}' is divided, and every rank may add to any element of it"
    if not in_blocks(plan.partition(divided)):
        yield f"'{array}' is not dealt in the blocks that its sums go to"
    if [(r.operation, r.words) for r in loop.reductions if r.uid == array.uid] != [("SUM", added.words.text())]:
        yield f"the loop adds to '{array}', and its plan does not say so"


def _wrong_sum(added: Sum, loop: LoopPlan, plan: Plan) -> Iterator[str]:
    array = added.array
    divided = next((a.partition for a in plan.arrays if a.uid == array.uid and a.partition is not None), None)
    if divided is not None:
        yield from _wrong_scattering(added, loop, plan, divided)
        return
    declared = [r for r in loop.reductions if r.uid == array.uid]
    if [(r.operation, r.words) for r in declared] != [(added.operation, added.words.text())]:
        yield f"the loop adds to '{array}' by {added.operation}, and its plan does not say so"
    place = added.place(loop.place.statement)
    combined = [
        c
        for c in plan.communications
        if c.uid == array.uid and c.start.statement == place and c.kind in {"allreduce", "reduce"}
    ]
    single = added.element is not None and added.span is None
    expected = ("allreduce", "after", added.operation, text(added.element) if added.element and single else "")
    if [(c.kind, c.when, c.operation, c.element) for c in combined] != [expected]:
        yield f"the ranks' copies of '{array}' are not combined by {added.operation} after the loop"
