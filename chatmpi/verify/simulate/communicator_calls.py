"""Communicators and groups."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chatmpi.verify.simulate.access import array, get, put, put_all
from chatmpi.verify.simulate.arguments import communicator
from chatmpi.verify.simulate.attribute_calls import copy_attributes, drop_attributes
from chatmpi.verify.simulate.collective_calls import CollectiveRequest
from chatmpi.verify.simulate.communicators import Communicator, Group, Meeting
from chatmpi.verify.simulate.errors import Fault, Kind
from chatmpi.verify.simulate.intercommunicators import Intercommunicator
from chatmpi.verify.simulate.values import NULL
from chatmpi.verify.simulate.world import Rank, Waiting, World, join, meet

_UNDEFINED = -32766
_IDENT, _CONGRUENT, _SIMILAR, _UNEQUAL = range(4)


def adopted(rank: Rank, waiting: Waiting, place: Any) -> Waiting:
    """After a collective that makes a communicator: the rank has what was stored at `place`."""

    def finish() -> int:
        waiting.finish()
        made = get(place)
        if isinstance(made, Communicator):
            rank.made.append(made)
        return 0

    return Waiting(waiting.ready, finish, waiting.about, meeting=waiting.meeting)


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

        def finish() -> int:
            inner.finish()
            copy_attributes(world, rank, old, get(arguments[place]))
            return 0

        return Waiting(inner.ready, finish, inner.about, meeting=inner.meeting)

    return called


def _of_group(world: World, rank: Rank, comm: Any, value: Any, _tag: int, place: Any) -> Waiting:
    """Only the ranks of the group call it."""
    group, known = _group(value), communicator(comm, rank.number)
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

    def finish() -> int:
        drop_attributes(rank, comm)
        comm.freed.add(rank.number)
        put(place, NULL)
        return 0

    return Waiting(waiting.ready, finish, waiting.about, meeting=waiting.meeting)


def _compare(_world: World, rank: Rank, a: Any, b: Any, result: Any) -> int:
    one, other = communicator(a, rank.number), communicator(b, rank.number)
    if one is other:
        found = _IDENT
    elif isinstance(one, Intercommunicator) != isinstance(other, Intercommunicator):
        found = _UNEQUAL
    elif one.members == other.members:
        found = _CONGRUENT
    else:
        found = _SIMILAR if set(one.members) == set(other.members) else _UNEQUAL
    put(result, found)
    return 0


# ---------------------------------------------------------------------------------------------- groups


def _made(rank: Rank, members: tuple[int, ...], result: Any) -> int:
    group = Group(members, rank.line)
    rank.made.append(group)
    put(result, group)
    return 0


def _group(value: Any) -> Group:
    if not isinstance(value, Group) or value.freed:
        raise Fault("what is given as a group is none", kind=Kind.INVALID_ARGUMENT)
    return value


def _comm_group(_world: World, rank: Rank, comm: Communicator, result: Any) -> int:
    return _made(rank, comm.own(rank.number), result)


def _chosen(group: Group, count: int, ranks: Any) -> list[int]:
    found = array(ranks, count)
    for r in found:
        if not 0 <= r < len(group.members) or found.count(r) > 1:
            message = f"the rank {r} is not one of the {len(group.members)} of a group, or is given twice"
            raise Fault(message, kind=Kind.INVALID_ARGUMENT)
    return found


def _incl(_world: World, rank: Rank, value: Any, count: int, ranks: Any, result: Any) -> int:
    group = _group(value)
    return _made(rank, tuple(group.members[r] for r in _chosen(group, count, ranks)), result)


def _excl(_world: World, rank: Rank, value: Any, count: int, ranks: Any, result: Any) -> int:
    group = _group(value)
    without = set(_chosen(group, count, ranks))
    return _made(rank, tuple(m for r, m in enumerate(group.members) if r not in without), result)


def _in_ranges(group: Group, count: int, ranges: Any) -> list[int]:
    found: list[int] = []
    triples = array(ranges, 3 * count)
    for k in range(count):
        first, last, step = triples[3 * k : 3 * k + 3]
        if step == 0:
            raise Fault("a range of ranks has the stride 0", kind=Kind.INVALID_ARGUMENT)
        found += list(range(first, last + (1 if step > 0 else -1), step))
    if any(not 0 <= r < len(group.members) for r in found) or len(set(found)) < len(found):
        raise Fault("a range of ranks is not in the group, or has one twice", kind=Kind.INVALID_ARGUMENT)
    return found


def _range_incl(_world: World, rank: Rank, value: Any, count: int, ranges: Any, result: Any) -> int:
    group = _group(value)
    return _made(rank, tuple(group.members[r] for r in _in_ranges(group, count, ranges)), result)


def _range_excl(world: World, rank: Rank, value: Any, count: int, ranges: Any, result: Any) -> int:
    group = _group(value)
    without = {group.members[r] for r in _in_ranges(group, count, ranges)}
    return _made(rank, tuple(m for m in group.members if m not in without), result)


def _of_two(combine: Callable[[tuple[int, ...], tuple[int, ...]], list[int]]) -> Callable[..., int]:
    def of_two(_world: World, rank: Rank, a: Any, b: Any, result: Any) -> int:
        return _made(rank, tuple(combine(_group(a).members, _group(b).members)), result)

    return of_two


def _group_size(_world: World, _rank: Rank, group: Any, result: Any) -> int:
    put(result, len(_group(group).members))
    return 0


def _group_rank(_world: World, rank: Rank, group: Any, result: Any) -> int:
    members = _group(group).members
    put(result, members.index(rank.number) if rank.number in members else _UNDEFINED)
    return 0


def _translate(_world: World, _rank: Rank, a: Any, count: int, ranks: Any, b: Any, result: Any) -> int:
    one, other = _group(a).members, _group(b).members
    found = [one[r] for r in array(ranks, count)]
    put_all(result, [other.index(m) if m in other else _UNDEFINED for m in found])
    return 0


def _group_compare(_world: World, _rank: Rank, a: Any, b: Any, result: Any) -> int:
    one, other = _group(a).members, _group(b).members
    put(result, _IDENT if one == other else _SIMILAR if set(one) == set(other) else _UNEQUAL)
    return 0


def _group_free(_world: World, _rank: Rank, place: Any) -> int:
    _group(get(place)).freed = True
    put(place, NULL)
    return 0


COMMUNICATOR_CALLS: dict[str, Callable[..., Any]] = {
    **{"MPI_Comm_rank": _rank, "MPI_Comm_size": _size, "MPI_Comm_dup": _dup(1)},
    **{"MPI_Comm_dup_with_info": _dup(2), "MPI_Comm_idup_with_info": _idup_with_info},
    **{"MPI_Comm_split": _collective(3), "MPI_Comm_split_type": _collective(4), "MPI_Comm_create": _collective(2)},
    **{"MPI_Comm_create_group": _of_group, "MPI_Comm_idup": _idup},
    **{"MPI_Comm_free": _free, "MPI_Comm_disconnect": _free, "MPI_Comm_compare": _compare},
    **{"MPI_Comm_group": _comm_group, "MPI_Group_incl": _incl},
    **{"MPI_Group_excl": _excl, "MPI_Group_range_incl": _range_incl, "MPI_Group_range_excl": _range_excl},
    **{"MPI_Group_size": _group_size},
    "MPI_Group_union": _of_two(lambda a, b: [*a, *(m for m in b if m not in a)]),
    "MPI_Group_intersection": _of_two(lambda a, b: [m for m in a if m in b]),
    "MPI_Group_difference": _of_two(lambda a, b: [m for m in a if m not in b]),
    **{"MPI_Group_rank": _group_rank, "MPI_Group_translate_ranks": _translate},
    **{"MPI_Group_compare": _group_compare, "MPI_Group_free": _group_free},
}
