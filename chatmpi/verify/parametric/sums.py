"""What a quantity adds up to over the ranks before one, in a closed form."""

from __future__ import annotations

from chatmpi.analysis.numbers.pieces import Choice, Comparison, choice
from chatmpi.analysis.numbers.polynomial import ONE, Atom, Polynomial, of_atom
from chatmpi.verify.parametric.quantities import RANK, depends_on, with_rank
from chatmpi.verify.parametric.signs import is_natural

_NEXT = of_atom(RANK) + ONE


def sum_of(q: Polynomial) -> tuple[Polynomial, Polynomial]:
    """What grows by `q` from each rank to the next, as long as the second one is zero at each rank.

    Where `q` is a difference, such as that of a block's end and its beginning, the part that is taken away is what
    grows. A choice by the rank (`rank < n % size ? 1 : 0`) is summed by itself.
    """
    found = Polynomial()
    for monomial, factor in q.terms:
        term = Polynomial(((monomial, factor),))
        if len(monomial) == 1 and (chosen := _sum_of_choice(monomial[0])) is not None:
            found = found + chosen.scaled(factor)
        elif factor < 0 and depends_on(term, RANK):
            found = found - term
    steady = Polynomial(tuple(t for t in q.terms if not depends_on(Polynomial((t,)), RANK)))
    rest = q - (with_rank(found, _NEXT) - found)
    if not depends_on(rest, RANK):
        return found + of_atom(RANK) * rest, Polynomial()
    found = found + of_atom(RANK) * steady
    return found, q - (with_rank(found, _NEXT) - found)


def _sum_of_choice(atom: Atom) -> Polynomial | None:
    """Of a number for the first ranks and another for those behind them."""
    match atom.origin:
        case Choice(condition=Comparison(op="<", left=left) as first, then=then, otherwise=otherwise):
            limit = of_atom(RANK) - left
            if then.constant is None or otherwise.constant is None or depends_on(limit, RANK) or not is_natural(limit):
                return None
            rank = of_atom(RANK)
            return choice(first, rank * then, limit * then + (rank - limit) * otherwise)
    return None
