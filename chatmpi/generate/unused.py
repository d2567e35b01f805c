"""Variables that the text no longer uses: it says so, and why, where a compiler would ask."""

from __future__ import annotations

from collections.abc import Iterable, Set

from chatmpi.analysis import tree
from chatmpi.analysis.tree import Node, Symbol
from chatmpi.generate.layout import Layout


def say_unused(gone: Iterable[Node], kept: Set[Symbol], loop: int, why: str, layout: Layout) -> None:
    """Take note that parts go out of a loop's text; what is left in their place names the variables `kept`, or those of
    helper functions that have their values."""
    parts = list(gone)
    values = layout.facts.naming_at(layout.facts.loops[loop].around).derived
    alike = {s for s, value in values.items() if "::" in s.name and value.symbols and value.symbols <= kept}
    names = [n.symbol for p in parts for n in tree.walk(p) if isinstance(n, tree.Name)]
    layout.uses.update(s for s in names if s in kept or s in alike)
    for name in layout.left_unused(parts):
        layout.insertions.before.setdefault(loop, []).append(f"(void){name};  /* {why} */")
