"""Whether the ranks' calls of a collective agree."""

from __future__ import annotations

from functools import cache

from chatmpi.verify.simulate.errors import Fault, Kind
from chatmpi.verify.simulate.mpi.communicators import Call
from chatmpi.verify.simulate.mpi.intercommunicators import Intercommunicator
from chatmpi.verify.simulate.mpi.operations import UserOperation

# Arguments that all ranks must give alike, by position; of what is not blocking too.
_AGREEING: dict[str, tuple[tuple[int, str], ...]] = {
    "MPI_Bcast": ((3, "root"),),
    "MPI_Reduce": ((4, "operation"), (5, "root"), (2, "count")),
    "MPI_Allreduce": ((4, "operation"), (2, "count")),
    "MPI_Scan": ((4, "operation"), (2, "count")),
    "MPI_Exscan": ((4, "operation"), (2, "count")),
    "MPI_Reduce_scatter_block": ((4, "operation"), (2, "count")),
    "MPI_Reduce_scatter": ((4, "operation"),),
    "MPI_Gather": ((6, "root"),),
    "MPI_Gatherv": ((7, "root"),),
    "MPI_Scatter": ((6, "root"),),
    "MPI_Scatterv": ((7, "root"),),
}


_ENDS = frozenset({"MPI_Finalize", "MPI_Comm_free", "MPI_Win_free", "MPI_File_close", "MPI_Comm_disconnect"})
_KINDS = {"root": Kind.ROOT, "operation": Kind.OPERATION, "count": Kind.COUNT}


def check_agreement(first: Call, other: Call) -> None:
    """Raises Fault where two ranks' calls cannot belong to one collective."""
    if first.name != other.name:
        if other.name in _ENDS and first.name not in _ENDS:
            first, other = other, first  # what only some ranks call is to blame, not the end that all come to
        raise Fault(
            f"rank {first.world_rank} calls {first.name} (line {first.line}) where rank {other.world_rank} calls "
            f"{other.name}",
            other.line,
            other.world_rank,
            kind=Kind.CALL_MATCHING,
            others=(first.line,),
        )
    if isinstance(first.comm, Intercommunicator):
        return  # the two groups give different arguments
    for position, what in _AGREEING.get(base_name(first.name), ()):
        a, b = first.arguments[position], other.arguments[position]
        if a is not b and a != b:
            if isinstance(a, UserOperation) and isinstance(b, UserOperation) and a.line == b.line:
                continue
            message = (
                f"{first.name}: rank {first.world_rank} (line {first.line}) has the {what} {a}, "
                f"rank {other.world_rank} has {b}"
            )
            raise Fault(message, other.line, other.world_rank, kind=_KINDS[what], others=(first.line,))


@cache
def base_name(name: str) -> str:
    """`MPI_Bcast` for `MPI_Ibcast` and `MPI_Bcast_init`."""
    if name.startswith("MPI_File_"):
        return name
    if name.startswith("MPI_I") and name not in ("MPI_Init", "MPI_Intercomm_create", "MPI_Intercomm_merge"):
        return f"MPI_{name[5].upper()}{name[6:]}"
    return name.removesuffix("_init")
