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
from chatmpi.analysis.restyle.struct_members import Holder, Member, holders_of, in_one_dimension, members_of
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
        flat = in_one_dimension(members) if _is_grid(program, record, holders) else members
        for each in dict.fromkeys((flat, members)):
            edits = _taken_apart(record, each, holders, program)
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


def _is_grid(program: Program, record: str, holders: tuple[Holder, ...]) -> bool:
    """Whether structs on the heap are found by numbers of cells (`c[i + j*n].f[k]`), which a product goes into."""
    if any(isinstance(h.declaration.symbol.type, tree.Array) for h in holders):
        return False
    every = [n for f in program.functions for n in tree.walk(f.body)]
    numbers = {n.symbol for n in every if isinstance(n, tree.VarDecl) and n.init is not None and _multiplies(n.init)}
    numbers |= {n.target.symbol for n in every if isinstance(n, tree.Assign) and isinstance(n.target, tree.Name)
                and _multiplies(n.value)}  # fmt: skip
    found = (n.subscript for n in every if isinstance(n, tree.Index) and _is_one(n.type, record))
    return any(_multiplies(s) or (isinstance(s, tree.Name) and s.symbol in numbers) for s in found)


def _multiplies(expr: tree.Expr) -> bool:
    factors = (p for n in tree.walk(expr) if isinstance(n, tree.Binary) and n.op == "*" for p in (n.left, n.right))
    return not all(isinstance(p, tree.IntLiteral) for p in factors)


def _is_one(kind: tree.CType, record: str) -> bool:
    return isinstance(kind, tree.OtherType) and kind.name == record


def _is_indexed(program: Program, record: str) -> Iterator[bool]:
    """Whether a loop may run over structs: some subscript leads to one."""
    for f in program.functions:
        for n in tree.walk(f.body):
            if isinstance(n, tree.Index) and _is_one(n.type, record):
                yield True
