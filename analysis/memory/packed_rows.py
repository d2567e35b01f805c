"""Triangles that lie row by row in one vector, `ap[i*(i+1)/2 + j]`: rows that become longer, or shorter, by a number.

Row r begins at word (bend*r*r + slope*r)/2. A subscript that is the start of a row and a column, shown to be one of
that row's, is told by these two: rows whose lengths grow evenly do not meet, if both ends of a range have any words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chatmpi.analysis.loops import LoopTable
from chatmpi.analysis.memory.subscripts import Access, PackedRows, halved, is_between
from chatmpi.analysis.numbers.pieces import Quotient
from chatmpi.analysis.numbers.polynomial import ONE, Polynomial, constant, of_atom, variable
from chatmpi.analysis.numbers.values import Naming
from chatmpi.analysis.touches import ElementTouch
from chatmpi.analysis.tree import Symbol

_NEAR = range(-2, 3)  # rows from a loop's own, and words by which a column may move from row to row

Touched = tuple[ElementTouch, Polynomial | None, Naming]


def packed(
    linear: Sequence[Touched], words: Polynomial | None, loops: LoopTable
) -> tuple[PackedRows, tuple[Access, ...]] | None:
    """The rows of an array of so many `words` that is reached by one subscript, and its accesses by row and column,
    those unknown that are not shown to stay in a row; None where it has no rows of growing or falling length."""
    twice = [None if p is None else _twice(p) for _, p, _ in linear]
    best: tuple[int, int] = (0, 0)
    found: tuple[PackedRows, tuple[Access, ...]] | None = None
    for rows in _candidates(linear, twice, loops):
        filled = words is not None and fills(rows, words)
        near = Near(rows, filled, loops)
        accesses = tuple(near.placed(t, p, d, naming) for (t, p, naming), d in zip(linear, twice, strict=True))
        known = sum(a.subscripts[0] is not None for a in accesses)
        plain = sum(_is_own_row(a, loops) for a in accesses)
        if (known, plain) > best:
            best, found = (known, plain), (rows, accesses)
        if known == len(linear) and plain:
            break
    return found


def symbols_of(rows: PackedRows) -> frozenset[Symbol]:
    """The variables that say where rows begin: as long as they stay, two elements are one if row and column are."""
    return rows.slope.symbols | rows.count.symbols


def fills(rows: PackedRows, words: Polynomial) -> bool:
    """Whether an array of so many words has just these rows."""
    return _twice(words) == rows.twice(rows.count)


def _twice(value: Polynomial) -> Polynomial:
    """Two times a subscript, without the halves of even numbers in it."""
    total = Polynomial()
    for monomial, factor in value.terms:
        half = next((a for a in monomial if isinstance(a.origin, Quotient) and _is_even(a.origin)), None)
        if half is None or not isinstance(half.origin, Quotient):
            total = total + Polynomial(((monomial, 2 * factor),))
            continue
        rest = list(monomial)
        rest.remove(half)
        total = total + half.origin.dividend * Polynomial(((tuple(rest), factor),))
    return total


def _is_even(quotient: Quotient) -> bool:
    """Whether it is the half of what is an even number whatever its variables are, and so is halved exactly. What is
    computed in an unsigned type must not be negative: `x*x + x` and `x*x - x` never are."""
    odd: Counter[frozenset[str]] = Counter()  # x*x and x are odd together
    for monomial, factor in quotient.dividend.terms:
        odd[frozenset(a.key for a in monomial)] += factor
    if quotient.divisor != 2 or any(n % 2 for n in odd.values()):
        return False
    return not quotient.unsigned or _is_product_of_neighbours(quotient.dividend)


def _is_product_of_neighbours(value: Polynomial) -> bool:
    """`x*(x + 1)` or `x*(x - 1)`, of an x that may have a number added."""
    (atom,) = value.atoms if len(value.atoms) == 1 else (None,)
    if atom is None or _factor(value, atom, 2) != ONE:
        return False
    x = of_atom(atom)
    linear = value.coefficient(atom).constant
    if linear is None or linear % 2 == 0:
        return False
    shifted = x + constant((linear - 1) // 2)
    return value == shifted * (shifted + ONE)


def _candidates(
    linear: Sequence[Touched], twice: Sequence[Polynomial | None], loops: LoopTable
) -> Iterator[PackedRows]:
    """What the rows may be, by the loops that run through them."""
    seen = set()
    for (t, _, _), value in zip(linear, twice, strict=True):
        forms = [f for i in t.context.loops if (f := loops[i].counted) is not None]
        own = {variable(f.variable) for f in forms}
        for form in forms if value is not None else ():
            assert value is not None
            atom = variable(form.variable)
            bend = _factor(value, atom, 2).constant
            slope = value.coefficient(atom)
            if not bend or slope.atoms & own or form.upper is None:
                continue
            for move in sorted(_NEAR, key=abs):
                for count in (form.upper, form.upper + ONE, form.upper - ONE):
                    rows = PackedRows(bend, slope + constant(2 * move), count)
                    if rows not in seen and rows.length(count) is not None and not count.atoms & own:
                        seen.add(rows)
                        yield rows


def _factor(value: Polynomial, atom: object, power: int) -> Polynomial:
    """What a power of an atom is multiplied by."""
    return Polynomial(
        tuple((tuple(a for a in m if a != atom), f) for m, f in value.terms if sum(a == atom for a in m) == power)
    )


@dataclass(frozen=True)
class Near:
    """Places in rows. `filled`: the array has just these, so there is one where an element is touched."""

    rows: PackedRows
    filled: bool
    loops: LoopTable

    def placed(
        self, touch: ElementTouch, linear: Polynomial | None, twice: Polynomial | None, naming: Naming
    ) -> Access:
        """The access by its row and its column, or by neither if it is not shown to be in a row."""
        least = {self.rows.count: 1} if self.filled else {}
        for row in _rows_near(twice, self.rows) if twice is not None else ():
            length = self.rows.length(row)
            column = halved(twice - self.rows.twice(row)) if twice is not None else None
            if length is None or column is None:
                continue
            inside = ((column, length), (row, self.rows.count))
            if all(is_between(v, past, touch.context, naming, self.loops, least) for v, past in inside):
                return Access(touch, linear, (row, column))
        return Access(touch, linear, (None, None))


def _rows_near(twice: Polynomial, rows: PackedRows) -> Iterator[Polynomial]:
    """The rows that an element may be in."""
    squared = sorted((a for a in twice.atoms if _factor(twice, a, 2).constant == rows.bend), key=lambda a: a.key)
    for atom in squared:
        for shift in sorted(_NEAR, key=abs):
            yield of_atom(atom) + constant(shift)
    if not squared:
        yield from (constant(k) for k in range(2))
    yield from (rows.count - constant(k) for k in (1, 2))


def _is_own_row(access: Access, loops: LoopTable) -> bool:
    """Whether an access is in the row that a loop around it counts."""
    forms = (loops[i].counted for i in access.touch.context.loops)
    return any(f is not None and access.subscripts[0] == of_atom(variable(f.variable)) for f in forms)
