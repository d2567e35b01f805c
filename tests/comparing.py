"""Compare what two programs printed."""

from __future__ import annotations

import math
import re
from itertools import zip_longest

_NUMBER = re.compile(r"([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)")
_INTEGER = re.compile(r"[-+]?\d{1,14}")  # longer ones may be floating-point numbers that %.15g printed


def difference(expected: str, actual: str, tolerance: float) -> str | None:
    """What is different, None if nothing is.

    Text and integers must be equal, other numbers within the relative tolerance; with tolerance 0 the outputs
    must be the same to the byte.
    """
    if expected == actual:
        return None
    for number, (old, new) in enumerate(zip_longest(expected.splitlines(), actual.splitlines()), start=1):
        if old is None or new is None or not _same(old, new, tolerance):
            return f"line {number}: expected {old!r}, got {new!r}"
    return None if tolerance > 0 else f"line ends differ: expected {expected!r}, got {actual!r}"


def _same(old: str, new: str, tolerance: float) -> bool:
    if tolerance == 0:
        return old == new
    pieces, others = _NUMBER.split(old), _NUMBER.split(new)  # text and numbers by turns
    if len(pieces) != len(others):
        return False
    texts = all(a.split() == b.split() for a, b in zip(pieces[::2], others[::2], strict=True))
    return texts and all(_close(a, b, tolerance) for a, b in zip(pieces[1::2], others[1::2], strict=True))


def _close(old: str, new: str, tolerance: float) -> bool:
    if _INTEGER.fullmatch(old) and _INTEGER.fullmatch(new):
        return int(old) == int(new)
    return math.isclose(float(old), float(new), rel_tol=tolerance, abs_tol=0.0)
