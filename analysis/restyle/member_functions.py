"""Members of structs that hold one function and never another, called by its name.

    struct op { const void *ctx; apply_t apply; } a = { &grid, laplace };
    a.apply(a.ctx, x, y);                              laplace(a.ctx, x, y);

What is called is then known wherever it is called. The edits are of the text, which is parsed again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import bare, is_null
from chatmpi.analysis.parents import Parents, parents
from chatmpi.analysis.restyle.one_function import function_in, hides, is_function, is_known
from chatmpi.analysis.scan import mask
from chatmpi.analysis.source import Edit
from chatmpi.analysis.tree import Call, Expr, Function, Node, Program, Record, Symbol

_DESIGNATOR = re.compile(r"\s*\.\s*(\w+)\s*=(?!=)")
_Place = tuple[str, str]  # a struct and a member of it


def member_functions(program: Program) -> list[Edit]:
    """The edits for all calls through such members."""
    places = {
        (r.name, field.symbol.name)
        for r in program.records.values()
        for field in r.fields
        if isinstance(field.symbol.type, tree.Pointer) and is_function(field.symbol.type.target)
    }
    if not places:
        return []
    around = parents((*program.globals, *program.functions))
    roots = (*program.globals, *program.functions)
    held: dict[_Place, set[Symbol | None]] = {p: set() for p in places}
    for node in (n for root in roots for n in tree.walk(root)):
        for place, value in _given(node, program, around):
            if place in held:
                held[place].add(value)
    masked = mask(program.source.text)
    edits = []
    for f in program.functions:
        for callee, place in _calls_through(f, around):
            (only,) = held[place] if place in held and len(held[place]) == 1 else (None,)
            target = next((g for g in program.functions if g.symbol == only), None)
            if target is not None and not hides(f, target.symbol.name) and is_known(target, f, program, masked):
                edits.append(Edit(callee.span, target.symbol.name))
    return edits


def _given(node: Node, program: Program, around: Parents) -> Iterator[tuple[_Place, Symbol | None]]:
    """The functions that a node puts into members; None for what may be any."""
    match node:
        case tree.Assign(target=tree.Member() as target, value=value):
            if not is_null(value):
                yield _place(target), function_in(value)
        case tree.Unary(op="&", operand=tree.Member() as operand):
            yield _place(operand), None
        case tree.InitList(type=tree.OtherType(name=name)) if name in program.records:
            yield from _listed(node, program.records[name], program)
        case tree.InitList(type=tree.Array(element=tree.OtherType(name=name))) if name in program.records:
            if not all(isinstance(n, tree.InitList) for n in node.items):
                yield from _any(program.records[name])
        case tree.Cast(type=tree.Pointer(target=tree.OtherType(name=name)), operand=operand) if name in program.records:
            if not _is_fresh(operand):
                yield from _any(program.records[name])
        case tree.UnknownExpr(kind=kind) if kind != "designated initializer" or not _is_listed(node, around):
            for n in tree.walk(node):
                if isinstance(n, tree.Member):
                    yield _place(n), None


def _is_fresh(operand: Expr) -> bool:
    """Whether memory that is given a type had none: what malloc gives."""
    kind = bare(operand).type
    return kind == tree.Pointer(tree.VOID)


def _is_listed(node: Node, around: Parents) -> bool:
    return isinstance(around.get(id(node)), tree.InitList)


def _any(record: Record) -> Iterator[tuple[_Place, Symbol | None]]:
    return (((record.name, field.symbol.name), None) for field in record.fields)


def _listed(node: tree.InitList, record: Record, program: Program) -> Iterator[tuple[_Place, Symbol | None]]:
    """What a list of values gives to each member."""
    names = [field.symbol.name for field in record.fields]
    position = 0
    for item in node.items:
        value: Node = item
        if isinstance(item, tree.UnknownExpr):
            found = _DESIGNATOR.match(program.source.at(item.span))
            if found is None or found[1] not in names or len(item.children) != 1 or item.in_macro:
                yield from _any(record)
                return
            position, (value,) = names.index(found[1]), item.children
        if position >= len(names) or not isinstance(value, Expr):
            yield from _any(record)
            return
        if isinstance(record.fields[position].symbol.type, tree.Array | tree.OtherType) and not isinstance(
            value, tree.InitList | tree.StringLiteral
        ):
            yield from _any(record)  # braces left out: what follows belongs to the member's own members
            return
        if not is_null(value):
            yield (record.name, names[position]), function_in(value)
        position += 1


def _calls_through(f: Function, around: Parents) -> Iterator[tuple[Expr, _Place]]:
    """What stands for the function in each call through a member."""
    for n in tree.walk(f.body):
        if isinstance(n, Call):
            callee = bare(n.callee)
            member = bare(callee.operand) if isinstance(callee, tree.Unary) and callee.op == "*" else callee
            if isinstance(member, tree.Member) and not n.callee.in_macro and not _has_effects(member):
                yield n.callee, _place(member)


def _has_effects(expr: Expr) -> bool:
    kinds = tree.Assign | tree.Call | tree.UnknownExpr
    return any(isinstance(n, kinds) or (isinstance(n, tree.Unary) and "x" in n.op) for n in tree.walk(expr))


def _place(member: tree.Member) -> _Place:
    kind = member.base.type
    if isinstance(kind, tree.Pointer):
        kind = kind.target
    elif isinstance(kind, tree.Array):
        kind = kind.element
    return (kind.name if isinstance(kind, tree.OtherType) else "", member.field)
