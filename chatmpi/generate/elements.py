"""Single elements outside distributed loops, their row made local."""

from __future__ import annotations

from chatmpi.analysis import tree
from chatmpi.analysis.subscripts import Access
from chatmpi.analysis.touches import element
from chatmpi.analysis.tree import Expr
from chatmpi.analysis.values import text
from chatmpi.generate.layout import Layout, times


def local_element(node: Expr, access: Access, layout: Layout) -> str:
    """The text of an element outside distributed loops, its row made local."""
    found = element(node)
    assert found is not None
    symbol, subscripts = found
    offset = layout.of_array[symbol].offset
    extents = layout.facts.extents[symbol]
    if len(subscripts) > 1:
        rest = "".join(f"[{text(s)}]" for s in subscripts[1:])
        return f"{symbol.name}[{_minus(text(subscripts[0]), subscripts[0], offset)}]{rest}"
    first = subscripts[0] if subscripts else None
    shown = "0" if first is None else text(first)
    return f"{symbol.name}[{_minus(shown, first, times(offset, extents.row_words))}]"


def _minus(shown: str, expr: Expr | None, amount: str) -> str:
    simple = expr is None or isinstance(expr, tree.Name | tree.IntLiteral | tree.Call | tree.Index)
    additive = isinstance(expr, tree.Binary) and expr.op in {"+", "-", "*", "/", "%"}
    return f"{shown} - {amount}" if simple or additive else f"({shown}) - {amount}"
