"""Subscripts that run through several rows, `u[0][j + i*n]` in rows of n, as those of the element that they reach.

So a column of a matrix is told by where it begins and how far apart its elements lie (`&u[0][j]`, n). The text stays as
it is: such an array's rows stay where they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chatmpi.analysis.loops import LoopTable
from chatmpi.analysis.memory.subscripts import Access, is_inside
from chatmpi.analysis.numbers.polynomial import Polynomial
from chatmpi.analysis.numbers.values import Naming


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
            return replace(access, subscripts=(None,) * len(found), runs_over=True)
        found[k], found[k - 1] = rest, outer + rows
    return access if tuple(found) == access.subscripts else replace(access, subscripts=tuple(found), runs_over=True)


def staying_in_rows(access: Access, extents: Sequence[Polynomial], naming: Naming, loops: LoopTable) -> Access:
    """The same for pointers to rows of one block: where one row ends the next one begins, and a subscript that is not
    shown to stay in its row may reach any (`for (k = 0; k < n*m; k++) a[0][k] = 0;`)."""
    found = within_rows(access, extents, naming, loops)
    inner = zip(found.subscripts[1:], extents[1:], strict=True)
    if all(v is not None and is_inside(v, extent, access.touch.context, naming, loops) for v, extent in inner):
        return found
    return replace(access, subscripts=(None,) * len(found.subscripts), runs_over=True)


def _whole_rows(value: Polynomial, extent: Polynomial) -> Polynomial:
    """How many rows a subscript goes on by, as far as it names them: `j + i*n` by i."""
    length = extent.constant
    if length is None:
        return value.divided(extent)[0]
    return Polynomial(tuple((m, f // length) for m, f in value.terms if m and f % length == 0))
