"""Equality of terms up to the order of their sums, products and extremes, by one number for each canonical form.

It goes beyond IEEE arithmetic in this alone, and in what the order of a reduction brings along: zeros added, ones
multiplied, the rounding of partial sums to `float`.

A form that is no sum is an atom: it has a random number, the same wherever the form occurs. A sum is the sum of its
atoms' numbers modulo a prime, those that are added and those that are subtracted apart, so that x + a - a is not x; a
product the product of its factors' numbers. Two forms with the same numbers are the same but for a chance of about
1e-15 (the multisets are two polynomials in the random numbers: Schwartz 1980, Zippel 1979). Each term is met once.
"""

from __future__ import annotations

import random
from collections.abc import Hashable
from typing import Any, NamedTuple

from chatmpi.verify.simulate.terms import Term, Terms

_PRIME = 2**61 - 1
_SUMS = frozenset({"+", "+f"})
_DIFFERENCES = frozenset({"-", "-f"})
_PRODUCTS = frozenset({"*", "*f"})
_QUOTIENTS = frozenset({"/", "/f"})
_EXTREMES = frozenset({"max", "min"})
_TRANSPARENT = "single"


class _Form(NamedTuple):
    """What is added and what is subtracted, and the atom if there is only one; both numbers are 0 for a zero."""

    plus: int
    minus: int
    atom: int

    def negated(self) -> _Form:
        return _Form(self.minus, self.plus, self.atom)

    def key(self) -> Hashable:
        return (self.plus, self.minus)

    def is_negative(self) -> bool:
        """Whether it is an atom that bears a sign."""
        return self.atom != 0 and self.minus != 0

    def is_zero(self) -> bool:
        return self.plus == 0 and self.minus == 0


class Canonical:
    """Canonical forms, each found once. A form of None is a time, as is all that is computed from one."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._forms: list[_Form | None] = []
        self._random = random.Random(20)
        self._atoms: dict[Hashable, int] = {}
        self._factors: dict[int, int] = {}  # of an atom: its number as a factor; of a product the product
        self._numbers: set[int] = set()  # atoms that are numbers of the program, or products of these
        self._best: dict[int, Term] = {}  # of an extreme, by its serial: the value that it is

    def equal(self, a: Term, b: Term) -> bool:
        return a is b or self.of(a) == self.of(b)

    def of(self, term: Term) -> tuple[int, int] | None:
        """What two terms have in common if they differ in order only."""
        forms, everything = self._forms, self._terms.everything
        for serial in range(len(forms), term.serial + 1):
            forms.append(self._form(everything[serial]))
        form = forms[term.serial]
        return None if form is None else (form.plus, form.minus)

    def _form(self, term: Term) -> _Form | None:
        op = term.op
        if op == "const":
            return self._constant(float.fromhex(term.args[0]))
        if op == "time":
            return None
        forms = self._forms
        parts: list[Any] = [forms[a.serial] if isinstance(a, Term) else a for a in term.args]
        if None in parts:
            return None
        found: _Form
        if op in _SUMS:
            return _sum(*parts)
        if op in _PRODUCTS:
            return self._product(*parts)
        if op in _DIFFERENCES:
            return _sum(parts[0], parts[1].negated())
        if op == "neg":
            found = parts[0].negated()
            return found
        if op == _TRANSPARENT:
            found = parts[0]
            return found
        if op in _QUOTIENTS:
            above, below = parts
            found = self._atom(("/", _magnitude(above), _magnitude(below)))
            return found.negated() if above.is_negative() != below.is_negative() else found
        if op in _EXTREMES and (best := self._extreme(term)) is not None:
            return forms[best.serial]
        return self._atom((op, *(p.key() if isinstance(p, _Form) else p for p in parts)))

    def _constant(self, value: float) -> _Form:
        found = self._atom(("const", abs(value).hex()))
        self._numbers.add(found.atom)
        if value == 1.0 or value == -1.0:
            self._factors[found.atom] = 1
        if value == 0.0:
            return _Form(0, 0, found.atom)
        return found.negated() if value < 0 else found

    def _atom(self, key: Hashable, factor: int = 0) -> _Form:
        number = self._atoms.get(key)
        if number is None:
            number = self._atoms[key] = self._random.randrange(1, _PRIME)
            self._factors[number] = factor or self._random.randrange(2, _PRIME)
        return _Form(number, 0, number)

    def _product(self, a: _Form, b: _Form) -> _Form:
        one, other = self._factor(a), self._factor(b)
        if one == 1:
            return b.negated() if a.is_negative() else b
        if other == 1:
            return a.negated() if b.is_negative() else a
        product = one * other % _PRIME
        found = self._atom(("product", product), product)
        if a.atom in self._numbers and b.atom in self._numbers:
            self._numbers.add(found.atom)
            if a.is_zero() or b.is_zero():
                return _Form(0, 0, found.atom)
        return found.negated() if a.is_negative() != b.is_negative() else found

    def _factor(self, form: _Form) -> int:
        return self._factors[form.atom or self._atom(("sum", form.key())).atom]

    def _extreme(self, term: Term) -> Term | None:
        """Of the values that are extreme, in whatever order they were compared, the first that came to be."""
        found: Term | None = None
        for part in term.args:
            value = part
            while value.op == _TRANSPARENT:
                value = value.args[0]
            best = self._best.get(value.serial) if value.op == term.op else value
            if best is not None and best.value == term.value and (found is None or best.serial < found.serial):
                found = best
        if found is not None:
            self._best[term.serial] = found
        return found


def _sum(a: _Form, b: _Form) -> _Form:
    if a.is_zero():
        return b
    if b.is_zero():
        return a
    return _Form((a.plus + b.plus) % _PRIME, (a.minus + b.minus) % _PRIME, 0)


def _magnitude(form: _Form) -> Any:
    """Without the sign that an atom bears."""
    return form.plus + form.minus if form.atom else form.key()
