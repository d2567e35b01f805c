"""The obligation of elements that calls read into: every rank makes the call, and the row's owner keeps the value."""

from __future__ import annotations

from collections.abc import Mapping

from chatmpi.analysis.facts import Facts
from chatmpi.analysis.numbers.values import text
from chatmpi.analysis.touches import ElementTouch
from chatmpi.analysis.tree import Symbol
from chatmpi.plan.fit import Misfit
from chatmpi.plan.keeping import kept
from chatmpi.plan.plan import Plan


def is_kept(t: ElementTouch, plan: Plan, divided: Mapping[Symbol, str], facts: Facts) -> bool:
    """Whether a write is what a call reads, of which the plan leaves the keeping to the row's owner."""
    s = t.context.statement
    planned = {(k.place.statement, k.partition, k.row, k.element) for k in plan.kept}
    found = kept(s, divided.keys(), facts) if planned else Misfit("")
    return not isinstance(found, Misfit) and any(
        k.access.touch is t and (s.id, divided[t.symbol], k.row.text(), text(t.node)) in planned for k in found
    )
