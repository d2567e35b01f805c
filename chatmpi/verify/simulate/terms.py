"""Floating-point values as terms: hash-consed expression graphs, each with a concrete shadow value beside it.

Leaves are numbers that the program writes, computes from integers, or reads. Two equal terms are one object, so they
are compared by identity. `Terms` holds the table that makes it so; the sequential run and all ranks share one.
"""

from __future__ import annotations

import math
import operator
import struct
from collections.abc import Callable
from typing import Any

from chatmpi.verify.simulate.errors import OutOfBudget, Unsupported

_LARGEST_TABLE = 2_000_000
_TINY = 1e-5  # numbers this small, or as large, are tolerances and limits, not data
_SINGLES = frozenset({"+f", "-f", "*f", "/f", "single"})


class Term:
    """`op` with `args`; a leaf has the op "const" or "input" and its number as argument. `serial` counts terms as
    they come: a term's is larger than its arguments'."""

    __slots__ = ("args", "op", "serial", "value")

    def __init__(self, op: str, args: tuple[Any, ...], value: float, serial: int) -> None:
        self.op, self.args, self.value, self.serial = op, args, value, serial

    def __bool__(self) -> bool:
        raise Unsupported("a floating value as a condition")

    def __repr__(self) -> str:
        return f"{self.op}{self.args}"


class Ticks(int):
    """A time as an integer, and what is computed from it: equal to any other, as no two runs agree in it."""

    def __add__(self, other: int) -> Ticks:
        return Ticks(int(self) + int(other))

    def __sub__(self, other: int) -> Ticks:
        return Ticks(int(self) - int(other))

    def __mul__(self, other: int) -> Ticks:
        return Ticks(int(self) * int(other))

    __radd__, __rmul__ = __add__, __mul__


def to_single(value: float) -> float:
    """Rounded to `float`."""
    try:
        rounded: float = struct.unpack("f", struct.pack("f", value))[0]
    except OverflowError:
        return math.copysign(math.inf, value)
    return rounded


def divided(a: float, b: float) -> float:
    """IEEE division."""
    if b:
        return a / b
    return math.nan if a == 0 or a != a else math.copysign(math.inf, a) * math.copysign(1.0, b)


class Table(dict[tuple[Term, Term], Term]):
    """The results of an operator, each made when it is first asked for: `table[a, b]`."""

    __slots__ = ("_apply", "_everything", "_op")

    def __init__(self, everything: list[Term], op: str, apply: Callable[[float, float], float]) -> None:
        super().__init__()
        self._everything, self._op, self._apply = everything, op, apply

    def __missing__(self, key: tuple[Term, Term]) -> Term:
        a, b = key
        everything = self._everything
        serial = len(everything)
        found = self[key] = Term(self._op, key, self._apply(a.value, b.value), serial)
        everything.append(found)
        if serial >= _LARGEST_TABLE:
            raise OutOfBudget
        return found


class CommutingTable(Table):
    """Of an operator that gives the same in either order."""

    __slots__ = ()

    def __missing__(self, key: tuple[Term, Term]) -> Term:
        """As `Table` does it, without calls of it: most terms are made here."""
        a, b = args = key
        if a.serial > b.serial:
            a, b = args = b, a
            known = self.get(args)
            if known is not None:
                self[key] = known
                return known
        everything = self._everything
        serial = len(everything)
        found = self[key] = Term(self._op, args, self._apply(a.value, b.value), serial)
        if args is not key:
            self[args] = found
        everything.append(found)
        if serial >= _LARGEST_TABLE:
            raise OutOfBudget
        return found


