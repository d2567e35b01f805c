"""Rows that nested loops go through one after the other: `for (i …) for (j …) { row = i*m + j; … }`."""

from __future__ import annotations

from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.memory.entries import Seen
from chatmpi.analysis.numbers.polynomial import ONE, ZERO, Polynomial, of_atom, variable


@dataclass(frozen=True, slots=True)
class RowNest:
    """`number`: of the row that the loops are at; `words`: how many rows an iteration of the outermost goes through."""

    number: Polynomial
    words: Polynomial


def row_nest(loops: tuple[int, ...], p: Seen) -> RowNest | None:
    """The rows of some loops, outermost first; None if they do not count them up from 0."""
    number, words, own = ZERO, ONE, set[object]()
    for i in reversed(loops):
        form = p.loops[i].canonical
        if form is None or isinstance(form.stmt, tree.BlockLoop) or form.step != 1 or form.relation != "<":
            return None
        if form.lower is None or form.lower.constant != 0 or form.upper is None:
            return None
        number += of_atom(variable(form.variable)) * words
        own.add(form.variable)
        if i != loops[0]:
            words = words * form.upper
    if words.symbols & (own | p.loops[loops[0]].written):
        return None
    return RowNest(number, words)
