"""Entries that lie row by row where row starts say, once these have been counted: compressed rows, CSR and CSC.

    for (i = 0; i < n; i++) start[i + 1] += start[i];
    for (i = 0; i < n; i++) { k = start[i]; ... col[k] = j; val[k++] = v; ... }
    for (i = 0; i < n; i++) for (k = start[i]; k < start[i + 1]; k++) y[i] += val[k]*x[col[k]];

Iteration i touches entries from start[i] on, and below start[i + 1]: those of rows do not meet, if starts never fall.
So whoever runs row i needs its entries only, and nobody else does. That starts do not fall, and that a row has room for
what is put there, is for the program to test while it runs: a loop's `checks` say what must not lie past a row's end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.memory.entries import Seen, by_element_only
from chatmpi.analysis.memory.row_places import Place, RowCheck, Rows
from chatmpi.analysis.surroundings import jumps_on, statements_of
from chatmpi.analysis.touches import ElementTouch
from chatmpi.analysis.tree import Symbol


@dataclass(frozen=True, slots=True)
class Compressed:
    """`starts`: where each row begins, and behind the last, its end; `arrays`: what is held for each entry; `rows`: the
    loops over rows, in which alone entries are touched."""

    starts: Symbol
    arrays: frozenset[Symbol]
    rows: frozenset[int]
    checks: tuple[RowCheck, ...]

    @property
    def loops(self) -> frozenset[int]:
        return self.rows

    @property
    def apart(self) -> frozenset[Symbol]:
        """The arrays of which each rank has its own entries."""
        return self.arrays


def find_compressed(p: Seen) -> tuple[Compressed, ...]:
    """The structures of which each rank can keep the entries of its own rows."""
    index = {id(t): k for k, t in enumerate(p.touches.items)}
    found: list[Compressed] = []
    for starts in _starts(p):
        one = _structure(Rows(p, starts, index))
        if one is not None and not any(one.arrays & other.arrays for other in found):
            found.append(one)
    return tuple(found)


def _starts(p: Seen) -> tuple[Symbol, ...]:
    """Arrays of whole numbers that loops read."""
    named = (t.symbol for t in p.touches.items if isinstance(t, ElementTouch) and t.read and t.context.loops)
    return tuple(s for s in dict.fromkeys(named) if _is_whole(s) and p.arrays.is_tracked(s))


def _is_whole(array: Symbol) -> bool:
    kind = array.type.target if isinstance(array.type, tree.Pointer) else array.type
    kind = kind.element if isinstance(kind, tree.Array) else kind
    return isinstance(kind, tree.Scalar) and kind.is_integer


def _structure(by: Rows) -> Compressed | None:
    places = _places(by)
    rows = {x.row for many in places.values() for x in many}
    known = any(x.check is None for many in places.values() for x in many)  # that rows end where the next one starts
    if not known or not _agree(rows, by.p) or not _are_settled(by, rows):
        return None
    begin = min(by.p.touches.ranges[i][0] for i in rows)
    if not all(by_element_only(s, begin, begin, by.p) for s in (*places, by.starts)):
        return None
    every = [x.check for many in places.values() for x in many if x.check is not None]
    checks = tuple({c.key: c for c in every}.values())
    falls = tuple(_falls(frozenset(places), rows, checks, by.p))
    if any(jumps_on(by.p.loops[c.row].stmt.body) for c in (*checks, *falls)):
        return None
    return Compressed(by.starts, frozenset(places), frozenset(rows), (*checks, *falls))


def _places(by: Rows) -> dict[Symbol, list[Place]]:
    """The arrays of which loops fill rows, and of which only entries of rows are touched: where this is."""
    found: dict[Symbol, list[Place]] = {}
    unfit, filled = {by.starts}, set[Symbol]()
    for t in by.p.touches.items:
        if isinstance(t, ElementTouch) and t.symbol not in unfit:
            place = by.place(t)
            filled |= {t.symbol} if t.write else set()
            if place is None:
                unfit.add(t.symbol)
            else:
                found.setdefault(t.symbol, []).append(place)
    return {s: many for s, many in found.items() if s not in unfit and s in filled}


def _agree(rows: set[int], p: Seen) -> bool:
    """Whether loops over rows all run through the same ones, from the first."""
    forms = [p.loops[i].canonical for i in rows]
    ends = {f.upper for f in forms if f is not None}
    whole = all(f is not None and f.lower is not None and f.lower.constant == 0 for f in forms)
    single = all(abs(f.step) == 1 and not isinstance(f.stmt, tree.BlockLoop) for f in forms if f is not None)
    return whole and single and len(ends) == 1 and None not in ends


def _are_settled(by: Rows, rows: set[int]) -> bool:
    """Whether row starts have their last values before all loops over rows, and those around them."""
    begin = min(by.p.touches.ranges[by.p.loops[i].around[0]][0] for i in rows)
    items = by.p.touches.items[begin:]
    return not any(isinstance(t, ElementTouch) and t.symbol == by.starts and t.write for t in items)


def _falls(arrays: frozenset[Symbol], rows: set[int], checks: tuple[RowCheck, ...], p: Seen) -> Iterator[RowCheck]:
    """Checks that starts do not fall, in loops that fill rows, where no other one shows it in every iteration."""
    for i in sorted(rows):
        inside = [t for t in p.touches.of(i) if isinstance(t, ElementTouch) and t.symbol in arrays]
        if any(t.write for t in inside) and not any(c.row == i and c.always for c in checks):
            last = p.touches.items.index(inside[-1])
            ranges = [(s.id, p.touches.ranges[s.id]) for s in statements_of(p.loops[i].stmt.body)]
            yield RowCheck(i, next(s for s, (begin, end) in ranges if begin <= last < end))
