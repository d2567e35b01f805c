"""What people are told of an element that has not what it should have: how others of its array came by theirs."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from chatmpi.verify.simulate.tracing.events import Event
from chatmpi.verify.simulate.tracing.history import History
from chatmpi.verify.simulate.tracing.made_from import base, copies
from chatmpi.verify.simulate.tracing.whereabouts import each_of, sources, tests_around, with_tests
from chatmpi.verify.simulate.values import POISON, Object

_LAST = 6  # on the way of a value


def writers(events: Sequence[Event], target: Object) -> list[Event]:
    """What sets single elements of an array; if nothing does, of those of its name on other ranks."""
    single = [e for e in events if e.cell >= 0 and e.value is not POISON and e.kind in ("set", "message")]
    own = [e for e in single if e.target is target]
    return own or [e for e in single if e.target is not None and e.target.name == target.name]


def others(events: Sequence[Event], found: Sequence[Event], cell: int) -> Iterator[str]:
    """The two lines that set the elements nearest to one; where these are calls, the next that is none too."""
    lines = {e.line: e for e in sorted(found, key=lambda e: (-abs(e.cell - cell), e.serial))}
    nearest = list(reversed(lines.values()))
    told = nearest[:2]
    if all(e.kind == "message" for e in told):
        told += [e for e in nearest if e.kind == "set"][:1]
    for e in told:
        yield from _likes(events, e)


def _likes(events: Sequence[Event], e: Event) -> Iterator[str]:
    """How elements came to have a value where another has none."""
    if e.kind == "message":
        sent = f", sent in line {e.sent_in} by rank {e.sender}" if e.sender >= 0 else ""
        yield f"others are brought by the call of line {e.line}{sent}"
        yield from given(events, e)
        return
    yield f"others are set in {_where(e)}"


def given_to(history: History, calls: Sequence[Event]) -> Iterator[str]:
    """What calls of MPI are given, the arrays of their counts too."""
    for call in calls:
        cells = [e for o in call.given for e in history.defined.get(id(o), {}).values() if isinstance(e.value, int)]
        lines = sources([*call.reads, *{e.line: e for e in cells if e.kind == "set"}.values()])
        if lines:
            yield f"the {call.what} of line {call.line} is given {each_of(lines, deciding=True)}"


def given(events: Sequence[Event], message: Event) -> Iterator[str]:
    """What the two calls of a message are given."""
    calls = [message.under]
    calls += [e for e in events if e.kind == "call" and (e.rank, e.line) == (message.sender, message.sent_in)][:1]
    lines = sources([r for c in calls if c is not None for r in c.reads])
    if lines:
        yield f"its calls are given {each_of(lines)}"


def left_out(events: Sequence[Event], path: Sequence[Event]) -> Iterator[str]:
    """An element on the way of a wrong value that is left as it is where most others of its array are set anew."""
    for use, value in itertools.pairwise(path[-_LAST:]):
        for element in (e for e in copies(value) if e.kind == "set" and e.cell >= 0):
            since = [e for e in events[: use.serial] if e.target is element.target and e.cell >= 0]
            last = {e.cell: e for e in since}
            later = [e for e in last.values() if e.serial > element.serial and e.line != element.line]
            if last.get(element.cell) is element and 2 * len(later) > len(last) - 1 > 0:
                yield f"other elements of '{base(element.what)}' are set after that in {_where(later[-1])}"
                return


def _where(e: Event) -> str:
    """A line with the tests around it, and what these depend on."""
    tests = tests_around(e)[:3]
    said = (e.line, *(t.line for t in tests))
    lines = [x for x in sources([*e.places, *(r for t in tests for r in t.reads)]) if x.line not in said]
    return f"{with_tests(e)}{f', which depends on {each_of(lines)}' if lines else ''}"
