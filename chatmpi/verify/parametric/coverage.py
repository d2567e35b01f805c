"""Whether the ranges that the ranks loop over are together what one rank alone loops over: for all sizes.

A loop whose bounds differ between ranks is a part of a decomposition. By global indices, its ranges are disjoint and
cover the range that it has on one rank; by local ones, their lengths add up. This is shown by isl at each number of
ranks in turn, for all sizes at once, up to a number of walks through the program or of isl's operations. What
fails is no fault by itself, as ranks may well do work twice: it says at which size and number of ranks a simulation
may find one.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import islpy as isl

from chatmpi.analysis import tree
from chatmpi.analysis.source import Location
from chatmpi.analysis.tree import Program
from chatmpi.verify.parametric.quantities import Space
from chatmpi.verify.parametric.walk import Bounds, Walk, unsure
from chatmpi.verify.simulate.small_sizes import choose
from chatmpi.verify.sizes import definitions
from chatmpi.verify.verdict import Check

MOST_RANKS = 64
_SHOWN = {
    "partition": "the ranks' ranges do not overlap and are together the whole range",
    "lengths": "the ranks' iterations are together as many as those of one rank",
}
_ENOUGH = 4  # ranks that something has to be shown up to
_OPERATIONS = 1_000_000  # of isl, for one number of ranks
MOST_NODES = 250_000  # of the program's tree, met in a walk for each rank


@dataclass(frozen=True)
class Witness:
    """Sizes and a number of ranks at which the ranges are no partition."""

    sizes: tuple[tuple[str, int], ...]
    ranks: int


@dataclass
class Coverage:
    """Of one loop. `ranks`: up to how many it is shown; `kind`: "partition", or "lengths" where only these add up."""

    location: Location
    kind: str = "partition"
    ranks: int = 0
    witness: Witness | None = None


def checks(program: Program) -> tuple[Check, ...]:
    """What is shown, in words."""
    return tuple(
        Check(
            "proved",
            f"the loop at line {c.location.line}: {_SHOWN[c.kind]}",
            f"all sizes from 1 up whose bounds do not overflow, at each of 1 to {c.ranks} ranks",
        )
        for c in coverages(program)
        if c.witness is None
    )


@dataclass
class _Study:
    """Loops with their ranges, by the number of ranks."""

    program: Program
    space: Space
    defined: dict[int, str]
    unsure: set[int]
    memory: dict[int, set[int]] = field(default_factory=dict)
    alone: dict[tuple[int, ...], Bounds | None] = field(default_factory=dict)
    found: dict[tuple[int, ...], Coverage] = field(default_factory=dict)
    failed: dict[tuple[int, ...], Witness] = field(default_factory=dict)
    walks: int = 0  # that may still be made


def coverages(program: Program, most_nodes: int = MOST_NODES) -> list[Coverage]:
    """What can be said of each loop that is divided, with as many nodes of the tree met."""
    sizes = _sizes(program)
    study = _Study(program, Space(tuple(sizes.values())), sizes, unsure(program))
    study.walks = most_nodes // sum(1 for f in program.functions for _ in tree.walk(f))
    study.space.context.set_max_operations(_OPERATIONS)
    try:
        study.alone = _walked(study, 0, 1)
        for ranks in range(2, MOST_RANKS + 1):
            study.space.context.reset_operations()
            if not _tried(study, ranks):
                break
    except isl.Error:
        pass  # too many operations: what was shown before holds
    shown = [c for c in study.found.values() if c.ranks >= _ENOUGH]
    lost = [Coverage(_location(program, k), witness=w) for k, w in study.failed.items()]
    return sorted((*shown, *lost), key=lambda c: (c.location.line, c.location.column))


def _sizes(program: Program) -> dict[int, str]:
    """Sizes of one definition each, by where their value stands."""
    known = list(definitions(program))
    names, choice = [d.name for d in known], choose(program)
    wanted = {*choice.sizes, *choice.steps}
    return {d.span.begin: d.name for d in known if d.name in wanted and names.count(d.name) == 1}


def _walked(study: _Study, rank: int, ranks: int) -> dict[tuple[int, ...], Bounds | None]:
    walk = Walk(study.program, study.space, rank, ranks, study.defined, study.unsure, study.memory)
    walk.main()
    return walk.loops


def _tried(study: _Study, ranks: int) -> bool:
    """All loops at one number of ranks; whether so many walks may be made and there are loops left."""
    study.walks -= ranks
    if study.walks < 0:
        return False
    walks = [_walked(study, rank, ranks) for rank in range(ranks)]
    if ranks == 2:
        for key in walks[0]:
            if _is_divided(key, walks):
                study.found[key] = Coverage(_location(study.program, key))
    for key, coverage in list(study.found.items()):
        bounds = [w.get(key) for w in walks]
        alone = study.alone.get(key)
        if alone is None or any(b is None for b in bounds):
            del study.found[key]
            continue
        known = [b for b in bounds if b is not None]
        witness = _not_partitioned(study.space, alone, known) if coverage.kind == "partition" else None
        if ranks == 2 and witness is not None:
            coverage.kind = "lengths"
        if coverage.kind == "lengths":
            witness = _not_adding_up(study.space, alone, known)
        if witness is not None:
            study.failed[key] = Witness(_named(study, witness), ranks)
            del study.found[key]
            continue
        coverage.ranks = ranks
    return bool(study.found)


def _is_divided(key: tuple[int, ...], walks: list[dict[tuple[int, ...], Bounds | None]]) -> bool:
    a, b = walks[0].get(key), walks[1].get(key)
    return a is not None and b is not None and not (a.low.is_equal(b.low) and a.high.is_equal(b.high))


def _location(program: Program, key: tuple[int, ...]) -> Location:
    loop = next(n for f in program.functions for n in tree.walk(f) if isinstance(n, tree.For) and n.id == key[-1])
    return program.source.location(loop.span.begin)


def iterations(space: Space, b: Bounds) -> isl.Set:
    """The sizes, and the iterations of the loop at each."""
    i = space.point()
    found = b.where.intersect(b.low.le_set(i)).intersect(i.lt_set(b.high))
    if b.step > 1:
        found = found.intersect(i.sub(b.low).tdiv_r(space.quantity(str(b.step))).eq_set(space.quantity("0")))
    return found.intersect(space.whole())


def _not_partitioned(space: Space, alone: Bounds, bounds: list[Bounds]) -> isl.Set | None:
    """Where the ranks' iterations overlap, or are not those of one rank; None if nowhere."""
    wanted = iterations(space, alone)
    united: isl.Set | None = None
    for b in bounds:
        own = iterations(space, b)
        if united is not None and not (twice := united.intersect(own)).is_empty():
            return twice
        united = own if united is None else united.union(own).coalesce()
    assert united is not None
    wrong = united.subtract(wanted).union(wanted.subtract(united))
    return None if wrong.is_empty() else wrong


