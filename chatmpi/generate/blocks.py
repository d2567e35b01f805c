"""memcpy, memmove and memset of distributed arrays: the call stays, for the rank's own part of the block."""

from __future__ import annotations

from dataclasses import dataclass, replace

from chatmpi.analysis import tree
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.loops import CanonicalLoop
from chatmpi.analysis.memory.subscripts import Access
from chatmpi.analysis.numbers.polynomial import ONE, Polynomial, of_atom, variable
from chatmpi.analysis.numbers.values import polynomial
from chatmpi.analysis.rewriting import rewritten
from chatmpi.analysis.source import Edit, Span
from chatmpi.analysis.touches import ElementTouch
from chatmpi.analysis.tree import Expr, Node
from chatmpi.generate.bounds import range_ends, runs_over_all
from chatmpi.generate.elements import local_element
from chatmpi.generate.insertions import Uneditable
from chatmpi.generate.layout import Blocks, Layout, plus, row_text, times
from chatmpi.generate.ownership import global_row, is_mine, local_range
from chatmpi.plan.blocks import innermost, is_written, left_to_owner, shared_out
from chatmpi.plan.fit import Fit, Misfit
from chatmpi.plan.printing import Printed


@dataclass(frozen=True, slots=True)
class _Part:
    """The iterations first … first+count-1 of a block's loop, in local values; `checked`: count may be negative."""

    first: str
    count: str
    checked: bool


def check_sizes(layout: Layout) -> None:
    """`sizeof u` is not what it was once u is a pointer: calls whose size stays in the text must not say that."""
    divided = {x.place.statement for x in layout.plan.loops if x.treatment in ("distributed", "printed")}
    for s in tree.statements(layout.facts.function.body):
        if isinstance(s, tree.BlockLoop) and s.id not in divided:
            sizes = [n.operand for a in s.call.arguments[1:] for n in tree.walk(a) if isinstance(n, tree.Sizeof)]
            for operand in sizes:
                if isinstance(operand, tree.Name) and operand.symbol in layout.of_array:
                    raise Uneditable("the program takes its sizeof", operand, array=operand.symbol)


def block_of(statement: int, layout: Layout) -> tree.BlockLoop | None:
    """The block operation that consists of a statement."""
    loops = (info.stmt for info in layout.facts.loops.values() if isinstance(info.stmt, tree.BlockLoop))
    return next((loop for loop in loops if innermost(loop).id == statement), None)


def do_own_part(loop: tree.BlockLoop, layout: Layout) -> None:
    """Every rank's call is for what it owns."""
    found = shared_out(loop, layout.distributed_at(loop.id), layout.facts)
    canonical = layout.facts.loops[loop.id].canonical
    if isinstance(found, Misfit) or canonical is None:
        raise Uneditable(found.reason if isinstance(found, Misfit) else "it is not counted", loop, loop=loop.id)
    array = min(found.arrays, key=lambda s: s.uid)
    blocks = layout.of_array[array]
    if blocks.cyclic and any(a.touch.symbol not in layout.of_array for a in _accesses(loop, layout.facts)):
        _copy_each_row(loop, blocks, layout)
        return
    part = _part(canonical, blocks, found, loop, layout)
    for access, argument in zip(_accesses(loop, layout.facts), loop.call.arguments, strict=False):
        layout.edits.append(Edit(argument.span, _address(access, canonical, part, blocks, found, layout)))
    _edit_size(loop, canonical, part, layout)
    if part.checked:
        layout.insertions.guard[loop.id] = f"{part.count} > 0"


def _copy_each_row(loop: tree.BlockLoop, blocks: Blocks, layout: Layout) -> None:
    """A copy between rows that are dealt in turn and what every rank has, element by element."""
    row = layout.names.fresh("r")
    to, of = (
        f"{a.touch.symbol.name}[{row if a.touch.symbol in layout.of_array else global_row(row, blocks)}]"
        for a in _accesses(loop, layout.facts)
    )
    text = f"for ({layout.index} {row} = 0; {row} < {blocks.count}; {row}++) {to} = {of}"
    layout.edits.append(Edit(loop.call.span, text))


