"""What happened before what: a vector clock of each rank (F. Mattern: Virtual time and global states of distributed
systems, 1989).

An event of a rank has that rank's own count as its stamp; another rank knows of it once its clock has come as far,
through messages and collectives.
"""

from __future__ import annotations

from collections.abc import Iterable

Clock = list[int]


class Clocks:
    def __init__(self, ranks: int) -> None:
        self._of = [[int(k == r) for k in range(ranks)] for r in range(ranks)]

    def stamp(self, rank: int) -> int:
        return self._of[rank][rank]

    def knows(self, rank: int, other: int, stamp: int) -> bool:
        """Whether an event of another rank is before what the rank does now."""
        return self._of[rank][other] >= stamp

    def gives(self, rank: int) -> Clock:
        """What a rank tells of itself; what it does from now on is later."""
        given = self._of[rank].copy()
        self._of[rank][rank] += 1
        return given

    def takes(self, rank: int, given: Iterable[Clock]) -> None:
        """What a rank is told is before what it does from now on."""
        own = self._of[rank]
        for clock in given:
            for k, count in enumerate(clock):
                if count > own[k]:
                    own[k] = count


# Of collectives that not all ranks wait in, those whose clock a rank gets: given its place, and the root's (or -1).
_FROM_ROOT = frozenset({"MPI_Bcast", "MPI_Scatter", "MPI_Scatterv"})
_TO_ROOT = frozenset({"MPI_Reduce", "MPI_Gather", "MPI_Gatherv"})
_UPWARDS = frozenset({"MPI_Scan", "MPI_Exscan"})
ROOT_AT = {
    **{"MPI_Bcast": 3, "MPI_Scatter": 6, "MPI_Scatterv": 7, "MPI_Reduce": 5, "MPI_Gather": 6, "MPI_Gatherv": 7},
}


def heard(name: str, root: int, rank: int, ranks: Iterable[int]) -> list[int]:
    """Which ranks of a collective have come for certain when a rank leaves it."""
    if name in _FROM_ROOT:
        return [root]
    if name in _TO_ROOT:
        return list(ranks) if rank == root else []
    if name in _UPWARDS:
        return [r for r in ranks if r <= rank]
    return list(ranks)
