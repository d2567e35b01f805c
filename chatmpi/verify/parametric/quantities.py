"""Integer expressions of C as piecewise quasi-affine functions of the problem sizes, by isl.

A rank and the number of ranks are numbers here, so `rank * n / size` is quasi-affine in n. Integers count as
unbounded: what holds, holds where no sum or product overflows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import islpy as isl

from chatmpi.analysis.tree import (
    Binary,
    Call,
    Cast,
    Conditional,
    Expr,
    Function,
    IntLiteral,
    Name,
    Program,
    Return,
    Scalar,
    Unary,
)

_VALUES = 64  # of an expression that is no constant, as a factor or divisor
_DEPTH = 4  # of functions in functions

_COMPARISONS = {"<": "lt_set", "<=": "le_set", ">": "gt_set", ">=": "ge_set", "==": "eq_set", "!=": "ne_set"}


class Unfit(Exception):
    """An expression that is not quasi-affine, or of something that is not known."""


@dataclass(frozen=True)
class Space:
    """The parameters: sizes, each at least 1, and the iteration."""

    sizes: tuple[str, ...]
    context: isl.Context = field(default_factory=isl.Context)
    known: dict[str, isl.PwAff] = field(default_factory=dict)

    def quantity(self, text: str) -> isl.PwAff:
        if text not in self.known:
            made = f"{self._parameters()} -> {{ [({text})] : {self._bounds()} }}"
            self.known[text] = isl.PwAff.read_from_str(self.context, made)
        return self.known[text]

    def size(self, name: str) -> isl.PwAff:
        return self.quantity(f"s{self.sizes.index(name)}")

    def point(self) -> isl.PwAff:
        return self.quantity("i")

    def whole(self) -> isl.Set:
        return isl.Set.read_from_str(self.context, f"{self._parameters()} -> {{ : {self._bounds()} }}")

    def _parameters(self) -> str:
        return f"[{', '.join((*(f's{k}' for k in range(len(self.sizes))), 'i'))}]"

    def _bounds(self) -> str:
        return " and ".join(f"s{k} >= 1" for k in range(len(self.sizes))) or "1 = 1"


Variables = dict[int, isl.PwAff | None]


@dataclass(frozen=True)
class Evaluator:
    """Values of expressions where the variables hold what is given."""

    program: Program
    space: Space

    def value(self, e: Expr, variables: Variables, depth: int = 0) -> isl.PwAff:
        """Raises Unfit."""
        match e:
            case IntLiteral(value=value, macro=macro):
                return self.space.size(macro) if macro in self.space.sizes else self.space.quantity(str(value))
            case Name(symbol=symbol):
                known = variables.get(symbol.uid)
                if known is None:
                    raise Unfit(symbol.name)
                return known
            case Cast(operand=operand) if _is_integer(e) and _is_integer(operand):
                return self.value(operand, variables, depth)
            case Unary(op="-", operand=operand):
                return self.value(operand, variables, depth).neg()
            case Unary(op="+", operand=operand):
                return self.value(operand, variables, depth)
            case Binary(op="+" | "-" | "*" | "/" | "%", left=left, right=right) if _is_integer(e):
                a, b = self.value(left, variables, depth), self.value(right, variables, depth)
                return arithmetic(e.op, a, b)
            case Conditional(condition=condition, then=then, otherwise=otherwise):
                where = self.holds(condition, variables, depth)
                return chosen(where, *(self.value(x, variables, depth) for x in (then, otherwise)))
            case Binary(op="&&" | "||" | "<" | "<=" | ">" | ">=" | "==" | "!=") | Unary(op="!"):
                return self.holds(e, variables, depth).indicator_function()
            case Call():
                return self._called(e, variables, depth)
        raise Unfit(type(e).__name__)

    def holds(self, e: Expr, variables: Variables, depth: int = 0) -> isl.Set:
        """Where a condition holds. Raises Unfit."""
        match e:
            case Binary(op=op, left=left, right=right) if op in _COMPARISONS:
                a, b = self.value(left, variables, depth), self.value(right, variables, depth)
                where: isl.Set = getattr(a, _COMPARISONS[op])(b)
                return where
            case Binary(op="&&" | "||", left=left, right=right):
                x, y = self.holds(left, variables, depth), self.holds(right, variables, depth)
                return x.intersect(y) if e.op == "&&" else x.union(y)
            case Unary(op="!", operand=operand):
                return self.holds(operand, variables, depth).complement()
        return self.value(e, variables, depth).ne_set(self.space.quantity("0"))

    def _called(self, e: Call, variables: Variables, depth: int) -> isl.PwAff:
        """A function that only returns an expression."""
        function = self.program.function(e.name) if e.name else None
        if function is None or depth >= _DEPTH:
            raise Unfit(e.name or "a call")
        returned = returned_expression(function)
        given = [self.value(a, variables, depth) for a in e.arguments]
        inside: Variables = {p.symbol.uid: v for p, v in zip(function.parameters, given, strict=True)}
        return self.value(returned, inside, depth + 1)


def returned_expression(function: Function) -> Expr:
    """Raises Unfit if the function does more than return it."""
    match function.body.body:
        case (Return(value=value),) if value is not None:
            return value
    raise Unfit(function.symbol.name)


def _is_integer(e: Expr) -> bool:
    return isinstance(e.type, Scalar) and e.type.is_integer


def chosen(where: isl.Set, then: isl.PwAff, otherwise: isl.PwAff) -> isl.PwAff:
    return then.intersect_domain(where).union_add(otherwise.subtract_domain(where)).coalesce()


def arithmetic(op: str, a: isl.PwAff, b: isl.PwAff) -> isl.PwAff:
    """As C computes it, division cut towards zero. Raises Unfit."""
    match op:
        case "+":
            return a.add(b)
        case "-":
            return a.sub(b)
        case "*" if a.is_cst() or b.is_cst():
            return a.mul(b)
        case "*":
            return _by_values(isl.PwAff.mul, *((a, b) if _few(b) else (b, a)))
        case "/":
            return _by_values(isl.PwAff.tdiv_q, a, b)
    return _by_values(isl.PwAff.tdiv_r, a, b)


def _by_values(combine: Callable[[isl.PwAff, isl.PwAff], isl.PwAff], a: isl.PwAff, b: isl.PwAff) -> isl.PwAff:
    """What combines `a` with each value that `b` takes, where it takes it; `b` may not be 0."""
    whole: isl.PwAff | None = None
    for value in _few(b):
        if value == 0 and combine is not isl.PwAff.mul:
            continue
        constant = _constant(b, value)
        part = combine(a, constant).intersect_domain(b.eq_set(constant))
        whole = part if whole is None else whole.union_add(part)
    if whole is None:
        raise Unfit("a product or quotient of two sizes")
    return whole.coalesce()


def _constant(like: isl.PwAff, value: int) -> isl.PwAff:
    zero = isl.PwAff.from_aff(isl.Aff.zero_on_domain(isl.LocalSpace.from_space(like.get_domain_space())))
    return zero.add_constant_val(isl.Val.int_from_si(like.get_ctx(), value))


def _few(b: isl.PwAff) -> range:
    """The values that it may take; none if they may be many."""
    least, most = b.min_val(), b.max_val()
    if not (least.is_int() and most.is_int()):
        return range(0)
    values = range(least.to_python(), most.to_python() + 1)
    return values if len(values) <= _VALUES else range(0)
