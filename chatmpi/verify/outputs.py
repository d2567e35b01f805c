"""Compare what two programs printed: as text, or number by number where a reduction may reorder a sum."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, localcontext

_NUMBER = re.compile(r"(?<![\w.])[-+]?(?:(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?|nan|inf)(?![\w.])", re.IGNORECASE)
_EXACT = Context(prec=40, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[])


@dataclass(frozen=True, slots=True)
class Difference:
    """The first line that differs, counted from 1; None stands for a line that is not there."""

    line: int
    expected: str | None
    got: str | None

    def __str__(self) -> str:
        return f"line {self.line}: expected {_quoted(self.expected)}, got {_quoted(self.got)}"


def _quoted(line: str | None) -> str:
    if line is None:
        return "the end"
    shown = line.removesuffix("\n")
    quoted = repr(shown if len(shown) <= 120 else shown[:117] + "...")
    return quoted if line.endswith("\n") else f"{quoted} without a line end"


def first_difference(expected: bytes, got: bytes, tolerance: float = 0.0) -> Difference | None:
    """Where two outputs first differ, None if they agree.

    With a `tolerance` above 0, lines agree if their texts agree between the numbers and each pair of numbers differs
    by at most `tolerance` relative to the larger, or by one unit of the last decimal printed (rounding to few digits
    makes any difference that large). Whole numbers, which may be counts, have no such decimal.
    """
    if expected == got:
        return None
    wanted, found = _lines(expected), _lines(got)
    for number, (one, other) in enumerate(zip(wanted, found, strict=False), 1):
        if one != other and not (tolerance > 0 and _close_lines(one, other, tolerance)):
            return Difference(number, one, other)
    if len(wanted) == len(found):
        return None
    shorter = min(len(wanted), len(found))
    return Difference(
        shorter + 1,
        wanted[shorter] if shorter < len(wanted) else None,
        found[shorter] if shorter < len(found) else None,
    )


def _lines(output: bytes) -> list[str]:
    """The lines with their ends, so that an unfinished last one is not a finished one."""
    return re.findall(r".*\n|.+", output.decode("utf-8", "backslashreplace"))


def _close_lines(one: str, other: str, tolerance: float) -> bool:
    if [s.split() for s in _NUMBER.split(one)] != [s.split() for s in _NUMBER.split(other)]:
        return False
    pairs = zip(_NUMBER.findall(one), _NUMBER.findall(other), strict=True)
    return all(close(a, b, tolerance) for a, b in pairs)


def close(one: str, other: str, tolerance: float) -> bool:
    """Whether two printed numbers agree within `tolerance`, or one unit of the last decimal printed."""
    if one.lower() == other.lower():
        return True
    if _is_nan(one) or _is_nan(other):
        return _is_nan(one) and _is_nan(other)  # the sign of a NaN means nothing
    if not (_is_finite(one) and _is_finite(other)):
        return False
    with localcontext(_EXACT):
        a, b = Decimal(one), Decimal(other)
        allowed = Decimal(tolerance) * max(abs(a), abs(b))
        if not (_is_whole(one) and _is_whole(other)):
            allowed = max(allowed, min(_last_digit(one), _last_digit(other)))
        return abs(a - b) <= allowed


def _is_nan(number: str) -> bool:
    return number.lower().endswith("nan")


def _is_finite(number: str) -> bool:
    return any(c.isdigit() for c in number)


def _is_whole(number: str) -> bool:
    return number.lstrip("+-").isdigit()


def _last_digit(number: str) -> Decimal:
    """The unit of the last digit printed: 0.01 for `3.14`, 10 for `1.2e2`."""
    mantissa, _, exponent = number.lower().partition("e")
    decimals = len(mantissa.partition(".")[2])
    return Decimal(1).scaleb(int(exponent or 0) - decimals)
