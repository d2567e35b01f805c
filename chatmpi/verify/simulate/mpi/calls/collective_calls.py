"""Collective calls: those that block, those that give a request, and those that are prepared and started."""

from __future__ import annotations

from typing import Any

from chatmpi.verify.simulate.mpi.access import put
from chatmpi.verify.simulate.mpi.agreement import base_name
from chatmpi.verify.simulate.mpi.clocks import Clocks
from chatmpi.verify.simulate.mpi.communicators import Call, Communicator, Meeting
from chatmpi.verify.simulate.mpi.guards import hold
from chatmpi.verify.simulate.mpi.regions import regions
from chatmpi.verify.simulate.mpi.requests import Request
from chatmpi.verify.simulate.mpi.world import Rank, Waiting, World, agree, come_to, join, meet, part_from

_COMM = {
    **{"MPI_Barrier": 0, "MPI_Bcast": 4, "MPI_Reduce": 6, "MPI_Allreduce": 5, "MPI_Scan": 5, "MPI_Exscan": 5},
    **{"MPI_Reduce_scatter_block": 5, "MPI_Reduce_scatter": 5, "MPI_Gather": 7, "MPI_Gatherv": 8},
    **{"MPI_Allgather": 6, "MPI_Allgatherv": 7, "MPI_Scatter": 7, "MPI_Scatterv": 8, "MPI_Alltoall": 6},
    **{"MPI_Alltoallv": 8, "MPI_Neighbor_allgather": 6, "MPI_Neighbor_allgatherv": 7, "MPI_Neighbor_alltoall": 6},
    **{"MPI_Neighbor_alltoallv": 8, "MPI_Alltoallw": 8, "MPI_Neighbor_alltoallw": 8},
}


class CollectiveRequest(Request):
    """A collective under way: `meeting` is that of all ranks."""

    __slots__ = ("clocks", "comm", "meeting")

    def __init__(self, origin: tuple[str, int, int], meeting: Meeting, comm: Communicator) -> None:
        super().__init__(*origin)
        self.meeting, self.comm = meeting, comm
        self.active = True
        self.clocks: Clocks | None = None

    def is_done(self) -> bool:
        return self.meeting.over

    def waits_for(self) -> list[int]:
        return self.meeting.missing(self.comm)

    def complete(self) -> None:
        if self.active:
            super().complete()
            part_from(self.clocks, self.meeting, self.comm.seat(self.owner))

    def use(self, call: Call) -> None:
        """Its buffers are in use until it is complete."""
        if self.meeting.over:
            return
        for buffer, base, receives in regions(call):
            target, where = buffer.cells(base)
            made = hold(target, where, receives, f"the {self.call}", self.line)
            if made is not None:
                self.holds.append(made)


def collective(name: str) -> int | None:
    """Where the communicator stands among the arguments of a collective; None for other functions."""
    return _COMM.get(base_name(name))


def carry_out_collective(world: World, rank: Rank, comm: Communicator, arguments: tuple[Any, ...]) -> Waiting | int:
    if rank.call in _COMM:
        return meet(world, rank, comm, arguments)
    if is_persistent(rank.call):
        return _prepare(world, rank, comm, arguments)
    meeting, call = join(world, rank, comm, arguments[:-1])
    request = CollectiveRequest((rank.call, rank.number, rank.line), meeting, comm)
    call.request, request.clocks = request, world.mailboxes.clocks
    request.use(call)
    rank.requests.append(request)
    put(arguments[-1], request)
    return 0


# ------------------------------------------------------------------------------------------ persistent ones


def is_persistent(name: str) -> bool:
    return name.endswith("_init")


class PersistentCollective(CollectiveRequest):
    """A collective that is prepared once and started often: the k-th start of one rank belongs to the k-th of all."""

    __slots__ = ("arguments", "prepared")

    def __init__(self, rank: Rank, prepared: Meeting, comm: Communicator, arguments: tuple[Any, ...]) -> None:
        super().__init__((rank.call, rank.number, rank.line), prepared, comm)
        self.prepared, self.arguments = prepared, arguments
        self.active, self.persistent = False, True

    def start(self, world: World, rank: Rank) -> None:
        self.active, self.started, self.clocks = True, self.started + 1, world.mailboxes.clocks
        starts = self.prepared.starts
        if len(starts) < self.started:
            starts.append(Meeting())
        self.meeting = starts[self.started - 1]
        call = Call(self.call, self.line, self.comm.seat(rank.number), rank.number, self.arguments, self.comm, self)
        come_to(world, self.comm, self.meeting, call)
        self.use(call)


def _prepare(world: World, rank: Rank, comm: Communicator, arguments: tuple[Any, ...]) -> int:
    """The ranks prepare it in the order of their other collectives, but do not wait for each other."""
    given = arguments[:-2]
    call = Call(rank.call, rank.line, comm.seat(rank.number), rank.number, given, comm)
    for buffer, base, _ in regions(call):
        buffer.cells(base)
    meeting = comm.next_meeting(rank.number)
    agree(meeting, call)
    meeting.calls[call.rank] = call
    request = PersistentCollective(rank, meeting, comm, given)
    rank.requests.append(request)
    put(arguments[-1], request)
    return 0
