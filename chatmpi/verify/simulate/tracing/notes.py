"""What one rank tells while it runs: the program's Python calls it, and all memory is watched."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from chatmpi.verify.simulate import memory
from chatmpi.verify.simulate.as_python.compiled import FILE
from chatmpi.verify.simulate.mpi.guards import Hold, guard
from chatmpi.verify.simulate.mpi.world import Rank
from chatmpi.verify.simulate.process import Process
from chatmpi.verify.simulate.terms import Term
from chatmpi.verify.simulate.tracing.events import Blank, Event, Kind, Returned
from chatmpi.verify.simulate.tracing.history import History
from chatmpi.verify.simulate.tracing.noted import NOTES
from chatmpi.verify.simulate.values import POISON, Layout, Object, Pointer

_FRAMES = 8  # between an access and the program


@dataclass
class _Call:
    """A call of a function that is being run: its line, what its caller had read, and the test it stands under; what it
    is given, and the serial of its first event."""

    function: str
    given: tuple[Any, ...]
    first: int
    line: int
    reads: list[Event]
    under: Event | None
    results: list[Event] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class _Recording(Hold):
    """Tells a rank's notes of every access to an object."""

    notes: Notes

    def touches(self, key: Any) -> bool:
        return False

    def freed(self) -> None:
        pass

    def sees(self, key: Any, writes: bool, value: Any = None) -> None:
        if isinstance(key, slice):
            reached = range(*key.indices(len(self.target)))
            values: Sequence[Any] = value if writes else ()
            grows = writes and len(reached) < len(values)
            keys: Sequence[int] = range(reached.start, reached.start + len(values)) if grows else reached
        else:
            keys, values = (key,), (value,)
        self.notes.accessed(self.target, keys, writes, values)


class Notes:
    """What one rank tells while it runs; the names are what the written Python calls."""

    def __init__(self, history: History, rank: int) -> None:
        self.history, self.rank = history, rank
        self.names: dict[str, Event] = {}
        self.tested: dict[int, Event] = {}
        self.read: list[Event] = []
        self.calling: list[_Call] = []
        self.called: Event | None = None  # the latest call of MPI
        self.blank: Blank | None = None  # an element that was read and never set, the latest
        self.row: list[Blank | None] = []  # of the elements that were read together last, those without a value
        history.ranks.append(self)

    def event(self, kind: Kind, at: int, what: str, value: Any) -> Event:
        """An event made of what was read since the last."""
        known, names = self.history.noted, self.names
        passed = known.passed.get(at, ())
        reads = [names[n] for n in known.uses.get(at, ()) if n in names]
        reads = [r for r in reads if not (isinstance(r.value, Term) and r.what in passed)]  # the result is made of it
        places = [names[n] for n in known.places.get(at, ()) if n in names]
        reads += self.read
        self.read.clear()
        under = self.tested.get(known.around.get(at, 0))
        if under is None and self.calling:
            under = self.calling[-1].under
        line = int(self.history.compiled.c_line(at))
        events = self.history.events
        return self.history.new(
            Event(len(events), kind, self.rank, line, at, what, value, _each(reads), _each(places), under)
        )

    # ----------------------------------------------------------------------------- told by the program

    def sets(self, at: int, name: str, value: Any) -> Any:
        if not isinstance(value, Object):
            self.names[name] = self.event("set", at, name, value)
        return value

    def tests(self, at: int, value: Any) -> Any:
        self.tested[at] = self.event("test", at, "", bool(value))
        return value

    def breaks(self, at: int) -> None:
        self.event("break", at, "", None)

    def done(self, value: Any) -> Any:
        self.read.clear()
        return value

    def enters(self, at: int, names: tuple[str, ...], values: tuple[Any, ...]) -> None:
        caller = sys._getframe(2)
        from_line = caller.f_lineno if caller.f_code.co_filename == FILE else 0
        known = self.history.noted
        under = self.tested.get(known.around.get(from_line, 0))
        if under is None and self.calling:
            under = self.calling[-1].under
        before = [self.names[n] for n in known.uses.get(from_line, ()) if n in self.names] + self.read
        line = int(self.history.compiled.c_line(from_line)) if from_line else 0
        function, first = sys._getframe(1).f_code.co_name, len(self.history.events)
        self.calling.append(_Call(function, values, first, line, _besides(self.read, values), under))
        self.read.clear()
        for name, value in zip(names, values, strict=True):
            if not isinstance(value, Object):
                of = [e for e in before if e.value is value or (isinstance(value, int) and e.value == value)]
                line = int(self.history.compiled.c_line(from_line or at))
                serial = len(self.history.events)
                reads = _each(of or before)
                self.names[name] = self.history.new(
                    Event(serial, "argument", self.rank, line, from_line, name, value, reads, (), under)
                )

    def returns(self, at: int, value: Any) -> Any:
        if not isinstance(value, Object) and self.calling:
            call, result = self.calling[-1], self.event("return", at, "", value)
            call.results.append(result)
            self.history.returned.append(Returned(call.function, call.given, call.line, call.first, result))
        self.leaves()
        return value

    def leaves(self) -> None:
        if self.calling:
            call = self.calling.pop()
            self.read = call.reads + call.results

    # --------------------------------------------------------------------------------- told by others

    def calls(self, rank: Rank, arguments: tuple[Any, ...]) -> None:
        coroutine: Any = rank.coroutine
        while coroutine is not None and getattr(coroutine, "gi_yieldfrom", None) is not None:
            inner = coroutine.gi_yieldfrom
            if not hasattr(inner, "gi_frame"):
                break
            coroutine = inner
        at = coroutine.gi_frame.f_lineno if coroutine is not None and coroutine.gi_frame is not None else 0
        self.called = self.event("call", at, rank.call, arguments)
        self.called.line = int(rank.line)
        pointed = [a[0] for a in arguments if isinstance(a, tuple) and a and isinstance(a[0], Object)]
        self.called.given = tuple(pointed)
        self.called.called_in = self.calling[-1].line if self.calling else 0

    def prints(self, items: Sequence[Any], frame: FrameType) -> list[Event]:
        """Items that go to the output."""
        read = list(self.read)
        found = []
        for item in items:
            self.read = list(read)
            made = self.event("print", frame.f_lineno, "", item)
            made.reads = tuple(e for e in made.reads if _is_printed(e.value, item)) or made.reads
            found.append(made)
        self.read = read
        return found

    def accessed(self, target: Object, keys: Sequence[int], writes: bool, values: Sequence[Any]) -> None:
        frame: FrameType | None = sys._getframe(3)
        for _ in range(_FRAMES):
            if frame is None or frame.f_code.co_filename == FILE:
                break
            frame = frame.f_back
        history = self.history
        if frame is None or frame.f_code.co_filename != FILE:
            history.moved(self, target, keys, writes, values)
            return
        notes: Notes = frame.f_globals[NOTES]
        defined = history.defined[id(target)]
        if not writes:
            notes.read += [defined[k] for k in keys if k in defined]
            notes.note_blank(target, keys)
            return
        if len(keys) == 1:
            made = notes.event("set", frame.f_lineno, f"{target.name}[{keys[0]}]", values[0])
            made.target, made.cell = target, keys[0]
            made.blank = notes.blank if values[0] is POISON else None
            defined[keys[0]] = made
            return
        read = list(notes.read)
        aligned = len(read) == len(keys)
        for j, (k, value) in enumerate(zip(keys, values, strict=False)):
            notes.read = [read[j]] if aligned else [e for e in read if e.value is value] or list(read)
            made = notes.event("set", frame.f_lineno, f"{target.name}[{k}]", value)
            made.target, made.cell = target, k
            made.blank = notes.row[j] if len(notes.row) == len(keys) and value is POISON else None
            defined[k] = made

    def note_blank(self, target: Object, keys: Sequence[int]) -> None:
        defined = self.history.defined[id(target)]
        inside = range(list.__len__(target))
        self.row = [
            Blank(target, k, defined.get(k)) if k in inside and list.__getitem__(target, k) is POISON else None
            for k in keys
        ]
        self.blank = next((b for b in reversed(self.row) if b is not None), self.blank)

    # -------------------------------------------------------------------------------------- memory

    def keep(self, made: Object) -> Object:
        """Record what is done with an object from now on."""
        history = self.history
        history.objects.append(made)
        history.defined[id(made)], history.owners[id(made)] = {}, self
        guard(_Recording(made, range(0), False, "", 0, self))
        return made

    def declared(self, made: Object, frame: FrameType) -> Object:
        """A new object: what it holds already was set where it was made."""
        self.keep(made)
        cells = list.__getitem__(made, slice(0, None))
        if cells and cells[0] is not POISON:
            is_one = len(cells) == 1
            first = self.event("set", frame.f_lineno, f"{made.name}[0]" if is_one else made.name, cells[0])
            first.target, first.cell = made, 0 if is_one else -1
            self.history.defined[id(made)] = {k: first for k, v in enumerate(cells) if v is not POISON}
        return made


