"""Functions of the program's own that give the larger or the smaller of two values, or their sum or product:
`max(a, b)`, `dmin(a, b)`, `add(a, b)`."""

from __future__ import annotations

from collections.abc import Mapping

from chatmpi.analysis import tree
from chatmpi.analysis.tree import Expr, Stmt, Symbol


def selecting(program: tree.Program) -> Mapping[str, str]:
    """MAX, MIN, SUM or PROD by the names of functions that do nothing but select, or combine, so."""
    found = {f.symbol.name: _selects(f) for f in program.functions}
    return {name: operation for name, operation in found.items() if operation is not None}


def _selects(f: tree.Function) -> str | None:
    if len(f.parameters) != 2 or any(p.symbol.type != f.returns for p in f.parameters):
        return None
    if not isinstance(f.returns, tree.Scalar) or f.returns.name == "_Bool":
        return None
    a, b = (p.symbol for p in f.parameters)
    match f.body.body:
        case (tree.Return(value=tree.Conditional(condition=condition, then=then, otherwise=otherwise)),):
            return _operation(condition, then, otherwise, a, b)
        case (
            tree.Return(value=tree.Binary(op="+" | "*" as op, left=tree.Name() as left, right=tree.Name() as right)),
        ):
            return {"+": "SUM", "*": "PROD"}[op] if {left.symbol, right.symbol} == {a, b} else None
        case (tree.If(condition=condition, then=then_stmt, otherwise=None), last):
            return _operation(condition, _returned(then_stmt), _returned(last), a, b)
        case (tree.If(condition=condition, then=then_stmt, otherwise=tree.Stmt() as last),):
            return _operation(condition, _returned(then_stmt), _returned(last), a, b)
    return None


def _returned(s: Stmt) -> Expr | None:
    match s:
        case tree.Return(value=value):
            return value
        case tree.Block(body=(only,)):
            return _returned(only)
    return None


def _operation(condition: Expr, then: Expr | None, otherwise: Expr | None, a: Symbol, b: Symbol) -> str | None:
    if not isinstance(condition, tree.Binary) or condition.op not in {"<", "<=", ">", ">="}:
        return None
    names = [n.symbol if isinstance(n, tree.Name) else None for n in (condition.left, condition.right, then, otherwise)]
    left, right, chosen, other = names
    if {left, right} != {a, b} or {chosen, other} != {a, b}:
        return None
    return "MAX" if (chosen == left) == (">" in condition.op) else "MIN"
