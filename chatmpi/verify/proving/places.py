"""What is done after a loop is reached: control does not leave the loop for somewhere further on."""

from __future__ import annotations

from collections.abc import Iterator

from chatmpi.analysis.facts import Facts
from chatmpi.analysis.loops import returns
from chatmpi.plan.plan import Plan
from chatmpi.verify.verdict import Counterexample


def passed_by(facts: Facts, plan: Plan) -> Iterator[Counterexample]:
    """Communications after a loop that a return inside it passes by."""
    for c in plan.communications:
        info = facts.loops.get(c.start.statement)
        agreed = c.kind == "exit"  # whether to go that way is what it is for, and `exits.py` looks at it
        way_out = next(returns(info.stmt.body), None) if c.when == "after" and info is not None and not agreed else None
        if way_out is not None:
            place = facts.program.source.location(way_out.span.begin)
            yield Counterexample("proved", f"a return passes by the {c.kind} of '{c.subject}' after the loop", place)