def write_part(
    loop: tree.BlockLoop,
    canonical: CanonicalLoop,
    found: Printed,
    blocks: Blocks,
    part: tuple[str, str],
    copy: str,
    layout: Layout,
) -> list[str]:
    """fwrite of the rows begin … end-1, which rank 0 has got under the name `copy`; lines before the call."""
    begin, end = part
    low, past = _ends(canonical, layout)
    scale, lines = found.scale, []
    if scale == ONE and runs_over_all(canonical, blocks, found.shift):
        own = _Part(str(-found.shift), f"{end} - {begin}", False)
    elif scale != ONE and _is_whole(canonical, blocks, scale):
        own = _Part("0", times(f"({end} - {begin})", scale), False)
    else:
        larger, smaller = layout.helper("larger"), layout.helper("smaller")
        first, count = layout.names.fixed("fwrite_first"), layout.names.fixed("fwrite_count")
        ends = [plus(e, -found.shift) if scale == ONE else times(e, scale) for e in part]
        offset = begin if scale == ONE else times(begin, scale)
        lines = [
            f"const {layout.index} {first} = {larger}({low}, {ends[0]}) - {offset};",
            f"const {layout.index} {count} = {larger}(0, {smaller}({past}, {ends[1]}) - {offset} - {first});",
        ]
        own = _Part(first, count, False)
    (access,) = _accesses(loop, layout.facts)
    local = replace(blocks, offset=begin)
    fit = Fit(loop.id, found.arrays, found.extent, found.shift, scale, {}, ())
    written = _element(copy, _offset(access, canonical, own, local, fit, layout))
    layout.edits.append(Edit(loop.call.arguments[0].span, written))
    _edit_size(loop, canonical, own, layout)
    return lines


def do_if_mine(loop: tree.BlockLoop, layout: Layout) -> None:
    """The owner of the row makes the call as it stands, for its local row."""
    owned = left_to_owner(loop, layout.distributed_at(loop.id), layout.facts)
    canonical = layout.facts.loops[loop.id].canonical
    if isinstance(owned, Misfit) or canonical is None:
        raise Uneditable(owned.reason if isinstance(owned, Misfit) else "it is not counted", loop, loop=loop.id)
    blocks = layout.of_array[min(owned.arrays, key=lambda s: s.uid)]
    layout.insertions.guard[loop.id] = is_mine(row_text(owned.row.text(), owned.row.symbols, layout), blocks)
    low = canonical.lower
    assert low is not None
    for access, argument in zip(_accesses(loop, layout.facts), loop.call.arguments, strict=False):
        if access.touch.symbol not in layout.of_array:
            continue
        own = of_atom(variable(canonical.variable))
        node = rewritten(access.touch.node, lambda n: _at_start(n, canonical))
        linear = access.linear - own + low if access.linear is not None else None
        layout.edits.append(Edit(argument.span, f"&{local_element(node, replace(access, linear=linear), layout)}"))


def _at_start(node: Node, loop: CanonicalLoop) -> Node:
    """The subscript of the first element: the loop's variable has its least value."""
    first = loop.start if loop.step > 0 else loop.bound
    match node:
        case tree.Binary(op="+", left=left, right=tree.Name(symbol=s)) if s == loop.variable and _is_zero(first):
            return left
        case tree.Name(symbol=symbol) if symbol == loop.variable:
            return first
    return node


def _is_zero(expr: Expr) -> bool:
    return polynomial(expr) == Polynomial()


def _accesses(loop: tree.BlockLoop, facts: Facts) -> list[Access]:
    """The access that is written, and that which is read, in the order of the call's arguments."""
    touched = [t for t in facts.touches.of(innermost(loop).id) if isinstance(t, ElementTouch)]
    return [facts.accesses[id(t)] for t in sorted(touched, key=lambda t: not t.write)]


def _part(loop: CanonicalLoop, blocks: Blocks, found: Fit, s: tree.BlockLoop, layout: Layout) -> _Part:
    """A rank's part of the loop; lines that name it go before the call."""
    rows = found.scale == ONE
    if not blocks.cyclic and rows and runs_over_all(loop, blocks, found.shift):
        return _Part(str(blocks.halo.lower - found.shift), blocks.count, False)
    if not rows and _is_whole(loop, blocks, found.scale):
        first = times(str(blocks.halo.lower), found.scale) if blocks.halo.lower else "0"
        return _Part(first, times(blocks.count, found.scale), False)
    low, past = _ends(loop, layout)
    if rows:
        begin, end = local_range(low, past, blocks, found.shift, layout)
    else:
        larger, smaller = layout.helper("larger"), layout.helper("smaller")
        offset = times(blocks.offset, found.scale)
        begin = f"{larger}({low}, {times(blocks.begin, found.scale)}) - {offset}"
        end = f"{smaller}({past}, {times(blocks.end, found.scale)}) - {offset}"
    if begin == "0" and end == blocks.count:
        return _Part(begin, end, False)
    stem = s.call.name or "block"
    first, count = layout.names.fresh(f"{stem}_first"), layout.names.fresh(f"{stem}_count")
    layout.insertions.before.setdefault(s.id, []).append(
        f"const {layout.index} {first} = {begin};\nconst {layout.index} {count} = {end} - {first};"
    )
    return _Part(first, count, True)


