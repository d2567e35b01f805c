"""Loops that rank 0 runs to print: the arrays' names stand for copies of the rows there, so that the text stays."""

from __future__ import annotations

from dataclasses import replace

from chatmpi.analysis import tree
from chatmpi.analysis.loops import CanonicalLoop, LoopInfo
from chatmpi.analysis.numbers.polynomial import ONE
from chatmpi.analysis.source import Edit
from chatmpi.analysis.tree import Symbol
from chatmpi.generate.blocks import write_part
from chatmpi.generate.bounds import Share, as_index, cut, end_edit, hoisted, is_unsigned, runs_over_all
from chatmpi.generate.dealing import dealing_of, first_of
from chatmpi.generate.exchanges import row_address
from chatmpi.generate.fragments import render
from chatmpi.generate.insertions import Around, Uneditable
from chatmpi.generate.layout import Blocks, Layout, plus, times
from chatmpi.generate.subscripts import Localiser, local_names
from chatmpi.generate.widening import widen
from chatmpi.plan.candidates import MPI_TYPES
from chatmpi.plan.fit import Misfit
from chatmpi.plan.plan import LoopPlan
from chatmpi.plan.printing import Printed, printed


def print_on_root(loop: LoopPlan, layout: Layout) -> None:
    """Wrap a printing loop so that rank 0 runs it on rows that it gets from their owners."""
    info = layout.facts.loops[loop.place.statement]
    found = printed(info, layout.distributed_at(info.stmt.id), layout.facts)
    if isinstance(found, Misfit):
        raise Uneditable(found.reason, info.stmt, loop=info.stmt.id)
    arrays = sorted(found.arrays, key=lambda s: s.uid)
    if loop.partition is None:
        _whole(found, arrays, layout)
        return
    assert info.canonical is not None
    blocks = layout.blocks[loop.partition]
    if blocks.cyclic:
        _in_rounds(info, found, blocks, arrays, layout)
        return
    begin, end, source = (layout.names.fixed(n) for n in ("begin", "end", "source"))
    bounds = _cut(info.canonical, found, blocks, begin, end, layout)
    Localiser(layout, info, replace(blocks, offset=begin), local_names(layout, info, found.scale, blocks)).body()
    backwards = info.canonical.step < 0
    header = (
        f"int {source} = {plus(blocks.owners, -1)}; {source} >= 0; {source}--"
        if backwards
        else f"int {source} = 0; {source} < {blocks.owners}; {source}++"
    )
    text = render(
        "print_blocks",
        **_common(arrays, layout),
        header=header,
        begin=begin,
        end=end,
        source=source,
        index=layout.index,
        first=first_of(dealing_of(blocks), source, layout),
        past=first_of(dealing_of(blocks), f"{source} + 1", layout),
        copies=[_copy(s, blocks, f"({end} - {begin})", layout) for s in arrays],
        bounds=bounds,
    )
    if blocks.owners == layout.size:
        layout.size_used()
    _wrap(found, text, arrays, layout)


def _in_rounds(info: LoopInfo, found: Printed, blocks: Blocks, arrays: list[Symbol], layout: Layout) -> None:
    """Rows dealt in turn: those that the ranks have at one place are neighbours."""
    assert info.canonical is not None
    begin, end = layout.names.fixed("begin"), layout.names.fixed("end")
    size, extent = layout.size_used(), blocks.extent
    bounds = _cut(info.canonical, found, blocks, begin, end, layout)
    block = replace(blocks, offset=begin, cyclic=False)
    Localiser(layout, info, block, local_names(layout, info, found.scale, block)).body()
    header = f"{layout.index} {begin} = 0; {begin} < {extent.text()}; {begin} += {size}"
    if info.canonical.step < 0:
        last = f"({(extent - ONE).text()}) / {size} * {size}"
        header = f"{layout.index} {begin} = {last}; {begin} >= 0; {begin} -= {size}"
    words = [layout.facts.extents[s].row_words for s in arrays]
    copies = [
        _copy(s, blocks, "", layout) | {"block": row_address(s, f"{begin} / {size}", w), "words": w.text()}
        for s, w in zip(arrays, words, strict=True)
    ]
    text = render(
        "print_dealt",
        **_common(arrays, layout),
        item="row" if any(w != ONE for w in words) else "element",
        header=header,
        index=layout.index,
        begin=begin,
        end=end,
        past=f"{layout.helper('smaller')}({begin} + {size}, {extent.text()})",
        gather_round=layout.helper("gather_round"),
        copies=copies,
        bounds=bounds,
    )
    _wrap(found, text, arrays, layout)


def _whole(found: Printed, arrays: list[Symbol], layout: Layout) -> None:
    """All rows at once: the loop's text needs no other change than the name of a copy."""
    _name_copies(found, layout)
    copies = [
        _copy(s, layout.of_array[s], "", layout) | {"extent": layout.of_array[s].extent.operand_text()} for s in arrays
    ]
    text = render("print_whole", **_common(arrays, layout), gather_blocks=layout.helper("gather_blocks"), copies=copies)
    _wrap(found, text, arrays, layout)


