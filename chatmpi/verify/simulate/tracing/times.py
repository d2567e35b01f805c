"""How often tests are made: what all ranks together do in an iteration too few, or in one too many, and in which."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from chatmpi.verify.simulate.tracing.counterparts import Counterparts
from chatmpi.verify.simulate.tracing.events import Event
from chatmpi.verify.simulate.tracing.history import History
from chatmpi.verify.simulate.tracing.made_from import base, is_step
from chatmpi.verify.simulate.tracing.recorded import Recorded

_LOOPS = 3  # around a test, that are looked at


@dataclass(frozen=True)
class Times:
    """An `if` in `line` of the sequential program that is come to so many `times`, and the tests of the candidate that
    look like it, one of each line, that are come to so `often`; `which` iteration it is about, if that is known."""

    line: int
    times: int
    tests: tuple[Event, ...]
    often: int
    which: str


def other_times(run: Recorded, counterparts: Counterparts) -> Times | None:
    """The first in the order of the sequential program of which it is known in which iteration, or else the first.
    What every rank that comes to it does as often is none."""
    ours, theirs = _ifs(run.before), _ifs(run.after)
    counters = _counters(run.before), _counters(run.after)
    found: list[Times] = []
    for at, events in ours.items():
        alike = [b for b in counterparts.tests_like(at) if b in theirs]
        made = [e for b in alike for e in theirs[b]]
        each = set(Counter(e.rank for e in made).values())
        if made and len(made) != len(events) and each != {len(events)}:
            values = ((_values(events, counters[0], k), _values(made, counters[1], k)) for k in range(_LOOPS))
            which = next(filter(None, (_which(*pair) for pair in values)), "")
            found.append(Times(events[0].line, len(events), tuple(theirs[b][-1] for b in alike), len(made), which))
    return next((t for t in found if t.which), found[0] if found else None)


def _ifs(history: History) -> dict[int, list[Event]]:
    """The tests of each `if`, by its line of Python."""
    text, found = history.compiled.text.split("\n"), defaultdict(list)
    for e in history.events:
        if e.kind == "test" and text[e.at - 1].lstrip().startswith("if "):
            found[e.at].append(e)
    return dict(found)


def _counters(history: History) -> dict[int, str]:
    """The variable that a loop counts by, by the line of Python of its test."""
    found: dict[int, str] = {}
    for e in history.events:
        if e.under is not None and is_step(e) and e.what in {r.what for r in e.under.reads}:
            found[e.under.at] = e.what
    return found


def _values(events: Sequence[Event], counters: dict[int, str], level: int) -> list[tuple[str, int, int]]:
    """In which iteration of a loop around it (0: the innermost) each event was: the counter, its value, the rank."""
    found = []
    for e in events:
        loops: list[Event] = []
        around = e.under
        while around is not None and len(loops) <= level:
            loops += [around] if around.at in counters else []
            around = around.under
        if len(loops) > level:
            read = next((r for r in loops[level].reads if r.what == counters[loops[level].at]), None)
            if read is not None and isinstance(read.value, int):
                found.append((base(read.what), read.value, e.rank))
    return list(dict.fromkeys(found)) if level else found


def _which(wanted: Sequence[tuple[str, int, int]], came: Sequence[tuple[str, int, int]]) -> str:
    """Where ranks count through parts of the same numbers: the first that nobody comes to, or several do."""
    least = Counter(min(v for _, v, r in came if r == rank) for rank in {r for _, _, r in came})
    if not wanted or not came or max(least.values()) > 1:
        return ""
    often, there = Counter(v for _, v, _ in wanted), Counter(v for _, v, _ in came)
    name = f"'{came[0][0]}'"
    for value in sorted(often):
        if value not in there:
            return f"no rank does it with {name} = {value}"
    for value in sorted(there):
        ranks = sorted({r for _, v, r in came if v == value})
        if there[value] > often[value] and len(ranks) > 1:
            return f"ranks {ranks[0]} and {ranks[1]} both do it with {name} = {value}"
        if there[value] > often[value]:
            return f"rank {ranks[0]} does it with {name} = {value} too"
    return ""
