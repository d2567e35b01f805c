"""What the ranks of a run share: communicators, messages, MPI's constants; and what each is waiting for."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any

from chatmpi.verify.simulate.collectives import carry_out, check_agreement
from chatmpi.verify.simulate.communicators import Call, Communicator, Meeting
from chatmpi.verify.simulate.datatypes import named_types
from chatmpi.verify.simulate.messages import Mailboxes
from chatmpi.verify.simulate.operations import operation_names
from chatmpi.verify.simulate.process import Process
from chatmpi.verify.simulate.terms import Terms
from chatmpi.verify.simulate.values import IN_PLACE, NULL, STATUS_IGNORE, Handle

Coroutine = Generator[tuple[str, int, tuple[Any, ...]], Any, Any]


@dataclass
class Waiting:
    """A call that cannot go on: `finish` gives its result once `ready`."""

    ready: Callable[[], bool]
    finish: Callable[[], Any]
    about: str


@dataclass
class Rank:
    """One rank: `waiting` is what it is blocked in."""

    number: int
    process: Process
    coroutine: Coroutine | None = None
    waiting: Waiting | None = None
    line: int = 0
    call: str = ""
    status: int | None = None
    initialised: bool = False
    finalised: bool = False

    @property
    def is_over(self) -> bool:
        return self.status is not None

    def state(self) -> str:
        """Where it stands, for people."""
        if self.is_over:
            return f"rank {self.number} has ended"
        about = f" {self.waiting.about}" if self.waiting and self.waiting.about else ""
        return f"rank {self.number}: line {self.line}, {self.call}{about}"


@dataclass
class World:
    """What the ranks share."""

    terms: Terms
    ranks: list[Rank] = field(default_factory=list)
    mailboxes: Mailboxes = field(default_factory=Mailboxes)
    world: Communicator = field(default_factory=lambda: Communicator("MPI_COMM_WORLD", ()))
    names: dict[str, Any] = field(default_factory=dict)


def make_world(terms: Terms, size: int) -> World:
    """A world of `size` ranks, without programs yet."""
    world = World(terms)
    world.world = Communicator("MPI_COMM_WORLD", tuple(range(size)))
    names: dict[str, Any] = {
        **named_types(),
        **operation_names(),
        **{"MPI_COMM_WORLD": world.world, "MPI_IN_PLACE": IN_PLACE},
        **{"MPI_STATUS_IGNORE": STATUS_IGNORE, "MPI_STATUSES_IGNORE": STATUS_IGNORE},
        **dict.fromkeys(("MPI_REQUEST_NULL", "MPI_COMM_NULL", "MPI_DATATYPE_NULL", "MPI_OP_NULL"), NULL),
        **{name: Handle(name) for name in ("MPI_INFO_NULL", "MPI_ERRORS_ARE_FATAL", "MPI_ERRORS_RETURN")},
    }
    world.names = {f"X_{name}": value for name, value in names.items()}
    return world


def meet(world: World, rank: Rank, comm: Communicator, arguments: tuple[Any, ...]) -> Waiting:
    """Take part in a collective; the last to come carries it out for all."""
    meeting = comm.meeting
    call = Call(rank.call, rank.line, comm.rank_of(rank.number), rank.number, arguments)
    for other in meeting.calls.values():
        check_agreement(other, call)
        break
    meeting.calls[call.rank] = call
    if len(meeting.calls) == len(comm.members):
        comm.meeting = Meeting()
        carry_out(meeting.in_order(), world.terms)
        meeting.over = True
    return Waiting(lambda: meeting.over, lambda: call.result, "")
