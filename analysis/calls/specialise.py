"""The program with a copy of each helper function for each of its calls, so that every call can have its own text.

The copies are marked in the text, and `generate/copies.py` makes one of those that stay alike. A call that is part of
a larger expression gets a statement of its own (`const double dot_value = dot(…);`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from chatmpi.analysis import tree
from chatmpi.analysis.calls.functions import Expandable, calls_in, direct_calls, expandable, may_go_first
from chatmpi.analysis.calls.offsets_apart import offsets_apart
from chatmpi.analysis.calls.short_circuits import in_steps, is_followed, works_on_memory
from chatmpi.analysis.calls.written_out import written_out
from chatmpi.analysis.diagnostics import UnreadableInput
from chatmpi.analysis.facts import Facts, analyze
from chatmpi.analysis.iterations.places_only import keep_values, place_searches
from chatmpi.analysis.numbers.values import type_text
from chatmpi.analysis.options import AS_USUAL, ParseOptions
from chatmpi.analysis.parse import parse
from chatmpi.analysis.restyle.carved_memory import carved_memory
from chatmpi.analysis.restyle.displaced_matrices import displaced_matrices, first_column, stay_in_columns
from chatmpi.analysis.restyle.one_entry import one_entry
from chatmpi.analysis.restyle.one_function import one_function
from chatmpi.analysis.restyle.passes import restyled
from chatmpi.analysis.restyle.respelling import Fresh
from chatmpi.analysis.restyle.table_members import table_members
from chatmpi.analysis.restyle.table_tests import table_tests
from chatmpi.analysis.source import Edit, OverlappingEdits, Source, Span, edited
from chatmpi.analysis.tree import Call, Function, Program, Stmt

_ROUNDS = 12
_MOST_COPIES = 60

BEGIN_COPY, END_COPY = "/*chatmpi:copy {name}*/", "/*chatmpi:end*/"


def read_program(
    source: Source,
    options: ParseOptions = AS_USUAL,
    searches: frozenset[int] | None = None,
    in_full: frozenset[str] = frozenset(),
) -> Program:
    """Parse a program, with a copy of each helper function for each call that is to be expanded.

    Searches for places of extrema keep their values too: all, or just those at `searches` (see `kept_values`). The
    calls of the copies `in_full` are written out. Raises UnreadableInput, UsageError.
    """
    plain = parse(source, options)
    if plain.function("main") is None or "chatmpi:" in source.text:
        return plain
    plain = spelled_anew(_carved(plain, options), options)
    program = _specialised(plain, options)
    if program is None:
        return plain
    return _keeping_values(_with_calls_in_full(program, options, in_full), options, searches)


def spelled_anew(program: Program, options: ParseOptions) -> Program:
    """The program spelled anew. Matrices are counted from zero only where no subscript goes before their first column,
    or on into the next row: these lie elsewhere then."""
    if (found := first_column(program)) is not None:
        plain = restyled(program, options)
        specialised = _specialised(plain, options)
        facts = None if specialised is None else analyze(specialised)
        if facts is not None and stay_in_columns(facts, found):
            return plain
    return restyled(program, options, without=displaced_matrices)


def _specialised(plain: Program, options: ParseOptions) -> Program | None:
    """The program with its copies; None where these cannot be made."""
    program, copies = plain, dict[str, str]()
    for _ in range(_ROUNDS):
        edits = list(_hoists(program)) or list(_copies(program, copies))
        if not edits:
            known = _with_known_callees(program, options)
            if known is program:
                return replace(program, copies=copies)
            program = known
            continue
        try:
            program = parse(edited(program.source, edits), options)
        except (OverlappingEdits, UnreadableInput):
            return None
    return None


def _with_known_callees(program: Program, options: ParseOptions) -> Program:
    """The program without parameters that hold one function, or point at one entry of a table of functions."""
    for _ in range(_MOST_COPIES):
        edits = one_function(program) or one_entry(program) or table_tests(program) or table_members(program)
        if not edits:
            break
        try:
            program = parse(edited(program.source, edits), options)
        except (OverlappingEdits, UnreadableInput):
            break
    return program


def _carved(program: Program, options: ParseOptions) -> Program:
    """The program with memory for each of the vectors that lie in one block."""

    def facts() -> Facts | None:
        specialised = _specialised(program, options)
        return None if specialised is None else analyze(specialised, coalescing=False)

    for _ in range(_ROUNDS):
        edits = carved_memory(program, facts)
        if not edits:
            return program
        try:
            program = parse(edited(program.source, edits), options)
        except (OverlappingEdits, UnreadableInput):
            return program
    return program


def _with_calls_in_full(program: Program, options: ParseOptions, shown: frozenset[str]) -> Program:
    """The program with the calls of some copies, by the names that people know these by, written out."""
    for f in reversed(program.functions):
        name = f.symbol.name
        edits = written_out(program, name) if program.copies.get(name, name) in shown else []
        if edits:
            try:
                made = parse(edited(program.source, edits), options)
            except (OverlappingEdits, UnreadableInput):
                continue
            left = {n: c for n, c in program.copies.items() if n != name}
            program = replace(made, copies=left)
    return program


def _keeping_values(program: Program, options: ParseOptions, searches: frozenset[int] | None) -> Program:
    found = [s for s in place_searches(program) if searches is None or s.test.span.begin in searches]
    edits, names = keep_values(found, program.source)
    if not edits:
        return program
    try:
        made = parse(edited(program.source, edits), options)
    except (OverlappingEdits, UnreadableInput):
        return program
    return replace(made, copies=program.copies, kept_values=names)


# ----------------------------------------------------------------------------------------- reachable


def _reached(program: Program, possible: Expandable) -> list[Function]:
    """Main, and the functions whose calls from there can be expanded."""
    main = program.function("main")
    assert main is not None
    found = [main]
    for f in found:
        for call in calls_in(f.body, possible.whole):
            callee = possible.whole[call.name or ""]
            if callee not in found and possible.binds(call, callee):
                found.append(callee)
    return found


# ------------------------------------------------------------------------------------------- hoisting


def _hoists(program: Program) -> Iterator[Edit]:
    """Calls inside larger expressions, one per statement and round, as statements of their own."""
    possible = expandable(program)
    names = Fresh(program.source.text)
    for f in _reached(program, possible):
        for s, parent in _simple_statements(f.body, f.body):
            apart = list(offsets_apart(s, parent, possible, program.source, names))
            call = None if apart else _to_hoist(s, possible, program)
            if apart:
                yield from apart
            elif call is not None and (isinstance(parent, tree.Block) or not isinstance(s, tree.DoWhile)):
                yield from _hoist(s, parent, call, possible.whole[call.name or ""], program.source, names)
            elif call is None:
                yield from in_steps(s, parent, partial(works_on_memory, possible=possible), program.source, names)


def _simple_statements(s: tree.Node, parent: tree.Node) -> Iterator[tuple[Stmt, tree.Node]]:
    if isinstance(s, Stmt):
        yield s, parent
    for part in tree.children(s):
        if isinstance(part, Stmt):
            yield from _simple_statements(part, s)


def _to_hoist(s: Stmt, possible: Expandable, program: Program) -> Call | None:
    """The first call of a statement that has to be hoisted, if it can be."""
    expressions: list[tree.Node]
    match s:
        case tree.ExprStmt() | tree.Declaration() | tree.Return():
            expressions = [s]
        case tree.If(condition=condition) | tree.While(condition=condition, body=tree.Block()):
            expressions = [condition]
        case tree.DoWhile(condition=condition, body=tree.Block() as body) if not _continues(body):
            expressions = [condition]
        case tree.UnknownStmt(kind="switch", children=(tree.Expr() as chosen, *_)):
            expressions = [chosen]
        case _:
            return None
    if s.in_macro:
        return None
    direct = direct_calls(s, possible.whole)
    if isinstance(s, tree.Return) and (function := program.function("main")) is not None:
        direct = [] if any(n is s for n in tree.walk(function.body)) else direct
    for call in (c for e in expressions for c in calls_in(e, possible.whole)):
        if call in direct:
            continue
        sound = is_followed(call, possible) and (not isinstance(s, tree.Declaration) or may_go_first(call, s))
        return call if sound and not any(_is_conditional(e, call) for e in expressions) else None
    return None


def _is_conditional(node: tree.Node, call: Call) -> bool:
    """Whether a call happens only sometimes, or after something else of the same expression."""
    match node:
        case tree.Binary(op="&&" | "||" | ",", right=right) if _holds(right, call):
            return True
        case tree.Conditional(then=then, otherwise=otherwise) if _holds(then, call) or _holds(otherwise, call):
            return True
    return any(_is_conditional(part, call) for part in tree.children(node))


def _holds(node: tree.Node, call: Call) -> bool:
    return any(n is call for n in tree.walk(node))


def _hoist(s: Stmt, parent: tree.Node, call: Call, f: Function, source: Source, names: Fresh) -> Iterator[Edit]:
    name = names.take(f"{f.symbol.name}_value")
    if isinstance(s, tree.DoWhile):
        yield from _hoist_into_body(s, call, f, source, name)
        return
    declaration = f"const {type_text(f.returns)} {name} = {source.shown_at(call.span)};"
    indent = source.indentation(s.span.begin)
    yield Edit(call.span, name)
    if isinstance(s, tree.While):
        condition = s.condition.span
        assert isinstance(s.body, tree.Block)
        first = s.body.body[0].span.begin if s.body.body else s.body.span.end - 1
        one_line = source.line_begin(first) <= s.body.span.begin
        unit = indent + "    " if one_line else source.indentation(first)
        behind = f"\n{unit.removesuffix(' ')}" if one_line else ""
        head = f"while (1) {{\n{unit}{declaration}\n{unit}if (!("
        yield Edit(Span(s.span.begin, condition.begin), head)
        yield Edit(Span(condition.end, s.body.span.begin + 1), f"))\n{unit}{unit[len(indent) :]}break;{behind}")
        return
    if isinstance(parent, tree.Block):
        yield Edit(Span(s.span.begin, s.span.begin), f"{declaration}\n{indent}")
        return
    yield Edit(Span(s.span.begin, s.span.begin), f"{{ {declaration} ")
    yield Edit(Span(s.span.end, s.span.end), " }")


def _continues(body: Stmt) -> bool:
    """Whether a loop's body may jump to its end."""
    if isinstance(body, tree.For | tree.While | tree.DoWhile):
        return False
    return isinstance(body, tree.Continue) or any(_continues(p) for p in tree.children(body) if isinstance(p, Stmt))


