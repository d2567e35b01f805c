"""Sums over the rows of a matrix, one for each column: all of them first, and what becomes of them behind.

    for (j = k; j < n; j++) {                   double *s_sums = malloc(n * sizeof *s_sums);
        double s = 0.0;                         for (j = k; j < n; j++) {
        for (i = k; i < m; i++)                     s_sums[j] = 0.0;
            s += v[i]*a[i][j];                      for (i = k; i < m; i++)
        for (i = k; i < m; i++)                         s_sums[j] += v[i]*a[i][j];
            a[i][j] -= s*v[i];                  }
    }                                           for (j = k; j < n; j++) {
                                                    for (i = k; i < m; i++)
                                                        a[i][j] -= s_sums[j]*v[i];
                                                }

Ranks that have rows of `a` then combine all sums at once. Both do the same where no iteration's first part needs what
an earlier one's second part does, or the other way round. The edits are of the text, which is parsed again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.calls.effects import effects_of
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.iterations import scalars
from chatmpi.analysis.iterations.dependence import carried_between, may_meet
from chatmpi.analysis.iterations.updates import same
from chatmpi.analysis.loops import LoopInfo
from chatmpi.analysis.memory.subscripts import Access
from chatmpi.analysis.numbers.polynomial import Polynomial, of_atom, variable
from chatmpi.analysis.numbers.values import type_text
from chatmpi.analysis.restyle.respelling import Fresh, end_of, with_semicolon
from chatmpi.analysis.restyle.undeclaring import undeclared
from chatmpi.analysis.source import Edit, Source, Span
from chatmpi.analysis.surroundings import Surroundings, statements_of
from chatmpi.analysis.touches import CallTouch, ElementTouch, ScalarTouch, Touch
from chatmpi.analysis.tree import Expr, Node, Stmt, Symbol

JUMPS = tree.Break | tree.Continue | tree.Return | tree.Leave | tree.UnknownStmt


@dataclass(frozen=True)
class Sum:
    """`inner`, a statement of the body of `outer`, adds up a variable, or the element `target` of an array."""

    outer: LoopInfo
    inner: LoopInfo
    symbol: Symbol
    target: Expr | None

    in_place: bool = False  # the elements have room for the sums of all iterations

    @property
    def body(self) -> tuple[Stmt, ...]:
        return statements_of(self.outer.stmt.body)

    @property
    def cut(self) -> int:
        """How many statements of the body belong to the first part."""
        return next(k for k, s in enumerate(self.body) if s is self.inner.stmt) + 1

    @property
    def first(self) -> tuple[Stmt, ...]:
        return self.body[: self.cut]

    @property
    def second(self) -> tuple[Stmt, ...]:
        return self.body[self.cut :]

    @property
    def start(self) -> Stmt | None:
        """The statement that gives the sum its first value."""
        return next((s for s in self.first[:-1] if _begins(s, self)), None)

    @property
    def is_plain(self) -> bool:
        """Whether it begins anew, or stays where it is: nothing is added to what was there in the second part."""
        return self.in_place or (self.start is not None and not _goes_on(self.start, self))


def sums_over_rows(facts: Facts) -> tuple[Sum, ...]:
    """The sums that can be had before all else in the loop around theirs; the first in each such loop."""
    found: dict[int, Sum] = {}
    for info in facts.loops.values():
        outer = facts.loops[info.around[-2]] if len(info.around) > 1 else None
        if outer is None or outer.stmt.id in found or not _are_plain(outer, info):
            continue
        for one in _sums(outer, info, facts):
            if _runs_down_columns(one, facts) and _is_separable(one, facts):
                found[outer.stmt.id] = one
                break
    return tuple(found.values())


def sums_apart(chosen: Sequence[Sum], facts: Facts) -> list[Edit]:
    """The edits that take these sums apart."""
    fresh = Fresh(facts.program.source.text)
    edits: list[Edit] = []
    for one in chosen:
        edits += _edits(one, facts, fresh) or ()
    return edits


# ---------------------------------------------------------------------------------------- which sums there are


def _are_plain(outer: LoopInfo, inner: LoopInfo) -> bool:
    """Whether both are counted loops whose text can be had twice, one a statement of the other's body."""
    stmt, body = outer.stmt, outer.stmt.body
    if outer.canonical is None or inner.canonical is None or abs(outer.canonical.step) != 1:
        return False
    if not isinstance(stmt, tree.For) or stmt.in_macro or body.in_macro or inner.stmt.in_macro:
        return False
    if all(s is not inner.stmt for s in statements_of(body)):
        return False
    return not any(isinstance(n, JUMPS) for n in tree.walk(body))


