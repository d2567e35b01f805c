"""Loops whose iterations are dealt in chunks, round robin: a loop over the rank's chunks around the user's own."""

from __future__ import annotations

from chatmpi.analysis.loops import CanonicalLoop
from chatmpi.analysis.source import Edit, Span
from chatmpi.generate.bounds import bound_text, is_unsigned, own_range
from chatmpi.generate.insertions import Around, Uneditable
from chatmpi.generate.layout import Layout, plus
from chatmpi.plan.irregular import CHUNKS


def chunk_name(loop: CanonicalLoop, layout: Layout) -> str:
    """The variable that holds how many values of the loop's variable a chunk spans."""
    if loop.stmt.id not in layout.chunks:
        layout.chunks[loop.stmt.id] = layout.names.fresh(f"{loop.variable.name}_chunk")
    return layout.chunks[loop.stmt.id]


def deal_chunks(loop: CanonicalLoop, layout: Layout) -> None:
    """Edit a loop's header so that it runs over one chunk, inside a loop over the rank's chunks.

    The chunks are counted in `long long`: the first of the next round may lie beyond what the variable holds.
    """
    condition = loop.stmt.condition
    if loop.is_fixed_text or condition is None or condition.in_macro:
        raise Uneditable("a macro writes the loop's bounds", loop.stmt, loop=loop.stmt.id)
    low, count = own_range(loop, layout)
    bound, name = bound_text(loop, layout), loop.variable.name
    if is_unsigned(loop):  # differences may be negative, and are compared with numbers that have a sign
        bound, name = f"(long long){bound}", f"(long long){name}"
        count = plus(bound if low == "0" else f"{bound} - {low}", 1 if loop.relation == "<=" else 0)
        low = low if low.isdigit() else f"(long long){low}"
    rank, size = layout.rank_used(), layout.size_used()
    chunk, first = chunk_name(loop, layout), layout.names.fresh(f"{loop.variable.name}_first")
    number = f"({count})" if " " in count else count
    each = f"{layout.helper('larger')}(1, {number} / ({CHUNKS * loop.step} * {size}))"
    step = "" if loop.step == 1 else f" * {loop.step}"
    start = f"{rank} * {chunk}" if low == "0" else f"{low} + {rank} * {chunk}"
    layout.insertions.before.setdefault(loop.stmt.id, []).extend(
        [
            "/* Nobody knows how long an iteration takes: small chunks of them, dealt in turn */",
            f"const long long {chunk} = {each}{step};",
        ]
    )
    header = f"for (long long {first} = {start}; {first} {loop.relation} {bound}; {first} += {size} * {chunk})"
    layout.insertions.around[loop.stmt.id] = Around([header + " {"], 1, ["}"])
    layout.edits.append(Edit(loop.start.span, first))
    end = condition.span.end
    layout.edits.append(Edit(Span(end, end), f" && {name} < {first} + {chunk}"))
