"""Whether a value reaches nothing but statements that print, so that rank 0 alone needs it."""

from __future__ import annotations

from chatmpi.analysis import tree
from chatmpi.analysis.calls.effects import FILE_SCOPE, is_output
from chatmpi.analysis.expressions import bare
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.flow import Point, after, control_flow, point_of
from chatmpi.analysis.touches import CallTouch, ScalarTouch
from chatmpi.analysis.tree import Symbol


def only_printed(symbol: Symbol, loop: int, facts: Facts) -> bool:
    """Whether the value that a loop leaves in `symbol` reaches nothing but statements that print."""
    if symbol in facts.unstable:
        return False
    if symbol.storage in FILE_SCOPE and any(
        isinstance(t, CallTouch) and symbol in facts.summaries[t.call.name].reads
        for t in facts.touches.items
        if isinstance(t, CallTouch) and t.call.name in facts.summaries
    ):
        return False
    touched: dict[Point, list[ScalarTouch]] = {}
    for t in facts.touches.items:
        if isinstance(t, ScalarTouch) and t.symbol == symbol:
            touched.setdefault(point_of(t), []).append(t)
    graph = control_flow(facts.function.body)
    pending: list[Point] = [after(facts.loops[loop].stmt)]
    seen: set[Point] = set()
    while pending:
        point = pending.pop()
        if point in seen:
            continue
        seen.add(point)
        here = touched.get(point, [])
        if any(t.context.opaque for t in here):
            return False
        first = here[0] if here else None
        if first is not None and first.read and not prints(first.context.statement, facts):
            return False
        if first is not None and first.write and not first.read and not first.context.sometimes:
            continue
        if any(t.read for t in here) and not prints(here[0].context.statement, facts):
            return False
        pending.extend(graph.successors(point))
    return not any(t.context.opaque for many in touched.values() for t in many)


def prints(s: tree.Stmt, facts: Facts) -> bool:
    """Whether a statement is a call of the library that prints, or closes what is printed to: rank 0 alone does it."""
    if facts.streams.closes_written(s):
        return True
    if not isinstance(s, tree.ExprStmt) or not is_output(s.expr, facts.summaries):
        return False
    call = bare(s.expr)
    return isinstance(call, tree.Call) and call.name not in facts.summaries
