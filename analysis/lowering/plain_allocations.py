"""Calls of the program's own functions that only give memory (`xmalloc`), read as the calls of malloc in them.

    void *xmalloc(size_t n) { void *p = malloc(n); if (!p) exit(1); return p; }        a[i] = xmalloc(m * sizeof *a[i]);

Where it is missing, the program ends in them, or after them: that is no part of what memory it is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from chatmpi.analysis import tree
from chatmpi.analysis.calls.functions import assigned_in
from chatmpi.analysis.calls.memory_failures import means_failure
from chatmpi.analysis.expressions import allocation, bare, only_reads
from chatmpi.analysis.memory.row_storage import leaving_functions, only_leaves
from chatmpi.analysis.rewriting import rewritten
from chatmpi.analysis.touches import is_memory
from chatmpi.analysis.tree import Call, Expr, Function, Node, Program, Symbol


@dataclass(frozen=True, slots=True)
class _Giver:
    """A function that gives memory: the call that asks for it, in terms of its parameters."""

    parameters: tuple[Symbol, ...]
    made: Call


def plain_allocations(program: Program) -> Program:
    """The program with calls of malloc and calloc for those of functions that do no more."""
    leaving = leaving_functions(program)
    found = ((f.symbol.name, _giver(f, leaving)) for f in program.functions)
    givers = {name: giver for name, giver in found if giver is not None}
    if not givers:
        return program

    def change(node: Node) -> Node:
        giver = givers.get(node.name or "") if isinstance(node, Call) else None
        return node if giver is None or not isinstance(node, Call) else _plain(node, giver)

    return replace(program, functions=tuple(rewritten(f, change) for f in program.functions))


def _plain(call: Call, giver: _Giver) -> Call:
    if len(call.arguments) != len(giver.parameters) or not all(map(only_reads, call.arguments)):
        return call
    bound = dict(zip(giver.parameters, call.arguments, strict=True))

    def standing(node: Node) -> Node:
        if isinstance(node, tree.Name):
            return bound.get(node.symbol, node)
        return replace(node, span=call.span, in_macro=True) if isinstance(node, Expr) else node

    arguments = tuple(rewritten(a, standing) for a in giver.made.arguments)
    return replace(call, callee=replace(giver.made.callee, span=call.span, in_macro=True), arguments=arguments)


def _giver(f: Function, leaving: frozenset[str]) -> _Giver | None:
    if not is_memory(f.returns) or assigned_in(f) or f.symbol.name == "main":
        return None
    parameters = tuple(p.symbol for p in f.parameters)
    made: Call | None = None
    held: Symbol | None = None
    for s in f.body.body:
        match s:
            case tree.Declaration(variables=(tree.VarDecl(symbol=symbol, init=tree.Expr() as value),)) if made is None:
                made, held = allocation(value), symbol
            case tree.ExprStmt(expr=tree.Assign(op="=", target=tree.Name(symbol=symbol), value=value)) if made is None:
                made, held = allocation(value), symbol
            case tree.Declaration(variables=(tree.VarDecl(init=None),)) if made is None:
                continue
            case tree.If(condition=condition) if made is not None and _fails(condition) and only_leaves(s, leaving):
                continue
            case tree.Return(value=tree.Expr() as value) if s is f.body.body[-1]:
                made = allocation(value) if made is None else made if _is(value, held) else None
                return _asked(made, parameters)
            case _:
                return None
        if made is None:
            return None
    return None


def _fails(condition: Expr) -> bool:
    return means_failure(condition) and only_reads(condition)


def _is(value: Expr, held: Symbol | None) -> bool:
    name = bare(value)
    return isinstance(name, tree.Name) and name.symbol == held


def _asked(made: Call | None, parameters: tuple[Symbol, ...]) -> _Giver | None:
    """Whether only parameters and numbers say how much memory it is."""
    if made is None or not all(map(only_reads, made.arguments)):
        return None
    names = {n.symbol for a in made.arguments for n in tree.walk(a) if isinstance(n, tree.Name)}
    return _Giver(parameters, made) if names <= set(parameters) else None
