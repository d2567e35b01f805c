"""Tables of structs that hold functions, with what their entries hold in the place of the entries' members.

    static const struct { double (*f)(double); int n; } list[] = { {sin, 9}, {sqrt, 4} };
    s += sum(list[1].f, list[1].n);                    s += sum(sqrt, 4);

Nobody changes the table. What a function is given, or what is called, then is a function that is known.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import bare, is_step
from chatmpi.analysis.numbers.values import suffix, type_text
from chatmpi.analysis.parents import Parents, is_in_sizeof, out_of_casts, parents
from chatmpi.analysis.restyle.index_tables import has_changing_macros
from chatmpi.analysis.restyle.one_function import hides, is_function
from chatmpi.analysis.restyle.undeclaring import undeclared
from chatmpi.analysis.source import Edit, Source
from chatmpi.analysis.tree import CType, Expr, Function, Node, Program, Record, Symbol

_DESIGNATOR = re.compile(r"\.\s*(\w+)\s*=(?!=)")
_NUMBERED = frozenset({"int", "unsigned int", "long", "unsigned long", "long long", "unsigned long long"})


@dataclass(frozen=True)
class StructTable:
    """A table that nobody changes, by what the members of each of its entries are given."""

    declared: tree.VarDecl
    record: Record
    entries: tuple[Mapping[str, Expr], ...]

    @property
    def holds_functions(self) -> bool:
        return any(_is_function_name(bare(v)) for entry in self.entries for v in entry.values())

    def type_of(self, member: str) -> CType | None:
        return next((v.symbol.type for v in self.record.fields if v.symbol.name == member), None)


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


def table_members(program: Program) -> list[Edit]:
    """The edits that put what an entry holds in the place of its members, and take away tables of which nothing is
    left."""
    tables = struct_tables(program)
    if not tables or has_changing_macros(program):
        return []
    edits: list[Edit] = []
    named: set[int] = set()  # by what goes
    for f in program.functions:
        within = _Within(f, tables, program.source)
        for n in tree.walk(f.body):
            if isinstance(n, tree.Member) and (edit := within.put(n)) is not None:
                edits.append(edit)
                named |= {id(part) for part in tree.walk(n)}
    return [*_without_leftovers(program, named), *edits] if edits else []


def _without_leftovers(program: Program, gone: set[int]) -> list[Edit]:
    """The edits that take away the tables, and the numbers of their entries, that nothing but `gone` names."""
    roots: tuple[Node, ...] = (*program.globals, *program.functions)
    names = [n for root in roots for n in tree.walk(root) if isinstance(n, tree.Name)]
    symbols = {n.symbol for n in names if id(n) in gone} - {n.symbol for n in names if id(n) not in gone}
    return undeclared(program, symbols) or [] if symbols else []


# ------------------------------------------------------------------------------------- what tables hold


def _table(v: tree.VarDecl, program: Program) -> StructTable | None:
    kind, init = v.symbol.type, v.init
    if not isinstance(kind, tree.Array) or not isinstance(kind.element, tree.OtherType) or v.in_macro:
        return None
    record = program.records.get(kind.element.name)
    if record is None or not isinstance(init, tree.InitList) or kind.extent != len(init.items):
        return None
    entries = [_entry(item, record, program.source) for item in init.items]
    return StructTable(v, record, tuple(e for e in entries if e is not None)) if None not in entries else None


def _entry(item: Expr, record: Record, source: Source) -> Mapping[str, Expr] | None:
    """What the members of an entry are given; the others are zero. None where that cannot be told."""
    if not isinstance(item, tree.InitList) or item.in_macro:
        return None
    kinds = {v.symbol.name: v.symbol.type for v in record.fields}
    names, found, place = list(kinds), dict[str, Expr](), 0
    for part in item.items:
        value: Node = part
        if isinstance(part, tree.UnknownExpr):
            designated = _DESIGNATOR.match(source.at(part.span))
            if designated is None or designated[1] not in names or len(part.children) != 1 or part.in_macro:
                return None
            place, (value,) = names.index(designated[1]), part.children
        if place >= len(names) or not isinstance(value, Expr) or isinstance(value, tree.UnknownExpr):
            return None
        whole = isinstance(value, tree.InitList | tree.StringLiteral)
        if isinstance(kinds[names[place]], tree.Array | tree.OtherType) and not whole:
            return None  # braces left out: what follows belongs to the member's own members
        found[names[place]] = value
        place += 1
    return found


def _is_read(name: tree.Name, around: Parents) -> bool:
    """Whether a use of a table takes the value of a member of an entry, or the table's size."""
    entry = around[id(name)]
    member = around[id(entry)]
    if not isinstance(entry, tree.Index) or entry.base is not name or not isinstance(member, tree.Member):
        return is_in_sizeof(name, around)
    if isinstance(member.type, tree.Array | tree.OtherType):
        return False
    inner, use = out_of_casts(member, around)
    if isinstance(use, tree.Unary) and (use.op == "&" or is_step(use)):
        return False
    return not (isinstance(use, tree.Assign) and use.target is inner)


