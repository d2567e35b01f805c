"""Whether all iterations of a loop belong to rows that are there: none is lost when rows are dealt out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chatmpi.analysis.facts import Facts
from chatmpi.analysis.iterations.standing import standing
from chatmpi.analysis.loops import LoopInfo
from chatmpi.analysis.memory.subscripts import Access
from chatmpi.analysis.numbers.domains import Parameters, Space, holds_nowhere
from chatmpi.analysis.numbers.polynomial import Polynomial, constant, of_atom, variable
from chatmpi.analysis.touches import ElementTouch, ScalarTouch
from chatmpi.analysis.tree import Symbol
from chatmpi.plan.alignment import Aligned, alignment


def covered(
    info: LoopInfo, offset: int, rows: Polynomial, accesses: Mapping[Symbol, tuple[Access, ...]], facts: Facts
) -> bool:
    """Whether every iteration i belongs to a row i + offset in 0 … rows-1.

    An access that every iteration makes lies inside its array, or the sequential program is itself undefined.
    """
    assert info.canonical is not None
    space = _iterations(info, facts)
    outside = _outside(info, offset, rows, space)
    if outside is None:
        return False
    known = [space.range(c) for i in info.around if (c := facts.loops[i].counted) is not None]
    known += standing(info, space, facts)
    own = of_atom(variable(info.canonical.variable))
    for symbol, many in accesses.items():
        for access in many:
            how = alignment(access, info, facts)
            plain = isinstance(how, Aligned) and how.least == how.most and how.near is None
            runs = facts.loop_facts[info.stmt.id].exit is None and always(access, info)
            if plain and isinstance(how, Aligned) and runs and symbol in facts.extents:
                row = space.affine(own + constant(how.least))
                extent = space.affine(facts.extents[symbol].dimensions[0])
                if row is not None and extent is not None:
                    known.append(f"0 <= {row} < {extent}")
    return holds_nowhere(space.parameters, list(space.dims.values()), [*known, outside])


def idle_outside(
    info: LoopInfo, offset: int, rows: Polynomial, accesses: Mapping[Symbol, tuple[Access, ...]], facts: Facts
) -> bool:
    """Whether an iteration i with no row i + offset in 0 … rows-1 does nothing that counts, so nobody needs to run it.

    It may only write elements of `accesses` that are not there, and so writes none, variables of its own, and what it
    writes when it has touched such an element.
    """
    assert info.canonical is not None
    judged = facts.loop_facts[info.stmt.id]
    results = (judged.accumulated, judged.located, judged.scans, judged.lasting)
    if not judged.is_parallel or any(results) or judged.counter_lasts or judged.exit is not None:
        return False
    space = _iterations(info, facts)
    outside = _outside(info, offset, rows, space)
    if outside is None:
        return False
    missing = [a.touch for many in accesses.values() for a in many if _is_missing(a, info, outside, space, facts)]
    for symbol, many in facts.accesses_in(info.stmt.id).items():
        private = info.stmt.id in facts.touches.scopes.get(symbol, ()) or symbol in judged.work
        for access in many if not private else ():
            if access.touch.write and not _comes_with(access.touch, missing):
                return False
    results_of = {r.symbol for r in judged.reductions}
    writes = [t for t in facts.touches.of(info.stmt.id) if isinstance(t, ScalarTouch) and t.write]
    return all(_comes_with(t, missing) for t in writes if t.symbol in results_of)


def _is_missing(access: Access, info: LoopInfo, outside: str, space: Space, facts: Facts) -> bool:
    """Whether the element is not there in iterations that have no row."""
    assert info.canonical is not None
    how, extents = alignment(access, info, facts), facts.extents.get(access.touch.symbol)
    if extents is None or not isinstance(how, Aligned) or how.least != how.most or how.near is not None:
        return False
    row = space.affine(of_atom(variable(info.canonical.variable)) + constant(how.least))
    extent = space.affine(extents.dimensions[0])
    if row is None or extent is None:
        return False
    return holds_nowhere(space.parameters, list(space.dims.values()), [outside, f"0 <= {row} < {extent}"])


def _comes_with(touch: ElementTouch | ScalarTouch, missing: Sequence[ElementTouch]) -> bool:
    """Whether one of these elements is surely touched where this is: itself, or in the same statement."""
    here = touch.context
    return any(
        m is touch
        or (m.context.statement is here.statement and m.context.guards == here.guards and not m.context.sometimes)
        for m in missing
    )


def _iterations(info: LoopInfo, facts: Facts) -> Space:
    """The iterations of a loop and of those around it."""
    around = [c for i in info.around if (c := facts.loops[i].counted) is not None]
    dims = {variable(c.variable): f"x{k}" for k, c in enumerate(around)}
    return Space(dims, Parameters(), frozenset(), facts.naming_at(info.around))


def _outside(info: LoopInfo, offset: int, rows: Polynomial, space: Space) -> str | None:
    """That an iteration i has no row i + offset in 0 … rows-1; None if it is not affine."""
    assert info.canonical is not None
    here = space.affine(of_atom(variable(info.canonical.variable)) + constant(offset))
    limit = space.affine(rows)
    return None if here is None or limit is None else f"({here} < 0 or {here} >= {limit})"


def always(access: Access, info: LoopInfo) -> bool:
    """Whether every iteration makes the access: directly in the loop's body, under no condition."""
    context = access.touch.context
    conditional = context.sometimes or any(info.stmt.id in g.loops for g in context.guards)
    return context.loops == info.around and not conditional
