"""Rows that their owner broadcasts into a copy, and the reads that take it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from chatmpi.analysis import tree
from chatmpi.analysis.memory.subscripts import Access
from chatmpi.analysis.numbers.polynomial import ONE, ZERO, Atom, Polynomial
from chatmpi.analysis.source import Edit, Span
from chatmpi.analysis.touches import element
from chatmpi.analysis.tree import Expr, Symbol
from chatmpi.generate.arguments import argument_edit
from chatmpi.generate.column_copies import gather_column
from chatmpi.generate.fragments import render
from chatmpi.generate.insertions import Uneditable
from chatmpi.generate.layout import Copy, Layout, row_text, times
from chatmpi.generate.ownership import is_mine, local_row, owner
from chatmpi.generate.room_for_copies import make_room
from chatmpi.plan.candidates import MPI_TYPES
from chatmpi.plan.copies import surely_inside
from chatmpi.plan.plan import TURNING, Communication
from chatmpi.plan.served import served


def insert_copies(layout: Layout) -> list[str]:
    """The broadcasts before their loops, and the buffers that they fill; the names to free at the end."""
    names: dict[str, Symbol] = {}
    to_free: list[str] = []
    buffers: list[tuple[Communication, str]] = []
    uses = served(layout.plan, frozenset(layout.of_array), layout.facts)
    for c, accesses in uses:
        if c.kind == "row_broadcast":
            name = _buffer(c, accesses[0].touch.symbol, buffers, layout)
            names.setdefault(name, accesses[0].touch.symbol)
            fragment = row_fragment(accesses[0], name, c.start.statement, layout)
            layout.insertions.before.setdefault(c.start.statement, []).append(fragment)
        elif c.kind == "column_gather":
            name = gather_column(c, accesses[0], layout)
            to_free.append(name)
        else:
            name = _broadcast_element(c, accesses[0], layout)
        for a in accesses:
            layout.copied[id(a.touch.node)] = Copy(
                name, c.kind == "broadcast", c.operation == TURNING, c.kind == "column_gather"
            )
    for name, symbol in names.items():
        _declare(name, symbol, (c.start.statement for c, held in buffers if held == name), layout)
    localised = {x.place.statement for x in layout.plan.loops if x.treatment == "distributed" and x.partition}
    for _, accesses in uses:
        for a in accesses:
            if not localised & set(a.touch.context.loops):
                layout.edits.extend(copy_edits(a, layout, {}))
    return [*names, *to_free]


def _buffer(c: Communication, symbol: Symbol, taken: list[tuple[Communication, str]], layout: Layout) -> str:
    """The buffer of a row: one that no other row is in at the same time, if there is one."""
    loops = layout.facts.loops
    around = set(loops[c.start.statement].around)
    same = [(other.start.statement, name) for other, name in taken if other.uid == c.uid]
    busy = {name for i, name in same if i in around or c.start.statement in loops[i].around}
    free = [name for _, name in same if name not in busy]
    name = free[0] if free else layout.names.fresh(f"{symbol.name}_row")
    taken.append((c, name))
    return name


def row_fragment(access: Access, name: str, loop: int, layout: Layout, again: bool = False) -> str:
    """The broadcast of the row that `access` reads, for a loop. (Where nothing reads it, it need not be one.)"""
    symbol = access.touch.symbol
    row = access.subscripts[0]
    assert row is not None
    extents, blocks = layout.facts.extents[symbol], layout.of_array[symbol]
    shown = row_text(_row_as_written(access, loop, layout) or row.operand_text(), row.symbols, layout)
    layout.headers.add("string.h")
    return render(
        "row_broadcast",
        array=symbol.name,
        row=shown,
        asked=not surely_inside(row, extents.dimensions[0], loop, layout.facts),
        again=again,
        extent=blocks.extent.text(),
        mine=is_mine(shown, blocks),
        owner=owner(shown, blocks, layout),
        copy=name,
        local=_row_address(symbol, local_row(shown, blocks), extents.row_words),
        words=extents.row_words.operand_text(),
        element=extents.element.name,
        type=MPI_TYPES[extents.element.name],
        unit=layout.unit,
    )


def _row_address(symbol: Symbol, row: str, words: Polynomial) -> str:
    return f"{symbol.name}[{row}]" if nested(symbol) else f"&{symbol.name}[{times(f'({row})', words)}]"


def _row_as_written(access: Access, loop: int, layout: Layout) -> str:
    """A name that the program has for the row, if it holds before the loop; "" if there is none."""
    first = access.touch.subscripts[0] if len(access.touch.subscripts) > 1 else None
    facts = layout.facts
    if not isinstance(first, tree.Name) or first.symbol in facts.loops[loop].written:
        return ""
    return "" if first.symbol.name in facts.shadowed else first.symbol.name


def nested(symbol: Symbol) -> bool:
    """Whether its type has rows: an array of arrays, or a pointer to arrays."""
    kind = symbol.type
    inner = kind.element if isinstance(kind, tree.Array) else kind.target if isinstance(kind, tree.Pointer) else None
    return isinstance(inner, tree.Array)


def _declare(name: str, symbol: Symbol, uses: Iterable[int], layout: Layout) -> None:
    """The buffer for a row, of the row's own shape, once the array's sizes are known."""
    extents = layout.facts.extents[symbol]
    inner = extents.dimensions[2:] if nested(symbol) else ()
    pointer = f"(*{name})" + "".join(f"[{d.text()}]" for d in inner) if inner else f"*{name}"
    count = extents.dimensions[1].operand_text() if inner else extents.row_words.operand_text()
    memory = f"malloc({count} * sizeof *{name});  /* a row of {symbol.name} */"
    line = f"{extents.element.name} {pointer} = {memory}"
    if layout.facts.scopes:  # helper functions may use it
        if any(d.symbols for d in inner):
            raise Uneditable("a row of it has no type at file scope", layout.main, array=symbol)
        layout.file_scope.append(f"static {extents.element.name} {pointer};")
        line = f"{name} = {memory}"
    make_room(symbol, line, uses, layout)


def _broadcast_element(c: Communication, access: Access, layout: Layout) -> str:
    symbol = access.touch.symbol
    row = access.subscripts[0]
    assert row is not None
    blocks = layout.of_array[symbol]
    copy = layout.names.fresh(f"{symbol.name}_copy")
    shown = row_text(row.operand_text(), row.symbols, layout)
    element_type = layout.facts.extents[symbol].element.name
    fragment = render(
        "broadcast",
        element=element_type,
        copy=copy,
        shown=c.element,
        asked=not surely_inside(row, layout.facts.extents[symbol].dimensions[0], c.start.statement, layout.facts),
        row=shown,
        extent=blocks.extent.text(),
        mine=is_mine(shown, blocks),
        local=_element_there(access, local_row(shown, blocks), layout),
        type=MPI_TYPES[element_type],
        owner=owner(shown, blocks, layout),
        unit=layout.unit,
    )
    layout.insertions.before.setdefault(c.start.statement, []).append(fragment)
    return copy


def _element_there(access: Access, row: str, layout: Layout) -> str:
    """The element at a local row, said in the variables that are set before the loop."""
    symbol = access.touch.symbol
    inner = [p for p in access.subscripts[1:] if p is not None]
    if nested(symbol):
        return f"{symbol.name}[{row}]" + "".join(f"[{p.text()}]" for p in inner)
    words = layout.facts.extents[symbol].row_words
    if words == ONE:
        return f"{symbol.name}[{row}]"
    rest = ZERO
    for p, extent in zip(inner, layout.facts.extents[symbol].dimensions[1:], strict=True):
        rest = rest * extent + p
    return f"{symbol.name}[{times(f'({row})', words)} + {rest.text()}]"


def copy_edits(access: Access, layout: Layout, local: Mapping[Symbol, str]) -> Iterator[Edit]:
    """The read taken from the copy; `local` gives the global value of variables that are local in the text. What
    stands in further brackets is left to the caller."""
    node = access.touch.node
    if node.in_macro:
        raise Uneditable("a macro reads the element", node, array=access.touch.symbol)
    copy = layout.copied[id(node)]
    inner = row_part(node)
    if copy.column:
        yield from _column_edits(access, copy, layout, local)
        return
    if copy.scalar or inner is not None:
        yield Edit(node.span if inner is None or copy.scalar else inner.span, copy.name)
        return
    row, linear = access.subscripts[0], access.linear
    assert row is not None
    assert linear is not None
    if (edit := argument_edit(access, copy, layout, local)) is not None:
        yield edit
        return
    rest = linear - row * layout.facts.extents[access.touch.symbol].row_words
    if any(s.name in layout.facts.shadowed for s in rest.symbols):
        raise Uneditable("its subscript has a name that stands for several variables", node, array=access.touch.symbol)
    base = f"{copy.base} + " if copy.base else ""
    yield Edit(node.span, f"{copy.name}[{base}{rest.text(lambda a: _global(a, access, local))}]")


def _column_edits(access: Access, copy: Copy, layout: Layout, local: Mapping[Symbol, str]) -> Iterator[Edit]:
    """The element of a gathered column: its row number is the subscript."""
    node, subscripts = access.touch.node, access.touch.subscripts
    if len(subscripts) > 1:
        first = subscripts[layout.facts.place_of_row(access.touch.symbol)]
        yield Edit(Span(node.span.begin, first.span.begin), f"{copy.name}[")
        yield Edit(Span(first.span.end, node.span.end), "]")
        return
    row = access.subscripts[0]
    assert row is not None
    if any(s.name in layout.facts.shadowed for s in row.symbols):
        raise Uneditable("its row has a name that stands for several variables", node, array=access.touch.symbol)
    yield Edit(node.span, f"{copy.name}[{row.text(lambda a: _global(a, access, local))}]")


def _global(atom: Atom, access: Access, local: Mapping[Symbol, str]) -> str:
    changed = atom.symbols & local.keys()
    if not changed:
        return atom.text
    symbol = next(iter(changed))
    if atom.text != symbol.name:
        raise Uneditable("its subscript divides a local index", access.touch.node, array=access.touch.symbol)
    return f"({local[symbol]})"


def row_part(node: Expr) -> Expr | None:
    """`a[k]` of `a[k][j]`."""
    found = element(node)
    if found is None or len(found[1]) < 2:
        return None
    inner = node
    for _ in found[1][1:]:
        assert isinstance(inner, tree.Index)
        inner = inner.base
    return inner
