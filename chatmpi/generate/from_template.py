"""The generator that builds the program from the plan: edits of the user's text."""

from __future__ import annotations

from pathlib import PurePath

from chatmpi.analysis import tree
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.polynomial import ONE
from chatmpi.analysis.source import Edit, OverlappingEdits, Source, apply_edits
from chatmpi.analysis.touches import ElementTouch
from chatmpi.analysis.values import text
from chatmpi.generate.bounds import cut_bounds
from chatmpi.generate.exchanges import insert_communications
from chatmpi.generate.insertions import Uneditable, indentation_unit
from chatmpi.generate.layout import Layout, make_layout
from chatmpi.generate.memory import localise_memory
from chatmpi.generate.program import define_partitions, finish, guard_outputs, head, hidden_exit
from chatmpi.generate.subscripts import Localiser, local_element, local_names
from chatmpi.plan.fit import Misfit, fit
from chatmpi.plan.plan import GuardPlan, LoopPlan, Plan


def generate(facts: Facts, plan: Plan) -> Source:
    """The MPI program that carries out `plan`. Raises Uneditable where the text cannot be changed so."""
    source = facts.program.source
    layout = make_layout(facts, plan, indentation_unit(facts.function, source))
    hidden = hidden_exit(layout)
    if hidden is not None:
        raise Uneditable("the program is ended inside an expression", hidden)
    guard_outputs(layout)
    to_free = localise_memory(layout)
    for loop in plan.loops:
        if loop.treatment == "distributed":
            _distribute(loop, layout)
    insert_communications(layout)
    for guard in plan.guards:
        _guard(guard, layout)
    finish(layout, to_free)
    at_start = define_partitions(layout)
    edits = [*head(layout, at_start), *layout.edits]
    for function in facts.program.functions:
        edits += layout.insertions.edits(function.body)
    try:
        return apply_edits(source, edits, _output_name(source.name))
    except OverlappingEdits as e:
        raise Uneditable("two changes meet in one place of a macro's use", tree.Node(span=e.first.span)) from None


def _output_name(name: str) -> str:
    path = PurePath(name)
    return str(path.with_name(f"{path.stem}_mpi{path.suffix or '.c'}"))


def _distribute(loop: LoopPlan, layout: Layout) -> None:
    facts = layout.facts
    info = facts.loops[loop.place.statement]
    assert info.canonical is not None
    blocks = layout.blocks[loop.partition] if loop.partition else None
    distributed = frozenset(layout.of_array)
    found = fit(info, distributed, facts)
    if isinstance(found, Misfit):
        raise Uneditable(found.reason, info.stmt, loop=info.stmt.id)
    scale = found.scale if blocks else ONE
    cut_bounds(info.canonical, blocks, loop.shift, scale, layout)
    if blocks is not None:
        Localiser(layout, info, blocks.offset, local_names(layout, info, scale)).body()


def _guard(guard: GuardPlan, layout: Layout) -> None:
    """`if (row_begin <= r && r < row_end)` before the statement, its elements at local rows."""
    facts = layout.facts
    blocks = layout.blocks[guard.partition]
    row = guard.row if guard.row.replace("_", "a").isalnum() else f"({guard.row})"
    layout.insertions.guard[guard.place.statement] = f"{blocks.begin} <= {row} && {row} < {blocks.end}"
    fetched = {
        (c.uid, c.element)
        for c in layout.plan.communications
        if c.kind == "broadcast" and c.start.statement == guard.place.statement
    }
    for t in facts.touches.of(guard.place.statement):
        if not isinstance(t, ElementTouch) or t.symbol not in layout.of_array:
            continue
        access = facts.accesses[id(t)]
        if not t.write and (t.symbol.uid, text(t.node)) in fetched:
            continue
        if t.node.in_macro:
            raise Uneditable("a macro writes the element", t.node, array=t.symbol)
        layout.edits.append(Edit(t.node.span, local_element(t.node, access, layout)))
