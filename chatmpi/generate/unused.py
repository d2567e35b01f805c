"""Variables that the text no longer uses: it says so, and why, where a compiler would ask."""

from __future__ import annotations

from collections.abc import Iterable, Set

from chatmpi.analysis import tree
from chatmpi.analysis.tree import Node, Symbol
from chatmpi.generate.layout import Layout


def say_unused(gone: Iterable[Node], kept: Set[Symbol], loop: int, why: str, layout: Layout) -> None:
    """Take note that parts go out of a loop's text; what is left in their place names the variables `kept`."""
    parts = list(gone)
    layout.uses.update(n.symbol for p in parts for n in tree.walk(p) if isinstance(n, tree.Name) and n.symbol in kept)
    for name in layout.left_unused(parts):
        layout.insertions.before.setdefault(loop, []).append(f"(void){name};  /* {why} */")
