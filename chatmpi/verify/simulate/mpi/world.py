"""What the ranks of a run share: communicators, messages, MPI's constants; and what each is waiting for."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from chatmpi.verify.simulate.choices import Choices
from chatmpi.verify.simulate.findings import Finding
from chatmpi.verify.simulate.mpi.agreement import base_name, check_agreement
from chatmpi.verify.simulate.mpi.clocks import ROOT_AT, Clocks, heard
from chatmpi.verify.simulate.mpi.collective_actions import carry_out
from chatmpi.verify.simulate.mpi.communicators import Call, Communicator, Group, Meeting
from chatmpi.verify.simulate.mpi.datatypes import named_types
from chatmpi.verify.simulate.mpi.files import Content
from chatmpi.verify.simulate.mpi.guards import Hold
from chatmpi.verify.simulate.mpi.intercommunicators import Intercommunicator
from chatmpi.verify.simulate.mpi.messages import Mailboxes, Message
from chatmpi.verify.simulate.mpi.operations import operation_names
from chatmpi.verify.simulate.mpi.regions import check_apart
from chatmpi.verify.simulate.mpi.requests import Request
from chatmpi.verify.simulate.mpi.windows import Window
from chatmpi.verify.simulate.process import Process
from chatmpi.verify.simulate.terms import Terms
from chatmpi.verify.simulate.values import IN_PLACE, NULL, STATUS_IGNORE, Handle

# Collectives that a rank may leave before all have come.
_LETS_GO = frozenset(
    f"MPI_{name}" for name in ("Bcast", "Reduce", "Gather", "Gatherv", "Scatter", "Scatterv", "Scan", "Exscan")
)

Coroutine = Generator[tuple[str, int, tuple[Any, ...]], Any, Any]


@dataclass(slots=True, eq=False)
class Waiting:
    """A call that cannot go on: `finish` gives its result once `ready`.

    Where MPI leaves a choice, `options` tells how many there are, and `take` which was taken; it is asked when no rank
    can go on otherwise. `poll`: the result if nothing has happened by then. `requests`: what it waits for;
    `meeting`: the collective that it waits for; `probe`: the receive that it asks for;
    `partners`: the ranks that are to act, in MPI_COMM_WORLD.
    """

    ready: Callable[[], bool]
    finish: Callable[[], Any]
    about: str | Callable[[], str] = ""
    options: Callable[[], int] | None = None
    take: Callable[[int], None] | None = None
    poll: Callable[[], Any] | None = None
    requests: Sequence[Request] = ()
    meeting: tuple[Meeting, Communicator] | None = None
    probe: Message | None = None
    partners: Callable[[], list[int]] | None = None

    def ending(self, act: Callable[[], Any]) -> Waiting:
        """The same wait; when it is over, `act` is done and the result is 0."""

        def finish() -> int:
            act()
            return 0

        return replace(self, finish=finish)

    def told(self) -> str:
        """What it waits for, for people."""
        return self.about if isinstance(self.about, str) else self.about()


@dataclass
class Rank:
    """One rank: `waiting` is what it is blocked in; `requests` those that it has made, `made` its communicators,
    types, groups and operations; `attached` bytes for buffered sends, in memory that is `lent`; `keys` of attributes by
    number, `attributes` by owner and key; `labels`: names that it gave to handles."""

    number: int
    process: Process
    coroutine: Coroutine | None = None
    waiting: Waiting | None = None
    line: int = 0
    call: str = ""
    status: int | None = None
    initialised: bool = False
    finalised: bool = False
    requests: list[Request] = field(default_factory=list)
    made: list[Any] = field(default_factory=list)
    keys: dict[int, Any] = field(default_factory=dict)
    attributes: dict[tuple[int, int], tuple[Handle, Any]] = field(default_factory=dict)
    labels: dict[int, str] = field(default_factory=dict)
    sessions: list[Any] = field(default_factory=list)
    error_codes: int = 0
    attached: tuple[Any, int] | None = None
    lent: Hold | None = None

    @property
    def is_over(self) -> bool:
        return self.status is not None

    def state(self) -> str:
        """Where it stands, for people."""
        if self.is_over:
            return f"rank {self.number} has ended"
        told = self.waiting.told() if self.waiting else ""
        about = f" {told}" if told else ""
        return f"rank {self.number}: line {self.line}, {self.call}{about}"


@dataclass
class World:
    """What the ranks share. `late`: a test says "not yet" once before it says that something is done; `polls` counts
    tests that found nothing since something last happened; `left` are resources that were not freed, `wild` the lines
    of receives and probes from any rank that had several messages to choose from; `parts` of communicators, whose ranks
    make a communicator of their own; `asked`: the ranks and lines of probes that do not wait; `offers` of
    groups that look for another one; `watch` is told of each call with its arguments;
    `apart`: collectives that ranks called in different lines; `is_at_work`: a rank called more than what a program
    does before it looks whether it can run."""

    terms: Terms
    choices: Choices = field(default_factory=Choices)
    ranks: list[Rank] = field(default_factory=list)
    mailboxes: Mailboxes = field(default_factory=Mailboxes)
    world: Communicator = field(default_factory=lambda: Communicator("MPI_COMM_WORLD", ()))
    names: dict[str, Any] = field(default_factory=dict)
    late: bool = False
    tested: bool = False
    polls: int = 0
    left: list[Finding] = field(default_factory=list)
    wild: list[int] = field(default_factory=list)
    windows: list[Window] = field(default_factory=list)
    parts: dict[tuple[int, tuple[int, ...]], Communicator] = field(default_factory=dict)
    asked: set[tuple[int, int]] = field(default_factory=set)
    offers: list[Any] = field(default_factory=list)
    running: int = 0
    files: dict[str, Content] = field(default_factory=dict)
    watch: Callable[[Rank, tuple[Any, ...]], None] | None = None
    apart: list[tuple[Call, Call]] = field(default_factory=list)
    is_at_work: bool = False

    def forget(self) -> None:
        """The run is over, and nobody looks into it: let go what would hold itself."""
        self.mailboxes.forget()
        for rank in self.ranks:
            rank.process.forget()

    def clocks(self) -> Clocks:
        """Kept from the first window on, if not from the beginning."""
        if self.mailboxes.clocks is None:
            self.mailboxes.clocks = Clocks(len(self.ranks))
        return self.mailboxes.clocks

    def puts_off(self, rank: Rank) -> bool:
        """Whether a rank asks at its line for the first time."""
        place = (rank.number, int(rank.line))
        is_first = place not in self.asked
        self.asked.add(place)
        return is_first


def make_world(
    terms: Terms,
    size: int,
    choices: Choices | None = None,
    buffering: bool = False,
    late: bool = False,
    is_ordered: bool = False,
) -> World:
    """A world of `size` ranks, without programs yet; `is_ordered`: clocks are kept from the beginning."""
    world = World(terms, choices or Choices(), mailboxes=Mailboxes(buffering), late=late)
    world.world = Communicator("MPI_COMM_WORLD", tuple(range(size)), is_world=True)
    world.mailboxes.clocks = Clocks(size) if is_ordered else None
    names: dict[str, Any] = {
        **named_types(),
        **operation_names(),
        **{"MPI_COMM_WORLD": world.world, "MPI_IN_PLACE": IN_PLACE},
        **{"MPI_STATUS_IGNORE": STATUS_IGNORE, "MPI_STATUSES_IGNORE": STATUS_IGNORE},
        **dict.fromkeys(
            ("MPI_REQUEST_NULL", "MPI_COMM_NULL", "MPI_DATATYPE_NULL", "MPI_OP_NULL", "MPI_GROUP_NULL", "MPI_WIN_NULL"),
            NULL,
        ),
        **dict.fromkeys(("MPI_MESSAGE_NULL", "MPI_ERRHANDLER_NULL", "MPI_FILE_NULL"), NULL),
        **dict.fromkeys(("MPI_SESSION_NULL", "MPI_ARGV_NULL", "MPI_ERRCODES_IGNORE"), NULL),
        **{name: Handle(name) for name in ("MPI_INFO_NULL", "MPI_INFO_ENV", "MPI_COMM_DUP_FN", "MPI_TYPE_DUP_FN")},
        **{name: Handle(name) for name in ("MPI_ERRORS_ARE_FATAL", "MPI_ERRORS_RETURN", "MPI_ERRORS_ABORT")},
        **{name: Handle(name) for name in ("MPI_WIN_DUP_FN", "MPI_UNWEIGHTED", "MPI_WEIGHTS_EMPTY")},
        "MPI_GROUP_EMPTY": Group((), 0),
    }
    world.names = {f"X_{name}": value for name, value in names.items()}
    return world


def self_communicator(rank: int) -> Communicator:
    return Communicator("MPI_COMM_SELF", (rank,))


def join(world: World, rank: Rank, comm: Communicator, arguments: tuple[Any, ...]) -> tuple[Meeting, Call]:
    """Take part in a collective; the last to come carries it out for all."""
    meeting = comm.next_meeting(rank.number)
    call = Call(rank.call, rank.line, comm.seat(rank.number), rank.number, arguments, comm)
    agree(meeting, call)
    if not isinstance(comm, Intercommunicator):
        check_apart(call)
    come_to(world, comm, meeting, call)
    return meeting, call


def agree(meeting: Meeting, call: Call) -> None:
    """Raises Fault where a call does not belong to those that have come."""
    for other in meeting.calls.values():
        check_agreement(other, call)
        break


def come_to(world: World, comm: Communicator, meeting: Meeting, call: Call) -> None:
    clocks = world.mailboxes.clocks
    if clocks is not None:
        call.clock = clocks.gives(call.world_rank)
    meeting.calls[call.rank] = call
    if len(meeting.calls) == len(comm.members):
        calls = meeting.in_order()
        world.apart += [(calls[0], c) for c in calls if c.line != calls[0].line][:1]
        held = [(c.request, c.request.suspend()) for c in calls if c.request is not None]
        carry_out(calls, world.terms)
        for request, holds in held:
            request.resume(holds)
        meeting.over = True
        world.mailboxes.matches += 1
        _order_accesses(world, comm, call.name)


def _order_accesses(world: World, comm: Communicator, name: str) -> None:
    """A collective call that no rank leaves before all have come puts what they do before and after in order."""
    if name in _LETS_GO or name.startswith("MPI_I") or name.endswith("_init"):
        return
    comm.synchronised = world.mailboxes.posted
    for window in world.windows:
        if set(comm.members) >= set(window.comm.members):
            window.new_phase()


def part_from(clocks: Clocks | None, meeting: Meeting, seat: int) -> None:
    """A rank leaves a collective: it knows of those that it had to hear from."""
    if clocks is None:
        return
    call = meeting.calls[seat]
    name = base_name(call.name)
    root = call.arguments[ROOT_AT[name]] if name in ROOT_AT else -1
    heard_of = heard(name, root, seat, meeting.calls)
    known = (meeting.calls[r].clock for r in heard_of if r in meeting.calls)
    clocks.takes(call.world_rank, (clock for clock in known if clock is not None))


def meet(world: World, rank: Rank, comm: Communicator, arguments: tuple[Any, ...]) -> Waiting:
    """A collective call that blocks."""
    meeting, call = join(world, rank, comm, arguments)
    about = "" if comm.is_world else f"on {comm.name}"

    def finish() -> int:
        part_from(world.mailboxes.clocks, meeting, call.rank)
        return 0

    return Waiting(lambda: meeting.over, finish, about, meeting=(meeting, comm))
