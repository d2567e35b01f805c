"""Arrays at local size: declarations that become pointers, allocations that shrink."""

from __future__ import annotations

import functools
from collections.abc import Set

from chatmpi.analysis import tree
from chatmpi.analysis.loops import starting
from chatmpi.analysis.memory.rooms import asked_for
from chatmpi.analysis.numbers.polynomial import ONE
from chatmpi.analysis.numbers.values import polynomial, type_text
from chatmpi.analysis.source import Edit, Span
from chatmpi.analysis.surroundings import statements_of
from chatmpi.analysis.touches import BareUse
from chatmpi.analysis.tree import Symbol
from chatmpi.generate.allocation_sizes import Asked, asked, factors
from chatmpi.generate.insertions import Uneditable
from chatmpi.generate.layout import Blocks, Layout, local_rows
from chatmpi.generate.spelling import quoted
from chatmpi.plan.candidates import making_statement


def localise_memory(layout: Layout) -> list[str]:
    """Edit declarations and allocations of distributed arrays; the names to free at the end."""
    to_free = []
    for symbol, blocks in layout.of_array.items():
        if layout.facts.extents[symbol].packed is not None:
            continue  # each rank has room for all of it
        stored = layout.facts.arrays.declared[symbol].rows
        if stored is not None and stored.vectors:
            _shrink_vectors(symbol, stored, blocks, layout)
        elif isinstance(symbol.type, tree.Array):
            _declare_pointer(symbol, blocks, layout)
            to_free.append(symbol.name)
        else:
            _shrink_allocation(symbol, blocks, layout)
            rows = layout.facts.arrays.declared[symbol].rows
            if rows is not None:
                _shrink_rows(symbol, rows, blocks, layout)
    return to_free


def _shrink_rows(symbol: Symbol, rows: tree.RowStorage, blocks: Blocks, layout: Layout) -> None:
    """Rows that pointers lead to: the loops that make and free them run over the local ones."""
    made = made_rows(symbol, layout)
    for loop in rows.loops:
        if made_apart(symbol, loop, layout):
            continue
        assert isinstance(loop.condition, tree.Binary)
        edits = [*(from_first(loop, symbol) if rows.block is None else ()), _up_to(loop.condition, made, layout)]
        if edits[-1] not in layout.edits:
            layout.edits.extend(edits)
    layout.edits.extend(Edit(with_line(s.span, layout), "") for s in rows.empty)
    for call in (rows.block, rows.table):
        if call is not None:
            _shrink_call(symbol, call, made, layout)


def _shrink_vectors(symbol: Symbol, stored: tree.RowStorage, blocks: Blocks, layout: Layout) -> None:
    """Of each vector a rank has a part."""
    rows = local_rows(blocks)
    if stored.checks and not blocks.halo.width:
        rows = f"{rows} + 1"  # never empty: malloc(0) may give NULL, which the program takes for a failure
    for call in stored.vectors:
        _shrink_call(symbol, call, rows, layout)


def made_apart(symbol: Symbol, loop: tree.For, layout: Layout) -> tuple[tree.Stmt, ...]:
    """The statements that make, or free, the rows of an array in a loop of their own, because a rank has other numbers
    of rows of the arrays in `loop`, which is left to the first of these; none where it has as many of all."""
    declared = layout.facts.arrays.declared
    together = [s for s, v in declared.items() if v.rows is not None and loop in v.rows.loops]
    first = min(together, key=lambda s: (s in layout.of_array, s.uid))
    if first in layout.of_array and made_rows(first, layout) == made_rows(symbol, layout):
        return ()
    own = tuple(s for s in statements_of(loop.body) if _mentions(s, {symbol.uid}))
    others = {s.uid for s in together if s != symbol}
    if not own or any(_mentions(s, others) for s in own) or not isinstance(loop.body, tree.Block):
        raise Uneditable("its rows are made together with those of another array", loop, array=symbol)
    return own


def _mentions(s: tree.Stmt, uids: Set[int]) -> bool:
    """By their numbers: the rows are made under other types than the analysis has for the arrays."""
    return any(isinstance(n, tree.Name) and n.symbol.uid in uids for n in tree.walk(s))


