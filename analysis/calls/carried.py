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


def depends_on_earlier(call: Call, loop: Loop) -> bool:
    """Whether an argument depends on a variable that iterations hand on, other than the loop's counter."""
    counted = index_step(loop.step) if isinstance(loop, tree.For) else None
    counter = counted[0] if counted is not None else None
    uses: nx.DiGraph[Symbol] = nx.DiGraph()
    for target, source in _uses(loop, ()):
        if target != counter:
            uses.add_edge(target, source)
    handed_on = {s for group in nx.strongly_connected_components(uses) for s in group
                 if len(group) > 1 or uses.has_edge(s, s)}  # fmt: skip
    given = {n.symbol for a in call.arguments for n in tree.walk(a) if isinstance(n, tree.Name) and n.symbol in uses}
    return any(({s} | nx.descendants(uses, s)) & handed_on for s in given)


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
