"""Calls in loops whose arguments depend on what earlier iterations left: `x -= f(x) / df(x);`.

Such a loop cannot be divided, so that it pays to look at the loops inside `f`.
"""

from __future__ import annotations

from collections.abc import Iterator

import networkx as nx

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import changed_or_lent, variable_of
from chatmpi.analysis.loops import Loop, index_step
from chatmpi.analysis.tree import Call, Node, Symbol


class Carried:
    """The variables that a loop's iterations hand on, other than its counter, and what is computed from them."""

    def __init__(self, loop: Loop) -> None:
        counted = index_step(loop.step) if isinstance(loop, tree.For) else None
        counter = counted[0] if counted is not None else None
        uses: nx.DiGraph[Symbol] = nx.DiGraph()
        uses.add_edges_from((target, source) for target, source in _uses(loop, ()) if target != counter)
        groups = (
            g for g in nx.strongly_connected_components(uses) if len(g) > 1 or any(uses.has_edge(s, s) for s in g)
        )
        handed_on = {s for group in groups for s in group}
        self._variables = handed_on.union(*(nx.ancestors(uses, s) for s in handed_on))

    def reaches(self, call: Call) -> bool:
        """Whether an argument of a call in the loop depends on one of them."""
        names = (n for a in call.arguments for n in tree.walk(a) if isinstance(n, tree.Name))
        return any(n.symbol in self._variables for n in names)


def _uses(node: Node, conditions: tuple[Symbol, ...]) -> Iterator[tuple[Symbol, Symbol]]:
    """Variables that change below a node, each with what its value is made of or its change depends on."""
    target = changed_or_lent(node)
    match node:
        case tree.Assign(op=op, target=place, value=value):
            root = variable_of(place)
            target = root.symbol if root is not None else None
            read = [*_names(value), *conditions]
            if target is not None and (op != "=" or not isinstance(place, tree.Name)):
                read.append(target)
        case tree.VarDecl(symbol=symbol, init=tree.Expr() as init):
            target, read = symbol, [*_names(init), *conditions]
        case _:
            read = [*conditions] + ([target] if target is not None else [])
    if target is not None:
        yield from ((target, s) for s in read)
    inner = conditions
    if isinstance(node, tree.If | tree.While | tree.DoWhile):
        inner = (*conditions, *_names(node.condition))
    for part in tree.children(node):
        yield from _uses(part, inner)


def _names(node: Node) -> Iterator[Symbol]:
    return (n.symbol for n in tree.walk(node) if isinstance(n, tree.Name) and n.symbol.storage != "function")
