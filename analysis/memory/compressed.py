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
from chatmpi.analysis.memory.entries import Seen, are_settled, by_element_only
from chatmpi.analysis.memory.row_places import Place, RowCheck, Rows
from chatmpi.analysis.surroundings import jumps_on, statements_of
from chatmpi.analysis.touches import ElementTouch
from chatmpi.analysis.tree import Symbol


@dataclass(frozen=True, slots=True)
class Compressed:
    """`starts`: where each row begins, and behind the last, its end; `arrays`: what is held for each entry; `rows`: the
    loops over rows, and `entries`: those over all entries, in which alone these are touched. `checks`: what is tested
    in loops over rows."""

    starts: Symbol
    arrays: frozenset[Symbol]
    rows: frozenset[int]
    entries: frozenset[int]
    checks: tuple[RowCheck, ...]

    @property
    def loops(self) -> frozenset[int]:
        return self.rows | self.entries

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
    every = [x for many in places.values() for x in many]
    rows = {x.loop for x in every if x.rows is None}
    entries = {x.loop for x in every if x.rows is not None}
    known = any(x.check is None and x.rows is None for x in every)  # that rows end where the next one starts
    if not known or not _agree(rows, by.p) or not _are_settled(by, rows, entries):
        return None
    if {x.rows for x in every if x.rows is not None} - {f.upper for i in rows if (f := by.p.loops[i].canonical)}:
        return None
    begin = min(by.p.touches.ranges[i][0] for i in rows)
    if not all(by_element_only(s, begin, begin, by.p) for s in (*places, by.starts)):
        return None
    checks = tuple({c.key: c for x in every if (c := x.check) is not None}.values())
    falls = tuple(_falls(frozenset(places), rows, entries, checks, by.p))
    if any(jumps_on(by.p.loops[c.row].stmt.body) for c in (*checks, *falls)):
        return None
    return Compressed(by.starts, frozenset(places), frozenset(rows), frozenset(entries), (*checks, *falls))


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


def _are_settled(by: Rows, rows: set[int], entries: set[int]) -> bool:
    """Whether row starts, and their number, have their last values before all these loops, and those around them."""
    begin = min(by.p.touches.ranges[by.p.loops[i].around[0]][0] for i in rows | entries)
    items = by.p.touches.items[begin:]
    if any(isinstance(t, ElementTouch) and t.symbol == by.starts and t.write for t in items):
        return False
    ends = (f.upper for i in rows if (f := by.p.loops[i].canonical) is not None)
    return are_settled({s for end in ends if end is not None for s in end.symbols}, begin, by.p)


def _falls(
    arrays: frozenset[Symbol], rows: set[int], entries: set[int], checks: tuple[RowCheck, ...], p: Seen
) -> Iterator[RowCheck]:
    """Checks that starts do not fall, where no other one shows it in every iteration: in loops that fill rows, and, if
    loops over all entries do so, in all."""
    touched = {
        i: [t for t in p.touches.of(i) if isinstance(t, ElementTouch) and t.symbol in arrays] for i in rows | entries
    }
    everywhere = any(t.write for i in entries for t in touched[i])
    for i in sorted(rows):
        if (everywhere or any(t.write for t in touched[i])) and not any(c.row == i and c.always for c in checks):
            last = p.touches.items.index(touched[i][-1])
            ranges = [(s.id, p.touches.ranges[s.id]) for s in statements_of(p.loops[i].stmt.body)]
            yield RowCheck(i, next(s for s, (begin, end) in ranges if begin <= last < end))
