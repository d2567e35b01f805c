"""Loops that one rank runs alone: it owns all rows that are written there, and nothing else lasts of them."""

from __future__ import annotations

from collections.abc import Iterator, Set

from chatmpi.analysis import tree
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.tree import Symbol
from chatmpi.plan.owned_loops import is_owned, meeting_places
from chatmpi.plan.plan import Plan


def wrong_owned_loops(plan: Plan, distributed: Set[Symbol], facts: Facts) -> Iterator[tuple[int, str]]:
    """Loops before which the plan asks who owns a row, and may not."""
    tested = {g.around.statement for g in plan.guards if g.around is not None}
    busy = meeting_places(plan)
    for i in sorted(tested):
        if plan.plain or i not in facts.loops or not is_owned(i, busy, plan, distributed, facts):
            yield i, "this loop is not the matter of one row's owner alone"
            continue
        inside = {s.id for s in tree.statements(facts.loops[i].stmt)}
        if any(
            (g.around is not None and g.around.statement == i) != (g.place.statement in inside) for g in plan.guards
        ):
            yield i, "the owner of a row is asked for before a loop, and not for all that is stored in it"
