"""Communicators between two groups."""

from __future__ import annotations

from chatmpi.verify.simulate.mpi.communicators import Communicator

ROOT = -32104  # MPI_ROOT


class Intercommunicator(Communicator):
    """Two groups: a member has its rank in its own, and messages and roots name ranks of the other. The members are
    those of both, in this order."""

    __slots__ = ("groups",)

    def __init__(self, name: str, groups: tuple[tuple[int, ...], tuple[int, ...]], line: int) -> None:
        super().__init__(name, groups[0] + groups[1], line)
        self.groups = groups

    def side(self, world_rank: int) -> int:
        return 0 if world_rank in self.groups[0] else 1

    def own(self, world_rank: int) -> tuple[int, ...]:
        return self.groups[self.side(world_rank)]

    def peers(self, world_rank: int) -> tuple[int, ...]:
        return self.groups[1 - self.side(world_rank)]