def _hoist_into_body(s: tree.DoWhile, call: Call, f: Function, source: Source, name: str) -> Iterator[Edit]:
    """A call in the condition of a do loop becomes the last statement of its body."""
    indent = source.indentation(s.span.begin)
    last = s.body.body[-1] if isinstance(s.body, tree.Block) and s.body.body else None
    inner = indent + "    " if last is None else source.indentation(last.span.begin)
    end = s.body.span.end - 1
    closing = source.line_begin(end)
    place = closing if not source.text[closing:end].strip() else end
    yield Edit(Span(s.span.begin, s.span.begin), f"{type_text(f.returns)} {name};\n{indent}")
    yield Edit(Span(place, place), f"{inner}{name} = {source.shown_at(call.span)};\n")
    yield Edit(call.span, name)


# -------------------------------------------------------------------------------------------- copies


def _copies(program: Program, copies: dict[str, str]) -> Iterator[Edit]:
    """One more copy for every call after the first of functions that are reached; `copies` learns their names.

    A function that others reach, which are to be copied too, waits for a later round: its calls stand in these.
    """
    possible = expandable(program)
    reached = _reached(program, possible)
    wanted = {f.symbol.name: found for f in reached[1:] if (found := _spared(f, reached, program, possible))}
    names = Fresh(program.source.text)
    for f in reached[1:]:
        name = f.symbol.name
        if name not in wanted or any(_reaches(g, f, possible) for g in reached[1:] if g.symbol.name in wanted):
            continue
        if len(copies) + len(wanted[name]) > _MOST_COPIES:
            continue
        yield from _marked(f, program.source)
        first = 2 if _all_uses(f, program) == len(wanted[name]) + 1 else 1
        for k, (caller, call) in enumerate(wanted[name], first):
            copy = names.take(f"{name}__{k}")
            copies[copy] = f"{copies.get(name, name)}#{k}"
            yield Edit(call.callee.span, copy)
            yield Edit(Span(f.span.end, f.span.end), "\n\n" + _copy(f, copy, program.source), _around_name(f))
            if caller.span.begin < f.span.begin:
                place = _before(caller, program.source)
                yield Edit(Span(place, place), _prototype(f, copy, program.source))


