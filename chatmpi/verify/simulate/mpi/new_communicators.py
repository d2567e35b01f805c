"""Collectives that make communicators, and what Cartesian grids tell of ranks."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from chatmpi.verify.simulate.errors import Fault, Kind
from chatmpi.verify.simulate.mpi.access import array, put
from chatmpi.verify.simulate.mpi.communicators import Call, Communicator, Group, Topology
from chatmpi.verify.simulate.mpi.requests import PROC_NULL
from chatmpi.verify.simulate.values import NULL

UNDEFINED = -32766


def dup(calls: Sequence[Call]) -> None:
    old = calls[0].comm
    made = Communicator(f"the communicator of line {calls[0].line}", old.members, calls[0].line)
    made.topology, made.graph = old.topology, old.graph
    for call in calls:
        put(call.arguments[1], made)


def dup_with_info(calls: Sequence[Call]) -> None:
    for call in calls:
        call.arguments = (call.arguments[0], call.arguments[2])
    dup(calls)


def split(calls: Sequence[Call]) -> None:
    colours: dict[int, list[tuple[int, int, Call]]] = {}
    for call in calls:
        colour, key = call.arguments[1] + 0, call.arguments[2] + 0
        if colour == UNDEFINED:
            put(call.arguments[3], NULL)
        elif colour < 0:
            message = f"MPI_Comm_split: the color {colour} is negative"
            raise Fault(message, call.line, call.world_rank, kind=Kind.INVALID_ARGUMENT)
        else:
            colours.setdefault(colour, []).append((key, call.rank, call))
    for group in colours.values():
        ordered = [call for _, _, call in sorted(group, key=lambda g: g[:2])]
        _give(ordered, 3)


def _give(ordered: list[Call], place: int) -> None:
    name = f"the communicator of line {ordered[0].line}"
    made = Communicator(name, tuple(c.world_rank for c in ordered), ordered[0].line)
    for call in ordered:
        put(call.arguments[place], made)


def split_by_type(calls: Sequence[Call]) -> None:
    """All ranks are on one machine."""
    _give(sorted(calls, key=lambda c: (c.arguments[2] + 0, c.rank)), 4)


def create(calls: Sequence[Call]) -> None:
    for call in calls:
        group = call.arguments[1]
        if not isinstance(group, Group):
            message = "MPI_Comm_create: what is given as a group is none"
            raise Fault(message, call.line, call.world_rank, kind=Kind.INVALID_ARGUMENT)
        if call.world_rank not in group.members:
            put(call.arguments[2], NULL)
    given = {c.world_rank: c for c in calls}
    for members in {c.arguments[1].members for c in calls if c.world_rank in c.arguments[1].members}:
        ordered = [given[m] for m in members]
        if any(c.arguments[1].members != members for c in ordered):
            message = "MPI_Comm_create: the ranks give different groups"
            raise Fault(message, ordered[0].line, ordered[0].world_rank, kind=Kind.COMMUNICATOR)
        _give(ordered, 2)


def cart_create(calls: Sequence[Call]) -> None:
    first = calls[0]
    count = first.arguments[1]
    shape = [(array(c.arguments[2], count), [bool(p) for p in array(c.arguments[3], count)]) for c in calls]
    for call, own in zip(calls, shape, strict=True):
        if own != shape[0]:
            message = "MPI_Cart_create: the ranks give different grids"
            raise Fault(message, call.line, call.world_rank, kind=Kind.COMMUNICATOR, others=(first.line,))
    _give_grid(calls, 5, Topology(tuple(shape[0][0]), tuple(shape[0][1])))


def _give_grid(calls: Sequence[Call], place: int, topology: Topology) -> None:
    """A new communicator for the first ranks, as many as the grid has."""
    inside = calls[: math.prod(topology.dims)]
    name = f"the communicator of line {calls[0].line}"
    made = Communicator(name, tuple(c.world_rank for c in inside), calls[0].line)
    made.topology = topology
    for call in calls:
        put(call.arguments[place], made if call in inside else NULL)


def cart_sub(calls: Sequence[Call]) -> None:
    topology = grid_of(calls[0].comm)
    kept = [bool(k) for k in array(calls[0].arguments[1], len(topology.dims))]
    groups: dict[tuple[int, ...], list[Call]] = {}
    for call in calls:
        if [bool(k) for k in array(call.arguments[1], len(topology.dims))] != kept:
            message = "MPI_Cart_sub: the ranks keep different dimensions"
            raise Fault(message, call.line, call.world_rank, kind=Kind.COMMUNICATOR, others=(calls[0].line,))
        at = topology.coordinates(call.rank)
        groups.setdefault(tuple(c for c, k in zip(at, kept, strict=True) if not k), []).append(call)
    inner = Topology(
        tuple(d for d, k in zip(topology.dims, kept, strict=True) if k),
        tuple(p for p, k in zip(topology.periodic, kept, strict=True) if k),
    )
    for group in groups.values():
        _give_grid(group, 2, inner)


def grid_of(comm: Communicator) -> Topology:
    if comm.topology is None:
        raise Fault(f"{comm.name} has no Cartesian grid", kind=Kind.COMMUNICATOR)
    return comm.topology


def shifted(comm: Communicator, me: int, direction: int, steps: int) -> int:
    """The rank so many steps along a dimension."""
    grid = grid_of(comm)
    at = list(grid.coordinates(me))
    at[direction] += steps
    found = grid.rank(tuple(at))
    return PROC_NULL if found is None else found


def create_group(calls: Sequence[Call]) -> None:
    _give(list(calls), 0)


NEW_COMMUNICATORS: dict[str, Callable[[Sequence[Call]], None]] = {
    **{"MPI_Comm_dup": dup, "MPI_Comm_split": split, "MPI_Comm_split_type": split_by_type, "MPI_Comm_create": create},
    **{"MPI_Comm_idup": dup, "MPI_Comm_create_group": create_group, "MPI_Comm_create_from_group": create_group},
    **{"MPI_Comm_dup_with_info": dup_with_info, "MPI_Comm_idup_with_info": dup},
    **{"MPI_Cart_create": cart_create, "MPI_Cart_sub": cart_sub},
}
