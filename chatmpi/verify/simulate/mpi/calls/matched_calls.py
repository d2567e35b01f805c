"""Messages that a probe takes out of the queue for a receive of its own, and receives that are cancelled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chatmpi.verify.simulate.errors import Fault, Kind, Unsupported
from chatmpi.verify.simulate.mpi.access import get, put
from chatmpi.verify.simulate.mpi.calls.completion_calls import wait_for
from chatmpi.verify.simulate.mpi.calls.message_calls import message, polled, probe
from chatmpi.verify.simulate.mpi.guards import hold
from chatmpi.verify.simulate.mpi.messages import Message, Taken
from chatmpi.verify.simulate.mpi.requests import PROC_NULL, Status
from chatmpi.verify.simulate.mpi.world import Rank, Waiting, World
from chatmpi.verify.simulate.values import NULL


def _mprobe(world: World, rank: Rank, source: int, tag: int, comm: Any, place: Any, status: Any) -> Waiting:
    if source == PROC_NULL:
        raise Unsupported(f"{rank.call} of MPI_PROC_NULL")

    def take(send: Message) -> None:
        world.mailboxes.pending.remove(send)
        taken = Taken(send, rank.call, rank.line)
        rank.made.append(taken)
        put(place, taken)

    return probe(world, rank, source, tag, comm, status, take)


def _improbe(world: World, rank: Rank, *a: Any) -> Waiting | int:
    source, tag, comm, flag, place, status = a
    return polled(world, rank, _mprobe(world, rank, source, tag, comm, place, status), flag)


def _taken(rank: Rank, place: Any, data: tuple[Any, ...], world: World) -> Message:
    handle = get(place)
    if not isinstance(handle, Taken):
        raise Fault(f"{rank.call} of what is no message", kind=Kind.REQUEST)
    handle.freed = True
    send = handle.send
    made = message(rank, "receive", (*data, send.rank, send.tag, send.comm))
    made.buffer.cells()
    made.active, made.matched, made.started = True, send, 1
    made.values, made.kinds, made.clocks = send.values, send.kinds, send.clocks
    made.status = Status(send.rank, send.tag, send.kinds)
    send.matched = made
    world.mailboxes.matches += 1
    put(place, NULL)
    return made


def _mrecv(world: World, rank: Rank, pointer: Any, count: int, type: Any, place: Any, status: Any) -> Waiting:
    made = _taken(rank, place, (pointer, count, type), world)
    return wait_for([made], status)


def _imrecv(world: World, rank: Rank, pointer: Any, count: int, type: Any, place: Any, result: Any) -> int:
    made = _taken(rank, place, (pointer, count, type), world)
    target, where = made.buffer.cells()
    held = hold(target, where, True, f"the {made.call}", made.line)
    made.holds = [held] if held is not None else []
    rank.requests.append(made)
    put(result, made)
    return 0


def _cancel(world: World, rank: Rank, pointer: Any) -> int:
    request = get(pointer)
    if not isinstance(request, Message) or request.freed:
        raise Fault("MPI_Cancel of what is no request of a message", kind=Kind.REQUEST)
    if not request.active:
        raise Fault("MPI_Cancel of a request that is not under way", kind=Kind.REQUEST, others=(request.line,))
    if request.is_send:
        raise Unsupported("MPI_Cancel of a send")
    if request.matched is None and request.peer != PROC_NULL:
        world.mailboxes.cancel(request)
    return 0


def _test_cancelled(_world: World, _rank: Rank, status: Any, flag: Any) -> int:
    put(flag, get((status[0], status[1] + 3)))
    return 0


MATCHED_CALLS: dict[str, Callable[..., Any]] = {
    **{"MPI_Mprobe": _mprobe, "MPI_Improbe": _improbe, "MPI_Mrecv": _mrecv, "MPI_Imrecv": _imrecv},
    **{"MPI_Cancel": _cancel, "MPI_Test_cancelled": _test_cancelled},
}
