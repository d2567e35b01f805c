"""What holds of a value that is affine in pieces, as an isl formula; what isl cannot express is left open."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chatmpi.analysis.numbers.pieces import (
    Choice,
    Comparison,
    Condition,
    Entry,
    LowBits,
    Quotient,
    Remainder,
    Table,
    negated,
)
from chatmpi.analysis.numbers.polynomial import Origin, Polynomial

TURNS = 4  # how often a divisor that is no number goes into a dividend, at most, for the remainder to be exact
_SIGNS = {"==": "="}

Affine = Callable[[Polynomial | None], str | None]


def formula(name: str, origin: Origin, affine: Affine) -> str:
    """A formula that is true where `name` has the value that `origin` gives it (and perhaps elsewhere)."""
    match origin:
        case Remainder(dividend=dividend, divisor=divisor, unsigned=unsigned):
            return _remainder(name, affine(dividend), affine(divisor), divisor.constant, unsigned)
        case Quotient(dividend=dividend, divisor=divisor, unsigned=unsigned):
            return _quotient(name, affine(dividend), divisor, unsigned)
        case LowBits(value=value, modulus=modulus):
            here = affine(value)
            exact = f" and {name} = ({here}) mod {modulus}" if here is not None else ""
            return f"0 <= {name} < {modulus}{exact}"
        case Choice(condition=condition, then=then, otherwise=otherwise):
            yes, no = _holds(condition, affine), _fails(condition, affine)
            return f"(({yes}) and {_is(name, then, affine)}) or (({no}) and {_is(name, otherwise, affine)})"
        case Entry(table=table, places=places):
            return _entry(name, [affine(p) for p in places], table)
    return "true"


def _entry(name: str, places: Sequence[str | None], table: Table) -> str:
    """What is read lies inside of the table."""
    cases = []
    for value in dict.fromkeys(table.values):
        for at in (k for k, v in enumerate(table.values) if v == value):
            here = []
            for place, extent in zip(reversed(places), reversed(table.extents), strict=True):
                at, number = divmod(at, extent)
                here += [] if place is None else [f"{place} = {number}"]
            cases.append(" and ".join([f"{name} = {value}", *reversed(here)]))
    return " or ".join(f"({c})" for c in dict.fromkeys(cases))


def _is(name: str, value: Polynomial, affine: Affine) -> str:
    here = affine(value)
    return "true" if here is None else f"{name} = {here}"


def _holds(c: Condition, affine: Affine) -> str:
    if isinstance(c, Comparison):
        here = affine(c.left)
        return "true" if here is None else f"{here} {_SIGNS.get(c.op, c.op)} 0"
    return (" and " if c.every else " or ").join(f"({_holds(p, affine)})" for p in c.parts)


def _fails(c: Condition, affine: Affine) -> str:
    return _holds(negated(c), affine)


def _remainder(name: str, dividend: str | None, divisor: str | None, number: int | None, unsigned: bool) -> str:
    if divisor is None:
        return "true"
    inside = f"0 < {name} + {divisor} and {name} < {divisor}"
    if dividend is None:
        exact = f"{name} >= 0" if unsigned else "true"
    elif number is not None:
        exact = f"(({dividend}) >= 0 and {name} = ({dividend}) mod {number})"
        exact += f" or (({dividend}) < 0 and {_below(name, f'0 - {name} = (0 - ({dividend})) mod {number}', unsigned)})"
    else:
        turns = " or ".join(f"{name} = ({dividend}) - {k}*({divisor})" for k in range(TURNS + 1))
        back = " or ".join(f"{name} = ({dividend}) + {k}*({divisor})" for k in range(TURNS + 1))
        far = f"({dividend}) >= {TURNS + 1}*({divisor})"
        far_below = f"({dividend}) + {TURNS + 1}*({divisor}) <= 0"
        exact = f"(({dividend}) >= 0 and {name} >= 0 and ({turns} or {far}))"
        negative = f"{name} <= 0 and ({back} or {far_below})"
        exact += f" or (({dividend}) < 0 and {_below(name, negative, unsigned)})"
    return f"({divisor} <= 0) or ({inside} and ({exact}))"


def _below(name: str, signed: str, unsigned: bool) -> str:
    """What holds of the remainder where the dividend is negative; as an unsigned number it is another, large one."""
    return f"{name} >= 0" if unsigned else f"({signed})"


def _quotient(name: str, dividend: str | None, divisor: int, unsigned: bool) -> str:
    if dividend is None:
        return "true"
    exact = f"(({dividend}) >= 0 and {name} = floor(({dividend})/{divisor}))"
    below = "true" if unsigned else f"0 - {name} = floor((0 - ({dividend}))/{divisor})"
    return f"{exact} or (({dividend}) < 0 and {below})"
