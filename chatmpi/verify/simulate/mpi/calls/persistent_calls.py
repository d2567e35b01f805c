"""Persistent requests: prepared once, started often."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chatmpi.verify.simulate.errors import Fault, Kind
from chatmpi.verify.simulate.mpi.access import get, put
from chatmpi.verify.simulate.mpi.calls.collective_calls import PersistentCollective
from chatmpi.verify.simulate.mpi.calls.message_calls import check_ready, check_room, message
from chatmpi.verify.simulate.mpi.calls.partitioned_calls import PartitionedSend
from chatmpi.verify.simulate.mpi.messages import Message, Mode
from chatmpi.verify.simulate.mpi.world import Rank, World


def _prepare(mode: Mode) -> Callable[..., Any]:
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
    if not isinstance(request, Message | PersistentCollective) or not request.persistent:
        raise Fault(f"{rank.call} of what is no persistent request", kind=Kind.REQUEST)
    if request.freed:
        raise Fault(f"{rank.call} of a request that was freed", kind=Kind.REQUEST, others=(request.line,))
    if request.active:
        raise Fault(f"{rank.call} of a request that is under way", kind=Kind.REQUEST, others=(request.line,))
    if isinstance(request, PersistentCollective):
        request.start(world, rank)
        return 0
    if isinstance(request, PartitionedSend):
        request.start(world)
        return 0
    if request.call == "MPI_Bsend_init":
        check_room(rank, request)
    if request.call == "MPI_Rsend_init":
        check_ready(world, rank, request)
    world.mailboxes.post(request, blocking=False)
    return 0


def _startall(world: World, rank: Rank, count: int, pointer: Any) -> int:
    for k in range(count):
        _start(world, rank, (pointer[0], pointer[1] + k))
    return 0


PERSISTENT_CALLS: dict[str, Callable[..., Any]] = {
    **{"MPI_Send_init": _prepare("standard"), "MPI_Ssend_init": _prepare("synchronous")},
    **{"MPI_Bsend_init": _prepare("buffered"), "MPI_Rsend_init": _prepare("standard")},
    **{"MPI_Recv_init": _prepare("receive"), "MPI_Start": _start, "MPI_Startall": _startall},
}
