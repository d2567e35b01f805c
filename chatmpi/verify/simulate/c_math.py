"""Functions of math.h that take or give more than floating values."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from chatmpi.verify.simulate.errors import Unsupported
from chatmpi.verify.simulate.memory import store
from chatmpi.verify.simulate.terms import Term, Terms
from chatmpi.verify.simulate.values import Pointer

MATH_SIGNATURES = {
    **{"frexp": "dp", "modf": "dp", "ldexp": "di", "scalbn": "di", "scalbln": "dl", "logb": "d", "ilogb": "d"},
    **{"llrint": "d", "fmaf": "fff", "fmal": "ddd", "lroundf": "d", "lrintf": "d", "llroundf": "d"},
    **{"ldexpf": "fi", "frexpf": "fp"},
}


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

    def rounded(a: Term) -> int:
        return math.floor(abs(a.value) + 0.5) * (1 if a.value >= 0 else -1)

    return {
        **{"frexp": frexp, "frexpf": frexp, "modf": modf, "ldexp": scaled, "scalbn": scaled, "scalbln": scaled},
        **{"ldexpf": scaled, "logb": logb, "ilogb": exponent_of, "fmaf": fused, "fmal": fused},
        **{"llrint": lambda a: round(a.value), "lrintf": lambda a: round(a.value)},
        **{"lroundf": rounded, "llroundf": rounded},
    }
