"""Simpler programs with the same meaning: what is written in one of C's many ways becomes one that is understood.

Every lowering changes the tree alone: nodes keep the places of their text, so that edits still meet it.
"""

from __future__ import annotations

from chatmpi.analysis.lowering.blocks import follow_blocks
from chatmpi.analysis.lowering.coalesced_pointers import coalesced_pointers
from chatmpi.analysis.lowering.equal_copies import equal_copies
from chatmpi.analysis.lowering.header_sums import plain_sums
from chatmpi.analysis.lowering.heap_structs import heap_structs
from chatmpi.analysis.lowering.list_rows import follow_lists
from chatmpi.analysis.lowering.members import split_structs
from chatmpi.analysis.lowering.moved_pointers import moved_pointers
from chatmpi.analysis.lowering.plain_allocations import plain_allocations
from chatmpi.analysis.lowering.pointer_planes import follow_planes
from chatmpi.analysis.lowering.pointer_rows import follow_rows
from chatmpi.analysis.lowering.pointer_vectors import follow_vectors
from chatmpi.analysis.lowering.spread import spread_structs
from chatmpi.analysis.lowering.switches import chained_switches
from chatmpi.analysis.lowering.unread_values import unread_values
from chatmpi.analysis.memory.known_objects import known_objects
from chatmpi.analysis.tree import Program

LOWERINGS = (
    chained_switches,
    plain_sums,
    split_structs,
    unread_values,
    plain_allocations,
    follow_planes,
    follow_vectors,
    follow_rows,
    follow_lists,
)


def lowered(program: Program, blocks: bool = True, structs: bool = False, coalescing: bool = True) -> Program:
    """The program as the analysis reads it; without `blocks`, copies of blocks of memory stay calls, without `structs`,
    what is used as a whole somewhere stays a struct, and without `coalescing`, pointers keep their own names."""
    while structs and (found := heap_structs(program)) is not program:
        program = split_structs(spread_structs(found))  # its members may lead to others
    if structs:
        program = split_structs(spread_structs(program))
        program = moved_pointers(split_structs(spread_structs(known_objects(program))))  # members that lead to objects
        program = equal_copies(program)
        program = coalesced_pointers(program) if coalescing else program
    for lowering in LOWERINGS:
        program = lowering(program)
    return follow_blocks(program) if blocks else program
