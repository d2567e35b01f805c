"""Which integer expressions surely keep their value when a variable of another type gets it.

An `int` that is never negative is the same number as `size_t`; a `size_t` that is written with small numbers only is
the same as `int`. What tells so are the numbers that a variable gets, and tests that end the function (`if (n < 1)
return 1;`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from chatmpi.analysis import tree
from chatmpi.analysis.calls.memory_failures import where_memory_lacks
from chatmpi.analysis.expressions import INT_MAX, allocation, bare
from chatmpi.analysis.numbers.constants import constant_of
from chatmpi.analysis.touches import CallTouch, Guard, ScalarTouch, Touches
from chatmpi.analysis.tree import Expr, Symbol

_WIDTHS = {"int": (4, True), "unsigned int": (4, False), "long": (8, True), "unsigned long": (8, False)}
_WIDTHS |= {"long long": (8, True), "unsigned long long": (8, False)}
_WIDTHS |= {"signed char": (1, True), "unsigned char": (1, False), "short": (2, True), "unsigned short": (2, False)}
_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


@dataclass(frozen=True)
class Signs:
    """What is known of a function's variables. `writes`: where each is written, by its position among the touches;
    `read_at`: the position at which a name is read; `small`: variables that only ever get numbers from 0 on which all
    integer types hold; `asking`: variables that only say how much memory is asked for (there is none for a negative
    number, which as an unsigned one is more than any machine has)."""

    writes: dict[Symbol, list[int]] = field(default_factory=dict)
    read_at: dict[int, int] = field(default_factory=dict)
    small: frozenset[Symbol] = frozenset()
    asking: frozenset[Symbol] = frozenset()

    def fits(self, symbol: Symbol, value: Expr, guards: tuple[Guard, ...]) -> bool:
        """Whether the value of an expression, evaluated where these guards hold, is one of the variable's."""
        if not isinstance(symbol.type, tree.Scalar) or not isinstance(value.type, tree.Scalar):
            return False
        mine, theirs = _WIDTHS.get(symbol.type.name), _WIDTHS.get(value.type.name)
        if mine is None or theirs is None:
            return False
        if mine == theirs or (mine[0] > theirs[0] and (mine[1] or not theirs[1])):
            return True
        if mine[0] >= theirs[0] and not mine[1] and theirs[1]:
            return self._natural(value, guards) or (mine[0] == 8 and symbol in self.asking)
        return mine[0] >= 4 and self._small(value)

    def _small(self, value: Expr) -> bool:
        inner = bare(value)
        if isinstance(inner, tree.Sizeof):
            return isinstance(inner.of if inner.operand is None else inner.operand.type, tree.Scalar)
        number = constant_of(inner)
        if number is not None:
            return 0 <= number <= INT_MAX
        return isinstance(inner, tree.Name) and inner.symbol in self.small

    def _natural(self, value: Expr, guards: tuple[Guard, ...]) -> bool:
        """Whether an expression is surely not negative."""
        match value:
            case tree.IntLiteral(value=number):
                return number >= 0
            case tree.Name(type=tree.Scalar(is_unsigned=True)) | tree.Sizeof():
                return True
            case tree.Name(symbol=symbol):
                return symbol in self.small or any(self._tested(symbol, g) for g in guards)
            case tree.Binary(op="+" | "*" | "/" | "%", left=left, right=right):
                return self._natural(left, guards) and self._natural(right, guards)
        return False

    def _tested(self, symbol: Symbol, guard: Guard) -> bool:
        """Whether a guard says that a variable is not negative, which does not change any more."""
        if symbol.storage in {"global", "static"} or guard.loops:
            return False
        last = max(self.writes.get(symbol, [-1]))
        return any(last < self.read_at.get(id(n), -1) for n in _at_least_zero(guard.condition, guard.holds, symbol))


def signs(touches: Touches, unstable: frozenset[Symbol], unread: frozenset[int] = frozenset()) -> Signs:
    """What the touches of a function tell; `unstable` are variables that others may write, `unread` the places of
    touches that write what nothing reads any more."""
    writes: dict[Symbol, list[int]] = {}
    read_at: dict[int, int] = {}
    for k, t in enumerate(touches.items):
        if isinstance(t, ScalarTouch) and t.write and k not in unread:
            writes.setdefault(t.symbol, []).append(k)
        if isinstance(t, ScalarTouch) and t.read and t.symbol not in unstable:
            read_at[id(t.node)] = k
    small = {
        s
        for s, places in writes.items()
        if s.storage == "local" and s not in unstable and all(_is_small(touches.items[k]) for k in places)
    }
    return Signs(writes, read_at, frozenset(small), _asking(touches) - unstable)


def _asking(touches: Touches) -> frozenset[Symbol]:
    """The variables that are read where memory is asked for, and else only where there is none."""
    calls = [t.call for t in touches.items if isinstance(t, CallTouch) and allocation(t.call) is not None]
    asked = {id(n): n.symbol for call in calls for n in tree.walk(call) if isinstance(n, tree.Name)}
    reads = [t for t in touches.items if isinstance(t, ScalarTouch) and t.read and t.symbol in set(asked.values())]
    elsewhere = {t.symbol for t in reads if id(t.node) not in asked and not where_memory_lacks(t)}
    return frozenset(asked.values()) - elsewhere


def _is_small(t: object) -> bool:
    match t:
        case ScalarTouch(update=tree.VarDecl(init=tree.Expr() as value) | tree.Assign(op="=", value=value)):
            number = constant_of(bare(value))
            return number is not None and 0 <= number <= INT_MAX
    return False


def _at_least_zero(condition: Expr, holds: bool, symbol: Symbol) -> Iterator[tree.Name]:
    """The uses of a variable in a condition that can have this truth value only if it is not negative."""
    match condition:
        case tree.Unary(op="!", operand=operand):
            yield from _at_least_zero(operand, not holds, symbol)
        case tree.Binary(op="&&" | "||" as op, left=left, right=right) if (op == "&&") == holds:
            yield from _at_least_zero(left, holds, symbol)
            yield from _at_least_zero(right, holds, symbol)
        case tree.Binary(op=op, left=left, right=right) if op in _OPPOSITE:
            op = op if holds else _OPPOSITE[op]
            for name, relation, other in ((left, op, right), (right, _MIRRORED[op], left)):
                least = constant_of(other)
                if not isinstance(name, tree.Name) or name.symbol != symbol or least is None:
                    continue
                least += relation == ">"
                if relation in {">", ">=", "=="} and least >= 0:
                    yield name
