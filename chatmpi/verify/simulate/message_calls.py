"""Sends, receives and probes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chatmpi.verify.simulate.access import get, put
from chatmpi.verify.simulate.completion_calls import put_status, wait_for
from chatmpi.verify.simulate.datatypes import Buffer
from chatmpi.verify.simulate.errors import Fault, Kind, Unsupported
from chatmpi.verify.simulate.messages import Message, Mode, check_overlap, fits
from chatmpi.verify.simulate.requests import ANY_SOURCE, ANY_TAG, PROC_NULL, Status
from chatmpi.verify.simulate.values import NULL
from chatmpi.verify.simulate.world import Rank, Waiting, World

_OVERHEAD = 128  # MPI_BSEND_OVERHEAD


def message(rank: Rank, mode: Mode, data: tuple[Any, ...]) -> Message:
    """`data`: buffer, count, type, peer, tag, communicator."""
    pointer, count, type, peer, tag, comm = data
    return Message(mode, Buffer(pointer, count + 0, type), peer + 0, tag + 0, comm, (rank.call, rank.number, rank.line))


def _send(mode: Mode) -> Callable[..., Any]:
    def send(world: World, rank: Rank, *data: Any) -> Waiting:
        made = message(rank, mode, data)
        if mode == "buffered":
            _check_room(rank, made)
        world.mailboxes.post(made)
        return wait_for([made], None, made.about())

    return send


def _check_room(rank: Rank, made: Message) -> None:
    needed = made.buffer.count * made.buffer.type.map.size + _OVERHEAD
    if rank.attached is None:
        raise Fault(f"{rank.call} without an attached buffer", kind=Kind.CALL_MATCHING)
    if rank.attached[1] < needed:
        raise Fault(f"{rank.call} needs {needed} bytes of buffer, {rank.attached[1]} are attached", kind=Kind.COUNT)


def _recv(world: World, rank: Rank, *arguments: Any) -> Waiting:
    made = message(rank, "receive", arguments[:6])
    world.mailboxes.post(made)
    return wait_for([made], arguments[6], made.about())


def _sendrecv(world: World, rank: Rank, *a: Any) -> Waiting:
    send = message(rank, "standard", (*a[0:5], a[10]))
    receive = message(rank, "receive", (*a[5:10], a[10]))
    check_overlap(send, receive)
    world.mailboxes.post(send)
    world.mailboxes.post(receive)
    return wait_for([receive, send], a[11], f"{send.about()}; {receive.about()}")


def _sendrecv_replace(world: World, rank: Rank, *a: Any) -> Waiting:
    send = message(rank, "standard", (*a[0:5], a[7]))
    receive = message(rank, "receive", (*a[0:3], *a[5:8]))
    world.mailboxes.post(send)
    kept = send.buffer.read()
    world.mailboxes.post(receive)
    inner = wait_for([receive, send], a[8], f"{send.about()}; {receive.about()}")

    def finish() -> int:
        if receive.peer == PROC_NULL:
            receive.buffer.write(kept)
        inner.finish()
        return 0

    return Waiting(inner.ready, finish, inner.about, requests=inner.requests)


def _start_now(mode: Mode) -> Callable[..., Any]:
    def start(world: World, rank: Rank, *arguments: Any) -> int:
        made = message(rank, mode, arguments[:6])
        if mode == "buffered":
            _check_room(rank, made)
        world.mailboxes.post(made, blocking=False)
        rank.requests.append(made)
        put(arguments[6], made)
        return 0

    return start


def _prepare(mode: Mode) -> Callable[..., Any]:
    """A persistent request."""

    def prepare(_world: World, rank: Rank, *arguments: Any) -> int:
        made = message(rank, mode, arguments[:6])
        made.persistent = True
        made.buffer.cells()
        rank.requests.append(made)
        put(arguments[6], made)
        return 0

    return prepare


def _start(world: World, rank: Rank, pointer: Any) -> int:
    request = get(pointer)
    if not isinstance(request, Message) or not request.persistent:
        raise Fault(f"{rank.call} of what is no persistent request", kind=Kind.REQUEST)
    if request.freed:
        raise Fault(f"{rank.call} of a request that was freed", kind=Kind.REQUEST, others=(request.line,))
    if request.active:
        raise Fault(f"{rank.call} of a request that is under way", kind=Kind.REQUEST, others=(request.line,))
    if request.mode == "buffered" and request.call == "MPI_Bsend_init":
        _check_room(rank, request)
    world.mailboxes.post(request, blocking=False)
    return 0


def _startall(world: World, rank: Rank, count: int, pointer: Any) -> int:
    for k in range(count):
        _start(world, rank, (pointer[0], pointer[1] + k))
    return 0


# ---------------------------------------------------------------------------------------------- probes


def _found(send: Message) -> Status:
    return Status(send.rank, send.tag, len(send.values))


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
    me, chosen = comm.rank_of(rank.number), [0]
    about = f"from {'any rank' if source == ANY_SOURCE else f'rank {source}'}, tag {'any' if tag == ANY_TAG else tag}"

    def found() -> list[Message]:
        return world.mailboxes.probed(source, tag, comm, me)

    def finish() -> int:
        if source == PROC_NULL:
            put_status(status, Status(PROC_NULL, ANY_TAG, 0))
            return 0
        send = found()[chosen[0]]
        put_status(status, _found(send))
        take(send)
        return 0

    asked = message(rank, "receive", (NULL, 0, world.names["X_MPI_INT"], source, tag, comm))
    if source != ANY_SOURCE:
        return Waiting(lambda: source == PROC_NULL or bool(found()), finish, about, requests=(asked,), probe=asked)
    made = Waiting(lambda: False, finish, about, requests=(asked,), probe=asked)
    made.options, made.take = lambda: len(found()), lambda k: chosen.__setitem__(0, k)
    return made


def _iprobe(world: World, rank: Rank, source: int, tag: int, comm: Any, flag: Any, status: Any) -> Waiting:
    return polled(world, probe(world, rank, source, tag, comm, status), flag)


def polled(world: World, inner: Waiting, flag: Any) -> Waiting:
    """What asks only, and says in a flag whether it found something."""
    world.tested, found = True, inner.finish

    def finish() -> int:
        put(flag, 1)
        return int(found())

    def nothing() -> int:
        put(flag, 0)
        return 0

    inner.finish, inner.poll = finish, nothing
    return inner


# ----------------------------------------------------------------------------------------- ready sends


def _check_ready(world: World, rank: Rank, data: tuple[Any, ...]) -> None:
    """The receive has to be there for certain: a collective call of all ranks comes after it."""
    made = message(rank, "standard", data)
    receive = next((m for m in world.mailboxes.pending if not m.is_send and fits(made, m)), None)
    if receive is None and made.peer != PROC_NULL:
        raise Fault(f"{rank.call} before its receive is there", kind=Kind.CALL_MATCHING)
    if receive is not None and receive.serial > max(made.comm.synchronised, world.world.synchronised):
        raise Unsupported(f"{rank.call} whose receive may come later")


def _ready(function: Callable[..., Any]) -> Callable[..., Any]:
    def called(world: World, rank: Rank, *data: Any) -> Any:
        _check_ready(world, rank, data[:6])
        return function(world, rank, *data)

    return called


MESSAGE_CALLS: dict[str, Callable[..., Any]] = {
    **{"MPI_Send": _send("standard"), "MPI_Ssend": _send("synchronous"), "MPI_Bsend": _send("buffered")},
    **{"MPI_Recv": _recv, "MPI_Sendrecv": _sendrecv, "MPI_Sendrecv_replace": _sendrecv_replace},
    **{"MPI_Isend": _start_now("standard"), "MPI_Issend": _start_now("synchronous")},
    **{"MPI_Ibsend": _start_now("buffered"), "MPI_Irecv": _start_now("receive")},
    **{"MPI_Send_init": _prepare("standard"), "MPI_Ssend_init": _prepare("synchronous")},
    **{"MPI_Recv_init": _prepare("receive"), "MPI_Start": _start, "MPI_Startall": _startall},
    **{"MPI_Probe": probe, "MPI_Iprobe": _iprobe, "MPI_Rsend": _ready(_send("standard"))},
    **{"MPI_Irsend": _ready(_start_now("standard")), "MPI_Bsend_init": _prepare("buffered")},
}
