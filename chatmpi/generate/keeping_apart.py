"""The text around entries that each rank keeps for itself: where its rows start, how many there are in all, and that
rows which lie one behind the other do not overlap."""

from __future__ import annotations

from chatmpi.analysis import tree
from chatmpi.analysis.memory.appended import Appended
from chatmpi.analysis.memory.compressed import Compressed
from chatmpi.analysis.memory.row_places import RowCheck
from chatmpi.analysis.numbers.polynomial import ONE
from chatmpi.analysis.numbers.values import type_text
from chatmpi.analysis.source import Edit, Span
from chatmpi.generate.bounds import expression, hoisted, own_range
from chatmpi.generate.dealing import Dealing, first_of
from chatmpi.generate.insertions import Uneditable
from chatmpi.generate.layout import Layout, plus, times
from chatmpi.generate.subscripts import local_names
from chatmpi.plan.candidates import MPI_TYPES


def keep_apart(layout: Layout) -> None:
    for a in layout.facts.appended:
        arrays = ", ".join(sorted(s.name.rpartition("::")[2] for s in a.arrays))
        line = f"/* each rank keeps the entries of {arrays} that its own iterations append */"
        layout.insertions.before.setdefault(a.maker, []).append(line)
        if a.end is not None or a.ends_stored:
            _set_ends(a, layout)
        if a.totals:
            _count_all(a, layout)


def run_over_own(layout: Layout) -> None:
    """Loops over all entries of compressed rows, cut down to those of a rank's rows."""
    for a in layout.facts.compressed:
        rows = layout.facts.loops[min(a.rows)].canonical
        assert rows is not None
        assert rows.upper is not None
        dealing, rank = Dealing(rows.upper.text(), layout.size_used(), ()), layout.rank_used()
        for i in sorted(a.entries):
            loop = layout.facts.loops[i].canonical
            assert loop is not None
            if loop.is_fixed_text or loop.is_respelled:
                raise Uneditable("a macro writes the loop's bounds", loop.stmt, loop=i)
            first = f"{a.starts.name}[{first_of(dealing, rank, layout)}]"
            layout.edits.append(Edit(loop.start.span, f"{rank} == 0 ? {expression(loop.start, layout)} : {first}"))
            past, lines = hoisted(f"{a.starts.name}[{first_of(dealing, f'{rank} + 1', layout)}]", loop, layout)
            layout.insertions.before.setdefault(i, []).extend(lines)
            layout.edits.append(Edit(loop.bound.span, past))


def check_rows(layout: Layout) -> None:
    """Tests that no row reaches into the next one, whose entries another rank may hold."""
    for a in layout.facts.compressed:
        for check in a.checks:
            past = _past(check, a, layout)
            end = f"{a.starts.name}[{plus(_row(check, layout), 1)}]"
            lines = [
                f"if ({past} {'>=' if check.touched else '>'} {end})  /* it would reach into the next row */",
                f"{layout.unit}MPI_Abort(MPI_COMM_WORLD, 1);",
            ]
            layout.insertions.after.setdefault(check.after, []).append("\n".join(lines))


def _past(check: RowCheck, a: Compressed, layout: Layout) -> str:
    """What must not lie past the end of a row."""
    start = f"{a.starts.name}[{_row(check, layout)}]"
    if check.past is None:
        return start
    shown = _in_loop(check.past, check, layout)
    if isinstance(check.past, tree.Binary | tree.Conditional | tree.Assign) and check.counted:
        shown = f"({shown})"
    return f"{start} + {shown}" if check.counted else shown


def _in_loop(expr: tree.Expr, check: RowCheck, layout: Layout) -> str:
    """An expression where the loop over rows may run in local indices."""
    plan = next(x for x in layout.plan.loops if x.place.statement == check.row)
    info = layout.facts.loops[check.row]
    assert info.canonical is not None
    blocks = None if plan.partition is None else layout.blocks[plan.partition]
    local = set() if blocks is None else set(local_names(layout, info, ONE, blocks))
    names = [n for n in tree.walk(expr) if isinstance(n, tree.Name) and n.symbol in local]
    if not names:
        return expression(expr, layout)
    divided = any(isinstance(n, tree.Name) and n.symbol in layout.of_array for n in tree.walk(expr))
    if divided or expr.in_macro or any(n.in_macro or n.symbol != info.canonical.variable for n in names):
        raise Uneditable("what a row has room for is found by a local index", expr, loop=check.row)
    source, done, pieces = layout.facts.program.source, expr.span.begin, []
    for n in sorted(names, key=lambda n: n.span):
        pieces += [source.shown_at(Span(done, n.span.begin)), f"({_row(check, layout)})"]
        done = n.span.end
    return "".join([*pieces, source.shown_at(Span(done, expr.span.end))])


def _row(check: RowCheck, layout: Layout) -> str:
    """The number of the row that a loop is at."""
    form = layout.facts.loops[check.row].canonical
    assert form is not None
    plan = next(x for x in layout.plan.loops if x.place.statement == check.row)
    name = form.variable.name
    return name if plan.partition is None else f"{name} + {layout.blocks[plan.partition].offset}"


def _set_ends(a: Appended, layout: Layout) -> None:
    """A rank's first row starts with its entry 0, and its last ends with its last."""
    assert a.starts is not None
    form = layout.facts.loops[a.maker].canonical
    assert form is not None
    _, count = own_range(form, layout)
    dealing = Dealing(count, layout.size_used(), ())
    rank = layout.rank_used()
    if a.end is not None:
        subscript = a.end.subscripts[0]
        layout.edits.append(Edit(subscript.span, times(first_of(dealing, f"{rank} + 1", layout), a.words)))
        return
    first = times(first_of(dealing, rank, layout), a.words)
    lines = [
        f"if ({rank} > 0 && {count} > 0)",
        f"{layout.unit}{a.starts.name}[{first}] = 0;  /* each rank counts its own entries */",
    ]
    layout.insertions.before.setdefault(a.maker, []).append("\n".join(lines))


def _count_all(a: Appended, layout: Layout) -> None:
    """What the counter is for the rest of the program."""
    name = a.counter.name
    kind = a.counter.type
    assert isinstance(kind, tree.Scalar)
    if kind.name not in MPI_TYPES:
        raise Uneditable("MPI has no type for what is counted", layout.facts.loops[a.maker].stmt, loop=a.maker)
    total = layout.names.fresh(f"{name.rpartition('.')[2]}_all")
    lines = [
        f"{type_text(kind)} {total} = {name};  /* of all ranks */",
        f"MPI_Allreduce(MPI_IN_PLACE, &{total}, 1, {MPI_TYPES[kind.name]}, MPI_SUM, MPI_COMM_WORLD);",
    ]
    layout.insertions.after.setdefault(layout.in_main(a.maker), []).append("\n".join(lines))
    layout.edits.extend(Edit(use.span, total) for use in a.totals)
