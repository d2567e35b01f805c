"""Static variables of functions: which of them only hold what they were initialised with."""

from __future__ import annotations

from collections.abc import Iterator

from chatmpi.analysis import tree
from chatmpi.analysis.touches import ElementTouch, ScalarTouch, touches
from chatmpi.analysis.tree import Function, Symbol, VarDecl


def statics_of(f: Function) -> Iterator[VarDecl]:
    """The static variables that a function declares."""
    return (n for n in tree.walk(f.body) if isinstance(n, VarDecl) and n.symbol.storage == "static")


def keeps_state(f: Function) -> bool:
    """Whether a call of a function may leave something in a static variable for the next one.

    Tables of constants (`static const double w[3] = {…};`) are no state: what nothing writes, and nothing but
    subscripts reach, is the same in every copy of the function.
    """
    own = {v.symbol for v in statics_of(f)}
    return bool(own) and bool(own & _written(f))


def _written(f: Function) -> frozenset[Symbol]:
    """Variables that something may write: all that are touched otherwise than by reads of them or of their elements."""
    found: set[Symbol] = set()
    seen: set[int] = set()
    for t in touches(f.body).items:
        if isinstance(t, ScalarTouch | ElementTouch) and not t.write:
            seen |= {id(n) for n in tree.walk(t.node) if isinstance(n, tree.Name) and n.symbol == t.symbol}
    for n in tree.walk(f.body):
        if isinstance(n, tree.Name) and id(n) not in seen:
            found.add(n.symbol)
    return frozenset(found)
