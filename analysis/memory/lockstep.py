"""Two counters that statements step together: how much further one has come than the other."""

from __future__ import annotations

from collections.abc import Sequence

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import bare
from chatmpi.analysis.surroundings import statements_of, stepping
from chatmpi.analysis.tree import Node, Stmt, Symbol


class _Apart(Exception):
    """They may be stepped at different times."""


def in_step(statements: Sequence[Stmt], one: Symbol, other: Symbol) -> bool:
    """Whether some statements, one after the other, step two counters up equally often, whichever way is taken."""
    try:
        return _sequence(statements, _Steps(one, other)) == 0
    except _Apart:
        return False


class _Steps:
    def __init__(self, one: Symbol, other: Symbol) -> None:
        self.one, self.other = one, other
        self.loops = 0  # around, of those that are looked at

    def of(self, node: Node) -> int:
        """By how much an expression moves the one further than the other."""
        total = 0
        for n in tree.walk(node):
            found = stepping(n)
            if found is None or found[0] not in {self.one, self.other}:
                continue
            if found[1:] != (1, False) or any(_is_choice(c) and self.any_in(c) for c in tree.walk(node)):
                raise _Apart
            total += 1 if found[0] == self.one else -1
        return total

    def any_in(self, node: Node) -> bool:
        return any((s := stepping(n)) is not None and s[0] in {self.one, self.other} for n in tree.walk(node))


def _is_choice(n: Node) -> bool:
    return isinstance(n, tree.Conditional) or (isinstance(n, tree.Binary) and n.op in {"&&", "||"})


def _sequence(statements: Sequence[Stmt], steps: _Steps, before: int = 0) -> int | None:
    """How far they are apart behind some statements; None where control does not come there."""
    apart: int | None = before
    for s in statements:
        if apart is not None:
            apart = _statement(s, steps, apart)
    return apart


def _statement(s: Stmt, steps: _Steps, apart: int) -> int | None:
    match s:
        case tree.Block(body=body):
            return _sequence(body, steps, apart)
        case tree.If(condition=condition, then=then, otherwise=otherwise):
            apart += steps.of(condition)
            ways = [_statement(then, steps, apart), apart if otherwise is None else _statement(otherwise, steps, apart)]
            ends = {w for w in ways if w is not None}
            if len(ends) > 1:
                raise _Apart
            return ends.pop() if ends else None
        case tree.For(body=body) | tree.While(body=body) | tree.DoWhile(body=body):
            if any(steps.any_in(part) for part in tree.children(s) if part is not body):
                raise _Apart
            steps.loops += 1
            if _sequence(statements_of(body), steps) not in {0, None}:
                raise _Apart
            steps.loops -= 1
            return apart
        case tree.Continue() | tree.Break():
            if apart != 0 or steps.loops == 0:
                raise _Apart
            return None
        case tree.ExprStmt() | tree.Declaration() | tree.Empty():
            return apart + steps.of(s)
    raise _Apart


def is_zero_set(update: Node | None) -> bool:
    """Whether a variable is set to 0 by a declaration or an assignment."""
    match update:
        case tree.VarDecl(init=tree.Expr() as value) | tree.Assign(op="=", value=value):
            inner = bare(value)
            return isinstance(inner, tree.IntLiteral) and inner.value == 0
    return False
