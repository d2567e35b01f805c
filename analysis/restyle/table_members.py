"""What the entries of constant tables hold, in the place of their members.

    static const struct { double (*f)(double); int n; } list[] = { {sin, 9}, {sqrt, 4} };
    s += sum(list[1].f, list[1].n);                    s += sum(sqrt, 4);

What a function is given, or what is called, then is a function that is known.
"""

from __future__ import annotations

from collections.abc import Mapping

from chatmpi.analysis import tree
from chatmpi.analysis.numbers.values import suffix, type_text
from chatmpi.analysis.parents import Parents, is_in_sizeof, out_of_casts, parents
from chatmpi.analysis.restyle.index_tables import has_changing_macros
from chatmpi.analysis.restyle.one_function import hides
from chatmpi.analysis.restyle.struct_tables import StructTable, is_function_name, struct_tables
from chatmpi.analysis.restyle.told_entries import ToldEntries
from chatmpi.analysis.restyle.undeclaring import undeclared
from chatmpi.analysis.source import Edit, Source
from chatmpi.analysis.tree import CType, Expr, Function, Node, Program, Symbol

_NUMBERED = frozenset({"int", "unsigned int", "long", "unsigned long", "long long", "unsigned long long"})


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


class _Within:
    """A function in which entries are told by numbers."""

    def __init__(self, f: Function, tables: Mapping[Symbol, StructTable], source: Source) -> None:
        self._f, self._told, self._source = f, ToldEntries(f, tables), source
        self._around = parents([f])

    def put(self, member: tree.Member) -> Edit | None:
        """What an entry, told by a number, holds in the place of a member of it."""
        held = self._told.held(member)
        if held is None or member.in_macro or is_in_sizeof(member, self._around):
            return None
        value, kind = held
        use = out_of_casts(member, self._around)[1]
        text = isinstance(value, tree.StringLiteral)
        if value is None or (text and not (isinstance(use, tree.Call) and isinstance(kind, tree.Pointer))):
            return None
        if any(isinstance(n, tree.Name) and hides(self._f, n.symbol.name) for n in tree.walk(value)):
            return None
        shown = _shown(value, kind, self._source)
        return None if shown is None else Edit(_callee(member, self._around).span, shown)


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
        case tree.Unary(op="&", operand=tree.Name() as name) | (tree.Name() as name) if is_function_name(name):
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
