"""The first line of the sequential program that the candidate does not do as it does, by the values that are set there.

Lines are compared in the order in which the sequential program first comes to them: what a line sets in all its
iterations with what the lines of the candidate that are its counterparts set on all ranks.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

from chatmpi.verify.simulate.terms import Term
from chatmpi.verify.simulate.tracing.counterparts import Counterparts
from chatmpi.verify.simulate.tracing.events import Event
from chatmpi.verify.simulate.tracing.history import History
from chatmpi.verify.simulate.tracing.made_from import (
    base,
    is_compared,
    is_index,
    is_same,
    is_step,
    sliced,
    step_of,
)
from chatmpi.verify.simulate.tracing.origin import Origin, Origins
from chatmpi.verify.simulate.values import POISON, Handle

_LOOKED_AT = 8  # values that are strange
_LEAST = 0.3  # of the values of two lines have to be the same, if they are to be compared


@dataclass(frozen=True)
class Divergence:
    """`expected` is set by the sequential program and by no rank (None: it is not known what should be there), `came`
    by a rank and not by the sequential program (None: nothing)."""

    expected: Event | None
    came: Event | None


def first_divergence(origins: Origins, counterparts: Counterparts, origin: Origin) -> Divergence | None:
    """The first, in the order of the sequential program, that what is wrong was made from: numbers that each rank
    counts by itself are none. What a line sets first may be what another lacked before."""
    found = list(divergences(origins, counterparts, origin))
    if not found or any(d.expected is None for d in found):
        return found[0] if found else None
    return min(found, key=lambda d: d.expected.serial if d.expected is not None else 0)


def divergences(origins: Origins, counterparts: Counterparts, origin: Origin) -> Iterator[Divergence]:
    before, after = _by_line(origins.run.before), _by_line(origins.run.after)
    needed, used = sliced(origin.beside), sliced(origin.path)
    for at, events in before.items():
        ours = _marks(origins, events)
        lines = [b for b in counterparts.lines(at) if b in after and _shapes(after[b]) == _shapes(events)]
        lines = [b for b in lines if _names(after[b]) & _names(events)] or lines
        came = [e for b in lines for e in after[b]]
        theirs = _marks(origins, came)
        common = len(ours.keys() & theirs.keys())
        is_like = common >= min(len(ours), len(theirs)) * _LEAST or all(counterparts.is_same_text(at, b) for b in lines)
        if not lines or not (is_like or (len(lines) == 1 and _is_all_of_one(events, came))):
            continue
        lacking = [e for mark, same in ours.items() if mark not in theirs for e in same]
        strange = [e for mark, same in theirs.items() if mark not in ours for e in same]
        if not lacking and not strange:
            lacking, strange = _apart(origins, events, came)
        strange = [e for e in strange if e.serial in used]
        needed_here = [e for e in lacking if e.serial in needed]
        if strange:
            wrong = min(strange, key=lambda e: e.serial)
            partner = origins.partner(wrong, lacking)
            before_that = [e for e in needed_here if partner is not None and e.serial < partner.serial]
            if not before_that or any(origins.partner(e, lacking) in before_that for e in strange[:_LOOKED_AT]):
                yield Divergence(partner, wrong)
                continue
        if needed_here:
            yield Divergence(min(needed_here, key=lambda e: e.serial), None)


def _is_all_of_one(expected: Sequence[Event], came: Sequence[Event]) -> bool:
    """Whether both set one variable to floating values, as often: all of them may be wrong."""
    is_floating = all(isinstance(e.value, Term) for e in (*expected, *came))
    return is_floating and len(expected) == len(came) and len(_names(expected) | _names(came)) == 1


def _names(events: Sequence[Event]) -> set[str]:
    return {base(e.what) for e in events}


def _apart(origins: Origins, expected: Sequence[Event], came: Sequence[Event]) -> tuple[list[Event], list[Event]]:
    """Of elements: with values that too few of them get on all ranks together, and with those that too many get, where
    there are as many in all."""
    if any(e.cell < 0 for e in expected) or len(came) > len(expected):
        return [], []
    wanted, there = (Counter(origins.key(e.value) for e in events) for events in (expected, came))
    lacking = [e for e in expected if there[origins.key(e.value)] < wanted[origins.key(e.value)]]
    more = [e for e in came if there[origins.key(e.value)] > wanted[origins.key(e.value)]]
    return lacking, more if len(came) == len(expected) else []


def _shapes(events: Sequence[Event]) -> set[str]:
    """Whether they count, add to what is there, or set something else."""
    return {"step" if is_step(e) else "sum" if _before(e) else "set" for e in events}


def _before(e: Event) -> list[Event]:
    return [r for r in e.reads if is_same(r, e)]


def _by_line(history: History) -> dict[int, list[Event]]:
    """What each line of Python sets, in the order in which lines are come to."""
    found: dict[int, list[Event]] = defaultdict(list)
    for e in history.events:
        if e.kind in ("set", "return") and e.at and _is_data(e):
            found[e.at].append(e)
    choosing = _choosing(history)
    return {at: events for at, events in found.items() if not any(_is_chosen(e, choosing) for e in events)}


def _choosing(history: History) -> set[int]:
    """The tests that compare with what is set under them: which values are larger than those before is another matter
    on each rank."""
    found: set[int] = set()
    for e in history.events:
        if e.kind == "set" and e.under is not None and is_compared(e) and not is_index(e):
            found.add(e.under.at)
    return found


def _is_chosen(e: Event, choosing: set[int]) -> bool:
    return e.under is not None and e.under.at in choosing


def _is_data(e: Event) -> bool:
    if isinstance(e.value, tuple | Handle) or e.value is POISON or is_index(e):
        return False
    return not (e.what.startswith("_") and e.what[1:].isdigit())


def _marks(origins: Origins, events: Sequence[Event]) -> dict[Hashable, list[Event]]:
    """The events of a line by the values that they set; of a sum what is added."""
    found: dict[Hashable, list[Event]] = defaultdict(list)
    for e in events:
        before = _before(e)
        mark: Hashable
        if is_step(e):
            mark = origins.mark(step_of(e))
        elif before and isinstance(e.value, int):
            mark = ("more", e.value - before[0].value)
        elif before:
            mark = tuple(
                sorted(str(origins.key(r.value)) for r in e.reads if r not in before and isinstance(r.value, Term))
            )
        else:
            mark = origins.key(e.value)
        found[mark].append(e)
    return found
