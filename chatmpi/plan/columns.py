"""Columns of a replicated array that a loop computes: its variable counts them, in an inner dimension.

In `for (j …) for (i …) b[i][j] -= l[i][k]*b[k][j]` a rank that runs a block of j needs its own columns alone. So the
columns are gathered only when all is done: behind the outermost loop in which nobody looks at others' columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chatmpi.analysis.calls.effects import effects_of
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.loops import LoopInfo, returns
from chatmpi.analysis.memory.subscripts import Access
from chatmpi.analysis.numbers.domains import Parameters, Space, holds_nowhere
from chatmpi.analysis.numbers.polynomial import Polynomial, constant, of_atom, variable
from chatmpi.analysis.touches import CallTouch, ElementTouch
from chatmpi.analysis.tree import Symbol


@dataclass(frozen=True, slots=True)
class Columns:
    """Iteration j writes elements whose subscript number `dimension` is j + `offset`; `rows`: the subscripts before
    it, where all iterations have the same, else None. `place`: the loop after which they are gathered."""

    dimension: int
    offset: int
    rows: tuple[Polynomial, ...] | None
    place: int


def columns(symbol: Symbol, writes: Sequence[Access], info: LoopInfo, facts: Facts) -> Columns | None:
    """The columns that the loop's iterations write, if they follow its variable and surely lie inside the array."""
    extents = facts.extents.get(symbol)
    if extents is None or info.canonical is None or info.canonical.lower is None or info.canonical.upper is None:
        return None
    for dimension in range(1, len(extents.dimensions)):
        offsets = {_offset(a, dimension, info) for a in writes}
        offset = offsets.pop() if len(offsets) == 1 else None
        if offset is None or not _inside(dimension, offset, extents.dimensions[dimension], info, facts):
            continue
        place = _place(symbol, dimension, offset, info, facts)
        return Columns(dimension, offset, _rows(writes, dimension, place, info, facts), place)
    return None


def _offset(access: Access, dimension: int, info: LoopInfo) -> int | None:
    """How far the subscript is from the loop's variable."""
    value = access.subscripts[dimension] if dimension < len(access.subscripts) else None
    if value is None or info.canonical is None or info.stmt.id not in access.touch.context.loops:
        return None
    return (value - of_atom(variable(info.canonical.variable))).constant


def _inside(dimension: int, offset: int, extent: Polynomial, info: LoopInfo, facts: Facts) -> bool:
    """Whether every iteration's column is one of the array's."""
    around = [c for i in info.around if (c := facts.loops[i].counted) is not None]
    dims = {variable(c.variable): f"x{k}" for k, c in enumerate(around)}
    space = Space(dims, Parameters(), frozenset(), facts.naming_at(info.around))
    assert info.canonical is not None
    column = space.affine(of_atom(variable(info.canonical.variable)) + constant(offset))
    limit = space.affine(extent)
    if column is None or limit is None:
        return False
    outside = f"({column} < 0 or {column} >= {limit})"
    known = [space.range(c) for c in around]
    return holds_nowhere(space.parameters, list(dims.values()), [*known, outside])


def _rows(
    writes: Sequence[Access], dimension: int, place: int, info: LoopInfo, facts: Facts
) -> tuple[Polynomial, ...] | None:
    """The subscripts before the column's, if they are the same for all writes, and can be named after the loop."""
    prefixes = {a.subscripts[:dimension] for a in writes}
    prefix = prefixes.pop() if len(prefixes) == 1 else ()
    known = tuple(p for p in prefix if p is not None)
    symbols = {s for p in known for s in p.symbols}
    if place != info.stmt.id or len(known) < dimension or symbols & info.written:
        return None
    extents = facts.extents[writes[0].touch.symbol].dimensions
    return known if not _ambiguous(symbols, facts) and _exist(known, extents, info, facts) else None


def _exist(rows: tuple[Polynomial, ...], extents: tuple[Polynomial, ...], info: LoopInfo, facts: Facts) -> bool:
    """Whether the rows are the array's even where the loop runs no iteration."""
    around = [c for i in info.around[:-1] if (c := facts.loops[i].counted) is not None]
    dims = {variable(c.variable): f"x{k}" for k, c in enumerate(around)}
    outer = [facts.loops[i] for i in info.around[:-1]]
    changing = frozenset(s for o in outer for s in o.written) - {c.variable for c in around}
    space = Space(dims, Parameters(), changing, facts.naming_at(info.around))
    outside = []
    for row, extent in zip(rows, extents, strict=False):
        here, limit = space.affine(row), space.affine(extent)
        if here is None or limit is None:
            return False
        outside.append(f"{here} < 0 or {here} >= {limit}")
    known = [space.range(c) for c in around]
    return holds_nowhere(space.parameters, list(dims.values()), [*known, f"({' or '.join(outside)})"])


def _place(symbol: Symbol, dimension: int, offset: int, info: LoopInfo, facts: Facts) -> int:
    """The outermost loop around in which every rank needs its own columns alone, and these stay the same."""
    for loop in info.around[:-1]:
        left = any(returns(facts.loops[loop].stmt.body))  # and so what comes behind it is not reached
        if not left and _keeps_apart(loop, symbol, dimension, offset, info, facts):
            return loop
    return info.stmt.id


def _keeps_apart(loop: int, symbol: Symbol, dimension: int, offset: int, info: LoopInfo, facts: Facts) -> bool:
    form = info.canonical
    assert form is not None
    assert form.lower is not None
    assert form.upper is not None
    bounds = form.lower.symbols | form.upper.symbols
    if bounds & facts.loops[loop].written or _ambiguous(bounds, facts) or loop in facts.touches.scopes.get(symbol, ()):
        return False
    for t in facts.touches.of(loop):
        if isinstance(t, CallTouch):
            effects = effects_of(t.call, facts.summaries)
            if effects.unknown or symbol in effects.reads | effects.writes:
                return False
        elif isinstance(t, ElementTouch) and t.symbol == symbol:
            access = facts.accesses.get(id(t))
            if access is None or t.context.opaque or _offset(access, dimension, info) != offset:
                return False
        elif getattr(t, "symbol", None) == symbol:
            return False
    return True


def _ambiguous(symbols: set[Symbol] | frozenset[Symbol], facts: Facts) -> bool:
    return any(s.name in facts.shadowed for s in symbols)
