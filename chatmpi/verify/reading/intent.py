"""What the plan says, by the statement of the sequential program that it says it of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chatmpi.analysis.facts import Facts
from chatmpi.analysis.numbers.polynomial import Polynomial
from chatmpi.analysis.touches import BareUse
from chatmpi.analysis.tree import Symbol
from chatmpi.plan.plan import ArrayPlan, Communication, GuardPlan, LoopPlan, Partition, Plan


@dataclass(frozen=True)
class Intent:
    """`before`, `after`: numbers of the communications next to a statement; `partition_of`: of each distributed
    array; `bare`: ids of nodes at which a distributed array may stand as a whole (tests, frees, swaps)."""

    plan: Plan
    loops: Mapping[int, LoopPlan]
    guards: Mapping[int, tuple[GuardPlan, ...]]
    outputs: frozenset[int]
    before: Mapping[int, tuple[int, ...]]
    after: Mapping[int, tuple[int, ...]]
    arrays: Mapping[Symbol, ArrayPlan]
    partition_of: Mapping[Symbol, Partition]
    extents: Mapping[str, Polynomial]
    bare: frozenset[int]
    tested: frozenset[Symbol]

    def communication(self, number: int) -> Communication:
        return self.plan.communications[number]


def intent(facts: Facts, plan: Plan) -> Intent:
    by_uid = {s.uid: s for s in facts.arrays.declared}
    arrays = {by_uid[a.uid]: a for a in plan.arrays if a.uid in by_uid}
    partition_of = {s: plan.partition(a.partition) for s, a in arrays.items() if a.partition is not None}
    before: dict[int, tuple[int, ...]] = {}
    after: dict[int, tuple[int, ...]] = {}
    for k, c in enumerate(plan.communications):
        side = before if c.when == "before" else after
        side[c.start.statement] = (*side.get(c.start.statement, ()), k)
    return Intent(
        plan=plan,
        loops={loop.place.statement: loop for loop in plan.loops if loop.treatment == "distributed"},
        guards={
            i: tuple(g for g in plan.guards if g.place.statement == i) for i in {g.place.statement for g in plan.guards}
        },
        outputs=frozenset(o.statement for o in plan.outputs),
        before=before,
        after=after,
        arrays=arrays,
        partition_of=partition_of,
        extents=_extents(facts, plan, partition_of),
        bare=_bare_uses(facts),
        tested=frozenset(t.symbol for t in facts.touches.items if isinstance(t, BareUse) and t.role == "test")
        | {s for s, v in facts.arrays.declared.items() if v.rows is not None and v.rows.in_blocks},
    )


def _extents(facts: Facts, plan: Plan, partition_of: Mapping[Symbol, Partition]) -> dict[str, Polynomial]:
    """The extent of each partition: that of the array whose rows the plan's text means."""
    found: dict[str, Polynomial] = {}
    for symbol, partition in partition_of.items():
        extents = facts.extents.get(symbol)
        if extents is not None and extents.dimensions[0].text() == partition.extent:
            found[partition.name] = extents.dimensions[0]
    return found


def _bare_uses(facts: Facts) -> frozenset[int]:
    swapping = {i for swap in facts.arrays.swaps for i in swap.statements}
    return frozenset(
        id(t.node)
        for t in facts.touches.items
        if isinstance(t, BareUse)
        and (
            t.role == "test"
            or (t.role == "argument" and t.call is not None and t.call.name == "free")
            or t.context.statement.id in swapping
        )
    )
