"""Tables of numbers that nothing ever changes: `static const int dx[4] = {1, -1, 0, 0};`.

An element of one, read in a subscript (`u[i + dx[k]][j + dy[k]]`), is one of a few known numbers.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from chatmpi.analysis import tree
from chatmpi.analysis.numbers.constants import constant_of
from chatmpi.analysis.numbers.pieces import Table
from chatmpi.analysis.numbers.polynomial import variable
from chatmpi.analysis.touches import BareUse, ElementTouch, Touches
from chatmpi.analysis.tree import Expr, Program, Symbol, VarDecl

_MOST = 128  # entries
_KINDS = frozenset({"int", "long", "long long", "short", "signed char"})


def number_tables(program: Program, every: Mapping[str, Touches]) -> dict[Symbol, Table]:
    """The tables of a program, of file scope and of its functions."""
    changed = set(_perhaps_changed(every))
    declared = [*program.globals, *(n for f in program.functions for n in tree.walk(f) if isinstance(n, VarDecl))]
    found = {v.symbol: table for v in declared if v.symbol not in changed and (table := _table(v)) is not None}
    return {s: t for s, t in found.items() if sum(v.symbol == s for v in declared) == 1}


def _perhaps_changed(every: Mapping[str, Touches]) -> Iterator[Symbol]:
    for touches in every.values():
        for t in touches.items:
            match t:
                case ElementTouch(symbol=symbol, write=True, update=update) if not isinstance(update, VarDecl):
                    yield symbol
                case BareUse(symbol=symbol, role=role) if role != "sizeof":
                    yield symbol


def _table(v: VarDecl) -> Table | None:
    extents: list[int] = []
    kind: tree.CType = v.symbol.type
    while isinstance(kind, tree.Array):
        extents.append(kind.extent or 0)
        kind = kind.element
    if (
        not extents
        or not 0 < math.prod(extents) <= _MOST
        or not isinstance(kind, tree.Scalar)
        or kind.name not in _KINDS
    ):
        return None
    values = _values(v.init, extents)
    return None if values is None else Table(variable(v.symbol).key, tuple(extents), tuple(values))


def _values(init: Expr | None, extents: list[int]) -> list[int] | None:
    """What an initialiser says, with zeros where it says nothing; None where it is no list of numbers."""
    if not extents:
        named = init is None or any(isinstance(n, tree.IntLiteral) and n.macro is not None for n in tree.walk(init))
        number = None if init is None or named else constant_of(init)
        return None if number is None else [number]
    if not isinstance(init, tree.InitList) or len(init.items) > extents[0]:
        return None
    found: list[int] = []
    for item in init.items:
        inner = _values(item, extents[1:])
        if inner is None:
            return None
        found += inner
    return [*found, *([0] * (math.prod(extents) - len(found)))]
