"""Rows that a loop makes and fills at once: all of a rank's, halos too, are made before it fills its own.

So are rows that a loop makes together with those of arrays of which a rank has other numbers of rows.
"""

from __future__ import annotations

from collections.abc import Iterator

from chatmpi.analysis import tree
from chatmpi.analysis.source import Edit, Source, Span, apply_edits
from chatmpi.analysis.tree import Symbol
from chatmpi.generate.insertions import Uneditable
from chatmpi.generate.layout import Layout
from chatmpi.generate.memory import counted_in, from_first, made_apart, made_rows, with_line
from chatmpi.generate.spelling import quoted


def make_rows_first(layout: Layout) -> None:
    """What makes rows goes before the loop, with all that has been inserted into it: where memory is missing."""
    for symbol in layout.of_array:
        rows = layout.facts.arrays.declared[symbol].rows
        for loop in rows.loops if rows is not None else ():
            if apart := made_apart(symbol, loop, layout):
                _make_rows_before(symbol, loop, apart, layout)
        if rows is not None and rows.mixed is not None and (makers := _made_with(symbol, rows, layout)):
            _make_rows_before(symbol, rows.mixed, makers, layout)


def _made_with(symbol: Symbol, rows: tree.RowStorage, layout: Layout) -> tuple[tree.Stmt, ...]:
    """The statements that make an array's rows, with those of others that one test sees to as well
    (`if (!a[i] || !b[i]) exit(1);`): the first array's loop has them all, and none is left for the others."""
    declared = layout.facts.arrays.declared
    known = {s: v.rows for s, v in declared.items() if v.rows is not None and v.rows.mixed is rows.mixed}
    together, makers = {symbol}, list(rows.makers)
    while more := [s for s, r in known.items() if s not in together and any(m is n for m in r.makers for n in makers)]:
        together.update(more)
        makers += [m for s in more for m in known[s].makers if not any(m is n for n in makers)]
    if any(s not in layout.of_array or made_rows(s, layout) != made_rows(symbol, layout) for s in together):
        raise Uneditable("one test is for its rows and for those of another array", rows.makers[0], array=symbol)
    first = next(s for s in layout.of_array if s in together)
    return tuple(makers) if first == symbol else ()


def _make_rows_before(symbol: Symbol, loop: tree.For, makers: tuple[tree.Stmt, ...], layout: Layout) -> None:
    source = layout.facts.program.source
    condition, init, step = loop.condition, loop.init, loop.step
    assert isinstance(condition, tree.Binary)
    assert init is not None
    assert step is not None
    if any(s.in_macro for s in makers):
        raise Uneditable("a macro makes its rows", loop, array=symbol)
    bodies = [line for s in _statements_of(loop.body) for line in _making_lines(s, makers, layout)]
    counter = source.shown_at(condition.left.span)
    begun = source.shown_at(init.span).rstrip("; ")
    for edit in from_first(loop, symbol):
        at = edit.span.begin - init.span.begin
        begun = f"{begun[:at]}{edit.text}{begun[at + edit.span.end - edit.span.begin :]}"
    rows = counted_in(condition.left, made_rows(symbol, layout))
    header = f"for ({quoted(begun)}; {quoted(counter)} < {rows}; {quoted(source.shown_at(step.span))})"
    before = layout.insertions.before
    before[loop.id] = [*_headed(header, bodies, layout), *before.get(loop.id, [])]
    for s in makers:
        _leave_nothing_inside(s, layout)
        layout.edits.append(Edit(with_line(s.span, layout), ""))


def _making_lines(s: tree.Stmt, makers: tuple[tree.Stmt, ...], layout: Layout) -> list[str]:
    """What of a statement makes rows, or the rows of a plane."""
    source = layout.facts.program.source
    if any(s is m for m in makers):
        indent = source.indentation(s.span.begin)
        return [quoted(line.removeprefix(indent)) for line in _with_insertions(s, layout).split("\n")]
    if not isinstance(s, tree.For):
        return []
    inner = [line for part in _statements_of(s.body) for line in _making_lines(part, makers, layout)]
    header = quoted(source.shown_at(Span(s.span.begin, s.body.span.begin)).rstrip(" {\n"))
    return _headed(header, inner, layout) if inner else []


def _with_insertions(s: tree.Stmt, layout: Layout) -> str:
    """The statement's text with what has been inserted into it."""
    begin = s.span.begin
    written = next(below for below in _written_inside(s.span, layout) if below.span == s.span)
    inside = layout.insertions.edits(written)
    moved = [Edit(Span(e.span.begin - begin, e.span.end - begin), e.text) for e in inside]
    return apply_edits(Source("", layout.facts.program.source.at(s.span)), moved).shown


def _leave_nothing_inside(s: tree.Stmt, layout: Layout) -> None:
    for below in _written_inside(s.span, layout):
        layout.insertions.before.pop(below.id, None)
        layout.insertions.after.pop(below.id, None)
        layout.insertions.guard.pop(below.id, None)


def _written_inside(span: Span, layout: Layout) -> Iterator[tree.Stmt]:
    """The statements of the written program in a span."""
    for f in layout.facts.written.functions:
        if f.span.begin <= span.begin < f.span.end:
            below = tree.statements(f.body)
            yield from (s for s in below if span.begin <= s.span.begin and s.span.end <= span.end)


def _headed(header: str, body: list[str], layout: Layout) -> list[str]:
    inside = [f"{layout.unit}{line}" for line in body]
    return [f"{header} {{", *inside, "}"] if len(body) > 1 else [header, *inside]


def _statements_of(body: tree.Stmt) -> tuple[tree.Stmt, ...]:
    return body.body if isinstance(body, tree.Block) else (body,)
