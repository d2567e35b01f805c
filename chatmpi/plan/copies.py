"""Rows of distributed arrays that every rank reads: their owner broadcasts them, and the others read the copy.

A row can be copied before a loop if the loop does not change which row it is, and if all that is read of it there
is what was there before the loop.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chatmpi.analysis.dependence import may_precede
from chatmpi.analysis.domains import Parameters, Space, isl_set
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.loops import LoopInfo
from chatmpi.analysis.polynomial import ONE, Polynomial, variable
from chatmpi.analysis.subscripts import Access
from chatmpi.analysis.tree import Symbol
from chatmpi.plan.freshness import swapped_in


@dataclass(frozen=True, slots=True)
class Copied:
    """`row` of `array`, broadcast by its owner before the loop `statement`; `accesses` read the copy. `element`: the
    subscripts within the row where one element is all that is read; None where the whole row is sent."""

    statement: int
    array: Symbol
    row: Polynomial
    element: tuple[Polynomial, ...] | None
    accesses: tuple[Access, ...]

    def words(self, facts: Facts) -> Polynomial:
        return facts.extents[self.array].row_words if self.element is None else ONE


def copied(info: LoopInfo, accesses: Iterable[Access], facts: Facts) -> tuple[Copied, ...]:
    """The copies, made before the loop `info`, that `accesses` inside it can read (each of them `steady` there)."""
    by_row: dict[tuple[Symbol, Polynomial], list[Access]] = {}
    for a in accesses:
        row = a.subscripts[0]
        assert row is not None
        by_row.setdefault((a.touch.symbol, row), []).append(a)
    return tuple(
        Copied(info.stmt.id, symbol, row, _element(info, many, facts), tuple(many))
        for (symbol, row), many in by_row.items()
    )


def _element(info: LoopInfo, accesses: Sequence[Access], facts: Facts) -> tuple[Polynomial, ...] | None:
    """The subscripts behind the first, if they are the same everywhere and do not change in the loop."""
    if facts.extents[accesses[0].touch.symbol].row_words == ONE:
        return ()
    inner = {a.subscripts[1:] for a in accesses}
    found = [p for p in inner.pop() if p is not None and not p.symbols & info.written and not _shadowed(p, facts)]
    depth = len(accesses[0].subscripts) - 1
    return tuple(found) if not inner and len(found) == depth else None


def steady(access: Access, info: LoopInfo, facts: Facts, whenever: bool = False) -> bool:
    """Whether `access` reads, all through the loop, one row as it was before the loop. `whenever`: nothing that it
    reads is written in the loop at all, earlier or later."""
    row = access.subscripts[0]
    touch = access.touch
    inside = info.stmt.id in touch.context.loops
    if row is None or touch.write or not inside or touch.context.opaque or touch.symbol not in facts.extents:
        return False
    if row.symbols & info.written or _shadowed(row, facts) or swapped_in(info.stmt.id, touch.symbol, facts):
        return False
    position = {id(t): k for k, t in enumerate(facts.touches.of(info.stmt.id))}
    naming = facts.naming_at(info.around)
    for other in facts.accesses_in(info.stmt.id)[touch.symbol]:
        if other.touch.write and info.stmt.id in other.touch.context.loops:
            later = position[id(other.touch)] > position[id(touch)]
            if may_precede(info, other, access, facts.loops, naming, later, whenever):
                return False
    return True


def _shadowed(value: Polynomial, facts: Facts) -> bool:
    return any(s.name in facts.shadowed for s in value.symbols)


def moved_out(copies: Iterable[Copied], facts: Facts) -> tuple[Copied, ...]:
    """Each copy made before the outermost loop through which nothing changes."""
    found: list[Copied] = []
    for c in copies:
        around = facts.loops[c.statement].around[:-1]
        outer = next((i for i in around if all(steady(a, facts.loops[i], facts) for a in c.accesses)), None)
        found += [c] if outer is None else copied(facts.loops[outer], c.accesses, facts)
    return tuple(found)


def surely_inside(row: Polynomial, array: Symbol, statement: int, facts: Facts) -> bool:
    """Whether `row` is one of the array's rows whenever control comes to the loop `statement`."""
    info = facts.loops[statement]
    around = [c for i in info.around[:-1] if (c := facts.loops[i].canonical) is not None]
    dims = {variable(c.variable): f"x{k}" for k, c in enumerate(around)}
    space = Space(dims, Parameters(), frozenset(), facts.naming_at(info.around))
    here, limit = space.affine(row), space.affine(facts.extents[array].dimensions[0])
    if here is None or limit is None:
        return False
    known = [space.range(c) for c in around]
    return bool(
        isl_set(space.parameters, list(dims.values()), [*known, f"({here} < 0 or {here} >= {limit})"]).is_empty()
    )
