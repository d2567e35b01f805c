"""Proofs about blocks that visit every rank: each iteration finds its row in the block of exactly one turn, and what
depends on each other keeps its order.

`first <= row < past` is the block of a turn, both free: turns take the blocks of 0 … extent-1 in order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from chatmpi.analysis.facts import Facts
from chatmpi.analysis.iterations.dependence import carried, loops_from
from chatmpi.analysis.memory.subscripts import Access
from chatmpi.analysis.numbers.domains import Parameters, Space, isl_set
from chatmpi.analysis.numbers.polynomial import variable
from chatmpi.analysis.tree import Symbol
from chatmpi.plan.fit import Fit
from chatmpi.plan.plan import Partition, Place, Plan
from chatmpi.plan.visits import Visit


def visiting_reads(found: Fit) -> frozenset[int]:
    """The touches (by id) that read a visiting row."""
    return frozenset(id(a.touch) for a in found.visit.accesses) if found.visit is not None else frozenset()


def wrong_visits(
    plan: Plan, fits: Mapping[int, Fit], of_array: Mapping[Symbol, Partition], facts: Facts
) -> Iterator[tuple[Place, str]]:
    asked = {(i, s.uid): s for i, f in fits.items() if f.visit is not None for s in f.visit.arrays}
    planned = {(c.start.statement, c.uid): c for c in plan.communications if c.kind == "visit"}
    for key in sorted(asked.keys() - planned.keys()):
        place = next(x.place for x in plan.loops if x.place.statement == key[0])
        yield place, f"rows of '{asked[key]}' are read that are other ranks', and its blocks do not visit"
    for key, c in planned.items():
        if key not in asked:
            yield c.start, f"nothing in the loop reads visiting rows of '{c.subject}'"
        elif c.when != "before" or c.partition != of_array[asked[key]].name:
            yield c.start, f"the blocks that visit are not those of '{c.subject}'"
    for i, f in fits.items():
        place = next(x.place for x in plan.loops if x.place.statement == i)
        for message in _wrong(i, f.visit, of_array, facts) if f.visit is not None else ():
            yield place, message


def _wrong(loop: int, found: Visit, of_array: Mapping[Symbol, Partition], facts: Facts) -> Iterator[str]:
    partitions = {of_array[s].name: of_array[s] for s in found.arrays if s in of_array}
    if len(partitions) != 1 or any(s not in of_array for s in found.arrays):
        yield "arrays visit together that are divided differently"
        return
    if any(p.kind == "cyclic" for p in partitions.values()):
        yield "rows that are dealt in turn would visit out of order"
    written = facts.loops[loop].written
    for s in found.arrays:
        if s in written:
            yield f"'{s}' changes while its rows visit"
    offsets = dict(zip(found.loops, found.offsets, strict=True))
    for access in found.accesses:
        inner = next((i for i in access.touch.context.loops if i in offsets), None)
        if inner is None or _outside(access, inner, offsets[inner], facts):
            yield f"an iteration may read another row of '{access.touch.symbol}' than those of its turn's block"
    for p in found.path:
        if facts.loop_facts[p].blockers:
            yield "a loop around the visiting rows must run in order"
        for symbol, accesses in facts.accesses_in(p).items():
            here = tuple(a for a in accesses if p in a.touch.context.loops)
            private = p in facts.touches.scopes.get(symbol, ())
            naming = facts.naming_at(facts.loops[p].around)
            if not private and any(a.touch.write for a in here) and carried(facts.loops[p], here, facts.loops, naming):
                yield f"iterations around the visiting rows meet in '{symbol}': their order would change"


def _outside(access: Access, inner: int, offset: int, facts: Facts) -> bool:
    """Whether a row may be read that does not lie in the block to which the iteration belongs."""
    info = facts.loops[inner]
    around = loops_from(info, access, facts.loops)
    dims = {variable(c.variable): f"x{k}" for k, c in enumerate(around)}
    own = frozenset(c.variable for c in around)
    space = Space(dims, Parameters(), info.written - own, facts.naming_at(info.around))
    row = space.affine(access.subscripts[0])
    if row is None:
        return True
    mine = f"first <= x0 + {offset} < past"
    bad = isl_set(
        space.parameters,
        list(dims.values()),
        [*(space.range(c) for c in around), mine, f"({row} < first or {row} >= past)"],
        ("first", "past"),
    )
    return not bad.is_empty()
