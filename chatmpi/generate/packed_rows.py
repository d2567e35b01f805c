"""The text of rows of different lengths that lie one behind the other: every rank gets those of all in their places."""

from __future__ import annotations

from chatmpi.analysis.memory.subscripts import PackedRows
from chatmpi.analysis.tree import Symbol
from chatmpi.generate.dealing import dealing_of, first_of, work_arguments
from chatmpi.generate.layout import Layout
from chatmpi.plan.candidates import MPI_TYPES


def first_word(row: str, rows: PackedRows, layout: Layout) -> str:
    """The word with which a row begins."""
    return f"{layout.helper('packed_begin')}({row}, {rows.bend}, {rows.slope.text()})"


def gathered_in_place(array: Symbol, layout: Layout) -> str:
    """The call by which ranks that have room for all rows, and have computed their own, get those of others."""
    extents, dealing = layout.facts.extents[array], dealing_of(layout.of_array[array])
    assert extents.packed is not None
    first_of(dealing, "0", layout)
    layout.helper("packed_begin")
    helper = layout.helper("allgather_packed_work" if dealing.work else "allgather_packed")
    weights = "".join(f", {w}" for w in work_arguments(dealing, layout.plan))
    rows = f"{extents.packed.bend}, {extents.packed.slope.text()}, {MPI_TYPES[extents.element.name]}"
    owners = dealing.owners if dealing.owners != layout.size else layout.size_used()
    return (
        f"/* every rank reads all of {array.name} here */\n"
        f"{helper}({array.name}, {dealing.extent}, {owners}, {rows}{weights});"
    )
