"""Columns of divided arrays that every rank reads: each rank packs its part, and the parts are gathered."""

from __future__ import annotations

from chatmpi.analysis.memory.subscripts import Access
from chatmpi.analysis.numbers.polynomial import ZERO
from chatmpi.analysis.tree import Symbol
from chatmpi.generate.dealing import allgather, dealing_of
from chatmpi.generate.fragments import render
from chatmpi.generate.layout import Layout, times
from chatmpi.generate.ownership import global_row
from chatmpi.generate.room_for_copies import make_room
from chatmpi.plan.candidates import MPI_TYPES
from chatmpi.plan.plan import Communication


def gather_column(c: Communication, access: Access, layout: Layout) -> str:
    """Put the gathering before its loop and declare the buffer, whose name is returned."""
    symbol = access.touch.symbol
    facts, blocks = layout.facts, layout.of_array[symbol]
    extents = facts.extents[symbol]
    name = layout.names.fresh(f"{symbol.name}_column")
    row = layout.names.fresh("r")
    dealing = dealing_of(blocks)
    kind = MPI_TYPES[extents.element.name]
    layout.headers.add("stdlib.h")
    if blocks.cyclic:
        layout.helper("rows_below")
        call = f"{layout.helper('allgather_rows')}({name}, 0, 0, {dealing.extent}, 1, {kind});"
        first, past, here, local = "0", blocks.count, global_row(row, blocks), row
    else:
        function, more = allgather(dealing, layout)
        call = render(
            "allgather",
            allgather_blocks=function,
            array=name,
            extent=dealing.extent,
            base="0",
            owners=dealing.owners,
            more=more,
            first="0",
            last=dealing.extent,
            words="1",
            type=kind,
        )
        first, past, here, local = blocks.begin, blocks.end, row, f"{row} - {blocks.offset}"
    lines = [
        f"/* every rank reads {_what(symbol, layout)} {c.element} of {symbol.name} */",
        f"for ({layout.index} {row} = {first}; {row} < {past}; {row}++)",
        f"{layout.unit}{name}[{here}] = {_element(access, local, layout)};",
        call,
    ]
    layout.insertions.before.setdefault(c.start.statement, []).append("\n".join(lines))
    _declare(name, symbol, blocks.extent.operand_text(), c.start.statement, layout)
    return name


def _declare(name: str, symbol: Symbol, count: str, use: int, layout: Layout) -> None:
    element = layout.facts.extents[symbol].element.name
    memory = f"malloc({count} * sizeof *{name});  /* a {_what(symbol, layout)} of {symbol.name} */"
    if layout.facts.scopes:  # helper functions may use it
        layout.file_scope.append(f"static {element} *{name};")
        line = f"{name} = {memory}"
    else:
        line = f"{element} *{name} = {memory}"
    make_room(symbol, line, (use,), layout)


def _what(symbol: Symbol, layout: Layout) -> str:
    return "column" if layout.facts.place_of_row(symbol) == 0 else "vector"


def _element(access: Access, row: str, layout: Layout) -> str:
    """The element of a local row in the column."""
    symbol = access.touch.symbol
    inner = [p for p in access.subscripts[1:] if p is not None]
    if len(access.touch.subscripts) > 1:
        parts = [p.text() for p in inner]
        parts.insert(0 if layout.facts.place_of_row(symbol) == 0 else len(parts), row)
        return symbol.name + "".join(f"[{p}]" for p in parts)
    extents = layout.facts.extents[symbol]
    rest = ZERO
    for p, extent in zip(inner, extents.dimensions[1:], strict=True):
        rest = rest * extent + p
    local = f"({row})" if " " in row else row
    return f"{symbol.name}[{times(local, extents.row_words)}{f' + {rest.text()}' if rest.terms else ''}]"
