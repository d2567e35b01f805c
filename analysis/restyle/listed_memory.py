"""Structs that get their memory in a list of all members' values, with a statement for each member.

    *g = (Grid){.n = n, .u = calloc(n, 8)};         g->n = n; g->u = calloc(n, 8);
    return (Grid){.n = n, .u = calloc(n, 8)};       Grid made = {.n = n, .u = calloc(n, 8)}; return made;

A struct that a pointer of the function's own leads to is written so whatever the list holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from chatmpi.analysis import tree
from chatmpi.analysis.memory.struct_values import is_compound, plain_lists, record_of
from chatmpi.analysis.restyle.respelling import Fresh
from chatmpi.analysis.source import Edit, Span
from chatmpi.analysis.tree import Expr, Node, Program, Record

_TYPED_LIST = re.compile(r"\(\s*(\w[\w\s]*?)\s*\)\s*(\{.*\})", re.DOTALL)


def listed_memory(program: Program) -> list[Edit]:
    """The edits for all such statements."""
    fresh = Fresh(program.source.text)
    edits: list[Edit] = []
    for f in program.functions:
        for block in tree.walk(f.body):
            for s in block.body if isinstance(block, tree.Block) and not block.in_macro else ():
                match s:
                    case tree.Node(in_macro=True):
                        pass
                    case tree.ExprStmt(expr=tree.Assign(op="=", target=target, value=value) as expr):
                        edits += _assigned(expr, target, value, program)
                    case tree.Return(value=Expr() as value) if _gives_memory(value):
                        edits += _returned(s, value, fresh, program)
    return edits


def _gives_memory(value: Expr) -> bool:
    return is_compound(value) and any(isinstance(n, tree.Call) and isinstance(n.type, tree.Pointer)
                                      for n in tree.walk(value))  # fmt: skip


def _assigned(expr: tree.Assign, target: Expr, value: Expr, program: Program) -> Iterator[Edit]:
    """The members' assignments in the place of the whole one."""
    match target:
        case tree.Unary(op="*", operand=tree.Name(symbol=symbol)) if not target.in_macro:
            own = symbol.storage == "local"
        case _:
            return
    record = record_of(target.type, program.records)
    if record is None or not is_compound(value) or not (own or _gives_memory(value)):
        return
    values = _told(plain_lists(value, program), record, program)
    if values is None:
        return
    indent = program.source.indentation(expr.span.begin)
    told = (f"{symbol.name}->{f.symbol.name} = {v}" for f, v in zip(record.fields, values, strict=True))
    yield Edit(expr.span, f";\n{indent}".join(told))


def _told(value: Expr, record: Record, program: Program) -> list[str] | None:
    """What each member gets, in words; None where a value might read what another statement has set by then."""
    match value:
        case tree.UnknownExpr(children=(tree.InitList(items=items) as listed,)) if len(items) == len(record.fields):
            pass
        case _:
            return None
    found = []
    for item, f in zip(items, record.fields, strict=True):
        if not isinstance(f.symbol.type, tree.Scalar | tree.Pointer) or isinstance(item, tree.InitList):
            return None
        if item.in_macro and item.span == listed.span:  # the list leaves it out
            found.append("0")
        elif _may_read(item, record, program) or (isinstance(item, tree.Binary) and item.op == ","):
            return None
        else:
            found.append(program.source.shown_at(item.span))
    return found


def _may_read(value: Expr, record: Record, program: Program) -> bool:
    """Whether a value is computed from members of a struct of that type, in the functions that it calls too."""
    seen: set[str] = set()
    rest: list[Node] = [value]
    while rest:
        for n in tree.walk(rest.pop()):
            if isinstance(n, tree.Member) and any(f.symbol.name == n.field for f in record.fields):
                return True
            called = program.function(n.name or "") if isinstance(n, tree.Call) else None
            if called is not None and called.symbol.name not in seen:
                seen.add(called.symbol.name)
                rest.append(called.body)
    return False


def _returned(s: tree.Return, value: Expr, fresh: Fresh, program: Program) -> Iterator[Edit]:
    """A variable that the list is for, and is returned."""
    source = program.source
    found = _TYPED_LIST.fullmatch(source.shown_at(value.span))
    if found is None or value.in_macro:
        return
    name = fresh.take("made")
    yield Edit(Span(s.span.begin, value.span.end),
               f"{found[1]} {name} = {found[2]};\n{source.indentation(s.span.begin)}return {name}")  # fmt: skip
