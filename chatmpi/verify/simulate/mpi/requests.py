"""Requests: what is under way, from the call that starts it to the one that completes it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from chatmpi.verify.simulate.mpi.guards import Hold, guard, release
from chatmpi.verify.simulate.values import Handle

PROC_NULL, ANY_SOURCE, ANY_TAG = -32101, -32102, -32103  # as headers/mpi/mpi.h numbers them
_NAMES = {PROC_NULL: "MPI_PROC_NULL", ANY_SOURCE: "MPI_ANY_SOURCE", ANY_TAG: "MPI_ANY_TAG"}


def named(number: int) -> str:
    """A rank or a tag as it would be written."""
    return _NAMES.get(number, str(number))


@dataclass(slots=True)
class Status:
    """What a receive tells of its message; `kinds`: the scalars that it is made of."""

    source: int = ANY_SOURCE
    tag: int = ANY_TAG
    kinds: Sequence[str] = ()
    cancelled: bool = False


class Request(Handle, ABC):
    """`owner` is the rank in MPI_COMM_WORLD, `line` where it came to be, `call` by which function.

    A persistent request is `active` between start and completion; `started`: how often it was; `freed` by
    MPI_Request_free, at the line `freed_early` if it was under way; `waited` says that it was waited for.
    """

    __slots__ = (
        *("active", "call", "freed", "freed_early", "holds", "line", "owner", "persistent", "started", "status"),
        *("tested", "waited"),
    )

    def __init__(self, call: str, owner: int, line: int) -> None:
        super().__init__("a request")
        self.call, self.owner, self.line = call, owner, line
        self.active, self.persistent, self.freed, self.tested, self.waited = False, False, False, False, False
        self.started = self.freed_early = 0
        self.status = Status()
        self.holds: list[Hold] = []

    @abstractmethod
    def is_done(self) -> bool:
        """Whether a wait for it would return."""

    def store(self) -> None:
        """Put what came where it belongs."""

    def about(self) -> str:
        """What it is, for people."""
        return ""

    def waits_for(self) -> list[int]:
        """The ranks, in MPI_COMM_WORLD, that have to do something before it is done."""
        return []

    def complete(self) -> None:
        """What a wait does once it is done."""
        if self.active:
            self.let_go()
            self.store()
            self.active = False

    def let_go(self) -> None:
        for held in self.holds:
            release(held)
        self.holds = []

    def suspend(self) -> list[Hold]:
        """Let the buffers go for a moment; `resume` takes them back."""
        held = self.holds
        self.let_go()
        return held

    def resume(self, held: list[Hold]) -> None:
        for each in held:
            guard(each)
        self.holds = held
