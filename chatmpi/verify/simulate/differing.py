"""Where two terms that should be the same begin to differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from chatmpi.verify.simulate.terms import Term

_SUMS = frozenset({"+", "+f"})


@dataclass(frozen=True)
class Difference:
    """`made` is the term that uses what it should not, None where what is printed is a value of another place as a
    whole; `expected` should have been used (None: nothing), `came` was (None: it is missing in a sum)."""

    made: Term | None
    expected: Term | None
    came: Term | None


def difference(expected: Term, came: Term, known: int) -> Difference:
    """The outermost place of `came` that uses, instead of what `expected` does there, a value of those that the
    sequential program computes (its serial is below `known`), or where the two are put together in another way."""
    made: Term | None = None
    x: Term | None = expected
    y = came
    while y.serial >= known:
        if x is None:
            return Difference(y, None, y)
        if x.op in _SUMS or y.op in _SUMS:
            missing, more = _apart(x, y)
            if not more:
                return Difference(y, missing[0] if missing else None, None)
            inner = next((t for t in more if t.serial >= known), more[0])
            if inner is y:
                return Difference(y, x, y)
            made, x, y = _user(y, inner), (missing[0] if missing else None), inner
            continue
        pairs = [(a, b) for a, b in zip(x.args, y.args, strict=False) if a is not b]
        terms = [(a, b) for a, b in pairs if isinstance(a, Term) and isinstance(b, Term)]
        if x.op != y.op or len(x.args) != len(y.args) or len(terms) < len(pairs) or not terms:
            return Difference(y, x, y)
        made = y
        x, y = next(((a, b) for a, b in terms if b.serial >= known), terms[0])
    return Difference(made, x, y)


def _apart(x: Term, y: Term) -> tuple[list[Term], list[Term]]:
    """The addends of one sum that the other has not, each way."""
    ours, theirs = Counter(_addends(x)), Counter(_addends(y))
    return list((ours - theirs).elements()), list((theirs - ours).elements())


def _addends(term: Term) -> Iterator[Term]:
    waiting = [term]
    while waiting:
        found = waiting.pop()
        if found.op in _SUMS:
            waiting.extend(reversed(found.args))
        else:
            yield found


def _user(total: Term, addend: Term) -> Term:
    """The sum within a sum that adds an addend."""
    waiting = [total]
    while waiting:
        found = waiting.pop()
        if addend in found.args:
            return found
        waiting.extend(a for a in found.args if a.op in _SUMS)
    return total
