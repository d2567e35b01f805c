"""Whether the ranges that the ranks loop over are together what one rank alone loops over: for all sizes.

A loop whose bounds differ between ranks is a part of a decomposition. By global indices, its ranges are disjoint and
cover the range that it has on one rank; by local ones, their lengths add up. This is shown by isl at each number of
ranks in turn, for all sizes at once. What fails is no fault by itself, as ranks may well do work twice: it says at
which size and number of ranks a simulation may find one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import islpy as isl

from chatmpi.analysis.numbers.pieces import Comparison, Condition
from chatmpi.analysis.numbers.polynomial import ONE, Polynomial, of_atom
from chatmpi.verify.parametric.any_rank import never
from chatmpi.verify.parametric.integer_sets import At, Space, whole_number
from chatmpi.verify.parametric.met import Bounds, Where
from chatmpi.verify.parametric.quantities import (
    RANK,
    RANKS,
    Iteration,
    Unfit,
    atoms_of,
    atoms_of_condition,
    depends_on,
    with_rank,
)
from chatmpi.verify.parametric.signs import never_negative
from chatmpi.verify.parametric.sums import sum_of


@dataclass(frozen=True)
class Witness:
    """Sizes, a number of ranks, and a rank (-1: no one alone), at which something does not hold."""

    sizes: tuple[tuple[str, int], ...]
    ranks: int
    rank: int = -1


@dataclass
class Coverage:
    """Of loops with the same bounds, by their keys. `ranks`: up to how many it is shown; `kind`: "partition", or
    "lengths" where only these add up; `natural`: at all these ranks no length is negative."""

    keys: list[tuple[int, ...]]
    bounds: Bounds
    kind: str = "partition"
    ranks: int = 0
    natural: bool = True
    witness: Witness | None = None

    def __post_init__(self) -> None:
        b = self.bounds
        self.next_low = with_rank(b.low, _NEXT)
        self.joined = self.next_low == b.high  # each range begins where the one before it ends, at any number of ranks
        self.length = b.high - b.low
        self.sum, self.rest = sum_of(self.length)
        self.surely_natural = never_negative(self.length)
        self.where = tuple(c for c in b.where if _differs(c))


_SURELY = 2  # ranks: local ranges are together that of one rank if this is alone
_NEXT = of_atom(RANK) + ONE


def divided_loops(context: isl.Context, loops: dict[tuple[int, ...], Bounds | None]) -> list[Coverage]:
    """Those whose bounds are known and depend on the rank, and on no other loop. Raises isl.Error where it needs too
    many operations."""
    found: dict[tuple[Polynomial, Polynomial, int, Where], Coverage] = {}
    for key, b in loops.items():
        if b is not None and (depends_on(b.low, RANK) or depends_on(b.high, RANK)) and _is_outermost(b):
            made = Coverage([], b)
            found.setdefault((b.low, b.high, b.step, made.where), made).keys.append(key)
    for c in found.values():
        if c.rest.terms and never(context, (Comparison("!=", c.rest),)):
            c.rest = Polynomial()
        c.joined = c.joined or never(context, (Comparison("!=", c.next_low - c.bounds.high),))
        c.surely_natural = c.surely_natural or never(context, (Comparison("<", c.length),))
    return list(found.values())


def covered(c: Coverage, alone: At, ranks: tuple[At, ...]) -> bool:
    """Whether it holds at so many ranks. Where it does not, or cannot be told, nothing more is asked: `witness` says
    where. Raises isl.Error where it needs too many operations."""
    was_natural, c.natural = c.natural, True
    try:
        wrong = _not_partitioned(c, alone, ranks) if c.kind == "partition" else None
        if c.kind == "partition" and wrong is not None and c.ranks < _SURELY:
            c.kind = "lengths"
        if c.kind == "lengths":
            wrong = _not_adding_up(c, alone, ranks)
    except Unfit:
        c.natural = was_natural
        return False
    if wrong is not None:
        c.natural, c.witness = was_natural, Witness(named(alone.space, wrong), len(ranks))
        return False
    c.natural, c.ranks = c.natural and was_natural, len(ranks)
    return True


def _differs(c: Condition) -> bool:
    """Whether it may hold at some ranks, or among some numbers of ranks, only; turns of loops around count as one."""
    atoms = atoms_of_condition(c)
    return RANK in atoms or (RANKS in atoms and not any(isinstance(a.origin, Iteration) for a in atoms))


def facts(loops: Iterable[Coverage]) -> list[tuple[Condition, int]]:
    """What is known of the bounds of loops that are covered, at each rank, and up to how many ranks."""
    return [(Comparison(">=", c.length), c.ranks) for c in loops if c.natural and c.ranks]


def _is_outermost(b: Bounds) -> bool:
    return not any(isinstance(a.origin, Iteration) for q in (b.low, b.high) for a in atoms_of(q))


def iterations(at: At, c: Coverage) -> isl.Set:
    """The sizes, and the iterations of the loop at each, by the first point."""
    space, b = at.space, c.bounds
    i = space.point(0)
    low = at.value(b.low)
    found = at.all_hold(c.where).intersect(low.le_set(i)).intersect(i.lt_set(at.value(b.high)))
    if b.step > 1:
        found = found.intersect(i.sub(low).tdiv_r(space.number(b.step)).eq_set(space.number(0)))
    return found


def _not_partitioned(c: Coverage, alone: At, ranks: tuple[At, ...]) -> isl.Set | None:
    """Where the ranks' iterations overlap, or are not those of one rank; None if nowhere."""
    if not c.where and c.bounds.step == 1 and _is_a_chain(c, alone, ranks):
        return None
    c.natural = False
    wanted = iterations(alone, c)
    united: isl.Set | None = None
    for at in ranks:
        own = iterations(at, c)
        if united is not None and not (twice := united.intersect(own)).is_empty():
            return twice
        united = own if united is None else united.union(own).coalesce()
    assert united is not None
    wrong = united.subtract(wanted).union(wanted.subtract(united))
    return None if wrong.is_empty() else wrong


