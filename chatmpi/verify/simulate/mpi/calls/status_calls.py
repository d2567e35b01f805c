"""What a status tells of a message."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

from chatmpi.verify.simulate.errors import Fault, Kind
from chatmpi.verify.simulate.mpi.access import get, put, put_all
from chatmpi.verify.simulate.mpi.calls.type_calls import the_type
from chatmpi.verify.simulate.mpi.datatypes import size_of
from chatmpi.verify.simulate.mpi.requests import Status
from chatmpi.verify.simulate.mpi.world import Rank, World
from chatmpi.verify.simulate.values import NULL, STATUS_IGNORE, Handle, Pointer

_UNDEFINED = -32766
_STATUS_CELLS, _CONTENT = 5, 4


class Content(Handle):
    """What a status knows of its message: the scalars that it is made of."""

    __slots__ = ("kinds",)

    def __init__(self, kinds: Sequence[str]) -> None:
        super().__init__("the content of a message")
        self.kinds = tuple(kinds)


def put_status(pointer: Any, status: Status, k: int = 0) -> None:
    """MPI_SOURCE, MPI_TAG, MPI_ERROR and what MPI_Get_count needs, in the k-th of an array."""
    if pointer is STATUS_IGNORE:
        return
    if pointer is NULL:
        raise Fault("a null pointer is given for a status", kind=Kind.INVALID_ARGUMENT)
    first = (pointer[0], pointer[1] + _STATUS_CELLS * k)
    put((first[0], first[1] + _CONTENT), Content(status.kinds))
    put_all(first, [status.source, status.tag, 0, int(status.cancelled)])


def _bytes_of(status: Pointer) -> int:
    """How long the message is."""
    found = get((status[0], status[1] + _CONTENT))
    if isinstance(found, Content):
        return sum(size_of(kind.removeprefix("byte ")) for kind in found.kinds)
    return int(found + 0)  # poison says so; 0 where a status was only cleared


def _get_count(_world: World, _rank: Rank, status: Pointer, type: Any, result: Any) -> int:
    length, each = _bytes_of(status), the_type(type).map.size
    if not each:
        put(result, 0)
        return 0
    put(result, length // each if length % each == 0 else _UNDEFINED)
    return 0


def _get_elements(_world: World, _rank: Rank, status: Pointer, type: Any, result: Any) -> int:
    length, map = _bytes_of(status), the_type(type).map
    if not map.size:
        put(result, 0)
        return 0
    ends = itertools.accumulate(size_of(kind) for kind in map.kinds)
    rest = sum(end <= length % map.size for end in ends)
    put(result, length // map.size * len(map.kinds) + rest)
    return 0


def _set_elements(_world: World, _rank: Rank, status: Pointer, type: Any, count: int) -> int:
    put((status[0], status[1] + _CONTENT), Content(the_type(type).map.kinds * count))
    return 0


def _set_cancelled(_world: World, _rank: Rank, status: Pointer, flag: int) -> int:
    put((status[0], status[1] + 3), int(bool(flag)))
    return 0


STATUS_CALLS: dict[str, Callable[..., Any]] = {
    **{"MPI_Get_count": _get_count, "MPI_Get_elements": _get_elements, "MPI_Get_elements_x": _get_elements},
    **dict.fromkeys(("MPI_Status_set_elements", "MPI_Status_set_elements_x"), _set_elements),
    "MPI_Status_set_cancelled": _set_cancelled,
}
