"""Integer values that depend on conditions: polynomials, each with the conditions under which it is the value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chatmpi.analysis.numbers.polynomial import ONE, Atom, Polynomial

_MOST_CASES = 64


@dataclass(frozen=True, slots=True)
class Condition:
    """`value relation 0`, where the relation is `>=`, `=` or `!=`."""

    value: Polynomial
    relation: str

    def negated(self) -> Condition:
        if self.relation == ">=":
            return Condition(self.value.scaled(-1) - ONE, ">=")
        return Condition(self.value, "!=" if self.relation == "=" else "=")

    @property
    def known(self) -> bool | None:
        """Its truth, where the value is a number."""
        number = self.value.constant
        if number is None:
            return None
        return number >= 0 if self.relation == ">=" else (number == 0) == (self.relation == "=")


Conditions = tuple[Condition, ...]  # all of them hold
Alternatives = tuple[Conditions, ...]  # one of them holds


@dataclass(frozen=True, slots=True)
class Case:
    conditions: Conditions
    value: Polynomial


Piecewise = tuple[Case, ...]


class TooManyCases(Exception):
    """The cases multiply beyond what is worth looking at."""


def always(value: Polynomial) -> Piecewise:
    return (Case((), value),)


def single(value: Piecewise) -> Polynomial | None:
    """The polynomial that it is in every case."""
    values = {c.value for c in value}
    return values.pop() if len(values) == 1 else None


def both(a: Conditions, b: Conditions) -> Conditions | None:
    """The conjunction; None where a number shows that it never holds."""
    merged = tuple(dict.fromkeys(c for c in (*a, *b) if c.known is not True))
    return None if any(c.known is False for c in merged) else merged


def conjunction(a: Alternatives, b: Alternatives) -> Alternatives:
    found = tuple(c for x in a for y in b if (c := both(x, y)) is not None)
    if len(found) > _MOST_CASES:
        raise TooManyCases
    return found


def negation(alternatives: Alternatives) -> Alternatives:
    """The alternatives under which none of these holds."""
    result: Alternatives = ((),)
    for conditions in alternatives:
        result = conjunction(result, tuple((c.negated(),) for c in conditions))
    return result


def chosen(condition: Alternatives, then: Piecewise, otherwise: Piecewise) -> Piecewise:
    """`condition ? then : otherwise`."""
    return (*restricted(then, condition), *restricted(otherwise, negation(condition)))


def restricted(value: Piecewise, to: Alternatives) -> Piecewise:
    cases = tuple(Case(k, c.value) for c in value for a in to if (k := both(c.conditions, a)) is not None)
    if len(cases) > _MOST_CASES:
        raise TooManyCases
    return cases


def compared(left: Piecewise, op: str, right: Piecewise) -> Alternatives:
    """When `left op right` holds."""
    found: list[Conditions] = []
    for a in left:
        for b in right:
            around = both(a.conditions, b.conditions)
            held = None if around is None else both(around, (_comparison(a.value, op, b.value),))
            if held is not None:
                found.append(held)
    if len(found) > _MOST_CASES:
        raise TooManyCases
    return tuple(found)


def _comparison(a: Polynomial, op: str, b: Polynomial) -> Condition:
    match op:
        case "<":
            return Condition(b - a - ONE, ">=")
        case "<=":
            return Condition(b - a, ">=")
        case ">":
            return Condition(a - b - ONE, ">=")
        case ">=":
            return Condition(a - b, ">=")
        case "==":
            return Condition(a - b, "=")
        case "!=":
            return Condition(a - b, "!=")
    raise ValueError(op)


def atoms_of(value: Piecewise) -> frozenset[Atom]:
    return frozenset(a for c in value for p in (c.value, *(k.value for k in c.conditions)) for a in p.atoms)


def atoms_in(alternatives: Iterable[Conditions]) -> frozenset[Atom]:
    return frozenset(a for conditions in alternatives for c in conditions for a in c.value.atoms)
