"""Obligations of scans: blocks in the order of the iterations, one exclusive scan of their totals."""

from __future__ import annotations

from collections.abc import Iterator

from chatmpi.analysis.facts import Facts
from chatmpi.analysis.iterations.scans import Scan
from chatmpi.analysis.numbers.polynomial import ONE
from chatmpi.plan.plan import LoopPlan, Plan
from chatmpi.plan.scan import kept_arrays, kept_text
from chatmpi.verify.proving.locations import IN_ORDER


def wrong_scans(loop: LoopPlan, plan: Plan, facts: Facts) -> Iterator[str]:
    """What is wrong with the plan's treatment of the running values that a distributed loop keeps."""
    statement = loop.place.statement
    planned = {c.uid: c for c in plan.communications if c.kind == "scan" and c.start.statement == statement}
    scans = facts.loop_facts[statement].scans
    for scan in scans:
        name = scan.carrier.name
        c = planned.get(scan.carrier.uid)
        if c is None or (c.when, c.operation, c.element) != ("after", scan.operation, kept_text(scan)):
            yield f"the totals of '{name}' in the blocks before a rank's own do not reach it"
        if loop.partition is None or plan.partition(loop.partition).kind not in IN_ORDER:
            yield f"'{name}' runs from iteration to iteration, and the blocks do not lie in their order"
        if any(a.uid == s.uid and a.partition != loop.partition for a in plan.arrays for s in kept_arrays(scan)):
            yield f"what is kept of '{name}' is not divided as the loop is"
        yield from _wrong_distance(scan, facts)
    if len(planned) != len(scans):
        yield "the plan scans what the loop does not"


def _wrong_distance(scan: Scan, facts: Facts) -> Iterator[str]:
    """The element before is the one that the iteration before has written: their rows differ by one, everywhere."""
    (kept,) = scan.kept if scan.before else (None,)
    if kept is None:
        return
    for a in facts.accesses.values():
        if any(a.touch.node is n for n in scan.before):
            row, last = kept.subscripts[0], a.subscripts[0]
            if row is None or last is None or row - last != ONE:
                yield f"'{scan.carrier}' is not carried from each iteration to the next"
