"""The history of a run: what was set where, from which values, under which test, and what messages brought."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from types import FrameType
from typing import TYPE_CHECKING, Any

from chatmpi.verify.simulate.as_python.compiled import Compiled
from chatmpi.verify.simulate.errors import OutOfBudget
from chatmpi.verify.simulate.mpi.agreement import base_name
from chatmpi.verify.simulate.mpi.messages import Message
from chatmpi.verify.simulate.mpi.world import Rank, World
from chatmpi.verify.simulate.tracing.events import Blank, Event, Returned
from chatmpi.verify.simulate.tracing.noted import NOTES, Noted, noted
from chatmpi.verify.simulate.values import POISON, Object

if TYPE_CHECKING:
    from chatmpi.verify.simulate.tracing.notes import Notes

_REDUCTIONS = frozenset(
    f"MPI_{name}" for name in ("Reduce", "Allreduce", "Scan", "Exscan", "Reduce_scatter", "Reduce_scatter_block")
)
OWN_NAMES = frozenset({NOTES, "new", "boxed", "temporary"})  # that mean something else in each process
_MOST_EVENTS = 250_000
_FRAMES = 8  # between a message and what it stores


class History:
    """Of one program, on all ranks."""

    def __init__(self, compiled: Compiled) -> None:
        self.noted: Noted = noted(compiled)
        shared = {name: value for name, value in compiled.constants.items() if name not in OWN_NAMES}
        self.compiled = replace(compiled, code=self.noted.code, names=compiled.names | OWN_NAMES, constants=shared)
        self.events: list[Event] = []
        self.returned: list[Returned] = []
        self.ranks: list[Notes] = []
        self.world: World | None = None
        self.defined: dict[int, dict[int, Event]] = {}  # by object: the event that set each cell
        self.owners: dict[int, Notes] = {}
        self.objects: list[Object] = []
        self._blank: dict[int, list[Blank]] = {}  # by rank: elements without a value that MPI read
        self._carried: dict[Any, dict[int, Event | None]] = {}  # values that MPI read: by rank, what set them
        self._latest: list[tuple[Object, int, Event | None]] = []  # that MPI read since it last stored
        self._storing = False
        self._received: dict[int, Event] = {}  # by rank: what a message brought last

    def new(self, event: Event) -> Event:
        self.events.append(event)
        if len(self.events) > _MOST_EVENTS:
            raise OutOfBudget
        return event

    def call(self, rank: Rank, arguments: tuple[Any, ...]) -> None:
        """A rank calls MPI."""
        self.ranks[rank.number].calls(rank, arguments)

    # -------------------------------------------------------------------------------- what MPI does

    def moved(self, notes: Notes, target: Object, keys: Sequence[int], writes: bool, values: Sequence[Any]) -> None:
        if not writes:
            if self._storing:
                self._latest, self._storing = [], False
            for k in keys:
                event = self.defined[id(target)].get(k)
                self._latest.append((target, k, event))
                if 0 <= k < len(target):
                    value = list.__getitem__(target, k)
                    self._carried.setdefault(_key(value), {})[notes.rank] = event
                    if value is POISON:
                        notes.blank = Blank(target, k, event)
                        self._blank.setdefault(notes.rank, []).append(notes.blank)
            return
        self._storing = True
        message = _message()
        for k, value in zip(keys, values, strict=False):
            self.defined[id(target)][k] = self._arrived(notes, target, k, value, message)

    def _arrived(self, notes: Notes, target: Object, k: int, value: Any, message: Message | None) -> Event:
        under = notes.called
        made = Event(len(self.events), "message", notes.rank, 0, 0, f"{target.name}[{k}]", value, (), (), under)
        made.target, made.cell = target, k
        if message is not None:
            made.line = int(message.line)
            if message.matched is not None:
                made.sender, made.sent_in = message.matched.owner, int(message.matched.line)
            self._received[notes.rank] = made
        elif self.world is not None:
            made.line = int(self.world.ranks[notes.rank].line)
            received = self._received.get(notes.rank)
            if received is not None and received.under is under:
                made.sent_in = received.sent_in  # the status of a receive
        if value is not POISON:
            carried = self._carried.get(_key(value), {})
            if under is not None and base_name(under.what) in _REDUCTIONS:
                found = self._contributions(target, k)
            elif made.sender in carried:
                found = [carried[made.sender]]
            elif carried and made.sender < 0:
                found = [carried[max(carried, key=lambda r: (carried[r] is not None, r != notes.rank))]]
            else:
                found = self._contributions(target, k)
            made.reads = tuple(e for e in found if e is not None)
        else:
            made.blank = self._sent_blank(made, target, k)
        return self.new(made)

    def _sent_blank(self, made: Event, target: Object, k: int) -> Blank | None:
        """The element without a value that a message brought: at the same place, if there is one."""
        ranks = [made.sender] if made.sender >= 0 else sorted(self._blank, key=lambda r: r != made.rank)
        found = [b for r in ranks for b in self._blank.get(r, []) if b.target is not target]
        return next((b for b in reversed(found) if b.cell == k), found[-1] if found else None)

    def _contributions(self, target: Object, k: int) -> list[Event | None]:
        """What a reduction put together: the elements at the same place of every buffer, as far as can be told."""
        if len(self._latest) <= len(self.ranks):
            return [e for _, _, e in self._latest]
        same = [e for o, j, e in self._latest if j == k or (o is not target and len(o) == 1)]
        return same or [e for _, _, e in self._latest[: 4 * len(self.ranks)]]


def _key(value: Any) -> Any:
    return value if isinstance(value, int) else id(value)


def _message() -> Message | None:
    """The receive that is being completed."""
    frame: FrameType | None = sys._getframe(2)
    for _ in range(_FRAMES):
        if frame is None:
            return None
        if frame.f_code is Message.store.__code__:
            found = frame.f_locals["self"]
            assert isinstance(found, Message)
            return found
        frame = frame.f_back
    return None
