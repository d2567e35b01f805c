"""The obligations of blocks of equal work.

Where such blocks begin is found by a search between 0 and the extent that goes no further left for a later rank:
so they cover all rows once, in order, whatever the weights are, and all that is proved for free `begin`, `end`
holds for them. What is left: that nothing needs blocks of some width, and that the weights are the program's.

Chunks of c >= 1 iterations, dealt round robin, hold each iteration k once, at rank (k / c) mod size; nothing may
depend on which rank that is, or on the order in which the ranks' parts are combined.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from chatmpi.analysis.facts import Facts
from chatmpi.analysis.tree import Symbol
from chatmpi.plan.balance import c_texts, partition_work, range_work
from chatmpi.plan.cost import Sizes, nominal_sizes
from chatmpi.plan.elements import Guarded
from chatmpi.plan.fit import Fit
from chatmpi.plan.irregular import in_chunks
from chatmpi.plan.plan import LoopPlan, Partition, Plan
from chatmpi.plan.used_part import used_part


def wrong_partitions(
    plan: Plan,
    of_array: Mapping[Symbol, Partition],
    fits: Mapping[int, Fit],
    guards: Sequence[Guarded],
    facts: Facts,
) -> Iterator[str]:
    sizes = nominal_sizes(facts)
    for p in plan.partitions:
        if (p.kind == "balanced") != bool(p.work):
            yield f"partition '{p.name}' does not say by which work its blocks are equal"
        yield from _wrong_part(p, of_array, fits, facts, sizes)
        if not p.work:
            continue
        if p.halo.width or p.min_block > 1:
            yield f"blocks of equal work may be narrower than the rows that partition '{p.name}' needs in one block"
        members = frozenset(s for s, q in of_array.items() if q is p)
        extent = next(d for s in members if (d := facts.extents[s].dimensions[0]).text() == p.extent)
        if p.work != c_texts(partition_work(members, extent, fits.values(), guards, facts, sizes)):
            yield f"the work that partition '{p.name}' names is not that of its rows"


def _wrong_part(
    p: Partition, of_array: Mapping[Symbol, Partition], fits: Mapping[int, Fit], facts: Facts, sizes: Sizes
) -> Iterator[str]:
    """That only the first rows are dealt out changes where blocks begin, if their number is known there."""
    if not p.used:
        return
    members = frozenset(s for s, q in of_array.items() if q is p)
    extent = next(d for s in members if (d := facts.extents[s].dimensions[0]).text() == p.extent)
    found = used_part(members, extent, fits.values(), facts, sizes)
    if p.kind != "block" or found is None or found.text() != p.used:
        yield f"partition '{p.name}' deals out {p.used} rows, and that is not how many the loops run through"


def wrong_loops(plan: Plan, fits: Mapping[int, Fit], facts: Facts) -> Iterator[tuple[LoopPlan, str]]:
    sizes = nominal_sizes(facts)
    for loop in plan.loops:
        found = fits.get(loop.place.statement)
        whole = found is None or loop.treatment != "distributed" or loop.partition is not None
        if loop.work and (found is None or whole or loop.work != c_texts(range_work(found, facts, sizes))):
            yield loop, "the work by which its range is dealt out is not that of its iterations"
        if loop.chunks and (found is None or whole or loop.work or not in_chunks(found, facts)):
            yield loop, "its iterations are dealt in chunks, and something needs them in order or in blocks"
