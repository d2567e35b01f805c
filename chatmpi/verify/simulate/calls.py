"""What each MPI function does, seen from the rank that calls it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chatmpi.verify.simulate.communicators import Communicator
from chatmpi.verify.simulate.datatypes import Buffer, Datatype, TypeMap, derived
from chatmpi.verify.simulate.errors import Abort, Fault, Unsupported
from chatmpi.verify.simulate.messages import PROC_NULL, Request, Status, complete
from chatmpi.verify.simulate.values import NULL, STATUS_IGNORE, Pointer
from chatmpi.verify.simulate.world import Rank, Waiting, World, meet

Result = Any
_COLLECTIVE_COMM = {
    **{"MPI_Barrier": 0, "MPI_Bcast": 4, "MPI_Reduce": 6, "MPI_Allreduce": 5, "MPI_Scan": 5, "MPI_Exscan": 5},
    **{"MPI_Reduce_scatter_block": 5, "MPI_Reduce_scatter": 5, "MPI_Gather": 7, "MPI_Gatherv": 8},
    **{"MPI_Allgather": 6, "MPI_Allgatherv": 7, "MPI_Scatter": 7, "MPI_Scatterv": 8, "MPI_Alltoall": 6},
    "MPI_Alltoallv": 8,
}
_ANYWHERE = frozenset({"MPI_Init", "MPI_Init_thread", "MPI_Initialized", "MPI_Finalized", "MPI_Abort"})


def carry_out_call(world: World, rank: Rank, name: str, arguments: tuple[Any, ...]) -> Result:
    """The call's result, or what it waits for."""
    if name not in _ANYWHERE:
        if not rank.initialised:
            raise Fault(f"{name} before MPI_Init")
        if rank.finalised:
            raise Fault(f"{name} after MPI_Finalize")
    where = _COLLECTIVE_COMM.get(name)
    if where is not None:
        return meet(world, rank, communicator(arguments[where], rank), arguments)
    function = _FUNCTIONS.get(name)
    if function is None:
        raise Unsupported(name)
    return function(world, rank, *arguments)


def communicator(value: Any, rank: Rank) -> Communicator:
    if not isinstance(value, Communicator):
        raise Fault("no communicator, or MPI_COMM_NULL, is used as one")
    if rank.number in value.freed:
        raise Fault("a communicator is used after MPI_Comm_free")
    return value


def put(pointer: Any, value: Any) -> None:
    """Store a result through a pointer."""
    if not isinstance(pointer, tuple):
        raise Unsupported("a result stored in another way")
    target, index = pointer
    if not 0 <= index < len(target):
        raise Fault("a result is stored out of bounds")
    target[index] = value


def get(pointer: Any) -> Any:
    if not isinstance(pointer, tuple):
        raise Unsupported("a pointer of this kind")
    target, index = pointer
    if not 0 <= index < len(target):
        raise Fault("a pointer is followed out of bounds")
    return target[index]


# ------------------------------------------------------------------------------------------ environment


def _init(_world: World, rank: Rank, *arguments: Any) -> int:
    if rank.initialised:
        raise Fault("MPI_Init is called twice")
    rank.initialised = True
    if len(arguments) == 4:
        put(arguments[3], arguments[2])
    return 0


def _finalize(world: World, rank: Rank) -> Waiting:
    mine = [r for r in world.mailboxes.pending if r.comm.members[r.rank] == rank.number]
    if mine:
        raise Fault(f"MPI_Finalize while a {mine[0].name} {mine[0].about()} (line {mine[0].line}) is under way")
    waiting = meet(world, rank, world.world, ())

    def finish() -> int:
        rank.finalised = True
        return 0

    return Waiting(waiting.ready, finish, "")


def _abort(_world: World, _rank: Rank, _comm: Any, status: int) -> int:
    raise Abort(status % 256)


def _initialized(_world: World, rank: Rank, flag: Any) -> int:
    put(flag, int(rank.initialised))
    return 0