def _is_printed(value: Any, item: Any) -> bool:
    """Whether an item of the output shows a value; whole numbers are text there."""
    return (
        str(value) == item.strip()
        if isinstance(item, str) and isinstance(value, int)
        else (isinstance(item, tuple) and value is item[1])
    )


def _besides(read: list[Event], given: tuple[Any, ...]) -> list[Event]:
    """What was read, without the floating values that a function is given: what it returns is made of those."""
    left = list(read)
    for value in given:
        if isinstance(value, Term):
            last = next((k for k in reversed(range(len(left))) if left[k].value is value), None)
            if last is not None:
                del left[last]
    return left


def _each(events: list[Event]) -> tuple[Event, ...]:
    return tuple(dict.fromkeys(events))


class RecordedProcess(Process):
    """A process whose memory tells of what is done with it."""

    notes: Notes

    def primitives(self) -> dict[str, Any]:
        notes = self.notes

        def new(layout: Layout, count: int, name: str, zeroed: bool) -> Object:
            return notes.declared(memory.new(layout, count, name, zeroed), sys._getframe(1))

        def boxed(value: Any, layout: Layout, name: str) -> Object:
            return notes.declared(memory.boxed(value, layout, name), sys._getframe(1))

        def temporary(cells: list[Any], layout: Layout) -> Object:
            return notes.declared(memory.temporary(cells, layout), sys._getframe(1))

        return {**super().primitives(), NOTES: notes, "new": new, "boxed": boxed, "temporary": temporary}

    def allocated(self, size: int, zeroed: bool = False) -> Pointer:
        made = super().allocated(size, zeroed)
        at = sys._getframe(2).f_lineno
        self.allocations[-1] = (made[0], at)
        self.notes.keep(made[0])
        return made
