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
from array import array
from collections.abc import Hashable, Iterator
from typing import Any

from chatmpi.verify.simulate.apart import Apart
from chatmpi.verify.simulate.terms import Term, Terms

_PRIME = 2**61 - 1
_SEED, _AT_A_TIME = 20, 1024  # random numbers
_SUMS = frozenset({"+", "+f"})
_DIFFERENCES = frozenset({"-", "-f"})
_PRODUCTS = frozenset({"*", "*f"})
_QUOTIENTS = frozenset({"/", "/f"})
_EXTREMES = frozenset({"max", "min"})
_TRANSPARENT = "single"

# What is added and what is subtracted, and the atom if there is only one; both numbers are 0 for a zero.
_Form = tuple[int, int, int]
_Forms = list[_Form | None] | dict[int, _Form | None]  # by the terms' serials


class Canonical:
    """Canonical forms, each found once. A form of None is a time, as is all that is computed from one."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._forms: list[_Form | None] = []
        self._random = _random_numbers()
        self._atoms: dict[Hashable, int] = {}
        self._products: dict[int, int] = {}  # by the product of their factors
        self._factors: dict[int, int] = {}  # of an atom: its number as a factor; of a product the product
        self._sums: dict[_Form, int] = {}  # their numbers as factors
        self._numbers: set[int] = set()  # atoms that are numbers of the program, or products of these
        self._best: dict[int, Term] = {}  # of an extreme, by its serial: the value that it is

    @property
    def unknown(self) -> int:
        """How many terms have no form yet."""
        return len(self._terms.everything) - len(self._forms)

    def equal(self, a: Term, b: Term) -> bool:
        return a is b or self.of(a) == self.of(b)

    def of(self, term: Term) -> tuple[int, int] | None:
        """What two terms have in common if they differ in order only."""
        forms, everything = self._forms, self._terms.everything
        for new in everything[len(forms) : term.serial + 1]:
            if new.op == "+":  # most are: without the calls that other operators need
                a, b = new.args
                forms.append(_sum(forms[a.serial], forms[b.serial]))
            else:
                forms.append(self._form(new, forms))
        form = forms[term.serial]
        return None if form is None else form[:2]

    def beside(self, found: Apart) -> dict[int, tuple[int, int] | None]:
        """By their serials, forms of the terms that two computations do not have in common: whatever those that they
        share are. Two that are the same here are so for `equal`; empty where nothing can be told so."""
        forms: dict[int, _Form | None] = {}
        hidden = set()
        for term in found.shared:
            if term.op == "const":
                forms[term.serial] = self._constant(float.fromhex(term.args[0]))
            else:
                hidden.add(term.serial)
                forms[term.serial] = self._atom(("shared", term.serial))
        for term in found.own:
            if term.op in _EXTREMES and _leads_into(term, hidden):
                return {}
            forms[term.serial] = self._form(term, forms)
        return {serial: None if form is None else form[:2] for serial, form in forms.items()}

    def _form(self, term: Term, forms: _Forms) -> _Form | None:
        op, args = term.op, term.args
        if op in _SUMS:
            return _sum(forms[args[0].serial], forms[args[1].serial])
        if op in _PRODUCTS:
            return self._product(forms[args[0].serial], forms[args[1].serial])
        if op in _DIFFERENCES:
            return _sum(forms[args[0].serial], _negated(forms[args[1].serial]))
        if op == "const":
            return self._constant(float.fromhex(args[0]))
        if op == "time":
            return None
        parts: list[Any] = [forms[a.serial] if isinstance(a, Term) else a for a in args]
        if None in parts:
            return None
        if op == "neg":
            return _negated(parts[0])
        if op == _TRANSPARENT:
            found: _Form = parts[0]
            return found
        if op in _QUOTIENTS:
            above, below = parts
            found = self._atom(("/", _magnitude(above), _magnitude(below)))
            return _negated(found) if _is_negative(above) != _is_negative(below) else found
        if op in _EXTREMES and (best := self._extreme(term)) is not None:
            return forms[best.serial]
        return self._atom((op, *(p[:2] if isinstance(a, Term) else p for a, p in zip(args, parts, strict=True))))

    def _constant(self, value: float) -> _Form:
        found = self._atom(("const", abs(value).hex()))
        self._numbers.add(found[2])
        if value == 1.0 or value == -1.0:
            self._factors[found[2]] = 1
        if value == 0.0:
            return (0, 0, found[2])
        return (0, found[0], found[2]) if value < 0 else found

    def _atom(self, key: Hashable) -> _Form:
        number = self._atoms.get(key)
        if number is None:
            number = self._atoms[key] = next(self._random)
        return (number, 0, number)

    def _product(self, a: _Form | None, b: _Form | None) -> _Form | None:
        if a is None or b is None:
            return None
        one, other = self._factor(a), self._factor(b)
        if one == 1:
            return _negated(b) if _is_negative(a) else b
        if other == 1:
            return _negated(a) if _is_negative(b) else a
        product = one * other % _PRIME
        number = self._products.get(product)
        if number is None:
            number = self._products[product] = next(self._random)
            self._factors[number] = product
        if a[2] in self._numbers and b[2] in self._numbers:
            self._numbers.add(number)
            if _is_zero(a) or _is_zero(b):
                return (0, 0, number)
        return (0, number, number) if _is_negative(a) != _is_negative(b) else (number, 0, number)

    def _factor(self, form: _Form) -> int:
        known: dict[Any, int] = self._factors if form[2] else self._sums
        key = form[2] or form
        found = known.get(key)
        if found is None:
            found = known[key] = next(self._random)
        return found

    def _extreme(self, term: Term) -> Term | None:
        """Of the values that are extreme, in whatever order they were compared, the first that came to be."""
        found: Term | None = None
        for part in (a for a in term.args if a.value == term.value):
            value = part
            while value.op == _TRANSPARENT:
                value = value.args[0]
            best = self._best.get(value.serial) if value.op == term.op else value
            if best is not None and (found is None or best.serial < found.serial):
                found = best
        if found is not None:
            self._best[term.serial] = found
        return found


def _random_numbers() -> Iterator[int]:
    """Without end, of the prime's 61 bits, none of them 0 or 1."""
    source = random.Random(_SEED)
    while True:
        for number in array("Q", source.randbytes(8 * _AT_A_TIME)):
            yield number % _PRIME if number % _PRIME > 1 else 2


def _leads_into(extreme: Term, hidden: set[int]) -> bool:
    """Whether the values that were compared lie in what is not looked into."""
    for value in extreme.args:
        while value.op == _TRANSPARENT and value.serial not in hidden:
            value = value.args[0]
        if value.serial in hidden and value.op in (_TRANSPARENT, extreme.op):
            return True
    return False


def _sum(a: _Form | None, b: _Form | None) -> _Form | None:
    if a is None or b is None:
        return None
    plus, minus, _ = a
    more, less, _ = b
    if not (plus or minus):
        return b
    if not (more or less):
        return a
    return ((plus + more) % _PRIME, (minus + less) % _PRIME, 0)


def _negated(form: _Form | None) -> _Form | None:
    return None if form is None else (form[1], form[0], form[2])


def _is_zero(form: _Form) -> bool:
    return form[0] == 0 and form[1] == 0


def _is_negative(form: _Form) -> bool:
    """Whether it is an atom that bears a sign."""
    return form[2] != 0 and form[1] != 0


def _magnitude(form: _Form) -> Any:
    """Without the sign that an atom bears."""
    return form[0] + form[1] if form[2] else form[:2]
