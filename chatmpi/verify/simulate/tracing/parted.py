"""Ranks that go different ways: which test, made on its own by each rank, leads them to different calls of MPI."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile

from chatmpi.verify.simulate.terms import Term
from chatmpi.verify.simulate.tracing.events import Event
from chatmpi.verify.simulate.tracing.history import History
from chatmpi.verify.simulate.tracing.made_from import base


def parted(history: History, rank: int) -> Iterator[str]:
    """Of the tests since the last call that a rank and another have both made, one that was decided otherwise."""
    for other in (n.rank for n in history.ranks if n.rank != rank):
        here, there = _since_common(history, rank, other)
        for test in here:
            if test.at in {t.at for t in there if t.value != test.value} and (floating := _floating(test)):
                own = ", ".join(f"'{base(r.what)}' of line {r.line}" for r in floating)
                yield (
                    f"rank {rank} decides in line {test.line} otherwise than rank {other}, by its own {own}: nothing "
                    f"brings the same to both between line {floating[-1].line} and line {test.line}"
                )
                return


def _floating(test: Event) -> list[Event]:
    return [r for r in test.reads if isinstance(r.value, Term) and base(r.what)]


def _since_common(history: History, one: int, other: int) -> tuple[list[Event], list[Event]]:
    """The tests of two ranks since their last calls that are the same, each as it was made last."""
    calls = [[e for e in history.events if e.kind == "call" and e.rank == r] for r in (one, other)]
    common = len(list(takewhile(lambda pair: pair[0].at == pair[1].at, zip(*calls, strict=False))))
    found = []
    for rank, made in zip((one, other), calls, strict=True):
        first = made[common - 1].serial if common else -1
        last = made[common].serial if common < len(made) else len(history.events)
        tests = [e for e in history.events[first + 1 : last] if e.kind == "test" and e.rank == rank]
        found.append(list({t.at: t for t in tests}.values()))
    return found[0], found[1]