def _sums(outer: LoopInfo, inner: LoopInfo, facts: Facts) -> Iterator[Sum]:
    judged = facts.loop_facts[inner.stmt.id]
    if not judged.is_free_of_order:
        target = _target_in_place(inner, facts)
        if target is not None:
            yield Sum(outer, inner, target.touch.symbol, target.touch.node)
        return
    if len(judged.reductions) == 1 and not judged.accumulated and judged.reductions[0].operation == "SUM":
        yield Sum(outer, inner, judged.reductions[0].symbol, None)
    if len(judged.accumulated) == 1 and not judged.reductions and judged.accumulated[0].operation == "SUM":
        element = judged.accumulated[0].element
        if element is not None:
            symbol = judged.accumulated[0].symbol
            in_place = symbol in facts.extents and len(facts.extents[symbol].dimensions) == 1
            yield Sum(outer, inner, symbol, element, in_place)


def _target_in_place(inner: LoopInfo, facts: Facts) -> Access | None:
    """The element that a loop adds up from others of the same array: `a[i][j] -= a[i][k]*a[k][j]`."""
    match statements_of(inner.stmt.body):
        case (tree.ExprStmt(expr=tree.Assign(op="+=" | "-=", target=tree.Index() as target)),):
            pass
        case _:
            return None
    own = next((a for many in facts.accesses_in(inner.stmt.id).values() for a in many if a.touch.node is target), None)
    if own is None or len(own.subscripts) < 2:
        return None
    others = [a for a in facts.accesses_in(inner.stmt.id)[own.touch.symbol] if a is not own]
    named = {n.symbol for n in tree.walk(target) if isinstance(n, tree.Name)} - {own.touch.symbol}
    naming = facts.naming_at(inner.around)
    moves = any(may_meet(inner, own, a, facts.loops, naming) or a.touch.write for a in others)
    return None if moves or named & inner.written or _steps(inner, facts) else own


def _steps(inner: LoopInfo, facts: Facts) -> bool:
    """Whether a loop changes another variable than its counter."""
    changed = {t.symbol for t in facts.touches.of(inner.stmt.body.id) if isinstance(t, ScalarTouch) and t.write}
    return bool(changed)


def _runs_down_columns(one: Sum, facts: Facts) -> bool:
    """Whether the loop that adds up reads a matrix, one row in each iteration, in the column that the loop around it
    counts."""
    assert one.inner.canonical is not None
    assert one.outer.canonical is not None
    row, column = (of_atom(variable(c.variable)) for c in (one.inner.canonical, one.outer.canonical))
    for symbol, many in facts.accesses_in(one.inner.stmt.id).items():
        for a in many if one.target is not None or symbol != one.symbol else ():
            first, *others = a.subscripts
            by_row = first is not None and (first - row).constant is not None
            if by_row and any(p is not None and (p - column).constant is not None for p in others):
                return True
    return False


# ------------------------------------------------------------------------------------ whether the parts can be


def _is_separable(one: Sum, facts: Facts) -> bool:
    """Whether all first parts can run before all second ones."""
    return _target_is_its_own(one, facts) and _scalars_stay(one, facts) and _arrays_stay(one, facts)


