"""Times and amounts of memory as people write them."""

from __future__ import annotations

import re

_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12, "ki": 2**10, "mi": 2**20, "gi": 2**30, "ti": 2**40}
_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?i?)b?\s*", re.IGNORECASE)


def seconds(cost: float) -> str:
    """A time in the unit that suits it."""
    if cost >= 1000:
        return f"{cost:,.0f} s"
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if cost >= scale:
            return f"{cost / scale:.3g} {unit}"
    return f"{cost / 1e-9:.3g} ns"


def amount(size: float) -> str:
    """Bytes in the unit that suits them: `12.5 MB`."""
    for unit, scale in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= scale:
            return f"{size / scale:.3g} {unit}"
    return f"{size:.0f} bytes"


def bytes_in(text: str) -> int | None:
    """The number of bytes in `512M` (millions), `2GiB`, `4096`; None if it is no such amount."""
    found = _SIZE.fullmatch(text)
    if found is None or found[2].lower() not in _UNITS:
        return None
    return int(float(found[1]) * _UNITS[found[2].lower()]) or None
