"""What the small model is asked of a line: the line, the loops around it, and what the plan says of its place.

Without the plan it sees, instead, other lines of the program about the same names.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.calls.memory_failures import means_failure
from chatmpi.analysis.source import Source
from chatmpi.model.edits.changes import STAYS, pointed
from chatmpi.model.edits.partitions import bounds_hidden, with_partitions_hidden
from chatmpi.model.edits.slots import Slots
from chatmpi.plan.plan import ArrayPlan, Communication, LoopPlan, Partition, Plan

KEEP = STAYS
DROP = "-"
_RELATED = 10  # lines shown where there is no plan
_NAME = re.compile(r"[A-Za-z_]\w*")


@dataclass
class Question:
    """`text` is what the network reads of a line, `hidden` the line alone; `slots` turn its answer back.

    `known`: what stands in answers for the extents of partitions and for lists of arrays.
    """

    line: int
    text: str
    slots: Slots
    hidden: str
    known: dict[str, str]


@dataclass(frozen=True)
class _Outline:
    """The program's statements by line: the loops' headers around each, where statements end."""

    lines: list[str]
    around: dict[int, list[int]]
    ends: dict[int, int]
    first: int
    names: frozenset[str]
    asked: frozenset[int]
    fixed: frozenset[str]
    tested: frozenset[str]
    arguments: tuple[str, ...]
    returns: dict[int, str]
    bare: frozenset[int]
    main: range


def questions(program: tree.Program, plan: Plan, with_plan: bool) -> Iterator[Question]:
    """One for each line that may need an edit; lines are counted from 0. Others stay as they are."""
    outline = _outline(program)
    roles = _roles(plan) if with_plan else {}
    for number in sorted(outline.asked):
        line = outline.lines[number]
        slots = Slots(outline.names, roles)
        hidden = slots.hide(line.strip())
        parts: list[str] = []
        known: dict[str, str] = {}
        if number == outline.first:
            parts.append(
                " ".join([f"start{_shared(outline, plan)}", *(slots.hide(name) for name in outline.arguments)])
            )
        if with_plan:
            facts, chosen = with_partitions_hidden(list(_facts(number, outline, plan, slots.hide)), plan)
            slots.own = bounds_hidden(chosen, plan)
            if not facts and number != outline.first:
                continue  # what the plan says nothing of stays
            parts += facts
            known = _known(chosen, outline, plan, slots)
        else:
            parts += [f"in {slots.hide(outline.lines[k].strip())}" for k in outline.around.get(number, [])]
            parts += [f"see {slots.hide(outline.lines[k].strip())}" for k in _related(number, outline)]
        yield Question(number, "\n".join([*parts, pointed(hidden)]) + "\n", slots, hidden, known)


def _roles(plan: Plan) -> dict[str, str]:
    """The letters of slots of the program's names."""
    found = {_bare(loop.variable): "I" for loop in plan.loops if loop.partition is not None}
    found |= {p.extent: "N" for p in plan.partitions if p.extent.isidentifier()}
    return found | {a.name: "A" if a.partition is not None else "B" for a in plan.arrays}


def _known(chosen: Mapping[str, str], outline: _Outline, plan: Plan, slots: Slots) -> dict[str, str]:
    """What the facts of a line say of partitions, for words of answers that need not repeat it."""
    extents = {p.name: slots.hide(p.extent, grow=False) for p in plan.partitions}
    found = {slot: extents[name] for name, slot in chosen.items()}
    fixed = [a for a in plan.arrays if a.name in outline.fixed and a.partition in chosen and a.name in slots.given]
    groups = {"all": fixed} | {f"all {chosen[p]}": [a for a in fixed if a.partition == p] for p in chosen}
    found |= {word: ", ".join(slots.given[a.name] for a in some) for word, some in groups.items() if some}
    collected = [c for c in plan.communications if c.kind == "collect" and c.partition is not None]
    return found | {
        f"rows {slots.given[c.subject]}": extents[c.partition]
        for c in collected
        if c.partition in extents and c.subject in slots.given
    }


def statement_ends(program: tree.Program) -> dict[int, int]:
    """The last line of the statement that begins at a line; lines are counted from 0."""
    return _outline(program).ends


