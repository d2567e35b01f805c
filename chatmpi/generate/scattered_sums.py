"""The text of sums in divided arrays: a whole array that begins from nothing, and the rows that a rank gets of it."""

from __future__ import annotations

from chatmpi.analysis.source import Edit
from chatmpi.analysis.touches import ElementTouch
from chatmpi.analysis.tree import Symbol
from chatmpi.generate.dealing import dealing_of, first_of, work_arguments
from chatmpi.generate.exchanges import row_address
from chatmpi.generate.fragments import render
from chatmpi.generate.layout import Layout
from chatmpi.generate.whole_copies import allocate_whole, base_span, whole_rows
from chatmpi.plan.candidates import MPI_TYPES
from chatmpi.plan.scattered import scattered_of


def insert_scattered_sums(layout: Layout) -> list[str]:
    """Add up in whole arrays where the plan says so; the names to free at the end."""
    names: dict[Symbol, str] = {}
    scattered = list(scattered_of(layout.plan, layout.facts))
    for x in scattered:
        if x.array not in names:
            names[x.array] = layout.names.fresh(x.array.name.rpartition("::")[2] + "_sums")
            uses = [other.loop for other in scattered if other.array == x.array]
            allocate_whole(x.array, names[x.array], f"what a rank adds to {x.array.name}", uses, layout)
        _add_up(x.loop, x.array, names[x.array], layout)
        for t in layout.facts.touches.of(x.loop):
            if isinstance(t, ElementTouch) and t.symbol == x.array:
                layout.edits.append(Edit(base_span(t.node, x.array), names[x.array]))
    return list(names.values())


def _add_up(loop: int, array: Symbol, sums: str, layout: Layout) -> None:
    blocks, extents = layout.of_array[array], layout.facts.extents[array]
    dealing = dealing_of(blocks)
    first_of(dealing, "0", layout)
    layout.headers.add("string.h")
    _, count = whole_rows(array, sums, layout)
    clear = f"memset({sums}, 0, (size_t){count.operand_text()} * sizeof *{sums});"
    layout.insertions.before.setdefault(loop, []).append(clear)
    text = render(
        "reduce_scatter",
        add_blocks=layout.helper("add_blocks_work" if dealing.work else "add_blocks"),
        array=array.name,
        sums=sums,
        own=row_address(array, str(blocks.halo.lower), extents.row_words),
        extent=blocks.extent.text(),
        owners=blocks.owners if blocks.owners != layout.size else layout.size_used(),
        words=extents.row_words.text(),
        type=MPI_TYPES[extents.element.name],
        more="".join(f", {w}" for w in work_arguments(dealing, layout.plan)),
    )
    layout.insertions.after.setdefault(loop, []).append(text)
