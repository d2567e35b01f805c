"""Behind which statement the room for copies of an array's rows is made: once, when its sizes are known."""

from __future__ import annotations

from chatmpi.analysis.tree import Symbol
from chatmpi.generate.insertions import Uneditable
from chatmpi.generate.layout import Layout
from chatmpi.plan.candidates import making_statement


def copies_from(array: Symbol, layout: Layout) -> int | None:
    """The statement that makes the array; None for main's start."""
    made = layout.facts.arrays.allocations[array]
    if made.loops:
        raise Uneditable("a loop makes it again and again, and with it copies of its rows", layout.main, array=array)
    return making_statement(array, layout.facts)
