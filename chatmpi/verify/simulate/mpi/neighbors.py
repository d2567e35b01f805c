"""Collectives among neighbours: in a Cartesian grid two of each dimension, the lower one first; in a graph those that
its edges come from and lead to.

In a grid, what goes to the lower neighbour comes to it from its upper one; in a graph, of several edges between two
ranks the first belongs to the first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from chatmpi.verify.simulate.errors import Fault, Kind
from chatmpi.verify.simulate.mpi.access import get
from chatmpi.verify.simulate.mpi.communicators import Call, Communicator
from chatmpi.verify.simulate.mpi.datatypes import Buffer, moved_by_bytes
from chatmpi.verify.simulate.mpi.new_communicators import shifted
from chatmpi.verify.simulate.mpi.requests import PROC_NULL
from chatmpi.verify.simulate.mpi.transfers import Message, buffer_of, integers, read, write


def _neighbours(comm: Communicator, me: int) -> tuple[Sequence[int], Sequence[int]]:
    """Those that a rank receives from, and those that it sends to."""
    if comm.graph is not None:
        return comm.graph.sources[me], comm.graph.targets[me]
    if comm.topology is None:
        raise Fault(f"{comm.name} has no neighbours: neither grid nor graph", kind=Kind.COMMUNICATOR)
    around = [shifted(comm, me, d, step) for d in range(len(comm.topology.dims)) for step in (-1, 1)]
    return around, around


def _slot(comm: Communicator, me: int, k: int) -> int:
    """At which place the sender has what a rank receives at its own place k."""
    if comm.graph is None:
        return k ^ 1
    sources = comm.graph.sources[me]
    earlier = sources[:k].count(sources[k])
    return [j for j, target in enumerate(comm.graph.targets[sources[k]]) if target == me][earlier]


def _exchange(kind: str, whole: bool) -> Callable[[Sequence[Call]], None]:
    """`kind`: "", "v" or "w"; `whole`: the same block goes to all neighbours (allgather)."""

    def exchange(calls: Sequence[Call]) -> None:
        around = [_neighbours(c.comm, c.rank) for c in calls]
        sent = [_sent(c, to, kind, whole) for c, (_, to) in zip(calls, around, strict=True)]
        for call, (near, _) in zip(calls, around, strict=True):
            for k, peer in enumerate(near):
                if peer == PROC_NULL:
                    continue
                brought = sent[peer][_slot(call.comm, call.rank, k)]
                assert brought is not None
                write(call, brought, *_place(call, k, len(near), kind, whole, receives=True))

    return exchange


def _sent(call: Call, near: Sequence[int], kind: str, whole: bool) -> list[Message | None]:
    return [
        None if peer == PROC_NULL else read(call, *_place(call, k, len(near), kind, whole, receives=False))
        for k, peer in enumerate(near)
    ]


def _place(call: Call, k: int, near: int, kind: str, whole: bool, receives: bool) -> tuple[Buffer, int]:
    """The buffer of the k-th block, and where it begins."""
    a = call.arguments
    if whole and not receives:
        return buffer_of(*a[:3]), 0
    if not kind:
        pointer, count, type = a[3:6] if receives else a[:3]
        return buffer_of(pointer, count, type), count * k
    if whole:
        pointer, counts, places, types = a[3:7]
    else:
        pointer, counts, places, types = a[4:8] if receives else a[:4]
    count, place = integers(counts, near)[k], integers(places, near)[k]
    if kind == "v":
        return buffer_of(pointer, count, types), place
    type = get((types[0], types[1] + k))
    return buffer_of(moved_by_bytes(pointer, place, type), count, type), 0


_KINDS: dict[str, tuple[str, bool]] = {
    **{"MPI_Neighbor_allgather": ("", True), "MPI_Neighbor_allgatherv": ("v", True)},
    **{"MPI_Neighbor_alltoall": ("", False), "MPI_Neighbor_alltoallv": ("v", False)},
    "MPI_Neighbor_alltoallw": ("w", False),
}


def neighbour_regions(name: str, call: Call) -> Iterator[tuple[Buffer, int, bool]]:
    """Which buffers the call uses: where the part begins, and whether it is received."""
    kind, whole = _KINDS[name]
    near = _neighbours(call.comm, call.rank)
    for receives in (False, True):
        around = near[0] if receives else near[1]
        for k, peer in enumerate(around):
            if peer != PROC_NULL:
                buffer, base = _place(call, k, len(around), kind, whole, receives)
                yield buffer, base, receives


NEIGHBOUR_ACTIONS: dict[str, Callable[[Sequence[Call]], Any]] = {
    name: _exchange(kind, whole) for name, (kind, whole) in _KINDS.items()
}
