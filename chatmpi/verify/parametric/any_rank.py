"""Whether conditions can hold together at any rank of any number of ranks, whatever quotients and products are.

What isl cannot express counts as any number. So only "nowhere" is certain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import islpy as isl

from chatmpi.analysis.numbers.piece_sets import formula
from chatmpi.analysis.numbers.pieces import Comparison, Condition, Quotient, Remainder
from chatmpi.analysis.numbers.polynomial import Atom, Monomial, Origin, Polynomial, of_atom
from chatmpi.verify.parametric.quantities import RANK, RANKS, Divided, OfSize
from chatmpi.verify.parametric.signs import is_natural

_SIGNS = {"==": "="}


@dataclass
class _Names:
    """Parameters, one for each product of atoms, and what holds of them."""

    names: dict[Monomial, str] = field(default_factory=dict)
    known: list[str] = field(default_factory=list)

    def affine(self, q: Polynomial | None) -> str | None:
        if q is None:
            return None
        return " + ".join(f"{f}{self._name(m)}" if m else str(f) for m, f in q.terms) or "0"

    def holds(self, c: Condition) -> str:
        if isinstance(c, Comparison):
            return f"{self.affine(c.left)} {_SIGNS.get(c.op, c.op)} 0"
        if not c.parts:
            return "true" if c.every else "false"
        return (" and " if c.every else " or ").join(f"({self.holds(p)})" for p in c.parts)

    def _name(self, monomial: Monomial) -> str:
        if monomial in self.names:
            return self.names[monomial]
        name = self.names[monomial] = f"p{len(self.names)}"
        if is_natural(Polynomial(((monomial, 1),))):
            self.known.append(f"{name} >= 0")
        if len(monomial) == 1:
            self._atom(name, monomial[0])
        return name

    def _atom(self, name: str, atom: Atom) -> None:
        if atom == RANK:
            self.known.append(f"{name} < {self._name((RANKS,))}")
        elif isinstance(atom.origin, OfSize) or atom == RANKS:
            self.known.append(f"{name} >= 1")
        elif atom.origin is not None:
            self.known.append(f"({formula(name, _of_number(atom.origin), self.affine)})")


def _of_number(origin: Origin) -> Origin:
    """Quotients and remainders by a number, as the analysis has them."""
    match origin:
        case Divided(op="/", dividend=a, divisor=b) if (b.constant or 0) > 0:
            return Quotient(a, b.constant or 1, False)
        case Divided(op="%", dividend=a, divisor=b) if (b.constant or 0) > 0:
            return Remainder(a, b, False)
    return origin


def never(context: isl.Context, conditions: Sequence[Condition]) -> bool:
    """Raises isl.Error where it needs too many operations."""
    names = _Names()
    names.affine(of_atom(RANK))
    wanted = [f"({names.holds(c)})" for c in conditions]
    text = " and ".join((*wanted, *names.known)) or "true"
    return bool(isl.Set.read_from_str(context, f"[{', '.join(names.names.values())}] -> {{ : {text} }}").is_empty())
