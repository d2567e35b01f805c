"""Which scalars a statement needs from before it, and which it surely sets."""

from __future__ import annotations

from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.touches import ScalarTouch, Touches
from chatmpi.analysis.tree import Symbol

NO_SYMBOLS: frozenset[Symbol] = frozenset()


@dataclass(frozen=True, slots=True)
class Flow:
    """Of a statement: variables that it may read before writing them, and variables that it surely writes.

    `leaves`: what is surely written where control leaves for the end of a block (see `tree.Leave`), by the block's id;
    `falls`: whether control may also come out at the statement's own end.
    """

    exposed: frozenset[Symbol] = NO_SYMBOLS
    written: frozenset[Symbol] = NO_SYMBOLS
    leaves: tuple[tuple[int, frozenset[Symbol]], ...] = ()
    falls: bool = True

    def then(self, other: Flow) -> Flow:
        if not self.falls:
            return self
        leaves = tuple((block, self.written | written) for block, written in other.leaves)
        exposed = self.exposed | (other.exposed - self.written)
        return Flow(exposed, self.written | other.written, self.leaves + leaves, other.falls)

    def perhaps(self) -> Flow:
        """The same where it is not sure to happen."""
        return Flow(self.exposed, NO_SYMBOLS, self.leaves)

    def either(self, other: Flow) -> Flow:
        if self.falls and other.falls:
            written = self.written & other.written
        else:
            written = self.written if self.falls else other.written
        falls = self.falls or other.falls
        return Flow(self.exposed | other.exposed, written, self.leaves + other.leaves, falls)

    def behind(self, block: int) -> Flow:
        """At the end of a block, where control comes from its last statement or from where it was left."""
        arrived = [written for target, written in self.leaves if target == block]
        arrived += [self.written] if self.falls or not arrived else []
        others = tuple(left for left in self.leaves if left[0] != block)
        falls = self.falls or len(others) < len(self.leaves)
        return Flow(self.exposed, frozenset.intersection(*arrived), others, falls)


def flow(s: tree.Stmt | None, touches: Touches) -> Flow:
    """The flow of scalars through a statement."""
    match s:
        case None:
            return Flow()
        case tree.Block(body=body):
            total = Flow()
            for part in body:
                total = total.then(flow(part, touches))
            return total.behind(s.id)
        case tree.If(then=then, otherwise=otherwise):
            return _own(s, touches).then(flow(then, touches).either(flow(otherwise, touches)))
        case tree.For(init=init, body=body_stmt):
            start = flow(init, touches).then(Flow(_own(s, touches).exposed))
            return start.then(flow(body_stmt, touches).perhaps())
        case tree.While(body=body_stmt):
            return Flow(_own(s, touches).exposed).then(flow(body_stmt, touches).perhaps())
        case tree.DoWhile(body=body_stmt):
            inside = flow(body_stmt, touches)
            if any(isinstance(n, tree.Break | tree.Continue) for n in tree.statements(body_stmt)):
                inside = inside.perhaps()
            return inside.then(_own(s, touches))
        case tree.Leave(block=block):
            return Flow(leaves=((block, NO_SYMBOLS),), falls=False)
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
