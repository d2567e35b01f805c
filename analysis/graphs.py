"""Directed graphs: of control flow, of calls, of what is computed from what."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from typing import Generic, TypeVar

Node = TypeVar("Node", bound=Hashable)


class Graph(Generic[Node]):
    """Nodes and edges keep the order in which they came."""

    def __init__(self) -> None:
        self._after: dict[Node, dict[Node, None]] = {}
        self._before: dict[Node, dict[Node, None]] = {}

    def add_node(self, node: Node) -> None:
        self._after.setdefault(node, {})
        self._before.setdefault(node, {})

    def add_edge(self, a: Node, b: Node) -> None:
        """From a to b; nodes that are new are added."""
        self.add_node(a)
        self.add_node(b)
        self._after[a][b] = self._before[b][a] = None

    def add_edges_from(self, edges: Iterable[tuple[Node, Node]]) -> None:
        for a, b in edges:
            self.add_edge(a, b)

    def __contains__(self, node: object) -> bool:
        return node in self._after

    def __iter__(self) -> Iterator[Node]:
        return iter(self._after)

    def successors(self, node: Node) -> Iterable[Node]:
        return self._after[node]

    def predecessors(self, node: Node) -> Iterable[Node]:
        return self._before[node]

    def descendants(self, node: Node) -> set[Node]:
        """What edges lead to from a node, itself if it is on a cycle."""
        return _reached(self._after, node)

    def ancestors(self, node: Node) -> set[Node]:
        """From where edges lead to a node, itself if it is on a cycle."""
        return _reached(self._before, node)

    def has_path(self, a: Node, b: Node) -> bool:
        return a == b or b in self.descendants(a)

    def on_cycles(self) -> set[Node]:
        """The nodes from which edges lead back to them."""
        return {node for node in self if node in self.descendants(node)}


def _reached(following: dict[Node, dict[Node, None]], node: Node) -> set[Node]:
    found: set[Node] = set()
    waiting = [node]
    while waiting:
        more = [n for n in following[waiting.pop()] if n not in found]
        found.update(more)
        waiting += more
    return found
