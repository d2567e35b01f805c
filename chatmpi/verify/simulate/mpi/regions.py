"""Which buffers a collective call uses: what it sends, and what it receives into."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from chatmpi.verify.simulate.errors import Fault, Kind
from chatmpi.verify.simulate.mpi.access import get
from chatmpi.verify.simulate.mpi.agreement import base_name
from chatmpi.verify.simulate.mpi.communicators import Call
from chatmpi.verify.simulate.mpi.datatypes import Buffer, moved_by_bytes
from chatmpi.verify.simulate.mpi.neighbors import neighbour_regions
from chatmpi.verify.simulate.mpi.transfers import buffer_of, integers
from chatmpi.verify.simulate.values import IN_PLACE

# A buffer, where in it the part begins, and whether it is received.
Region = tuple[Buffer, int, bool]

_REDUCTIONS = frozenset({"MPI_Reduce", "MPI_Allreduce", "MPI_Scan", "MPI_Exscan", "MPI_Reduce_scatter_block"})
_TO_ALL = frozenset({"MPI_Allgather", "MPI_Alltoall"})
_TWO_BUFFERS = _REDUCTIONS | _TO_ALL | {"MPI_Barrier", "MPI_Bcast", "MPI_Gather", "MPI_Scatter"}  # at most


def regions(call: Call) -> Iterator[Region]:
    """Of all calls but those that are never without a wait."""
    name, a = base_name(call.name), call.arguments
    ranks = len(call.comm.members)
    match name:
        case "MPI_Bcast":
            yield buffer_of(*a[:3]), 0, call.rank != a[3]
        case "MPI_Gather":
            yield from _one(a[0:3], 0, False)
            if call.rank == a[6]:
                yield from _one((a[3], a[4] * ranks, a[5]), 0, True)
        case "MPI_Gatherv" | "MPI_Allgatherv":
            yield from _one(a[0:3], 0, False)
            if name == "MPI_Allgatherv" or call.rank == a[7]:
                yield from _many(a[3:7], ranks, True)
        case "MPI_Scatter":
            if call.rank == a[6]:
                yield from _one((a[0], a[1] * ranks, a[2]), 0, False)
            yield from _one(a[3:6], 0, True)
        case "MPI_Scatterv":
            if call.rank == a[7]:
                yield from _many(a[0:4], ranks, False)
            yield from _one(a[4:7], 0, True)
        case _ if name.startswith("MPI_Neighbor_"):
            yield from neighbour_regions(name, call)
        case "MPI_Alltoallw":
            yield from _typed(a[0:4], ranks, False)
            yield from _typed(a[4:8], ranks, True)
        case "MPI_Alltoallv":
            yield from _many(a[0:4], ranks, False)
            yield from _many(a[4:8], ranks, True)
        case "MPI_Reduce_scatter":
            yield from _one((a[0], sum(integers(a[2], ranks)), a[3]), 0, False)
            yield from _one((a[1], integers(a[2], ranks)[call.rank], a[3]), 0, True)
        case _ if name in _REDUCTIONS:
            yield from _one((a[0], a[2] * (ranks if name.endswith("block") else 1), a[3]), 0, False)
            if name != "MPI_Reduce" or call.rank == a[5]:
                yield from _one((a[1], a[2], a[3]), 0, True)
        case _ if name in _TO_ALL:
            sent = a[1] if name == "MPI_Allgather" else a[1] * ranks
            yield from _one((a[0], sent, a[2]), 0, False)
            yield from _one((a[3], a[4] * ranks, a[5]), 0, True)


def check_apart(call: Call) -> None:
    """What is received may not share memory with what is sent, nor its parts with each other."""
    if call.name in _TWO_BUFFERS:
        objects = [a[0] for a in call.arguments if isinstance(a, tuple)]
        if len(objects) < 2 or (len(objects) == 2 and objects[0] is not objects[1]):
            return
    found = [(b, base, receives) for b, base, receives in regions(call) if isinstance(b.pointer, tuple)]
    if len({id(b.pointer[0]) for b, _, _ in found}) == len(found):
        return
    _check_parts(call, [part for part in found if part[2]])
    for (a, a_base, a_receives), (b, b_base, b_receives) in itertools.combinations(found, 2):
        if a_receives == b_receives or a.pointer[0] is not b.pointer[0] or 0 in (a.count, b.count):
            continue
        if not set(a.cells(a_base)[1]).isdisjoint(b.cells(b_base)[1]):
            message = f"{call.name}: the buffers overlap; MPI_IN_PLACE is for that"
            raise Fault(message, call.line, call.world_rank, kind=Kind.INVALID_ARGUMENT)


def _check_parts(call: Call, parts: list[Region]) -> None:
    """Nothing is received twice into one place."""
    seen: dict[int, set[int]] = {}
    for buffer, base, _ in parts:
        target, where = buffer.cells(base)
        before = seen.setdefault(id(target), set())
        if not before.isdisjoint(where):
            message = f"{call.name}: parts that are received overlap"
            raise Fault(message, call.line, call.world_rank, kind=Kind.INVALID_ARGUMENT)
        before.update(where)


def _one(data: tuple[Any, ...], base: int, receives: bool) -> Iterator[Region]:
    if data[0] is not IN_PLACE:
        yield buffer_of(*data), base, receives


def _typed(data: tuple[Any, ...], ranks: int, receives: bool) -> Iterator[Region]:
    """Blocks with counts, displacements in bytes and types."""
    pointer, counts, places, types = data
    if pointer is IN_PLACE:
        return
    for k, (count, place) in enumerate(zip(integers(counts, ranks), integers(places, ranks), strict=True)):
        type = get((types[0], types[1] + k))
        yield buffer_of(moved_by_bytes(pointer, place, type), count, type), 0, receives


def _many(data: tuple[Any, ...], ranks: int, receives: bool) -> Iterator[Region]:
    """Blocks with counts and displacements."""
    pointer, counts, places, type = data
    if pointer is IN_PLACE:
        return
    for count, place in zip(integers(counts, ranks), integers(places, ranks), strict=True):
        yield buffer_of(pointer, count, type), place, receives
