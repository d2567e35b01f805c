"""Complex numbers: pairs of terms, with C's arithmetic on them and the functions of complex.h.

Sums, differences and products are made of real terms, as a compiler makes them, so that what is equal up to the order
of a reduction is found to be so; quotients and functions are terms of their own, one for each part.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chatmpi.verify.simulate.terms import Term, Terms, to_single

PARTS = {"_Complex float": "float", "_Complex double": "double", "_Complex long double": "long double"}
_FUNCTIONS: dict[str, Callable[[complex], complex]] = {
    **{"cexp": cmath.exp, "clog": cmath.log, "csqrt": cmath.sqrt, "csin": cmath.sin, "ccos": cmath.cos},
    **{"ctan": cmath.tan, "casin": cmath.asin, "cacos": cmath.acos, "catan": cmath.atan, "csinh": cmath.sinh},
    **{"ccosh": cmath.cosh, "ctanh": cmath.tanh, "casinh": cmath.asinh, "cacosh": cmath.acosh, "catanh": cmath.atanh},
}
_OF_ONE = (*_FUNCTIONS, "creal", "cimag", "cabs", "carg", "conj", "cproj")
COMPLEX_SIGNATURES = {
    **{f"{prefix}{name}{suffix}": "g" if suffix == "f" else "c"
       for name in _OF_ONE for prefix in ("", "__builtin_") for suffix in ("", "f", "l")},
    **{f"{prefix}cpow{suffix}": "gg" if suffix == "f" else "cc"
       for prefix in ("", "__builtin_") for suffix in ("", "f", "l")},
    "__builtin_complex": "dd",
}  # fmt: skip


@dataclass(frozen=True, eq=False, slots=True)
class Complex:
    re: Term
    im: Term

    @property
    def value(self) -> complex:
        return complex(self.re.value, self.im.value)


def complex_arithmetic(terms: Terms) -> dict[str, Callable[..., Any]]:
    """What the written code names; what ends with `f` is of single precision. A part that is the number zero stands
    for a real operand, which C does not convert (C11, annex G.5)."""
    zero = terms.constant(0.0)

    def of(single: bool) -> dict[str, Callable[..., Any]]:
        add, sub, mul, div = (
            (terms.addf, terms.subf, terms.mulf, terms.divf) if single else (terms.add, terms.sub, terms.mul, terms.div)
        )

        def added(a: Complex, b: Complex) -> Complex:
            im = b.im if a.im is zero else a.im if b.im is zero else add[a.im, b.im]
            return Complex(add[a.re, b.re], im)

        def subtracted(a: Complex, b: Complex) -> Complex:
            im = a.im if b.im is zero else terms.negated(b.im) if a.im is zero else sub[a.im, b.im]
            return Complex(sub[a.re, b.re], im)

        def multiplied(a: Complex, b: Complex) -> Complex:
            if a.im is zero:
                return Complex(mul[a.re, b.re], mul[a.re, b.im] if b.im is not zero else zero)
            if b.im is zero:
                return Complex(mul[a.re, b.re], mul[a.im, b.re])
            re = sub[mul[a.re, b.re], mul[a.im, b.im]]
            return Complex(re, add[mul[a.re, b.im], mul[a.im, b.re]])

        def divided(a: Complex, b: Complex) -> Complex:
            if b.im is zero:
                return Complex(div[a.re, b.re], div[a.im, b.re])
            return _applied(terms, f"complex quotient{'f' if single else ''}", lambda x, y: x / y, single, a, b)

        suffix = "f" if single else ""
        return {
            **{f"complex_add{suffix}": added, f"complex_sub{suffix}": subtracted},
            **{f"complex_mul{suffix}": multiplied, f"complex_div{suffix}": divided},
        }

    def single(a: Complex) -> Complex:
        return Complex(terms.single(a.re), terms.single(a.im))

    return {
        **of(False),
        **of(True),
        "complex_of": lambda re: Complex(re + 0 if not isinstance(re, Term) else re, zero),
        "imaginary": lambda im: Complex(zero, im),
        "complex_single": single,
        "complex_negated": lambda a: Complex(terms.negated(a.re), terms.negated(a.im)),
        "conjugate": lambda a: Complex(a.re, terms.negated(a.im)),
    }


def complex_functions(terms: Terms) -> dict[str, Callable[..., Any]]:
    """The functions of complex.h, by their names in C."""

    def opaque(name: str, function: Callable[..., complex], single: bool) -> Callable[..., Complex]:
        return lambda *arguments: _applied(terms, name, function, single, *arguments)

    def projected(a: Complex) -> Complex:
        if math.isinf(a.re.value) or math.isinf(a.im.value):
            return _applied(terms, "cproj", lambda _: complex(math.inf, 0.0), False, a)
        return a

    found: dict[str, Callable[..., Any]] = {"__builtin_complex": Complex}
    for suffix in ("", "f", "l"):
        single, end = suffix == "f", "f" if suffix == "f" else ""
        for name, function in _FUNCTIONS.items():
            found[name + suffix] = opaque(name + end, function, single)
        found[f"cpow{suffix}"] = opaque(f"cpow{end}", _power, single)
        found[f"creal{suffix}"] = lambda a: a.re
        found[f"cimag{suffix}"] = lambda a: a.im
        found[f"conj{suffix}"] = lambda a: Complex(a.re, terms.negated(a.im))
        found[f"cproj{suffix}"] = projected
        found[f"cabs{suffix}"] = _of_parts(terms, f"hypot{end}", math.hypot, single, False)
        found[f"carg{suffix}"] = _of_parts(terms, f"atan2{end}", math.atan2, single, True)
    return {**found, **{f"__builtin_{n}": f for n, f in found.items() if not n.startswith("_")}}


def _power(a: complex, b: complex) -> complex:
    return complex(a**b)


def _of_parts(
    terms: Terms, name: str, function: Callable[[float, float], float], single: bool, swapped: bool
) -> Callable[[Complex], Term]:
    def apply(a: Complex) -> Term:
        x, y = (a.im, a.re) if swapped else (a.re, a.im)
        value = function(x.value, y.value)
        return terms.applied(name, to_single(value) if single else value, x, y)

    return apply


def _applied(terms: Terms, name: str, function: Callable[..., complex], single: bool, *arguments: Complex) -> Complex:
    """A function's result: two terms of the parts of its arguments."""
    try:
        value = function(*(a.value for a in arguments))
    except (ValueError, OverflowError, ZeroDivisionError):
        value = complex(math.nan, math.nan)
    parts = [p for a in arguments for p in (a.re, a.im)]
    re, im = (to_single(v) if single else v for v in (value.real, value.imag))
    return Complex(terms.applied(f"{name}.re", re, *parts), terms.applied(f"{name}.im", im, *parts))
