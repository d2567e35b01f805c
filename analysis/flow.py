"""Control flow of a function as a graph, and facts that travel along it.

Nodes: a statement's id is the point where it is entered; `(id, "test")` where a loop's or if's condition is
evaluated, `(id, "step")` a for's step, `(id, "after")` the point behind it; ENTRY and EXIT.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import networkx as nx

from chatmpi.analysis import tree
from chatmpi.analysis.touches import ScalarTouch, Touches
from chatmpi.analysis.tree import Stmt, Symbol

Point = Hashable
ENTRY, EXIT = "entry", "exit"
State = TypeVar("State")


def after(s: Stmt) -> Point:
    return (s.id, "after")


def test(s: Stmt) -> Point:
    return (s.id, "test")


def step(s: Stmt) -> Point:
    return (s.id, "step")


def control_flow(body: Stmt, whole: frozenset[int] = frozenset()) -> nx.DiGraph[Point]:
    """The graph of a function's body; statements in `whole` are one point, whatever is inside them."""
    builder = _Builder(whole)
    builder.graph.add_node(ENTRY)
    last = builder.add(body, ENTRY)
    if last is not None:
        builder.graph.add_edge(last, EXIT)
    builder.graph.add_node(EXIT)
    return builder.graph


@dataclass(frozen=True, slots=True)
class _Targets:
    """Where `break` and `continue` lead."""

    on_break: Point
    on_continue: Point


class _Builder:
    def __init__(self, whole: frozenset[int]) -> None:
        self.graph: nx.DiGraph[Point] = nx.DiGraph()
        self.whole = whole

    def add(self, s: Stmt, before: Point | None, targets: _Targets | None = None) -> Point | None:
        """Add a statement that is entered from `before`; the point it ends at, None if it never ends."""
        if before is None:
            self.graph.add_node(s.id)  # unreachable
        else:
            self.graph.add_edge(before, s.id)
        if s.id in self.whole:
            self._ways_out(s)
            return self._edge(s.id, after(s))
        match s:
            case tree.Block(body=body):
                return self._block(s, body, targets)
            case tree.If(then=then, otherwise=otherwise):
                return self._if(s, then, otherwise, targets)
            case tree.For() | tree.While() | tree.DoWhile():
                return self._loop(s)
            case tree.Return():
                self.graph.add_edge(s.id, EXIT)
                return None
            case tree.Leave(block=block):
                self.graph.add_edge(s.id, (block, "after"))
                return None
            case tree.Break() if targets:
                self.graph.add_edge(s.id, targets.on_break)
                return None
            case tree.Continue() if targets:
                self.graph.add_edge(s.id, targets.on_continue)
                return None
        return self._edge(s.id, after(s))

    def _ways_out(self, s: Stmt) -> None:
        """Where control may go on from inside a statement that is one point, beside behind it."""
        inside = list(tree.statements(s))
        blocks = {b.id for b in inside if isinstance(b, tree.Block)}
        for way in inside:
            if isinstance(way, tree.Leave) and way.block not in blocks:
                self.graph.add_edge(s.id, (way.block, "after"))
            elif isinstance(way, tree.Return):
                self.graph.add_edge(s.id, EXIT)

    def _block(self, s: Stmt, body: tuple[Stmt, ...], targets: _Targets | None) -> Point | None:
        end: Point | None = s.id
        for part in body:
            end = self.add(part, end, targets)
        if end is None:
            return after(s) if self.graph.has_node(after(s)) else None
        return self._edge(end, after(s))

    def _edge(self, a: Point, b: Point) -> Point:
        self.graph.add_edge(a, b)
        return b

    def _if(self, s: Stmt, then: Stmt, otherwise: Stmt | None, targets: _Targets | None) -> Point | None:
        condition = self._edge(s.id, test(s))
        ends = [self.add(then, condition, targets)]
        ends.append(condition if otherwise is None else self.add(otherwise, condition, targets))
        for end in ends:
            if end is not None:
                self.graph.add_edge(end, after(s))
        return after(s) if any(e is not None for e in ends) else None

    def _loop(self, s: tree.For | tree.While | tree.DoWhile) -> Point:
        start: Point = s.id
        if isinstance(s, tree.For) and s.init is not None:
            start = self.add(s.init, start) or start
        again = self._edge(step(s), test(s)) and step(s) if isinstance(s, tree.For) else test(s)
        self.graph.add_edge(test(s), after(s))
        end = self.add(s.body, start if isinstance(s, tree.DoWhile) else test(s), _Targets(after(s), again))
        if isinstance(s, tree.DoWhile):
            self.graph.add_edge(test(s), s.body.id)
        else:
            self.graph.add_edge(start, test(s))
        if end is not None:
            self.graph.add_edge(end, again)
        return after(s)


