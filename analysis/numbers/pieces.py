"""Integer expressions that are affine in pieces: remainders, quotients by numbers, choices (`i > 0 ? i - 1 : 0`), and
elements of tables of numbers.

As a whole each is an atom of polynomials; its `origin` says how its value comes about, for the integer sets.
"""

from __future__ import annotations

from dataclasses import dataclass

from chatmpi.analysis.numbers.polynomial import Atom, Origin, Polynomial, of_atom
from chatmpi.analysis.tree import Symbol

Pieces = tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """`left op 0`."""

    op: str  # "<", "<=", ">", ">=", "==", "!="
    left: Polynomial


@dataclass(frozen=True, slots=True)
class Combined:
    """All of several conditions, or any of them."""

    every: bool
    parts: Pieces


Condition = Comparison | Combined


@dataclass(frozen=True, slots=True)
class Remainder(Origin):
    """`dividend % divisor`, rounded towards zero as in C; `unsigned`: computed in an unsigned type."""

    dividend: Polynomial
    divisor: Polynomial
    unsigned: bool


@dataclass(frozen=True, slots=True)
class Quotient(Origin):
    """`dividend / divisor`, rounded towards zero; `unsigned` as above."""

    dividend: Polynomial
    divisor: int
    unsigned: bool


@dataclass(frozen=True, slots=True)
class LowBits(Origin):
    """`value & (modulus - 1)`: the remainder by a power of two, never negative."""

    value: Polynomial
    modulus: int


@dataclass(frozen=True, slots=True)
class Choice(Origin):
    """`condition ? then : otherwise`."""

    condition: Condition
    then: Polynomial
    otherwise: Polynomial


@dataclass(frozen=True, slots=True)
class Table:
    """Numbers that nothing ever changes, in the array `key`; `values` in the order of memory."""

    key: str
    extents: tuple[int, ...]
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Entry(Origin):
    """An element of a table of numbers, by its subscripts."""

    table: Table
    places: tuple[Polynomial, ...]


_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}


def negated(c: Condition) -> Condition:
    match c:
        case Comparison(op=op, left=left):
            return Comparison(_OPPOSITE[op], left)
        case Combined(every=every, parts=parts):
            return Combined(not every, tuple(negated(p) for p in parts))


def choice(condition: Condition, then: Polynomial, otherwise: Polynomial) -> Polynomial:
    """The value of `condition ? then : otherwise`."""
    if then == otherwise:
        return then
    key = f"({_text(condition, True)})?({then.key()}):({otherwise.key()})"
    shown = f"({_text(condition, False)} ? {then.operand_text()} : {otherwise.operand_text()})"
    symbols = symbols_of(condition) | then.symbols | otherwise.symbols
    return of_atom(Atom(key, shown, symbols, Choice(condition, then, otherwise)))


def symbols_of(c: Condition) -> frozenset[Symbol]:
    if isinstance(c, Comparison):
        return c.left.symbols
    return frozenset(s for p in c.parts for s in symbols_of(p))


def _text(c: Condition, keys: bool) -> str:
    if isinstance(c, Comparison):
        return f"{c.left.key()} {c.op} 0" if keys else _comparison_text(c)
    return (" && " if c.every else " || ").join(f"({_text(p, keys)})" for p in c.parts)


def _comparison_text(c: Comparison) -> str:
    """What is added on one side, what is taken away on the other: unsigned numbers are compared, not subtracted."""
    more = Polynomial(tuple((m, f) for m, f in c.left.terms if f > 0))
    return f"{more.text()} {c.op} {(more - c.left).text()}"


def is_pieced(value: Polynomial | None) -> bool:
    """Whether the value is affine in pieces only."""
    return value is not None and any(a.origin is not None for a in value.atoms)
