"""Simpler programs with the same meaning: what is written in one of C's many ways becomes one that is understood.

Every lowering changes the tree alone: nodes keep the places of their text, so that edits still meet it.
"""

from __future__ import annotations

from chatmpi.analysis.members import split_structs
from chatmpi.analysis.pointer_rows import follow_rows
from chatmpi.analysis.tree import Program

LOWERINGS = (split_structs, follow_rows)


def lowered(program: Program) -> Program:
    """The program as the analysis reads it."""
    for lowering in LOWERINGS:
        program = lowering(program)
    return program
