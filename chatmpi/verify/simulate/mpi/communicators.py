"""Communicators, and the collective calls that are under way in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from chatmpi.verify.simulate.values import Handle


@dataclass(slots=True)
class Call:
    """One rank's part in a collective: `rank` in the communicator (of two groups: its seat), `world_rank` in
    MPI_COMM_WORLD; the request, if it does not block."""

    name: str
    line: int
    rank: int
    world_rank: int
    arguments: tuple[Any, ...]
    comm: Communicator
    request: Any = None
    clock: Any = None


@dataclass(slots=True, eq=False)
class Meeting:
    """A collective call: who has come, by rank in the communicator; `over` once it is carried out. If it is one that is
    prepared only, `starts` are those that follow; `result` is what it gives to all."""

    calls: dict[int, Call] = field(default_factory=dict)
    over: bool = False
    starts: list[Meeting] = field(default_factory=list)
    result: Any = None

    def missing(self, comm: Communicator) -> list[int]:
        """The ranks in MPI_COMM_WORLD that have not come."""
        return [m for r, m in enumerate(comm.members) if r not in self.calls]

    def in_order(self) -> list[Call]:
        return [self.calls[r] for r in sorted(self.calls)]


class Communicator(Handle):
    """`members` are ranks in MPI_COMM_WORLD; each member holds the same object. `topology` is a grid, `graph` another
    one, if it has any.

    `freed`: the ranks that freed it; `line`: where it was made, 0 for predefined ones. A rank's k-th collective call
    belongs to the k-th of all others.
    """

    __slots__ = ("_calls", "_meetings", "freed", "graph", "is_world", "line", "members", "synchronised", "topology")

    def __init__(self, name: str, members: tuple[int, ...], line: int = 0, is_world: bool = False) -> None:
        super().__init__(name)
        self.members, self.line, self.is_world = members, line, is_world
        self._calls = dict.fromkeys(members, 0)
        self._meetings: dict[int, Meeting] = {}
        self.topology: Topology | None = None
        self.graph: Graph | None = None
        self.freed: set[int] = set()
        self.synchronised = 0  # how many messages had been posted when last all ranks came to a collective call

    def next_meeting(self, world_rank: int) -> Meeting:
        """The collective that this rank's next collective call belongs to."""
        number = self._calls[world_rank]
        self._calls[world_rank] += 1
        meeting = self._meetings.get(number)
        if meeting is None:
            meeting = self._meetings[number] = Meeting()
        if len(meeting.calls) == len(self.members) - 1:
            del self._meetings[number]
        return meeting

    def seat(self, world_rank: int) -> int:
        """Where a member stands among all that take part in collective calls."""
        return self.members.index(world_rank)

    def own(self, _world_rank: int) -> tuple[int, ...]:
        """The group in which a member has its rank."""
        return self.members

    def peers(self, _world_rank: int) -> tuple[int, ...]:
        """The group whose ranks a member's messages and roots name."""
        return self.members

    def rank_of(self, world_rank: int) -> int:
        return self.own(world_rank).index(world_rank)


class Group(Handle):
    """`members` are ranks in MPI_COMM_WORLD, in order."""

    __slots__ = ("freed", "line", "members")

    def __init__(self, members: tuple[int, ...], line: int) -> None:
        super().__init__(f"the group of line {line}")
        self.members, self.line, self.freed = members, line, False


@dataclass(frozen=True)
class Graph:
    """Of each rank, those that its edges come from and lead to."""

    sources: tuple[tuple[int, ...], ...]
    targets: tuple[tuple[int, ...], ...]
    is_distributed: bool = False


@dataclass(frozen=True)
class Topology:
    """A Cartesian grid: extents and which dimensions are periodic, the last varying fastest."""

    dims: tuple[int, ...]
    periodic: tuple[bool, ...]

    def coordinates(self, rank: int) -> tuple[int, ...]:
        found = []
        for extent in reversed(self.dims):
            found.append(rank % extent)
            rank //= extent
        return tuple(reversed(found))

    def rank(self, coordinates: tuple[int, ...]) -> int | None:
        """None where a coordinate is outside of a dimension that is not periodic."""
        rank = 0
        for c, extent, periodic in zip(coordinates, self.dims, self.periodic, strict=True):
            if not 0 <= c < extent:
                if not periodic:
                    return None
                c %= extent
            rank = rank * extent + c
        return rank
