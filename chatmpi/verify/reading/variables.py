"""Variables that the candidate adds: block boundaries and the like, or copies of elements."""

from __future__ import annotations

from chatmpi.analysis import tree
from chatmpi.analysis.tree import Expr
from chatmpi.verify.reading.evaluate import is_integer, is_narrow
from chatmpi.verify.reading.findings import Mismatch
from chatmpi.verify.reading.numbers import number_of
from chatmpi.verify.reading.piecewise import single
from chatmpi.verify.reading.reading import Position, Where

_WIDTHS = {"int": 32, "unsigned int": 32, "long": 64, "unsigned long": 64, "long long": 64, "unsigned long long": 64}


def declare(v: tree.VarDecl, where: Where, at: Position) -> None:
    """Account for a new variable. One that is set later (the rank, a copy) is looked at where it is set."""
    reading, symbol = at.reading, v.symbol
    if not isinstance(symbol.type, tree.Scalar) or symbol.storage not in {"local", "global", "static"}:
        raise Mismatch(v, f"what '{symbol}' is for is not understood")
    settled = symbol not in reading.changed and symbol not in reading.addressed
    if v.init is None:
        if settled:
            raise Mismatch(v, f"'{symbol}' is never set")
        return
    if not settled:
        if number_of(v.init) is None:
            raise Mismatch(v, f"what '{symbol}' is for is not understood")
        return
    if not is_integer(symbol.type) or is_narrow(symbol.type) or symbol.type.is_unsigned:
        raise Mismatch(v, f"'{symbol}' is no signed integer")
    if symbol.storage != "local" and where.loops:
        raise Mismatch(v, f"'{symbol}' keeps its first value")
    value = reading.value(v.init, where, at.state)
    if value is None or narrows(v.init, symbol.type):
        raise Mismatch(v, f"the value of '{symbol}' is not understood")
    one = single(value) if len(value) == 1 else None
    reading.roles.add(symbol, one if one is not None else reading.terms.define(symbol.name, symbol.uid, value))
    for atom in reading.roles.values[symbol].atoms:
        reading.roles.declared.setdefault(atom, v)


def narrows(expr: Expr, to: tree.CType) -> bool:
    """Whether a value may be cut off on its way to a variable."""
    return width(expr.type) > width(to)


def width(kind: tree.CType) -> int:
    return _WIDTHS.get(kind.name, 64) if isinstance(kind, tree.Scalar) else 64