def _outline(program: tree.Program) -> _Outline:
    source, text = program.source, program.source.text
    lines = source.shown.split("\n")
    if lines and not lines[-1]:
        lines.pop()
    around: dict[int, list[int]] = {}
    ends: dict[int, int] = {}
    names = {g.symbol.name for g in program.globals} | {m.name for m in program.macros}
    first = 0
    arguments: tuple[str, ...] = ()
    returns: dict[int, str] = {}
    main = range(0)
    for function in program.functions:
        names |= {function.symbol.name} - {"main"}
        names |= {p.symbol.name for p in function.parameters}
        for node in tree.walk(function.body):
            if isinstance(node, tree.VarDecl):
                names.add(node.symbol.name)
        _loops(function.body, source, around, ends, [])
        if function.symbol.name == "main" and function.body.body:
            arguments = tuple(p.symbol.name for p in function.parameters)
            first = _line(source, function.body.body[0].span.begin)
            returns = _returns(function.body, source)
            main = range(_line(source, function.span.begin), _line(source, function.span.end) + 1)
    skipped = _comment_lines(text) | {i for i, line in enumerate(lines) if line.lstrip().startswith("#")}
    asked = {i for i, line in enumerate(lines) if re.search(r"\w", line)} - skipped
    fixed = {
        node.symbol.name
        for root in (*program.globals, *program.functions)
        for node in tree.walk(root)
        if isinstance(node, tree.VarDecl) and isinstance(node.symbol.type, tree.Array)
    }
    closing = _closing(program)
    named = (frozenset(names), frozenset(asked | closing), frozenset(fixed), frozenset(_tested(program)))
    return _Outline(lines, around, ends, first, *named, arguments, returns, _bare_lines(program), main)


def _returns(body: tree.Block, source: Source) -> dict[int, str]:
    """What is said of a line on which main returns: whether it is the last, and whether memory is missing there."""
    failing = {
        inner.id
        for node in tree.walk(body)
        if isinstance(node, tree.If) and means_failure(node.condition)
        for inner in tree.walk(node.then)
        if isinstance(inner, tree.Return)
    }
    return {
        _line(source, node.span.begin): f"end{' failing' if node.id in failing else ''}"
        f"{' last' if node is body.body[-1] else ''}"
        for node in tree.walk(body)
        if isinstance(node, tree.Return)
    }


def _bare_lines(program: tree.Program) -> frozenset[int]:
    """Lines of statements that belong to a loop or a condition without braces."""
    found: set[int] = set()
    for function in program.functions:
        for node in tree.walk(function.body):
            inner: tuple[tree.Stmt | None, ...] = ()
            if isinstance(node, tree.For | tree.While):
                inner = (node.body,)
            elif isinstance(node, tree.If):
                inner = (node.then, node.otherwise)
            found |= {
                _line(program.source, x.span.begin) for x in inner if x is not None and not isinstance(x, tree.Block)
            }
    return frozenset(found)


def _tested(program: tree.Program) -> set[str]:
    """What conditions say of pointers, and not of what they lead to."""
    found: set[str] = set()
    for function in program.functions:
        for node in tree.walk(function.body):
            if isinstance(node, tree.If):
                inside = list(tree.walk(node.condition))
                led = {id(n.base) for n in inside if isinstance(n, tree.Index)}
                found |= {n.symbol.name for n in inside if isinstance(n, tree.Name) and id(n) not in led}
    return found


def _closing(program: tree.Program) -> set[int]:
    """Lines of the braces that close a block behind a loop: what follows the loop stands before them."""
    source = program.source
    return {
        _line(source, node.span.end - 1)
        for function in program.functions
        for node in tree.walk(function.body)
        if isinstance(node, tree.Block) and node.body and isinstance(node.body[-1], (tree.For, tree.While))
    }


def _loops(
    node: tree.Node, source: Source, around: dict[int, list[int]], ends: dict[int, int], above: list[int]
) -> None:
    if isinstance(node, tree.Stmt):
        begin, end = _line(source, node.span.begin), _line(source, max(node.span.end - 1, node.span.begin))
        ends[begin] = max(ends.get(begin, -1), end) if not isinstance(node, tree.Block) else ends.get(begin, -1)
        for k in range(begin, end + 1):
            known = around.setdefault(k, [])
            if len(above) > len(known) and all(a != k for a in above):
                around[k] = list(above)
        if isinstance(node, (tree.For, tree.While)):
            above = [*above, begin]
    for child in tree.children(node):
        _loops(child, source, around, ends, above)


def _line(source: Source, offset: int) -> int:
    return source.text.count("\n", 0, offset)


def _comment_lines(text: str) -> set[int]:
    """Lines that lie in a comment as a whole."""
    found: set[int] = set()
    for m in re.finditer(r"/\*.*?\*/|//[^\n]*", text, re.DOTALL):
        begin, end = text.count("\n", 0, m.start()), text.count("\n", 0, m.end())
        alone = not text[text.rfind("\n", 0, m.start()) + 1 : m.start()].strip()
        found |= set(range(begin if alone else begin + 1, end + 1))
    return found


