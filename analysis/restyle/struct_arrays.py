"""Arrays of structs, written as one array for each member: `b[i].pos.x` becomes `b_pos_x[i]`.

static body b[N];                         static double b_pos_x[N]; static double b_mass[N];
void f(body *p) { p[i].mass *= 2; }       void f(double *p_mass) { p_mass[i] *= 2; }

A struct type gives way whole: all arrays of it and pointers to it, in variables, parameters and members of other
structs. Where one of them is used in a way that no arrays can stand for, its type stays. Functions get the members that
they use.
"""

from __future__ import annotations

from collections.abc import Iterator

from chatmpi.analysis import tree
from chatmpi.analysis.restyle.struct_members import Holder, Member, holders_of, members_of
from chatmpi.analysis.restyle.struct_uses import KeepsItsStructs, StructUses
from chatmpi.analysis.source import Edit
from chatmpi.analysis.tree import Program


def member_arrays(program: Program) -> list[Edit]:
    """The edits that take the arrays of one struct type apart."""
    for record in program.records:
        members = members_of(record, program)
        holders = holders_of(record, program)
        if not members or not holders:
            continue
        edits = _taken_apart(record, members, holders, program)
        if edits:
            return edits
    return []


def _taken_apart(record: str, members: tuple[Member, ...], holders: tuple[Holder, ...], program: Program) -> list[Edit]:
    """The edits for one type, with every function given just the members that it and those that it calls use."""
    if not any(_is_indexed(program, record)):
        return []
    try:
        uses = StructUses(program, record, members, holders)
        while True:
            known = uses.needed_count()
            edits = list(uses.edits())
            if uses.needed_count() == known:
                return edits
    except KeepsItsStructs:
        return []


def _is_indexed(program: Program, record: str) -> Iterator[bool]:
    """Whether a loop may run over structs: some subscript leads to one."""
    for f in program.functions:
        for n in tree.walk(f.body):
            if isinstance(n, tree.Index) and isinstance(n.type, tree.OtherType) and n.type.name == record:
                yield True
