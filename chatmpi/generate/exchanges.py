"""The text of communications, from templates."""

from __future__ import annotations

from typing import Any

from chatmpi.analysis import tree
from chatmpi.analysis.numbers.polynomial import ONE, Polynomial, constant
from chatmpi.analysis.numbers.values import text
from chatmpi.analysis.source import Edit
from chatmpi.analysis.touches import ElementTouch
from chatmpi.analysis.tree import Symbol
from chatmpi.generate.accumulations import combine_copies
from chatmpi.generate.bounds import own_range, range_ends
from chatmpi.generate.chunks import chunk_name
from chatmpi.generate.dealing import Dealing, allgather, dealing_of
from chatmpi.generate.elements import local_element
from chatmpi.generate.exits import leave_together
from chatmpi.generate.fragments import render
from chatmpi.generate.gathers import gathered_text
from chatmpi.generate.insertions import Uneditable
from chatmpi.generate.last_values import agree_on_last
from chatmpi.generate.layout import Blocks, Layout, plus, row_text, times, without_parentheses
from chatmpi.generate.locations import agree_on_location
from chatmpi.generate.neutral import count_once
from chatmpi.generate.ownership import is_mine, owner
from chatmpi.plan.candidates import MPI_TYPES
from chatmpi.plan.elements import Fetched, fetch
from chatmpi.plan.fit import Gather, Misfit, fit
from chatmpi.plan.plan import Communication, LoopPlan
from chatmpi.plan.served import is_copy
from chatmpi.plan.vectors import one_vector


def insert_communications(layout: Layout) -> None:
    loops = {loop.place.statement: loop for loop in layout.plan.loops}
    for c in layout.plan.communications:
        match c.kind:
            case "halo":
                _halo(c, layout)
            case "allreduce" if any(a.uid == c.uid for a in layout.facts.arrays.declared):
                combine_copies(c, layout)
            case "allreduce" | "reduce":
                _reduction(c, loops[c.start.statement], layout)
            case "locate":
                agree_on_location(c, layout)
            case "exit":
                leave_together(c, layout)
            case "last":
                agree_on_last(c, layout)
            case "allgather" if c.when == "after":
                _allgather(c, layout)
    single = [c for c in layout.plan.communications if c.kind == "broadcast" and not is_copy(c, layout.facts)]
    _broadcasts(single, layout)


def _before(layout: Layout, statement: int, lines: str) -> None:
    layout.insertions.before.setdefault(statement, []).append(lines)


def _after(layout: Layout, statement: int, lines: str) -> None:
    layout.insertions.after.setdefault(statement, []).append(lines)


def _array(uid: int, layout: Layout) -> Symbol:
    return next(s for s in layout.facts.arrays.declared if s.uid == uid)


# ------------------------------------------------------------------------------------------------ halo


def _halo(c: Communication, layout: Layout) -> None:
    symbol = _array(c.uid, layout)
    blocks = layout.of_array[symbol]
    words = layout.facts.extents[symbol].row_words
    low, rows = blocks.halo.lower, blocks.count
    layout.rank_used()
    stored = layout.facts.arrays.declared[symbol].rows
    if stored is not None and stored.vectors:
        _halo_of_vectors(c, symbol, layout)
        return
    apart = stored is not None and stored.block is None  # each row is a message of its own
    planes = stored is not None and stored.depth > 1
    over = _rows_of_planes(symbol, layout) if apart and planes else ""
    begins = f"[{_row_name(layout)}]" if over else "[0]" if planes else ""  # where a plane's elements begin
    part = layout.facts.extents[symbol].inner_words(1) if over else words
    sides = []
    upper = [(k, 1) for k in range(c.halo.upper)] if apart else _portions(c.halo.upper, blocks)
    lower = [(k, 1) for k in range(c.halo.lower)] if apart else _portions(c.halo.lower, blocks)
    for first, width in upper:
        send, receive = str(low + first), plus(rows, low + first)
        sides.append(_side(c, layout, symbol, send, receive, width, blocks.above, blocks.below, part, begins))
    for first, width in lower:
        send, receive = plus(rows, low - first - width), str(low - first - width)
        sides.append(_side(c, layout, symbol, send, receive, width, blocks.below, blocks.above, part, begins))
    reason = f"{symbol.name} is read {_reach(c, words)} its own block"
    kind = MPI_TYPES[layout.facts.extents[symbol].element.name]
    fragment = render("halo", reason=reason, sides=sides, type=kind, over=over, unit=layout.unit)
    _before(layout, c.start.statement, fragment)


