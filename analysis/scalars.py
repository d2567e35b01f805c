"""Which scalars a statement needs from before it, and which it surely sets."""

from __future__ import annotations

from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.touches import ScalarTouch, Touches
from chatmpi.analysis.tree import Symbol

NO_SYMBOLS: frozenset[Symbol] = frozenset()


@dataclass(frozen=True, slots=True)
class Flow:
    """Of a statement: variables that it may read before writing them, and variables that it surely writes."""

    exposed: frozenset[Symbol] = NO_SYMBOLS
    written: frozenset[Symbol] = NO_SYMBOLS

    def then(self, other: Flow) -> Flow:
        return Flow(self.exposed | (other.exposed - self.written), self.written | other.written)


def flow(s: tree.Stmt | None, touches: Touches) -> Flow:
    """The flow of scalars through a statement."""
    match s:
        case None:
            return Flow()
        case tree.Block(body=body):
            total = Flow()
            for part in body:
                total = total.then(flow(part, touches))
            return total
        case tree.If(then=then, otherwise=otherwise):
            a, b = flow(then, touches), flow(otherwise, touches)
            return _own(s, touches).then(Flow(a.exposed | b.exposed, a.written & b.written))
        case tree.For(init=init, body=body_stmt):
            start = flow(init, touches).then(Flow(_own(s, touches).exposed))
            return start.then(Flow(flow(body_stmt, touches).exposed))
        case tree.While(body=body_stmt):
            return Flow(_own(s, touches).exposed | flow(body_stmt, touches).exposed)
        case tree.DoWhile(body=body_stmt):
            inside = flow(body_stmt, touches)
            if any(isinstance(n, tree.Break | tree.Continue) for n in tree.statements(body_stmt)):
                inside = Flow(inside.exposed)
            return inside.then(_own(s, touches))
        case tree.UnknownStmt():
            return Flow(frozenset(t.symbol for t in touches.of(s.id) if isinstance(t, ScalarTouch)))
    return _own(s, touches)


def _own(s: tree.Stmt, touches: Touches) -> Flow:
    """What a statement itself does, without the statements inside it."""
    exposed: set[Symbol] = set()
    written: set[Symbol] = set()
    for t in touches.of(s.id):
        if isinstance(t, ScalarTouch) and t.context.statement is s:
            if t.read and t.symbol not in written:
                exposed.add(t.symbol)
            if t.write and not t.context.sometimes and t.update is not None:
                written.add(t.symbol)
    return Flow(frozenset(exposed), frozenset(written))
