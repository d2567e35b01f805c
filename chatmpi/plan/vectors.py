"""Halos of a few vectors: where a loop reads beyond its own elements of one alone, only that one is exchanged."""

from __future__ import annotations

from chatmpi.analysis import tree
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.numbers.polynomial import Polynomial
from chatmpi.analysis.tree import Symbol
from chatmpi.plan.alignment import Aligned, alignment
from chatmpi.plan.copies import surely_inside


def one_vector(loop: int, array: Symbol, shift: int, facts: Facts) -> Polynomial | None:
    """The number of the vector of which a distributed loop reads elements beyond its own, where it is one of those that
    there are whether the loop runs or not; None where there are several, and for arrays that are no vectors."""
    rows = facts.arrays.declared[array].rows
    if rows is None or not rows.vectors:
        return None
    info = facts.loops[loop]
    found: set[Polynomial | None] = set()
    for a in facts.accesses_in(loop)[array]:
        how = alignment(a, info, facts)
        if a.touch.read and isinstance(how, Aligned) and how != Aligned(shift, shift):
            found.add(a.subscripts[-1])
    which = found.pop() if len(found) == 1 else None
    if which is None or which.symbols & info.written or any(s.name in facts.shadowed for s in which.symbols):
        return None
    if which.constant is not None and isinstance(array.type, tree.Array) and array.type.extent is not None:
        return which if 0 <= which.constant < array.type.extent else None
    return which if surely_inside(which, facts.extents[array].dimensions[-1], loop, facts) else None
