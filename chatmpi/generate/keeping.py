"""Calls that read into elements of distributed arrays: each rank stores what is its own."""

from __future__ import annotations

from chatmpi.analysis import tree
from chatmpi.analysis.source import Edit
from chatmpi.analysis.tree import Symbol
from chatmpi.generate.elements import local_element
from chatmpi.generate.insertions import Uneditable
from chatmpi.generate.layout import Layout, row_text
from chatmpi.generate.ownership import is_mine
from chatmpi.plan.communicate import statement_of
from chatmpi.plan.fit import Misfit
from chatmpi.plan.keeping import Kept, argument_of, kept


def keep_own(layout: Layout) -> None:
    for statement in sorted({k.place.statement for k in layout.plan.kept}):
        s = statement_of(statement, layout.facts)
        found = kept(s, layout.distributed_at(statement), layout.facts)
        if isinstance(found, Misfit):
            raise Uneditable(found.reason, s)
        for item in found:
            _keep(item, layout)


def _keep(item: Kept, layout: Layout) -> None:
    """`&a[i]` becomes `row_begin <= i && i < row_end ? &a[i - row0] : &others_a`."""
    argument, symbol = argument_of(item), item.access.touch.symbol
    if argument.in_macro:
        raise Uneditable("a macro writes the element", argument, array=symbol)
    blocks = layout.of_array[symbol]
    if blocks.cyclic:
        layout.rank_used()
        layout.size_used()
    mine = is_mine(row_text(item.row.text(), item.row.symbols, layout), blocks)
    local = local_element(_indexed(item.access.touch.node), item.access, layout)
    layout.kept[argument.span] = f"{mine} ? &{local} : &{_spare(symbol, layout)}"
    layout.edits.append(Edit(argument.span, layout.kept[argument.span]))


def _indexed(node: tree.Expr) -> tree.Expr:
    """`*(a + i)` as `a[i]`."""
    match node:
        case tree.Unary(op="*", operand=tree.Binary(op="+", left=tree.Name() as left, right=right)):
            return tree.Index(span=node.span, in_macro=True, type=node.type, base=left, subscript=right)
    return node


def _spare(symbol: Symbol, layout: Layout) -> str:
    """The variable that takes what other ranks keep."""
    name = layout.names.fixed(f"others_{symbol.name}")
    kind = layout.facts.extents[symbol].element.name
    line = f"static {kind} {name};  /* takes the elements of {symbol.name.rpartition('::')[2]} that other ranks keep */"
    if line not in layout.file_scope:
        layout.file_scope.append(line)
    return name
