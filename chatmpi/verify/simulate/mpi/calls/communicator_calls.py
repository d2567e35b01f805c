"""Communicators and groups."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chatmpi.verify.simulate.errors import Fault, Kind
from chatmpi.verify.simulate.mpi.access import get, put
from chatmpi.verify.simulate.mpi.arguments import communicator
from chatmpi.verify.simulate.mpi.calls.attribute_calls import copy_attributes, drop_attributes
from chatmpi.verify.simulate.mpi.calls.collective_calls import CollectiveRequest
from chatmpi.verify.simulate.mpi.calls.group_calls import CONGRUENT, IDENT, SIMILAR, UNEQUAL, give_group, the_group
from chatmpi.verify.simulate.mpi.communicators import Communicator, Meeting
from chatmpi.verify.simulate.mpi.intercommunicators import Intercommunicator
from chatmpi.verify.simulate.mpi.world import Rank, Waiting, World, join, meet
from chatmpi.verify.simulate.values import NULL


def adopted(rank: Rank, waiting: Waiting, place: Any) -> Waiting:
    """After a collective that makes a communicator: the rank has what was stored at `place`."""

    def finish() -> None:
        waiting.finish()
        made = get(place)
        if isinstance(made, Communicator):
            rank.made.append(made)

    return waiting.ending(finish)


def _rank(_world: World, rank: Rank, comm: Communicator, result: Any) -> int:
    put(result, comm.rank_of(rank.number))
    return 0


def _size(_world: World, rank: Rank, comm: Communicator, result: Any) -> int:
    put(result, len(comm.own(rank.number)))
    return 0


def _collective(place: int) -> Callable[..., Waiting]:
    def called(world: World, rank: Rank, *arguments: Any) -> Waiting:
        return adopted(rank, meet(world, rank, communicator(arguments[0], rank.number), arguments), arguments[place])

    return called


def _dup(place: int) -> Callable[..., Waiting]:
    def called(world: World, rank: Rank, *arguments: Any) -> Waiting:
        old = communicator(arguments[0], rank.number)
        inner = adopted(rank, meet(world, rank, old, arguments), arguments[place])

        def finish() -> None:
            inner.finish()
            copy_attributes(world, rank, old, get(arguments[place]))

        return inner.ending(finish)

    return called


def _of_group(world: World, rank: Rank, comm: Any, value: Any, _tag: int, place: Any) -> Waiting:
    """Only the ranks of the group call it."""
    group, known = the_group(rank, value), communicator(comm, rank.number)
    if rank.number not in group.members:
        raise Fault(f"{rank.call} by a rank that is not in the group", kind=Kind.CALL_MATCHING)
    name = f"the group of {known.name}"
    part = world.parts.setdefault((id(known), group.members), Communicator(name, group.members))
    return adopted(rank, meet(world, rank, part, (place,)), place)


class _Copied(CollectiveRequest):
    """A copy of a communicator under way: `place` is where it goes."""

    __slots__ = ("place", "taker")

    def __init__(self, rank: Rank, meeting: Meeting, comm: Communicator, place: Any) -> None:
        super().__init__((rank.call, rank.number, rank.line), meeting, comm)
        self.place, self.taker = place, rank.made

    def store(self) -> None:
        self.taker.append(get(self.place))


def _idup(world: World, rank: Rank, comm: Any, place: Any, result: Any) -> int:
    known = communicator(comm, rank.number)
    meeting, _ = join(world, rank, known, (known, place))
    request = _Copied(rank, meeting, known, place)
    rank.requests.append(request)
    put(result, request)
    return 0


def _idup_with_info(world: World, rank: Rank, comm: Any, _info: Any, place: Any, result: Any) -> int:
    return _idup(world, rank, comm, place, result)


def _free(world: World, rank: Rank, place: Any) -> Waiting:
    comm = communicator(get(place), rank.number)
    if not comm.line:
        raise Fault(f"{comm.name} is freed", kind=Kind.INVALID_ARGUMENT)
    waiting = meet(world, rank, comm, (place,))

    def finish() -> None:
        drop_attributes(rank, comm)
        comm.freed.add(rank.number)
        put(place, NULL)

    return waiting.ending(finish)


def _compare(_world: World, rank: Rank, a: Any, b: Any, result: Any) -> int:
    one, other = communicator(a, rank.number), communicator(b, rank.number)
    if one is other:
        found = IDENT
    elif isinstance(one, Intercommunicator) != isinstance(other, Intercommunicator):
        found = UNEQUAL
    elif one.members == other.members:
        found = CONGRUENT
    else:
        found = SIMILAR if set(one.members) == set(other.members) else UNEQUAL
    put(result, found)
    return 0


def _comm_group(_world: World, rank: Rank, comm: Communicator, result: Any) -> int:
    return give_group(rank, comm.own(rank.number), result)


COMMUNICATOR_CALLS: dict[str, Callable[..., Any]] = {
    **{"MPI_Comm_rank": _rank, "MPI_Comm_size": _size, "MPI_Comm_dup": _dup(1)},
    **{"MPI_Comm_dup_with_info": _dup(2), "MPI_Comm_idup_with_info": _idup_with_info},
    **{"MPI_Comm_split": _collective(3), "MPI_Comm_split_type": _collective(4), "MPI_Comm_create": _collective(2)},
    **{"MPI_Comm_create_group": _of_group, "MPI_Comm_idup": _idup},
    **{"MPI_Comm_free": _free, "MPI_Comm_disconnect": _free, "MPI_Comm_compare": _compare},
    "MPI_Comm_group": _comm_group,
}
