"""Which halos hold current copies at each point of the program, and so where an exchange is needed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from chatmpi.analysis.facts import Facts
from chatmpi.analysis.flow import Point, control_flow, forward
from chatmpi.analysis.touches import BareUse, ElementTouch, Touch
from chatmpi.analysis.tree import Symbol
from chatmpi.plan.plan import Halo

Fresh = tuple[tuple[Symbol, Halo], ...]  # sorted by uid; what is not listed has no fresh halo


@dataclass(frozen=True, slots=True)
class Reader:
    """A statement, taken whole, that reads halos: a distributed loop or a guarded statement."""

    statement: int
    needs: Mapping[Symbol, Halo]


@dataclass(frozen=True, slots=True)
class Exchange:
    """Copies of `halo` rows of `array` are brought up to date before `statement`; `for_it_alone`: of what this
    statement reads of them, so that no later one may rely on it."""

    statement: int
    array: Symbol
    halo: Halo
    for_it_alone: bool = False


@dataclass(frozen=True, slots=True)
class Stale:
    """A read of halo rows that may be out of date."""

    statement: int
    array: Symbol
    needs: Halo
    fresh: Halo


def stale_reads(
    facts: Facts, whole: frozenset[int], readers: Iterable[Reader], exchanges: Iterable[Exchange], repair: bool = False
) -> list[Stale]:
    """The reads that the exchanges do not cover. With `repair`, each is taken as mended where it stands, so that
    the result is the list of exchanges to add."""
    flow = _Freshness(facts, whole, readers, repair)
    for e in exchanges:
        flow.before.setdefault(e.statement, []).append(e)
    graph = control_flow(facts.function.body, whole)
    nothing: Fresh = ()
    states = forward(graph, nothing, flow.leave, _join)
    found = []
    for statement, needs in flow.needs.items():
        if statement in states:
            fresh = dict(flow.enter(statement, states[statement]))
            for array, halo in needs.items():
                have = fresh.get(array, Halo())
                if not have.covers(halo):
                    found.append(Stale(statement, array, halo, have))
    return sorted(found, key=lambda s: (s.statement, s.array.uid))


class _Freshness:
    """The transfer function: exchanges refresh, swaps move, writes make stale."""

    def __init__(self, facts: Facts, whole: frozenset[int], readers: Iterable[Reader], repair: bool) -> None:
        self.needs = {r.statement: r.needs for r in readers}
        self.before: dict[int, list[Exchange]] = {}
        self.repair = repair
        self.swaps = {swap.statements[-1]: dict(swap.moves) for swap in facts.arrays.swaps}
        self.written = _written(facts, whole)

    def enter(self, point: Point, state: Fresh, leaving: bool = False) -> Fresh:
        """The state once the exchanges before a statement are done; what of it holds behind it, when `leaving`."""
        if not isinstance(point, int) or point not in self.before:
            return state
        fresh = dict(state)
        for e in self.before[point]:
            if e.for_it_alone and leaving:
                continue
            fresh[e.array] = fresh.get(e.array, Halo()).union(e.halo)
        return _frozen(fresh)

    def leave(self, point: Point, state: Fresh) -> Fresh:
        """The state behind a point. (What a statement writes is stale at all its points.)"""
        statement = point[0] if isinstance(point, tuple) else point
        if not isinstance(statement, int):
            return state
        fresh = dict(self.enter(point, state, leaving=True))
        if statement == point:
            for array, halo in self.needs.get(statement, {}).items() if self.repair else ():
                fresh[array] = fresh.get(array, Halo()).union(halo)
            moves = self.swaps.get(statement, {})
            fresh = {**fresh, **{target: fresh.get(source, Halo()) for target, source in moves.items()}}
        for symbol in self.written.get(statement, ()):
            fresh.pop(symbol, None)
        return _frozen(fresh)


def _written(facts: Facts, whole: frozenset[int]) -> dict[int, set[Symbol]]:
    """The arrays that each statement writes itself; for those taken whole, all that is written inside them."""
    swapping = {i for swap in facts.arrays.swaps for i in swap.statements}
    found: dict[int, set[Symbol]] = {}
    for t in facts.touches.items:
        if _makes_stale(t) and t.context.statement.id not in swapping:
            found.setdefault(t.context.statement.id, set()).add(_symbol(t))
    for statement in whole:
        found[statement] = {_symbol(t) for t in facts.touches.of(statement) if _makes_stale(t)}
    return found


def _makes_stale(t: Touch) -> bool:
    return (isinstance(t, ElementTouch) and t.write) or (isinstance(t, BareUse) and t.role == "assigned")


def _symbol(t: Touch) -> Symbol:
    assert isinstance(t, ElementTouch | BareUse)
    return t.symbol


def _join(a: Fresh, b: Fresh) -> Fresh:
    other = dict(b)
    both = {s: Halo(min(h.lower, other[s].lower), min(h.upper, other[s].upper)) for s, h in a if s in other}
    return _frozen(both)


def _frozen(fresh: Mapping[Symbol, Halo]) -> Fresh:
    return tuple(sorted(((s, h) for s, h in fresh.items() if h.width), key=lambda item: item[0].uid))


# --------------------------------------------------------------------------------------------- placing


def place_exchanges(facts: Facts, whole: frozenset[int], readers: list[Reader]) -> list[Exchange]:
    """Exchanges that make every read fresh: before the reader, moved out of loops in which nothing changes."""
    needed = stale_reads(facts, whole, readers, [], repair=True)
    hoisted = [Exchange(outermost_steady(s.statement, s.array, facts), s.array, s.needs) for s in needed]
    merged = _merged(hoisted)
    # What hoisting made fresh earlier may serve later readers: keep only those that are missed when left out.
    kept = list(merged)
    moved = {e.statement for e in hoisted} - {s.statement for s in needed}
    for e in merged if moved else ():
        rest = [k for k in kept if k is not e]
        if not stale_reads(facts, whole, readers, rest):
            kept = rest
    return kept


def outermost_steady(statement: int, array: Symbol, facts: Facts) -> int:
    """The outermost loop around a statement in which the array is neither written nor exchanged, else the statement."""
    for loop in loops_around(statement, facts):
        if array not in facts.loops[loop].written and not swapped_in(loop, array, facts):
            return loop
    return statement


def loops_around(statement: int, facts: Facts) -> tuple[int, ...]:
    """The loops that strictly enclose a statement, outermost first."""
    if statement in facts.loops:
        return facts.loops[statement].around[:-1]
    slice_ = facts.touches.of(statement)
    return slice_[0].context.loops if slice_ else ()


def swapped_in(loop: int, array: Symbol, facts: Facts) -> bool:
    begin, end = facts.touches.ranges[loop]
    inside = {t.context.statement.id for t in facts.touches.items[begin:end]}
    return any(array in dict(s.moves) and s.statements[-1] in inside for s in facts.arrays.swaps)


def _merged(exchanges: list[Exchange]) -> list[Exchange]:
    together: dict[tuple[int, Symbol], Halo] = {}
    for e in exchanges:
        key = (e.statement, e.array)
        together[key] = together.get(key, Halo()).union(e.halo)
    return [Exchange(statement, array, halo) for (statement, array), halo in together.items()]
