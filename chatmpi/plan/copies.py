"""Rows of distributed arrays that every rank reads: their owner broadcasts them, and the others read the copy.

A row can be copied before a loop if the loop does not change which row it is, and if all that is read of it there
is what was there before the loop. So can a column, of which every rank has a part: they are gathered.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chatmpi.analysis.facts import Facts
from chatmpi.analysis.iterations.dependence import may_precede
from chatmpi.analysis.loops import LoopInfo
from chatmpi.analysis.memory.subscripts import Access
from chatmpi.analysis.numbers.domains import Parameters, Space, holds_nowhere
from chatmpi.analysis.numbers.polynomial import ONE, Polynomial, variable
from chatmpi.analysis.tree import Symbol
from chatmpi.plan.freshness import swapped_in


@dataclass(frozen=True, slots=True)
class Copied:
    """`row` of `array`, broadcast by its owner before the loop `statement`; `accesses` read the copy. `element`: the
    subscripts within the row where one element is all that is read; None where the whole row is sent. Without `row`
    it is the column of these subscripts, gathered from all ranks."""

    statement: int
    array: Symbol
    row: Polynomial | None
    element: tuple[Polynomial, ...] | None
    accesses: tuple[Access, ...]

    def words(self, facts: Facts) -> Polynomial:
        extents = facts.extents[self.array]
        return extents.dimensions[0] if self.row is None else extents.row_words if self.element is None else ONE


def copied(info: LoopInfo, accesses: Iterable[Access], facts: Facts) -> tuple[Copied, ...]:
    """The copies, made before the loop `info`, that `accesses` inside it can read (each of them `steady` there)."""
    by_row: dict[tuple[Symbol, Polynomial], list[Access]] = {}
    by_column: dict[tuple[Symbol, tuple[Polynomial, ...]], list[Access]] = {}
    for a in accesses:
        row, column = fixed_row(a, info, facts), fixed_column(a, info, facts)
        if row is not None:
            by_row.setdefault((a.touch.symbol, row), []).append(a)
        elif column is not None:
            by_column.setdefault((a.touch.symbol, column), []).append(a)
    rows = [Copied(info.stmt.id, s, row, _element(info, many, facts), tuple(many)) for (s, row), many in by_row.items()]
    columns = [Copied(info.stmt.id, s, None, column, tuple(many)) for (s, column), many in by_column.items()]
    return tuple(rows + columns)


def _element(info: LoopInfo, accesses: Sequence[Access], facts: Facts) -> tuple[Polynomial, ...] | None:
    """The subscripts behind the first, if they are the same everywhere and do not change in the loop."""
    if facts.extents[accesses[0].touch.symbol].row_words == ONE:
        return ()
    inner = {_inner(a, info, facts) for a in accesses}
    return inner.pop() if len(inner) == 1 else None


def fixed_row(access: Access, info: LoopInfo, facts: Facts) -> Polynomial | None:
    """The row that an access is in all through a loop; None if there is none."""
    row = access.subscripts[0]
    return None if row is None or row.symbols & info.written or _shadowed(row, facts) else row


def fixed_column(access: Access, info: LoopInfo, facts: Facts) -> tuple[Polynomial, ...] | None:
    """The subscripts behind the first, where they are the same all through a loop, whatever the row."""
    written_out = len(access.touch.subscripts) > 1 or access.subscripts[0] is not None
    return _inner(access, info, facts) if len(access.subscripts) > 1 and written_out else None


def _inner(access: Access, info: LoopInfo, facts: Facts) -> tuple[Polynomial, ...] | None:
    """The subscripts behind the first, if they do not change and lie inside the array whether the loop runs or not."""
    found: list[Polynomial] = []
    extents = facts.extents[access.touch.symbol].dimensions[1:]
    for k, (p, extent) in enumerate(zip(access.subscripts[1:], extents, strict=True), 1):
        if p is None or p.symbols & info.written or _shadowed(p, facts):
            return None
        if not surely_inside(p, extent, info.stmt.id, facts) and not _is_touched(
            access.touch.symbol, k, p, info, facts
        ):
            return None
        found.append(p)
    return tuple(found)


def steady(access: Access, info: LoopInfo, facts: Facts, whenever: bool = False) -> bool:
    """Whether `access` reads, all through the loop, one row (or one column) as it was before the loop. `whenever`:
    nothing that it reads is written in the loop at all, earlier or later, but by the same iteration behind the read."""
    touch = access.touch
    inside = info.stmt.id in touch.context.loops
    if touch.write or not inside or touch.context.opaque or touch.symbol not in facts.extents:
        return False
    if facts.extents[touch.symbol].packed is not None:
        return False
    rows = facts.arrays.declared[touch.symbol].rows
    in_vectors = rows is not None and bool(rows.vectors)
    if swapped_in(info.stmt.id, touch.symbol, facts) or (rows is not None and rows.depth > 1 and not in_vectors):
        return False
    row = fixed_row(access, info, facts)
    if (row is None and fixed_column(access, info, facts) is None) or (in_vectors and not _is_vector(access, row)):
        return False
    position = {id(t): k for k, t in enumerate(facts.touches.of(info.stmt.id))}
    naming = facts.naming_at(info.around)
    for other in facts.accesses_in(info.stmt.id)[touch.symbol]:
        if other.touch.write and info.stmt.id in other.touch.context.loops:
            later = position[id(other.touch)] > position[id(touch)]
            if may_precede(info, other, access, facts.loops, naming, later, whenever):
                return False
    return True


def _is_vector(access: Access, row: Polynomial | None) -> bool:
    """Whether a column is all of one of a few vectors."""
    return row is None and len(access.subscripts) == 2


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


def surely_inside(value: Polynomial, extent: Polynomial, statement: int, facts: Facts) -> bool:
    """Whether 0 <= `value` < `extent` whenever control comes to the loop `statement`."""
    return _is_never("({0} < 0 or {0} >= {1})", (value, extent), statement, facts)


def _is_touched(array: Symbol, dimension: int, value: Polynomial, info: LoopInfo, facts: Facts) -> bool:
    """Whether every iteration of a loop, which has one at least, touches an element with this subscript: so there are
    such elements wherever control comes to the loop."""
    loop = info.canonical
    if loop is None or loop.lower is None or loop.upper is None:
        return False
    touching = any(
        a.subscripts[dimension] == value
        and a.touch.context.loops == info.around
        and not (a.touch.context.sometimes or a.touch.context.opaque)
        and not any(info.stmt.id in g.loops for g in a.touch.context.guards)
        for a in facts.accesses_in(info.stmt.id).get(array, ())
    )
    return touching and _is_never("{0} >= {1}", (loop.lower, loop.upper), info.stmt.id, facts)


def _is_never(condition: str, values: tuple[Polynomial, Polynomial], statement: int, facts: Facts) -> bool:
    """Whether a condition on two values holds nowhere where control comes to the loop `statement`."""
    info = facts.loops[statement]
    around = [c for i in info.around[:-1] if (c := facts.loops[i].counted) is not None]
    dims = {variable(c.variable): f"x{k}" for k, c in enumerate(around)}
    space = Space(dims, Parameters(), frozenset(), facts.naming_at(info.around))
    shown = [space.affine(v) for v in values]
    if any(s is None for s in shown):
        return False
    known = [space.range(c) for c in around]
    return holds_nowhere(space.parameters, list(dims.values()), [*known, condition.format(*shown)])


def column_text(column: Iterable[Polynomial]) -> str:
    return "][".join(p.text() for p in column)