class Terms:
    """The tables of all terms and the functions that make them; `everything` holds them by their serials.

    With `generic` shadows, all numbers but 0, 1 and -1 are shifted a little, each by another amount: values that are
    equal by chance are then told apart, so that both programs choose the same one of them. A `shuffle` other than 0
    changes them much, differently for each: what depends on which value is larger then takes other branches. Where
    `time_passes`, times differ.
    """

    def __init__(self, generic: bool = False, shuffle: int = 0, time_passes: bool = False) -> None:
        self._generic, self._shuffle, self._time_passes = generic, shuffle, time_passes
        everything: list[Term] = []
        self.everything = everything
        self._counted = 0
        self.table: dict[tuple[Any, ...], Term] = {}
        self._integers: dict[int, Term] = {}
        self.add = CommutingTable(everything, "+", operator.add)
        self.mul = CommutingTable(everything, "*", operator.mul)
        self.sub = Table(everything, "-", operator.sub)
        self.div = Table(everything, "/", divided)
        self.addf = CommutingTable(everything, "+f", lambda a, b: to_single(a + b))
        self.mulf = CommutingTable(everything, "*f", lambda a, b: to_single(a * b))
        self.subf = Table(everything, "-f", lambda a, b: to_single(a - b))
        self.divf = Table(everything, "/f", lambda a, b: to_single(divided(a, b)))
        self._larger = Table(everything, "max", lambda a, b: b if b > a or a != a else a)
        self._smaller = Table(everything, "min", lambda a, b: b if b < a or a != a else a)

    def uncounted(self) -> int:
        """How many terms came since this was last asked."""
        before, self._counted = self._counted, len(self.everything)
        return self._counted - before

    def make(self, key: tuple[Any, ...], value: float) -> Term:
        """A new term; the caller has looked it up before."""
        serial = len(self.everything)
        if serial > _LARGEST_TABLE:
            raise OutOfBudget
        term = self.table[key] = Term(key[0], key[1:], value, serial)
        self.everything.append(term)
        return term

    def maximum(self, a: Term, b: Term) -> Term:
        return self._larger[a, b]

    def minimum(self, a: Term, b: Term) -> Term:
        return self._smaller[a, b]

    def constant(self, value: float) -> Term:
        key = ("const", value.hex())
        found = self.table.get(key)
        return self.make(key, self._shadow(value)) if found is None else found

    def _shadow(self, value: float) -> float:
        if value in (0.0, 1.0, -1.0) or not math.isfinite(value):
            return value
        if self._shuffle and _TINY < abs(value) < 1 / _TINY:
            chance = math.sin(value * 12.9898 + self._shuffle * 78.233) * 43758.5453 % 1.0
            return value * math.pow(8.0, 2.0 * chance - 1.0)
        if not self._generic:
            return value
        return value * (1.0 + 1e-3 * (abs(value) * 0.6180339887498949 % 1.0))

    def _written(self, constant: Term) -> float:
        """The number that a constant stands for."""
        return float.fromhex(constant.args[0])

    def integer(self, value: int) -> Term:
        """An integer as a floating value; a time stays one."""
        if value.__class__ is Ticks:
            return self.applied("time", float(value), int(value)) if self._time_passes else self.applied("time", 0.0)
        found = self._integers.get(value)
        if found is None:
            found = self._integers[value] = self.constant(float(value))
        return found

    def integer_single(self, value: int) -> Term:
        return self.constant(to_single(float(value)))

    def input(self, name: str, value: float) -> Term:
        """A value from outside: two of the same name are the same."""
        key = ("input", name)
        found = self.table.get(key)
        return self.make(key, value) if found is None else found

    def negated(self, a: Term) -> Term:
        if a.op == "const":
            return self.constant(-self._written(a))
        return self.applied("neg", -a.value, a)

    def single(self, a: Term) -> Term:
        """Converted from double to float."""
        if a.op == "const":
            return self.constant(to_single(self._written(a)))
        if a.op in _SINGLES:
            return a
        return self.applied("single", to_single(a.value), a)

    def applied(self, name: str, value: float, *arguments: Any) -> Term:
        """A function's result."""
        key = (name, *arguments)
        found = self.table.get(key)
        return self.make(key, value) if found is None else found