# -------------------------------------------------------------------------------- in the place of members


class _Within:
    """A function in which entries are told by numbers."""

    def __init__(self, f: Function, tables: Mapping[Symbol, StructTable], source: Source) -> None:
        self._f, self._tables, self._source = f, tables, source
        self._around = parents([f])
        self._numbers = {
            v.symbol: number.value
            for v in tree.walk(f.body)
            if isinstance(v, tree.VarDecl) and v.symbol.const and v.symbol.storage == "local"
            and isinstance(number := v.init, tree.IntLiteral) and number.macro is None
        }  # fmt: skip

    def put(self, member: tree.Member) -> Edit | None:
        """What an entry, told by a number, holds in the place of a member of it."""
        table, number = self._entry(member.base)
        if table is None or not 0 <= number < len(table.entries):
            return None
        value, kind = table.entries[number].get(member.field), table.type_of(member.field)
        if value is None or kind is None or member.in_macro or is_in_sizeof(member, self._around):
            return None
        if any(isinstance(n, tree.Name) and hides(self._f, n.symbol.name) for n in tree.walk(value)):
            return None
        use = out_of_casts(member, self._around)[1]
        if isinstance(value, tree.StringLiteral) and not (
            isinstance(use, tree.Call) and isinstance(kind, tree.Pointer)
        ):
            return None
        shown = _shown(value, kind, self._source)
        return None if shown is None else Edit(_callee(member, self._around).span, shown)

    def _entry(self, base: Expr) -> tuple[StructTable | None, int]:
        match base:
            case tree.Index(base=tree.Name(symbol=symbol), subscript=tree.IntLiteral(value=number)):
                return self._tables.get(symbol), number
            case tree.Index(base=tree.Name(symbol=symbol), subscript=tree.Name(symbol=at)):
                return self._tables.get(symbol), self._numbers.get(at, -1)
        return None, -1


def _callee(member: tree.Member, around: Parents) -> Expr:
    """What is called where a member is, `(*list[k].f)(x)`."""
    above = around[id(member)]
    if isinstance(above, tree.Unary) and above.op == "*":
        call = around.get(id(above))
        if isinstance(call, tree.Call) and call.callee is above:
            return above
    return member


def _shown(value: Expr, kind: CType, source: Source) -> str | None:
    """A value that is the same everywhere, as one of a type; None if it is no such value."""
    if value.in_macro:
        return None
    match value:
        case tree.StringLiteral():
            return source.shown_at(value.span)
        case tree.Unary(op="&", operand=tree.Name() as name) | (tree.Name() as name) if _is_function_name(name):
            same = isinstance(kind, tree.Pointer) and kind.target == name.symbol.type
            return name.symbol.name if same else None
        case tree.Name(symbol=symbol) if isinstance(symbol.type, tree.Array) and symbol.storage == "global":
            plain = isinstance(symbol.type.element, tree.Scalar) and kind == tree.Pointer(symbol.type.element)
            return symbol.name if plain else None
    return _number(value, kind, source) if isinstance(kind, tree.Scalar) and _is_constant(value) else None


def _number(value: Expr, kind: tree.Scalar, source: Source) -> str:
    shown = source.shown_at(value.span)
    match value:
        case tree.IntLiteral(value=number, macro=None) if number < 1 << 31 and shown == str(number):
            if kind.name == "double":
                return f"{shown}.0"
            if kind.name in _NUMBERED:
                return f"{shown}{suffix(kind).lower()}"
        case tree.FloatLiteral() if value.type == kind:
            return shown
        case tree.Unary(op="-", operand=operand) if (inner := _number(operand, kind, source))[0] != "(":
            return f"(-{inner})"
    return f"({shown})" if value.type == kind else f"(({type_text(kind)})({shown}))"


def _is_constant(value: Expr) -> bool:
    kinds = tree.IntLiteral | tree.FloatLiteral
    for n in tree.walk(value):
        plain = isinstance(n, tree.Unary) and n.op in {"-", "+"}
        plain |= isinstance(n, tree.Binary) and n.op in {"+", "-", "*", "/"}
        plain |= isinstance(n, tree.Name) and n.symbol.storage == "enumerator"
        if not (plain or isinstance(n, kinds)):
            return False
    return True


def _is_function_name(expr: Expr) -> bool:
    if isinstance(expr, tree.Unary) and expr.op == "&":
        expr = bare(expr.operand)
    return isinstance(expr, tree.Name) and expr.symbol.storage == "function" and is_function(expr.symbol.type)
