"""Arrays that are reached word by word only, and go with others that have rows, have the same rows.

    out[i*m + j] = 4 * u[i*m + j] - …;        for (k = 0; k < n*m; k++) r[k] = b[k] - out[k];

Here r and b have rows of m words as u and out have them, so that ranks can divide all of them alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from chatmpi.analysis.loops import LoopTable
from chatmpi.analysis.memory.subscripts import Access, Shape
from chatmpi.analysis.numbers.polynomial import Polynomial, of_atom, variable
from chatmpi.analysis.tree import Symbol


@dataclass(frozen=True)
class Reached:
    """Arrays with one subscript: their shapes, and their accesses in these."""

    shapes: Mapping[Symbol, Shape]
    accesses: Mapping[Symbol, tuple[Access, ...]]


def with_shared_shapes(reached: Reached, words: Mapping[Symbol, Polynomial], loops: LoopTable) -> Reached:
    """The same, where arrays without rows have those of the arrays that they go with. `words`: how many each has."""
    shapes, accesses = dict(reached.shapes), dict(reached.accesses)
    for together in _together(reached, loops):
        rows = {reached.shapes[s].strides for s in together if len(reached.shapes[s].strides) > 1}
        sizes = {words.get(s) for s in together if len(reached.shapes[s].strides) > 1}
        flat = [s for s in together if len(reached.shapes[s].strides) == 1 and words.get(s) in sizes]
        if len(rows) != 1 or len(sizes) != 1 or None in sizes or not flat:
            continue
        if not all(_has_no_rows(a, loops) for s in flat for a in accesses[s]):
            continue
        (strides,) = rows
        for s in flat:
            shapes[s] = Shape(strides)
            accesses[s] = tuple(replace(a, subscripts=(None,) * len(strides)) for a in accesses[s])
    return Reached(shapes, accesses)


def _together(reached: Reached, loops: LoopTable) -> Iterable[frozenset[Symbol]]:
    """The arrays of which some loop reaches the same words."""
    of_loop: dict[int, set[Symbol]] = {}
    for symbol, many in reached.accesses.items():
        for a in many:
            for i in a.touch.context.loops if _is_word_by_word(a, loops) else ():
                counted = loops[i].counted
                if counted is not None and a.linear == of_atom(variable(counted.variable)):
                    of_loop.setdefault(i, set()).add(symbol)
    groups: list[set[Symbol]] = []
    for met in of_loop.values():
        apart = [g for g in groups if not g & met]
        groups = [*apart, met.union(*(g for g in groups if g & met))]
    return [frozenset(g) for g in groups]


def _has_no_rows(access: Access, loops: LoopTable) -> bool:
    """Whether an access is as good where the array has rows: `a[k]`, `a[0]`, and what is read at `a[col[k]]`."""
    anywhere = access.linear is None and not access.touch.write
    return anywhere or _is_word_by_word(access, loops) or _is_one_word(access, loops)


def _is_word_by_word(access: Access, loops: LoopTable) -> bool:
    """Whether the subscript is the variable of a loop around."""
    around = (loops[i].counted for i in access.touch.context.loops)
    return any(c is not None and access.linear == of_atom(variable(c.variable)) for c in around)


def _is_one_word(access: Access, loops: LoopTable) -> bool:
    """Whether it is a single element that is looked at, or the first one."""
    around = {c.variable for i in access.touch.context.loops if (c := loops[i].counted) is not None}
    if access.linear is None or access.linear.symbols & around:
        return False
    return not access.touch.write or not access.linear.terms
