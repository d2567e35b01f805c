"""Values of structs as lists of what each member gets: `(V2){.y = b, .x = a}` in the order of the members, and the
member of such a list as the value that it gets."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import is_small_number
from chatmpi.analysis.rewriting import rewritten
from chatmpi.analysis.source import Source, Span
from chatmpi.analysis.tree import CType, Expr, Node, Program, Record

COMPOUND = "compound literal"
_DESIGNATED = "designated initializer"
_DESIGNATOR = re.compile(r"\s*\.\s*(\w+)\s*=(?!=)")


def is_compound(expr: Node) -> bool:
    return isinstance(expr, tree.UnknownExpr) and expr.kind == COMPOUND


def is_value_list(expr: Node) -> bool:
    """Whether it is a list of values or an item of one: its parts are read, each once, and nothing else happens."""
    return is_compound(expr) or (isinstance(expr, tree.UnknownExpr) and expr.kind == _DESIGNATED)


def record_of(kind: CType | None, records: Mapping[str, Record]) -> Record | None:
    """The struct that a type is, if its members can be told apart."""
    found = records.get(kind.name) if isinstance(kind, tree.OtherType) else None
    return found if found is not None and found.is_plain else None


def has_values(kind: tree.CType, records: Mapping[str, Record]) -> bool:
    """Whether all members, those of structs inside it too, can be assigned."""
    record = record_of(kind, records)
    return record is not None and all(
        isinstance(f.symbol.type, tree.Scalar | tree.Pointer) or has_values(f.symbol.type, records)
        for f in record.fields
    )


# --------------------------------------------------------------------------------------------- lists


def with_plain_lists(program: Program) -> Program:
    """The program with a value for each member, in their order, in every list for a struct that can be read so."""
    change = _listing(program.source, program.records)
    return replace(
        program,
        functions=tuple(rewritten(f, change) for f in program.functions),
        globals=tuple(rewritten(v, change) for v in program.globals),
    )


def plain_lists(node: Expr, program: Program) -> Expr:
    """An expression, with such lists."""
    return rewritten(node, _listing(program.source, program.records))


def _listing(source: Source, records: Mapping[str, Record]) -> Callable[[Node], Node]:
    def change(node: Node) -> Node:
        if not isinstance(node, tree.InitList) or (record := record_of(node.type, records)) is None:
            return node
        items = _items(node, record, source, records)
        return node if items is None or items == node.items else replace(node, items=items)

    return change


def _items(
    init: tree.InitList, record: Record, source: Source, records: Mapping[str, Record]
) -> tuple[Expr, ...] | None:
    """A value for each member of a struct; None if the list is not written that way."""
    names = [f.symbol.name for f in record.fields]
    values: dict[str, Expr] = {}
    position = 0
    given = () if _is_all_zero(init) else init.items
    for item in given:
        value: Node = item
        if isinstance(item, tree.UnknownExpr) and item.kind == _DESIGNATED:
            found = _DESIGNATOR.match(source.at(item.span))
            if found is None or found.group(1) not in names or len(item.children) != 1 or item.in_macro:
                return None
            position = names.index(found.group(1))
            (value,) = item.children
        if position >= len(names) or not isinstance(value, Expr):
            return None
        if not _is_value_of(value, record.fields[position]):
            return None  # braces left out: the list's items belong to the member's own members
        values[names[position]] = value
        position += 1
    found_all = [values.get(f.symbol.name) or zero(f.symbol.type, init.span, records) for f in record.fields]
    return tuple(v for v in found_all if v is not None) if None not in found_all else None


def _is_all_zero(init: tree.InitList) -> bool:
    return len(init.items) == 1 and isinstance(init.items[0], tree.IntLiteral) and init.items[0].value == 0


def zero(kind: CType, span: Span, records: Mapping[str, Record]) -> Expr | None:
    """What a member holds that a list leaves out."""
    number = tree.IntLiteral(span=span, in_macro=True, type=tree.Scalar("int"), value=0)
    match kind:
        case tree.Scalar() if kind.is_floating:
            return tree.FloatLiteral(span=span, in_macro=True, type=kind, value=0.0, text="0.0")
        case tree.Scalar():
            return number
        case tree.Array():
            return tree.InitList(span=span, in_macro=True, type=kind, items=(number,))
        case tree.Pointer():
            return tree.Cast(span=span, in_macro=True, type=tree.Pointer(tree.VOID), operand=number)
    record = record_of(kind, records)
    inner = [zero(f.symbol.type, span, records) for f in record.fields] if record is not None else [None]
    if None in inner:
        return None
    return tree.InitList(span=span, in_macro=True, type=kind, items=tuple(v for v in inner if v is not None))


# ------------------------------------------------------------------------------------------- members


def member(value: Expr, field: str, records: Mapping[str, Record]) -> Expr | None:
    """A member of a struct's value; None where the value's form does not tell."""
    record = record_of(value.type, records)
    position = next((k for k, f in enumerate(record.fields) if f.symbol.name == field), None) if record else None
    if record is None or position is None:
        return None
    kind = record.fields[position].symbol.type
    match value:
        case tree.UnknownExpr(kind="compound literal", children=(tree.InitList() as listed,)):
            return member(listed, field, records)
        case tree.InitList(items=items):
            if len(items) != len(record.fields) or not all(map(_is_value_of, items, record.fields)):
                return None
            return converted(items[position], kind)
        case tree.Conditional(then=then, otherwise=otherwise):
            one, other = member(then, field, records), member(otherwise, field, records)
            return None if one is None or other is None else replace(value, type=kind, then=one, otherwise=other)
        case tree.Name() | tree.Member() | tree.Index() | tree.Call() | tree.Unary(op="*"):
            return tree.Member(span=value.span, in_macro=True, type=kind, base=value, field=field, arrow=False)
    return None


def _is_value_of(item: Expr, field: tree.VarDecl) -> bool:
    """Whether an item of a list is a member's value, and neither has a name before it nor lacks its own braces."""
    if isinstance(item, tree.UnknownExpr) and item.kind == _DESIGNATED:
        return False
    kind = field.symbol.type
    braced = isinstance(item, tree.InitList | tree.StringLiteral)
    return isinstance(kind, tree.Scalar | tree.Pointer) or braced or item.type == kind


def converted(value: Expr, kind: CType) -> Expr:
    """A value as what a variable of a type holds of it."""
    if isinstance(value, tree.InitList) or value.type == kind or not isinstance(kind, tree.Scalar):
        return value
    if isinstance(value, tree.IntLiteral) and value.macro is None and is_small_number(value) and tree.is_long(kind):
        return replace(value, in_macro=True, type=kind)
    return tree.Cast(span=value.span, in_macro=True, type=kind, operand=value)


def compound(kind: CType, items: tuple[Expr, ...], span: Span) -> tree.UnknownExpr:
    """A struct's value, put together from its members' values."""
    listed = tree.InitList(span=span, in_macro=True, type=kind, items=items)
    return tree.UnknownExpr(span=span, in_macro=True, type=kind, kind=COMPOUND, children=(listed,))


def without_values(node: Node, records: Mapping[str, Record]) -> Node:
    """A member of a struct's value that is put together on the spot, as that value."""
    if isinstance(node, tree.Member) and not node.arrow:
        base = node.base
        if is_compound(base) or isinstance(base, tree.Conditional):
            found = member(base, node.field, records)
            return node if found is None else found
    return node