def _common(arrays: list[Symbol], layout: Layout) -> dict[str, str]:
    rows = any(len(layout.facts.extents[s].dimensions) > 1 for s in arrays)
    return {
        "arrays": ", ".join(s.name for s in arrays),
        "items": "rows" if rows else "elements",
        "unit": layout.unit,
        "rank": layout.rank_used(),
    }


def _wrap(found: Printed, text: str, arrays: list[Symbol], layout: Layout) -> None:
    tail = [*(f"{layout.unit}free({_name_of_copy(s, layout) if _is_member(s) else s.name});" for s in arrays), "}"]
    layout.insertions.around[found.loop] = Around(text.split("\n"), 2, tail)


def _is_member(symbol: Symbol) -> bool:
    """Whether an array is a structure's: no variable of a block can bear its name."""
    return not symbol.name.replace("::", "").replace("#", "").isidentifier()


def _name_of_copy(symbol: Symbol, layout: Layout) -> str:
    return layout.names.fixed(f"{symbol.name}_rows")


def _name_copies(found: Printed, layout: Layout) -> None:
    """Let the loop's text speak of the copies where these cannot bear the arrays' own names."""
    for symbol in filter(_is_member, found.arrays):
        for node in tree.walk(layout.facts.loops[found.loop].stmt):
            if isinstance(node, tree.Name) and node.symbol == symbol:
                if node.in_macro:
                    raise Uneditable("its name stands in a macro", node, array=symbol)
                layout.edits.append(Edit(node.span, _name_of_copy(symbol, layout)))


def _copy(symbol: Symbol, blocks: Blocks, rows: str, layout: Layout) -> dict[str, str]:
    """The texts about the copy of one array's rows."""
    extents = layout.facts.extents[symbol]
    words, low = extents.row_words, blocks.halo.lower
    copy = _name_of_copy(symbol, layout)
    nested = bool(_inner_extents(symbol, layout))
    return {
        "mine": copy,
        "declared": _pointer(copy, symbol, layout),
        "shadow": "" if _is_member(symbol) else _pointer(symbol.name, symbol, layout),
        "row": "" if nested or words == ONE else f" * {words.operand_text()}",
        "block": row_address(symbol, str(low), words) if low else symbol.name,
        "sent": times(blocks.count, words),
        "received": times(rows, words) if words != ONE else rows[1:-1],
        "type": MPI_TYPES[extents.element.name],
    }


def _pointer(name: str, symbol: Symbol, layout: Layout) -> str:
    """`double *name`, `double (*name)[m]`."""
    inner = "".join(f"[{d}]" for d in _inner_extents(symbol, layout))
    element = layout.facts.extents[symbol].element.name
    return f"{element} (*{name}){inner}" if inner else f"{element} *{name}"


def _inner_extents(symbol: Symbol, layout: Layout) -> list[str]:
    kind = symbol.type
    assert isinstance(kind, tree.Pointer | tree.Array)
    inner = kind.target if isinstance(kind, tree.Pointer) else kind.element
    depth = 0
    while isinstance(inner, tree.Array):
        depth, inner = depth + 1, inner.element
    dimensions = layout.facts.extents[symbol].dimensions
    return [d.text() for d in dimensions[len(dimensions) - depth :]] if depth else []


def _cut(loop: CanonicalLoop, found: Printed, blocks: Blocks, begin: str, end: str, layout: Layout) -> list[str]:
    """The iterations of the block begin … end-1 of a loop, in indices of the block and with the names of the copies;
    lines before the loop."""
    if isinstance(loop.stmt, tree.BlockLoop):
        (array,) = found.arrays
        copy = _name_of_copy(array, layout) if _is_member(array) else array.name
        return write_part(loop.stmt, loop, found, blocks, (begin, end), copy, layout)
    _name_copies(found, layout)
    shift, scale = found.shift, found.scale
    if is_unsigned(loop) and shift > 0:
        raise Uneditable("an unsigned variable would become negative", loop.stmt, loop=loop.stmt.id)
    if loop.is_narrow:
        widen(loop, layout)
    if scale == ONE and loop.step == 1 and runs_over_all(loop, blocks, shift):
        start, bound = str(-shift), plus(f"{end} - {begin}", -shift - (1 if loop.relation == "<=" else 0))
    elif scale == ONE:
        start, bound = cut(loop, Share(plus(begin, -shift), plus(end, -shift), begin), layout)
    else:
        start, bound = cut(loop, Share(times(begin, scale), times(end, scale), times(begin, scale)), layout)
    layout.edits.append(Edit(loop.start.span, start))
    name, lines = hoisted(as_index(bound, loop, layout), loop, layout)
    layout.edits.append(end_edit(loop, name))
    return lines