def _finalized(_world: World, rank: Rank, flag: Any) -> int:
    put(flag, int(rank.finalised))
    return 0


def _wtime(world: World, _rank: Rank) -> Any:
    return world.terms.applied("time", 0.0)


def _comm_rank(_world: World, rank: Rank, comm: Any, result: Any) -> int:
    put(result, communicator(comm, rank).rank_of(rank.number))
    return 0


def _comm_size(_world: World, rank: Rank, comm: Any, result: Any) -> int:
    put(result, len(communicator(comm, rank).members))
    return 0


# ------------------------------------------------------------------------------------------- messages


def buffer(pointer: Any, count: Any, type: Any) -> Buffer:
    if not isinstance(type, Datatype):
        raise Fault("what is given as a datatype is none")
    return Buffer(pointer, count + 0, type)


def request(rank: Rank, is_send: bool, data: tuple[Any, Any, Any], peer: int, tag: int, comm: Any) -> Request:
    known = communicator(comm, rank)
    return Request(is_send, buffer(*data), peer + 0, tag + 0, known, known.rank_of(rank.number), rank.line)


def wait_for(requests: list[Request], statuses: Any, about: str) -> Waiting:
    """Until all are matched; then what they brought is stored."""

    def finish() -> int:
        for k, r in enumerate(requests):
            complete(r)
            if isinstance(statuses, tuple) and not r.is_send:
                put_status((statuses[0], statuses[1] + 5 * k), r.status)
        return 0

    return Waiting(lambda: all(r.done for r in requests), finish, about)


def put_status(pointer: Pointer, status: Status) -> None:
    """MPI_SOURCE, MPI_TAG, MPI_ERROR and what MPI_Get_count needs."""
    if pointer[0] is STATUS_IGNORE[0]:
        return
    for k, value in enumerate((status.source, status.tag, 0, 0, status.elements)):
        put((pointer[0], pointer[1] + k), value)


def _send(world: World, rank: Rank, data: Any, count: Any, type: Any, peer: int, tag: int, comm: Any) -> Waiting:
    made = request(rank, True, (data, count, type), peer, tag, comm)
    world.mailboxes.post(made)
    return wait_for([made], None, made.about())


def _recv(
    world: World, rank: Rank, data: Any, count: Any, type: Any, peer: int, tag: int, comm: Any, status: Any
) -> Waiting:
    made = request(rank, False, (data, count, type), peer, tag, comm)
    world.mailboxes.post(made)
    return wait_for([made], status, made.about())


def _sendrecv(world: World, rank: Rank, *a: Any) -> Waiting:
    send = request(rank, True, a[0:3], a[3], a[4], a[10])
    receive = request(rank, False, a[5:8], a[8], a[9], a[10])
    _check_apart(send, receive)
    world.mailboxes.post(send)
    world.mailboxes.post(receive)
    return wait_for([receive, send], a[11], f"{send.about()}; {receive.about()}")


def _sendrecv_replace(world: World, rank: Rank, *a: Any) -> Waiting:
    send = request(rank, True, a[0:3], a[3], a[4], a[7])
    receive = request(rank, False, a[0:3], a[5], a[6], a[7])
    world.mailboxes.post(send)
    kept = send.buffer.read()
    world.mailboxes.post(receive)
    send.buffer.write(kept)
    inner = wait_for([send, receive], None, f"{send.about()}; {receive.about()}")

    def finish() -> int:
        inner.finish()
        if receive.peer == PROC_NULL:
            receive.buffer.write(kept)
        put_status(a[8], receive.status)
        return 0

    return Waiting(inner.ready, finish, inner.about)


def _check_apart(send: Request, receive: Request) -> None:
    if PROC_NULL in (send.peer, receive.peer):
        return
    a, ours = send.buffer.cells()
    b, theirs = receive.buffer.cells()
    if a is b and ours and theirs and not set(ours).isdisjoint(theirs):
        raise Fault("the buffers of MPI_Sendrecv overlap")


