"""Directed graphs: reachability and cycles."""

from __future__ import annotations

from chatmpi.analysis.graphs import Graph


def _graph(*edges: tuple[str, str]) -> Graph[str]:
    made: Graph[str] = Graph()
    made.add_edges_from(edges)
    return made


def test_nodes_and_edges_keep_their_order() -> None:
    made = _graph(("b", "a"), ("b", "c"), ("a", "c"))
    made.add_node("d")
    assert list(made) == ["b", "a", "c", "d"]
    assert list(made.successors("b")) == ["a", "c"]
    assert list(made.predecessors("c")) == ["b", "a"]


def test_what_is_reached() -> None:
    made = _graph(("a", "b"), ("b", "c"), ("d", "b"))
    assert made.descendants("a") == {"b", "c"}
    assert made.ancestors("c") == {"a", "b", "d"}
    assert made.has_path("a", "a")
    assert made.has_path("d", "c")
    assert not made.has_path("c", "a")


def test_what_is_on_a_cycle() -> None:
    made = _graph(("a", "b"), ("b", "c"), ("c", "b"), ("c", "d"), ("e", "e"))
    assert made.on_cycles() == {"b", "c", "e"}
    assert "b" in made.descendants("b")
