"""Loop headers: the part of the range that a rank runs, in local indices."""

from __future__ import annotations

from dataclasses import dataclass, replace

from chatmpi.analysis import tree
from chatmpi.analysis.loops import CanonicalLoop
from chatmpi.analysis.memory.subscripts import PackedRows
from chatmpi.analysis.numbers.polynomial import ONE, Polynomial, constant
from chatmpi.analysis.numbers.values import text, type_text
from chatmpi.analysis.source import Edit, Source, Span
from chatmpi.analysis.tree import Expr
from chatmpi.generate.dealing import Dealing, first_of
from chatmpi.generate.insertions import Uneditable
from chatmpi.generate.layout import Blocks, Layout, plus, times
from chatmpi.generate.ownership import local_range
from chatmpi.generate.packed_rows import first_word
from chatmpi.generate.widening import widen


@dataclass(frozen=True, slots=True)
class Share:
    """Iterations `begin` … `end`-1 are a rank's own, in global values; local value = global - `offset`."""

    begin: str
    end: str
    offset: str


@dataclass(frozen=True, slots=True)
class Header:
    """What a rank's part of a loop starts from, and the bound that its variable is compared with, and how."""

    start: str
    bound: str
    relation: str


def expression(expr: Expr, layout: Layout) -> str:
    """An expression of the source as text: as the user wrote it where it stands in the file."""
    return text(expr) if expr.in_macro else written(expr, layout.facts.program.source)


def written(expr: Expr, source: Source) -> str:
    """The text of an expression in the file, each variable under the name that the analysis has for it."""
    names = {n.span: n.symbol for n in tree.walk(expr) if isinstance(n, tree.Name) and not n.in_macro}
    pieces, done = [], expr.span.begin
    for span in sorted(names):
        if done <= span.begin and span.end <= expr.span.end:
            pieces += [source.shown_at(Span(done, span.begin)), names[span].name]
            done = span.end
    return "".join([*pieces, source.shown_at(Span(done, expr.span.end))])


def cut_bounds(
    loop: CanonicalLoop,
    blocks: Blocks | None,
    shift: int,
    scale: Polynomial,
    layout: Layout,
    work: tuple[str, ...] = (),
    packed: PackedRows | None = None,
) -> Header:
    """Edit a loop's header so that every rank runs its share; `work`: of iterations that follow no blocks; `packed`: of
    the words of rows that have different lengths, which have global numbers."""
    if loop.is_fixed_text:
        raise Uneditable("a macro writes the loop's bounds", loop.stmt, loop=loop.stmt.id)
    written, loop = loop, _upward(loop, layout)
    if blocks is None:
        start, bound = _own_range(loop, work, layout)
    elif packed is not None:
        first, past = (first_word(row, packed, layout) for row in (blocks.begin, blocks.end))
        start, bound = cut(loop, Share(first, past, "0"), layout)
    elif blocks.cyclic and scale != ONE:  # all words: see `plan/cyclic.py`
        start, bound = "0", times(blocks.count, scale)
    elif blocks.cyclic:
        start, bound = _dealt(loop, blocks, layout)
    elif scale == ONE and loop.step == 1 and runs_over_all(loop, blocks, shift):
        start, bound = _whole_block(loop, blocks, shift)
    else:
        start, bound = cut(loop, share_of(blocks, shift, scale), layout)
    if loop.is_narrow and blocks is not None and blocks.halo.lower != shift:
        widen(loop, layout)
    if is_unsigned(loop) and blocks is not None and blocks.halo.lower < shift:
        raise Uneditable("an unsigned variable would become negative", loop.stmt, loop=loop.stmt.id)
    place = _steady_place(loop, blocks, layout)
    if place != loop.stmt.id and "(" in start:
        start = _named(f"{loop.variable.name}_begin", start, loop, place, layout)
    relation = "<" if _has_unsigned_last(loop) or written is not loop else loop.relation
    header = Header(start, _hoisted(as_index(bound, loop, layout), loop, place, layout), relation)
    layout.edits.append(Edit(written.start.span, header.start))
    layout.edits.extend([end_edit(loop, header.bound)] if written is loop else _header_upward(loop, header))
    return header


