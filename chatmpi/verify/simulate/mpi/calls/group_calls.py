"""Groups: ordered sets of ranks, made from communicators, windows, files, and from each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chatmpi.verify.simulate.errors import Fault, Kind
from chatmpi.verify.simulate.mpi.access import array, get, put, put_all
from chatmpi.verify.simulate.mpi.communicators import Group
from chatmpi.verify.simulate.mpi.world import Rank, World
from chatmpi.verify.simulate.values import NULL

# As headers/mpi/mpi.h numbers them.
_UNDEFINED = -32766
IDENT, CONGRUENT, SIMILAR, UNEQUAL = range(4)


def give_group(rank: Rank, members: tuple[int, ...], place: Any) -> int:
    """Make a group of ranks in MPI_COMM_WORLD, which the rank has to free."""
    made = Group(members, rank.line)
    rank.made.append(made)
    put(place, made)
    return 0


def the_group(rank: Rank, value: Any) -> Group:
    if not isinstance(value, Group) or value.freed:
        raise Fault(f"{rank.call}: what is given as a group is none", kind=Kind.INVALID_ARGUMENT)
    return value


def _listed(group: Group, count: int, ranks: Any) -> list[int]:
    found = array(ranks, count)
    for r in found:
        if not 0 <= r < len(group.members) or found.count(r) > 1:
            message = f"the rank {r} is not one of the {len(group.members)} of a group, or is given twice"
            raise Fault(message, kind=Kind.INVALID_ARGUMENT)
    return found


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


def _part(chosen: Callable[[Group, int, Any], list[int]], of_others: bool = False) -> Callable[..., int]:
    """A group of those of another that are chosen, in that order, or of those that are not."""

    def part(_world: World, rank: Rank, value: Any, count: int, which: Any, result: Any) -> int:
        group = the_group(rank, value)
        wanted = chosen(group, count, which)
        if of_others:
            wanted = [r for r in range(len(group.members)) if r not in wanted]
        return give_group(rank, tuple(group.members[r] for r in wanted), result)

    return part


def _of_two(combine: Callable[[tuple[int, ...], tuple[int, ...]], list[int]]) -> Callable[..., int]:
    def of_two(_world: World, rank: Rank, a: Any, b: Any, result: Any) -> int:
        return give_group(rank, tuple(combine(the_group(rank, a).members, the_group(rank, b).members)), result)

    return of_two


def _size(_world: World, rank: Rank, group: Any, result: Any) -> int:
    put(result, len(the_group(rank, group).members))
    return 0


def _rank(_world: World, rank: Rank, group: Any, result: Any) -> int:
    members = the_group(rank, group).members
    put(result, members.index(rank.number) if rank.number in members else _UNDEFINED)
    return 0


def _translate(_world: World, rank: Rank, a: Any, count: int, ranks: Any, b: Any, result: Any) -> int:
    one, other = the_group(rank, a).members, the_group(rank, b).members
    found = [one[r] for r in array(ranks, count)]
    put_all(result, [other.index(m) if m in other else _UNDEFINED for m in found])
    return 0


def _compare(_world: World, rank: Rank, a: Any, b: Any, result: Any) -> int:
    one, other = the_group(rank, a).members, the_group(rank, b).members
    put(result, IDENT if one == other else SIMILAR if set(one) == set(other) else UNEQUAL)
    return 0


def _free(_world: World, rank: Rank, place: Any) -> int:
    the_group(rank, get(place)).freed = True
    put(place, NULL)
    return 0


GROUP_CALLS: dict[str, Callable[..., Any]] = {
    **{"MPI_Group_incl": _part(_listed), "MPI_Group_excl": _part(_listed, of_others=True)},
    **{"MPI_Group_range_incl": _part(_in_ranges), "MPI_Group_range_excl": _part(_in_ranges, of_others=True)},
    "MPI_Group_union": _of_two(lambda a, b: [*a, *(m for m in b if m not in a)]),
    "MPI_Group_intersection": _of_two(lambda a, b: [m for m in a if m in b]),
    "MPI_Group_difference": _of_two(lambda a, b: [m for m in a if m not in b]),
    **{"MPI_Group_size": _size, "MPI_Group_rank": _rank, "MPI_Group_translate_ranks": _translate},
    **{"MPI_Group_compare": _compare, "MPI_Group_free": _free},
}
