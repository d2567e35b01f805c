"""Times and amounts of memory as people write them."""

from __future__ import annotations

import re

_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12, "ki": 2**10, "mi": 2**20, "gi": 2**30, "ti": 2**40}
_TIMES = (("years", 3.156e7, 3.0), ("days", 86400.0, 3.0), ("hours", 3600.0, 1.0), ("s", 1.0, 1.0), ("ms", 1e-3, 1.0),
          ("us", 1e-6, 1.0))  # fmt: skip
_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?i?)b?\s*", re.IGNORECASE)


def seconds(cost: float) -> str:
    """A time in the unit that suits it."""
    for unit, scale, least in _TIMES:
        if cost >= least * scale:
            return f"{cost / scale:,.0f} {unit}" if cost >= 999.5 * scale else f"{cost / scale:.3g} {unit}"
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
