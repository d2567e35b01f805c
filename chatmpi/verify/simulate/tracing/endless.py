"""What people are told of a loop that never ends: what its test depends on."""

from __future__ import annotations

from dataclasses import replace

from chatmpi.verify.simulate.errors import Fault, OutOfBudget, Unsupported
from chatmpi.verify.simulate.tracing.case import Case
from chatmpi.verify.simulate.tracing.recorded import record
from chatmpi.verify.simulate.tracing.whereabouts import each_of, sources


def told_of_endless(case: Case, rank: int, line: int) -> tuple[str, ...]:
    """Nothing where the loop makes no test, or its history is not to be had."""
    try:
        run = record(replace(case, is_endless=True))
    except (Fault, Unsupported, OutOfBudget):
        return ()
    events = reversed(run.after.events)
    test = next((e for e in events if e.kind == "test" and (e.rank, e.line) == (rank, line)), None)
    lines = sources(test.reads) if test is not None else []
    return (f"whether the loop of line {line} goes on depends on {each_of(lines)}",) if lines else ()