def forward(
    graph: nx.DiGraph[Point],
    entry: State,
    transfer: Callable[[Point, State], State],
    join: Callable[[State, State], State],
) -> dict[Point, State]:
    """The state on entering each reachable point: the least solution that grows from ENTRY under `join`."""
    states: dict[Point, State] = {ENTRY: entry}
    pending = [ENTRY]
    while pending:
        point = pending.pop()
        out = transfer(point, states[point])
        for following in graph.successors(point):
            known = states.get(following)
            merged = out if known is None else join(known, out)
            if known is None or merged != known:
                states[following] = merged
                pending.append(following)
    return states


def live_after(body: Stmt, touches: Touches) -> Mapping[Point, frozenset[Symbol]]:
    """For each point, the scalars whose value there may still be read."""
    graph = control_flow(body)
    reads, writes, bits = _local_effects(touches, _swallowed(body))
    live: dict[Point, int] = dict.fromkeys(graph, 0)
    pending = list(graph)
    while pending:
        point = pending.pop()
        out = 0
        for following in graph.successors(point):
            out |= live[following]
        into = (out & ~writes.get(point, 0)) | reads.get(point, 0)
        if into != live[point]:
            live[point] = into
            pending.extend(graph.predecessors(point))
    symbols = list(bits)
    return {p: frozenset(s for k, s in enumerate(symbols) if mask >> k & 1) for p, mask in live.items() if _is_after(p)}


def _is_after(point: Point) -> bool:
    return isinstance(point, tuple) and point[1] == "after"


def _swallowed(body: Stmt) -> dict[int, Point]:
    """Statements inside one whose control flow is not understood, and that one's point."""
    found: dict[int, Point] = {}
    for s in tree.statements(body):
        if isinstance(s, tree.UnknownStmt):
            for inner in tree.statements(s):
                found.setdefault(inner.id, s.id)
    return found


def _local_effects(
    touches: Touches, swallowed: Mapping[int, Point]
) -> tuple[dict[Point, int], dict[Point, int], dict[Symbol, int]]:
    """Per point: bit masks of scalars read there before being written, and surely written there."""
    reads: dict[Point, int] = {}
    writes: dict[Point, int] = {}
    bits: dict[Symbol, int] = {}
    for t in touches.items:
        if not isinstance(t, ScalarTouch):
            continue
        bit = 1 << bits.setdefault(t.symbol, len(bits))
        point = swallowed.get(t.context.statement.id) or point_of(t)
        if t.read and not writes.get(point, 0) & bit:
            reads[point] = reads.get(point, 0) | bit
        if t.write and not t.context.sometimes and t.update is not None and not t.context.opaque:
            writes[point] = writes.get(point, 0) | bit
    return reads, writes, bits


def point_of(t: ScalarTouch) -> Point:
    """The point of the graph at which a touch happens."""
    s = t.context.statement
    match s:
        case tree.If() | tree.While() | tree.DoWhile():
            return test(s)
        case tree.For(step=step_expr):
            inside = step_expr is not None and step_expr.span.begin <= t.node.span.begin < step_expr.span.end
            return step(s) if inside else test(s)
    return s.id