def _upward(loop: CanonicalLoop, layout: Layout) -> CanonicalLoop:
    """A loop that runs downwards with an unsigned variable, which has no value to end at below its local 0, as one that
    runs upwards, where the order of its iterations makes no difference."""
    if not is_unsigned(loop) or loop.step != -1 or not layout.facts.loop_facts[loop.stmt.id].is_free_of_order:
        return loop
    if loop.is_respelled or loop.stmt.condition is None or loop.stmt.condition.in_macro:
        return loop
    least = loop.bound if loop.relation == ">=" else _next(loop.bound)
    return replace(
        loop, step=1, start=least, bound=loop.start, relation="<=", start_poly=loop.lower, bound_poly=loop.start_poly
    )


def _next(value: Expr) -> Expr:
    """A value and 1."""
    if isinstance(value, tree.IntLiteral) and value.macro is None:
        return replace(value, value=value.value + 1, in_macro=True)
    one = tree.IntLiteral(span=value.span, in_macro=True, type=tree.Scalar("int"), value=1)
    return tree.Binary(span=value.span, in_macro=True, type=value.type, op="+", left=value, right=one)


def _header_upward(loop: CanonicalLoop, header: Header) -> list[Edit]:
    condition, step = loop.stmt.condition, loop.stmt.step
    assert condition is not None
    assert step is not None
    name = loop.variable.name
    return [Edit(condition.span, f"{name} {header.relation} {header.bound}"), Edit(step.span, f"{name}++")]


def end_edit(loop: CanonicalLoop, bound: str) -> Edit:
    """A bound that `as_index` made: where the loop's own is the last value, a comparison with one past it."""
    if not _has_unsigned_last(loop):
        return bound_edit(loop, bound)
    tests = [] if loop.stmt.condition is None else list(tree.walk(loop.stmt.condition))
    for test in tests:
        if isinstance(test, tree.Binary) and loop.bound in (test.left, test.right) and not test.in_macro:
            return Edit(test.span, f"{loop.variable.name} < {bound}")
    if loop.is_respelled:
        return Edit(loop.bound.span, f"{loop.variable.name} < {bound}")
    raise Uneditable("it runs up to a last value with an unsigned variable", loop.stmt, loop=loop.stmt.id)


def bound_edit(loop: CanonicalLoop, bound: str) -> Edit:
    """Another bound for a loop's variable."""
    before = f"{loop.variable.name} {loop.relation} " if loop.is_respelled else ""
    return Edit(loop.bound.span, before + bound)


def _dealt(loop: CanonicalLoop, blocks: Blocks, layout: Layout) -> tuple[str, str]:
    """The rank's rows of a range, where rows are dealt in turn."""
    low, past = range_ends(loop, layout)
    if loop.upper == blocks.extent:
        past = blocks.extent.text()
    first, end = local_range(low, past, blocks, 0, layout)
    if loop.step > 0:
        return first, end if loop.relation == "<" else plus(end, -1)
    return plus(end, -1), first if loop.relation == ">=" else plus(first, -1)


def _hoisted(bound: str, loop: CanonicalLoop, place: int, layout: Layout) -> str:
    return bound if "(" not in bound else _named(_end_name(loop), bound, loop, place, layout)


def _steady_place(loop: CanonicalLoop, blocks: Blocks | None, layout: Layout) -> int:
    """The outermost loop, of the same function and run by every rank, through which a loop's share stays the same."""
    facts = layout.facts
    ends = [n for e in (loop.start, loop.bound) for n in tree.walk(e)]
    symbols = {n.symbol for n in ends if isinstance(n, tree.Name)}
    simple = all(isinstance(n, tree.Name | tree.IntLiteral) or _is_sum(n) for n in ends)
    place = loop.stmt.id
    if not simple or (blocks is not None and blocks.used):
        return place
    plans = {x.place.statement: x for x in layout.plan.loops}
    text = next(f for f in facts.written.functions if _holds(f.body, loop.stmt))
    for i in reversed(facts.loops[place].around[:-1]):
        outer = facts.loops[i]
        everybody = i in plans and plans[i].treatment == "control" and not outer.stmt.in_macro
        everybody = everybody and not _is_under_condition(loop.stmt, outer.stmt)
        if not everybody or symbols & outer.written or not _holds(text.body, outer.stmt):
            break
        place = i
    return place


