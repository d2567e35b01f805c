"""Sums in divided arrays: each rank adds to a whole array of its own, and gets in its rows what all have come to.

    for (k = 0; k < nnz; k++) y[row[k]] += val[k]*x[col[k]];

Where an iteration may add to any row of y, y can be divided all the same: inside the loop it counts as replicated.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

from chatmpi.analysis.facts import Facts
from chatmpi.analysis.loops import LoopInfo
from chatmpi.analysis.tree import Symbol
from chatmpi.plan.accumulate import Sum
from chatmpi.plan.plan import Partition, Plan


@dataclass(frozen=True, slots=True)
class Scattered:
    """`array` is added up in the loop `loop`, and its rows go to their owners after it."""

    loop: int
    array: Symbol


def added_to(info: LoopInfo, arrays: Set[Symbol], facts: Facts) -> frozenset[Symbol]:
    """Those of some arrays to which a loop adds up, at places that no rank has to itself."""
    if info.canonical is None:
        return frozenset()
    found = {r.symbol for r in facts.loop_facts[info.stmt.id].accumulated} & arrays
    return frozenset(s for s in found if _in_one_piece(s, facts) and not _is_exchanged(s, info, facts))


def _in_one_piece(symbol: Symbol, facts: Facts) -> bool:
    """Whether an array's rows lie one behind the other, and are of one length."""
    return facts.arrays.declared[symbol].rows is None and facts.extents[symbol].packed is None


def _is_exchanged(symbol: Symbol, info: LoopInfo, facts: Facts) -> bool:
    inside = {t.context.statement.id for t in facts.touches.of(info.stmt.id)}
    return any(symbol in dict(s.moves) and inside & set(s.statements) for s in facts.arrays.swaps)


def can_scatter(added: Sum) -> bool:
    """Whether the sums of an array can go to the owners of its rows: all of it is added up, and begins from nothing."""
    return added.operation == "SUM" and added.element is None


def in_blocks(p: Partition) -> bool:
    """Whether a partition's rows are dealt in blocks, of equal size or equal work, which sums go to."""
    return p.kind in {"block", "balanced"} and not p.used


def scattered_of(plan: Plan, facts: Facts) -> tuple[Scattered, ...]:
    """The sums that a plan divides."""
    by_uid = {s.uid: s for s in facts.arrays.declared}
    return tuple(
        Scattered(c.start.statement, by_uid[c.uid])
        for c in plan.communications
        if c.kind == "reduce_scatter" and c.uid in by_uid
    )
