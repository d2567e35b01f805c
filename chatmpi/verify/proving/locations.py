"""Obligations of extrema with companions: all ranks learn the extremum, and what the right rank keeps with it."""

from __future__ import annotations

from collections.abc import Iterator

from chatmpi.analysis.facts import Facts
from chatmpi.plan.locate import companions_text, known_by_row, operation
from chatmpi.plan.plan import LoopPlan, Plan

IN_ORDER = {"block", "balanced"}


def wrong_locations(loop: LoopPlan, plan: Plan, facts: Facts) -> Iterator[str]:
    """What is wrong with the plan's treatment of the extrema that a distributed loop locates.

    Which rank is the right one rests on blocks that lie in the order of the ranks, or on the row where it was found.
    """
    located = facts.loop_facts[loop.place.statement].located
    info = facts.loops[loop.place.statement]
    kind = plan.partition(loop.partition).kind if loop.partition is not None else "block"
    unordered = [x for x in located if kind not in IN_ORDER and not (kind == "cyclic" and known_by_row(x, info))]
    if unordered:
        yield f"which of equal values of '{unordered[0].symbol}' is right is known only if rows are dealt in blocks"
    for found in located:
        name = operation(found)
        if [r.operation for r in loop.reductions if r.uid == found.symbol.uid] != [name]:
            yield f"the loop finds the {name} of '{found.symbol}', and its plan does not say so"
        planned = [
            (c.kind, c.when, c.operation, c.element)
            for c in plan.communications
            if c.uid == found.symbol.uid and c.start.statement == loop.place.statement
        ]
        if planned != [("locate", "after", name, companions_text(found))]:
            yield f"what belongs to '{found.symbol}' ({companions_text(found)}) is not agreed on after the loop"
