"""Functions of math.h that take or give more than floating values."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from typing import Any

from chatmpi.verify.simulate.errors import Unsupported
from chatmpi.verify.simulate.memory import store
from chatmpi.verify.simulate.terms import Term, Terms
from chatmpi.verify.simulate.values import Pointer

MATH_SIGNATURES = {
    **{"frexp": "dp", "modf": "dp", "ldexp": "di", "scalbn": "di", "scalbln": "dl", "logb": "d", "ilogb": "d"},
    **{"llrint": "d", "fmaf": "fff", "fmal": "ddd", "lroundf": "d", "lrintf": "d", "llroundf": "d"},
    **{"ldexpf": "fi", "frexpf": "fp", "modff": "fp", "scalbnf": "fi", "scalblnf": "fl", "logbf": "f", "ilogbf": "f"},
    **{"ldexpl": "di", "frexpl": "dp", "modfl": "dp", "scalbnl": "di", "scalblnl": "dl", "logbl": "d", "ilogbl": "d"},
    **{"llrintf": "f", "lrintl": "d", "llrintl": "d", "lroundl": "d", "llroundl": "d"},
    **{"remquo": "ddp", "remquof": "ffp", "remquol": "ddp", "nan": "s", "nanf": "s", "nanl": "s"},
    **{"__builtin_nanl": "s", "__builtin_fpclassify": "iiiiid", "__builtin_isnormal": "d"},
    **dict.fromkeys(("j0", "j1", "y0", "y1"), "d"),
    **dict.fromkeys(("jn", "yn"), "id"),
    **{f"__builtin_{name}": "dd" for name in ("isgreater", "isgreaterequal", "isless", "islessequal")},
    **{f"__builtin_{name}": "dd" for name in ("islessgreater", "isunordered")},
}
_POINTS = 400
_FAR = 30.0


def bessel_j(order: int, x: float) -> float:
    """By Bessel's integral (Watson, Theory of Bessel Functions, section 2.2), with the trapezoidal rule."""
    step = math.pi / _POINTS
    values = [math.cos(order * t - x * math.sin(t)) for t in (k * step for k in range(_POINTS + 1))]
    return (sum(values) - (values[0] + values[-1]) / 2) * step / math.pi


def bessel_y(order: int, x: float) -> float:
    """By the integral of section 6.21 there, with Simpson's rule; about eight digits."""
    if x <= 0:
        return -math.inf if x == 0 else math.nan
    first = _simpson(lambda t: math.sin(x * math.sin(t) - order * t), math.pi)

    def decaying(t: float) -> float:
        sign = -1.0 if order % 2 else 1.0
        return (math.exp(order * t) + sign * math.exp(-order * t)) * math.exp(-x * math.sinh(t))

    return (first - _simpson(decaying, math.asinh(_FAR / x) + 1.0)) / math.pi


def _simpson(function: Callable[[float], float], end: float) -> float:
    step = end / (2 * _POINTS)
    values = [function(k * step) for k in range(2 * _POINTS + 1)]
    return (values[0] + values[-1] + 4 * sum(values[1::2]) + 2 * sum(values[2:-1:2])) * step / 3


def _order(a: Term, b: Term, among: tuple[int, ...]) -> int:
    """Whether the order of two values, -1, 0 or 1, is among those; one that is not a number has none."""
    if math.isnan(a.value) or math.isnan(b.value):
        return 0
    return int((a.value > b.value) - (a.value < b.value) in among)


