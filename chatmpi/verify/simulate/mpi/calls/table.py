"""What each MPI function does, seen from the rank that calls it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from chatmpi.verify.simulate.errors import Fault, Kind, Unsupported
from chatmpi.verify.simulate.mpi.arguments import check_arguments, communicator
from chatmpi.verify.simulate.mpi.calls.attribute_calls import ATTRIBUTE_CALLS
from chatmpi.verify.simulate.mpi.calls.collective_calls import carry_out_collective, collective
from chatmpi.verify.simulate.mpi.calls.communicator_calls import COMMUNICATOR_CALLS
from chatmpi.verify.simulate.mpi.calls.completion_calls import COMPLETION_CALLS
from chatmpi.verify.simulate.mpi.calls.environment_calls import ENVIRONMENT_CALLS
from chatmpi.verify.simulate.mpi.calls.file_calls import FILE_CALLS
from chatmpi.verify.simulate.mpi.calls.graph_calls import GRAPH_CALLS
from chatmpi.verify.simulate.mpi.calls.group_calls import GROUP_CALLS
from chatmpi.verify.simulate.mpi.calls.handle_calls import HANDLE_CALLS
from chatmpi.verify.simulate.mpi.calls.info_calls import INFO_CALLS
from chatmpi.verify.simulate.mpi.calls.intercommunicator_calls import INTERCOMMUNICATOR_CALLS
from chatmpi.verify.simulate.mpi.calls.matched_calls import MATCHED_CALLS
from chatmpi.verify.simulate.mpi.calls.message_calls import MESSAGE_CALLS
from chatmpi.verify.simulate.mpi.calls.naming_calls import NAMING_CALLS
from chatmpi.verify.simulate.mpi.calls.one_sided_calls import ONE_SIDED_CALLS
from chatmpi.verify.simulate.mpi.calls.operation_calls import OPERATION_CALLS
from chatmpi.verify.simulate.mpi.calls.packing_calls import PACKING_CALLS
from chatmpi.verify.simulate.mpi.calls.partitioned_calls import PARTITIONED_CALLS
from chatmpi.verify.simulate.mpi.calls.persistent_calls import PERSISTENT_CALLS
from chatmpi.verify.simulate.mpi.calls.session_calls import SESSION_CALLS
from chatmpi.verify.simulate.mpi.calls.status_calls import STATUS_CALLS
from chatmpi.verify.simulate.mpi.calls.topology_calls import TOPOLOGY_CALLS
from chatmpi.verify.simulate.mpi.calls.type_calls import TYPE_CALLS
from chatmpi.verify.simulate.mpi.calls.window_calls import WINDOW_CALLS
from chatmpi.verify.simulate.mpi.world import Rank, World

_ANYWHERE = frozenset(
    {"MPI_Init", "MPI_Init_thread", "MPI_Initialized", "MPI_Finalized", "MPI_Get_version", "MPI_Get_library_version"}
    | {"MPI_Session_init", "MPI_Session_finalize", "MPI_Info_create", "MPI_Info_set", "MPI_Info_free"}
)
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{**ENVIRONMENT_CALLS, **MESSAGE_CALLS, **COMPLETION_CALLS, **TYPE_CALLS},
    **{**COMMUNICATOR_CALLS, **TOPOLOGY_CALLS, **OPERATION_CALLS, **WINDOW_CALLS, **ONE_SIDED_CALLS},
    **{**MATCHED_CALLS, **PACKING_CALLS, **HANDLE_CALLS, **PERSISTENT_CALLS, **PARTITIONED_CALLS},
    **{**INTERCOMMUNICATOR_CALLS, **ATTRIBUTE_CALLS, **INFO_CALLS, **NAMING_CALLS, **SESSION_CALLS},
    **{**GRAPH_CALLS, **FILE_CALLS, **GROUP_CALLS, **STATUS_CALLS},
}


@cache
def _known(name: str) -> tuple[str, Callable[..., Any] | None, int | None]:
    """A function's name without the mark of large counts (they are as large as they are), what it does, and where a
    collective's communicator stands among its arguments."""
    plain = name.removesuffix("_c")
    return plain, _FUNCTIONS.get(plain), collective(plain)


def carry_out_call(world: World, rank: Rank, name: str, arguments: tuple[Any, ...]) -> Any:
    """The call's result, or what it waits for."""
    name, function, where = _known(name)
    rank.call = name
    if (rank.finalised or not rank.initialised) and name not in _ANYWHERE:
        if not rank.initialised and not rank.sessions:
            raise Fault(f"{name} before MPI_Init", kind=Kind.CALL_MATCHING)
        if rank.finalised:
            raise Fault(f"{name} after MPI_Finalize", kind=Kind.CALL_MATCHING)
    if function is None and where is None:
        raise Unsupported(name)
    check_arguments(name, arguments, rank.number)
    if where is not None:
        return carry_out_collective(world, rank, communicator(arguments[where], rank.number), arguments)
    assert function is not None
    return function(world, rank, *arguments)
