"""Whether all iterations of a loop belong to rows that are there: none is lost when rows are dealt out."""

from __future__ import annotations

from collections.abc import Mapping

from chatmpi.analysis.domains import Parameters, Space, isl_set
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.loops import LoopInfo
from chatmpi.analysis.polynomial import Polynomial, constant, of_atom, variable
from chatmpi.analysis.subscripts import Access
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
    return bool(isl_set(space.parameters, list(space.dims.values()), [*known, outside]).is_empty())


def idle_outside(
    info: LoopInfo, offset: int, rows: Polynomial, accesses: Mapping[Symbol, tuple[Access, ...]], facts: Facts
) -> bool:
    """Whether an iteration i with no row i + offset in 0 … rows-1 does nothing that counts, so nobody needs to run it.

    It may only write elements of `accesses` that are not there, and so writes none, and variables of its own.
    """
    assert info.canonical is not None
    judged = facts.loop_facts[info.stmt.id]
    results = (judged.reductions, judged.accumulated, judged.located, judged.scans, judged.lasting)
    if not judged.is_parallel or any(results) or judged.counter_lasts or judged.exit is not None:
        return False
    space = _iterations(info, facts)
    outside = _outside(info, offset, rows, space)
    if outside is None:
        return False
    own = of_atom(variable(info.canonical.variable))
    for symbol, many in facts.accesses_in(info.stmt.id).items():
        private = info.stmt.id in facts.touches.scopes.get(symbol, ()) or symbol in judged.work
        for access in many if not private else ():
            if not access.touch.write:
                continue
            how = alignment(access, info, facts)
            if symbol not in accesses or symbol not in facts.extents or not isinstance(how, Aligned):
                return False
            row = space.affine(own + constant(how.least))
            extent = space.affine(facts.extents[symbol].dimensions[0])
            if row is None or extent is None or how.least != how.most or how.near is not None:
                return False
            if not isl_set(space.parameters, list(space.dims.values()), [outside, f"0 <= {row} < {extent}"]).is_empty():
                return False
    return True


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