def _not_adding_up(space: Space, alone: Bounds, bounds: list[Bounds]) -> isl.Set | None:
    """Where the lengths of the ranks' ranges are not those of one rank together; None if nowhere."""
    if alone.step != 1 or any(b.step != 1 for b in bounds):
        return space.whole()
    total = space.quantity("0")
    for b in bounds:
        total = total.add(_length(space, b)).coalesce()
    wrong = total.ne_set(_length(space, alone)).intersect(space.whole())
    return None if wrong.is_empty() else wrong


def _length(space: Space, b: Bounds) -> isl.PwAff:
    zero = space.quantity("0")
    length = b.high.sub(b.low).max(zero).intersect_domain(b.where)
    return length.union_add(zero.subtract_domain(length.domain())).coalesce()


def _named(study: _Study, wrong: isl.Set) -> tuple[tuple[str, int], ...]:
    """The least sizes at which something is wrong."""
    sizes = study.space.sizes
    last = wrong.project_out(isl.dim_type.param, len(sizes), 1)
    point = last.from_params().move_dims(isl.dim_type.set, 0, isl.dim_type.param, 0, len(sizes)).lexmin().sample_point()
    values = [point.get_coordinate_val(isl.dim_type.set, k).to_python() for k in range(len(sizes))]
    return tuple(zip(sizes, values, strict=True))
