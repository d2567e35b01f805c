"""Partitioned messages: the sender says of each part of its buffer when it is ready; the message goes with the last."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chatmpi.verify.simulate.errors import Fault, Kind
from chatmpi.verify.simulate.mpi.access import array, put
from chatmpi.verify.simulate.mpi.arguments import check_arguments
from chatmpi.verify.simulate.mpi.calls.completion_calls import asked
from chatmpi.verify.simulate.mpi.datatypes import Buffer
from chatmpi.verify.simulate.mpi.guards import hold
from chatmpi.verify.simulate.mpi.messages import Message, Mode
from chatmpi.verify.simulate.mpi.requests import ANY_SOURCE, ANY_TAG
from chatmpi.verify.simulate.mpi.world import Rank, Waiting, World


class Partitioned(Message):
    """A message in parts; it matches no message of another kind."""

    __slots__ = ("parts",)

    def __init__(self, rank: Rank, mode: Mode, data: tuple[Any, ...]) -> None:
        pointer, parts, count, type, peer, tag, comm = data
        buffer = Buffer(pointer, (parts + 0) * (count + 0), type)
        super().__init__(mode, buffer, peer + 0, tag + 0, comm, (rank.call, rank.number, rank.line))
        self.parts, self.persistent, self.is_partitioned = parts, True, True

    def check(self, part: int, call: str) -> None:
        if not self.active:
            raise Fault(f"{call} of a request that is not started", kind=Kind.REQUEST, others=(self.line,))
        if not 0 <= part < self.parts:
            message = f"{call}: there is no partition {part} among {self.parts}"
            raise Fault(message, kind=Kind.INVALID_ARGUMENT, others=(self.line,))


class PartitionedSend(Partitioned):
    """`ready`: the parts that may be sent."""

    __slots__ = ("ready",)

    def __init__(self, rank: Rank, mode: Mode, data: tuple[Any, ...]) -> None:
        super().__init__(rank, mode, data)
        self.ready: set[int] = set()

    def unready(self) -> list[int]:
        return [p for p in range(self.parts) if p not in self.ready]

    def start(self, world: World) -> None:
        self.ready, self.active, self.matched, self.started = set(), True, None, self.started + 1
        if not self.parts:
            world.mailboxes.post(self, blocking=False)

    def release(self, world: World, part: int, call: str) -> None:
        self.check(part, call)
        if part in self.ready:
            raise Fault(f"{call}: the partition {part} is ready already", kind=Kind.REQUEST, others=(self.line,))
        self.ready.add(part)
        if not self.unready():
            self.let_go()
            world.mailboxes.post(self, blocking=False)
            self.started -= 1
            return
        count = self.buffer.count // self.parts
        target, cells = Buffer(self.buffer.pointer, count, self.buffer.type).cells(part * count)
        made = hold(target, cells, False, call, self.line)
        if made is not None:
            self.holds.append(made)


def _prepare(mode: Mode) -> Callable[..., int]:
    def prepare(_world: World, rank: Rank, *a: Any) -> int:
        data = a[:7]
        if data[1] + 0 < 0:
            raise Fault(f"{rank.call}: the number {data[1]} of partitions is negative", kind=Kind.INVALID_ARGUMENT)
        is_send = mode != "receive"
        check_arguments("MPI_Send_init" if is_send else "MPI_Recv_init", (data[0], *data[2:]), rank.number)
        if not is_send and (data[4] == ANY_SOURCE or data[5] == ANY_TAG):
            raise Fault(f"{rank.call} from any rank or with any tag", kind=Kind.INVALID_ARGUMENT)
        made = PartitionedSend(rank, mode, data) if is_send else Partitioned(rank, mode, data)
        made.buffer.cells()
        rank.requests.append(made)
        put(a[8], made)
        return 0

    return prepare


def _send_of(request: Any, rank: Rank) -> PartitionedSend:
    if not isinstance(request, PartitionedSend) or request.freed:
        raise Fault(f"{rank.call} of what is no partitioned send", kind=Kind.REQUEST)
    return request


def _ready(world: World, rank: Rank, part: int, request: Any) -> int:
    _send_of(request, rank).release(world, part + 0, rank.call)
    return 0


def _ready_range(world: World, rank: Rank, low: int, high: int, request: Any) -> int:
    for part in range(low, high + 1):
        _send_of(request, rank).release(world, part, rank.call)
    return 0


def _ready_list(world: World, rank: Rank, length: int, parts: Any, request: Any) -> int:
    for part in array(parts, length):
        _send_of(request, rank).release(world, part, rank.call)
    return 0


def _arrived(world: World, rank: Rank, request: Any, part: int, flag: Any) -> Waiting:
    if not isinstance(request, Partitioned) or request.is_send or request.freed:
        raise Fault(f"{rank.call} of what is no partitioned receive", kind=Kind.REQUEST)
    request.check(part + 0, rank.call)
    return asked(world, request, flag)


PARTITIONED_CALLS: dict[str, Callable[..., Any]] = {
    **{"MPI_Psend_init": _prepare("standard"), "MPI_Precv_init": _prepare("receive")},
    **{"MPI_Pready": _ready, "MPI_Pready_range": _ready_range, "MPI_Pready_list": _ready_list},
    "MPI_Parrived": _arrived,
}