def made_rows(symbol: Symbol, layout: Layout) -> str:
    """How many rows get a pointer. Where a block with a name of its own holds them, at least one does: `free(a[0])`
    gives the block back. So it is where planes lie in blocks: `a[0][0]` is set."""
    blocks, stored = layout.of_array[symbol], layout.facts.arrays.declared[symbol].rows
    first = stored is not None and stored.in_blocks and (stored.named or stored.depth > 1)
    return f"{local_rows(blocks)} + 1" if first and not blocks.halo.width else local_rows(blocks)


def _up_to(condition: tree.Binary, made: str, layout: Layout) -> Edit:
    """The loop ends with the last local row."""
    made = counted_in(condition.left, made)
    if condition.op == "<":
        return Edit(condition.right.span, made)
    counter = quoted(layout.facts.program.source.shown_at(condition.left.span))
    return Edit(condition.span, f"{counter} < {made}")


def counted_in(counter: tree.Expr, rows: str) -> str:
    """A number of rows (none is negative) that a counter is compared with: in its type if that is unsigned."""
    if not isinstance(counter.type, tree.Scalar) or not counter.type.is_unsigned:
        return rows
    return f"({type_text(counter.type)}){rows if rows.isidentifier() else f'({rows})'}"


def from_first(loop: tree.For, symbol: Symbol) -> list[Edit]:
    """All local rows get memory, where the program leaves out its first."""
    begin = starting(loop.init)
    if begin is None:
        raise Uneditable("its rows are made in a loop that begins in another way", loop, array=symbol)
    start = begin[1]
    if isinstance(start, tree.IntLiteral) and start.value == 0:
        return []
    if start.in_macro:
        raise Uneditable("a macro says with which row the loop begins", loop, array=symbol)
    return [Edit(start.span, "0")]


def with_line(span: Span, layout: Layout) -> Span:
    """The span, with its whole line where nothing else stands there."""
    text = layout.facts.program.source.text
    begin = layout.facts.program.source.line_begin(span.begin)
    end = text.find("\n", span.end)
    alone = not text[begin : span.begin].strip() and end >= 0 and not text[span.end : end].strip()
    return Span(begin, end + 1) if alone else span


def _declare_pointer(symbol: Symbol, blocks: Blocks, layout: Layout) -> None:
    """`double a[N][M];` becomes `double (*a)[M];` with an allocation."""
    declaration = layout.facts.arrays.declared[symbol]
    first = declaration.brackets[0]
    is_member = "." in symbol.name  # its declaration stands in the struct's
    own_name = symbol.name.rpartition(".")[2]
    pointer = f"(*{own_name})" if len(declaration.brackets) > 1 else f"*{own_name}"
    call = _allocation(symbol, blocks, layout)
    later = bool(blocks.used)  # with the blocks, whose sizes are not known yet
    initial = f" = {call}" if symbol.storage == "local" and not is_member and not later else ""
    declared = [Edit(declaration.name_span, pointer), Edit(first, "")]
    if declared[0] not in layout.edits:  # several structs may have one type
        layout.edits.extend(declared)
    last = declaration.brackets[-1]
    if declaration.init is not None and not is_member:
        layout.edits.append(Edit(Span(last.end, declaration.init.span.end), initial))
    elif initial:
        layout.edits.append(Edit(Span(last.end, last.end), initial))
    if not later and (symbol.storage == "static" or (is_member and symbol.storage == "local")):
        made = making_statement(symbol, layout.facts)
        assert made is not None
        layout.insertions.after.setdefault(made, []).append(f"{symbol.name} = {call};")


def _allocation(symbol: Symbol, blocks: Blocks, layout: Layout) -> str:
    """The call that gives a declared array its memory."""
    size = _items(symbol, blocks, layout)
    if symbol.storage != "local" or layout.facts.arrays.declared[symbol].init is not None:
        return f"calloc({size}, sizeof *{symbol.name})"
    return f"malloc({f'({size})' if ' ' in size else size} * sizeof *{symbol.name})"


