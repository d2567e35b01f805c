"""Communicators, and the collective calls that are under way in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from chatmpi.verify.simulate.values import Handle


@dataclass
class Call:
    """One rank's part in a collective: `rank` in the communicator, `world_rank` in MPI_COMM_WORLD."""

    name: str
    line: int
    rank: int
    world_rank: int
    arguments: tuple[Any, ...]
    result: Any = 0


@dataclass
class Meeting:
    """A collective call: who has come, by rank in the communicator; `over` once it is carried out."""

    calls: dict[int, Call] = field(default_factory=dict)
    over: bool = False

    def in_order(self) -> list[Call]:
        return [self.calls[r] for r in sorted(self.calls)]


class Communicator(Handle):
    """`members` are ranks in MPI_COMM_WORLD; each member holds the same object. `topology` is Cartesian or None."""

    __slots__ = ("freed", "meeting", "members", "topology")

    def __init__(self, name: str, members: tuple[int, ...]) -> None:
        super().__init__(name)
        self.members = members
        self.meeting = Meeting()
        self.topology: Topology | None = None
        self.freed: set[int] = set()

    def rank_of(self, world_rank: int) -> int:
        return self.members.index(world_rank)


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
