"""Python's cyclic garbage collection while programs are simulated.

Terms are made by the hundred thousand and stay; looking through all of them for cycles, again and again, would take
longer than the simulation does.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_MANY = 300_000  # terms that may be left behind before it is worth while to look for them


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


class Leavings:
    """Counts the terms of runs that are over, and collects them when they are many."""

    def __init__(self) -> None:
        self._terms = 0

    def add(self, terms: int) -> None:
        self._terms += terms
        if self._terms > _MANY:
            self._terms = 0
            gc.collect()
