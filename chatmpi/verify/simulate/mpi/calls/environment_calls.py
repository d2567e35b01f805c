"""MPI's environment: start and end, time, names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chatmpi.verify.simulate.errors import Abort, Fault, Kind
from chatmpi.verify.simulate.memory import codes, typed
from chatmpi.verify.simulate.mpi.access import put, put_all
from chatmpi.verify.simulate.mpi.calls.window_calls import check_closed
from chatmpi.verify.simulate.mpi.guards import Hold, guard, release
from chatmpi.verify.simulate.mpi.leaks import left_by, unfinished
from chatmpi.verify.simulate.mpi.windows import Window
from chatmpi.verify.simulate.mpi.world import Rank, Waiting, World, meet
from chatmpi.verify.simulate.values import STATUS_IGNORE, Layout, Object


def _init(_world: World, rank: Rank, *arguments: Any) -> int:
    if rank.initialised:
        raise Fault("MPI_Init is called twice", kind=Kind.CALL_MATCHING)
    rank.initialised = True
    if len(arguments) == 4:
        put(arguments[3], arguments[2])
    return 0


def _finalize(world: World, rank: Rank) -> Waiting:
    fault = unfinished(rank)
    if fault is not None:
        raise fault
    for made in rank.made:
        if isinstance(made, Window) and rank.number not in made.freed:
            check_closed(made, rank)
    waiting = meet(world, rank, world.world, ())

    def finish() -> None:
        world.left += left_by(rank)
        rank.finalised = True
        take_back(rank)

    return waiting.ending(finish)


def _abort(_world: World, _rank: Rank, _comm: Any, status: int) -> int:
    raise Abort(status % 256)


def _flag(value: Callable[[Rank], bool]) -> Callable[..., int]:
    def flag(_world: World, rank: Rank, result: Any) -> int:
        put(result, int(value(rank)))
        return 0

    return flag


def _number(value: int) -> Callable[..., int]:
    def number(_world: World, _rank: Rank, result: Any) -> int:
        put(result, value)
        return 0

    return number


def _wtime(_world: World, rank: Rank) -> Any:
    return rank.process.now()


def _text(text: str) -> Callable[..., int]:
    def named(_world: World, _rank: Rank, *arguments: Any) -> int:
        put_all(arguments[-2], codes(text))
        put(arguments[-1], len(text))
        return 0

    return named


def _version(_world: World, _rank: Rank, version: Any, minor: Any) -> int:
    put(version, 3)
    put(minor, 1)
    return 0


def _alloc(_world: World, rank: Rank, size: int, _info: Any, result: Any, layout: Layout | None = None) -> int:
    memory = rank.process.allocated(size)
    put(result, typed(memory, layout) if layout else memory)
    return 0


def _free(_world: World, rank: Rank, pointer: Any) -> int:
    rank.process.freed(pointer)
    return 0


def _attach(_world: World, rank: Rank, pointer: Any, size: int) -> int:
    if rank.attached is not None:
        raise Fault("a second buffer is attached", kind=Kind.CALL_MATCHING)
    if isinstance(pointer, tuple) and isinstance(pointer[0], Object) and pointer[0].state == "live":
        rank.lent = Hold(pointer[0], frozenset(), False, "MPI_Buffer_attach", rank.line)
        guard(rank.lent)
    rank.attached = (pointer, size + 0)
    return 0


def _holds_pointers(pointer: Any) -> bool:
    target = pointer[0] if isinstance(pointer, tuple) else None
    return isinstance(target, Object) and target.layout is not None and target.layout.kinds == ("pointer",)


def _detach(_world: World, rank: Rank, pointer: Any, size: Any) -> int:
    if rank.attached is None:
        raise Fault("no buffer is attached", kind=Kind.CALL_MATCHING)
    if _holds_pointers(pointer):
        put(pointer, rank.attached[0])
    if size is not STATUS_IGNORE:
        put(size, rank.attached[1])
    rank.attached = None
    take_back(rank)
    return 0


def take_back(rank: Rank) -> None:
    """The memory for buffered sends is the program's own again."""
    if rank.lent is not None:
        release(rank.lent)
    rank.lent = None


ENVIRONMENT_CALLS: dict[str, Callable[..., Any]] = {
    **{"MPI_Init": _init, "MPI_Init_thread": _init, "MPI_Finalize": _finalize, "MPI_Abort": _abort},
    **{"MPI_Initialized": _flag(lambda r: r.initialised), "MPI_Finalized": _flag(lambda r: r.finalised)},
    **{"MPI_Is_thread_main": _flag(lambda _: True), "MPI_Query_thread": _number(0)},
    **{"MPI_Wtime": _wtime, "MPI_Wtick": _wtime, "MPI_Get_version": _version},
    **{"MPI_Get_processor_name": _text("node"), "MPI_Error_string": _text("an error")},
    "MPI_Get_library_version": _text("a library"),
    **{"MPI_Alloc_mem": _alloc, "MPI_Free_mem": _free, "MPI_Buffer_attach": _attach, "MPI_Buffer_detach": _detach},
}
