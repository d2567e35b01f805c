"""Loops whose iterations depend on each other by one row only: the one that every iteration reads and one writes.

In `d[i][j] = min(d[i][j], d[i][k] + d[k][j])` iteration k changes row k. The iterations before it read the old row,
those behind it the new one: three loops, with the row broadcast before the first and again before the last, do what
the one loop does, whatever the data are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from chatmpi.analysis import tree
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.iterations.dependence import carried
from chatmpi.analysis.loops import LoopInfo
from chatmpi.analysis.memory.subscripts import Access
from chatmpi.analysis.numbers.domains import Parameters, Space, holds_nowhere
from chatmpi.analysis.numbers.polynomial import Polynomial, constant, variable
from chatmpi.analysis.tree import Symbol


def may_split(info: LoopInfo, facts: Facts) -> bool:
    """Whether nothing but elements of tracked arrays makes the iterations depend on each other."""
    loop = info.canonical
    judged = facts.loop_facts[info.stmt.id]
    kind = loop.variable.type if loop is not None else None
    if loop is None or loop.step != 1 or not isinstance(kind, tree.Scalar) or kind.is_unsigned:
        return False
    if judged.accumulated or judged.located or judged.scans or judged.lasting or judged.counter_lasts:
        return False
    names = {s.name for s in facts.extents}
    return all(b.kind in {"flow", "anti", "output"} and b.variable in names for b in judged.blockers)


def turning(access: Access, info: LoopInfo, facts: Facts) -> bool:
    """Whether an access reads one row all through the loop, which may change meanwhile."""
    row, touch = access.subscripts[0], access.touch
    stored = facts.arrays.declared[touch.symbol].rows
    inside = info.stmt.id in touch.context.loops and not touch.context.opaque
    return (
        row is not None
        and not touch.write
        and inside
        and (stored is None or stored.depth == 1)
        and not row.symbols & info.written
        and not any(s.name in facts.shadowed for s in row.symbols)
    )


def turning_point(
    info: LoopInfo, reads: Iterable[Access], shift: int, accesses: Mapping[Symbol, tuple[Access, ...]], facts: Facts
) -> Polynomial | None:
    """The iteration that changes what the others read, if the loop is free of dependences but for that. (Iteration i
    writes to row i + `shift` alone.)"""
    apart = {id(a) for a in reads}
    rows = {row for a in reads if (row := a.subscripts[0]) is not None}
    if len(rows) != 1:
        return None
    naming = facts.naming_at(info.around)
    for many in accesses.values():
        rest = tuple(a for a in many if id(a) not in apart and info.stmt.id in a.touch.context.loops)
        if any(a.touch.write for a in rest) and carried(info, rest, facts.loops, naming) is not None:
            return None
    return rows.pop() - constant(shift)


def surely_run(point: Polynomial, info: LoopInfo, facts: Facts) -> bool:
    """Whether the loop's range surely holds the iteration `point`."""
    assert info.canonical is not None
    around = [c for i in info.around[:-1] if (c := facts.loops[i].counted) is not None]
    dims = {variable(c.variable): f"x{k}" for k, c in enumerate(around)}
    space = Space(dims, Parameters(), frozenset(), facts.naming_at(info.around))
    here, lower, upper = (space.affine(p) for p in (point, info.canonical.lower, info.canonical.upper))
    if here is None or lower is None or upper is None:
        return False
    known = [space.range(c) for c in around]
    outside = f"({here} < {lower} or {here} >= {upper})"
    return holds_nowhere(space.parameters, list(dims.values()), [*known, outside])
