"""Both programs at one size, run with their histories."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from types import FrameType
from typing import Any

from chatmpi.verify.simulate.as_python.compiled import FILE, compile_program
from chatmpi.verify.simulate.errors import Fault, Kind, OutOfBudget
from chatmpi.verify.simulate.formats import Item
from chatmpi.verify.simulate.inputs import MANY, Input
from chatmpi.verify.simulate.mpi.ranks import run_on, run_together
from chatmpi.verify.simulate.mpi.world import World, make_world
from chatmpi.verify.simulate.outcome import run_alone
from chatmpi.verify.simulate.terms import Terms
from chatmpi.verify.simulate.text_inputs import reads_text
from chatmpi.verify.simulate.tracing.case import Case
from chatmpi.verify.simulate.tracing.events import Event
from chatmpi.verify.simulate.tracing.history import History
from chatmpi.verify.simulate.tracing.notes import Notes, RecordedProcess
from chatmpi.verify.simulate.work import Limits, Work

_OPERATIONS = 40_000_000


@dataclass(frozen=True)
class Recorded:
    """`known`: the serial of the first term that the sequential program does not make. `expected` and `came`: what was
    printed, by each rank, each item with its event; `fault`: what ended the ranks."""

    terms: Terms
    known: int
    before: History
    after: History
    expected: Sequence[tuple[Item, Event]]
    came: Sequence[tuple[Item, Event]]
    fault: Fault | None
    world: World


class _Output(list[Item]):
    def __init__(self, notes: Notes) -> None:
        super().__init__()
        self._notes = notes
        self.events: list[Event] = []

    def append(self, item: Item) -> None:
        self.extend((item,))

    def extend(self, items: Any) -> None:
        new = list(items)
        super().extend(new)
        frame: FrameType | None = sys._getframe(1)
        while frame is not None and frame.f_code.co_filename != FILE:
            frame = frame.f_back
        if frame is not None:
            self.events += self._notes.prints(new, frame)


def record(case: Case) -> Recorded:
    """Raises Fault, Unsupported, OutOfBudget of the sequential program, and OutOfBudget of a candidate that is not
    known to be endless."""
    terms, limits, textual = Terms(shuffle=case.shuffle), Limits(Work(), _OPERATIONS), reads_text(case.before)

    def process(history: History, rank: int, numbers: int) -> RecordedProcess:
        source = Input("stdin", terms, case.size, numbers, textual)
        made = RecordedProcess(terms, limits, source, arguments=case.arguments)
        made.notes = Notes(history, rank)
        made.output = _Output(made.notes)
        return made

    first = History(compile_program(case.before, terms, case.joined_rows))
    alone = process(first, -1, MANY)
    run_alone(first.compiled, alone)
    known = len(terms.everything)
    second = History(compile_program(case.after, terms, case.joined_rows))
    processes = [process(second, r, 0 if r else MANY) for r in range(case.ranks)]
    world = make_world(terms, case.ranks)
    world.watch, second.world = second.call, world
    fault: Fault | None = None
    try:
        run_together(second.compiled, list(processes), world)
    except Fault as ended:
        fault = ended
        if fault.kind == Kind.UNINITIALISED and len(world.ranks) == case.ranks:
            run_on(second.compiled, world, fault.rank)  # others may have what this one lacks
    except OutOfBudget:
        if not case.is_endless:
            raise
    came = [pair for p in processes for pair in _items(p)]
    return Recorded(terms, known, first, second, _items(alone), came, fault, world)


def _items(process: RecordedProcess) -> list[tuple[Item, Event]]:
    assert isinstance(process.output, _Output)
    return list(zip(process.output, process.output.events, strict=False))
