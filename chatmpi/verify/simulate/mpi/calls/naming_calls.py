"""Names that a program gives to communicators, datatypes and windows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chatmpi.verify.simulate.errors import Fault, Kind
from chatmpi.verify.simulate.memory import codes, string_at
from chatmpi.verify.simulate.mpi.access import put, put_all
from chatmpi.verify.simulate.mpi.communicators import Communicator
from chatmpi.verify.simulate.mpi.datatypes import Datatype
from chatmpi.verify.simulate.mpi.world import Rank, World
from chatmpi.verify.simulate.values import Handle

_LONGEST = 63


def _set(_world: World, rank: Rank, handle: Any, text: Any) -> int:
    if not isinstance(handle, Handle):
        raise Fault(f"{rank.call} of what is not there", kind=Kind.INVALID_ARGUMENT)
    rank.labels[id(handle)] = string_at(text)[:_LONGEST]
    return 0


def _get(_world: World, rank: Rank, handle: Any, text: Any, length: Any) -> int:
    if not isinstance(handle, Handle):
        raise Fault(f"{rank.call} of what is not there", kind=Kind.INVALID_ARGUMENT)
    is_predefined = isinstance(handle, Communicator | Datatype) and not handle.line
    found = rank.labels.get(id(handle), handle.name if is_predefined else "")
    put_all(text, codes(found))
    put(length, len(found))
    return 0


NAMING_CALLS: dict[str, Callable[..., Any]] = {
    **dict.fromkeys(("MPI_Comm_set_name", "MPI_Type_set_name", "MPI_Win_set_name"), _set),
    **dict.fromkeys(("MPI_Comm_get_name", "MPI_Type_get_name", "MPI_Win_get_name"), _get),
}
