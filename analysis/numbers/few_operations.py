"""A limit on what isl does: some small sets take it longer than anybody waits."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import islpy as isl

OPERATIONS = 1_000_000  # for one set


@contextlib.contextmanager
def few_operations(context: isl.Context, most: int = OPERATIONS) -> Iterator[None]:
    """What is done inside ends when it takes isl too long."""
    before = context.get_max_operations()
    context.reset_operations()
    context.set_max_operations(most)
    try:
        with contextlib.suppress(isl.Error):
            yield
    finally:
        context.set_max_operations(before)
        context.reset_operations()


def is_empty(some: isl.Set) -> bool:
    """Whether a set is known to have no point."""
    found = False
    with few_operations(some.get_ctx()):
        found = bool(some.is_empty())
    return found
