"""Sizes in bytes as numbers of elements: `n * sizeof(double)`, `sizeof u[i]`, `sizeof(double[n][m])`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from chatmpi.analysis import tree
from chatmpi.analysis.rewriting import rewritten
from chatmpi.analysis.source import Span
from chatmpi.analysis.tree import Expr, Symbol, VarDecl

_INT = tree.Scalar("int")
_CHARS = {"char", "signed char", "unsigned char"}


@dataclass(frozen=True, slots=True)
class Size:
    """As many elements of type `unit` as the product of `factors`."""

    unit: tree.Scalar
    factors: tuple[Expr, ...]

    def counts(self, kind: tree.Scalar) -> bool:
        """Whether it is a number of elements of that type: all types of characters have one byte."""
        return kind == self.unit or {kind.name, self.unit.name} <= _CHARS


def block_size(expr: Expr, declared: Mapping[Symbol, VarDecl], settled: Mapping[Symbol, Expr]) -> Size | None:
    """The size that an expression gives in bytes; None if it is not a product with the size of one type.

    `settled` variables are known by what they are initialised with.
    """
    factors: list[Expr] = []
    units: list[tree.Scalar] = []
    if not _factors(expr, declared, settled, factors, units) or len(units) > 1:
        return None
    return Size(units[0] if units else tree.Scalar("char"), tuple(factors))


def _factors(
    expr: Expr,
    declared: Mapping[Symbol, VarDecl],
    settled: Mapping[Symbol, Expr],
    factors: list[Expr],
    units: list[tree.Scalar],
) -> bool:
    match expr:
        case tree.Binary(op="*", left=left, right=right):
            return all(_factors(e, declared, settled, factors, units) for e in (left, right))
        case tree.Cast(operand=operand, type=tree.Scalar(is_integer=True)):
            return _factors(operand, declared, settled, factors, units)
        case tree.Name(symbol=symbol) if symbol in settled and _has_size(settled[symbol], settled):
            inner = rewritten(settled[symbol], lambda n: replace(n, span=expr.span, in_macro=True))
            return _factors(inner, declared, settled, factors, units)
        case tree.Sizeof():
            return _sizeof(expr, declared, factors, units)
    if any(isinstance(n, tree.Sizeof | tree.Call | tree.Assign) for n in tree.walk(expr)):
        return False
    if isinstance(expr, tree.IntLiteral) and expr.value == 1:
        return True
    factors.append(expr)
    return isinstance(expr.type, tree.Scalar) and expr.type.is_integer


def _has_size(expr: Expr, settled: Mapping[Symbol, Expr]) -> bool:
    """Whether it says the size of a type, itself or by a variable."""
    inner = [settled[n.symbol] for n in tree.walk(expr) if isinstance(n, tree.Name) and n.symbol in settled]
    return any(isinstance(n, tree.Sizeof) for e in (expr, *inner) for n in tree.walk(e))


def _sizeof(
    expr: tree.Sizeof, declared: Mapping[Symbol, VarDecl], factors: list[Expr], units: list[tree.Scalar]
) -> bool:
    if expr.extents and expr.of is not None:
        core = tree.array_core(expr.of)
        factors += expr.extents
        units += [core] if isinstance(core, tree.Scalar) else []
        return isinstance(core, tree.Scalar)
    kind = expr.of if expr.of is not None else expr.operand.type if expr.operand is not None else None
    extents: list[Expr] = []
    if isinstance(kind, tree.Array):
        depth, operand = 0, expr.operand
        while isinstance(operand, tree.Index) or (isinstance(operand, tree.Unary) and operand.op == "*"):
            depth, operand = depth + 1, operand.base if isinstance(operand, tree.Index) else operand.operand
        if isinstance(operand, tree.Name):
            all_extents = declared_extents(operand.symbol, declared, expr.span)
            if all_extents is None or any(e is None for e in all_extents[depth:]):
                return False
            extents = [e for e in all_extents[depth:] if e is not None]
        else:
            return False  # the type's number may come from a size macro in a typedef, and the size can be changed
        kind = tree.array_core(kind)
    if not isinstance(kind, tree.Scalar):
        return False
    factors += extents
    units.append(kind)
    return True


def declared_extents(symbol: Symbol, declared: Mapping[Symbol, VarDecl], span: Span) -> list[Expr | None] | None:
    """The extents of what a name's subscripts run over, outermost first; None for that of what a pointer leads to."""
    v = declared.get(symbol)
    kind: tree.CType = symbol.type
    if v is None:
        return None
    extents: list[Expr | None] = [None] if isinstance(kind, tree.Pointer) else []
    inner = kind.target if isinstance(kind, tree.Pointer) else kind
    depth = 0
    while isinstance(inner, tree.Array):
        depth, inner = depth + 1, inner.element
    if len(v.extents) != depth or any(e is None for e in v.extents):
        return None  # a named type's number may come from a size macro, and is no size then
    return extents + [None if e is None else _placed(e, span) for e in v.extents]


def extents_below(symbol: Symbol, declared: Mapping[Symbol, VarDecl], span: Span) -> list[Expr] | None:
    """The extents of the elements of an array, or of what a pointer leads to: those of all dimensions but the first."""
    extents = declared_extents(symbol, declared, span)
    if extents is None:
        return None
    inner = [e for e in extents[1:] if e is not None]
    return inner if len(inner) == len(extents) - 1 else None


def product(factors: list[Expr], span: Span) -> Expr:
    """The factors as one expression."""
    if not factors:
        return tree.IntLiteral(span=span, in_macro=True, type=_INT, value=1)
    total = factors[0]
    for f in factors[1:]:
        wide = f.type if f.type != _INT else total.type
        total = tree.Binary(span=span, in_macro=True, type=wide, op="*", left=total, right=f)
    return total


def _placed(expr: Expr, span: Span) -> Expr:
    return rewritten(expr, lambda n: replace(n, span=span, in_macro=True))
