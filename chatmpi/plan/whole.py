"""Whole copies of divided arrays: what is read in rows that follow no loop is gathered before, for every rank.

A region is a statement, with all below it, that only reads the array; inside it the array counts as replicated.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.loops import Loop
from chatmpi.analysis.touches import BareUse, ElementTouch
from chatmpi.analysis.tree import Stmt, Symbol
from chatmpi.plan.alignment import alignment
from chatmpi.plan.plan import Plan
from chatmpi.plan.scattered import scattered_of


@dataclass(frozen=True, slots=True)
class Whole:
    """`array` is gathered before `statement`, and read from the copy there."""

    statement: int
    array: Symbol


def obstacle(s: Stmt, array: Symbol, facts: Facts) -> str:
    """Why `s` cannot read a whole copy of `array`; "" if it can."""
    if s.in_macro or s.id in facts.headers or not isinstance(s, Loop | tree.ExprStmt | tree.Declaration | tree.If):
        return "nothing can be put before it"
    if facts.arrays.declared[array].rows is not None:
        return "its rows may lie apart"
    in_place = facts.extents[array].packed is not None  # it is gathered where every rank has room for it
    swapped = {i for swap in facts.arrays.swaps for i in swap.statements if array in dict(swap.moves)}
    for t in facts.touches.of(s.id):
        if isinstance(t, ElementTouch) and t.symbol == array and (t.write or t.context.opaque):
            return "it is written there" if t.write else "control flow is not understood there"
        if isinstance(t, ElementTouch) and t.symbol == array and t.node.in_macro and not in_place:
            return "the text of an element cannot be changed"
        if isinstance(t, BareUse) and t.symbol == array:
            return "it is used as a whole there"
        if t.context.statement.id in swapped:
            return "it is exchanged with another array there"
    return ""


def unaligned(s: Stmt, arrays: Set[Symbol], facts: Facts) -> frozenset[Symbol]:
    """Arrays of which a parallel loop reads rows that do not follow its variable."""
    info = facts.loops.get(s.id)
    if info is None or info.canonical is None or not facts.loop_facts[s.id].is_parallel:
        return frozenset()
    return frozenset(
        symbol
        for symbol, accesses in facts.accesses_in(s.id).items()
        if symbol in arrays and any(alignment(a, info, facts) is None for a in accesses)
    )


def wholes_of(plan: Plan, facts: Facts) -> tuple[Whole, ...]:
    """The copies that a plan asks for."""
    by_uid = {s.uid: s for s in facts.arrays.declared}
    divided = {a.uid for a in plan.arrays if a.partition is not None}
    return tuple(
        Whole(c.start.statement, by_uid[c.uid])
        for c in plan.communications
        if c.kind == "allgather" and c.when == "before" and c.uid in divided
    )


def whole_at(plan: Plan, facts: Facts) -> Mapping[int, frozenset[Symbol]]:
    """For each statement in a region, the arrays that it reads from copies, or adds to in an array of its own."""
    found: dict[int, set[Symbol]] = {}
    regions: dict[int, set[Symbol]] = {}
    for c in wholes_of(plan, facts):
        regions.setdefault(c.statement, set()).add(c.array)
    for added in scattered_of(plan, facts):
        regions.setdefault(added.loop, set()).add(added.array)
    for s in tree.statements(facts.function.body) if regions else ():
        if s.id in regions:
            for inner in tree.statements(s):
                found.setdefault(inner.id, set()).update(regions[s.id])
    return {i: frozenset(arrays) for i, arrays in found.items()}
