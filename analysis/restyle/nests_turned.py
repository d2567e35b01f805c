"""Two loops of which each is the other's whole body, and that both depend on themselves, in the other order.

    for (j = 0; j < n; j++)                         for (i = 0; i < n; i++)
        for (i = 0; i < n; i++)                         for (j = 0; j < n; j++)
            a[i][j] = min(a[i][j],                          a[i][j] = min(a[i][j],
                          a[i][k] + a[k][j]);                             a[i][k] + a[k][j]);

The order is free where no iteration needs one that comes before it by the one order and behind it by the other. Where
the outer loop then goes through the rows of memory, ranks can run it on their own rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.iterations import scalars
from chatmpi.analysis.iterations.dependence import meet_in_order
from chatmpi.analysis.loops import CanonicalLoop, LoopInfo
from chatmpi.analysis.memory.subscripts import Access
from chatmpi.analysis.restyle.reordering import JUMPS, accesses_of, conflict, is_understood_by_parts, written_in
from chatmpi.analysis.restyle.respelling import header_of
from chatmpi.analysis.source import Edit, Span
from chatmpi.analysis.surroundings import statements_of


@dataclass(frozen=True)
class Nest:
    """`inner` is all that the body of `outer` consists of."""

    outer: LoopInfo
    inner: LoopInfo
    counted: tuple[CanonicalLoop, CanonicalLoop]


def dependent_nests(facts: Facts) -> tuple[Nest, ...]:
    """The nests that can be turned, and of which neither loop can be divided as it stands."""
    found: list[Nest] = []
    for inner in facts.loops.values():
        outer = facts.loops[inner.around[-2]] if len(inner.around) > 1 else None
        if outer is None or any(facts.loop_facts[x.stmt.id].is_parallel for x in (outer, inner)):
            continue
        one = _nest(outer, inner)
        if one is not None and _scalars_are_their_own(one, facts) and _order_is_free(one, facts):
            found.append(one)
    return tuple(found)


def turned(chosen: Sequence[Nest], facts: Facts) -> list[Edit]:
    """The edits that turn these nests; a nest that is read in several places is turned in all of them or in none."""
    source = facts.program.source
    edits: dict[Span, Edit] = {}
    for one in chosen:
        span = one.outer.stmt.span
        if sum(n.outer.stmt.span == span for n in chosen) < sum(x.stmt.span == span for x in facts.loops.values()):
            continue
        headers = [header_of(x.stmt, source) for x in (one.outer, one.inner) if isinstance(x.stmt, tree.For)]
        for place, other in zip(headers, reversed(headers), strict=True):
            edits[place] = Edit(place, source.shown_at(other), (other,))
    return list(edits.values())


def _nest(outer: LoopInfo, inner: LoopInfo) -> Nest | None:
    rows, columns = outer.canonical, inner.canonical
    if rows is None or columns is None:
        return None
    if statements_of(outer.stmt.body) != (inner.stmt,) or any(isinstance(n, JUMPS) for n in tree.walk(inner.stmt)):
        return None
    if any(type(x.stmt) is not tree.For or x.stmt.in_macro or x.stmt.body.in_macro for x in (outer, inner)):
        return None
    changing = {rows.variable, *inner.written}
    ends = (rows.lower, rows.upper, columns.lower, columns.upper)
    return None if any(p is None or changing & p.symbols for p in ends) else Nest(outer, inner, (rows, columns))


def _scalars_are_their_own(one: Nest, facts: Facts) -> bool:
    """Whether no variable leads from one iteration to another, or past the loops."""
    outer, inner = one.counted
    body = one.inner.stmt.body
    written = written_in((body,), facts)
    if {outer.variable, inner.variable} & written or written & scalars.flow(body, facts.touches).exposed:
        return False
    judged = facts.loop_facts[one.outer.stmt.id]
    return not judged.counter_lasts and {*written, inner.variable} <= judged.private


def _order_is_free(one: Nest, facts: Facts) -> bool:
    body = one.inner.stmt.body
    if not is_understood_by_parts(one.outer.stmt, (body,), facts):
        return False
    accesses = accesses_of((body,), facts)
    return not any(_turns_around(one, a, b, facts) for a in accesses for b in accesses)


def _turns_around(one: Nest, earlier: Access, later: Access, facts: Facts) -> bool:
    """Whether two iterations that touch one element would change places."""
    if not conflict(earlier, later):
        return False
    ahead, behind = (("<", ">") if x.step > 0 else (">", "<") for x in one.counted)

    def order(before: Sequence[str], after: Sequence[str]) -> str:
        return f"{before[0]} {ahead[0]} {after[0]} and {before[1]} {behind[1]} {after[1]}"

    return meet_in_order(one.outer, earlier, later, facts.loops, facts.naming_at(one.outer.around), order)
