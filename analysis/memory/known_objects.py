"""Pointers that only ever point at one known object, read as that object.

After `State st, *s = &st;`, `s->h` is `st.h`. The object is a variable or a member of one (`&sim.grid`), or what
another such pointer points at (`&given->grid`, where the function never changes `given`). The text stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import bare
from chatmpi.analysis.memory.addresses import without_addresses
from chatmpi.analysis.rewriting import rewritten
from chatmpi.analysis.tree import Expr, Node, Program, Symbol, VarDecl


def known_objects(program: Program) -> Program:
    """The program with the objects in the place of such pointers."""
    known = _known(program)
    if not known:
        return program

    def change(node: Node) -> Node:
        match node:
            case tree.Name(symbol=symbol) if symbol in known:
                return rewritten(known[symbol], lambda n: replace(n, span=node.span, in_macro=True))
            case VarDecl(symbol=symbol) if symbol in known:
                return replace(node, init=None)
            case tree.ExprStmt(expr=tree.Assign(target=tree.Unary(op="&"))):
                return tree.Empty(span=node.span, id=node.id, in_macro=node.in_macro)
        return without_addresses(node)

    return replace(
        program,
        functions=tuple(rewritten(f, change) for f in program.functions),
        globals=tuple(rewritten(v, change) for v in program.globals),
    )


@dataclass(frozen=True, slots=True)
class _Definition:
    """The one value that a pointer ever has, given where it is declared or by a statement later on."""

    value: Expr
    declared: bool


def _known(program: Program) -> dict[Symbol, Expr]:
    """What such pointers stand for: the address of an object."""
    roots: list[Node] = [*program.globals, *program.functions]
    nodes = [n for root in roots for n in tree.walk(root)]
    parameters = frozenset(p.symbol for f in program.functions for p in f.parameters)
    definitions = _definitions(nodes)
    steady = {s for s, d in definitions.items() if d is not None and d.declared}
    steady |= parameters - definitions.keys()
    known: dict[Symbol, Expr] = {}
    for v in (n for n in nodes if isinstance(n, VarDecl) and not n.in_macro):
        given = definitions.get(v.symbol)
        if given is None or not isinstance(v.symbol.type, tree.Pointer) or v.symbol in parameters:
            continue
        address = _address(given.value, known, frozenset(steady) if given.declared else frozenset())
        if address is None or _is_hidden(address, roots):
            continue
        if v.symbol.type.target in (address.operand.type, tree.VOID):
            known[v.symbol] = address
    return known


def _is_hidden(address: Expr, roots: list[Node]) -> bool:
    """Whether a variable in an address may have another of its name in a scope inside its own."""
    symbols = {n.symbol for n in tree.walk(address) if isinstance(n, tree.Name)}
    for root in roots:
        declared = {n.symbol for n in tree.walk(root) if isinstance(n, VarDecl)}
        for s in symbols:
            others = {d for d in declared if d.name == s.name and d != s}
            if others and (s in declared or s.storage == "global"):
                return True
    return False


def _definitions(nodes: list[Node]) -> dict[Symbol, _Definition | None]:
    """How each variable that is changed gets its value; None where that is not by one definition."""
    found: dict[Symbol, _Definition | None] = {}
    plain: set[int] = set()  # assignments that are statements of their own

    def note(symbol: Symbol, value: _Definition | None) -> None:
        found[symbol] = None if symbol in found else value

    for n in nodes:
        match n:
            case VarDecl(symbol=symbol, init=tree.Expr() as init):
                note(symbol, _Definition(init, True))
            case tree.Block(body=body):
                plain |= {id(s.expr) for s in body if isinstance(s, tree.ExprStmt)}
            case tree.Assign(op=op, target=tree.Name(symbol=symbol), value=value):
                clean = op == "=" and id(n) in plain and symbol.storage == "local"
                note(symbol, _Definition(value, False) if clean else None)
            case tree.Unary(op="&" | "x++" | "++x" | "x--" | "--x", operand=tree.Name(symbol=symbol)):
                note(symbol, None)
            case tree.UnknownExpr() | tree.UnknownStmt():
                for symbol in _named_in(n):
                    note(symbol, None)
    return found


def _named_in(node: Node) -> Iterator[Symbol]:
    """The variables that stand by themselves in what the tree has no form for."""
    return (n.symbol for n in tree.children(node) if isinstance(n, tree.Name))


def _address(value: Expr, known: dict[Symbol, Expr], steady: frozenset[Symbol]) -> tree.Unary | None:
    """The address that a pointer gets, if it is that of an object for as long as the pointer lives."""
    inner = bare(value)
    match inner:
        case tree.Unary(op="&", operand=operand):
            found = _object(operand, known, steady)
            return None if found is None else replace(inner, operand=found)
        case tree.Name(symbol=symbol):
            same = known.get(symbol)
            return same if isinstance(same, tree.Unary) else None
    return None


def _object(expr: Expr, known: dict[Symbol, Expr], steady: frozenset[Symbol]) -> Expr | None:
    match expr:
        case tree.Name(symbol=symbol):
            return expr if symbol.storage != "function" else None
        case tree.Member(base=base, arrow=False):
            found = _object(base, known, steady)
            return None if found is None else replace(expr, base=found)
        case tree.Member(base=tree.Name(symbol=symbol), arrow=True):
            if isinstance(address := known.get(symbol), tree.Unary):
                return replace(expr, base=address.operand, arrow=False)
            return expr if symbol in steady else None
    return None
