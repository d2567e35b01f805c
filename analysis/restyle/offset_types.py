"""Which type the offset has that stands for a pointer: `img + y*w` of two `size_t` is unsigned and as wide as memory.

As a `long` it would be the same place, but tell less: that it may be negative.
"""

from __future__ import annotations

from collections.abc import Mapping, Set

from chatmpi.analysis import tree
from chatmpi.analysis.memory.pointer_places import Place, place_of
from chatmpi.analysis.restyle.aliases import Aliases
from chatmpi.analysis.tree import Node, Symbol

_WIDE = tree.Scalar("unsigned long")


def unsigned_offsets(f: tree.Function, aliases: Aliases, with_offset: Set[Symbol]) -> frozenset[Symbol]:
    """The pointers, of those with an offset, whose every definition gives it an `unsigned long`. What is declared
    together has one type."""
    given: dict[Symbol, list[Place | None]] = {}
    for n in tree.walk(f):
        symbol = defined_by(n)
        if symbol is not None and symbol in with_offset and id(n) in aliases.targets:
            given.setdefault(symbol, []).append(_given(n))
    declarations = [n for n in tree.walk(f) if isinstance(n, tree.Declaration)]
    together = [{v.symbol for v in d.variables if v.symbol in with_offset} for d in declarations]
    signed = aliases.entered
    while True:
        found = _unsigned_among({s: places for s, places in given.items() if s not in signed})
        mixed = {s for group in together if not group <= found for s in group & found}
        if not mixed:
            return found
        signed |= mixed


def _unsigned_among(given: Mapping[Symbol, list[Place | None]]) -> frozenset[Symbol]:
    found: frozenset[Symbol] = frozenset()
    while True:
        more = frozenset(
            s for s, places in given.items() if all(p is not None and _is_unsigned(p, found) for p in places)
        )
        if more == found:
            return found
        found = more


def _is_unsigned(place: Place, pointers: frozenset[Symbol]) -> bool:
    """Whether the sum of a place's terms is an `unsigned long`; `pointers`: those whose offsets are."""
    from_pointer = isinstance(place.root, tree.Name) and place.root.symbol in pointers
    return place.step is None and (from_pointer or any(t.expr.type == _WIDE for t in place.terms))


def _given(node: Node) -> Place | None:
    """The place that a definition gives anew; None for a step from the one before."""
    match node:
        case tree.VarDecl(init=tree.Expr() as value) | tree.Assign(op="=", value=value):
            return place_of(value)
    return None


def defined_by(node: Node) -> Symbol | None:
    """The variable that a node may give a value."""
    match node:
        case tree.VarDecl(symbol=symbol) | tree.Assign(target=tree.Name(symbol=symbol)):
            return symbol
        case tree.Unary(operand=tree.Name(symbol=symbol)):
            return symbol
    return None