def _halo_of_vectors(c: Communication, symbol: Symbol, layout: Layout) -> None:
    """The same elements of each vector."""
    blocks, extents = layout.of_array[symbol], layout.facts.extents[symbol]
    low, rows, words = blocks.halo.lower, blocks.count, extents.line_words
    one, which = layout.names.fixed("vector"), _one_vector(c, symbol, layout)
    if which is not None:
        one = row_text(without_parentheses(which.text()), which.symbols, layout)
    sides = []
    for first, width in _portions(c.halo.upper, blocks):
        sides.append((str(low + first), plus(rows, low + first), width, blocks.above, blocks.below))
    for first, width in _portions(c.halo.lower, blocks):
        sides.append((plus(rows, low - first - width), str(low - first - width), width, blocks.below, blocks.above))
    address = f"&{symbol.name}[{one}]"
    shown = [
        {
            "send": f"{address}[{_words(send, words)}]",
            "receive": f"{address}[{_words(receive, words)}]",
            "count": (words * constant(width)).text(),
            "to": to,
            "source": source,
        }
        for send, receive, width, to, source in sides
    ]
    over = "" if which is not None else f"for (int {one} = 0; {one} < {extents.dimensions[-1].text()}; {one}++)"
    what = "every vector" if which is None else f"vector {one}"
    reason = f"{what} of {symbol.name} is read {_reach(c, words)} its own block"
    kind = MPI_TYPES[extents.element.name]
    fragment = render("halo", reason=reason, sides=shown, type=kind, over=over, unit=layout.unit)
    _before(layout, c.start.statement, fragment)


def _words(row: str, words: Polynomial) -> str:
    return times(f"({row})" if " " in row and words != ONE else row, words)


def _one_vector(c: Communication, symbol: Symbol, layout: Layout) -> Polynomial | None:
    """The number of the vector whose halo is exchanged; None if it is that of all."""
    if not c.element:
        return None
    loop = next(x for x in layout.plan.loops if x.place.statement == c.start.statement)
    return one_vector(c.start.statement, symbol, loop.shift, layout.facts)


def _rows_of_planes(symbol: Symbol, layout: Layout) -> str:
    """The header of the loop over the rows of a plane."""
    many = layout.facts.arrays.declared[symbol].extents[0]
    assert many is not None
    assert isinstance(many.type, tree.Scalar)
    name, dimension = _row_name(layout), layout.facts.extents[symbol].dimensions[1]
    return f"for ({many.type.name} {name} = 0; {name} < {dimension.text()}; {name}++)"


def _row_name(layout: Layout) -> str:
    return layout.names.fixed("plane_row")


def _portions(width: int, blocks: Blocks) -> list[tuple[int, int]]:
    """The rows of a halo that go in one message, from the block outwards: how far out they begin, and how many.

    Around a ring one rank may own fewer rows than its halo has: row by row it receives what it then sends on.
    """
    return [(k, 1) for k in range(width)] if blocks.periodic else [(0, width)] if width else []


def _side(
    c: Communication,
    layout: Layout,
    symbol: Symbol,
    send: str,
    receive: str,
    width: int,
    to: str,
    source: str,
    words: Polynomial,
    begins: str,
) -> dict[str, str]:
    conversion = ""
    if layout.is_constant_at(symbol, c.start.statement):
        conversion = f"({layout.facts.extents[symbol].element.name} *)"
    return {
        "send": row_address(symbol, send, words) + begins,
        "receive": conversion + row_address(symbol, receive, words) + begins,
        "count": (words * constant(width)).text(),
        "to": to,
        "source": source,
    }


def row_address(symbol: Symbol, row: str, words: Polynomial) -> str:
    inner = symbol.type.element if isinstance(symbol.type, tree.Array) else None
    inner = symbol.type.target if isinstance(symbol.type, tree.Pointer) else inner
    if isinstance(inner, tree.Array):
        return f"{symbol.name}[{row}]"
    wrapped = f"({row})" if " " in row and words != ONE else row
    return f"&{symbol.name}[{times(wrapped, words)}]"


def _reach(c: Communication, words: Polynomial) -> str:
    what = "element" if words == ONE else "row"
    parts = [
        f"{n} {what}{'s' if n > 1 else ''} {side}"
        for n, side in ((c.halo.lower, "before"), (c.halo.upper, "after"))
        if n
    ]
    return " and ".join(parts)


# ------------------------------------------------------------------------------------------ reductions


