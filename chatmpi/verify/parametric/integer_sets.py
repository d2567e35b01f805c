"""Quantities as isl's piecewise quasi-affine functions of the problem sizes, for one rank among a number of ranks.

These are numbers then, so `rank * n / size` is quasi-affine in n.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import reduce

import islpy as isl

from chatmpi.analysis.numbers.pieces import Choice, Combined, Comparison, Condition
from chatmpi.analysis.numbers.polynomial import Atom, Polynomial
from chatmpi.verify.parametric.quantities import RANK, RANKS, Divided, Iteration, OfSize, Unfit
from chatmpi.verify.parametric.signs import is_natural

_VALUES = 64  # of what is no constant, as a factor or divisor
_RELATIONS: dict[str, Callable[[isl.PwAff, isl.PwAff], isl.Set]] = {
    "<": isl.PwAff.lt_set,
    "<=": isl.PwAff.le_set,
    ">": isl.PwAff.gt_set,
    ">=": isl.PwAff.ge_set,
    "==": isl.PwAff.eq_set,
    "!=": isl.PwAff.ne_set,
}


@dataclass(frozen=True)
class Space:
    """The parameters: sizes, each at least 1, and `points` of iterations."""

    sizes: tuple[str, ...]
    points: int
    context: isl.Context = field(default_factory=isl.Context)
    known: dict[str, isl.PwAff] = field(default_factory=dict)
    whole: isl.Set = field(init=False)

    def __post_init__(self) -> None:
        least = " and ".join(f"s{k} >= 1" for k in range(len(self.sizes))) or "1 = 1"
        object.__setattr__(
            self, "whole", isl.Set.read_from_str(self.context, f"{self._parameters()} -> {{ : {least} }}")
        )

    def quantity(self, text: str) -> isl.PwAff:
        if text not in self.known:
            self.known[text] = isl.PwAff.read_from_str(self.context, f"{self._parameters()} -> {{ [({text})] }}")
        return self.known[text]

    def number(self, value: int) -> isl.PwAff:
        return self.quantity(str(value))

    def size(self, name: str) -> isl.PwAff:
        return self.quantity(f"s{self.sizes.index(name)}")

    def point(self, depth: int) -> isl.PwAff:
        if depth >= self.points:
            raise Unfit("loops in loops")
        return self.quantity(f"i{depth}")

    def nowhere(self) -> isl.Set:
        return isl.Set.empty(self.whole.get_space())

    def _parameters(self) -> str:
        return f"[{', '.join((*(f's{k}' for k in range(len(self.sizes))), *(f'i{k}' for k in range(self.points))))}]"


@dataclass(frozen=True)
class At:
    """What quantities are at one rank; a number where they are one."""

    space: Space
    rank: int
    ranks: int
    known: dict[int, tuple[Polynomial, int | isl.PwAff]] = field(default_factory=dict)
    atoms: dict[Atom, int | isl.PwAff] = field(default_factory=dict)

    def value(self, q: Polynomial) -> isl.PwAff:
        """Raises Unfit."""
        found = self._value(q)
        return self.space.number(found) if isinstance(found, int) else found

    def number(self, q: Polynomial) -> int | None:
        """The value, where it is one for all sizes. Raises Unfit."""
        found = self._value(q)
        if isinstance(found, int):
            return found
        return whole_number(found.max_val()) if found.is_cst() else None

    def holds(self, c: Condition) -> isl.Set:
        """Raises Unfit."""
        match c:
            case Comparison(op=op, left=left):
                value = self._value(left)
                if isinstance(value, int):
                    true = {"<": value < 0, "<=": value <= 0, ">": value > 0, ">=": value >= 0}
                    true |= {"==": value == 0, "!=": value != 0}
                    return self.space.whole if true[op] else self.space.nowhere()
                return _RELATIONS[op](value, self.space.number(0)).intersect(self.space.whole)
            case Combined(every=every, parts=parts):
                sets = [self.holds(p) for p in parts]
                if every:
                    return reduce(isl.Set.intersect, sets, self.space.whole)
                return reduce(isl.Set.union, sets, self.space.nowhere())

    def all_hold(self, conditions: Iterable[Condition]) -> isl.Set:
        return reduce(isl.Set.intersect, map(self.holds, conditions), self.space.whole)

    def _value(self, q: Polynomial) -> int | isl.PwAff:
        known = self.known.get(id(q))
        if known is not None:
            return known[1]
        found = self._sum(q)
        self.known[id(q)] = (q, found)
        return found

    def _sum(self, q: Polynomial) -> int | isl.PwAff:
        number, total = 0, None
        for monomial, factor in q.terms:
            product: isl.PwAff | None = None
            for atom in monomial:
                value = self._atom(atom)
                if isinstance(value, int):
                    factor *= value
                else:
                    product = value if product is None else self._product(product, value)
            if product is None or factor == 0:
                number += factor
                continue
            product = product if factor == 1 else product.scale_val(isl.Val.int_from_si(self.space.context, factor))
            total = product if total is None else total.add(product)
        if total is None:
            return number
        return total if number == 0 else total.add(self.space.number(number))

    def _atom(self, atom: Atom) -> int | isl.PwAff:
        if atom not in self.atoms:
            self.atoms[atom] = self._made(atom)
        return self.atoms[atom]

    def _made(self, atom: Atom) -> int | isl.PwAff:
        if atom == RANK:
            return self.rank
        if atom == RANKS:
            return self.ranks
        match atom.origin:
            case OfSize(name=name):
                return self.space.size(name)
            case Iteration(depth=depth):
                return self.space.point(depth)
            case Divided(op=op, dividend=a, divisor=b):
                return self._divided(op, a, b)
            case Choice(condition=condition, then=then, otherwise=otherwise):
                return self._chosen(condition, then, otherwise)
        raise Unfit(atom.text)

    def _chosen(self, condition: Condition, then: Polynomial, otherwise: Polynomial) -> int | isl.PwAff:
        where = self.holds(condition)
        if where.is_empty():
            return self._value(otherwise)
        if self.space.whole.is_subset(where):
            return self._value(then)
        a, b = self.value(then), self.value(otherwise)
        return a.intersect_domain(where).union_add(b.subtract_domain(where)).coalesce()

    def _divided(self, op: str, dividend: Polynomial, divisor: Polynomial) -> int | isl.PwAff:
        a, b = self._value(dividend), self._value(divisor)
        if isinstance(b, int):
            if b == 0:
                raise Unfit("a division by zero")
            if isinstance(a, int):
                quotient = abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
                return quotient if op == "/" else a - quotient * b
            if b > 0 and is_natural(dividend):
                value = isl.Val.int_from_si(self.space.context, b)
                floor = a.scale_down_val(value).floor()
                return floor if op == "/" else a.sub(floor.scale_val(value))
        a, b = self.value(dividend), self.value(divisor)
        return self._by_values(isl.PwAff.tdiv_q if op == "/" else isl.PwAff.tdiv_r, a, b, zero=False)

    def _product(self, a: isl.PwAff, b: isl.PwAff) -> isl.PwAff:
        return self._by_values(isl.PwAff.mul, *((a, b) if self._few(b) else (b, a)), zero=True)

    def _by_values(
        self, combine: Callable[[isl.PwAff, isl.PwAff], isl.PwAff], a: isl.PwAff, b: isl.PwAff, zero: bool
    ) -> isl.PwAff:
        """What combines `a` with each value that `b` takes, where it takes it."""
        made: isl.PwAff | None = None
        for value in self._few(b):
            if value == 0 and not zero:
                continue
            constant = self.space.number(value)
            part = combine(a, constant).intersect_domain(b.eq_set(constant))
            made = part if made is None else made.union_add(part)
        if made is None:
            raise Unfit("a product or quotient of two sizes")
        return made.coalesce()

    def _few(self, b: isl.PwAff) -> range:
        """The values that it may take; none if they may be many."""
        bounded = b.intersect_params(self.space.whole)
        least, most = bounded.min_val(), bounded.max_val()
        if not (least.is_int() and most.is_int()):
            return range(0)
        values = range(whole_number(least), whole_number(most) + 1)
        return values if len(values) <= _VALUES else range(0)


def whole_number(value: isl.Val) -> int:
    """Raises isl.Error, as all else does, where the operations have come to an end while it is read."""
    text: str | None = value.to_str()
    if text is None:
        raise isl.Error("a number cannot be read")
    return int(text)
