"""Addresses of known objects, read as what they lead to: `(&s)->x` is `s.x`, `*&s` is `s`, and none of them is NULL."""

from __future__ import annotations

from dataclasses import replace

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import is_null, truth, variable_of
from chatmpi.analysis.tree import Expr, Node, Stmt


def without_addresses(node: Node) -> Node:
    """A node whose parts are such addresses, without them; any other as it is."""
    match node:
        case tree.Member(base=tree.Unary(op="&", operand=inner), arrow=True):
            return replace(node, base=inner, arrow=False)
        case tree.Unary(op="*", operand=tree.Unary(op="&", operand=inner)):
            return _at(inner, node)
        case tree.Index(base=tree.Unary(op="&", operand=inner), subscript=tree.IntLiteral(value=0)):
            return _at(inner, node)
        case tree.Unary(op="!", operand=tree.Unary(op="&", operand=inner)) if is_object(inner):
            return truth(node, False)
        case tree.Binary(op="==" | "!=" as op, left=tree.Unary(op="&", operand=inner), right=right) if is_object(
            inner
        ) and is_null(right):
            return truth(node, op == "!=")
        case tree.Binary(op="==" | "!=" as op, left=left, right=tree.Unary(op="&", operand=inner)) if is_object(
            inner
        ) and is_null(left):
            return truth(node, op == "!=")
        case tree.Binary(op="&&" | "||" as op, left=left, right=right):
            return _joined(node, op, _tested(left), _tested(right))
        case tree.If(condition=condition, then=then, otherwise=otherwise):
            return _branch(node, _tested(condition), then, otherwise)
    return node


def _joined(node: tree.Binary, op: str, left: Expr, right: Expr) -> Node:
    """`a && b` or `a || b`, where an address may be one of them."""
    decides = op == "||"
    for one, other in ((left, right), (right, left)):
        known = _known_truth(one)
        if known is not None and known != decides and _is_truth(other):
            return other
    if _known_truth(left) == decides:
        return truth(node, decides)
    return node if (left, right) == (node.left, node.right) else replace(node, left=left, right=right)


def _branch(node: tree.If, condition: Expr, then: Stmt, otherwise: Stmt | None) -> Node:
    """A branch that is taken always, or never."""
    known = _known_truth(condition)
    if known is None:
        return node
    taken = then if known else otherwise
    return taken if taken is not None else tree.Empty(span=node.span, id=node.id, in_macro=node.in_macro)


def is_object(expr: Expr) -> bool:
    """Whether an expression is a variable or a member of one."""
    found = variable_of(expr)
    return found is not None and found.symbol.storage != "function"


def _is_address(expr: Expr) -> bool:
    return isinstance(expr, tree.Unary) and expr.op == "&" and is_object(expr.operand)


def _tested(expr: Expr) -> Expr:
    return truth(expr, True) if _is_address(expr) else expr


def _at(inner: Expr, use: Expr) -> Expr:
    """An object at the place where it is reached by its address."""
    return replace(inner, span=use.span, in_macro=use.in_macro)


def _known_truth(expr: Expr) -> bool | None:
    """What the test of an address gave."""
    match expr:
        case tree.IntLiteral(value=0 | 1 as value, in_macro=True, macro=None):
            return bool(value)
    return None


def _is_truth(expr: Expr) -> bool:
    """Whether an expression is 0 or 1."""
    match expr:
        case tree.Unary(op="!") | tree.Binary(op="==" | "!=" | "<" | "<=" | ">" | ">=" | "&&" | "||"):
            return True
    return False
