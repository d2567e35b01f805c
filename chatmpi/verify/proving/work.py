"""Obligations of arrays that iterations of a distributed loop work in: each rank has its own, and fills it first."""

from __future__ import annotations

from collections.abc import Iterator, Set

from chatmpi.analysis.facts import Facts
from chatmpi.analysis.iterations.work_arrays import is_room_to_work
from chatmpi.analysis.tree import Symbol


def wrong_work(loop: int, distributed: Set[Symbol], facts: Facts) -> Iterator[str]:
    """What is wrong with the arrays that the loop is taken to fill anew in each iteration."""
    info = facts.loops[loop]
    for s in facts.loop_facts[loop].work:
        if s in distributed:
            yield f"'{s}' is divided, and every iteration works in all of it"
        if not is_room_to_work(
            s,
            info,
            facts.arrays,
            facts.extents,
            facts.touches,
            facts.accesses,
            facts.summaries,
            facts.loops,
            facts.namings,
        ):
            yield f"'{s}' may be read where the same iteration has not written it, or after the loop"