def _is_under_condition(s: tree.Stmt, around: tree.Stmt) -> bool:
    """Whether it depends on something in a loop whether a statement in it is come to."""
    choices = (n for n in tree.walk(around) if isinstance(n, tree.If | tree.UnknownStmt))
    return any(c is not s and _holds(c, s) and any(n is s for n in tree.walk(c)) for c in choices)


def _is_sum(n: tree.Node) -> bool:
    return isinstance(n, tree.Binary) and n.op in {"+", "-", "*"}


def _holds(body: tree.Node, s: tree.Node) -> bool:
    return body.span.begin <= s.span.begin and s.span.end <= body.span.end


def _named(wanted: str, value: str, loop: CanonicalLoop, place: int, layout: Layout) -> str:
    """A name for a value that is computed before a loop; loops with the same ends share it."""
    kind = _kind(loop, layout)
    known = (place, f"{kind} {value}")
    if known not in layout.named:
        name = layout.named[known] = layout.names.fresh(wanted)
        layout.insertions.before.setdefault(place, []).append(f"const {kind} {name} = {value};")
    return layout.named[known]


def hoisted(bound: str, loop: CanonicalLoop, layout: Layout) -> tuple[str, list[str]]:
    """A bound that takes a call is computed once, before the loop, under a name of its own: the name, and the lines."""
    if "(" not in bound:
        return bound, []
    name = layout.names.fresh(_end_name(loop))
    return name, [f"const {_kind(loop, layout)} {name} = {bound};"]


def _kind(loop: CanonicalLoop, layout: Layout) -> str:
    return type_text(loop.variable.type) if is_unsigned(loop) else layout.index


def _end_name(loop: CanonicalLoop) -> str:
    past = loop.relation in {"<", ">"} or _has_unsigned_last(loop)
    return f"{loop.variable.name}_{'end' if past else 'last'}"


def share_of(blocks: Blocks, shift: int, scale: Polynomial) -> Share:
    begin, end = plus(blocks.begin, -shift), plus(blocks.end, -shift)
    if scale != ONE:
        return Share(times(blocks.begin, scale), times(blocks.end, scale), times(blocks.offset, scale))
    return Share(begin, end, blocks.offset)


def runs_over_all(loop: CanonicalLoop, blocks: Blocks, shift: int) -> bool:
    """Whether the loop surely runs over all rows of the partition."""
    if loop.lower is None or loop.upper is None:
        return False
    below = (loop.lower + constant(shift)).constant
    above = (loop.upper + constant(shift) - blocks.extent).constant
    return below is not None and below <= 0 and above is not None and above >= 0


def _whole_block(loop: CanonicalLoop, blocks: Blocks, shift: int) -> tuple[str, str]:
    first = blocks.halo.lower - shift
    last = first - (1 if loop.relation == "<=" else 0)
    return str(first), plus(blocks.count, last)


def cut(loop: CanonicalLoop, share: Share, layout: Layout) -> tuple[str, str]:
    larger, smaller = "larger", "smaller"
    start, bound = expression(loop.start, layout), expression(loop.bound, layout)
    if loop.step < 0:
        least = share.begin if loop.relation == ">=" else plus(share.begin, -1)
        first = _last_step(loop, start, plus(share.end, -1), layout)
        return _local(first, share), _local(_call(layout, larger, bound, least), share)
    first = (
        _call(layout, larger, start, share.begin)
        if loop.step == 1
        else f"{layout.helper('first_step')}({start}, {share.begin}, {loop.step})"
    )
    past = share.end if loop.relation == "<" else plus(share.end, -1)
    return _local(first, share), _local(_call(layout, smaller, bound, past), share)


