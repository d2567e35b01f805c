"""Loops that the owner of one row runs alone: `for (j …) c[i][j] = …;`, where i stands still.

Where the owner of a row does all that lasts of a loop, the other ranks need not count its iterations: the test which
rank that is stands before the loop, instead of before each statement in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import replace

from chatmpi.analysis import tree
from chatmpi.analysis.calls.effects import effects_of
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.flow import after
from chatmpi.analysis.loops import returns
from chatmpi.analysis.touches import BareUse, CallTouch, ElementTouch, OpaqueTouch, ScalarTouch, Touch
from chatmpi.analysis.tree import Symbol
from chatmpi.plan.elements import Guarded, guard
from chatmpi.plan.fit import Misfit
from chatmpi.plan.plan import GuardPlan, Place, Plan


def with_owned_loops(plan: Plan, distributed: Set[Symbol], facts: Facts) -> Plan:
    """The plan with the tests of its guards before the outermost loops that owners may run alone."""
    if plan.plain:
        return plan
    owned = owned_loops(plan, distributed, facts)
    inside = {g.place.statement: loop for loop in owned for g in _inside(loop, plan, facts)}
    return replace(plan, guards=tuple(_around(g, inside.get(g.place.statement), facts) for g in plan.guards))


def owned_loops(plan: Plan, distributed: Set[Symbol], facts: Facts) -> Iterator[int]:
    """The outermost loops that owners may run alone."""
    found: set[int] = set()
    busy = meeting_places(plan)
    for i, info in facts.loops.items():  # outer ones first
        if not found & set(info.around) and is_owned(i, busy, plan, distributed, facts):
            found.add(i)
            yield i


def is_owned(loop: int, busy: Set[int], plan: Plan, distributed: Set[Symbol], facts: Facts) -> bool:
    """Whether nothing of a loop lasts but what the owner of one row stores, and nobody else is needed for it; `busy`:
    statements that every rank must come to."""
    info = facts.loops[loop]
    guards = _inside(loop, plan, facts)
    s = info.stmt
    if not guards or not isinstance(s, tree.For) or s.in_macro or s.id in facts.headers:
        return False
    parts = [_part(g, distributed, facts) for g in guards]
    rows = {(g.partition, g.row) for g in guards}
    symbols = {x for p in parts if p is not None for x in p.row.symbols}
    if None in parts or len(rows) > 1 or symbols & info.written or any(x.name in facts.shadowed for x in symbols):
        return False
    first = {c.start.statement for c in plan.communications if c.when == "before" and c.start == c.finish}
    inside = {n.id for n in tree.statements(s)} - {s.id}
    if busy & {s.id, *inside} or first & inside or any(True for _ in returns(s.body)):
        return False
    statements = {g.place.statement for g in guards}
    alive = facts.live.get(after(s), frozenset())
    return not any(_lasts(t, loop, statements, alive, facts) for t in facts.touches.of(loop))


def meeting_places(plan: Plan) -> frozenset[int]:
    """The statements at which ranks do something together, or one rank does what the others do not; not those before
    which they have done so."""
    done = [c for c in plan.communications if c.when == "before" and c.start == c.finish]
    places = [p for c in plan.communications if c not in done for p in (c.start, c.finish)]
    places += [x.place for x in plan.loops if x.treatment in {"distributed", "printed"}]
    places += [*plan.outputs, *plan.opens, *plan.inputs, *(k.place for k in plan.kept)]
    return frozenset(p.statement for p in places)


def _inside(loop: int, plan: Plan, facts: Facts) -> list[GuardPlan]:
    there = {n.id for n in tree.statements(facts.loops[loop].stmt)}
    return [g for g in plan.guards if g.place.statement in there]


def _part(g: GuardPlan, distributed: Set[Symbol], facts: Facts) -> Guarded | None:
    """What the owner of a single row does, with nothing that comes from elsewhere."""
    s = next((t.context.statement for t in facts.touches.of(g.place.statement)), None)
    found = guard(s, distributed, facts) if s is not None else Misfit("it does nothing")
    if isinstance(found, Misfit) or len(found[0]) > 1:
        return None
    (part,) = found[0]
    return None if part.needs or part.ends or part.target is not None or part.value is not None else part


def _lasts(t: Touch, loop: int, guarded: Set[int], alive: Set[Symbol], facts: Facts) -> bool:
    """Whether what a touch does is felt outside the loop, and not left to the owner."""
    if t.context.opaque:
        return True
    match t:
        case CallTouch(call=call):
            return not effects_of(call, facts.summaries).is_pure
        case OpaqueTouch() | BareUse():
            return True
        case ElementTouch(symbol=symbol, write=True):
            own = symbol.storage == "local" and loop in facts.touches.scopes.get(symbol, ())
            return t.context.statement.id not in guarded and not own
        case ScalarTouch(symbol=symbol, write=True):
            own = symbol.storage == "local" and loop in facts.touches.scopes.get(symbol, ())
            passing = symbol.storage in {"local", "parameter"} and symbol not in alive
            return symbol in facts.unstable or not (own or passing)
    return False


def _around(g: GuardPlan, loop: int | None, facts: Facts) -> GuardPlan:
    if loop is None:
        return g
    location = facts.program.source.location(facts.loops[loop].stmt.span.begin)
    return replace(g, around=Place(loop, location.line, location.column))
