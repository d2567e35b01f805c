"""How a function's returns read where its body stands in the place of a call: its value is assigned, and control
goes on behind the body."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from chatmpi.analysis import tree
from chatmpi.analysis.calls.functions import always_returns, has_return, straight_returns
from chatmpi.analysis.calls.memory_failures import without_failures
from chatmpi.analysis.expressions import bare
from chatmpi.analysis.rewriting import rewritten
from chatmpi.analysis.tree import Expr, Node, Stmt, Symbol


@dataclass(frozen=True, slots=True)
class Returning:
    """`value`: what is assigned, None where nobody needs it; `fresh` makes ids of statements. `stands_for`: the
    function's own variable that has the value's place all along."""

    value: Expr | None
    fresh: Callable[[], int]
    stands_for: Symbol | None = None

    def read(self, body: tree.Block) -> tree.Block:
        """The body without returns. Early ones become branches if control comes back from none of them; others leave
        the block."""
        body = without_failures(body)
        number = self.fresh()
        if straight_returns(body.body):
            return tree.Block(span=body.span, id=number, body=tuple(self._straight(body.body)))
        *before, last = body.body
        end = tuple(self._assigned(last)) if isinstance(last, tree.Return) else (self._leaving(last, number),)
        parts = (*(self._leaving(s, number) for s in before), *end)
        block = tree.Block(span=body.span, id=number, body=parts, in_macro=True)
        return tree.Block(span=body.span, id=self.fresh(), body=(block,))

    def _assigned(self, s: tree.Return) -> Iterator[Stmt]:
        mine = bare(s.value) if s.value is not None and self.stands_for is not None else None
        if isinstance(mine, tree.Name) and mine.symbol == self.stands_for:
            return
        if s.value is not None and self.value is not None:
            target = rewritten(self.value, lambda n: replace(n, span=s.span, in_macro=True))
            assign = tree.Assign(span=s.span, type=self.value.type, op="=", target=target, value=s.value)
            yield tree.ExprStmt(span=s.span, id=s.id, expr=assign, in_macro=s.in_macro)

    def _leaving(self, s: Stmt, block: int) -> Stmt:
        def change(node: Node) -> Node:
            if not isinstance(node, tree.Return):
                return node
            leave = tree.Leave(span=node.span, id=self.fresh(), block=block, in_macro=True)
            parts = (*self._assigned(node), leave)
            return tree.Block(span=node.span, id=self.fresh(), body=parts, in_macro=True)

        return rewritten(s, change)

    def _straight(self, body: tuple[Stmt, ...]) -> Iterator[Stmt]:
        for k, s in enumerate(body):
            match s:
                case tree.Return():
                    yield from self._assigned(s)
                    return
                case tree.Block(body=inner) if has_return(s):
                    yield from self._straight(inner)
                    return
                case tree.If(then=then, otherwise=otherwise) if has_return(s):
                    yield self._branches(s, then, otherwise, body[k + 1 :])
                    return
            yield s

    def _branches(self, s: tree.If, then: Stmt, otherwise: Stmt | None, rest: tuple[Stmt, ...]) -> tree.If:
        """An if, of which a branch returns: what follows it belongs to the branches that do not."""

        def branch(b: Stmt | None) -> Stmt | None:
            own = () if b is None else (b,)
            follows = own if b is not None and always_returns(b) else (*own, *rest)
            if not follows:
                return None
            parts = tuple(self._straight(follows))
            return tree.Block(span=s.span, id=self.fresh(), body=parts, in_macro=True)

        first = branch(then)
        assert first is not None
        return replace(s, then=first, otherwise=branch(otherwise))
