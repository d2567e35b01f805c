"""Error handlers, hints and attributes: objects that a correct program computes nothing with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chatmpi.verify.simulate.access import get, put
from chatmpi.verify.simulate.arguments import communicator
from chatmpi.verify.simulate.errors import Fault, Kind, Unsupported
from chatmpi.verify.simulate.intercommunicators import Intercommunicator
from chatmpi.verify.simulate.values import NULL, Handle, Layout, Object
from chatmpi.verify.simulate.world import Rank, World

_TAG_UB, _LARGEST_TAG = 0, 2**31 - 1
_INT = Layout("int", 4, ("int",), (0,), [0])


class Made(Handle):
    """An error handler or hints of the program's own; `line` where."""

    __slots__ = ("freed", "line")

    def __init__(self, name: str, line: int) -> None:
        super().__init__(name)
        self.line, self.freed = line, False


def _create(what: str, at: int) -> Callable[..., int]:
    def create(_world: World, rank: Rank, *arguments: Any) -> int:
        made = Made(f"{what} of line {rank.line}", rank.line)
        rank.made.append(made)
        put(arguments[at], made)
        return 0

    return create


def _free(_world: World, rank: Rank, place: Any) -> int:
    made = get(place)
    if not isinstance(made, Handle):
        raise Fault(f"{rank.call} of what is not there", kind=Kind.INVALID_ARGUMENT)
    if isinstance(made, Made):
        if made.freed:
            raise Fault(f"{rank.call} of what was freed before", kind=Kind.INVALID_ARGUMENT)
        made.freed = True
    put(place, NULL)
    return 0


def _get_errhandler(world: World, rank: Rank, comm: Any, result: Any) -> int:
    communicator(comm, rank.number)
    put(result, world.names["X_MPI_ERRORS_ARE_FATAL"])
    return 0


def _set_errhandler(_world: World, rank: Rank, comm: Any, handler: Any) -> int:
    communicator(comm, rank.number)
    if isinstance(handler, Made):
        raise Unsupported("an error handler of the program's own")
    if not isinstance(handler, Handle):
        raise Fault("MPI_Comm_set_errhandler: what is given is no error handler", kind=Kind.INVALID_ARGUMENT)
    return 0


def _nothing(_world: World, _rank: Rank, *_: Any) -> int:
    return 0


def _get_attr(_world: World, rank: Rank, comm: Any, key: int, value: Any, flag: Any) -> int:
    communicator(comm, rank.number)
    if key != _TAG_UB:
        raise Unsupported("attributes of communicators")
    put(value, (Object([_LARGEST_TAG], _INT, "MPI_TAG_UB", 4), 0))
    put(flag, 1)
    return 0


def _test_inter(_world: World, rank: Rank, comm: Any, flag: Any) -> int:
    put(flag, int(isinstance(communicator(comm, rank.number), Intercommunicator)))
    return 0


def _error_class(_world: World, _rank: Rank, code: int, result: Any) -> int:
    put(result, code)
    return 0


HANDLE_CALLS: dict[str, Callable[..., Any]] = {
    **{"MPI_Info_create": _create("the hints", 0), "MPI_Info_set": _nothing, "MPI_Info_free": _free},
    "MPI_Comm_create_errhandler": _create("the error handler", 1),
    **{"MPI_Comm_get_errhandler": _get_errhandler, "MPI_Comm_set_errhandler": _set_errhandler},
    **{"MPI_Errhandler_free": _free, "MPI_Comm_get_attr": _get_attr, "MPI_Comm_test_inter": _test_inter},
    **{"MPI_Error_class": _error_class, "MPI_Pcontrol": _nothing},
}
