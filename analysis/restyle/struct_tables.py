"""Constant tables of structs that hold functions: what each member of each entry is given.

    static const struct { double (*f)(double); int n; } list[] = { {sin, 9}, { .f = sqrt } };

Nobody changes the table: it is const, or only ever read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import bare, is_step
from chatmpi.analysis.parents import Parents, is_in_sizeof, out_of_casts, parents
from chatmpi.analysis.restyle.one_function import is_function
from chatmpi.analysis.tree import CType, Expr, Node, Program, Record, Symbol

_DESIGNATOR = re.compile(r"\.\s*(\w+)\s*=(?!=)")


@dataclass(frozen=True)
class StructTable:
    """A table that nobody changes, by what the members of each of its entries are given. Members of members are told
    by both names, `grid.n`; `kinds`: the types of all."""

    declared: tree.VarDecl
    kinds: Mapping[str, CType]
    entries: tuple[Mapping[str, Expr], ...]

    @property
    def holds_functions(self) -> bool:
        return any(is_function_name(bare(v)) for entry in self.entries for v in entry.values())


def struct_tables(program: Program) -> dict[Symbol, StructTable]:
    """The tables of structs with functions among their members."""
    roots: list[Node] = [*program.globals, *program.functions]
    nodes = [n for root in roots for n in tree.walk(root)]
    found = (_table(n, program) for n in nodes if isinstance(n, tree.VarDecl))
    tables = {t.declared.symbol: t for t in found if t is not None and t.holds_functions}
    changing = {s for s in tables if not s.const}
    if changing:
        around = parents(roots)
        for n in nodes:
            if isinstance(n, tree.Name) and n.symbol in changing and not _is_read(n, around):
                tables.pop(n.symbol, None)
    return tables


def _table(v: tree.VarDecl, program: Program) -> StructTable | None:
    kind, init = v.symbol.type, v.init
    record = _record(kind.element, program) if isinstance(kind, tree.Array) else None
    if record is None or v.in_macro or not isinstance(init, tree.InitList):
        return None
    entries = [_entry(item, record, program) for item in init.items]
    if None in entries or not isinstance(kind, tree.Array) or kind.extent != len(entries):
        return None
    return StructTable(v, dict(_kinds(record, program)), tuple(e for e in entries if e is not None))


def _record(kind: CType, program: Program) -> Record | None:
    """The members of a struct, each with memory of its own."""
    layout = program.layouts.get(kind.name) if isinstance(kind, tree.OtherType) else None
    if layout is None or not isinstance(kind, tree.OtherType) or any(f.is_bits for f in layout.fields):
        return None
    apart = len({f.offset for f in layout.fields}) == len(layout.fields)
    return program.records.get(kind.name) if apart else None


def _kinds(record: Record, program: Program) -> Iterator[tuple[str, CType]]:
    for v in record.fields:
        yield v.symbol.name, v.symbol.type
        inner = _record(v.symbol.type, program)
        yield from ((f"{v.symbol.name}.{name}", kind) for name, kind in (_kinds(inner, program) if inner else ()))


def _entry(item: Expr, record: Record, program: Program) -> Mapping[str, Expr] | None:
    """What the members of an entry are given; the others are zero. None where that cannot be told."""
    if not isinstance(item, tree.InitList) or item.in_macro:
        return None
    kinds = {v.symbol.name: v.symbol.type for v in record.fields}
    names, found, place = list(kinds), dict[str, Expr](), 0
    for part in item.items:
        value: Node = part
        if isinstance(part, tree.UnknownExpr):
            designated = _DESIGNATOR.match(program.source.at(part.span))
            if designated is None or designated[1] not in names or len(part.children) != 1 or part.in_macro:
                return None
            place, (value,) = names.index(designated[1]), part.children
        if place >= len(names) or not isinstance(value, Expr) or isinstance(value, tree.UnknownExpr):
            return None
        name, whole = names[place], isinstance(value, tree.InitList | tree.StringLiteral)
        if isinstance(kinds[name], tree.Array | tree.OtherType) and not whole:
            return None  # braces left out: what follows belongs to the member's own members
        inner = _record(kinds[name], program)
        parts = None if inner is None else _entry(value, inner, program)
        found = {n: v for n, v in found.items() if not n.startswith(f"{name}.")} | {name: value}
        found |= {f"{name}.{n}": v for n, v in (parts or {}).items()}
        place += 1
    return found


def _is_read(name: tree.Name, around: Parents) -> bool:
    """Whether a use of a table takes the value of a member of an entry, or the table's size."""
    entry = around[id(name)]
    member = around.get(id(entry))
    if not isinstance(entry, tree.Index) or entry.base is not name or not isinstance(member, tree.Member):
        return is_in_sizeof(name, around)
    while isinstance(above := around[id(member)], tree.Member) and not above.arrow:
        member = above
    if isinstance(member.type, tree.Array | tree.OtherType):
        return False
    inner, use = out_of_casts(member, around)
    if isinstance(use, tree.Unary) and (use.op == "&" or is_step(use)):
        return False
    return not (isinstance(use, tree.Assign) and use.target is inner)


def is_function_name(expr: Expr) -> bool:
    """Whether it is a function, or its address."""
    if isinstance(expr, tree.Unary) and expr.op == "&":
        expr = bare(expr.operand)
    return isinstance(expr, tree.Name) and expr.symbol.storage == "function" and is_function(expr.symbol.type)
