"""Single elements outside distributed loops, their row made local."""

from __future__ import annotations

from chatmpi.analysis import tree
from chatmpi.analysis.memory.subscripts import Access
from chatmpi.analysis.numbers.polynomial import ONE
from chatmpi.analysis.numbers.values import text
from chatmpi.analysis.touches import element
from chatmpi.analysis.tree import Expr
from chatmpi.generate.insertions import Uneditable
from chatmpi.generate.layout import Layout, times
from chatmpi.generate.ownership import local_row


def local_element(node: Expr, access: Access, layout: Layout) -> str:
    """The text of an element outside distributed loops, its row made local."""
    found = element(node)
    assert found is not None
    symbol, subscripts = found
    blocks, extents = layout.of_array[symbol], layout.facts.extents[symbol]
    if extents.packed is not None:
        return layout.facts.program.source.shown_at(node.span)
    if blocks.cyclic:
        return _dealt_element(node, access, layout)
    offset = blocks.offset
    if len(subscripts) > 1:
        parts = [text(s) for s in subscripts]
        place = layout.facts.place_of_row(symbol)
        words = extents.line_words if place != 0 else ONE
        parts[place] = _minus(parts[place], subscripts[place], times(offset, words))
        return symbol.name + "".join(f"[{p}]" for p in parts)
    first = subscripts[0] if subscripts else None
    shown = "0" if first is None else text(first)
    return f"{symbol.name}[{_minus(shown, first, times(offset, extents.row_words))}]"


def _dealt_element(node: Expr, access: Access, layout: Layout) -> str:
    """The element of a row that was dealt in turn."""
    found, row = element(node), access.subscripts[0]
    assert found is not None
    if row is None or any(s.name in layout.facts.shadowed for s in row.symbols):
        raise Uneditable("the row of the element is not known", node, array=access.touch.symbol)
    symbol, subscripts = found
    if layout.facts.extents[symbol].vectors and layout.facts.extents[symbol].line_words != ONE:
        raise Uneditable("the rows of several vectors are not dealt in turn", node, array=symbol)
    local = local_row(row.operand_text(), layout.of_array[symbol])
    if len(subscripts) > 1:
        parts = [text(s) for s in subscripts]
        parts[layout.facts.place_of_row(symbol)] = local
        return symbol.name + "".join(f"[{p}]" for p in parts)
    words = layout.facts.extents[symbol].row_words
    if words == ONE:
        return f"{symbol.name}[{local}]"
    assert access.linear is not None
    rest = access.linear - row * words
    return f"{symbol.name}[{times(f'({local})', words)}{f' + {rest.text()}' if rest.terms else ''}]"


def _minus(shown: str, expr: Expr | None, amount: str) -> str:
    simple = expr is None or isinstance(expr, tree.Name | tree.IntLiteral | tree.Call | tree.Index)
    additive = isinstance(expr, tree.Binary) and expr.op in {"+", "-", "*", "/", "%"}
    return f"{shown} - {amount}" if simple or additive else f"({shown}) - {amount}"
