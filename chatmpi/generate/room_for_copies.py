"""Where the room for copies of an array's rows is made: once, when its sizes are known."""

from __future__ import annotations

from collections.abc import Iterable

from chatmpi.analysis.tree import Symbol
from chatmpi.generate.dealt_where import found_inside
from chatmpi.generate.insertions import Uneditable
from chatmpi.generate.layout import Layout
from chatmpi.plan.candidates import making_statement


def make_room(array: Symbol, line: str, uses: Iterable[int], layout: Layout) -> None:
    """Make it behind the statement of main that makes the array; before it where that is a call in which it is used
    already, or with the array's blocks where the function called finds their sizes."""
    made = _copies_from(array, layout)
    if made is None:
        layout.at_start.append(line)
        return
    there = layout.in_main(made)
    if there == made or all(layout.in_main(u) != there for u in uses):
        layout.insertions.after.setdefault(there, []).append(line)
        return
    inside = found_inside(layout.of_array[array], layout)
    layout.insertions.before.setdefault(there if inside is None else inside, []).append(line)


def _copies_from(array: Symbol, layout: Layout) -> int | None:
    """The statement that makes the array; None for main's start."""
    made = layout.facts.arrays.allocations[array]
    if made.loops:
        raise Uneditable("a loop makes it again and again, and with it copies of its rows", layout.main, array=array)
    return making_statement(array, layout.facts)
