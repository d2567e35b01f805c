"""Collective calls, those that block and those that give a request."""

from __future__ import annotations

from typing import Any

from chatmpi.verify.simulate.access import put
from chatmpi.verify.simulate.agreement import base_name
from chatmpi.verify.simulate.communicators import Call, Communicator, Meeting
from chatmpi.verify.simulate.guards import hold
from chatmpi.verify.simulate.regions import regions
from chatmpi.verify.simulate.requests import Request
from chatmpi.verify.simulate.world import Rank, Waiting, World, join, meet

_COMM = {
    **{"MPI_Barrier": 0, "MPI_Bcast": 4, "MPI_Reduce": 6, "MPI_Allreduce": 5, "MPI_Scan": 5, "MPI_Exscan": 5},
    **{"MPI_Reduce_scatter_block": 5, "MPI_Reduce_scatter": 5, "MPI_Gather": 7, "MPI_Gatherv": 8},
    **{"MPI_Allgather": 6, "MPI_Allgatherv": 7, "MPI_Scatter": 7, "MPI_Scatterv": 8, "MPI_Alltoall": 6},
    **{"MPI_Alltoallv": 8, "MPI_Neighbor_allgather": 6, "MPI_Neighbor_allgatherv": 7, "MPI_Neighbor_alltoall": 6},
    **{"MPI_Neighbor_alltoallv": 8, "MPI_Alltoallw": 8},
}


class CollectiveRequest(Request):
    """A collective under way."""

    __slots__ = ("comm", "meeting")

    def __init__(self, origin: tuple[str, int, int], meeting: Meeting, comm: Communicator) -> None:
        super().__init__(*origin)
        self.meeting, self.comm = meeting, comm
        self.active = True

    def is_done(self) -> bool:
        return self.meeting.over

    def waits_for(self) -> list[int]:
        return self.meeting.missing(self.comm)


def collective(name: str) -> int | None:
    """Where the communicator stands among the arguments of a collective; None for other functions."""
    if name in _COMM:
        return _COMM[name]
    return _COMM.get(base_name(name)) if name.startswith("MPI_I") and not name.startswith("MPI_In") else None


def carry_out_collective(world: World, rank: Rank, comm: Communicator, arguments: tuple[Any, ...]) -> Waiting | int:
    if rank.call in _COMM:
        return meet(world, rank, comm, arguments)
    meeting, call = join(world, rank, comm, arguments[:-1])
    request = CollectiveRequest((rank.call, rank.number, rank.line), meeting, comm)
    call.request = request
    if not meeting.over:
        _guard(request, call)
    rank.requests.append(request)
    put(arguments[-1], request)
    return 0


def _guard(request: CollectiveRequest, call: Call) -> None:
    for buffer, base, receives in regions(call):
        target, where = buffer.cells(base)
        made = hold(target, where, receives, f"the {request.call}", request.line)
        if made is not None:
            request.holds.append(made)
