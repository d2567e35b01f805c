"""Which names mean different things in different parts of a function."""

from __future__ import annotations

from chatmpi.analysis import tree


def shadowed_names(program: tree.Program, function: tree.Function) -> frozenset[str]:
    """Names declared in a scope inside another scope that declares them too."""
    outer = {v.symbol.name for v in program.globals} | {p.symbol.name for p in function.parameters}
    found: set[str] = set()
    _look(function.body, frozenset(outer), found)
    return frozenset(found)


def _look(node: tree.Node, outer: frozenset[str], found: set[str]) -> None:
    """Names in the scope that `node` opens, and in those inside it."""
    own: set[str] = set()
    inner: list[tree.Node] = []
    for part in tree.children(node):
        if isinstance(part, tree.Declaration):
            own |= {v.symbol.name for v in part.variables}
        elif isinstance(part, tree.Stmt):
            inner.append(part)
    found |= own & outer
    for part in inner:
        _look(part, outer | own, found)
