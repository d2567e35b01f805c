"""Elements or whole rows of an array, as a range that is used at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chatmpi.analysis.numbers.pieces import Comparison, Condition
from chatmpi.analysis.numbers.polynomial import ONE, ZERO, Polynomial
from chatmpi.verify.parametric.bounds import Used, least, row_and_column, used
from chatmpi.verify.parametric.memory import Memory, Object
from chatmpi.verify.parametric.met import Access, Transfer, Where
from chatmpi.verify.parametric.quantities import RANK, RANKS, Divided, Iteration


@dataclass(frozen=True)
class Cells:
    """Elements or rows `first <= x < end`; of rows, the columns, and how many these have."""

    first: Polynomial
    end: Polynomial
    where: Where
    columns: tuple[Polynomial, Polynomial] | None = None
    width: Polynomial | None = None


def cells_of(memory: Memory, objects: Sequence[Object], use: Access | Transfer, outside: Where) -> Cells | None:
    """None where it is not known, or is not told apart from iterations."""
    u = used(use)
    shape = _shape(memory, objects, use.array)
    if u is None or shape is None:
        return None
    width = shape.width
    where = tuple(c for c in u.where if c not in outside)
    subscripts = _by_rows(u, shape)
    if subscripts is None:
        return None
    first, column = subscripts
    count = u.count
    if width is not None and column is not None:
        rows, rest = count.divided(width)
        whole = column == ZERO and not rest.terms
        count, columns = (rows, (ZERO, width)) if whole else (ONE, _range(column, u.count, where))
    else:
        columns = None
    of_rows = _range(first, count, where)
    if of_rows is None or (width is not None and columns is None):
        return None
    return Cells(*of_rows, _settled(where), columns, width)


def _range(first: Polynomial, count: Polynomial, where: Where) -> tuple[Polynomial, Polynomial] | None:
    _, low = least(first, where)
    _, high = least((first + count).scaled(-1), where)
    if any(isinstance(a.origin, Iteration) for q in (low, high) for a in q.atoms):
        return None
    return low, high.scaled(-1)


def _settled(where: Where) -> Where:
    """What holds whatever the iterations are."""
    return tuple(c for c in where if not any(isinstance(a.origin, Iteration) for q in _sides(c) for a in q.atoms))


def _sides(c: Condition) -> tuple[Polynomial, ...]:
    return (c.left,) if isinstance(c, Comparison) else tuple(q for p in c.parts for q in _sides(p))


@dataclass(frozen=True)
class _Shape:
    """Of arrays of elements or rows; `flat`: rows that the text writes as one dimension."""

    width: Polynomial | None
    flat: bool = False


def _shape(memory: Memory, objects: Sequence[Object], array: int) -> _Shape | None:
    """Of all memory that the array may be; None if it is not one, or not known."""
    mine = [o for o in objects if memory.group(o.array) == memory.group(array)]
    if not mine or any(None in o.extents or len(o.extents) > 2 for o in mine):
        return None
    inner = {o.extents[1:] for o in mine}
    if inner != {()}:
        return _Shape(inner.pop()[0]) if len(inner) == 1 else None
    widths = {w for o in mine for w in o.factors if _is_width(o, w)}
    if len(widths) > 1:
        return None
    return _Shape(widths.pop(), flat=True) if widths else _Shape(None)


def _is_width(o: Object, width: Polynomial) -> bool:
    """Whether memory of one dimension is written as rows of so many elements."""
    extent = o.extents[0]
    if extent is None or len(o.factors) < 2:
        return False
    _, rest = extent.divided(width)
    return not rest.terms and not any(a in (RANK, RANKS) or isinstance(a.origin, Divided) for a in width.atoms)


def _by_rows(u: Used, shape: _Shape) -> tuple[Polynomial, Polynomial | None] | None:
    """The element or row, and the column."""
    match u.subscripts, shape.width:
        case (), None:
            return ZERO, None
        case (x,), None:
            return x, None
        case (), _:
            return ZERO, ZERO
        case (x,), Polynomial() as width if shape.flat:
            return row_and_column(x, width)
        case (x,), _:
            return x, ZERO
        case (x, y), _ if not shape.flat:
            return x, y
    return None
