"""Error handlers and codes: what a correct program computes nothing with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chatmpi.verify.simulate.errors import Fault, Kind
from chatmpi.verify.simulate.mpi.access import get, put
from chatmpi.verify.simulate.mpi.arguments import communicator
from chatmpi.verify.simulate.mpi.intercommunicators import Intercommunicator
from chatmpi.verify.simulate.mpi.world import Rank, World
from chatmpi.verify.simulate.values import NULL, Handle

_LARGEST_CODE = 255


class Made(Handle):
    """An error handler of the program's own; `line` where it was made."""

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


def _get_errhandler(world: World, _rank: Rank, _handle: Any, result: Any) -> int:
    put(result, world.names["X_MPI_ERRORS_ARE_FATAL"])
    return 0


def _set_errhandler(_world: World, rank: Rank, handle: Any, handler: Any) -> int:
    """It is never called: an error is a fault."""
    if not isinstance(handle, Handle):
        raise Fault(f"{rank.call} of what is not there", kind=Kind.INVALID_ARGUMENT)
    if not isinstance(handler, Handle) or (isinstance(handler, Made) and handler.freed):
        raise Fault(f"{rank.call}: what is given is no error handler", kind=Kind.INVALID_ARGUMENT)
    return 0


def _nothing(_world: World, _rank: Rank, *_: Any) -> int:
    return 0


def _test_inter(_world: World, rank: Rank, comm: Any, flag: Any) -> int:
    put(flag, int(isinstance(communicator(comm, rank.number), Intercommunicator)))
    return 0


def _error_class(_world: World, _rank: Rank, code: int, result: Any) -> int:
    put(result, code)
    return 0


def _next_code(_world: World, rank: Rank, *arguments: Any) -> int:
    rank.error_codes += 1
    put(arguments[-1], _LARGEST_CODE + rank.error_codes)
    return 0


_OWNERS = ("Comm", "Win", "File")
HANDLE_CALLS: dict[str, Callable[..., Any]] = {
    **{f"MPI_{of}_create_errhandler": _create("the error handler", 1) for of in _OWNERS},
    **{f"MPI_{of}_get_errhandler": _get_errhandler for of in _OWNERS},
    **{f"MPI_{of}_set_errhandler": _set_errhandler for of in _OWNERS},
    **{"MPI_Errhandler_free": _free, "MPI_Comm_test_inter": _test_inter},
    **{"MPI_Error_class": _error_class, "MPI_Pcontrol": _nothing, "MPI_Add_error_string": _nothing},
    **{"MPI_Add_error_class": _next_code, "MPI_Add_error_code": _next_code},
}
