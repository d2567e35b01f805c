"""Definitions that are small themselves, while what is made of them is large:

    #define NCELL 5
    #define NATOM (NCELL * NCELL * NCELL)

What a size is to be is what their power is to be about.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from chatmpi.analysis import tree
from chatmpi.verify.simulate.made_of import Holder, MadeOf, holder_of

_MOST = 4  # a higher power is taken for this one


def powers(nodes: Iterable[tree.Node], made_of: MadeOf, small: Iterable[Holder]) -> Iterator[tuple[str, int]]:
    """By name: the greatest power of each definition in what some expressions are made of, where it is one."""
    found = tuple(nodes)
    for holder in small:
        power = max((_power(n, made_of, holder, frozenset()) for n in found), default=0)
        if power > 1:
            yield holder.name, min(power, _MOST)


def rooted(values: Mapping[str, int], powers: Mapping[str, int]) -> dict[str, int]:
    """The values, with roots of those that are the powers of a definition."""
    return {name: _root(value, powers[name]) if name in powers else value for name, value in values.items()}


def _root(value: int, power: int) -> int:
    """The whole number whose power is nearest."""
    return max(min(range(1, value + 1), key=lambda k: abs(k**power - value), default=1), 1)


def _power(node: tree.Node, made_of: MadeOf, holder: Holder, seen: frozenset[Holder]) -> int:
    match node:
        case tree.Sizeof() | tree.Name(type=tree.Pointer() | tree.Array()):
            return 0
        case tree.IntLiteral(macro=macro):
            return int(holder.uid is None and macro == holder.name)
        case tree.Name(symbol=symbol):
            named = holder_of(symbol)
            if named == holder:
                return 1
            parts = () if named in seen else made_of.parts(named)
            return max((_power(p, made_of, holder, seen | {named}) for p in parts), default=0)
        case tree.Binary(op="*", left=left, right=right):
            return _power(left, made_of, holder, seen) + _power(right, made_of, holder, seen)
    return max((_power(child, made_of, holder, seen) for child in tree.children(node)), default=0)