def _facts(number: int, outline: _Outline, plan: Plan, hide: Callable[[str], str]) -> Iterator[str]:
    """What the plan says of a line, and of the partitions that it names there."""
    said = list(_facts_here(number, outline, plan, hide))
    named = {word for fact in said if not fact.startswith("all ") for word in fact.split()}
    for p in plan.partitions:
        if p.name in named or (number == outline.first and _starts(p, outline, plan)):
            yield _partition_fact(p, hide)
    yield from said


def _facts_here(number: int, outline: _Outline, plan: Plan, hide: Callable[[str], str]) -> Iterator[str]:
    """In words that are few and always the same; the program's own are hidden."""
    line, here = outline.lines[number], number + 1
    array_fact = functools.partial(_array_fact, outline=outline, hide=hide)
    bare = " bare" if number in outline.bare else ""
    if number in outline.returns:
        yield outline.returns[number] + bare
    if number == outline.first or outline.returns.get(number, "").endswith("last"):
        yield from (f"all {array_fact(a)}" for a in plan.arrays if a.name in outline.fixed and a.partition is not None)
    mentioned = set(_NAME.findall(line))
    for k in outline.around.get(number, []):
        for loop in plan.loops:
            if loop.place.line == k + 1 and (loop.partition is not None or loop.treatment == "distributed"):
                yield f"inside {loop.treatment} {hide(_bare(loop.variable))} {loop.partition}{_moved(loop.shift)}"
    for a in plan.arrays:
        if a.name in mentioned and (number != outline.first or a.name not in outline.fixed):
            yield array_fact(a)
            if _opens(a, outline, plan) and (a.place.line == here or re.search("alloc", line)):
                yield f"opens {a.partition}{_shared(outline, plan)}"
    for loop in plan.loops:
        if loop.place.line == here:
            yield from _loop_facts(loop, hide)
        elif loop.treatment == "printed" and _after(loop.place.line, outline) == here:
            yield f"after printed {hide(_bare(loop.variable))} {loop.partition}"
            yield from (array_fact(a) for a in plan.arrays if a.partition == loop.partition)
    before, after = _previous_statement(here, outline), _next_statement(here + 1, outline)
    guarded: dict[int, set[tuple[str, str]]] = {}
    for g in plan.guards:
        guarded.setdefault(g.place.line, set()).add((g.partition, g.row))
        if g.around is not None and g.around.line == here:
            yield f"guard {g.partition} {hide(g.row)} around{bare}"
    for partition, row in sorted(guarded.get(here, ())):
        like_it = [guarded.get(line) == guarded[here] for line in (before, after)]
        yield f"guard {partition} {hide(row)}{' again' if like_it[0] else ''}{' and next' if like_it[1] else ''}{bare}"
    for kept in plan.kept:
        if kept.place.line == here:
            yield f"kept {kept.partition} {hide(kept.row)} {hide(kept.element)}"
    if any(p.line == here for p in plan.opens):
        yield "opens file"
    if any(p.line == here for p in plan.inputs):
        yield "input"
    for c in plan.communications:
        if c.kind in ("visit", "collect") and _after(c.start.line, outline) == here:
            yield f"after {c.kind} {hide(c.subject)} {c.partition}"
        if _told_at(c, outline) == here:
            kinds = [hide(r.element) for x in plan.loops for r in x.reductions if r.uid == c.uid]
            kinds += [f"{hide(a.element)} by {a.partition}" for a in plan.arrays if a.uid == c.uid]
            yield (
                f"{c.kind} {hide(c.subject)} {c.partition} {c.halo.lower} {c.halo.upper} {c.operation}"
                f" {hide(c.element)} words {hide(c.words)} {kinds[0] if kinds else ''}"
            )
    yield from _whole_facts(number, outline, plan, hide)
    if here in {o.line for o in plan.outputs}:
        again, goes_on = (_go_together(a, b, outline, plan) for a, b in ((before, here), (here, after)))
        yield f"root{' again' if again else ''}{' and next' if goes_on else ''}{bare}"


def _whole_facts(number: int, outline: _Outline, plan: Plan, hide: Callable[[str], str]) -> Iterator[str]:
    """Arrays of which ranks have whole copies somewhere: said where these are declared, made and freed."""
    gathered = {c.uid for c in plan.communications if c.kind == "allgather" and c.when == "before"}
    header = _previous_statement(outline.first + 1, outline) - 1
    for a in plan.arrays:
        if a.uid in gathered and a.partition is not None:
            ends = number in (header, outline.first) or re.match(r"\s*return\b", outline.lines[number])
            if ends or _after(a.place.line, outline) == number + 1:
                yield f"whole {hide(a.name)} {hide(a.element)} {' '.join(hide(d.extent) for d in a.dimensions)}"


def _told_at(c: Communication, outline: _Outline) -> int:
    """The line (from 1) that is asked about a communication."""
    place = c.start.line if c.when == "before" else outline.ends.get(c.start.line - 1, c.start.line - 1) + 2
    return _next_statement(place, outline)


