"""Messages between two ranks: sends are synchronous, matched in order per source, destination, communicator and tag.

What a send sends is read when it is posted. What a receive brings is stored when it is completed; until then its
buffer holds poison. A receive from any rank is not matched at once: which message it gets is a choice, made when
nothing else can happen (S. Vakkalanka, G. Gopalakrishnan, R. Kirby: Dynamic verification of MPI programs with
reductions in presence of split operations and relaxed orderings, CAV 2008).
"""

from __future__ import annotations

from typing import Any, Literal

from chatmpi.verify.simulate.errors import Fault, Kind, Unsupported
from chatmpi.verify.simulate.mpi.clocks import Clock, Clocks
from chatmpi.verify.simulate.mpi.communicators import Communicator
from chatmpi.verify.simulate.mpi.datatypes import Buffer, is_plain
from chatmpi.verify.simulate.mpi.guards import hold
from chatmpi.verify.simulate.mpi.requests import ANY_SOURCE, ANY_TAG, PROC_NULL, Request, Status
from chatmpi.verify.simulate.mpi.transfers import as_seen_by, deliver, sent_by
from chatmpi.verify.simulate.values import POISON, Handle

Mode = Literal["standard", "synchronous", "buffered", "receive"]


class Message(Request):
    """A send or a receive. `peer` is a rank in the communicator, `rank` the owner's rank there; `serial` tells the
    order in which they were posted."""

    __slots__ = (
        *("buffer", "cancelled", "clock", "clocks", "comm", "is_partitioned", "is_send", "kinds", "matched", "mode"),
        *("peer", "previous", "rank", "serial", "tag", "values"),
    )

    def __init__(
        self,
        mode: Mode,
        buffer: Buffer,
        peer: int,
        tag: int,
        comm: Communicator,
        origin: tuple[str, int, int],
    ):
        super().__init__(*origin)
        self.mode, self.buffer, self.peer, self.tag, self.comm = mode, buffer, peer, tag, comm
        self.is_send, self.rank = mode != "receive", comm.rank_of(self.owner)
        self.matched: Message | None = None
        self.serial, self.cancelled, self.is_partitioned = 0, False, False
        self.values: list[Any] = []
        self.previous: list[Any] = []  # what a receive finds in its buffer
        self.kinds: list[str] = []
        self.clock: Clock | None = None
        self.clocks: Clocks | None = None

    def is_done(self) -> bool:
        return self.matched is not None or self.peer == PROC_NULL or self.mode == "buffered" or self.cancelled

    def about(self) -> str:
        peer = "any rank" if self.peer == ANY_SOURCE else f"rank {self.peer}"
        tag = "any tag" if self.tag == ANY_TAG else f"tag {self.tag}"
        where = "" if self.comm.is_world else f", {self.comm.name}"
        return f"{'to' if self.is_send else 'from'} {peer}, {tag}{where}"

    def waits_for(self) -> list[int]:
        if self.peer == ANY_SOURCE:
            return [m for m in self.comm.peers(self.owner) if m != self.owner]
        return [self.comm.peers(self.owner)[self.peer]]

    def complete(self) -> None:
        super().complete()
        if self.matched is None or self.matched.clock is None or self.clocks is None:
            return
        if not self.is_send or self.mode == "synchronous":
            self.clocks.takes(self.owner, (self.matched.clock,))

    def store(self) -> None:
        if self.is_send or self.peer == PROC_NULL or self.cancelled:
            return
        try:
            values = as_seen_by(self.owner, self.values, self.buffer.type)
            deliver(values, self.kinds, self.buffer, exact=False)
            if len(self.values) < len(self.previous):
                target, where = self.buffer.cells()
                for k in range(len(self.values), min(len(where), len(self.previous))):
                    target[where[k]] = self.previous[k]  # a shorter message leaves the rest as it was
        except Fault as fault:
            if self.matched is not None and not fault.others:
                fault.others = (self.matched.line,)
            fault.line = fault.line or self.line
            raise


class Taken(Handle):
    """A message that a probe took, and that only MPI_Mrecv can get; `freed` once it has."""

    __slots__ = ("freed", "line", "send")

    def __init__(self, send: Message, call: str, line: int) -> None:
        super().__init__(f"the message that {call} took")
        self.send, self.line, self.freed = send, line, False


