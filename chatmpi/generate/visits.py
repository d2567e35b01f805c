"""The text of visits: the turns around a loop, the block that each brings, and what is carried from turn to turn."""

from __future__ import annotations

from chatmpi.analysis import tree
from chatmpi.analysis.loops import CanonicalLoop, LoopInfo
from chatmpi.analysis.numbers.polynomial import ONE
from chatmpi.analysis.numbers.values import type_text
from chatmpi.analysis.source import Edit, Span
from chatmpi.analysis.tree import Symbol
from chatmpi.generate.bounds import is_unsigned, runs_over_all
from chatmpi.generate.copies import nested
from chatmpi.generate.dealing import dealing_of, first_of
from chatmpi.generate.exchanges import row_address
from chatmpi.generate.fragments import render
from chatmpi.generate.insertions import Around, Uneditable
from chatmpi.generate.layout import Blocks, Layout, plus, times
from chatmpi.generate.whole_copies import base_span
from chatmpi.plan.candidates import MPI_TYPES
from chatmpi.plan.visits import Visit


def take_turns(info: LoopInfo, found: Visit, layout: Layout) -> None:
    """Run the loop once for every block, on the rows that this brings. (Its own rows are cut as those of any loop.)"""
    blocks = layout.of_array[found.arrays[0]]
    turn, begin, end, at = (layout.names.fixed(n) for n in ("turn", "begin", "end", "at"))
    names = {s: layout.names.fresh(f"{s.name.rpartition('::')[2]}_block") for s in found.arrays}
    layout.headers.update(("stdlib.h", "string.h"))
    dealing = dealing_of(blocks)
    owners = blocks.owners if blocks.owners != layout.size else layout.size_used()
    head = render(
        "visit",
        arrays=", ".join(s.name for s in found.arrays),
        turn=turn,
        owners=owners,
        index=layout.index,
        begin=begin,
        end=end,
        first=first_of(dealing, turn, layout),
        past=first_of(dealing, f"{turn} + 1", layout),
        rank=layout.rank_used(),
        unit=layout.unit,
        row=layout.names.fixed("row"),
        at=at if found.carried else "",
        blocks=[_block(s, names[s], blocks, f"({end} - {begin})", layout) for s in found.arrays],
    )
    tail = [*(f"{layout.unit}free({name});" for name in names.values()), "}"]
    layout.insertions.around[info.stmt.id] = Around(head.split("\n"), 1, tail)
    for i, offset in zip(found.loops, found.offsets, strict=True):
        loop = layout.facts.loops[i].canonical
        assert loop is not None
        _cut(loop, offset, blocks, begin, end, layout)
    for s in found.first:
        layout.insertions.guard[s] = f"{turn} == 0"
    for s in found.last:
        layout.insertions.guard[s] = f"{turn} == {plus(owners, -1)}"
    _carry(info, found, turn, at, layout)
    for access in found.accesses:
        _read(access.touch.node, access.touch.symbol, names[access.touch.symbol], begin, layout)


def _block(symbol: Symbol, name: str, blocks: Blocks, rows: str, layout: Layout) -> dict[str, str | bool]:
    """The texts about the block of one array; rows that pointers lead to are copied one by one."""
    extents = layout.facts.extents[symbol]
    apart = layout.facts.arrays.declared[symbol].rows is not None
    inner = "".join(f"[{d.text()}]" for d in extents.dimensions[1:]) if nested(symbol) or apart else ""
    element, words = extents.element.name, extents.row_words
    return {
        "name": name,
        "declared": f"{element} (*{name}){inner}" if inner else f"{element} *{name}",
        "row": "" if inner or words == ONE else f" * {words.operand_text()}",
        "own": symbol.name if apart else row_address(symbol, str(blocks.halo.lower), words),
        "apart": apart,
        "low": plus("", blocks.halo.lower),
        "count": times(rows, words) if words != ONE else rows[1:-1],
        "type": MPI_TYPES[element],
    }


