"""Python's cyclic garbage collection while programs are simulated.

Terms are made by the hundred thousand and stay; looking through all of them for cycles, again and again, would take
longer than the simulation does.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_MANY = 600_000  # objects that may have come since, two for each term, before it is worth while to look for them


@contextmanager
def paused_collection() -> Iterator[None]:
    """No automatic collection inside."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def collect_leavings() -> None:
    """Free what runs that are over have left behind, if it is much."""
    if gc.get_count()[0] > _MANY:
        gc.collect()
