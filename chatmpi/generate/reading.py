"""Standard input: rank 0 reads it, and tells the others what it got."""

from __future__ import annotations

from chatmpi.analysis import tree
from chatmpi.analysis.numbers.values import text
from chatmpi.analysis.outside.inputs import Input
from chatmpi.analysis.source import Edit
from chatmpi.generate.insertions import Uneditable
from chatmpi.generate.layout import Layout
from chatmpi.plan.candidates import MPI_TYPES


def read_on_root(layout: Layout) -> None:
    for place in layout.plan.inputs:
        _read(layout.facts.inputs[place.statement], layout)


def _read(found: Input, layout: Layout) -> None:
    source, statement = layout.facts.program.source, found.statement.id
    shared = [_broadcast(text(t), t, layout) for t in found.targets]
    if found.is_alone:
        layout.insertions.guard[statement] = f"{layout.rank_used()} == 0"
        layout.insertions.after.setdefault(statement, []).extend(shared)
        return
    value = layout.names.fresh("items_read")
    lines = [
        f"int {value} = 0;",
        f"if ({layout.rank_used()} == 0)\n{layout.unit}{value} = {source.shown_at(found.call.span)};",
        f"MPI_Bcast(&{value}, 1, MPI_INT, 0, MPI_COMM_WORLD);",
        *shared,
    ]
    layout.insertions.before.setdefault(statement, []).extend(lines)
    layout.edits.append(Edit(found.call.span, value))


def _broadcast(shown: str, target: tree.Expr, layout: Layout) -> str:
    if not isinstance(target.type, tree.Scalar) or target.type.name not in MPI_TYPES:
        raise Uneditable("MPI has no type for what is read", target)
    return f"MPI_Bcast(&{shown}, 1, {MPI_TYPES[target.type.name]}, 0, MPI_COMM_WORLD);"
