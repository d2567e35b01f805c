"""The obligations of rows that are dealt in turn: row i belongs to rank i % size, for every size.

Each row has one owner, whatever the size, since i % size is one number of 0 … size-1. What remains to be shown is that
iteration i, which the owner of row i runs, touches row i alone; there are no neighbours to read from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set

from chatmpi.analysis.facts import Facts
from chatmpi.analysis.iterations.dependence import loops_from
from chatmpi.analysis.loops import LoopInfo
from chatmpi.analysis.memory.subscripts import Access
from chatmpi.analysis.numbers.domains import Parameters, Space, holds_nowhere
from chatmpi.analysis.numbers.polynomial import variable
from chatmpi.analysis.tree import Symbol
from chatmpi.plan.cyclic import unsuited
from chatmpi.plan.fit import Fit
from chatmpi.plan.plan import Partition


def leaves_its_row(access: Access, info: LoopInfo, facts: Facts) -> bool:
    """Whether iteration i may touch another row than i."""
    row = access.subscripts[0]
    around = loops_from(info, access, facts.loops)
    dims = {variable(c.variable): f"x{k}" for k, c in enumerate(around)}
    own = frozenset(c.variable for c in around)
    space = Space(dims, Parameters(), info.written - own, facts.naming_at(info.around))
    here = space.affine(row)
    if here is None:
        return True
    known = [space.range(c) for c in around] + [space.guards(access.touch.context.guards, info, facts.loops)]
    return not holds_nowhere(space.parameters, list(dims.values()), [*known, f"{here} != x0"])


def wrong_dealing(
    partition: Partition, members: Set[Symbol], fits: Mapping[int, Fit], facts: Facts
) -> Iterator[tuple[int | None, str]]:
    """What is wrong with rows dealt in turn, with the loop where it is."""
    if partition.halo.width or partition.min_block > 1 or partition.requires or partition.work:
        yield None, f"the rows of partition '{partition.name}' are dealt in turn: no rank has neighbouring rows"
    for i, found in fits.items():
        if found.arrays & members and (reason := unsuited(found, frozenset(members), facts)):
            yield i, f"the loop's rows cannot be dealt in turn: {reason}"
