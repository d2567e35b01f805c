"""What the computations of some values do not have in common with those of others.

A candidate adds up in another order what the sequential program computes with the very same terms: all that lies below
these is the same, however much it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

from chatmpi.verify.simulate.terms import Term

_BOTH = 3


@dataclass(frozen=True)
class Apart:
    """`own`: terms that lead to the values of one side, by their serials; `shared`: those that lead to both sides, and
    are used by the former. What lies below a shared term and is not used otherwise is in neither."""

    own: tuple[Term, ...]
    shared: tuple[Term, ...]


def apart(ours: Iterable[Term], theirs: Iterable[Term], most: int) -> Apart | None:
    """None if there are more than `most`. The last terms come first: when one is looked at, all that use it were."""
    sides: dict[int, int] = {}
    found: dict[int, Term] = {}
    for side, values in enumerate((ours, theirs), 1):
        for value in values:
            found[value.serial] = value
            sides[value.serial] = sides.get(value.serial, 0) | side
    waiting = [-serial for serial in found]
    heapify(waiting)
    own: list[Term] = []
    shared: list[Term] = []
    while waiting:
        serial = -heappop(waiting)
        term, side = found[serial], sides[serial]
        if side == _BOTH:
            shared.append(term)
            continue
        own.append(term)
        for a in term.args:
            if isinstance(a, Term):
                below = a.serial
                if below not in sides:
                    found[below], sides[below] = a, side
                    heappush(waiting, -below)
                else:
                    sides[below] |= side
        if len(own) + len(waiting) > most:
            return None
    return Apart(tuple(reversed(own)), tuple(shared))
