"""The generator that builds the program from the plan: edits of the user's text."""

from __future__ import annotations

from pathlib import PurePath

from chatmpi.analysis import tree
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.numbers.polynomial import ONE
from chatmpi.analysis.numbers.values import type_text
from chatmpi.analysis.source import Edit, OverlappingEdits, Source, apply_edits
from chatmpi.analysis.touches import ElementTouch
from chatmpi.generate.blocks import block_of, check_sizes, do_if_mine, do_own_part
from chatmpi.generate.bounds import cut_bounds, written
from chatmpi.generate.chunks import deal_chunks
from chatmpi.generate.copies import insert_copies
from chatmpi.generate.elements import local_element
from chatmpi.generate.exchanges import insert_communications
from chatmpi.generate.insertions import Uneditable, indentation_unit
from chatmpi.generate.keeping import keep_own
from chatmpi.generate.keeping_apart import check_rows, keep_apart, run_over_own
from chatmpi.generate.last_values import set_counter
from chatmpi.generate.layout import Layout, make_layout, row_text
from chatmpi.generate.leftovers import without_leftovers
from chatmpi.generate.memory import localise_memory
from chatmpi.generate.ownership import is_mine
from chatmpi.generate.printing import print_on_root
from chatmpi.generate.program import (
    define_partitions,
    finish,
    guard_outputs,
    head,
    hidden_exit,
    open_on_root,
    share_sizes,
    shared_names,
)
from chatmpi.generate.reading import read_on_root
from chatmpi.generate.rows_first import make_rows_first
from chatmpi.generate.scans import run_apart
from chatmpi.generate.scattered_sums import insert_scattered_sums
from chatmpi.generate.shared_input import agree, share_answers, share_input
from chatmpi.generate.spelling import respelled
from chatmpi.generate.splitting import split_loop
from chatmpi.generate.subscripts import Localiser, local_names
from chatmpi.generate.twins import unified
from chatmpi.generate.visits import take_turns
from chatmpi.generate.whole_copies import insert_whole_copies
from chatmpi.generate.wrapping import wrapping
from chatmpi.plan.accumulate import in_one_piece
from chatmpi.plan.communicate import statement_of
from chatmpi.plan.elements import Guarded, guard
from chatmpi.plan.fit import Misfit, fit
from chatmpi.plan.plan import LoopPlan, Plan


def generate(facts: Facts, plan: Plan) -> Source:
    """The MPI program that carries out `plan`. Raises Uneditable where the text cannot be changed so."""
    source = facts.program.source
    layout = make_layout(facts, plan, indentation_unit(facts.function, source))
    hidden = hidden_exit(layout)
    if hidden is not None:
        raise Uneditable("the program is ended inside an expression", hidden)
    _check_rows(layout)
    check_sizes(layout)
    guard_outputs(layout)
    open_on_root(layout)
    read_on_root(layout)
    to_free = localise_memory(layout)
    to_free += insert_copies(layout)
    to_free += insert_whole_copies(layout)
    to_free += insert_scattered_sums(layout)
    insert_communications(layout)
    for loop in plan.loops:
        if loop.treatment == "distributed":
            _distribute(loop, layout)
        elif loop.treatment == "printed":
            print_on_root(loop, layout)
    keep_own(layout)
    keep_apart(layout)
    run_over_own(layout)
    check_rows(layout)
    share_input(layout)
    agree(layout)
    share_answers(layout)
    before = {g.place.statement: g.around.statement for g in plan.guards if g.around is not None}
    for statement in sorted({g.place.statement for g in plan.guards}):
        _guard(statement, before.get(statement, statement), layout)
    finish(layout, to_free)
    make_rows_first(layout)
    share_sizes(layout)
    shared = shared_names(layout)
    at_start = define_partitions(layout, shared)
    edits = [*head(layout, at_start, shared), *layout.edits]
    for function in facts.written.functions:
        edits += layout.insertions.edits(function.body)
    try:
        made = apply_edits(source, respelled(edits, layout), _output_name(source.name))
        whole = Source(made.name, unified(made.text, facts.written.copies))
        return without_leftovers(whole, facts.written)
    except OverlappingEdits as e:
        raise Uneditable("two changes meet in one place of a macro's use", tree.Node(span=e.first.span)) from None


_OF_PLANES = frozenset({"halo", "broadcast"})
_OF_VECTORS = _OF_PLANES | {"column_gather"}
_OF_PACKED = frozenset({"broadcast", "allgather"})
_OF_ROWS = _OF_PLANES | {"row_broadcast", "column_gather", "visit"}


def _check_rows(layout: Layout) -> None:
    """Rows that pointers lead to are sent one by one: what needs a whole array in one piece is not for them."""
    for symbol, declaration in layout.facts.arrays.declared.items():
        if symbol in layout.of_array and layout.facts.extents[symbol].packed is not None:
            other = next(
                (c for c in layout.plan.communications if c.uid == symbol.uid and c.kind not in _OF_PACKED), None
            )
            if other is not None:
                raise Uneditable("its rows have different lengths", declaration, array=symbol)
        if declaration.rows is None:
            continue
        allowed = _OF_ROWS if declaration.rows.depth == 1 else _OF_PLANES
        allowed = _OF_VECTORS if declaration.rows.vectors else allowed
        for c in layout.plan.communications:
            at_once = c.kind == "allreduce" and in_one_piece(declaration.rows)
            if c.uid == symbol.uid and c.kind not in allowed and not at_once:
                bar_array = symbol if symbol in layout.of_array else None
                loop = None if bar_array is not None else c.start.statement
                raise Uneditable("its rows are reached by pointers", declaration, array=bar_array, loop=loop)


