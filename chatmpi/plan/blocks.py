"""Calls of memcpy, memmove and memset on distributed arrays: each rank does its part, or the owner of one row all.

What fwrite writes is collected for rank 0, as by any loop that prints (`printing.py`).
"""

from __future__ import annotations

from collections.abc import Set

from chatmpi.analysis import tree
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.tree import Symbol
from chatmpi.plan.elements import Guarded, guard
from chatmpi.plan.fit import Fit, Misfit, fit


def is_written(s: tree.Stmt) -> bool:
    """Whether a block is written to a file."""
    return isinstance(s, tree.BlockLoop) and s.call.name == "fwrite"


def shared_out(loop: tree.BlockLoop, ours: Set[Symbol], facts: Facts) -> Fit | Misfit:
    """How every rank does its own part of a block, by one call."""
    found = fit(facts.loops[loop.id], ours, facts)
    if isinstance(found, Misfit):
        return found
    if not found.arrays:
        return Misfit("it touches no distributed array")
    if any(facts.extents[s].packed is not None for s in found.arrays):
        return Misfit("the rows that it touches have different lengths")
    more = found.sums or found.copies or found.turning or found.wraps or found.pieced
    if more or facts.loop_facts[loop.id].scans or facts.loop_facts[loop.id].reductions:
        return Misfit("more than one call would be needed")
    return found


def left_to_owner(loop: tree.BlockLoop, ours: Set[Symbol], facts: Facts) -> Guarded | Misfit:
    """How the owner of the one row that a block lies in does all of it."""
    s = innermost(loop)
    if loop.body is not s:
        return Misfit("it writes several rows")
    found = guard(s, ours, facts)
    if isinstance(found, Misfit):
        return found
    if any(facts.extents[a].packed is not None for g in found[0] for a in g.arrays):
        return Misfit("the row that it writes has another length than others")
    owned, fetched = found
    canonical = facts.loops[loop.id].canonical
    if len(owned) != 1 or fetched or canonical is None:
        return Misfit("it reads rows that others have")
    if owned[0].value is not None or owned[0].target is not None or canonical.variable in owned[0].row.symbols:
        return Misfit("it writes several rows")
    return owned[0]


def innermost(loop: tree.For) -> tree.ExprStmt:
    """The assignment of one element."""
    body = loop.body
    while isinstance(body, tree.For):
        body = body.body
    assert isinstance(body, tree.ExprStmt)
    return body
