"""Obligations of loops that are left early: all ranks learn whether one of them leaves, and leave then."""

from __future__ import annotations

from collections.abc import Iterator

from chatmpi.analysis.facts import Facts
from chatmpi.plan.exits import exit_text
from chatmpi.plan.plan import LoopPlan, Plan


def wrong_exits(loop: LoopPlan, plan: Plan, facts: Facts) -> Iterator[str]:
    """What is wrong with the plan's treatment of a distributed loop that is left early."""
    found = facts.loop_facts[loop.place.statement].exit
    if found is None:
        return
    planned = [
        (c.when, c.operation, c.element)
        for c in plan.communications
        if c.kind == "exit" and c.start.statement == loop.place.statement
    ]
    if planned != [("after", "LOR", exit_text(found, facts))]:
        yield "what one rank leaves the loop for, others do not learn"