def _go_together(line: int, following: int, outline: _Outline, plan: Plan) -> bool:
    """Whether rank 0 alone runs both lines (from 1), one after the other, with nothing between."""
    roots = {o.line for o in plan.outputs}
    here, there = (outline.around.get(k - 1, []) for k in (line, following))
    between = any(_told_at(c, outline) == following for c in plan.communications)
    return line in roots and following in roots and here == there and not between


def _partition_fact(p: Partition, hide: Callable[[str], str]) -> str:
    work = f" work {' '.join(map(hide, p.work))}" if p.work else ""
    extra = f" needs {' '.join(map(hide, p.requires))}" if p.requires else ""
    round_about = " periodic" if p.periodic else ""
    halo = f" halo {p.halo.lower} {p.halo.upper}{round_about}" if p.halo.width or p.periodic else ""
    least = f" least {p.min_block}" if p.min_block != 1 else ""
    kind = f" {p.kind}" if p.kind != "block" else ""
    return f"part {p.name} {hide(p.extent)}{halo}{least}{kind}{work}{extra}"


def _loop_facts(loop: LoopPlan, hide: Callable[[str], str]) -> Iterator[str]:
    own = "".join([f" work {' '.join(map(hide, loop.work))}" if loop.work else "", " chunks" if loop.chunks else ""])
    split = f" split {hide(loop.split)}" if loop.split else ""
    placed = f"{loop.partition}{_moved(loop.shift)}{f' scale {hide(loop.scale)}' if loop.scale != '1' else ''}"
    yield f"loop {loop.treatment} {hide(_bare(loop.variable))} {placed}{own}{split}"
    for r in loop.reductions:
        yield f"reduction {r.operation} {hide(r.variable)} {hide(r.element)} {hide(r.words)}"


def _bare(name: str) -> str:
    """Of a variable of a function that was read in the place of its call, the name in the text."""
    return name.rsplit("::", 1)[-1]


def _moved(shift: int) -> str:
    return f" {shift}" if shift else ""


def _array_fact(a: ArrayPlan, outline: _Outline, hide: Callable[[str], str]) -> str:
    extents = " ".join(hide(d.extent) for d in a.dimensions)
    kind = "array" if a.name in outline.fixed else "tested" if a.name in outline.tested else "pointer"
    halo = f" {a.halo.lower} {a.halo.upper}" if a.halo.width else ""
    return f"{kind} {hide(a.name)} {hide(a.element)} {extents} by {a.partition}{halo}"


def _opens(a: ArrayPlan, outline: _Outline, plan: Plan) -> bool:
    """Whether the partition is first needed where this array is declared: none of its arrays is one of main's start."""
    alike = [other for other in plan.arrays if other.partition == a.partition]
    if a.partition is None or any(other.name in outline.fixed for other in alike):
        return False
    return min(alike, key=lambda other: (other.place.line, other.place.column)) is a


def _shared(outline: _Outline, plan: Plan) -> str:
    """Whether functions besides main know of ranks and parts."""
    places = [loop.place for loop in plan.loops if loop.partition is not None]
    places += [*plan.outputs, *(a.place for a in plan.arrays if a.partition is not None)]
    return " shared" if any(place.line - 1 not in outline.main for place in places) else ""


def _starts(p: Partition, outline: _Outline, plan: Plan) -> bool:
    """Whether the partition is needed from the start of main on, and not only where an array is made."""
    alike = [a for a in plan.arrays if a.partition == p.name]
    return not alike or any(a.name in outline.fixed for a in alike)


def _after(line: int, outline: _Outline) -> int:
    """The line (from 1) that is asked about what follows the loop at `line`."""
    return _next_statement(outline.ends.get(line - 1, line - 1) + 2, outline)


def _previous_statement(place: int, outline: _Outline) -> int:
    """The last line before `place` (from 1) that can be asked about."""
    return max((number + 1 for number in outline.asked if number + 1 < place), default=0)


def _next_statement(place: int, outline: _Outline) -> int:
    """The first line from `place` (from 1) on that can be asked about."""
    for number in range(place - 1, len(outline.lines)):
        if number in outline.asked:
            return number + 1
    return place


def _related(number: int, outline: _Outline) -> list[int]:
    """Lines that share names with this one, those with most first, in the program's order."""
    mine = set(_NAME.findall(outline.lines[number])) & outline.names
    shared = {
        k: len(mine & set(_NAME.findall(line)))
        for k, line in enumerate(outline.lines)
        if k != number and k not in outline.around.get(number, [])
    }
    best = sorted((k for k, n in shared.items() if n), key=lambda k: (-shared[k], abs(k - number)))
    return sorted(best[:_RELATED])
