"""What members of structs are given and nobody reads, left out: `g->n = 0; g->u = NULL;` where a program ends with `g`.

With it, a size would be no size for what stands before. The text stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import bare, comma_parts, is_null
from chatmpi.analysis.lowering.comma_lists import without_parts
from chatmpi.analysis.restyle.webs import NOTHING, Reaching, Unfollowed
from chatmpi.analysis.rewriting import rewritten
from chatmpi.analysis.tree import Expr, Program, Symbol


def unread_values(program: Program) -> Program:
    """The program without assignments of constants that reach no use."""
    main = program.function("main")
    if main is None:
        return program
    nodes = list(tree.walk(main.body))
    given = [targets for n in nodes if isinstance(n, tree.ExprStmt) for p in comma_parts(n.expr)
             if (targets := _targets(p))]  # fmt: skip
    elsewhere = {n.symbol for f in program.functions if f is not main for n in tree.walk(f) if isinstance(n, tree.Name)}
    members = {a.target.symbol for targets in given for a in targets if isinstance(a.target, tree.Name)}
    unread = {d for s in members - elsewhere for d in _unread(s, main)}
    gone = {id(targets[0]) for targets in given if all(id(a) in unread for a in targets)}
    if not gone:
        return program
    changed = rewritten(main, lambda n: without_parts(n, gone) if isinstance(n, tree.ExprStmt) else n)
    return replace(program, functions=tuple(changed if f is main else f for f in program.functions))


def _targets(expr: Expr) -> list[tree.Assign]:
    """The assignments in `a.x = a.y = 0`, if all are to members."""
    found: list[tree.Assign] = []
    value = expr
    while isinstance(value, tree.Assign) and value.op == "=" and isinstance(value.target, tree.Name):
        if not _is_member(value.target.symbol):
            return []
        found.append(value)
        value = bare(value.value)
    return found if is_null(value) or isinstance(value, tree.IntLiteral | tree.FloatLiteral) else []


def _is_member(symbol: Symbol) -> bool:
    """Whether a variable stands for a member of a struct."""
    return "." in symbol.name or "->" in symbol.name


def _unread(symbol: Symbol, main: tree.Function) -> Iterator[int]:
    """The definitions of a variable that no use sees, by id()."""
    reaching = Reaching(symbol)
    try:
        reaching.run(main.body, NOTHING)
    except Unfollowed:
        return
    seen = frozenset[int]().union(*reaching.uses.values())
    yield from reaching.definitions.keys() - seen
