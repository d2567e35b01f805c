"""Sessions: a part of a program that uses MPI without MPI_Init."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chatmpi.verify.simulate.errors import Fault, Kind, Unsupported
from chatmpi.verify.simulate.memory import string_at
from chatmpi.verify.simulate.mpi.access import get, put
from chatmpi.verify.simulate.mpi.calls.communicator_calls import adopted
from chatmpi.verify.simulate.mpi.calls.group_calls import give_group, the_group
from chatmpi.verify.simulate.mpi.communicators import Communicator
from chatmpi.verify.simulate.mpi.world import Rank, Waiting, World, meet
from chatmpi.verify.simulate.values import NULL, Handle


class Session(Handle):
    """`line`: where it was begun."""

    __slots__ = ("freed", "line")

    def __init__(self, line: int) -> None:
        super().__init__(f"the session of line {line}")
        self.line, self.freed = line, False


def _init(_world: World, rank: Rank, _info: Any, _handler: Any, place: Any) -> int:
    made = Session(rank.line)
    rank.sessions.append(made)
    put(place, made)
    return 0


def _of(rank: Rank, value: Any) -> Session:
    if not isinstance(value, Session) or value.freed:
        raise Fault(f"{rank.call} of what is no session", kind=Kind.INVALID_ARGUMENT)
    return value


def _finalize(_world: World, rank: Rank, place: Any) -> int:
    _of(rank, get(place)).freed = True
    put(place, NULL)
    return 0


def _group(world: World, rank: Rank, session: Any, name: Any, place: Any) -> int:
    _of(rank, session)
    known = {"mpi://WORLD": world.world.members, "mpi://SELF": (rank.number,)}
    text = string_at(name)
    if text not in known:
        raise Unsupported(f"the process set {text}")
    return give_group(rank, known[text], place)


def _comm(world: World, rank: Rank, group: Any, tag: Any, _info: Any, _handler: Any, place: Any) -> Waiting:
    members = the_group(rank, group).members
    name = f"the group of {string_at(tag)}"
    part = world.parts.setdefault((hash(name), members), Communicator(name, members))
    return adopted(rank, meet(world, rank, part, (place,)), place)


SESSION_CALLS: dict[str, Callable[..., Any]] = {
    **{"MPI_Session_init": _init, "MPI_Session_finalize": _finalize, "MPI_Group_from_session_pset": _group},
    "MPI_Comm_create_from_group": _comm,
}