def _reduction(c: Communication, loop: LoopPlan, layout: Layout) -> None:
    element = next(r.element for r in loop.reductions if r.uid == c.uid)
    kind = "allreduce" if c.kind == "allreduce" else "reduce"
    rank = layout.rank_used() if kind == "reduce" else layout.rank
    values = {"name": c.subject, "place": f"&{c.subject}", "count": "1", "rank": rank}
    fragment = render(kind, type=MPI_TYPES[element], operation=c.operation, **values)
    _after(layout, c.start.statement, fragment)
    count_once(c.uid, c.subject, c.operation, c.start.statement, layout)


# -------------------------------------------------------------------------------------------- gathers


def _allgather(c: Communication, layout: Layout) -> None:
    facts = layout.facts
    loop, gather = _gathering(c, layout)
    info = facts.loops[loop.place.statement]
    assert info.canonical is not None
    first, last = (plus(end, gather.offset) for end in range_ends(info.canonical, layout))
    layout.headers.add("stdlib.h")
    if loop.chunks:
        items = f"{first}, {last}, {chunk_name(info.canonical, layout)}"
        call = f"{layout.helper('allgather_chunks')}(ARRAY, {items}, WORDS, TYPE);"
        _after(layout, c.start.statement, gathered_text(gather, call, layout))
        return
    if loop.partition is not None and layout.blocks[loop.partition].cyclic:
        layout.helper("rows_below")
        items = f"{gather.offset}, {first}, {last}"
        call = f"{layout.helper('allgather_rows')}(ARRAY, {items}, WORDS, TYPE);"
        _after(layout, c.start.statement, gathered_text(gather, call, layout))
        return
    if loop.partition is None:
        low, count = own_range(info.canonical, layout)
        base, dealing = plus(low, gather.offset), Dealing(count, layout.size_used(), loop.work)
    else:
        base, dealing = str(gather.offset - loop.shift), dealing_of(layout.blocks[loop.partition])
    function, more = allgather(dealing, layout)
    call = render(
        "allgather",
        allgather_blocks=function,
        array="ARRAY",
        extent=dealing.extent,
        base=base,
        owners=dealing.owners,
        more=more,
        first=first,
        last=last,
        words="WORDS",
        type="TYPE",
    )
    _after(layout, c.start.statement, gathered_text(gather, call, layout))


def _gathering(c: Communication, layout: Layout) -> tuple[LoopPlan, Gather]:
    """The loop that writes what is gathered, and how."""
    for loop in layout.plan.loops:
        if loop.treatment == "distributed":
            i = loop.place.statement
            found = fit(layout.facts.loops[i], layout.distributed_at(i), layout.facts)
            for g in () if isinstance(found, Misfit) else found.gathers:
                if g.array.uid == c.uid and g.place(loop.place.statement) == c.start.statement:
                    return loop, g
    raise AssertionError("no loop writes what is gathered")


# ----------------------------------------------------------------------------------------- broadcasts


def _broadcasts(all_of_them: list[Communication], layout: Layout) -> None:
    """One copy per element and statement, put in the place of the element."""
    wanted = {(c.start.statement, c.uid, c.element) for c in all_of_them}
    copies: dict[tuple[int, int, str], str] = {}
    guarded = {g.place.statement for g in layout.plan.guards}
    for t in layout.facts.touches.items:
        if not isinstance(t, ElementTouch) or not t.read or t.symbol not in layout.of_array:
            continue
        key = (t.context.statement.id, t.symbol.uid, text(t.node))
        if key not in wanted or (t.write and t.context.statement.id in guarded):
            continue
        if key not in copies:
            divided = layout.distributed_at(t.context.statement.id)
            found = fetch(t.context.statement, layout.facts.accesses[id(t)], divided, layout.facts)
            assert not isinstance(found, Misfit)
            copies[key] = _broadcast(found, layout)
        if t.node.in_macro:
            raise Uneditable("a macro writes the element", t.node, array=t.symbol)
        layout.edits.append(Edit(t.node.span, copies[key]))


def _broadcast(found: Fetched, layout: Layout) -> str:
    access = found.access
    symbol = access.touch.symbol
    blocks: Blocks = layout.of_array[symbol]
    copy = layout.names.fresh(f"{symbol.name}_copy")
    names = {n.symbol for e in access.touch.subscripts for n in tree.walk(e) if isinstance(n, tree.Name)}
    row = row_text(found.row, names, layout)
    values: dict[str, Any] = {
        "element": layout.facts.extents[symbol].element.name,
        "copy": copy,
        "shown": text(access.touch.node),
        "asked": False,
        "mine": is_mine(row, blocks),
        "local": local_element(access.touch.node, access, layout),
        "type": MPI_TYPES[layout.facts.extents[symbol].element.name],
        "owner": owner(row, blocks, layout),
        "unit": layout.unit,
    }
    _before(layout, found.statement.id, render("broadcast", **values))
    return copy
