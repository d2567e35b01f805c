"""Operations of the user's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chatmpi.verify.simulate.errors import Fault, Kind, Unsupported
from chatmpi.verify.simulate.function_types import calls_mpi
from chatmpi.verify.simulate.mpi.access import get, put
from chatmpi.verify.simulate.mpi.datatypes import Buffer
from chatmpi.verify.simulate.mpi.operations import UserOperation, combined
from chatmpi.verify.simulate.mpi.world import Rank, World
from chatmpi.verify.simulate.values import NULL


def _create(_world: World, rank: Rank, function: Any, commutes: int, result: Any) -> int:
    if not callable(function):
        raise Fault("MPI_Op_create: what is given as a function is none", kind=Kind.INVALID_ARGUMENT)
    if calls_mpi(function):
        raise Unsupported("an operation that calls MPI")
    made = UserOperation(function, bool(commutes), rank.line)
    rank.made.append(made)
    put(result, made)
    return 0


def _free(_world: World, _rank: Rank, place: Any) -> int:
    operation = get(place)
    if not isinstance(operation, UserOperation) or operation.freed:
        raise Fault("MPI_Op_free of what is no operation of the program", kind=Kind.INVALID_ARGUMENT)
    operation.freed = True
    put(place, NULL)
    return 0


def _commutative(_world: World, _rank: Rank, operation: Any, result: Any) -> int:
    put(result, int(operation.commutes) if isinstance(operation, UserOperation) else 1)
    return 0


def _reduce_local(world: World, _rank: Rank, given: Any, result: Any, count: int, type: Any, operation: Any) -> int:
    source, target = Buffer(given, count, type), Buffer(result, count, type)
    target.write(combined(operation, type, source.kinds(), source.read(), target.read(), world.terms))
    return 0


OPERATION_CALLS: dict[str, Callable[..., Any]] = {
    **{"MPI_Op_create": _create, "MPI_Op_free": _free, "MPI_Op_commutative": _commutative},
    "MPI_Reduce_local": _reduce_local,
}
