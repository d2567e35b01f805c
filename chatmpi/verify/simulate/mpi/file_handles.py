"""What calls on files begin and end with: which file it is, and that all its ranks come."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chatmpi.verify.simulate.errors import Fault, Kind
from chatmpi.verify.simulate.mpi.files import OpenFile
from chatmpi.verify.simulate.mpi.world import Rank, Waiting, World, meet
from chatmpi.verify.simulate.values import NULL


def bad(rank: Rank, what: str, others: tuple[int, ...] = ()) -> Fault:
    return Fault(f"{rank.call}: {what}", kind=Kind.INVALID_ARGUMENT, others=others)


def file_of(rank: Rank, value: Any) -> OpenFile:
    if not isinstance(value, OpenFile):
        raise bad(rank, "MPI_FILE_NULL is given" if value is NULL else "what is given is no open file")
    if rank.number in value.closed:
        raise bad(rank, "the file was closed before", (value.line,))
    return value


def together(world: World, rank: Rank, file: OpenFile, then: Callable[[], Any], given: tuple[Any, ...]) -> Waiting:
    """A call that all ranks of a file make; `given` has to be the same for all."""
    return meet(world, rank, file.comm, given).ending(then)


def check_ended(file: OpenFile, rank: Rank) -> None:
    begun = file.split.get(rank.number)
    if begun is not None:
        raise Fault(f"{begun[0]} is never ended", begun[1], kind=Kind.REQUEST, others=(rank.line,))