def _target_is_its_own(one: Sum, facts: Facts) -> bool:
    """Whether each iteration has a sum of its own, that begins with a value."""
    judged = facts.loop_facts[one.outer.stmt.id]
    if not one.second and one.is_plain:
        return False
    if not one.is_plain and any(_touches_target(s, one) for s in one.first[:-1] if s is not one.start):
        return False
    if one.target is None:
        return one.start is not None and one.symbol in judged.private
    counter = one.outer.canonical
    assert counter is not None
    own = next(a for a in facts.accesses.values() if a.touch.node is one.target)
    last = own.subscripts[-1]
    fixed = {n.symbol for n in tree.walk(one.target) if isinstance(n, tree.Name)} - {counter.variable, one.symbol}
    apart = last is not None and (last - of_atom(variable(counter.variable))).constant is not None
    beside = [a for s in one.first for a in facts.accesses_in(s.id).get(one.symbol, ()) if not _is_target(a, one)]
    naming = facts.naming_at(one.outer.around)
    alone = not any(may_meet(one.outer, own, a, facts.loops, naming) for a in beside)
    return apart and alone and not fixed & one.outer.written and not (one.in_place and beside)


def _is_target(a: Access, one: Sum) -> bool:
    return one.target is not None and same(a.touch.node, one.target)


def _touches_target(s: Node, one: Sum) -> bool:
    return any(isinstance(n, tree.Name) and n.symbol == one.symbol for n in tree.walk(s))


def _begins(s: Stmt, one: Sum) -> bool:
    """Whether a statement is what gives the sum its first value."""
    match s:
        case tree.Declaration(variables=(tree.VarDecl(symbol=symbol, init=tree.Expr()),)):
            return symbol == one.symbol and not s.in_macro
        case tree.ExprStmt(expr=tree.Assign(op="=", target=target)):
            named = isinstance(target, tree.Name) and target.symbol == one.symbol
            return (named if one.target is None else same(target, one.target)) and not s.in_macro
    return False


def _goes_on(s: Stmt, one: Sum) -> bool:
    """Whether the first value of a sum is made of what was there before."""
    return isinstance(s, tree.ExprStmt) and isinstance(s.expr, tree.Assign) and _touches_target(s.expr.value, one)


def _scalars_stay(one: Sum, facts: Facts) -> bool:
    """Whether no variable but the sum leads from one part to the other."""
    judged = facts.loop_facts[one.outer.stmt.id]
    assert one.outer.canonical is not None
    counter = one.outer.canonical.variable
    moved = (one.start,) if one.start is not None and not one.is_plain else ()
    parts = [_block(one, part) for part in (one.first, (*moved, *one.second))]
    exposed = [scalars.flow(part, facts.touches).exposed for part in parts]
    written = [written_in(part, facts) for part in parts]
    sums = {one.symbol, counter}
    if (written[0] & exposed[1] | written[1] & exposed[0]) - sums or not written[0] - sums <= judged.private:
        return False
    inside = [n for s in one.first for n in tree.walk(s)]
    declared = {v.symbol for n in inside if isinstance(n, tree.Declaration) for v in n.variables}
    return not (declared - sums) & {n.symbol for n in tree.walk(parts[1]) if isinstance(n, tree.Name)}


def _block(one: Sum, body: tuple[Stmt, ...]) -> tree.Block:
    whole = one.outer.stmt.body
    return tree.Block(span=whole.span, in_macro=whole.in_macro, id=whole.id, body=body)


def written_in(part: tree.Block, facts: Facts) -> set[Symbol]:
    touched = [t for s in part.body for t in facts.touches.of(s.id)]
    return {t.symbol for t in touched if isinstance(t, ScalarTouch) and t.write}


def is_understood(t: Touch, facts: Facts) -> bool:
    if isinstance(t, CallTouch):
        return effects_of(t.call, facts.summaries).is_pure
    if isinstance(t, ElementTouch):
        return facts.arrays.is_tracked(t.symbol) and id(t) in facts.accesses and not t.context.opaque
    return isinstance(t, ScalarTouch)