def _isend(
    world: World, rank: Rank, data: Any, count: Any, type: Any, peer: int, tag: int, comm: Any, result: Any
) -> int:
    made = request(rank, True, (data, count, type), peer, tag, comm)
    world.mailboxes.post(made)
    put(result, made)
    return 0


def _irecv(
    world: World, rank: Rank, data: Any, count: Any, type: Any, peer: int, tag: int, comm: Any, result: Any
) -> int:
    made = request(rank, False, (data, count, type), peer, tag, comm)
    world.mailboxes.post(made)
    put(result, made)
    return 0


def _wait(world: World, rank: Rank, pointer: Any, status: Any) -> Waiting:
    return _waitall(world, rank, 1, pointer, status)


def _waitall(_world: World, _rank: Rank, count: int, pointer: Any, statuses: Any) -> Waiting:
    places = [(pointer[0], pointer[1] + k) for k in range(count)]
    found = [get(p) for p in places]
    requests = [r for r in found if isinstance(r, Request)]
    if any(not isinstance(r, Request) and r is not NULL for r in found):
        raise Fault("a request is waited for that was never started")
    each = [(r, k) for k, r in enumerate(found) if isinstance(r, Request)]

    def finish() -> int:
        for r, k in each:
            was_active = r.active
            complete(r)
            if not r.persistent:
                put(places[k], NULL)
            if was_active and not r.is_send:
                put_status((statuses[0], statuses[1] + 5 * k), r.status)
        return 0

    about = ", ".join(r.about() for r in requests if not r.done)
    return Waiting(lambda: all(r.done or not r.active for r in requests), finish, about)


def _get_count(_world: World, _rank: Rank, status: Pointer, type: Any, result: Any) -> int:
    elements = get((status[0], status[1] + 4)) + 0
    each = len(type.map.kinds)
    put(result, elements // each if elements % each == 0 else -32766)
    return 0


# ------------------------------------------------------------------------------------------- datatypes


def _type(value: Any) -> TypeMap:
    if not isinstance(value, Datatype):
        raise Fault("what is given as a datatype is none")
    return value.map


def _type_contiguous(_world: World, _rank: Rank, count: int, old: Any, result: Any) -> int:
    map = _type(old)
    put(result, derived("a contiguous type", [(k * map.extent, map) for k in range(count)]))
    return 0


def _type_vector(_world: World, _rank: Rank, count: int, length: int, stride: int, old: Any, result: Any) -> int:
    map = _type(old)
    blocks = [((i * stride + j) * map.extent, map) for i in range(count) for j in range(length)]
    put(result, derived("a vector type", blocks))
    return 0


def _type_commit(_world: World, _rank: Rank, pointer: Any) -> int:
    type = get(pointer)
    _type(type)
    type.committed = True
    return 0


def _type_free(_world: World, _rank: Rank, pointer: Any) -> int:
    type = get(pointer)
    _type(type)
    type.freed = True
    put(pointer, NULL)
    return 0


_FUNCTIONS: dict[str, Callable[..., Result]] = {
    **{"MPI_Init": _init, "MPI_Init_thread": _init, "MPI_Finalize": _finalize, "MPI_Abort": _abort},
    **{"MPI_Initialized": _initialized, "MPI_Finalized": _finalized, "MPI_Wtime": _wtime},
    **{"MPI_Comm_rank": _comm_rank, "MPI_Comm_size": _comm_size},
    **{"MPI_Send": _send, "MPI_Ssend": _send, "MPI_Rsend": _send, "MPI_Recv": _recv, "MPI_Sendrecv": _sendrecv},
    **{"MPI_Sendrecv_replace": _sendrecv_replace, "MPI_Isend": _isend, "MPI_Issend": _isend, "MPI_Irecv": _irecv},
    **{"MPI_Wait": _wait, "MPI_Waitall": _waitall, "MPI_Get_count": _get_count},
    **{"MPI_Type_contiguous": _type_contiguous, "MPI_Type_vector": _type_vector},
    **{"MPI_Type_commit": _type_commit, "MPI_Type_free": _type_free},
}
