"""Values that a test chose (the largest of some, the last of a kind) and that a rank had, and lost again."""

from __future__ import annotations

from collections.abc import Sequence

from chatmpi.verify.simulate.tracing.events import Event
from chatmpi.verify.simulate.tracing.made_from import base, copies, is_compared, is_same, is_step
from chatmpi.verify.simulate.tracing.origin import Origins
from chatmpi.verify.simulate.tracing.whereabouts import with_tests


def told_of_lost_choice(origins: Origins, expected: Event) -> str:
    """What is set in the place of a value that the sequential program chose by comparing it with the one before; ""
    if it is nothing of that kind, or no rank has it."""
    ways = (c for e in (expected, *expected.reads) for c in copies(e))  # whole numbers are printed as text
    chosen = next((e for e in ways if e.kind == "set" and is_compared(e) and not is_step(e)), None)
    if chosen is None:
        return ""
    events = origins.run.after.events
    for e in events:
        if e.kind == "set" and base(e.what) == base(chosen.what) and origins.key(e.value) == origins.key(chosen.value):
            after = _next(events, e)
            if after is not None and origins.key(after.value) != origins.key(e.value):
                found = f"'{base(e.what)}' is on rank {e.rank} what it should be, and {with_tests(after)} sets it to"
                others = f"{after.value} after that" if isinstance(after.value, int) else "something else after that"
                tests = f", where line {chosen.under.line} of the sequential program decides" if chosen.under else ""
                return f"{found} {others}{tests}"
    return ""


def _next(events: Sequence[Event], e: Event) -> Event | None:
    """What sets the same variable next, if that is no message: one that brings something else is right where ranks
    choose together."""
    found = next((x for x in events[e.serial + 1 :] if x.kind in ("set", "message") and is_same(x, e)), None)
    if found is None or found.kind == "message" or any(r.kind == "message" for r in found.reads):
        return None
    return found
