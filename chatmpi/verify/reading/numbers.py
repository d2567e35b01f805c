"""Numbers in expressions, and numbers that show two polynomials to differ."""

from __future__ import annotations

from chatmpi.analysis import tree
from chatmpi.analysis.numbers.polynomial import Atom, Polynomial
from chatmpi.analysis.tree import Expr, Symbol
from chatmpi.verify.reading.terms import RANK, SIZE, Terms

_SIZES, _INDICES = (11, 13, 17, 19, 23, 29), (4, 5, 2, 3, 1, 6)


def number_of(expr: Expr | None) -> float | None:
    """The number that an expression is written as."""
    match expr:
        case tree.IntLiteral(value=value):
            return float(value)
        case tree.FloatLiteral(value=number):
            return number
        case tree.Cast(operand=operand):
            return _as(number_of(operand), expr.type)
        case tree.Assign(op="=", target=target, value=value):
            return _as(number_of(value), target.type)
        case tree.Unary(op="-", operand=operand):
            inner = number_of(operand)
            return None if inner is None else -inner
    return None


def _as(number: float | None, kind: tree.CType) -> float | None:
    """A number converted to a type; None if that may change it."""
    whole = number is None or number.is_integer()
    return number if whole or (isinstance(kind, tree.Scalar) and kind.is_floating) else None


def held(number: float | None, symbol: Symbol) -> float | None:
    """What a variable holds that is set to a number."""
    return _as(number, symbol.type)


def trial(found: Polynomial, wanted: Polynomial, terms: Terms) -> str:
    """Values for which two different polynomials differ: `i = 4, row_begin = 3: 4 instead of 7`."""
    atoms = sorted(found.atoms | wanted.atoms)
    values = _values(atoms, terms)
    a, b = _at(found, values), _at(wanted, values)
    if a == b or any(atom.key.startswith("?") for atom in atoms):
        return ""
    shown = ", ".join(f"{terms.shown(atom)} = {values[atom]}" for atom in atoms)
    return f"{shown}: {a} instead of {b}" if shown else f"{a} instead of {b}"


def _values(atoms: list[Atom], terms: Terms) -> dict[Atom, int]:
    """A small case: block boundaries in order, indices below sizes."""
    values: dict[Atom, int] = {}
    sizes, indices = iter(_SIZES * len(atoms)), iter(_INDICES * len(atoms))
    for atom in atoms:
        block = terms.blocks.get(atom)
        if block is not None:
            values[atom] = 6 if block.position.constant is None and block.position != Polynomial((((RANK,), 1),)) else 3
        elif atom in (RANK, SIZE):
            values[atom] = 1 if atom == RANK else 4
        else:
            values[atom] = next(indices if len(atom.text) == 1 and atom.text in "ijklst" else sizes)
    return values


def _at(value: Polynomial, values: dict[Atom, int]) -> int:
    total = 0
    for monomial, factor in value.terms:
        product = factor
        for atom in monomial:
            product *= values[atom]
        total += product
    return total
