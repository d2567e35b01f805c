"""Rows that follow a loop's variable in pieces: clamped at the array's ends, or wrapped from one to the other."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from chatmpi.analysis.facts import Facts
from chatmpi.analysis.iterations.dependence import loops_from
from chatmpi.analysis.loops import LoopInfo
from chatmpi.analysis.memory.subscripts import Access
from chatmpi.analysis.numbers.domains import Parameters, Space, holds_nowhere, isl_set
from chatmpi.analysis.numbers.pieces import Choice, Remainder, is_pieced
from chatmpi.analysis.numbers.polynomial import Polynomial, variable

REACH = 8  # rows from the iteration's own that are looked at
TURNS = 3  # how often a wrapped row may lie around the array, either way


@dataclass(frozen=True)
class Iterations:
    """The iterations in which an access of a loop happens, as formulas over `dims`."""

    space: Space
    dims: tuple[str, ...]
    facts: tuple[str, ...]

    def always(self, claim_fails: str) -> bool:
        """Whether no iteration satisfies `claim_fails`."""
        return holds_nowhere(self.space.parameters, self.dims, [*self.facts, claim_fails])

    def range(self, value: str) -> tuple[int, int]:
        """The least and the largest of a bounded value; two zeros if there is no iteration."""
        values = isl_set(self.space.parameters, (*self.dims, "value"), [*self.facts, f"value = {value}"])
        if values.is_empty():
            return 0, 0
        place = len(self.dims)
        return int(values.dim_min_val(place).to_python()), int(values.dim_max_val(place).to_python())


def iterations(access: Access, loop: LoopInfo, facts: Facts) -> Iterations:
    """The loop's own dimension is `x0`. An access that happens lies inside its array."""
    around = loops_from(loop, access, facts.loops)
    dims = {variable(c.variable): f"x{k}" for k, c in enumerate(around)}
    own = frozenset(c.variable for c in around)
    space = Space(dims, Parameters(), loop.written - own, facts.naming_at(loop.around))
    known = [space.range(c) for c in around] + [space.guards(access.touch.context.guards, loop, facts.loops)]
    row, extents = space.affine(access.subscripts[0]), facts.extents.get(access.touch.symbol)
    extent = space.affine(extents.dimensions[0]) if extents is not None else None
    if row is not None and extent is not None:
        known.append(f"0 <= {row} < {extent}")
    return Iterations(space, tuple(dims.values()), tuple(known))


def window(access: Access, loop: LoopInfo, facts: Facts) -> tuple[int, int] | None:
    """How far the row is from the iteration's own, least and most; None if it is not within reach."""
    row = access.subscripts[0]
    if not is_pieced(row):
        return None
    where = iterations(access, loop, facts)
    here = where.space.affine(row)
    if here is None or not where.always(f"{here} < x0 - {REACH} or {here} > x0 + {REACH}"):
        return None
    return where.range(f"{here} - x0")


def unwrapped(access: Access, loop: LoopInfo, facts: Facts) -> Iterator[Polynomial]:
    """Values that are the row up to whole turns around the array, in every iteration."""
    row, extents = access.subscripts[0], facts.extents.get(access.touch.symbol)
    if row is None or extents is None or not is_pieced(row) or access.touch.write:
        return
    where = iterations(access, loop, facts)
    here, extent = where.space.affine(row), where.space.affine(extents.dimensions[0])
    if here is None or extent is None:
        return
    for near in _candidates(row, extents.dimensions[0]):
        there = where.space.affine(near)
        if there is not None and where.always(no_whole_turns(here, there, extent)):
            yield near


def no_whole_turns(here: str, there: str, extent: str) -> str:
    """That two rows are not whole turns apart: what is between neighbouring turns, and before and behind all of them.
    An extent is larger than 0 where there is a row; one inequality for each turn would be the same in 2^n pieces."""
    turns = [f"{there} + {k}*({extent})" for k in range(-TURNS, TURNS + 1)]
    between = (f"{one} < {here} < {other}" for one, other in itertools.pairwise(turns))
    return " or ".join((f"{here} < {turns[0]}", *between, f"{turns[-1]} < {here}"))


def _candidates(row: Polynomial, extent: Polynomial) -> Iterator[Polynomial]:
    """What the pieces of the row would be without the wrapping."""
    found: dict[Polynomial, None] = {}
    pending = [row]
    while pending:
        value = pending.pop()
        pieced = [a for a in value.atoms if _leaves(a.origin)]
        if not pieced:
            found |= dict.fromkeys(value - extent.scaled(k) for k in range(-TURNS, TURNS + 1))
        for atom in pieced[:1]:
            leaves = _leaves(atom.origin)
            pending += [value.substitute({atom: leaf}) for leaf in leaves]
    yield from found


def _leaves(origin: object) -> list[Polynomial]:
    match origin:
        case Remainder(dividend=dividend):
            return [dividend]
        case Choice(then=then, otherwise=otherwise):
            return [then, otherwise]
    return []
