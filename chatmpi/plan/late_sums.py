"""Elements that are added up one after the other, `for (i …) for (j …) z[i] += …`: combined together behind both loops.

While the outer loop runs, each rank's copy of an element holds its own part. Nobody looks at it any more until all of
them are combined by one call.
"""

from __future__ import annotations

from dataclasses import dataclass

from chatmpi.analysis.calls.effects import effects_of
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.loops import CanonicalLoop, LoopInfo
from chatmpi.analysis.numbers.polynomial import Polynomial, constant, of_atom, variable
from chatmpi.analysis.touches import CallTouch, ElementTouch
from chatmpi.analysis.tree import Expr, Symbol


@dataclass(frozen=True, slots=True)
class Span:
    """The elements `first` … `first + count - 1`, all of them complete after the loop `place`."""

    place: int
    first: Polynomial
    count: Polynomial


def span(symbol: Symbol, element: Expr, info: LoopInfo, facts: Facts) -> Span | None:
    """The elements that the loop directly around `info`'s adds up, one in each of its iterations."""
    if len(info.around) < 2 or len(facts.extents[symbol].dimensions) != 1:
        return None
    outer = facts.loops[info.around[-2]]
    loop = outer.canonical
    access = next(a for a in facts.accesses.values() if a.touch.node is element)
    if loop is None or abs(loop.step) != 1 or access.subscripts[0] is None:
        return None
    if loop.lower is None or loop.upper is None:
        return None
    offset = (access.subscripts[0] - of_atom(variable(loop.variable))).constant
    if offset is None or not _always(info, outer) or not _left_alone(symbol, offset, loop, info, outer, facts):
        return None
    if any(s.name in facts.shadowed for s in loop.lower.symbols | loop.upper.symbols):
        return None
    return Span(outer.stmt.id, loop.lower + constant(offset), loop.upper - loop.lower)


def _always(info: LoopInfo, outer: LoopInfo) -> bool:
    """Whether the inner loop is reached in every iteration: it stands in the body itself, or is the body."""
    body = outer.stmt.body
    return body is info.stmt or any(s is info.stmt for s in getattr(body, "body", ()))


def _left_alone(
    symbol: Symbol, offset: int, loop: CanonicalLoop, info: LoopInfo, outer: LoopInfo, facts: Facts
) -> bool:
    """Whether an iteration touches no element but its own, and that not after it has been added up."""
    own = of_atom(variable(loop.variable))
    begin, end = facts.touches.ranges[outer.stmt.id]
    _, added = facts.touches.ranges[info.stmt.id]
    inside = set(map(id, facts.touches.of(info.stmt.id)))
    for k, t in enumerate(facts.touches.items[begin:end], begin):
        if id(t) in inside and any(g.loops == outer.around for g in t.context.guards):
            return False
        if isinstance(t, CallTouch):
            effects = effects_of(t.call, facts.summaries)
            if effects.unknown or symbol in effects.reads | effects.writes:
                return False
        elif isinstance(t, ElementTouch) and t.symbol == symbol:
            access = facts.accesses.get(id(t))
            row = access.subscripts[0] if access is not None else None
            if k >= added or row is None or (row - own).constant != offset or t.context.opaque:
                return False
        elif getattr(t, "symbol", None) == symbol:
            return False
    return True
