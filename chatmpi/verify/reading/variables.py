"""Variables that the candidate adds: block boundaries and the like, or copies of elements."""

from __future__ import annotations

from collections.abc import Callable

from chatmpi.analysis import tree
from chatmpi.analysis.numbers.polynomial import Polynomial
from chatmpi.verify.reading.findings import Mismatch
from chatmpi.verify.reading.kinds import is_integer, is_narrow, narrows, width
from chatmpi.verify.reading.laws import closed
from chatmpi.verify.reading.numbers import number_of
from chatmpi.verify.reading.piecewise import Condition, Piecewise, single
from chatmpi.verify.reading.reading import Position, Where
from chatmpi.verify.reading.roles import SIZE_VALUE
from chatmpi.verify.reading.terms import NotAffine, Question, witness


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
    if not is_integer(symbol.type) or is_narrow(symbol.type):
        raise Mismatch(v, f"'{symbol}' is no index")
    if symbol.storage != "local" and where.loops:
        raise Mismatch(v, f"'{symbol}' keeps its first value")
    value = reading.value(v.init, where, at.state)
    if value is None:
        raise Mismatch(v, f"the value of '{symbol}' is not understood")
    value = closed(value, reading.terms)
    _check_fits(v, value, at)
    at.state = at.state.with_apart(symbol, None)
    one = single(value) if len(value) == 1 else None
    reading.roles.add(symbol, one if one is not None else reading.terms.define(symbol.name, symbol.uid, value))
    for atom in reading.roles.values[symbol].atoms:
        reading.roles.declared.setdefault(atom, v)


def _check_fits(v: tree.VarDecl, value: Piecewise, at: Position) -> None:
    """The variable's type can hold the value: what is narrowed is a number of ranks, what is unsigned not negative."""
    kind, init = v.symbol.type, v.init
    assert isinstance(kind, tree.Scalar)
    assert init is not None
    limits: list[tuple[str, Callable[[Polynomial], Condition]]] = []
    if kind.is_unsigned:
        limits.append(("may be negative, but is unsigned", lambda x: Condition(x, ">=")))
    if width(init.type) > width(kind) or narrows(init):
        limits.append((f"may be too large for '{kind.name}'", lambda x: Condition(SIZE_VALUE - x, ">=")))
    for message, limit in limits:
        for case in value:
            question = Question(at.reading.terms)
            try:
                point = question.point(
                    [question.all_of(case.conditions), question.condition(limit(case.value).negated())]
                )
            except NotAffine:
                point = {}
            if point is not None:
                raise Mismatch(v, f"'{v.symbol}' {message}", witness(point))
