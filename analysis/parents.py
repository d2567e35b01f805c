"""The node around each node of a tree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from chatmpi.analysis import tree
from chatmpi.analysis.tree import Expr, Node

Parents = Mapping[int, Node]  # by the id of a node: the one that it is a part of


def parents(roots: Iterable[Node]) -> dict[int, Node]:
    return {id(part): node for root in roots for node in tree.walk(root) for part in tree.children(node)}


def out_of_casts(node: Node, around: Parents) -> tuple[Node, Node]:
    """A node with the conversions around it, and what they stand in."""
    above = around[id(node)]
    while isinstance(above, tree.Cast):
        node, above = above, around[id(above)]
    return node, above


def is_in_sizeof(node: Node, around: Parents) -> bool:
    while isinstance(node, Expr):
        if isinstance(node, tree.Sizeof):
            return True
        node = around[id(node)]
    return False