def math_functions(terms: Terms) -> dict[str, Callable[..., Any]]:
    """What is made of the shadow alone, the exponent, holds for data of the same branches only, as a conversion to an
    integer does."""

    def frexp(a: Term, exponent: Pointer) -> Term:
        mantissa, power = math.frexp(a.value)
        store(*exponent, power)
        return terms.applied("frexp", mantissa, a)

    def modf(a: Term, whole: Pointer) -> Term:
        fraction, integral = math.modf(a.value)
        store(*whole, terms.applied("trunc", integral, a))
        return terms.applied("modf", fraction, a)

    def scaled(a: Term, power: int) -> Term:
        return terms.applied("ldexp", math.ldexp(a.value, power), a, power)

    def logb(a: Term) -> Term:
        return terms.applied("logb", float(exponent_of(a)), a)

    def exponent_of(a: Term) -> int:
        if a.value == 0 or not math.isfinite(a.value):
            raise Unsupported("the exponent of zero")
        return math.frexp(a.value)[1] - 1

    def fused(a: Term, b: Term, c: Term) -> Term:
        return terms.applied("fma", a.value * b.value + c.value, a, b, c)

    def bessel(name: str, function: Callable[[int, float], float]) -> Callable[[int, Term], Term]:
        return lambda order, a: terms.applied(name, function(order, a.value), order, a)

    def remquo(a: Term, b: Term, place: Pointer) -> Term:
        if not math.isfinite(a.value) or b.value == 0:
            raise Unsupported("remquo of these values")
        count = round(a.value / b.value)
        store(*place, abs(count) % 8 * (1 if count >= 0 else -1))
        return terms.applied("remainder", math.remainder(a.value, b.value), a, b)

    def classified(nan: int, infinite: int, normal: int, subnormal: int, zero: int, a: Term) -> int:
        x = abs(a.value)
        if x != x or x == math.inf:
            return nan if x != x else infinite
        return zero if x == 0 else normal if x >= sys.float_info.min else subnormal

    def nan(_tag: Any) -> Term:
        return terms.constant(math.nan)

    def rounded(a: Term) -> int:
        return math.floor(abs(a.value) + 0.5) * (1 if a.value >= 0 else -1)

    return {
        **{"frexp": frexp, "frexpf": frexp, "modf": modf, "ldexp": scaled, "scalbn": scaled, "scalbln": scaled},
        **{"ldexpf": scaled, "logb": logb, "ilogb": exponent_of, "fmaf": fused, "fmal": fused},
        **{"llrint": lambda a: round(a.value), "lrintf": lambda a: round(a.value)},
        **{"lroundf": rounded, "llroundf": rounded, "lroundl": rounded, "llroundl": rounded},
        **dict.fromkeys(("llrintf", "lrintl", "llrintl"), lambda a: round(a.value)),
        **dict.fromkeys(("modff", "modfl"), modf),
        **dict.fromkeys(("scalbnf", "scalblnf", "ldexpl", "scalbnl", "scalblnl"), scaled),
        **{"frexpl": frexp, "logbf": logb, "logbl": logb, "ilogbf": exponent_of, "ilogbl": exponent_of},
        **dict.fromkeys(("remquo", "remquof", "remquol"), remquo),
        **dict.fromkeys(("nan", "nanf", "nanl", "__builtin_nanl"), nan),
        **{"jn": bessel("jn", bessel_j), "yn": bessel("yn", bessel_y)},
        **{"j0": lambda a: bessel("jn", bessel_j)(0, a), "j1": lambda a: bessel("jn", bessel_j)(1, a)},
        **{"y0": lambda a: bessel("yn", bessel_y)(0, a), "y1": lambda a: bessel("yn", bessel_y)(1, a)},
        **{"__builtin_fpclassify": classified, "__builtin_isnormal": lambda a: classified(0, 0, 1, 0, 0, a)},
        "__builtin_isgreater": lambda a, b: _order(a, b, (1,)),
        "__builtin_isgreaterequal": lambda a, b: _order(a, b, (0, 1)),
        "__builtin_isless": lambda a, b: _order(a, b, (-1,)),
        "__builtin_islessequal": lambda a, b: _order(a, b, (-1, 0)),
        "__builtin_islessgreater": lambda a, b: _order(a, b, (-1, 1)),
        "__builtin_isunordered": lambda a, b: int(math.isnan(a.value) or math.isnan(b.value)),
    }
