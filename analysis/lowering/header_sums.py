"""Loops whose headers compare a sum or a multiple of their variable, as loops that compare the variable.

    for (size_t i = 1; i + 1 < n; i++)     i < (long)n - 1
    for (unsigned i = 0; 2 * i < n; i++)   i < ((long)n + 1) / 2

The new bound is read in signed numbers: n may be 0. What is compared must be the number that it seems to be. Signed
sums do not wrap. Of an unsigned sum that begins at a number and grows by a power of two, each value that follows one
below the bound either does not wrap, or the bound lies between the last such value and the end of the type: then all
values are below it, and the loop would not end (C11 6.8.5p6). Other steps are left as they are.
"""

from __future__ import annotations

from dataclasses import replace

from chatmpi.analysis import tree
from chatmpi.analysis.loops import index_step, is_index
from chatmpi.analysis.numbers.values import is_natural
from chatmpi.analysis.rewriting import rewritten
from chatmpi.analysis.source import Span
from chatmpi.analysis.tree import Expr, Node, Program, Symbol

_LONG = tree.Scalar("long")
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_LARGEST = 1 << 20  # what is added, and multiplied by, stays far from the ends of all types


def plain_sums(program: Program) -> Program:
    """The program with loops that compare their variables alone."""
    functions = tuple(replace(f, body=rewritten(f.body, _change)) for f in program.functions)
    if all(a.body is b.body for a, b in zip(functions, program.functions, strict=True)):
        return program
    return replace(program, functions=functions)


def _change(node: Node) -> Node:
    if not isinstance(node, tree.For) or not isinstance(node.condition, tree.Binary):
        return node
    condition = node.condition
    counted = index_step(node.step)
    if condition.op not in _MIRRORED or counted is None or not is_index(counted[0]):
        return node
    variable, step = counted
    for near, far, relation in (
        (condition.left, condition.right, condition.op),
        (condition.right, condition.left, _MIRRORED[condition.op]),
    ):
        found = _linear(near, variable)
        if found is None or isinstance(near, tree.Name) or relation not in {"<", "<="} or step < 1:
            continue
        name, factor, added = found
        if _is_exact(node, near, far, factor * step, added) and not _mentions(far, variable):
            less = tree.Binary(
                span=condition.span,
                in_macro=condition.in_macro,
                type=condition.type,
                op="<",
                left=name,
                right=_bound(far, factor, added, relation, condition.span),
            )
            return replace(node, condition=less)
    return node


def _linear(expr: Expr, variable: Symbol) -> tuple[tree.Name, int, int] | None:
    """`factor * variable + added`, with the variable's place."""
    match expr:
        case tree.Name(symbol=symbol) if symbol == variable:
            return expr, 1, 0
        case tree.Binary(op="+" | "-" as op, left=left, right=tree.IntLiteral(value=value)) if value <= _LARGEST:
            found = _linear(left, variable)
            return None if found is None else (*found[:2], found[2] + (value if op == "+" else -value))
        case tree.Binary(op="+", left=tree.IntLiteral(value=value), right=right) if value <= _LARGEST:
            found = _linear(right, variable)
            return None if found is None else (*found[:2], found[2] + value)
        case (
            tree.Binary(op="*", left=tree.IntLiteral(value=value), right=tree.Name(symbol=symbol) as name)
            | tree.Binary(op="*", left=tree.Name(symbol=symbol) as name, right=tree.IntLiteral(value=value))
        ) if symbol == variable and 0 < value <= _LARGEST:
            return name, value, 0
    return None


def _is_exact(loop: tree.For, near: Expr, far: Expr, step: int, added: int) -> bool:
    kinds = [k for k in (near.type, far.type) if isinstance(k, tree.Scalar) and k.is_integer]
    start = _start(loop)
    if len(kinds) < 2 or start is None or not 0 <= start <= _LARGEST or start + added < 0:
        return False
    if any(isinstance(n, tree.Assign | tree.Call | tree.UnknownExpr) for n in tree.walk(far)):
        return False
    return not any(k.is_unsigned for k in kinds) or (step & (step - 1) == 0 and is_natural(far))


def _start(loop: tree.For) -> int | None:
    match loop.init:
        case tree.Declaration(variables=(tree.VarDecl(init=tree.IntLiteral(value=value)),)):
            return value
        case tree.ExprStmt(expr=tree.Assign(op="=", value=tree.IntLiteral(value=value))):
            return value
    return None


def _mentions(expr: Expr, symbol: Symbol) -> bool:
    return any(isinstance(n, tree.Name) and n.symbol == symbol for n in tree.walk(expr))


def _bound(far: Expr, factor: int, added: int, relation: str, span: Span) -> Expr:
    """The least value of the variable that is not below the bound, in signed numbers; its place is the condition's."""
    wide: Expr = tree.Cast(span=span, in_macro=True, type=_LONG, operand=far)
    beyond = (1 if relation == "<=" else 0) - added + factor - 1
    if beyond:
        number = tree.IntLiteral(span=span, in_macro=True, type=tree.Scalar("int"), value=abs(beyond))
        wide = _binary("+" if beyond > 0 else "-", wide, number, span)
    if factor > 1:
        wide = _binary("/", wide, tree.IntLiteral(span=span, in_macro=True, type=_LONG, value=factor), span)
    return wide


def _binary(op: str, left: Expr, right: Expr, span: Span) -> tree.Binary:
    return tree.Binary(span=span, in_macro=True, type=_LONG, op=op, left=left, right=right)
