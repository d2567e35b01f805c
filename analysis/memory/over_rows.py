"""Subscripts that run through several rows, `u[0][j + i*n]` in rows of n, as those of the element that they reach.

So a column of a matrix is told by where it begins and how far apart its elements lie (`&u[0][j]`, n). The text stays as
it is: such an array's rows stay where they are.

Of a declared array a subscript may be taken to stay in its row where nothing is known against it: beyond it C leaves
undefined what happens. Where it leaves the row at all sizes (`for (k = 0; k < N*M; k++) a[0][k] = 0;`), somebody relies
on rows that lie one behind the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod

from chatmpi.analysis.loops import LoopTable
from chatmpi.analysis.memory.subscripts import Access, is_inside, room_asked, strictest
from chatmpi.analysis.numbers.domains import TRUE, Parameters, Space, isl_set
from chatmpi.analysis.numbers.polynomial import Atom, Monomial, Polynomial, variable
from chatmpi.analysis.numbers.values import Naming
from chatmpi.analysis.touches import Context


@dataclass(frozen=True)
class Rows:
    """The sizes of an array that is declared with rows; `written`: the numbers that macros stand for."""

    extents: Sequence[Polynomial]
    written: Mapping[str, int]


def in_declared_rows(access: Access, rows: Rows, naming: Naming, loops: LoopTable) -> Access:
    """The access to an element of a declared array, as that of the element that is reached; of unknown subscripts if
    one leaves its row whatever the sizes are."""
    found = within_rows(access, rows.extents, naming, loops)
    context = access.touch.context
    for value, extent in zip(found.subscripts[1:], rows.extents[1:], strict=True):
        if value is None or is_inside(value, extent, context, naming, loops):
            continue
        if _always_leaves(value, extent, rows.written, context, naming, loops):
            return _anywhere(access)
    return found


def within_rows(access: Access, extents: Sequence[Polynomial], naming: Naming, loops: LoopTable) -> Access:
    """The access, or one that says which element is reached, where subscripts run on by whole rows; of unknown
    subscripts if it cannot be told."""
    found = list(access.subscripts)
    for k in range(len(found) - 1, 0, -1):
        value, outer = found[k], found[k - 1]
        if value is None or outer is None or extents[k].constant == 1:
            continue
        rows = _whole_rows(value, extents[k])
        if rows.constant is not None:
            continue
        rest = value - rows * extents[k]
        if not is_inside(rest, extents[k], access.touch.context, naming, loops):
            return _anywhere(access)
        found[k], found[k - 1] = rest, outer + rows
    return access if tuple(found) == access.subscripts else replace(access, subscripts=tuple(found), runs_over=True)


def staying_in_rows(
    access: Access,
    extents: Sequence[Polynomial],
    naming: Naming,
    loops: LoopTable,
    assumed: dict[Polynomial, int],
) -> Access:
    """The same for pointers to rows of one block: where one row ends the next one begins, and a subscript that is not
    shown to stay in its row may reach any (`for (k = 0; k < n*m; k++) a[0][k] = 0;`). What that asks of the inner
    extents (`a[1][1]`: two) is added to `assumed`."""
    found = within_rows(access, extents, naming, loops)
    asked: list[dict[Polynomial, int]] = []
    for value, extent in zip(found.subscripts[1:], extents[1:], strict=True):
        room = None if value is None else room_asked(value, extent, access.touch.context, naming, loops)
        if room is None:
            return _anywhere(access)
        asked.append(room)
    assumed |= strictest([assumed, *asked])
    return found


def _anywhere(access: Access) -> Access:
    """The access as one that may reach any element."""
    return replace(access, subscripts=(None,) * len(access.subscripts), runs_over=True)


def _whole_rows(value: Polynomial, extent: Polynomial) -> Polynomial:
    """How many rows a subscript goes on by, as far as it names them: `j + i*n` by i."""
    length = extent.constant
    if length is None:
        return value.divided(extent)[0]
    return Polynomial(tuple((m, f // length) for m, f in value.terms if m and f % length == 0))


def _always_leaves(
    value: Polynomial,
    extent: Polynomial,
    written: Mapping[str, int],
    context: Context,
    naming: Naming,
    loops: LoopTable,
) -> bool:
    """Whether not (0 <= value < extent) in some iteration, at all sizes for which there are any: macros are the numbers
    that they stand for, and no factor of a product is 1."""
    around = [loops[i] for i in context.loops]
    canonical = [info.canonical for info in around if info.canonical is not None]
    if len(canonical) < len(around) or (context.guards and not around):
        return False
    dims = {variable(loop.variable): f"x{k}" for k, loop in enumerate(canonical)}
    space = Space(dims, Parameters(), frozenset(), naming)
    text, bound = space.affine(value), space.affine(extent)
    guards = [space.guards((g,), around[0], loops) for g in context.guards]
    if text is None or bound is None or any(TRUE in g for g in guards):
        return False
    here = [space.range(loop) for loop in canonical] + guards
    here += [f"{bound} > 0", *_of_products(space.parameters, written)]
    names = list(dims.values())
    happens = isl_set(space.parameters, names, here)
    leaves = isl_set(space.parameters, names, [*here, f"({text} < 0 or {text} >= {bound})"])
    return not happens.is_empty() and bool(happens.params().is_subset(leaves.params()))


def _of_products(parameters: Parameters, written: Mapping[str, int]) -> Iterator[str]:
    """What holds of sizes and their products."""
    for monomial, name in list(parameters.names.items()):
        factor, rest = _numbers(monomial, written)
        if not rest:
            yield f"{name} = {factor}"
        elif rest != monomial:
            yield f"{name} = {factor}{parameters.name(rest)}"
    for monomial, name in list(parameters.names.items()):
        if len(monomial) > 1 and not _numbers(monomial, written)[0] > 1:
            for atom in dict.fromkeys(monomial):
                others = list(monomial)
                others.remove(atom)
                yield f"{name} >= 2{parameters.name(tuple(others))} >= 2"


def _numbers(monomial: Monomial, written: Mapping[str, int]) -> tuple[int, tuple[Atom, ...]]:
    """The product of the macros in a monomial, and what is left of it."""
    return prod(written[a.key] for a in monomial if a.key in written), tuple(
        a for a in monomial if a.key not in written
    )