def _is_a_chain(c: Coverage, alone: At, ranks: tuple[At, ...]) -> bool:
    """Whether each range begins where the one before it ends."""
    low, high, whole = c.bounds.low, c.bounds.high, alone.space.whole

    def nowhere(a: isl.PwAff, b: isl.PwAff, wrong: Callable[[isl.PwAff, isl.PwAff], isl.Set]) -> bool:
        return bool(wrong(a, b).intersect(whole).is_empty())

    ends_meet = nowhere(ranks[0].value(low), alone.value(low), isl.PwAff.ne_set)
    ends_meet = ends_meet and nowhere(ranks[-1].value(high), alone.value(high), isl.PwAff.ne_set)
    if not ends_meet or (c.joined and c.surely_natural):
        return ends_meet
    begins, ends = [at.value(low) for at in ranks], [at.value(high) for at in ranks]
    return (c.joined or all(nowhere(e, b, isl.PwAff.ne_set) for e, b in zip(ends, begins[1:], strict=False))) and (
        c.surely_natural or all(nowhere(b, e, isl.PwAff.gt_set) for b, e in zip(begins, ends, strict=True))
    )


def _not_adding_up(c: Coverage, alone: At, ranks: tuple[At, ...]) -> isl.Set | None:
    """Where the lengths of the ranks' ranges are not those of one rank together; None if nowhere."""
    space = alone.space
    if c.bounds.step != 1:
        return space.whole
    zero = space.number(0)
    c.natural = c.surely_natural or all(
        at.value(c.length).lt_set(zero).intersect(space.whole).is_empty() for at in ranks
    )
    if c.natural and not c.where and (not c.rest.terms or all(_is_zero(at, c.rest) for at in ranks)):
        last = At(space, len(ranks), len(ranks))
        total = last.value(c.sum).sub(ranks[0].value(c.sum))
    else:
        total = zero
        for at in ranks:
            total = total.add(_counted(c, at, at.value(c.length))).coalesce()
    wrong = total.ne_set(_counted(c, alone, alone.value(c.length))).intersect(space.whole)
    return None if wrong.is_empty() else wrong


def _is_zero(at: At, q: Polynomial) -> bool:
    value = at.value(q)
    return bool(value.ne_set(at.space.number(0)).intersect(at.space.whole).is_empty())


def _counted(c: Coverage, at: At, length: isl.PwAff) -> isl.PwAff:
    """How many iterations a rank does, 0 where it does not reach the loop."""
    zero, where = at.space.number(0), at.all_hold(c.where)
    return length.max(zero).intersect_domain(where).union_add(zero.subtract_domain(where))


def named(space: Space, wrong: isl.Set) -> tuple[tuple[str, int], ...]:
    """The least sizes at which something is wrong."""
    sizes = space.sizes
    last = wrong.project_out(isl.dim_type.param, len(sizes), space.points)
    point = last.from_params().move_dims(isl.dim_type.set, 0, isl.dim_type.param, 0, len(sizes)).lexmin().sample_point()
    values = [whole_number(point.get_coordinate_val(isl.dim_type.set, k)) for k in range(len(sizes))]
    return tuple(zip(sizes, values, strict=True))
