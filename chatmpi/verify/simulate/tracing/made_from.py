"""What the value of an event was made from: by copies, sums and extremes, over messages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from chatmpi.verify.simulate.terms import Term
from chatmpi.verify.simulate.tracing.events import Event
from chatmpi.verify.simulate.values import POISON

EXTREMES = frozenset({"max", "min"})


def base(what: str) -> str:
    """The variable of an element."""
    name = what.split("[")[0]
    return name.rstrip("0123456789").rstrip("_") if "_" in name else name


def is_same(a: Event, b: Event) -> bool:
    if a.rank != b.rank or a.kind == "test" or type(a.value) is not type(b.value):
        return False
    return a.what == b.what or (a.target is not None and a.target is b.target and a.cell < 0)


def is_zero(value: Any) -> bool:
    if isinstance(value, Term):
        return value.op == "const" and value.value == 0
    return isinstance(value, int) and value == 0


def is_extreme(e: Event) -> bool:
    return isinstance(e.value, Term) and e.value.op in EXTREMES


def is_compared(e: Event) -> bool:
    """Whether a test around an event compares with what it replaces: the largest, or the smallest, is looked for."""
    return e.under is not None and any(is_same(r, e) for r in e.under.reads)


def is_index(e: Event) -> bool:
    """Whether an event sets the counter of a loop, or tells a rank of itself."""
    if not isinstance(e.value, int):
        return False
    return (is_step(e) and e.under is not None and e.line == e.under.line) or (e.kind == "message" and not e.reads)


def is_element(e: Event) -> bool:
    """Whether an event sets something in an array."""
    return e.target is not None and e.target.layout is not None and e.target.size > e.target.layout.size


def is_step(e: Event) -> bool:
    """Whether an event counts on."""
    if not isinstance(e.value, int) or e.kind != "set":
        return False
    return any(is_same(r, e) for r in e.reads) and len(e.reads) == 1 and isinstance(e.reads[0].value, int)


def step_of(e: Event) -> Event:
    """What an event that counts on adds."""
    return replace(e, kind="step", value=e.value - e.reads[0].value, reads=(), places=())


def copied(e: Event) -> Event:
    """The event that a value comes from as it is."""
    return list(copies(e))[-1]


def copies(e: Event) -> Iterator[Event]:
    """The events by which a value came as it is, the last first."""
    yield e
    while e.kind != "print" and e.value is not POISON:
        same = [r for r in e.reads if r.value is e.value and not isinstance(e.value, int)]
        if isinstance(e.value, int):
            same = [r for r in e.reads if r.value == e.value and (len(e.reads) == 1 or r.kind == "return")]
        if not same:
            break
        e = same[-1]
        yield e


def parts(e: Event) -> list[Event]:
    """What a value was put together from: of a sum or an extreme, over ranks, what was added; else what was read."""
    return [part for part, _ in parts_read(e)]


def parts_read(e: Event) -> list[tuple[Event, Event]]:
    """The parts of a value, each with the event by which it was read: that of its last copy."""
    e = copied(e)
    found = list(_summed(e))
    if [x for x, _ in found] == [e]:
        found = [(copied(r), r) for r in e.reads]
    return [(x, r) for x, r in found if not isinstance(x.value, tuple)]


def near(e: Event, deep: int) -> Iterator[Event]:
    """What an event was made from, the nearest first, not further back than so many events."""
    layer, seen = [e], {e.serial}
    for _ in range(deep):
        layer = [r for x in layer for r in x.reads if r.serial not in seen]
        seen.update(x.serial for x in layer)
        yield from layer


def sliced(events: Iterable[Event]) -> set[int]:
    """The serials of all that values were made from, of one history: no subscripts, and of tests those that decide how
    far something counts."""
    found: set[int] = set()
    waiting = list(events)
    while waiting:
        e = waiting.pop()
        if e.serial not in found:
            found.add(e.serial)
            waiting += e.reads
            if e.under is not None and is_step(e):
                waiting.append(e.under)
    return found


def is_put_together(e: Event) -> bool:
    return len(list(_summed(e))) > 1


def adding(e: Event) -> list[Event]:
    """The events that add to a sum or an extreme, over ranks, in the order in which they did."""
    found: dict[int, Event] = {}
    waiting = [e]
    while waiting:
        x = copied(waiting.pop())
        before = [r for r in x.reads if is_same(r, x)]
        if x.serial not in found and (before or (x.kind == "message" and x.reads)):
            found[x.serial] = x
            waiting.extend(x.reads if x.kind == "message" else before)
    return [found[serial] for serial in sorted(found) if found[serial].kind != "message"]


def added_by(e: Event) -> Term | None:
    """What an event adds to a sum."""
    if not isinstance(e.value, Term) or e.value.op not in ("+", "+f"):
        return None
    before = [r.value for r in e.reads if is_same(r, e)]
    return next((a for a in e.value.args if a is not before[-1]), None) if before else None


def added_in_place(e: Event) -> Term | None:
    """What is added to a sum without having been set before."""
    if any(isinstance(r.value, Term) for r in e.reads if not is_same(r, e)):
        return None
    return added_by(e)


def _summed(e: Event) -> Iterator[tuple[Event, Event]]:
    waiting, seen, is_largest = [e], set(), is_extreme(e)
    while waiting:
        read = waiting.pop()
        x = copied(read)
        if x.serial in seen:
            continue
        seen.add(x.serial)
        before = [r for r in x.reads if is_same(r, x)]
        if is_largest and x.kind != "message" and not is_extreme(x):
            yield x, read
        elif x.kind == "message" and x.reads:
            waiting.extend(x.reads)
        elif before and not is_index(x):
            waiting.extend(before)
            yield from ((copied(r), r) for r in x.reads if r not in before)
            added = added_in_place(x)
            if added is not None:
                yield replace(x, kind="step", value=added, reads=(), places=()), x
            if is_step(x):
                yield step_of(x), x
        else:
            yield x, read
