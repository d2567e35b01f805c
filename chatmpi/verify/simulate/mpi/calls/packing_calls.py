"""MPI_Pack and MPI_Unpack: scalars at byte places in an array of characters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chatmpi.verify.simulate.errors import Fault, Kind, Unsupported
from chatmpi.verify.simulate.mpi.access import get, put
from chatmpi.verify.simulate.mpi.datatypes import Buffer, Datatype, size_of
from chatmpi.verify.simulate.mpi.transfers import deliver
from chatmpi.verify.simulate.mpi.world import Rank, World
from chatmpi.verify.simulate.values import NULL


@dataclass(frozen=True)
class Packed:
    """A scalar as packed memory holds it, in the cell of its first byte."""

    kind: str
    value: Any


def _room(rank: Rank, pointer: Any, size: int, position: int, needed: int) -> list[int]:
    """The cells of packed memory from a position on."""
    if pointer is NULL:
        raise Fault(f"{rank.call}: a null pointer is given as a buffer", kind=Kind.INVALID_ARGUMENT)
    target, index = pointer
    if target.layout is None or target.layout.size != 1:
        raise Unsupported(f"{rank.call} in what is no array of characters")
    if position + needed > size:
        message = f"{rank.call}: {needed} bytes from {position} on do not fit into {size}"
        raise Fault(message, kind=Kind.COUNT)
    if index + position + needed > len(target):
        raise Fault(f"{rank.call}: the buffer has only {len(target) - index} bytes", kind=Kind.COUNT)
    return list(range(index + position, index + position + needed))


def _type(rank: Rank, type: Any) -> Datatype:
    if not isinstance(type, Datatype):
        raise Fault(f"{rank.call}: what is given as a datatype is none", kind=Kind.INVALID_ARGUMENT)
    if type.map.kinds == ("byte",):
        raise Unsupported(f"{rank.call} of bytes")
    return type


def _pack(_world: World, rank: Rank, *a: Any) -> int:
    source, count, type, into, size, position, _comm = a
    buffer = Buffer(source, count + 0, _type(rank, type))
    values, kinds = buffer.read(), buffer.kinds()
    at, needed = get(position) + 0, sum(map(size_of, kinds))
    cells = _room(rank, into, size + 0, at, needed)
    done = 0
    for value, kind in zip(values, kinds, strict=True):
        into[0][cells[done]] = Packed(kind, value)
        for k in range(1, size_of(kind)):
            into[0][cells[done + k]] = 0
        done += size_of(kind)
    put(position, at + needed)
    return 0


def _unpack(_world: World, rank: Rank, *a: Any) -> int:
    source, size, position, into, count, type, _comm = a
    buffer = Buffer(into, count + 0, _type(rank, type))
    kinds = buffer.kinds()
    at, needed = get(position) + 0, sum(map(size_of, kinds))
    cells = _room(rank, source, size + 0, at, needed)
    values, done = [], 0
    for kind in kinds:
        found = source[0][cells[done]]
        if not isinstance(found, Packed) or found.kind != kind:
            what = found.kind if isinstance(found, Packed) else "nothing"
            raise Fault(f"MPI_Unpack of {kind} where {what} was packed", kind=Kind.DATATYPE)
        values.append(found.value)
        done += size_of(kind)
    deliver(values, kinds, buffer)
    put(position, at + needed)
    return 0


def _pack_size(_world: World, rank: Rank, count: int, type: Any, _comm: Any, result: Any) -> int:
    put(result, (count + 0) * _type(rank, type).map.size)
    return 0


PACKING_CALLS: dict[str, Callable[..., Any]] = {
    **{"MPI_Pack": _pack, "MPI_Unpack": _unpack, "MPI_Pack_size": _pack_size},
}
