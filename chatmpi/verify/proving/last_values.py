"""Obligations of last values: blocks lie in the order of the iterations, and every variable is agreed on."""

from __future__ import annotations

from collections.abc import Iterator

from chatmpi.analysis.facts import Facts
from chatmpi.plan.last import LAST
from chatmpi.plan.plan import LoopPlan, Plan
from chatmpi.verify.proving.locations import IN_ORDER


def wrong_last_values(loop: LoopPlan, plan: Plan, facts: Facts) -> Iterator[str]:
    """What is wrong with the plan's treatment of variables whose last value a distributed loop leaves."""
    lasting = facts.loop_facts[loop.place.statement].lasting
    kind = plan.partition(loop.partition).kind if loop.partition is not None else "block"
    if lasting and (kind not in IN_ORDER or loop.chunks):
        yield f"which rank sets '{lasting[0].names}' last is known only if rows are dealt in blocks"
    for found in lasting:
        declared = {r.uid for r in loop.reductions if r.operation == LAST}
        planned = [
            (c.kind, c.when, c.operation, c.element)
            for c in plan.communications
            if c.uid == found.symbols[0].uid and c.start.statement == loop.place.statement
        ]
        if planned != [("last", "after", LAST, found.names)] or not {s.uid for s in found.symbols} <= declared:
            yield f"the last value of {found.names} is not agreed on after the loop"
