"""What is looked at to find entries that ranks can keep for themselves, and arrays of which only elements are used."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.calls.effects import INDIRECT, Effects
from chatmpi.analysis.loops import LoopTable
from chatmpi.analysis.memory.arrays import Arrays
from chatmpi.analysis.memory.subscripts import Access
from chatmpi.analysis.touches import BareUse, ScalarTouch, Touches, is_zero
from chatmpi.analysis.tree import Symbol


@dataclass(frozen=True)
class Seen:
    """What is looked at."""

    function: tree.Function
    touches: Touches
    loops: LoopTable
    arrays: Arrays
    accesses: Mapping[int, Access]
    summaries: Mapping[str, Effects]
    unstable: frozenset[Symbol]


def are_settled(variables: Set[Symbol], begin: int, p: Seen) -> bool:
    """Whether nothing changes some variables from the touch at `begin` on."""
    if variables & p.unstable or any(
        variables & e.writes for n, e in p.summaries.items() if n not in {"main", INDIRECT}
    ):
        return False
    return not any(isinstance(t, ScalarTouch) and t.write and t.symbol in variables for t in p.touches.items[begin:])


def by_element_only(array: Symbol, begin: int, end: int, p: Seen) -> bool:
    """Whether nothing but elements of an array is used, and by main alone, but for what makes it, before the touch at
    `begin`, and frees it, from `end` on."""
    declared = p.arrays.declared[array]
    plain = declared.init is None or is_zero(declared.init) or isinstance(array.type, tree.Pointer)
    if not (p.arrays.is_tracked(array) and declared.rows is None and plain):
        return False
    if any(array in pair for swap in p.arrays.swaps for pair in swap.moves):
        return False
    if any(array in e.reads | e.writes for n, e in p.summaries.items() if n not in {"main", INDIRECT}):
        return False
    for k, t in enumerate(p.touches.items):
        if isinstance(t, BareUse) and t.symbol == array:
            freed = t.role == "argument" and t.call is not None and t.call.name == "free" and k >= end
            if not (freed or t.role == "test" or (t.role == "assigned" and k < begin)):
                return False
    return True
