"""Objects that a call lends to a function (`&n`, `&sim.grid`): whether its other arguments keep their meaning then.

An argument that stands for memory is read by its name all through the function, so nothing in that name may change.
"""

from __future__ import annotations

from collections.abc import Iterator

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import bare
from chatmpi.analysis.tree import Call, Expr, Function, Node, Symbol

_Path = tuple[Symbol, tuple[str, ...]]


def keeps_its_arguments(call: Call, f: Function) -> bool:
    """Whether what `f` does with objects lent to it changes no name of another argument; scalars are copied."""
    given = [(bare(a), p.symbol.type) for a, p in zip(call.arguments, f.parameters, strict=True)]
    lent = [path for a, _ in given if isinstance(a, tree.Unary) and a.op == "&" and (path := _path(a.operand))]
    if not lent:
        return True
    for argument, kind in given:
        address = isinstance(argument, tree.Unary) and argument.op == "&"
        if isinstance(kind, tree.Scalar) or (address and _path(argument.operand) is not None):  # type: ignore[attr-defined]
            continue
        own = _path(argument)
        for path in _paths(argument):
            if any(_overlap(path, other) for other in lent) and not (path == own and _stays(path, lent, f)):
                return False
    return True


def keeps_apart(target: Expr, call: Call, f: Function) -> bool:
    """Whether no argument that stands for memory has to do with what gets the call's value."""
    own = _path(target)
    given = [(bare(a), p.symbol.type) for a, p in zip(call.arguments, f.parameters, strict=True)]
    named = [path for a, kind in given if not isinstance(kind, tree.Scalar) for path in _paths(a)]
    return own is not None and not any(_overlap(own, path) for path in named)


def _path(expr: Node) -> _Path | None:
    """The variable and the members that `s.grid.h` or `s->grid.h` goes through."""
    fields: list[str] = []
    while isinstance(expr, tree.Member):
        fields.insert(0, expr.field)
        expr = expr.base
    return (expr.symbol, tuple(fields)) if isinstance(expr, tree.Name) else None


def _paths(expr: Node) -> Iterator[_Path]:
    """What an expression names."""
    own = _path(expr)
    if own is not None:
        yield own
        return
    for part in tree.children(expr):
        yield from _paths(part)


def _overlap(one: _Path, other: _Path) -> bool:
    shorter = min(len(one[1]), len(other[1]))
    return one[0] == other[0] and one[1][:shorter] == other[1][:shorter]


def _stays(path: _Path, lent: list[_Path], f: Function) -> bool:
    """Whether a pointer in a struct that is lent stays what it is: the function sets no member of that name, and hands
    the struct to nobody."""
    _, fields = path
    if not fields or any(len(other[1]) >= len(fields) for other in lent if _overlap(path, other)):
        return False
    structs = {p.symbol for p in f.parameters if isinstance(p.symbol.type, tree.Pointer)}
    for n in tree.walk(f.body):
        match n:
            case tree.Assign(target=tree.Member(field=field)) if field == fields[-1]:
                return False
            case tree.Unary(op="&" | "x++" | "++x" | "x--" | "--x", operand=tree.Member(field=field)) if (
                field == fields[-1]
            ):
                return False
            case tree.Assign(target=tree.Expr() as target) if isinstance(target.type, tree.OtherType):
                return False
            case Call(arguments=arguments) if any(_hands_on(a, structs) for a in arguments):
                return False
    return True


def _hands_on(argument: Expr, structs: set[Symbol]) -> bool:
    """Whether an argument leads to a struct, or may."""
    given = bare(argument)
    return isinstance(given, tree.Name) and given.symbol in structs and _leads_to_struct(given.type)


def _leads_to_struct(kind: tree.CType) -> bool:
    return isinstance(kind, tree.Pointer) and isinstance(kind.target, tree.OtherType)