def _cut(loop: CanonicalLoop, offset: int, blocks: Blocks, begin: str, end: str, layout: Layout) -> None:
    """Let a loop run through the rows of the block only; its variable keeps its values."""
    if loop.stmt.in_macro or loop.is_fixed_text or loop.is_respelled or loop.is_narrow:
        raise Uneditable("a macro writes the loop's bounds", loop.stmt, loop=loop.stmt.id)
    if is_unsigned(loop) and (offset > 0 or loop.relation != "<"):
        raise Uneditable("an unsigned variable would become negative", loop.stmt, loop=loop.stmt.id)
    first, past = plus(begin, -offset), plus(end, -offset - (1 if loop.relation == "<=" else 0))
    kind = f"({type_text(loop.variable.type)})" if is_unsigned(loop) else ""
    if runs_over_all(loop, blocks, offset):
        layout.edits.extend((Edit(loop.start.span, first), Edit(loop.bound.span, kind + past)))
        return
    _wrap(loop.start, f"{layout.helper('larger')}(", f", {first})", layout)
    _wrap(loop.bound, f"{kind}{layout.helper('smaller')}(", f", {past})", layout)


def _wrap(expr: tree.Expr, opening: str, closing: str, layout: Layout) -> None:
    """Text around an expression, inside which the loop's own variable may become a global index."""
    begin, end = expr.span.begin, expr.span.end
    layout.edits.extend((Edit(Span(begin, begin), opening), Edit(Span(end, end), closing)))


def _carry(info: LoopInfo, found: Visit, turn: str, at: str, layout: Layout) -> None:
    """What is carried: its memory, and where it is taken up and laid down."""
    rows = layout.of_array[_own(info, found, layout)].count
    trips = []
    for i in found.path if found.carried else ():
        loop = layout.facts.loops[i].canonical
        assert loop is not None
        assert loop.lower is not None
        assert loop.upper is not None
        count = loop.upper - loop.lower
        empty = loop.lower.constant != 0  # such a range may be less than empty
        trips.append(f"{layout.helper('larger')}({count.text()}, 0)" if empty else count.operand_text())
    size = " * ".join([f"(size_t){rows}", *trips])
    take, keep = [], []
    for number, s in enumerate(found.carried):
        name = layout.names.fresh(f"{s.name.rpartition('::')[2]}_so_far")
        memory = f"{type_text(s.type)} *{name} = malloc({size} * sizeof *{name});"
        layout.insertions.before.setdefault(info.stmt.id, []).append(memory)
        layout.insertions.after.setdefault(info.stmt.id, []).insert(0, f"free({name});")
        take.append(f"{s.name} = {name}[{at}];")
        keep.append(f"{name}[{at}{'++' if number == len(found.carried) - 1 else ''}] = {s.name};")
    if take:
        opened, closed = (" {", ["}"]) if len(take) > 1 else ("", [])
        lines = [f"if ({turn} > 0){opened}", *(layout.unit + t for t in take), *closed]
        layout.insertions.before.setdefault(found.loops[0], []).append("\n".join(lines))
        layout.insertions.after.setdefault(found.loops[-1], []).extend(keep)


def _own(info: LoopInfo, found: Visit, layout: Layout) -> Symbol:
    """An array whose rows the loop follows."""
    loop = next(x for x in layout.plan.loops if x.place.statement == info.stmt.id)
    assert loop.partition is not None
    return layout.blocks[loop.partition].arrays[0]


def _read(node: tree.Expr, array: Symbol, name: str, begin: str, layout: Layout) -> None:
    """The element in the block: its name, and its row counted from the block's first."""
    subscript = node
    while isinstance(subscript, tree.Index) and isinstance(subscript.base, tree.Index):
        subscript = subscript.base
    if not isinstance(subscript, tree.Index) or subscript.subscript.in_macro:
        raise Uneditable("a macro writes the subscript", node, array=array)
    first = subscript.subscript
    words = layout.facts.extents[array].row_words
    alone = nested(array) or words == ONE or layout.facts.arrays.declared[array].rows is not None
    less = f" - {begin if alone else times(begin, words)}"
    simple = isinstance(first, tree.Name | tree.IntLiteral | tree.Index) or (
        isinstance(first, tree.Binary) and first.op in {"+", "-", "*", "/"}
    )
    layout.edits.append(Edit(base_span(node, array), name))
    if not simple:
        layout.edits.append(Edit(Span(first.span.begin, first.span.begin), "("))
    layout.edits.append(Edit(Span(first.span.end, first.span.end), less if simple else f"){less}"))
