"""Variables that hide others of their name get names of their own: what is written anywhere in a function then means
the same everywhere in it.

    int n = 8; for (…) { int n = 3; use(n); }      becomes      int n = 8; for (…) { int n2 = 3; use(n2); }
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from chatmpi.analysis import tree
from chatmpi.analysis.restyle.respelling import Fresh
from chatmpi.analysis.source import Edit
from chatmpi.analysis.tree import Node, Program, VarDecl


def distinct_names(program: Program) -> list[Edit]:
    """The edits that rename local variables which hide variables of their function, or of the file."""
    fresh = Fresh(program.source.text)
    outside = frozenset(v.symbol.name for v in program.globals)
    edits: list[Edit] = []
    for f in program.functions:
        if not f.in_macro:
            for v, scope in _hiding(f.body, outside | {p.symbol.name for p in f.parameters}):
                edits += _renamed(v, scope, program, fresh)
    return edits


def _hiding(node: Node, outer: frozenset[str]) -> Iterator[tuple[VarDecl, Node]]:
    """The declarations below a scope that hide one around it, each with its scope."""
    own = [v for d in tree.children(node) if isinstance(d, tree.Declaration) for v in d.variables]
    yield from ((v, node) for v in own if v.symbol.name in outer)
    inside = outer | {v.symbol.name for v in own}
    for part in tree.children(node):
        if isinstance(part, tree.Stmt) and not isinstance(part, tree.Declaration):
            yield from _hiding(part, inside)


def _renamed(v: VarDecl, scope: Node, program: Program, fresh: Fresh) -> list[Edit]:
    """The edits for one variable; none where its name stands in text that the tree does not show, or in a macro."""
    name = v.symbol.name
    nodes = [n for n in tree.walk(scope) if isinstance(n, tree.Name) and n.symbol == v.symbol]
    spans = {n.span for n in nodes} | {v.name_span}
    shown = re.findall(rf"\b{name}\b", program.source.at(scope.span))
    if v.in_macro or any(n.in_macro for n in nodes) or len(shown) != len(spans):
        return []
    new = fresh.take(f"{name}2")
    return [Edit(span, new) for span in spans]
