"""Whether two runs did the same: standard output, files, exit status, as sequences of text and terms."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from chatmpi.verify.simulate.apart import apart
from chatmpi.verify.simulate.canonical import Canonical
from chatmpi.verify.simulate.exact import Exact
from chatmpi.verify.simulate.formats import Item, shown
from chatmpi.verify.simulate.outcome import Outcome
from chatmpi.verify.simulate.terms import Term, Terms, Ticks

_CLOSE = 1e-5
_TINY = 1e-9
_FEW = 4  # one in so many of the terms that nothing is known of is worth while to be looked at by itself

Equality = Literal["exact", "reordered", "rounding", "void", "refused", "unclear", "different"]
# The worst first.
_ORDER: tuple[Equality, ...] = ("different", "unclear", "refused", "void", "rounding", "reordered", "exact")


@dataclass(frozen=True)
class Comparison:
    """`exact`: all values the same terms; `reordered`: up to the order of sums and products; `rounding`: equal in
    exact arithmetic; `void`: both print what is not a number, which tells nothing; `refused`: the ranks do not take
    such sizes, or so many ranks; `unclear`: values that agree as numbers but not as terms; else `different`, with what
    was expected and what came."""

    equality: Equality
    message: str = ""
    expected: str = ""
    came: str = ""


class Equals:
    """The ways in which two values may be the same, what is known of them kept."""

    def __init__(self, terms: Terms) -> None:
        self._canonical, self._exact = Canonical(terms), Exact(terms)
        self._reordered: set[tuple[int, int]] = set()  # by their serials

    def look_at(self, expected: Sequence[Item], came: Sequence[Item]) -> None:
        """What is printed and not the same terms: where most of what it is computed from is, the rest alone tells that
        the order is another."""
        pairs = {(x.serial, y.serial): (x, y) for x, y in _values(expected, came) if x is not y}
        if not pairs:
            return
        most = self._canonical.unknown // _FEW
        found = apart([x for x, _ in pairs.values()], [y for _, y in pairs.values()], most)
        if found is None:
            return
        forms, numbers = self._canonical.beside(found), self._exact.beside(found)
        self._reordered |= {
            (a, b) for a, b in pairs if forms and numbers and forms[a] == forms[b] and numbers[a] == numbers[b]
        }

    def equality(self, expected: Item, came: Item) -> Equality:
        """How two printed values agree; what is the same but for its order is so with integers too."""
        assert not isinstance(expected, str)
        assert not isinstance(came, str)
        x, y = expected[1], came[1]
        if x is y:
            return "exact"
        if isinstance(x, Ticks) or isinstance(y, Ticks):
            return "exact" if isinstance(x, Ticks) and isinstance(y, Ticks) else "unclear"
        if (x.serial, y.serial) in self._reordered:
            return "reordered"
        exactly = self._exact.equal(x, y)
        if exactly and self._canonical.equal(x, y):
            return "reordered"
        if math.isnan(x.value) and math.isnan(y.value):
            return "void"
        if not math.isclose(x.value, y.value, rel_tol=_CLOSE, abs_tol=_TINY):
            return "different"
        return "rounding" if exactly else "unclear"


def _values(expected: Sequence[Item], came: Sequence[Item]) -> Iterator[tuple[Term, Term]]:
    """The floating values that are printed one beside the other."""
    for a, b in zip(expected, came, strict=False):
        if not isinstance(a, str) and not isinstance(b, str):
            x, y = a[1], b[1]
            if isinstance(x, Term) and isinstance(y, Term):
                yield x, y


def compare(expected: Outcome, ranks: Sequence[Outcome], equals: Equals) -> Comparison:
    """What the ranks did together against the sequential program's run."""
    statuses = {o.status for o in ranks} - {0}  # mpirun ends with that of a rank that failed
    for number, outcome in enumerate(ranks):
        if outcome.status != expected.status and statuses != {expected.status}:
            message = (
                f"rank {number} ends with the status {outcome.status}, the sequential program with {expected.status}"
            )
            equality: Equality = "refused" if outcome.refuses and expected.status == 0 else "different"
            return Comparison(equality, message, str(expected.status), str(outcome.status))
    speaking = [o.output for o in ranks if o.output]
    found = [_sequences(expected.output, [item for output in speaking for item in output], equals)]
    if len(speaking) > 1 and found[0].equality != "different":
        return Comparison("unclear", "several ranks print, in an order that nothing fixes")
    found += _files(expected, ranks, equals)
    return worst(found)


def worst(found: Sequence[Comparison]) -> Comparison:
    """The first of those that say the least."""
    return min(found, key=lambda comparison: _ORDER.index(comparison.equality))


def _files(expected: Outcome, ranks: Sequence[Outcome], equals: Equals) -> list[Comparison]:
    found = []
    names = sorted({n for o in (expected, *ranks) for n in o.written})
    for name in names:
        writers = [o.written[name] for o in ranks if name in o.written]
        if name not in expected.written:
            found.append(Comparison("different", f"a file '{name}' is written"))
        elif not writers:
            found.append(Comparison("different", f"the file '{name}' is not written"))
        elif len(writers) > 1:
            found.append(Comparison("unclear", f"several ranks write the file '{name}'"))
        else:
            one = _sequences(expected.written[name], writers[0], equals)
            found.append(replace(one, message=f"the file '{name}': {one.message}"))
    return found


def _merged(items: Sequence[Item]) -> list[Item]:
    """Neighbouring texts joined."""
    found: list[Item] = []
    for item in items:
        if isinstance(item, str) and found and isinstance(found[-1], str):
            found[-1] += item
        elif item != "":
            found.append(item)
    return found


def _sequences(expected: Sequence[Item], came: Sequence[Item], equals: Equals) -> Comparison:
    wanted, got = _merged(expected), _merged(came)
    equals.look_at(wanted, got)
    least = Comparison("exact")
    for a, b in zip(wanted, got, strict=False):
        if isinstance(a, str) or isinstance(b, str) or a[0] != b[0]:
            if a != b:
                return _different(wanted, got)
            continue
        equality = equals.equality(a, b)
        if equality == "different":
            return _different(wanted, got)
        if equality == "unclear":
            least = Comparison("unclear", f"{shown(a)} is computed in another way")
        elif _ORDER.index(equality) < _ORDER.index(least.equality):
            least = Comparison(equality)
    return least if len(wanted) == len(got) else _different(wanted, got)


def _different(wanted: Sequence[Item], got: Sequence[Item]) -> Comparison:
    """The first lines that differ, as they would be printed."""
    expected, came = ("".join(map(shown, items)).split("\n") for items in (wanted, got))
    for k, (a, b) in enumerate(zip(expected, came, strict=False)):
        if a != b:
            message = f"line {k + 1} of the output is '{_short(b)}', expected '{_short(a)}'"
            return Comparison("different", message, a, b)
    if len(expected) != len(came):
        message = f"{len(came) - 1} lines are printed, expected {len(expected) - 1}"
        return Comparison("different", message, str(len(expected) - 1), str(len(came) - 1))
    return Comparison("different", "a number is printed that looks alike but is another")


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."
