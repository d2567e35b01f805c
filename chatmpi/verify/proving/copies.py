"""Proofs about broadcast copies of rows: made by the row's owner, before all that reads them, and still right then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from chatmpi.analysis import tree
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.tree import Symbol
from chatmpi.plan.plan import TURNING, Communication, Partition, Plan
from chatmpi.plan.served import is_copy, served
from chatmpi.verify.verdict import Counterexample


def copied_reads(plan: Plan, of_array: Mapping[Symbol, Partition], facts: Facts) -> frozenset[int]:
    """The touches (by id) that read a copy which is what they would read of the array: `steady` shows, by integer
    sets, that no write of the loop comes between."""
    return frozenset(id(a.touch) for _, accesses in served(plan, of_array.keys(), facts) for a in accesses)


def wrong_copies(plan: Plan, of_array: Mapping[Symbol, Partition], facts: Facts) -> Iterator[Counterexample]:
    useful = [c for c, _ in served(plan, of_array.keys(), facts)]
    by_uid = {s.uid: p.name for s, p in of_array.items()}
    for c in plan.communications:
        if not is_copy(c, facts):
            continue
        if c.uid not in by_uid or by_uid[c.uid] != c.partition or c.when != "before":
            yield _at(c, f"'{c.subject}' is not broadcast by the owners of its rows, before they are read", facts)
        elif c.operation == TURNING and not _is_split(c, plan):
            yield _at(c, f"row {c.element} of '{c.subject}' changes in the loop, which is not divided there", facts)
        elif c not in useful:
            yield _at(c, f"nothing in the loop reads '{c.element}' of '{c.subject}' as it is before the loop", facts)


def _is_split(c: Communication, plan: Plan) -> bool:
    return any(loop.place.statement == c.start.statement and loop.split for loop in plan.loops)


def _at(c: Communication, message: str, facts: Facts) -> Counterexample:
    loop = facts.loops.get(c.start.statement)
    node: tree.Node | None = loop.stmt if loop is not None else None
    location = facts.program.source.location(node.span.begin) if node is not None else None
    return Counterexample("proved", message, location)
