"""Collectives among neighbours in a Cartesian grid: two of each dimension, the lower one first.

What goes to the lower neighbour comes to it from its upper one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from chatmpi.verify.simulate.communicators import Call, Communicator
from chatmpi.verify.simulate.errors import Fault, Kind
from chatmpi.verify.simulate.new_communicators import shifted
from chatmpi.verify.simulate.requests import PROC_NULL
from chatmpi.verify.simulate.transfers import Message, buffer_of, integers, read, write


def _neighbours(comm: Communicator, me: int) -> list[int]:
    if comm.topology is None:
        raise Fault(f"{comm.name} has no Cartesian grid", kind=Kind.COMMUNICATOR)
    return [shifted(comm, me, d, step) for d in range(len(comm.topology.dims)) for step in (-1, 1)]


def _opposite(k: int) -> int:
    return k ^ 1


def _exchange(v: bool, whole: bool) -> Callable[[Sequence[Call]], None]:
    """`whole`: the same block goes to all neighbours (allgather)."""

    def exchange(calls: Sequence[Call]) -> None:
        around = [_neighbours(c.comm, c.rank) for c in calls]
        sent = [_sent(c, near, v, whole) for c, near in zip(calls, around, strict=True)]
        for call, near in zip(calls, around, strict=True):
            for k, peer in enumerate(near):
                if peer == PROC_NULL:
                    continue
                brought = sent[peer][_opposite(k)]
                assert brought is not None
                write(call, brought, *_place(call, k, len(near), v, whole, receives=True))

    return exchange


def _sent(call: Call, near: list[int], v: bool, whole: bool) -> list[Message | None]:
    return [
        None if peer == PROC_NULL else read(call, *_place(call, k, len(near), v, whole, receives=False))
        for k, peer in enumerate(near)
    ]


def _place(call: Call, k: int, near: int, v: bool, whole: bool, receives: bool) -> tuple[Any, int]:
    """The buffer of the k-th block, and where it begins."""
    a = call.arguments
    if whole and not receives:
        return buffer_of(*a[:3]), 0
    if not v:
        pointer, count, type = a[3:6] if receives else a[:3]
        return buffer_of(pointer, count, type), count * k
    if whole:
        pointer, counts, places, type = a[3:7]
    else:
        pointer, counts, places, type = a[4:8] if receives else a[:4]
    return buffer_of(pointer, integers(counts, near)[k], type), integers(places, near)[k]


NEIGHBOUR_ACTIONS: dict[str, Callable[[Sequence[Call]], None]] = {
    "MPI_Neighbor_allgather": _exchange(v=False, whole=True),
    "MPI_Neighbor_allgatherv": _exchange(v=True, whole=True),
    "MPI_Neighbor_alltoall": _exchange(v=False, whole=False),
    "MPI_Neighbor_alltoallv": _exchange(v=True, whole=False),
}