def _is_whole(loop: CanonicalLoop, blocks: Blocks, scale: Polynomial) -> bool:
    """Whether a loop runs over all elements, `scale` of them in each row."""
    return loop.lower is not None and not loop.lower.terms and loop.upper == blocks.extent * scale


def _address(access: Access, loop: CanonicalLoop, part: _Part, blocks: Blocks, found: Fit, layout: Layout) -> str:
    """The address at which the rank's part begins in an array, or in the whole of one that every rank has."""
    return _element(access.touch.symbol.name, _offset(access, loop, part, blocks, found, layout))


def _element(array: str, subscript: str) -> str:
    return array if subscript == "0" else f"&{array}[{subscript}]"


def _offset(access: Access, loop: CanonicalLoop, part: _Part, blocks: Blocks, found: Fit, layout: Layout) -> str:
    """The subscript at which the rank's part begins."""
    symbol = access.touch.symbol
    value = access.linear if access.subscripts[0] is None else access.subscripts[0]
    assert value is not None
    beside = value - of_atom(variable(loop.variable))
    first = part.first
    if symbol not in layout.of_array:
        offset = times(blocks.offset, found.scale)
        first = offset if first == "0" else f"{first} + {offset}"
    number = beside.constant
    if number is None:
        return f"{first} + {beside.text()}" if first != "0" else beside.text()
    if first.lstrip("-").isdigit():
        return str(int(first) + number)
    return plus(first, number)


def _edit_size(loop: tree.BlockLoop, canonical: CanonicalLoop, part: _Part, layout: Layout) -> None:
    """As many elements, or rows, as the part has: one factor of the size, or all of it said anew."""
    sizes = [loop.call.arguments[2], *(loop.call.arguments[1:2] if is_written(loop) else ())]
    low, upper = canonical.lower, canonical.upper
    length = None if low is None or upper is None else upper - low
    naming = layout.facts.naming
    for factor in (f for size in sizes for f in _factors(size)):
        if length is not None and polynomial(factor, naming) == length and not factor.in_macro:
            shown = f"(size_t){part.count}" if "*" in part.count else part.count
            shown = f"({shown})" if " " in shown and factor not in sizes else shown
            layout.edits.append(Edit(_with_parentheses(factor.span, layout), shown))
            return
    if any(size.in_macro for size in sizes):
        raise Uneditable("a macro writes the size", sizes[0], loop=loop.id)
    target = _accesses(loop, layout.facts)[0].touch.symbol
    number = f"(size_t){_operand(part.count)}"
    if is_written(loop):
        layout.edits.extend([Edit(sizes[0].span, number), Edit(sizes[1].span, f"sizeof *{target.name}")])
    else:
        layout.edits.append(Edit(sizes[0].span, f"{number} * sizeof *{target.name}"))


def _ends(loop: CanonicalLoop, layout: Layout) -> tuple[str, str]:
    """The least value of the loop's range and one past the greatest, in the words of the call."""
    start, bound = polynomial(loop.start), polynomial(loop.bound)
    if start is None or bound is None:
        return range_ends(loop, layout)
    low, past = (start, bound) if loop.step > 0 else (bound, start + ONE)
    return low.text(), past.text()


def _with_parentheses(span: Span, layout: Layout) -> Span:
    text = layout.facts.program.source.text
    enclosed = text[span.begin - 1] == "(" and text[span.end] == ")"
    return Span(span.begin - 1, span.end + 1) if enclosed else span


def _operand(shown: str) -> str:
    return shown if shown.isidentifier() else f"({shown})"


def _factors(expr: Expr) -> list[Expr]:
    match expr:
        case tree.Binary(op="*", left=left, right=right):
            return [expr, *_factors(left), *_factors(right)]
        case tree.Cast(operand=operand):
            return _factors(operand)
        case tree.Sizeof(extents=extents):
            return [expr, *extents]
    return [expr]