def _items(symbol: Symbol, blocks: Blocks, layout: Layout) -> str:
    """How many elements of the array's declared type a rank has: rows, or words where one subscript counts all."""
    dimensions = layout.facts.extents[symbol].dimensions
    inner = dimensions[1 : len(dimensions) - len(layout.facts.arrays.declared[symbol].brackets) + 1]
    rows = local_rows(blocks)
    words = functools.reduce(lambda a, b: a * b, inner, ONE)
    return rows if words == ONE else f"{f'({rows})' if ' ' in rows else rows}*{words.operand_text()}"


def allocations(blocks: Blocks, layout: Layout) -> list[str]:
    """The statements that give memory to arrays of file scope, or to all that are declared before blocks are known."""
    return [
        f"{s.name} = {_allocation(s, blocks, layout)};"
        for s in blocks.arrays
        if (s.storage == "global" or blocks.used)
        and isinstance(s.type, tree.Array)
        and layout.facts.arrays.declared[s].rows is None
        and layout.facts.extents[s].packed is None
    ]


def _shrink_allocation(symbol: Symbol, blocks: Blocks, layout: Layout) -> None:
    facts = layout.facts
    call = facts.arrays.allocations[symbol].call
    assert call is not None
    rows = local_rows(blocks)
    stored = facts.arrays.declared[symbol].rows
    if not blocks.halo.width and (_is_tested(symbol, layout) or (stored is not None and stored.in_blocks)):
        rows = f"{rows} + 1"  # never empty: malloc(0) may give NULL, which the program takes for a failure; a[0] is set
    _shrink_call(symbol, call, rows, layout)


def _shrink_call(symbol: Symbol, call: tree.Call, rows: str, layout: Layout) -> None:
    """Room for `rows` rows instead of all."""
    facts = layout.facts
    extent = facts.extents[symbol].dimensions[0]
    asking = asked(Asked(call, facts.arrays.allocations[symbol].statement), layout)
    naming = facts.naming_at(facts.arrays.allocations[symbol].loops)
    for argument in asking.call.arguments:
        more = isinstance(argument, tree.Binary) and argument.op == "+"  # some bytes that no element has
        for factor in factors(argument.left if more else argument):  # type: ignore[attr-defined]
            if polynomial(asked_for(factor), naming) == extent and not factor.in_macro:
                layout.edits.append(Edit(factor.span, f"({rows})" if " " in rows else rows))
                return
    _rewrite_size(symbol, asking, rows, layout)


def _rewrite_size(symbol: Symbol, asking: Asked, rows: str, layout: Layout) -> None:
    """No factor is the number of rows: say the whole size anew."""
    call = asking.call
    stored = layout.facts.arrays.declared[symbol].rows
    vectors = stored is not None and bool(stored.vectors)
    if stored is not None and stored.depth > 1 and not vectors:
        raise Uneditable("the number of its planes is not said in the size of the allocation", call, array=symbol)
    if any(a.in_macro for a in call.arguments):
        raise Uneditable("a macro writes the size of the allocation", call, array=symbol)
    words = layout.facts.extents[symbol].line_words
    whole_rows = words.constant == 1 or (layout.facts.arrays.declared[symbol].extents and not vectors)
    count = f"(size_t){rows if rows.isidentifier() else f'({rows})'}" + ("" if whole_rows else f" * ({words.text()})")
    unit = f"sizeof *{symbol.name}"
    if vectors:
        unit = f"sizeof({layout.facts.extents[symbol].element.name})"
    elif isinstance(symbol.type, tree.Pointer) and not isinstance(symbol.type.target, tree.Array):
        unit = f"sizeof({type_text(symbol.type.target)})"
    if len(call.arguments) == 1:
        layout.edits.append(Edit(call.arguments[0].span, f"{count} * {unit}"))
    else:
        layout.edits.append(Edit(call.arguments[0].span, count))
        layout.edits.append(Edit(call.arguments[1].span, unit))


def _is_tested(symbol: Symbol, layout: Layout) -> bool:
    return any(isinstance(t, BareUse) and t.symbol == symbol and t.role == "test" for t in layout.facts.touches.items)
