"""Allocations of at least one element: `calloc(n ? n : 1, size)`, `malloc(bytes > 0 ? bytes : 1)`, `MAX(n, 1)`.

They have room for n elements, and where n is 0, for one that nobody uses: that is looked at in every access.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from chatmpi.analysis import tree
from chatmpi.analysis.loops import LoopTable
from chatmpi.analysis.memory.arrays import Arrays
from chatmpi.analysis.memory.subscripts import Access, is_inside
from chatmpi.analysis.numbers.polynomial import ZERO, Polynomial
from chatmpi.analysis.numbers.values import Naming, text
from chatmpi.analysis.rewriting import rewritten
from chatmpi.analysis.tree import Expr, Node, Symbol

_ABOVE = {(">", 0), (">=", 1), ("!=", 0), (">", 1)}  # true: n is the number that is asked for
_BELOW = {("<=", 0), ("<", 1), ("==", 0), ("<=", 1)}
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


def asked_for(size: Expr) -> Expr:
    """The size that a program needs, where it asks for that or 1."""
    return rewritten(size, _plain)


def has_rooms(call: tree.Call | None) -> bool:
    return call is not None and any(asked_for(a) is not a for a in call.arguments)


def _plain(node: Node) -> Node:
    if not isinstance(node, tree.Conditional):
        return node
    for value, other, holds in ((node.then, node.otherwise, True), (node.otherwise, node.then, False)):
        one = _without_casts(other)
        if isinstance(one, tree.IntLiteral) and one.value == 1 and _tells(node.condition, value, holds):
            return value
    return node


def _tells(condition: Expr, value: Expr, holds: bool) -> bool:
    """Whether a value is taken, where the condition has this truth value, just if it is more than 0 (or than 1)."""
    test = _without_casts(condition)
    if _same(test, value):
        return holds
    if isinstance(test, tree.Unary) and test.op == "!" and _same(test.operand, value):
        return not holds
    if not isinstance(test, tree.Binary) or test.op not in _MIRRORED:
        return False
    for side, op, other in ((test.left, test.op, test.right), (test.right, _MIRRORED[test.op], test.left)):
        number = _without_casts(other)
        if _same(side, value) and isinstance(number, tree.IntLiteral):
            return (op, number.value) in (_ABOVE if holds else _BELOW)
    return False


def _same(one: Expr, other: Expr) -> bool:
    shown = text(_without_casts(one))
    return "…" not in shown and "(" not in shown.replace("(sizeof(", "") and shown == text(_without_casts(other))


def _without_casts(expr: Expr) -> Expr:
    while isinstance(expr, tree.Cast) and isinstance(expr.type, tree.Scalar) and expr.type.is_integer:
        expr = expr.operand
    return expr


def touched_when_empty(
    symbol: Symbol,
    words: Polynomial,
    accesses: Iterable[Access],
    arrays: Arrays,
    loops: LoopTable,
    namings: Mapping[int, Naming],
) -> bool:
    """Whether something may touch the array where it has no elements; `namings` by outermost loop."""
    if any(c.name != "free" for c in arrays.passed.get(symbol, ())):
        return True
    return not all(
        (around := a.touch.context.loops) and is_inside(ZERO, words, a.touch.context, namings[around[0]], loops)
        for a in accesses
        if a.touch.symbol == symbol
    )
