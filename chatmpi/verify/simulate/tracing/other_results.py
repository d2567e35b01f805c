"""Calls of a function that are given the same in both programs and return something else: where they part.

The two calls are followed in step, so what is found is the first place at which one of them sets or decides something
else (aligned executions: B. Xin, W. Sumner, X. Zhang: Efficient program execution indexing, 2008). It tells of values
that are decided by a test, or made by a loop, of which nothing can be seen in the values themselves.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from chatmpi.verify.simulate.terms import Term
from chatmpi.verify.simulate.tracing.events import Event, Returned
from chatmpi.verify.simulate.tracing.history import History
from chatmpi.verify.simulate.tracing.made_from import base
from chatmpi.verify.simulate.tracing.origin import Origins
from chatmpi.verify.simulate.tracing.whereabouts import with_tests

_FOLLOWED = frozenset({"argument", "set", "test", "return", "break"})
_GIVEN = 3  # that are told


@dataclass(frozen=True)
class OtherResult:
    """`call` of a rank, and where it does `came` in the place of `expected`."""

    call: Returned
    expected: Event
    came: Event


def other_result(origins: Origins) -> OtherResult | None:
    """The first to end: of calls in calls the inner one."""
    before, after = origins.run.before, origins.run.after
    known: dict[Hashable, list[Returned]] = defaultdict(list)
    for call in before.returned:
        if (key := origins.call_key(call)) is not None:
            known[key].append(call)
    for call in after.returned:
        same = known.get(origins.call_key(call), [])
        if same and all(_result(origins, s) != _result(origins, call) for s in same):
            found = _parting(origins, same[0], call)
            if found is not None:
                return found
    return None


def given_otherwise(origins: Origins, wrong: Event) -> Returned | None:
    """Of the calls that a wrong value is made in, the outermost that the sequential program never makes with these
    numbers."""
    known = {origins.call_key(call) for call in origins.run.before.returned}
    around = [
        call
        for call in origins.run.after.returned
        if call.first <= wrong.serial <= call.result.serial and call.result.rank == wrong.rank
    ]
    strange = [call for call in around if (key := origins.call_key(call)) is not None and key not in known]
    return strange[-1] if strange else None


def told_of_given(origins: Origins, call: Returned) -> str:
    events = origins.run.after.events
    rank = call.result.rank
    names = [e for e in events[call.first : call.result.serial] if e.kind == "argument" and e.rank == rank]
    under = names[0] if names else call.result
    return (
        f"{with_tests(under)} on rank {rank} calls '{call.function.removeprefix('f_')}' with numbers that the "
        f"sequential program never gives it"
    )


def _result(origins: Origins, call: Returned) -> Hashable:
    return origins.key(call.result.value)


def _parting(origins: Origins, expected: Returned, came: Returned) -> OtherResult | None:
    """None where the calls read something else that was set before them: that is wrong then, and not they."""
    ours, theirs = _events(origins.run.before, expected), _events(origins.run.after, came)
    for a, b in zip(ours, theirs, strict=False):
        if (a.kind, base(a.what), origins.key(a.value)) != (b.kind, base(b.what), origins.key(b.value)):
            same = _from_outside(origins, a, expected) == _from_outside(origins, b, came)
            return OtherResult(came, a, b) if same else None
    return None


def _events(history: History, call: Returned) -> Sequence[Event]:
    """What a call does, to its end."""
    rank = call.result.rank
    within = history.events[call.first : call.result.serial + 1]
    return [e for e in within if e.rank == rank and e.kind in _FOLLOWED]


def _from_outside(origins: Origins, e: Event, call: Returned) -> list[Hashable]:
    """The numbers that an event of a call reads and that were set before it."""
    read = (r for r in (*e.reads, *e.places) if r.serial < call.first and isinstance(r.value, int | Term))
    return [origins.key(r.value) for r in read]


def told_of_other_result(found: OtherResult) -> str:
    call, expected, came = found.call, found.expected, found.came
    given = ", ".join(str(v) for v in call.given[:_GIVEN])
    numbers = f" with {given}" if all(isinstance(v, int) for v in call.given) else ""
    where = f"line {came.line} on rank {came.rank}, called in line {call.line}{numbers},"
    beside = f"line {expected.line} of the sequential program, which is given the same"
    if (expected.kind, base(expected.what)) != (came.kind, base(came.what)):
        return f"{where} comes in the place of {beside}"
    if came.kind == "test":
        return f"{where} decides otherwise than {beside}"
    does, to = ("returns", "") if came.kind == "return" else (f"sets '{base(came.what)}' to", "to ")
    if isinstance(came.value, int) and isinstance(expected.value, int):
        return f"{where} {does} {came.value}, and not {to}{expected.value} as {beside}"
    return f"{where} {does} something else than {beside}"
