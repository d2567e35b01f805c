"""Variables that hold nothing but a few known numbers: flags, states, answers."""

from __future__ import annotations

from collections.abc import Mapping

from chatmpi.analysis import tree
from chatmpi.analysis.calls.effects import FILE_SCOPE, Effects
from chatmpi.analysis.touches import ScalarTouch, Touches
from chatmpi.analysis.tree import Expr, Symbol

TRUTH = frozenset({0, 1})
_COMPARISONS = {"<", "<=", ">", ">=", "==", "!=", "&&", "||"}
_LEAST_OF_ALL = 127  # what every integer type holds


def held_values(
    body: tree.Stmt, touches: Touches, summaries: Mapping[str, Effects], unstable: frozenset[Symbol]
) -> dict[Symbol, frozenset[int]]:
    """The numbers that each variable of a function can ever hold, where all that is put into it are numbers or
    truth values. (Of those without a value at first, only where all are truth values: then one that is set decides.)"""
    held: dict[Symbol, frozenset[int] | None] = {}
    combined: set[Symbol] = set()  # what is put into them is made of what they held, taken for truth values
    elsewhere = {s for name, e in summaries.items() if name != "main" for s in e.writes}
    initial = {n.symbol: n.init for n in tree.walk(body) if isinstance(n, tree.VarDecl)}
    for t in touches.items:
        if not isinstance(t, ScalarTouch) or not t.write:
            continue
        symbol = t.symbol
        if symbol not in held:
            known = symbol.storage in {"local", "static"} and symbol not in unstable and symbol not in elsewhere
            held[symbol] = _at_first(symbol, initial) if known and _counts(symbol.type) else None
        values, before = _put(t), held[symbol]
        held[symbol] = None if values is None or before is None else before | values
        if t.read or (t.update is not None and sum(_is(n, symbol) for n in tree.walk(t.update)) > 1):
            combined.add(symbol)
    settled = _set_at_first(touches)
    return {s: v for s, v in held.items() if v is not None and (v <= TRUTH or (s in settled and s not in combined))}


def _set_at_first(touches: Touches) -> set[Symbol]:
    """Variables that surely have a value wherever they can be seen: what they held without one could be any number."""
    first: dict[Symbol, ScalarTouch] = {}
    for t in touches.items:
        if isinstance(t, ScalarTouch):
            first.setdefault(t.symbol, t)
    return {
        s
        for s, t in first.items()
        if s.storage in FILE_SCOPE
        or isinstance(t.update, tree.VarDecl)
        or (t.write and not t.read and not (t.context.loops or t.context.guards or t.context.sometimes))
    }


def _is(node: tree.Node, symbol: Symbol) -> bool:
    return isinstance(node, tree.Name) and node.symbol == symbol


def _counts(kind: tree.CType) -> bool:
    return isinstance(kind, tree.Scalar) and kind.is_integer


def _at_first(symbol: Symbol, initial: Mapping[Symbol, Expr | None]) -> frozenset[int] | None:
    """What a variable holds before anything is assigned to it: a static one is 0 unless it says otherwise."""
    if symbol.storage not in FILE_SCOPE:
        return frozenset()
    start = initial.get(symbol)
    return frozenset({0}) if start is None else _values(start, symbol)


def _put(t: ScalarTouch) -> frozenset[int] | None:
    match t.update:
        case tree.VarDecl(init=tree.Expr() as value) | tree.Assign(op="=", value=value):
            found = _values(value, t.symbol)
        case tree.Assign(op="|=" | "&=" | "^=" | "*=", value=value):
            found = _values(value, t.symbol)
            return TRUTH if found is not None and found <= TRUTH else None
        case _:
            return None
    return found if found is not None and all(_fits(v, t.symbol.type) for v in found) else None


def _fits(value: int, kind: tree.CType) -> bool:
    if not isinstance(kind, tree.Scalar):
        return False  # a complex number
    if kind.name == "_Bool":
        return value in TRUTH
    return (0 if kind.is_unsigned else -_LEAST_OF_ALL) <= value <= _LEAST_OF_ALL


def _values(value: Expr, own: Symbol) -> frozenset[int] | None:
    """The numbers that an expression can be; None if it can be others. `own` holds truth values, if nothing else."""
    number = constant_of(value)
    if number is not None:
        return frozenset({number})
    match value:
        case tree.Binary(op=op) if op in _COMPARISONS:
            return TRUTH
        case tree.Unary(op="!"):
            return TRUTH
        case tree.Binary(op="|" | "&" | "^", left=left, right=right):
            both = [TRUTH if isinstance(e, tree.Name) and e.symbol == own else _values(e, own) for e in (left, right)]
            return TRUTH if all(v is not None and v <= TRUTH for v in both) else None
        case tree.Conditional(then=then, otherwise=otherwise):
            a, b = _values(then, own), _values(otherwise, own)
            return None if a is None or b is None else a | b
        case tree.Cast(operand=operand, type=kind) if _counts(kind):
            found = _values(operand, own)
            return found if found is not None and all(_fits(v, kind) for v in found) else None
    return None


def constant_of(value: Expr) -> int | None:
    """The number that an expression is, whatever the program does."""
    match value:
        case tree.IntLiteral(value=number):
            return number
        case tree.Unary(op="-", operand=operand):
            inner = constant_of(operand)
            return None if inner is None else -inner
    return None
