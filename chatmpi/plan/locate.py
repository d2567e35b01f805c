"""Extrema with companions, found on all ranks: which rank's is kept, and what it then sends to the others.

Blocks are contiguous and run in the order of their ranks, so the first of equal values is on the lowest rank that has
it (the highest, where the loop runs downwards), and the last on the other end. Every rank starts from the same old
value and companions.

- `>`: if any rank found more than the old value, all that have the extremum of the ranks did; if none did, all hold the
  old companions. So the rank at the wanted end of those that have the extremum has the right companions.
- `>=`: a rank may have the extremum without having set it, where it is the old value. So only ranks that set theirs are
  asked; if there are none, all hold the old companions.
"""

from __future__ import annotations

from chatmpi.analysis import tree
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.iterations.locations import Location
from chatmpi.analysis.loops import LoopInfo
from chatmpi.plan.candidates import MPI_TYPES

PAIR_TYPES = {
    "float": "MPI_FLOAT_INT",
    "double": "MPI_DOUBLE_INT",
    "long double": "MPI_LONG_DOUBLE_INT",
    "short": "MPI_SHORT_INT",
    "int": "MPI_2INT",
    "long": "MPI_LONG_INT",
}
_HELD_IN = {
    "unsigned char": "int",
    "signed char": "int",
    "char": "int",
    "unsigned short": "int",
    "unsigned int": "long",
}


def pair_element(kind: str) -> str:
    """The type in which a pair holds values of another type, exactly."""
    return _HELD_IN.get(kind, kind)


def unsuited_location(info: LoopInfo, facts: Facts) -> str:
    """Why the extrema of a loop cannot be found on several ranks; "" if they can."""
    for found in facts.loop_facts[info.stmt.id].located:
        if pair_element(_name(found.symbol.type)) not in PAIR_TYPES:
            return f"MPI has no type for a rank beside the type of '{found.symbol}'"
        other = next((s for s in found.companions if _name(s.type) not in MPI_TYPES), None)
        if other is not None:
            return f"MPI has no type for '{other}'"
        if not found.first_wins and found.begins.in_macro:
            return f"a macro writes what sets '{found.symbol}'"
    return ""


def _name(kind: tree.CType) -> str:
    return kind.name if isinstance(kind, tree.Scalar) else ""


def operation(found: Location) -> str:
    """MPI's name without the prefix."""
    return f"{found.operation}LOC"


def lowest_rank_wins(found: Location, info: LoopInfo) -> bool:
    """Whether of the ranks that have the extremum the lowest one's companions are kept."""
    assert info.canonical is not None
    return found.first_wins == (info.canonical.step > 0)


def known_by_row(found: Location, info: LoopInfo) -> bool:
    """Whether the right rank can be told by the row in which it found the extremum, where rows are dealt in turn: the
    least row that sets it wins. (Ranks that did not set it, and have it all the same, hold the old companions, as do
    then all.)"""
    loop = info.canonical
    return found.first_wins and loop is not None and loop.step > 0 and _name(loop.variable.type) == "int"


def companions_text(found: Location) -> str:
    return ", ".join(s.name for s in found.companions)