def _arrays_stay(one: Sum, facts: Facts) -> bool:
    """Whether no first part touches what an earlier second part writes, nor the other way round."""
    if not all(is_understood(t, facts) for t in facts.touches.of(one.outer.stmt.id)):
        return False
    naming = facts.naming_at(one.outer.around)
    first = [a for s in one.first for many in facts.accesses_in(s.id).values() for a in many]
    second = [a for s in one.second for many in facts.accesses_in(s.id).values() for a in many]
    moved = [a for a in first if not one.in_place and _is_target(a, one)]
    if one.start is not None and not one.is_plain:
        moved += [a for many in facts.accesses_in(one.start.id).values() for a in many]
    second += moved
    for later in (a for a in first if a not in moved):
        for earlier in second:
            meet = earlier.touch.symbol == later.touch.symbol and (earlier.touch.write or later.touch.write)
            if meet and carried_between(one.outer, earlier, later, facts.loops, naming):
                return False
    return True


# ------------------------------------------------------------------------------------------------ the text


def _edits(one: Sum, facts: Facts, fresh: Fresh) -> list[Edit] | None:
    """The edits for one sum; None if its text cannot be had."""
    source, loop = facts.program.source, one.outer.canonical
    assert loop is not None
    f = next((f for f in facts.written.functions if holds(f.body, one.outer.stmt)), None)
    if f is None or sum(info.stmt.span == one.outer.stmt.span for info in facts.loops.values()) > 1:
        return None
    outermost = next(facts.loops[i] for i in one.outer.around if holds(f.body, facts.loops[i].stmt))
    around = Surroundings(facts.written, f)
    written = next((n for n in tree.walk(f.body) if isinstance(n, tree.For) and n.span == outermost.stmt.span), None)
    if written is None or written.in_macro or not isinstance(around.parent(written), tree.Block):
        return None
    margin, inside = source.indentation(written.span.begin), source.indentation(one.outer.stmt.span.begin)
    body = one.outer.stmt.body
    braces = isinstance(body, tree.Block)
    header = source.shown_at(Span(one.outer.stmt.span.begin, body.span.begin)).rstrip()
    again, behind = f"\n{inside}}}\n{inside}{header} {{", end_of(one.inner.stmt, source)
    if one.in_place:
        return [Edit(Span(behind, behind), again)]
    room = _room(one.outer, facts, around, written)
    if room is None or not _is_from_zero(one.outer, facts):
        return None
    name = fresh.take(f"{one.symbol.name.rpartition('::')[2].rpartition('.')[2]}_sums")
    element = f"{name}[{loop.variable.name.rpartition('::')[2]}]"
    renamed = _renamed(one, element, source)
    unused = _undeclared(one, renamed or [], around)
    if renamed is None or unused is None:
        return None
    kind = type_text(one.target.type if one.target is not None else one.symbol.type)
    within = source.indentation(one.body[-1].span.begin)
    if one.start is not None and not one.is_plain:
        again += f"\n{within}{source.shown_at(with_semicolon(one.start, source))}"
    if one.target is not None or not one.is_plain:
        again += f"\n{within}{_named(one, source)} {'=' if one.is_plain else '+='} {element};"
    begin, end = written.span.begin, end_of(written, source)
    made = f"{kind} *{name} = malloc({room} * sizeof *{name});\n{margin}"
    return [
        *_with_stdlib(source),
        *unused,
        Edit(Span(begin, begin), made),
        *renamed,
        Edit(Span(behind, behind), again if braces else f"{again}\n{inside}}}"),
        Edit(Span(end, end), f"\n{margin}free({name});"),
    ]


def _named(one: Sum, source: Source) -> str:
    """What is summed up, as it is written."""
    return source.shown_at(one.target.span) if one.target is not None else one.symbol.name.rpartition("::")[2]


def _is_declared_there(one: Sum) -> bool:
    return any(isinstance(s, tree.Declaration) and _begins(s, one) for s in one.first)


