"""Right-hand sides and conditions: exact in floating point where they can be, and never beyond an integer's range."""

from __future__ import annotations

from nests.shapes import Array, Range
from nests.text import Text

_HALVES = ("0.5", "0.25", "0.125")


def value(text: Text, kind: str, ranges: list[Range], own: str = "") -> str:
    """Of elements, loop variables, scalars and literals; `own` is one that is to be in it."""
    rng = text.rng
    terms = [own] if own else []
    terms += [t for _ in range(rng.choice((1, 1, 2, 2, 3))) if (t := _term(text, kind, ranges))]
    if not terms or rng.random() < 0.15:
        terms.append(rng.choice([r.variable for r in ranges] or ["1"]))
    return _real(text, terms) if kind == "double" else _whole(text, terms)


def _term(text: Text, kind: str, ranges: list[Range]) -> str | None:
    rng = text.rng
    fitting = [a for a in text.arrays if kind == "double" or not a.is_real]
    if text.reals and kind == "double" and rng.random() < 0.06:
        return rng.choice(text.reals)
    return text.at(rng.choice(fitting), ranges) if fitting and ranges else None


def _real(text: Text, terms: list[str]) -> str:
    rng = text.rng
    if len(terms) == 1:
        return rng.choice(
            (f"{rng.choice(_HALVES)} * {terms[0]}", f"{terms[0]} + {rng.choice(_HALVES)}", f"-{terms[0]}")
        )
    roll = rng.random()
    if roll < 0.4:
        return f"{'0.25' if len(terms) > 2 else '0.5'} * ({' + '.join(terms)})"
    if roll < 0.5:
        return f"({terms[0]} > {terms[1]} ? {terms[0]} : {terms[-1]})"
    if roll < 0.6:
        return f"fabs({terms[0]}) - {' - '.join(terms[1:])}"
    joined = f"{rng.choice(_HALVES)} * {terms[0]}"
    for t in terms[1:]:
        joined += f" {rng.choice('+-')} {rng.choice(_HALVES)} * {t}"
    return joined


def _whole(text: Text, terms: list[str]) -> str:
    rng = text.rng
    joined = f"{rng.randint(1, 5)} * {terms[0]}"
    for t in terms[1:]:
        joined += f" + {t}" if rng.random() < 0.6 else f" + {rng.randint(2, 4)} * {t}"
    if len(terms) > 1 and rng.random() < 0.1:
        return f"({terms[0]} < {terms[1]} ? {terms[1]} : {terms[0]})"
    return f"({joined} + {rng.randint(0, 9)}) % {rng.choice((97, 101, 1000))}"


def condition(text: Text, ranges: list[Range], readable: list[Array]) -> str:
    """On a loop variable, or on the data."""
    rng = text.rng
    r = rng.choice(ranges)
    if readable and rng.random() < 0.4 and (element := text.at(rng.choice(readable), ranges)):
        return f"{element} > {rng.randint(1, 6)}"
    return rng.choice(
        (
            f"{r.variable} % 2 == 0",
            f"{r.variable} > 0 && {r.variable} < {r.size} - 1",
            f"{r.variable} != {r.size} / 2",
            f"{r.variable} < {r.size} / 2",
            f"{r.variable} >= 2",
            f"{r.variable} == 0",
        )
    )


def start(text: Text, array: Array, variables: list[str]) -> str:
    """A value to begin with, small and exact."""
    rng = text.rng
    index = " + ".join(f"{rng.randint(2, 7)} * {v}" if rng.random() < 0.6 else v for v in variables)
    number = f"({index} + {rng.randint(0, 5)}) % {rng.randint(3, 17)}"
    if array.is_real:
        return rng.choice((f"0.5 * ({number})", number, f"0.25 * ({index})", f"1.0 + {number}"))
    return number