def _local(value: str, share: Share) -> str:
    return value if share.offset == "0" else f"{value} - {share.offset}"


def _own_range(loop: CanonicalLoop, work: tuple[str, ...], layout: Layout) -> tuple[str, str]:
    """A loop that touches no distributed array: its own range is dealt out; indices stay global."""
    low, count = own_range(loop, layout)
    rank, dealing = layout.rank_used(), Dealing(count, layout.size_used(), work)
    prefix = "" if low == "0" else f"{low} + "
    begin = f"{prefix}{first_of(dealing, rank, layout)}"
    end = f"{prefix}{first_of(dealing, f'{rank} + 1', layout)}"
    if loop.step < 0:
        first = (
            f"{end} - 1" if loop.step == -1 else _last_step(loop, expression(loop.start, layout), f"{end} - 1", layout)
        )
        return first, begin if loop.relation == ">=" else f"{begin} - 1"
    if loop.step > 1:
        begin = f"{layout.helper('first_step')}({low}, {begin}, {loop.step})"
    return begin, end if loop.relation == "<" else f"{end} - 1"


def _last_step(loop: CanonicalLoop, start: str, most: str, layout: Layout) -> str:
    """The first value of a loop that runs downwards, where the rank's own ones are `most` at the most."""
    if loop.step == -1:
        return _call(layout, "smaller", start, most)
    return f"{layout.helper('last_step')}({start}, {most}, {-loop.step})"


def own_range(loop: CanonicalLoop, layout: Layout) -> tuple[str, str]:
    """The first value and the number of values between a loop's ends."""
    start, bound = _operand(loop.start, layout), _operand(loop.bound, layout)
    if loop.step < 0:
        low = bound if loop.relation == ">=" else f"{bound} + 1"
        return low, f"{start} - {bound}" + (" + 1" if loop.relation == ">=" else "")
    count = bound if start == "0" else f"{bound} - {start}"
    return start, plus(count, 1 if loop.relation == "<=" else 0)


def range_ends(loop: CanonicalLoop, layout: Layout) -> tuple[str, str]:
    """The least value of a loop's range and one past the greatest, as text."""
    start, bound = _operand(loop.start, layout), _operand(loop.bound, layout)
    if loop.step < 0:
        return plus(bound, 0 if loop.relation == ">=" else 1), plus(start, 1)
    return start, plus(bound, 1 if loop.relation == "<=" else 0)


def bound_text(loop: CanonicalLoop, layout: Layout) -> str:
    """The bound as an operand."""
    return _operand(loop.bound, layout)


def _operand(expr: Expr, layout: Layout) -> str:
    shown = expression(expr, layout)
    simple = isinstance(expr, tree.Name | tree.IntLiteral | tree.Call | tree.Index) or shown.isidentifier()
    return shown if simple else f"({shown})"


def _call(layout: Layout, helper: str, a: str, b: str) -> str:
    return f"{layout.helper(helper)}({a}, {b})"


def as_index(bound: str, loop: CanonicalLoop, layout: Layout) -> str:
    """A bound compared with an unsigned variable: never negative, so never a last value (of a block without iterations
    it would be -1), and converted in the open."""
    if not is_unsigned(loop):
        return bound
    if loop.step < 0:
        raise Uneditable("it runs downwards with an unsigned variable, in order", loop.stmt, loop=loop.stmt.id)
    kind = type_text(loop.variable.type)
    return f"({kind}){_call(layout, 'larger', '0', plus(bound, 1) if loop.relation == '<=' else bound)}"


def _has_unsigned_last(loop: CanonicalLoop) -> bool:
    return is_unsigned(loop) and loop.relation == "<="


def is_unsigned(loop: CanonicalLoop) -> bool:
    kind = loop.variable.type
    return isinstance(kind, tree.Scalar) and kind.is_unsigned and not loop.is_narrow
