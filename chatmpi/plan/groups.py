"""Arrays that meet in a distributed loop share one partition: one index range, one offset, one halo width."""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass

from chatmpi.analysis.facts import Facts
from chatmpi.analysis.memory.subscripts import strictest
from chatmpi.analysis.numbers.polynomial import Polynomial
from chatmpi.analysis.tree import Symbol
from chatmpi.plan.distribute import Treated
from chatmpi.plan.elements import Guarded
from chatmpi.plan.fit import Fit, requirements
from chatmpi.plan.plan import Halo


@dataclass(frozen=True, slots=True)
class Group:
    """Aligned arrays; `extent` is the largest of their row counts, `halo` the widest need of any, `min_block` the
    least number of rows that any block must have, `requires` the least values of other extents; `periodic`: the
    first rows are the neighbours of the last."""

    name: str
    arrays: frozenset[Symbol]
    extent: Polynomial
    halo: Halo
    min_block: int
    requires: tuple[tuple[Polynomial, int], ...]
    periodic: bool = False

    @property
    def conditions(self) -> tuple[str, ...]:
        return tuple(f"{extent.text()} >= {least}" for extent, least in self.requires)


@dataclass(frozen=True, slots=True)
class Clash:
    """Two arrays would have to share a partition and cannot: `array` is the one to replicate."""

    array: Symbol
    reason: str


def groups(facts: Facts, treated: Treated) -> tuple[Group, ...] | Clash:
    sets = _connected(facts, treated)
    found: list[Group] = []
    for together in sets:
        members = sorted(together, key=lambda s: s.uid)
        extent = facts.extents[members[0]].dimensions[0]
        for s in members[1:]:
            difference = (facts.extents[s].dimensions[0] - extent).constant
            if difference is None:
                return Clash(s, f"its {facts.extents[s].dimensions[0].text()} rows do not match {members[0]}'s")
            if difference > 0:
                extent = facts.extents[s].dimensions[0]
        wrapped = [s for s in members if any(s in f.wraps for f in treated.fits)]
        for s in wrapped:
            if facts.extents[s].dimensions[0] != extent:
                return Clash(s, "it is read around its ends, and arrays that go with it have more rows")
        halo = _halo(members, treated)
        narrowest = max(1, halo.width, end_rows(extent, treated.guards, frozenset(members), facts))
        name = _name(members, facts, len(found))
        requires = required(frozenset(members), treated.fits, facts)
        found.append(Group(name, frozenset(members), extent, halo, narrowest, requires, bool(wrapped)))
    return tuple(found)


def _connected(facts: Facts, treated: Treated) -> list[frozenset[Symbol]]:
    together: dict[Symbol, set[Symbol]] = {}
    met = [f.arrays for f in treated.fits]
    met += [frozenset(f.visit.arrays) for f in treated.fits if f.visit is not None]
    met += [g.arrays for g in treated.guards]
    met += [p.arrays for p in treated.prints if p.extent is not None]
    met += [frozenset({s}) for p in treated.prints for s in p.arrays]
    met += [frozenset({k.access.touch.symbol}) for k in treated.kept]
    met += [frozenset({f.access.touch.symbol}) for f in treated.fetches]
    met += [frozenset({c.array}) for c in (*treated.copies, *(c for f in treated.fits for c in f.copies))]
    met += [frozenset({w.array}) for w in treated.wholes] + [frozenset({x.array}) for x in treated.scattered]
    met += [
        frozenset(t for t, _ in s.moves) for s in facts.arrays.swaps if any(t in a for a in met for t, _ in s.moves)
    ]
    for arrays in met:
        merged: set[Symbol] = set(arrays)
        for s in arrays:
            merged |= together.get(s, set())
        for s in merged:
            together[s] = merged
    unique: list[frozenset[Symbol]] = []
    for members in together.values():
        if frozenset(members) not in unique:
            unique.append(frozenset(members))
    return sorted(unique, key=lambda g: min(s.uid for s in g))


def _halo(members: list[Symbol], treated: Treated) -> Halo:
    halo = Halo()
    for needs in [*(f.needs for f in treated.fits), *(g.needs for g in treated.guards)]:
        for s, h in needs.items():
            if s in members:
                halo = halo.union(h)
    return halo


def required(members: Set[Symbol], fits: Iterable[Fit], facts: Facts) -> tuple[tuple[Polynomial, int], ...]:
    """What the loops over these arrays, and the shapes of the arrays, ask of inner extents."""
    shapes = [facts.shapes[s] for s in members if s in facts.shapes]
    loops = [requirements(f, facts) for f in fits if f.arrays & members]
    asked = strictest([*(dict(shape.assumed) for shape in shapes), *loops])
    return tuple(sorted(asked.items(), key=lambda item: item[0].terms))


def end_rows(extent: Polynomial, guards: Iterable[Guarded], members: Set[Symbol], facts: Facts) -> int:
    """How many rows the first and the last block must have for guarded statements near an end."""
    rows = 0
    for g in guards:
        for s, end in g.ends.items():
            if s in members:
                missing = (extent - facts.extents[s].dimensions[0]).constant or 0
                rows = max(rows, end.rows + (missing if end.last else 0))
    return rows


def _name(members: list[Symbol], facts: Facts, number: int) -> str:
    """`row` for matrices, `item` for vectors; numbered from the second on."""
    stem = "row" if any(len(facts.extents[s].dimensions) > 1 for s in members) else "item"
    return stem if number == 0 else f"{stem}{number + 1}"
