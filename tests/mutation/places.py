"""Operators that break who has what: blocks, indices, loops, guards, memory."""

from __future__ import annotations

from collections.abc import Iterator

from chatmpi.analysis import tree
from chatmpi.analysis.tree import Call
from mutation.subject import OPERATORS, Operator, Site, Subject, exchanged, is_whole, operator


@operator("remainder lost")
def _remainder(s: Subject) -> Iterator[Site]:
    """`n * rank / size` becomes `n / size * rank`."""
    for n in s.nodes:
        match n:
            case tree.Binary(op="/", left=tree.Binary(op="*") as product, right=size) if is_whole(n):
                a, b = s.text(product.left), s.text(product.right)
                yield Site(n, f"({a}) / ({s.text(size)}) * ({b})")


@operator("overlap or gap")
def _plus_one(s: Subject) -> Iterator[Site]:
    """`x + 1` becomes `x`, and `x - 1` too."""
    for n in s.nodes:
        match n:
            case tree.Binary(op="+" | "-", left=left, right=tree.IntLiteral(value=1, macro=None)) if is_whole(n):
                yield Site(n, s.text(left))


@operator("local for global index")
def _local(s: Subject) -> Iterator[Site]:
    for n in s.nodes:
        match n:
            case tree.Binary(op="+" | "-", left=left, right=tree.Name(symbol=symbol)) if (
                is_whole(n) and isinstance(symbol.type, tree.Scalar) and symbol.storage == "local"
            ):
                yield Site(n, s.text(left))


@operator("subscript + 1")
def _subscript_up(s: Subject) -> Iterator[Site]:
    for n in s.nodes:
        if isinstance(n, tree.Index):
            yield Site(n.subscript, f"({s.text(n.subscript)}) + 1")


@operator("subscript - 1")
def _subscript_down(s: Subject) -> Iterator[Site]:
    for n in s.nodes:
        if isinstance(n, tree.Index):
            yield Site(n.subscript, f"({s.text(n.subscript)}) - 1")


@operator("loop begins one later")
def _begins_later(s: Subject) -> Iterator[Site]:
    for n in s.nodes:
        if not isinstance(n, tree.For):
            continue
        match n.init:
            case tree.ExprStmt(expr=tree.Assign(op="=", value=value)):
                yield Site(value, f"({s.text(value)}) + 1")
            case tree.Declaration(variables=(tree.VarDecl(init=value), *_)) if value is not None:
                yield Site(value, f"({s.text(value)}) + 1")


def _ends(by: str) -> Operator:
    def found(s: Subject) -> Iterator[Site]:
        for n in s.nodes:
            if isinstance(n, tree.For) and isinstance(n.condition, tree.Binary):
                yield Site(n.condition.right, f"({s.text(n.condition.right)}) {by}")

    return found


OPERATORS["loop ends one earlier"] = _ends("- 1")
OPERATORS["loop ends one later"] = _ends("+ 1")


@operator("edge guard lost")
def _edge(s: Subject) -> Iterator[Site]:
    for n in s.nodes:
        if isinstance(n, tree.Conditional) and is_whole(n):
            yield Site(n, s.text(n.then))
            yield Site(n, s.text(n.otherwise))


@operator("guard lost")
def _guard_lost(s: Subject) -> Iterator[Site]:
    """`if (rank == 0) …` and `if (begin <= i && …) …` are done by all: output on every rank, writes by others."""
    for n in s.nodes:
        if isinstance(n, tree.If) and n.otherwise is None:
            yield Site(n.condition, "1", guarded=n.then)


@operator("comparison")
def _comparison(s: Subject) -> Iterator[Site]:
    other = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!="}
    for n in s.nodes:
        if isinstance(n, tree.Binary) and n.op in other and is_whole(n.left):
            yield Site(n, f"{s.text(n.left)} {other[n.op]} {s.text(n.right)}")


@operator("initial value")
def _initial(s: Subject) -> Iterator[Site]:
    """Of what is summed: a variable that a reduction combines."""
    reduced = {
        n.symbol.name
        for c in s.of("Reduce", "Allreduce")
        for a in c.arguments[:2]
        for n in tree.walk(a)
        if isinstance(n, tree.Name)
    }
    for n in s.nodes:
        match n:
            case tree.VarDecl(symbol=symbol, init=tree.FloatLiteral() | tree.IntLiteral() as value) if (
                symbol.name in reduced
            ):
                yield Site(value, f"{s.text(value)} + 1")
            case tree.Assign(op="=", target=tree.Name(symbol=symbol), value=tree.FloatLiteral() as value) if (
                symbol.name in reduced
            ):
                yield Site(value, f"{s.text(value)} + 1")


@operator("too little memory")
def _memory(s: Subject) -> Iterator[Site]:
    for n in s.nodes:
        match n:
            case Call(arguments=(size,)) if n.name == "malloc":
                yield Site(size, f"({s.text(size)}) - 8")
            case Call(arguments=(count, _)) if n.name == "calloc":
                yield Site(count, f"({s.text(count)}) - 1")


@operator("arithmetic")
def _arithmetic(s: Subject) -> Iterator[Site]:
    other = {"+": "-", "-": "+", "*": "+"}
    for n in s.nodes:
        if isinstance(n, tree.Binary) and n.op in other and isinstance(n.type, tree.Scalar) and n.type.is_floating:
            yield Site(n, f"({s.text(n.left)}) {other[n.op]} ({s.text(n.right)})")


@operator("freed too early")
def _freed(s: Subject) -> Iterator[Site]:
    """A `free` moved before the statement in front of it, one that is no `free`."""
    for a, b in s.blocks():
        match a, b:
            case tree.ExprStmt(expr=Call() as one), tree.ExprStmt(expr=Call() as two):
                if two.name == "free" and one.name != "free":
                    yield exchanged(s, a, b)
