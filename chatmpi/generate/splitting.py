"""A loop in three: the iterations before the one that changes the row that all read, that one, and those behind it."""

from __future__ import annotations

from dataclasses import replace

from chatmpi.analysis.loops import LoopInfo
from chatmpi.analysis.memory.subscripts import Access
from chatmpi.analysis.numbers.polynomial import ONE, Polynomial
from chatmpi.analysis.source import Edit, OverlappingEdits, Source, Span, apply_edits
from chatmpi.generate.bounds import bound_edit, range_ends
from chatmpi.generate.copies import nested, row_fragment
from chatmpi.generate.insertions import Uneditable
from chatmpi.generate.layout import Blocks, Copy, Layout, plus, row_text, times
from chatmpi.generate.ownership import local_range, local_row
from chatmpi.generate.spelling import quoted, within_quote
from chatmpi.generate.subscripts import Localiser, local_names
from chatmpi.plan.split import surely_run


def split_loop(info: LoopInfo, blocks: Blocks, shift: int, point: Polynomial, layout: Layout) -> None:
    """Put three loops in the place of one."""
    loop = info.canonical
    assert loop is not None
    if loop.is_fixed_text or loop.is_narrow:
        raise Uneditable("a macro writes the loop's bounds", loop.stmt, loop=loop.stmt.id)
    low, past = range_ends(loop, layout)
    here, behind = point.operand_text(), (point + ONE).text()
    if surely_run(point, info, layout.facts):
        ranges = [(low, here), (here, behind), (behind, past)]
    else:
        larger, smaller = layout.helper("larger"), layout.helper("smaller")
        ranges = [
            (low, f"{smaller}({past}, {here})"),
            (f"{larger}({low}, {here})", f"{smaller}({past}, {behind})"),
            (f"{larger}({low}, {behind})", past),
        ]
    indent = layout.facts.program.source.indentation(loop.stmt.span.begin)
    fresh = [row_fragment(a, name, loop.stmt.id, layout, again=True) for a, name in _rows(info, layout)]
    pieces: list[str] = []
    for k, (first, end) in enumerate(ranges):
        if k == 2:
            pieces += [line for fragment in fresh for line in fragment.split("\n")]
        begin, stop = local_range(first, end, blocks, shift, layout)
        name = layout.names.fresh(f"{loop.variable.name}_end")
        pieces.append(f"const {layout.index} {name} = {stop};")
        pieces.append(_one(info, begin, name if loop.relation == "<" else plus(name, -1), k == 1, layout))
    text = "\n".join(pieces[:1] + [indent + p for p in pieces[1:]])
    layout.edits.append(Edit(loop.stmt.span, text))


def _rows(info: LoopInfo, layout: Layout) -> list[tuple[Access, str]]:
    """The rows that change, each by one access that reads it, with its buffer."""
    found: dict[str, Access] = {}
    for many in layout.facts.accesses_in(info.stmt.id).values():
        for a in many:
            copy = layout.copied.get(id(a.touch.node))
            if copy is not None and copy.turning:
                found.setdefault(copy.name, a)
    return [(a, name) for name, a in found.items()]


def _one(info: LoopInfo, begin: str, end: str, alone: bool, layout: Layout) -> str:
    """One of the loops. `alone`: the one iteration that reads the row where it lies."""
    loop = info.canonical
    assert loop is not None
    copied = dict(layout.copied)
    if alone:
        for many in layout.facts.accesses_in(info.stmt.id).values():
            for a in many:
                copy = copied.get(id(a.touch.node))
                if copy is not None and copy.turning:
                    copied[id(a.touch.node)] = _at_home(a, layout)
    scratch = replace(layout, edits=[Edit(loop.start.span, begin), bound_edit(loop, end)], copied=copied)
    blocks = next(layout.of_array[a.touch.symbol] for a, _ in _rows(info, layout))
    Localiser(scratch, info, blocks, local_names(scratch, info, ONE, blocks)).body()
    span, here = loop.stmt.span, loop.stmt.span.begin
    source = layout.facts.program.source
    shifted = [Edit(Span(e.span.begin - here, e.span.end - here), within_quote(e.text)) for e in scratch.edits]
    try:
        return quoted(apply_edits(Source.from_str("", source.shown_at(span)), shifted).shown)
    except OverlappingEdits:
        raise Uneditable("two changes meet in one place of a macro's use", loop.stmt, loop=loop.stmt.id) from None


def _at_home(access: Access, layout: Layout) -> Copy:
    """The row itself, as its owner holds it."""
    symbol, row = access.touch.symbol, access.subscripts[0]
    assert row is not None
    local = local_row(row_text(row.operand_text(), row.symbols, layout), layout.of_array[symbol])
    words = layout.facts.extents[symbol].row_words
    if nested(symbol) or words == ONE:
        return Copy(f"{symbol.name}[{local}]", scalar=words == ONE)
    return Copy(symbol.name, scalar=False, base=times(f"({local})", words))
