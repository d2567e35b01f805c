"""Numbers out of text, and quotients: `strtol` and its kin, `strtod`, `atoi`, `div`."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from chatmpi.verify.simulate.errors import Unsupported
from chatmpi.verify.simulate.memory import literal, quotient, remainder, store
from chatmpi.verify.simulate.terms import Term, Terms
from chatmpi.verify.simulate.text_inputs import characters_at, number_of
from chatmpi.verify.simulate.values import NULL, Object, Pointer

CONVERSION_SIGNATURES = {
    **dict.fromkeys(("atoi", "atol", "atoll", "atof"), "s"),
    **dict.fromkeys(("strtol", "strtoul", "strtoll", "strtoull", "strtoimax", "strtoumax"), "spi"),
    **dict.fromkeys(("strtod", "strtof", "strtold"), "sp"),
    **{"div": "ii", "ldiv": "ll", "lldiv": "ll", "imaxdiv": "ll"},
}
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_REAL = re.compile(
    r"[+-]?(?:0[xX](?:[0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)(?:[pP][+-]?\d+)?"
    r"|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[iI][nN][fF](?:[iI][nN][iI][tT][yY])?|[nN][aA][nN])"
)
_HIGHEST = 2**63 - 1
_ERANGE = 34


def integer_of(text: str, base: int) -> tuple[int, int]:
    """The value of the integer that a text begins with, and how many characters it takes; none if there is none."""
    if base < 0 or base == 1 or base > len(_DIGITS):
        raise Unsupported(f"the base {base}")
    at = len(text) - len(text.lstrip())
    negative = text[at : at + 1] == "-"
    at += text[at : at + 1] in ("+", "-") and len(text) > at
    rest = text[at:].lower()
    if base in (0, 16) and rest[:2] == "0x" and rest[2:3] in tuple("0123456789abcdef"):
        base, at, rest = 16, at + 2, rest[2:]
    elif base == 0:
        base = 8 if rest[:1] == "0" else 10
    known = _DIGITS[:base]
    count = next((k for k, c in enumerate(rest) if c not in known), len(rest))
    if count == 0:
        return 0, 0
    value = int(rest[:count], base)
    return (-value if negative else value), at + count


def conversion_functions(terms: Terms, errno: Object) -> dict[str, Callable[..., Any]]:
    """By their names in C."""

    def ended(text: Any, end: Pointer, length: int) -> None:
        if end[0] is not NULL[0]:
            target, index = literal(text) if isinstance(text, str) else text
            store(*end, (target, index + length))

    def fitting(value: int, low: int, high: int) -> int:
        if not low <= value <= high:
            errno[0] = _ERANGE
        return max(low, min(value, high))

    def signed(text: Any, end: Pointer = NULL, base: int = 10) -> int:
        value, length = integer_of(_plain(text), base)
        ended(text, end, length)
        return fitting(value, -_HIGHEST - 1, _HIGHEST)

    def unsigned(text: Any, end: Pointer = NULL, base: int = 10) -> int:
        value, length = integer_of(_plain(text), base)
        ended(text, end, length)
        return fitting(value, 0, 2**64 - 1) if value >= 0 else value % 2**64

    def real(text: Any, end: Pointer = NULL) -> Term:
        characters = characters_at(text)
        shown = "".join(chr(c % 256) for c in characters)
        at = len(shown) - len(shown.lstrip())
        found = _REAL.match(shown, at)
        ended(text, end, found.end() if found else 0)
        if found is None:
            return terms.constant(0.0)
        digits = found.group()
        value = float.fromhex(digits) if "x" in digits.lower() else float(digits)
        return number_of(characters[at:], value, terms)

    def small(text: Any) -> int:
        value = signed(text)
        return (value + 2**31) % 2**32 - 2**31

    def both(a: int, b: int) -> list[int]:
        return [quotient(a, b), remainder(a, b)]

    return {
        **{"atoi": small, "atol": signed, "atoll": signed, "atof": real},
        **{"strtol": signed, "strtoll": signed, "strtoimax": signed},
        **{"strtoul": unsigned, "strtoull": unsigned, "strtoumax": unsigned},
        **{"strtod": real, "strtold": real, "strtof": lambda text, end: terms.single(real(text, end))},
        **{"div": both, "ldiv": both, "lldiv": both, "imaxdiv": both},
    }


def _plain(text: Any) -> str:
    return "".join(chr(c % 256) for c in characters_at(text))