def _undeclared(one: Sum, renamed: list[Edit], around: Surroundings) -> list[Edit] | None:
    """The edits that take the declaration of a variable away that has another name now wherever it stood."""
    places = {e.span for e in renamed}
    named = [n for n in tree.walk(around.function.body) if isinstance(n, tree.Name)]
    symbols = {n.symbol for n in named if n.span in places}
    if one.target is not None or not one.is_plain or _is_declared_there(one) or len(symbols) != 1:
        return []
    left = any(n.symbol in symbols and n.span not in places for n in named)
    return [] if left else undeclared(around.program, symbols)


def holds(body: Node, s: Stmt) -> bool:
    return body.span.begin <= s.span.begin and s.span.end <= body.span.end


def _with_stdlib(source: Source) -> list[Edit]:
    return [] if "<stdlib.h>" in source.text else [Edit(Span(0, 0), "#include <stdlib.h>\n")]


def _renamed(one: Sum, name: str, source: Source) -> list[Edit] | None:
    """The edits that put `name` in the place of the sum: of a variable everywhere, of an element in the first part; in
    what adds up alone where the sum goes on from what was there."""
    edits: list[Edit] = []
    if one.start is not None and not one.is_plain:
        edits.append(Edit(with_semicolon(one.start, source), f"{name} = 0;"))
    elif one.start is None:
        begin = one.inner.stmt.span.begin
        brace = "" if isinstance(one.outer.stmt.body, tree.Block) else "{ "
        edits.append(Edit(Span(begin, begin), f"{brace}{name} = 0;\n{source.indentation(begin)}"))
    whole = one.first if one.target is not None else one.body
    for s in whole if one.is_plain else (one.inner.stmt,):
        if isinstance(s, tree.Declaration) and _begins(s, one):
            if s.variables[0].name_span.begin < s.span.begin:
                return None
            edits.append(Edit(Span(s.span.begin, s.variables[0].name_span.end), name))
        for n in tree.walk(s):
            if isinstance(n, tree.Declaration) and n is not s and any(v.symbol == one.symbol for v in n.variables):
                return None
            named = isinstance(n, tree.Name) and n.symbol == one.symbol and one.target is None
            if named or (isinstance(n, tree.Expr) and one.target is not None and same(n, one.target)):
                if n.in_macro:
                    return None
                edits.append(Edit(n.span, name))
    return edits


def _room(info: LoopInfo, facts: Facts, around: Surroundings, outermost: tree.For) -> str | None:
    """Text, before the outermost loop, for a number that the loop's counter stays below."""
    loop = info.canonical
    if loop is None or not isinstance(loop.stmt, tree.For):
        return None
    end = loop.bound if loop.step > 0 else loop.start
    further = loop.step < 0 or loop.relation == "<="
    if isinstance(end, tree.Name):
        for i in info.around[:-1]:
            outer = facts.loops[i].canonical
            if outer is not None and outer.variable == end.symbol:
                return _room(facts.loops[i], facts, around, outermost)
    inside = list(tree.walk(outermost))
    found = next((n for n in inside if isinstance(n, tree.Expr) and n.span == end.span), None)
    if found is None or not around.is_steady(found, inside):
        return None
    shown = around.program.source.shown_at(end.span)
    if isinstance(found, tree.IntLiteral | tree.Name) and not further:
        return shown
    return f"({shown} + 1)" if further else f"({shown})"


def _is_from_zero(info: LoopInfo, facts: Facts) -> bool:
    """Whether the loop's counter is never negative."""
    loop = info.canonical
    return loop is not None and _is_natural(loop.lower, info.around[:-1], facts)


def _is_natural(value: Polynomial | None, around: Sequence[int], facts: Facts) -> bool:
    """Whether a value is a number, or a counter of the loops around and a number, that is never negative."""
    if value is None:
        return False
    if value.constant is not None:
        return value.constant >= 0
    for k, i in enumerate(around):
        outer = facts.loops[i].canonical
        if outer is not None and outer.lower is not None:
            rest = (value - of_atom(variable(outer.variable))).constant
            if rest is not None and rest >= 0:
                return _is_natural(outer.lower, around[:k], facts)
    return False
