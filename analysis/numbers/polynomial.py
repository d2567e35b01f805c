"""Integer expressions as polynomials over symbols: the normal form in which subscripts and bounds are compared.

An atom is a variable, a size macro, or an integer expression that is no polynomial (`n/2`, `sizeof(double)`)
taken as a whole. Two expressions with one normal form have one value wherever their variables are unchanged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from chatmpi.analysis.tree import Symbol, is_long


@dataclass(frozen=True, slots=True)
class Origin:
    """How the value of an atom comes about; the kinds are in `pieces`."""


@dataclass(frozen=True, slots=True, order=True)
class Atom:
    """`key` identifies it, `text` is its C text, `symbols` are the variables that its value depends on;
    `origin` says what is computed, where that is known; `is_long`: whether the text is of a type of 64 bits;
    `widened`: whether it is not, but the program computes with its value in such a type."""

    key: str
    text: str = field(compare=False)
    symbols: frozenset[Symbol] = field(compare=False, default=frozenset())
    origin: Origin | None = field(compare=False, default=None)
    is_long: bool = field(compare=False, default=False)
    widened: bool = field(compare=False, default=False)


def variable(symbol: Symbol) -> Atom:
    return Atom(f"{symbol.name}#{symbol.uid}", symbol.name, frozenset({symbol}), is_long=is_long(symbol.type))


def macro(name: str) -> Atom:
    return Atom(name, name)


Monomial = tuple[Atom, ...]


@dataclass(frozen=True, slots=True)
class Polynomial:
    """`terms`: sorted pairs of a monomial (a sorted tuple of atoms, repeated for powers) and a non-zero factor."""

    terms: tuple[tuple[Monomial, int], ...] = ()

    def __add__(self, other: Polynomial) -> Polynomial:
        return _collect([*self.terms, *other.terms])

    def __sub__(self, other: Polynomial) -> Polynomial:
        return self + other.scaled(-1)

    def __mul__(self, other: Polynomial) -> Polynomial:
        return _collect((tuple(sorted(m + k)), a * b) for m, a in self.terms for k, b in other.terms)

    def scaled(self, factor: int) -> Polynomial:
        return _collect((m, a * factor) for m, a in self.terms)

    @property
    def constant(self) -> int | None:
        """The value, if it is a number."""
        match self.terms:
            case ():
                return 0
            case (((), value),):
                return value
        return None

    @property
    def atoms(self) -> frozenset[Atom]:
        return frozenset(a for m, _ in self.terms for a in m)

    @property
    def symbols(self) -> frozenset[Symbol]:
        return frozenset(s for a in self.atoms for s in a.symbols)

    def coefficient(self, atom: Atom) -> Polynomial:
        """What `atom` is multiplied by where it stands to the first power."""
        return _collect((_without(m, atom), a) for m, a in self.terms if m.count(atom) == 1)

    def substitute(self, values: Mapping[Atom, Polynomial]) -> Polynomial:
        if not any(a in values for a in self.atoms):
            return self
        total = Polynomial()
        for monomial, factor in self.terms:
            product = constant(factor)
            for atom in monomial:
                known = values.get(atom, of_atom(atom))
                product = product * (known.widened() if atom.is_long or atom.widened else known)
            total = total + product
        return total

    def widened(self) -> Polynomial:
        """The same value, computed in 64 bits."""
        if all(a.is_long or a.widened for m, _ in self.terms for a in m):
            return self
        return Polynomial(tuple((tuple(a if a.is_long else replace(a, widened=True) for a in m), f)
                                for m, f in self.terms))  # fmt: skip

    def divided(self, divisor: Polynomial) -> tuple[Polynomial, Polynomial]:
        """Quotient and remainder: self = quotient * divisor + remainder, by the divisor's leading term."""
        if not divisor.terms:
            raise ZeroDivisionError
        lead, factor = max(divisor.terms, key=lambda t: _rank(t[0]))
        quotient, rest, remainder = Polynomial(), self, Polynomial()
        while rest.terms:
            monomial, value = max(rest.terms, key=lambda t: _rank(t[0]))
            left = _cancel(monomial, lead)
            share = value // factor if left is not None else 0
            if left is not None and share:
                step = _collect([(left, share)])
                quotient, rest = quotient + step, rest - step * divisor
                continue
            term = _collect([(monomial, value)])
            remainder, rest = remainder + term, rest - term
        return quotient, remainder

    def text(self, rename: Callable[[Atom], str] = lambda a: a.text) -> str:
        """As C, positive terms first; as wide as the program computes them."""
        return self._text(rename, widths=True)

    def key(self) -> str:
        """A text that only equal polynomials have."""
        return self._text(lambda a: a.key, widths=False)

    def _text(self, name: Callable[[Atom], str], widths: bool) -> str:
        ordered = sorted(self.terms, key=lambda t: (t[1] < 0, not t[0], len(t[0]), t[0]))
        is_sum = sum(1 for monomial, factor in ordered if monomial and factor > 0) > 1
        pieces: list[str] = []
        for monomial, factor in ordered:
            names = [name(a) for a in monomial]
            if widths and _needs_width(monomial, factor, is_sum and not pieces):
                names[0] = f"(long){names[0]}"
            if abs(factor) != 1 or not names:
                names.insert(0, str(abs(factor)))
            sign = ("- " if factor < 0 else "+ ") if pieces else ("-" if factor < 0 else "")
            pieces.append(sign + "*".join(names))
        return " ".join(pieces) or "0"

    @property
    def is_sum(self) -> bool:
        """Whether its text needs parentheses as an operand."""
        return len(self.terms) > 1 or any(f < 0 for _, f in self.terms)

    def operand_text(self) -> str:
        return f"({self.text()})" if self.is_sum else self.text()


def constant(value: int) -> Polynomial:
    return Polynomial((((), value),) if value else ())


def of_atom(atom: Atom) -> Polynomial:
    return Polynomial((((atom,), 1),))


ZERO, ONE = constant(0), constant(1)


def _collect(terms: Iterable[tuple[Monomial, int]]) -> Polynomial:
    total: dict[Monomial, int] = {}
    for monomial, factor in terms:
        total[monomial] = total.get(monomial, 0) + factor
    return Polynomial(tuple(sorted((m, f) for m, f in total.items() if f)))


def _needs_width(monomial: Monomial, factor: int, is_added_to: bool) -> bool:
    """Whether what is made of narrow values first is one of 64 bits in the program."""
    first = monomial[:2] if abs(factor) == 1 else monomial[:1]
    alone = len(monomial) == 1 and abs(factor) == 1 and not is_added_to
    return not alone and any(a.widened for a in monomial) and not any(a.is_long for a in first)


def _rank(monomial: Monomial) -> tuple[int, Monomial]:
    return len(monomial), monomial


def _without(monomial: Monomial, atom: Atom) -> Monomial:
    position = monomial.index(atom)
    return monomial[:position] + monomial[position + 1 :]


def _cancel(monomial: Monomial, divisor: Monomial) -> Monomial | None:
    rest = list(monomial)
    for atom in divisor:
        if atom not in rest:
            return None
        rest.remove(atom)
    return tuple(rest)
