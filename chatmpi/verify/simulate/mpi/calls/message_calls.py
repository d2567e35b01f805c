"""Sends, receives and probes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chatmpi.verify.simulate.errors import Fault, Kind, Unsupported
from chatmpi.verify.simulate.mpi.access import put
from chatmpi.verify.simulate.mpi.calls.completion_calls import wait_for
from chatmpi.verify.simulate.mpi.calls.status_calls import put_status
from chatmpi.verify.simulate.mpi.datatypes import Buffer
from chatmpi.verify.simulate.mpi.messages import Message, Mode, check_overlap, fits
from chatmpi.verify.simulate.mpi.requests import ANY_SOURCE, ANY_TAG, PROC_NULL, Request, Status
from chatmpi.verify.simulate.mpi.world import Rank, Waiting, World
from chatmpi.verify.simulate.values import NULL

_OVERHEAD = 128  # MPI_BSEND_OVERHEAD


def message(rank: Rank, mode: Mode, data: tuple[Any, ...]) -> Message:
    """`data`: buffer, count, type, peer, tag, communicator."""
    pointer, count, type, peer, tag, comm = data
    return Message(mode, Buffer(pointer, count + 0, type), peer + 0, tag + 0, comm, (rank.call, rank.number, rank.line))


def _send(mode: Mode) -> Callable[..., Any]:
    def send(world: World, rank: Rank, *data: Any) -> Waiting:
        made = message(rank, mode, data)
        if mode == "buffered":
            check_room(rank, made)
        world.mailboxes.post(made)
        return wait_for([made], None)

    return send


def check_room(rank: Rank, made: Message) -> None:
    needed = made.buffer.count * made.buffer.type.map.size + _OVERHEAD
    if rank.attached is None:
        raise Fault(f"{rank.call} without an attached buffer", kind=Kind.CALL_MATCHING)
    if rank.attached[1] < needed:
        raise Fault(f"{rank.call} needs {needed} bytes of buffer, {rank.attached[1]} are attached", kind=Kind.COUNT)


def _recv(world: World, rank: Rank, *arguments: Any) -> Waiting:
    made = message(rank, "receive", arguments[:6])
    world.mailboxes.post(made)
    return wait_for([made], arguments[6])


def _sendrecv(world: World, rank: Rank, *a: Any) -> Waiting:
    send = message(rank, "standard", (*a[0:5], a[10]))
    receive = message(rank, "receive", (*a[5:10], a[10]))
    check_overlap(send, receive)
    world.mailboxes.post(send)
    world.mailboxes.post(receive)
    return wait_for([receive, send], a[11])


def _sendrecv_replace(world: World, rank: Rank, *a: Any) -> Waiting:
    send = message(rank, "standard", (*a[0:5], a[7]))
    receive = message(rank, "receive", (*a[0:3], *a[5:8]))
    world.mailboxes.post(send)
    kept = send.buffer.read()
    world.mailboxes.post(receive)
    inner = wait_for([receive, send], a[8])

    def finish() -> int:
        if receive.peer == PROC_NULL:
            receive.buffer.write(kept)
        inner.finish()
        return 0

    return Waiting(inner.ready, finish, inner.about, requests=inner.requests)


class _Both(Request):
    """A send and a receive under way that have one request."""

    __slots__ = ("receive", "send")

    def __init__(self, send: Message, receive: Message) -> None:
        super().__init__(send.call, send.owner, send.line)
        self.send, self.receive, self.active = send, receive, True

    def is_done(self) -> bool:
        return self.send.is_done() and self.receive.is_done()

    def about(self) -> str:
        return f"{self.send.about()}; {self.receive.about()}"

    def waits_for(self) -> list[int]:
        return [r for m in (self.receive, self.send) if not m.is_done() for r in m.waits_for()]

    def complete(self) -> None:
        if self.active:
            self.send.complete()
            self.receive.complete()
            self.status, self.active = self.receive.status, False


def _isendrecv(world: World, rank: Rank, *a: Any) -> int:
    send = message(rank, "standard", (*a[0:5], a[10]))
    receive = message(rank, "receive", (*a[5:10], a[10]))
    check_overlap(send, receive)
    return _both(world, rank, send, receive, a[11])


def _isendrecv_replace(world: World, rank: Rank, *a: Any) -> int:
    send = message(rank, "standard", (*a[0:5], a[7]))
    receive = message(rank, "receive", (*a[0:3], *a[5:8]))
    if PROC_NULL in (send.peer, receive.peer):
        raise Unsupported(f"{rank.call} with MPI_PROC_NULL")
    return _both(world, rank, send, receive, a[8])


def _both(world: World, rank: Rank, send: Message, receive: Message, place: Any) -> int:
    """What is sent is read before the receive takes the buffer."""
    world.mailboxes.post(send)
    world.mailboxes.post(receive, blocking=False)
    made = _Both(send, receive)
    rank.requests.append(made)
    put(place, made)
    return 0


def _start_now(mode: Mode) -> Callable[..., Any]:
    def start(world: World, rank: Rank, *arguments: Any) -> int:
        made = message(rank, mode, arguments[:6])
        if mode == "buffered":
            check_room(rank, made)
        world.mailboxes.post(made, blocking=False)
        rank.requests.append(made)
        put(arguments[6], made)
        return 0

    return start


# ---------------------------------------------------------------------------------------------- probes


def _found(send: Message) -> Status:
    return Status(send.rank, send.tag, send.kinds)


def _ignore(_send: Message) -> None:
    return None


def probe(
    world: World,
    rank: Rank,
    source: int,
    tag: int,
    comm: Any,
    status: Any,
    take: Callable[[Message], None] = _ignore,
) -> Waiting:
    """A probe that blocks; `take` is given the message that it finds."""
    chosen = [0]
    asked = message(rank, "receive", (NULL, 0, world.names["X_MPI_INT"], source, tag, comm))
    about = f"from {'any rank' if source == ANY_SOURCE else f'rank {source}'}, tag {'any' if tag == ANY_TAG else tag}"

    def found() -> list[Message]:
        return world.mailboxes.probed(asked)

    def finish() -> int:
        if source == PROC_NULL:
            put_status(status, Status(PROC_NULL))
            return 0
        send = found()[chosen[0]]
        put_status(status, _found(send))
        take(send)
        return 0

    if source != ANY_SOURCE:
        return Waiting(lambda: source == PROC_NULL or bool(found()), finish, about, requests=(asked,), probe=asked)
    made = Waiting(lambda: False, finish, about, requests=(asked,), probe=asked)
    made.options, made.take = lambda: len(found()), lambda k: chosen.__setitem__(0, k)
    return made


def _iprobe(world: World, rank: Rank, source: int, tag: int, comm: Any, flag: Any, status: Any) -> Waiting | int:
    return polled(world, rank, probe(world, rank, source, tag, comm, status), flag)


def polled(world: World, rank: Rank, inner: Waiting, flag: Any) -> Waiting | int:
    """What asks only, and says in a flag whether it found something; where tests are late, not the first time."""
    world.tested, found = True, inner.finish
    if world.late and world.puts_off(rank):
        put(flag, 0)
        return 0

    def finish() -> int:
        put(flag, 1)
        return int(found())

    def nothing() -> int:
        put(flag, 0)
        return 0

    inner.finish, inner.poll = finish, nothing
    return inner


# ----------------------------------------------------------------------------------------- ready sends


def check_ready(world: World, rank: Rank, made: Message) -> None:
    """The receive has to be there for certain: a collective call of all ranks comes after it, or a message tells so."""
    receive = next((m for m in world.mailboxes.pending if not m.is_send and fits(made, m)), None)
    if receive is None and made.peer != PROC_NULL:
        raise Fault(f"{rank.call} before its receive is there", kind=Kind.CALL_MATCHING)
    if receive is None or receive.serial <= max(made.comm.synchronised, world.world.synchronised):
        return
    clock = receive.clock
    if clock is None or not world.clocks().knows(rank.number, receive.owner, clock[receive.owner]):
        raise Unsupported(f"{rank.call} whose receive may come later")


def _ready(function: Callable[..., Any]) -> Callable[..., Any]:
    def called(world: World, rank: Rank, *data: Any) -> Any:
        check_ready(world, rank, message(rank, "standard", data[:6]))
        return function(world, rank, *data)

    return called


MESSAGE_CALLS: dict[str, Callable[..., Any]] = {
    **{"MPI_Send": _send("standard"), "MPI_Ssend": _send("synchronous"), "MPI_Bsend": _send("buffered")},
    **{"MPI_Isendrecv": _isendrecv, "MPI_Isendrecv_replace": _isendrecv_replace},
    **{"MPI_Recv": _recv, "MPI_Sendrecv": _sendrecv, "MPI_Sendrecv_replace": _sendrecv_replace},
    **{"MPI_Isend": _start_now("standard"), "MPI_Issend": _start_now("synchronous")},
    **{"MPI_Ibsend": _start_now("buffered"), "MPI_Irecv": _start_now("receive")},
    **{"MPI_Probe": probe, "MPI_Iprobe": _iprobe, "MPI_Rsend": _ready(_send("standard"))},
    "MPI_Irsend": _ready(_start_now("standard")),
}