def _spared(
    f: Function, reached: list[Function], program: Program, possible: Expandable
) -> list[tuple[Function, Call]]:
    """The calls that need a copy of their own: all but the first, and that one too where others stay."""
    sites = [(g, c) for g in reached for c in calls_in(g.body, possible.whole) if c.name == f.symbol.name]
    usable = [(g, c) for g, c in sites if possible.binds(c, f) and not c.in_macro and not c.callee.in_macro]
    return usable if _all_uses(f, program) > len(usable) else usable[1:]


def _reaches(g: Function, f: Function, possible: Expandable) -> bool:
    """Whether `g` calls `f`, directly or by others."""
    seen: set[str] = set()
    pending = [g]
    while pending:
        for call in calls_in(pending.pop().body, possible.whole):
            if call.name == f.symbol.name:
                return True
            if call.name is not None and call.name not in seen:
                seen.add(call.name)
                pending.append(possible.whole[call.name])
    return False


def _all_uses(f: Function, program: Program) -> int:
    return sum(1 for g in program.functions for n in tree.walk(g.body) if isinstance(n, tree.Name)
               and n.symbol == f.symbol)  # fmt: skip


def _marked(f: Function, source: Source) -> Iterator[Edit]:
    yield Edit(Span(f.span.begin, f.span.begin), BEGIN_COPY.format(name=f.symbol.name))
    yield Edit(Span(f.span.end, f.span.end), END_COPY)


def _before(f: Function, source: Source) -> int:
    """Where a function begins, with the mark of a copy that it may have already."""
    mark = BEGIN_COPY.format(name=f.symbol.name)
    begin = f.span.begin - len(mark)
    return begin if begin >= 0 and source.text.startswith(mark, begin) else f.span.begin


def _around_name(f: Function) -> tuple[Span, Span]:
    return Span(f.span.begin, f.name_span.begin), Span(f.name_span.end, f.span.end)


def _copy(f: Function, name: str, source: Source) -> str:
    before, after = map(source.shown_at, _around_name(f))
    return f"{BEGIN_COPY.format(name=name)}{before}{name}{after}{END_COPY}"


def _prototype(f: Function, name: str, source: Source) -> str:
    head = source.shown_at(Span(f.span.begin, f.name_span.begin)) + name
    head += source.shown_at(Span(f.name_span.end, f.body.span.begin)).rstrip()
    return f"{BEGIN_COPY.format(name=name)}{head};{END_COPY}\n"