def _output_name(name: str) -> str:
    path = PurePath(name)
    return str(path.with_name(f"{path.stem}_mpi{path.suffix or '.c'}"))


def _distribute(loop: LoopPlan, layout: Layout) -> None:
    facts = layout.facts
    info = facts.loops[loop.place.statement]
    assert info.canonical is not None
    blocks = layout.blocks[loop.partition] if loop.partition else None
    if isinstance(info.stmt, tree.BlockLoop):
        do_own_part(info.stmt, layout)
        return
    found = fit(info, layout.distributed_at(info.stmt.id), facts)
    if isinstance(found, Misfit):
        raise Uneditable(found.reason, info.stmt, loop=info.stmt.id)
    if loop.own:
        return
    if found.split is not None and blocks is not None:
        split_loop(info, blocks, loop.shift, found.split, layout)
        return
    scale = found.scale if blocks else ONE
    if facts.loop_facts[info.stmt.id].counter_lasts:
        set_counter(info.canonical, layout)
    if loop.chunks:
        deal_chunks(info.canonical, layout)
        return
    if found.visit is not None:
        layout.visiting.update(id(a.touch.node) for a in found.visit.accesses)
        take_turns(info, found.visit, layout)
    header = cut_bounds(info.canonical, blocks, loop.shift, scale, layout, loop.work, found.packed)
    if blocks is not None and found.packed is None:
        run_apart(info, blocks, header, layout)
        Localiser(layout, info, blocks, local_names(layout, info, scale, blocks), wrapping(info, layout)).body()


def _guard(statement: int, tested: int, layout: Layout) -> None:
    """`if (row_begin <= r && r < row_end)` before the statement, or a loop around it (`tested`); its elements at local
    rows."""
    facts = layout.facts
    block = block_of(statement, layout)
    if block is not None:
        do_if_mine(block, layout)
        return
    s = statement_of(statement, facts)
    distributed = layout.distributed_at(statement)
    found = guard(s, distributed, facts)
    if isinstance(found, Misfit):
        raise Uneditable(found.reason, s)
    parts, fetched = found
    if parts[0].target is not None:
        _split_chain(parts, layout)
        return
    layout.insertions.guard[tested] = _is_mine(parts[0], layout)
    if parts[0].value is not None:
        _compute_before(parts[0].value, parts[0], layout)
    for t in facts.touches.of(statement):
        if not isinstance(t, ElementTouch) or t.symbol not in distributed:
            continue
        access = facts.accesses[id(t)]
        if access in fetched or id(t.node) in layout.copied:
            continue
        if facts.extents[t.symbol].packed is not None:
            continue
        if t.node.in_macro:
            raise Uneditable("a macro writes the element", t.node, array=t.symbol)
        layout.edits.append(Edit(t.node.span, local_element(t.node, access, layout)))


def _compute_before(value: tree.Expr, part: Guarded, layout: Layout) -> None:
    """Every rank computes the value, under a name that the guarded statement then stores."""
    if value.in_macro:
        raise Uneditable("a macro writes the value", value, array=min(part.arrays, key=lambda s: s.uid))
    name = layout.names.fresh("value")
    shown = layout.facts.program.source.shown_at(value.span)
    if isinstance(value, tree.Binary) and value.op == ",":
        shown = f"({shown})"
    lines = layout.insertions.before.setdefault(part.statement.id, [])
    lines.append(f"const {type_text(value.type)} {name} = {shown};")
    layout.edits.append(Edit(value.span, name))


def _is_mine(part: Guarded, layout: Layout) -> str:
    blocks = layout.of_array[min(part.arrays, key=lambda s: s.uid)]
    row = row_text(part.row.text(), part.row.symbols, layout)
    return is_mine(row, blocks)


def _split_chain(parts: list[Guarded], layout: Layout) -> None:
    """`a[0] = a[n] = value;` as one guarded assignment after the other."""
    facts = layout.facts
    statement = parts[0].statement
    source = facts.program.source
    value: tree.Expr = statement.expr
    while isinstance(value, tree.Assign) and value.op == "=":
        value = value.value
    indent = source.indentation(statement.span.begin)
    lines = []
    accesses = {id(a.touch.node): a for many in facts.accesses_in(statement.id).values() for a in many}
    for part in parts:
        assert part.target is not None
        element = local_element(part.target, accesses[id(part.target)], layout)
        lines.append(f"if ({_is_mine(part, layout)}) {element} = {written(value, source)};")
    text_ = f"\n{indent}".join(lines)
    alone = layout.insertions.is_alone(statement, facts.written.functions)
    layout.edits.append(Edit(statement.span, f"{{ {text_} }}" if alone else text_))
