"""What the written code of every process names and shares: the runtime's own functions, arithmetic on terms, and the
part of the C library that keeps nothing between two calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chatmpi.verify.simulate.libc.builtins import BUILTIN_FUNCTIONS, under_other_names
from chatmpi.verify.simulate.libc.complex_numbers import complex_arithmetic, complex_functions
from chatmpi.verify.simulate.libc.functions import BINARY, NUMBERS, TESTS, UNARY, real
from chatmpi.verify.simulate.libc.mathematics import math_functions
from chatmpi.verify.simulate.libc.sorting import SORTING_FUNCTIONS
from chatmpi.verify.simulate.libc.strings import STRING_FUNCTIONS
from chatmpi.verify.simulate.memory import PRIMITIVES, string_at
from chatmpi.verify.simulate.terms import Term, Terms, to_single


def shared_names(terms: Terms) -> dict[str, Any]:
    """Each by the name that the written code has for it."""
    functions = {f"F_{name}": function for name, function in _library(terms).items()}
    return {**PRIMITIVES, **_arithmetic(terms), **complex_arithmetic(terms), **functions}


def _arithmetic(terms: Terms) -> dict[str, Any]:
    return {
        **{name: getattr(terms, name) for name in ("add", "sub", "mul", "div", "addf", "subf", "mulf", "divf")},
        **{name: getattr(terms, name) for name in ("integer", "integer_single", "single", "negated")},
    }


def _library(terms: Terms) -> dict[str, Callable[..., Any]]:
    """By the names in C."""
    found: dict[str, Callable[..., Any]] = {}
    for name, function in UNARY.items():
        found[name] = found[f"{name}l"] = _one(terms, name, function, False)
        found[f"{name}f"] = _one(terms, f"{name}f", function, True)
    for name, two in BINARY.items():
        found[name] = found[f"{name}l"] = _two(terms, name, two, False)
        found[f"{name}f"] = _two(terms, f"{name}f", two, True)
    for suffix in ("", "f", "l"):
        found[f"fmax{suffix}"], found[f"fmin{suffix}"] = terms.maximum, terms.minimum
    found |= under_other_names(found) | BUILTIN_FUNCTIONS
    for name, test in TESTS.items():
        found[name] = _test(test)
    for name, number in NUMBERS.items():
        found[name] = _number(terms, number)
    found |= _small_functions(terms) | STRING_FUNCTIONS | SORTING_FUNCTIONS
    return found | math_functions(terms) | complex_functions(terms)


def _one(terms: Terms, name: str, function: Callable[[float], float], single: bool) -> Callable[[Term], Term]:
    get, make = terms.table.get, terms.make

    def apply(a: Term) -> Term:
        key = (name, a)
        term = get(key)
        if term is None:
            value = real(function, a.value)
            term = make(key, to_single(value) if single else value)
        return term

    return apply


def _two(terms: Terms, name: str, function: Callable[..., float], single: bool) -> Callable[[Term, Term], Term]:
    def apply(a: Term, b: Term) -> Term:
        value = real(function, a.value, b.value)
        return terms.applied(name, to_single(value) if single else value, a, b)

    return apply


def _test(test: Callable[[float], bool]) -> Callable[[Term], int]:
    return lambda a: int(test(a.value))


def _number(terms: Terms, number: float) -> Callable[[], Term]:
    return lambda: terms.constant(number)


def _small_functions(terms: Terms) -> dict[str, Callable[..., Any]]:
    def rounded(a: Term) -> int:
        return int(real(UNARY["round"], a.value))

    def compared(a: Any, b: Any) -> int:
        one, other = string_at(a), string_at(b)
        return (one > other) - (one < other)

    return {
        **{"lround": rounded, "llround": rounded, "lrint": lambda a: round(a.value)},
        **{"strcmp": compared, "strncmp": lambda a, b, n: compared(string_at(a)[:n], string_at(b)[:n])},
        "strlen": lambda text: len(string_at(text)),
        "__builtin_nan": lambda _: terms.constant(float("nan")),
        "__builtin_nanf": lambda _: terms.constant(float("nan")),
        "fma": lambda a, b, c: terms.applied("fma", a.value * b.value + c.value, a, b, c),
        "isdigit": lambda c: int(48 <= c <= 57),
        "isspace": lambda c: int(c == 32 or 9 <= c <= 13),
        "isalpha": lambda c: int(c < 128 and chr(c % 256).isalpha()),
        "toupper": lambda c: c - 32 if 97 <= c <= 122 else c,
        "tolower": lambda c: c + 32 if 65 <= c <= 90 else c,
    }