class Mailboxes:
    """All messages under way, in the order in which they were posted. With `buffering` a standard send completes
    before it is received. `clocks` are kept while there are windows. `pairs`: the ranks and lines of receives, each
    with the line of a send that it got a message from."""

    def __init__(self, buffering: bool = False) -> None:
        self.pending: list[Message] = []
        self.buffering = buffering
        self.posted = 0
        self.cancelled: list[Message] = []
        self.matches = 0
        self.clocks: Clocks | None = None
        self.pairs: set[tuple[int, int, int]] = set()
        self._received: list[Message] = []

    def post(self, message: Message, blocking: bool = True) -> None:
        """Start a send or a receive."""
        message.active, message.matched, message.started = True, None, message.started + 1
        message.cancelled = False
        message.status = Status(PROC_NULL)
        message.clocks = self.clocks
        message.clock = self.clocks.gives(message.owner) if self.clocks is not None else None
        target, where = message.buffer.cells()
        if message.peer == PROC_NULL:
            return
        if not message.is_send and not isinstance(where, range) and len(set(where)) < len(where):
            overlap = f"{message.call}: elements of {message.buffer.type.name} that are received overlap"
            raise Fault(overlap, kind=Kind.INVALID_ARGUMENT)
        if message.is_send:
            message.values = sent_by(message.owner, message.buffer.read(), message.buffer.type)
            message.kinds = message.buffer.kinds()
            if self.buffering and message.mode == "standard":
                message.mode = "buffered"
        else:
            message.values, message.kinds = [], []
            message.previous = [list.__getitem__(target, k) for k in where]
            if is_plain(where, target):
                target[where.start : where.stop] = [POISON] * len(where)
            else:
                for k in where:
                    target[k] = POISON
        if not blocking:
            what = message.call if message.persistent else f"the {message.call}"
            made = hold(target, where, not message.is_send, what, message.line)
            message.holds = [made] if made is not None else []
        if message.is_send and any(fits(message, c) for c in self.cancelled):
            raise Unsupported("a message that a cancelled receive may have got")
        self.posted += 1
        message.serial = self.posted
        self.pending.append(message)
        self._settle(message.comm, message.peer if message.is_send else message.rank)

    def cancel(self, receive: Message) -> None:
        """Withdraw a receive that no message has come for."""
        if receive.peer == ANY_SOURCE and any(m.is_send and fits(m, receive) for m in self.pending):
            raise Unsupported("a receive that is cancelled while a message for it is there")
        self.pending.remove(receive)
        receive.cancelled = True
        receive.status = Status(cancelled=True)
        self.cancelled.append(receive)
        self.matches += 1

    def _settle(self, comm: Communicator, at: int) -> None:
        """Match all that can be matched at one destination without a choice."""
        wild: list[Message] = []
        for receive in [m for m in self.pending if not m.is_send and m.comm is comm and m.rank == at]:
            if receive.peer == ANY_SOURCE:
                wild.append(receive)
                continue
            send = self.first_from(receive.peer, receive)
            if send is not None and not any(fits(send, w) for w in wild):
                self.match(send, receive)

    def first_from(self, source: int, receive: Message) -> Message | None:
        """The message that a receive would get from this rank."""
        for send in self.pending:
            if send.is_send and send.rank == source and fits(send, receive):
                return send
        return None

    def match(self, send: Message, receive: Message) -> None:
        self.matches += 1
        self.pending.remove(send)
        self.pending.remove(receive)
        receive.values, receive.kinds = send.values, send.kinds
        receive.status = Status(send.rank, send.tag, send.kinds)
        send.matched, receive.matched = receive, send
        self.pairs.add((receive.owner, receive.line, send.line))
        self._received.append(receive)

    def forget(self) -> None:
        """Two messages that were matched hold each other, and all that they brought."""
        for receive in self._received:
            receive.matched = None

    def choices(self) -> list[tuple[Message, Message]]:
        """Receives from any rank with the sends that they may get: of each rank the receive posted first."""
        found: list[tuple[Message, Message]] = []
        taken: list[Message] = []
        for receive in self.pending:
            if receive.is_send or receive.peer != ANY_SOURCE:
                continue
            for source in range(len(receive.comm.peers(receive.owner))):
                send = self.first_from(source, receive)
                if send is not None and not any(fits(send, other) for other in taken):
                    found.append((send, receive))
            taken.append(receive)
        return found

    def choose(self, send: Message, receive: Message) -> None:
        self.match(send, receive)
        self._settle(receive.comm, receive.rank)

    def probed(self, asked: Message) -> list[Message]:
        """The messages that a receive like this could get now, one of each source."""
        found: dict[int, Message] = {}
        wild = [m for m in self.pending if not m.is_send and m.peer == ANY_SOURCE]
        for send in self.pending:
            if send.is_send and fits(send, asked) and not any(fits(send, w) for w in wild):
                found.setdefault(send.rank, send)
        return list(found.values())


def fits(send: Message, receive: Message) -> bool:
    return (
        send.comm is receive.comm
        and send.is_partitioned == receive.is_partitioned
        and send.peer == receive.rank
        and receive.peer in (send.rank, ANY_SOURCE)
        and receive.tag in (send.tag, ANY_TAG)
        and receive.owner in send.comm.peers(send.owner)
    )


def check_overlap(send: Message, receive: Message) -> None:
    """The two buffers of a combined call may not share memory."""
    if PROC_NULL in (send.peer, receive.peer):
        return
    one, other = send.buffer.pointer, receive.buffer.pointer
    if isinstance(one, tuple) and isinstance(other, tuple) and one[0] is not other[0]:
        return
    a, ours = send.buffer.cells()
    b, theirs = receive.buffer.cells()
    if a is b and ours and theirs and not set(ours).isdisjoint(theirs):
        raise Fault(f"the buffers of {send.call} overlap", kind=Kind.INVALID_ARGUMENT)
