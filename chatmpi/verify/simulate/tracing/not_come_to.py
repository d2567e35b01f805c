"""What people are told of lines that a rank does not come to, and that would set what is wrong."""

from __future__ import annotations

from collections.abc import Iterator

from chatmpi.verify.simulate.tracing.counterparts import Counterparts
from chatmpi.verify.simulate.tracing.events import Event
from chatmpi.verify.simulate.tracing.history import History
from chatmpi.verify.simulate.tracing.whereabouts import each_of, sources
from chatmpi.verify.simulate.values import Object


def set_otherwise(history: History, counterparts: Counterparts, e: Event) -> str:
    """A line that sets a variable to something else and that the rank does not come to."""
    come_to = {x.at for x in history.events if x.rank == e.rank and x.what == e.what}
    for at in history.noted.setters.get(e.what, ()):
        if at not in come_to:
            line, tests = counterparts.tests_of_line(at, e.rank)
            under = f", under {' and '.join(f'line {t.line}' for t in tests)}" if tests else ""
            return f"; rank {e.rank} does not come to line {line}, which sets it too{under}"
    return ""


def not_come_to(history: History, counterparts: Counterparts, rank: int, target: Object) -> Iterator[str]:
    """Lines that set elements of an array, and that its rank does not come to."""
    come_to = {e.at for e in history.events if e.rank == rank and e.kind == "set"}
    for at, name in history.noted.elements.items():
        if name == target.name and at not in come_to:
            line, tests = counterparts.tests_of_line(at, rank)
            lines = [x for x in sources([r for t in tests for r in t.reads]) if x.line not in [t.line for t in tests]]
            depends = f"; whether it does depends on {each_of(lines)}" if lines else ""
            if tests:
                yield f"rank {rank} does not come to line {line}, which is under line {tests[0].line}{depends}"
