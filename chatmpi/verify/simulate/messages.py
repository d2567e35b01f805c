"""Messages between two ranks: sends are synchronous, matched in order per source, destination, communicator and tag.

What a send sends is read when it is posted, and looked at again when it is completed: a buffer that was changed in
between is a fault. What a receive brings is stored when it is completed; until then its buffer holds poison.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chatmpi.verify.simulate.collectives import deliver
from chatmpi.verify.simulate.communicators import Communicator
from chatmpi.verify.simulate.datatypes import Buffer
from chatmpi.verify.simulate.errors import Fault, Unsupported
from chatmpi.verify.simulate.values import POISON, Handle

PROC_NULL, ANY_SOURCE, ANY_TAG = -2, -1, -1


@dataclass
class Status:
    """What a receive tells of its message; elements is the number of scalars."""

    source: int
    tag: int
    elements: int
    bytes: int = 0


class Request(Handle):
    """A send or receive under way. `peer` is a rank in the communicator, `rank` the owner's rank there."""

    __slots__ = (
        "active",
        "buffer",
        "comm",
        "done",
        "is_send",
        "kinds",
        "line",
        "peer",
        "persistent",
        "rank",
        "status",
        "tag",
        "values",
    )

    def __init__(self, is_send: bool, buffer: Buffer, peer: int, tag: int, comm: Communicator, rank: int, line: int):
        super().__init__("send" if is_send else "receive")
        self.is_send, self.buffer, self.peer, self.tag = is_send, buffer, peer, tag
        self.comm, self.rank, self.line = comm, rank, line
        self.active, self.done, self.persistent = False, False, False
        self.values: list[Any] = []
        self.kinds: list[str] = []
        self.status = Status(PROC_NULL, ANY_TAG, 0)

    def about(self) -> str:
        """What it is, for people."""
        peer = "any rank" if self.peer == ANY_SOURCE else f"rank {self.peer}"
        return f"{'to' if self.is_send else 'from'} {peer}, tag {'any' if self.tag == ANY_TAG else self.tag}"


class Mailboxes:
    """All messages under way."""

    def __init__(self) -> None:
        self.pending: list[Request] = []

    def post(self, request: Request) -> None:
        """Start a send or a receive."""
        self._check(request)
        request.active, request.done = True, False
        if request.peer == PROC_NULL:
            request.done, request.values, request.kinds = True, [], []
            request.status = Status(PROC_NULL, ANY_TAG, 0)
            return
        if request.is_send:
            request.values, request.kinds = request.buffer.read(), request.buffer.kinds()
        else:
            request.values = []
            target, where = request.buffer.cells()
            for k in where:
                target[k] = POISON
        self._match(request)

    def _check(self, request: Request) -> None:
        ranks = len(request.comm.members)
        lowest = PROC_NULL if request.is_send else ANY_SOURCE
        if request.peer != PROC_NULL and not (0 <= request.peer < ranks or request.peer == lowest):
            raise Fault(f"a message {request.about()} among {ranks} ranks")
        if request.tag < 0 and (request.is_send or request.tag != ANY_TAG):
            raise Fault(f"the tag {request.tag}")
        if not request.is_send and request.peer == ANY_SOURCE and ranks > 2:
            raise Unsupported("MPI_ANY_SOURCE")

    def _match(self, request: Request) -> None:
        for other in self.pending:
            if _fit(request, other):
                self.pending.remove(other)
                send, receive = (request, other) if request.is_send else (other, request)
                receive.values, receive.kinds = send.values, send.kinds
                receive.status = Status(send.rank, send.tag, len(send.values))
                send.done = receive.done = True
                return
        self.pending.append(request)

    def probe(self, source: int, tag: int, comm: Communicator, rank: int) -> Request | None:
        """The first message that a receive would get."""
        for other in self.pending:
            if (
                other.is_send
                and other.comm is comm
                and other.peer == rank
                and source in (other.rank, ANY_SOURCE)
                and tag in (other.tag, ANY_TAG)
            ):
                return other
        return None


def _fit(a: Request, b: Request) -> bool:
    if a.is_send == b.is_send or a.comm is not b.comm:
        return False
    send, receive = (a, b) if a.is_send else (b, a)
    return send.peer == receive.rank and receive.peer in (send.rank, ANY_SOURCE) and receive.tag in (send.tag, ANY_TAG)


def complete(request: Request) -> None:
    """What a wait does with a request whose message has been matched."""
    if request.active and request.peer != PROC_NULL:
        if request.is_send:
            if any(a is not b and a != b for a, b in zip(request.buffer.read(), request.values, strict=True)):
                raise Fault(f"a buffer was changed while its send (line {request.line}) was under way")
        else:
            deliver(request.values, request.kinds, request.buffer, exact=False)
    request.active = False
