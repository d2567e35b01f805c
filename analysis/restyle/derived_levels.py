"""Variables that only name a level which another variable tells: `int next = 1 - cur; u[next][i] = …; cur = next;`.

What they are declared with takes their place, where the other variable has not changed since.
"""

from __future__ import annotations

from collections.abc import Iterator

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import changed_or_lent
from chatmpi.analysis.restyle.levels import Levels
from chatmpi.analysis.restyle.turning_levels import shift
from chatmpi.analysis.restyle.undeclaring import undeclared
from chatmpi.analysis.source import Edit
from chatmpi.analysis.tree import Stmt, Symbol, VarDecl


def derived(levels: Levels) -> list[Edit]:
    """The edits for one such variable that tells levels of this array."""
    symbols = {n.symbol for u in levels.uses for n in tree.walk(u.subscript) if isinstance(n, tree.Name)}
    for block in tree.walk(levels.main.body):
        if isinstance(block, tree.Block):
            for k, s in enumerate(block.body):
                if isinstance(s, tree.Declaration) and not s.in_macro:
                    for v in s.variables:
                        if v.symbol in symbols and (edits := _replaced(v, s, block.body[k:], levels)):
                            return edits
    return []


def _replaced(v: VarDecl, declaration: tree.Declaration, rest: tuple[Stmt, ...], levels: Levels) -> list[Edit]:
    """The edits that put what a variable is declared with in its place, in the `rest` of its block."""
    if v.init is None or v.in_macro or not isinstance(v.symbol.type, tree.Scalar):
        return []
    named = {n.symbol for n in tree.walk(v.init) if isinstance(n, tree.Name)}
    if len(named) != 1 or v.symbol in named:
        return []
    (other,) = named
    if other.storage != "local" or other.type != v.symbol.type or not shift(v.init, other, levels.number):
        return []
    mentions = [n for n in tree.walk(levels.main.body) if isinstance(n, tree.Name) and n.symbol == v.symbol]
    if any(n.in_macro for n in mentions) or any(changed_or_lent(n) == v.symbol for n in tree.walk(levels.main.body)):
        return []
    if not all(any(n is m for n in _unchanged(rest, other)) for m in mentions):
        return []
    removed = undeclared(levels.program, {v.symbol})
    source = levels.program.source
    if removed is None:
        return []
    alone = {id(u.subscript) for u in levels.uses}
    shown = source.shown_at(v.init.span)
    own = [Edit(m.span, shown if id(m) in alone else f"({shown})") for m in mentions
           if not declaration.span.begin <= m.span.begin < declaration.span.end]  # fmt: skip
    if len(own) < len(mentions):
        return []  # one of its own declaration's variables depends on it: a later round
    return [*removed, *own]


def _unchanged(rest: tuple[Stmt, ...], other: Symbol) -> Iterator[tree.Node]:
    """The nodes of statements until one changes the other variable, and what that one then puts into it."""
    for s in rest:
        if not any(changed_or_lent(n) == other for n in tree.walk(s)):
            yield from tree.walk(s)
            continue
        match s:
            case tree.ExprStmt(expr=tree.Assign(target=tree.Name(), value=value)):
                if not any(changed_or_lent(n) == other for n in tree.walk(value)):
                    yield from tree.walk(value)
        return
