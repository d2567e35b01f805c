"""One-sided communication: windows and the calls that open and close epochs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chatmpi.verify.simulate.errors import Fault, Kind
from chatmpi.verify.simulate.memory import allocated, typed
from chatmpi.verify.simulate.mpi.access import get, put
from chatmpi.verify.simulate.mpi.arguments import communicator
from chatmpi.verify.simulate.mpi.calls.group_calls import give_group, the_group
from chatmpi.verify.simulate.mpi.requests import PROC_NULL
from chatmpi.verify.simulate.mpi.windows import EXCLUSIVE, SHARED, Attached, Epochs, Exposed, Window
from chatmpi.verify.simulate.mpi.world import Rank, Waiting, World, meet
from chatmpi.verify.simulate.values import NULL

_NO_PRECEDE, _NO_SUCCEED = 2, 16
_EXCLUSIVE, _SHARED = 1, 2


def window_of(value: Any, rank: Rank) -> Window:
    if not isinstance(value, Window):
        value_is = "MPI_WIN_NULL" if value is NULL else "something that is none"
        raise Fault(f"{rank.call}: {value_is} is used as a window", kind=Kind.INVALID_ARGUMENT)
    if rank.number in value.freed:
        raise Fault(f"{rank.call}: a window is used after MPI_Win_free", kind=Kind.INVALID_ARGUMENT)
    return value


def _adopted(world: World, rank: Rank, waiting: Waiting, place: Any) -> Waiting:
    def finish() -> None:
        made = get(place)
        rank.made.append(made)
        if made not in world.windows:
            made.clocks, made.choices = world.clocks(), world.choices
            world.windows.append(made)

    return waiting.ending(finish)


def _exposed(rank: Rank, base: Any, size: int, unit: int) -> Exposed:
    if size + 0 < 0:
        raise Fault(f"{rank.call}: the size {size} is negative", kind=Kind.INVALID_ARGUMENT)
    if unit + 0 <= 0:
        raise Fault(f"{rank.call}: the displacement unit {unit} is not positive", kind=Kind.INVALID_ARGUMENT)
    if size and base is NULL:
        raise Fault(f"{rank.call}: a null pointer is given for {size} bytes", kind=Kind.INVALID_ARGUMENT)
    if size and base[0].size and base[0].state == "live" and size > base[0].size:
        message = f"{rank.call}: a window of {size} bytes of memory that has {base[0].size}"
        raise Fault(message, kind=Kind.INVALID_ARGUMENT)
    return Exposed(base, size + 0, unit + 0)


def _create(world: World, rank: Rank, base: Any, size: int, unit: int, _info: Any, comm: Any, place: Any) -> Waiting:
    known = communicator(comm, rank.number)
    return _adopted(world, rank, meet(world, rank, known, (_exposed(rank, base, size, unit), place)), place)


def _allocate(world: World, rank: Rank, size: int, unit: int, *others: Any) -> Waiting:
    _info, comm, base, place, *layout = others
    known = communicator(comm, rank.number)
    memory = allocated(size + 0, False)
    if layout:
        memory = typed(memory, layout[0])
    put(base, memory)
    return _adopted(world, rank, meet(world, rank, known, (_exposed(rank, memory, size, unit), place)), place)


def _allocate_shared(world: World, rank: Rank, size: int, unit: int, *others: Any) -> Waiting:
    _info, comm, base, place, *layout = others
    if size + 0 < 0 or unit + 0 <= 0:
        raise Fault(f"{rank.call}: {size} bytes in units of {unit}", kind=Kind.INVALID_ARGUMENT)
    given = (size + 0, unit + 0, layout[0] if layout else None, base, place, lambda: world.running)
    return _adopted(world, rank, meet(world, rank, communicator(comm, rank.number), given), place)


def _shared_query(_world: World, rank: Rank, win: Any, which: int, size: Any, unit: Any, base: Any) -> int:
    window = window_of(win, rank)
    if window.shared is None:
        raise Fault(f"{rank.call} of a window that is not shared", kind=Kind.INVALID_ARGUMENT)
    if which == PROC_NULL:
        which = next((r for r, e in sorted(window.exposed.items()) if e.size), 0)
    _check_target(window, which, rank)
    exposed = window.exposed[which]
    put(size, exposed.size)
    put(unit, exposed.unit)
    put(base, exposed.base)
    return 0


def _create_dynamic(world: World, rank: Rank, _info: Any, comm: Any, place: Any) -> Waiting:
    return _adopted(world, rank, meet(world, rank, communicator(comm, rank.number), (place,)), place)


def _parts(window: Window, rank: Rank) -> list[Attached]:
    if window.attached is None:
        raise Fault(f"{rank.call}: memory cannot be attached to {window.name}", kind=Kind.INVALID_ARGUMENT)
    return window.attached[window.comm.rank_of(rank.number)]


def _attach(_world: World, rank: Rank, win: Any, base: Any, size: int) -> int:
    window = window_of(win, rank)
    parts, exposed = _parts(window, rank), _exposed(rank, base, size, 1)
    address = rank.process.address(base)
    for part in parts:
        if address < part.address + part.exposed.size and part.address < address + exposed.size:
            raise Fault(f"{rank.call}: the memory is attached already", kind=Kind.INVALID_ARGUMENT)
    parts.append(Attached(exposed, address))
    window.watch(window.comm.rank_of(rank.number), exposed)
    return 0


def _detach(_world: World, rank: Rank, win: Any, base: Any) -> int:
    window = window_of(win, rank)
    parts = _parts(window, rank)
    found = next((p for p in parts if p.exposed.base == base), None)
    if found is None:
        raise Fault(f"{rank.call}: the memory is not attached", kind=Kind.INVALID_ARGUMENT)
    parts.remove(found)
    window.unwatch(base[0])
    return 0


def _free(world: World, rank: Rank, place: Any) -> Waiting:
    window = window_of(get(place), rank)
    check_closed(window, rank)
    if window.comm.rank_of(rank.number) in window.gone:
        raise _epoch(f"the memory of {window.name} was freed before MPI_Win_free")
    waiting = meet(world, rank, window.comm, (window,))

    def finish() -> None:
        window.freed.add(rank.number)
        window.close()
        if window in world.windows:
            world.windows.remove(window)
        put(place, NULL)

    return waiting.ending(finish)


def check_closed(window: Window, rank: Rank) -> None:
    """Raises Fault if an epoch of the rank is open that does more than begin."""
    me = window.comm.rank_of(rank.number)
    epochs = window.epochs[me]
    for target, (_, line) in epochs.locks.items():
        raise _epoch(f"the lock of rank {target} is never released by MPI_Win_unlock", line)
    if epochs.lock_all:
        raise _epoch("MPI_Win_lock_all is never followed by MPI_Win_unlock_all", epochs.lock_all)
    if epochs.started:
        raise _epoch("MPI_Win_start is never followed by MPI_Win_complete", epochs.start_line)
    if epochs.post_line:
        raise _epoch("MPI_Win_post is never followed by MPI_Win_wait", epochs.post_line)
    for access in window.accesses:
        if access.origin == me and not access.complete:
            raise _epoch(f"the {access.call} is never completed: no fence follows", access.line)


def _epoch(message: str, line: int = 0, others: tuple[int, ...] = ()) -> Fault:
    return Fault(message, line, kind=Kind.EPOCH, others=others)


# ---------------------------------------------------------------------------------------------- fences


def _fence(world: World, rank: Rank, flags: int, win: Any) -> Waiting:
    window = window_of(win, rank)
    me = window.comm.rank_of(rank.number)
    epochs = window.epochs[me]
    if epochs.locks or epochs.lock_all:
        raise _epoch("MPI_Win_fence while a lock is held")
    if epochs.started or epochs.post_line:
        raise _epoch("MPI_Win_fence between MPI_Win_start or MPI_Win_post and their ends")
    if epochs.within and not flags & _NO_PRECEDE:  # MPI 3.1, 11.5.1: these accesses are in an epoch of the fences too
        message = f"an epoch within that of the fences of the lines {epochs.passed} and {rank.line}"
        raise _epoch(message, epochs.within, (epochs.passed, rank.line))
    inner = meet(world, rank, window.comm, (window,))

    def finish() -> None:
        epochs.let_go()
        epochs.passed = epochs.within = 0
        epochs.fence = 0 if flags & _NO_SUCCEED else rank.line

    return inner.ending(finish)


# ---------------------------------------------------------------------------------------------- locks


def _lock(world: World, rank: Rank, kind: int, target: int, _flags: int, win: Any) -> Waiting:
    window = window_of(win, rank)
    epochs = window.epochs[window.comm.rank_of(rank.number)]
    if kind not in (_EXCLUSIVE, _SHARED):
        raise Fault(f"MPI_Win_lock: {kind} is no kind of lock", kind=Kind.INVALID_ARGUMENT)
    _check_target(window, target, rank)
    if target in epochs.locks or epochs.lock_all:
        line = epochs.locks.get(target, ("", epochs.lock_all))[1]
        raise _epoch(f"MPI_Win_lock of rank {target}, which is locked already", others=(line,))
    _end_of_fence(window, epochs)

    def free() -> bool:
        held = [e.lock_of(target) for e in window.epochs if e.lock_of(target)]
        return not held or (kind == _SHARED and EXCLUSIVE not in held)

    def finish() -> int:
        epochs.locks[target] = (EXCLUSIVE if kind == _EXCLUSIVE else SHARED, rank.line)
        world.choices.step.lock(window.place(target))
        world.choices.step.is_open |= len(world.windows) > 1
        return 0

    return Waiting(lambda: False, finish, f"of rank {target}", options=lambda: int(free()), take=lambda _: None)


def _end_of_fence(window: Window, epochs: Epochs) -> None:
    """A fence may have begun an epoch that nothing happens in: then it has not."""
    me = window.epochs.index(epochs)
    if epochs.fence and not any(a.origin == me and not a.complete for a in window.accesses):
        epochs.passed, epochs.fence = epochs.fence, 0


def _check_target(window: Window, target: int, rank: Rank) -> None:
    if not 0 <= target + 0 < len(window.comm.members):
        message = f"{rank.call}: there is no rank {target} among {len(window.comm.members)}"
        raise Fault(message, kind=Kind.INVALID_ARGUMENT)


def _unlock(world: World, rank: Rank, target: int, win: Any) -> int:
    window = window_of(win, rank)
    me = window.comm.rank_of(rank.number)
    if target not in window.epochs[me].locks:
        raise _epoch(f"MPI_Win_unlock of rank {target}, which is not locked")
    window.complete(me, target)
    world.choices.step.unlock(window.place(target))
    del window.epochs[me].locks[target]
    return _happened(world)


def _lock_all(_world: World, rank: Rank, _flags: int, win: Any) -> Waiting:
    window = window_of(win, rank)
    epochs = window.epochs[window.comm.rank_of(rank.number)]
    if epochs.locks or epochs.lock_all:
        raise _epoch("MPI_Win_lock_all while a lock is held")
    _end_of_fence(window, epochs)

    def finish() -> int:
        epochs.lock_all = rank.line
        return 0

    return Waiting(lambda: not any(x == EXCLUSIVE for e in window.epochs for x, _ in e.locks.values()), finish)


def _unlock_all(world: World, rank: Rank, win: Any) -> int:
    window = window_of(win, rank)
    me = window.comm.rank_of(rank.number)
    if not window.epochs[me].lock_all:
        raise _epoch("MPI_Win_unlock_all without MPI_Win_lock_all")
    window.complete(me)
    window.epochs[me].lock_all = 0
    return _happened(world)


def _happened(world: World) -> int:
    world.polls = 0
    return 0


def _flush(every: bool, local: bool) -> Callable[..., int]:
    def flush(_world: World, rank: Rank, *arguments: Any) -> int:
        window = window_of(arguments[-1], rank)
        me = window.comm.rank_of(rank.number)
        epochs, target = window.epochs[me], None if every else arguments[0]
        if not every:
            _check_target(window, arguments[0], rank)
        if not (epochs.lock_all or (epochs.locks if every else target in epochs.locks)):
            raise _epoch(f"{rank.call} without a lock")
        if local:
            epochs.let_go(target)
        else:
            window.complete(me, target)
        return 0

    return flush


# ------------------------------------------------------------------------------------- general active target


def _group(window: Window, rank: Rank, value: Any) -> tuple[int, ...]:
    return tuple(window.comm.rank_of(m) for m in the_group(rank, value).members)


def _post(_world: World, rank: Rank, group: Any, _flags: int, win: Any) -> int:
    window = window_of(win, rank)
    epochs = window.epochs[window.comm.rank_of(rank.number)]
    if epochs.post_line:
        raise _epoch("MPI_Win_post of a window that is exposed already", others=(epochs.post_line,))
    _end_of_fence(window, epochs)
    window.forget_own(window.comm.rank_of(rank.number))
    epochs.posted, epochs.post_line = set(_group(window, rank, group)), rank.line
    epochs.tells, epochs.told = window.clocks.gives(rank.number), []
    return 0


def _start(_world: World, rank: Rank, group: Any, _flags: int, win: Any) -> Waiting:
    window = window_of(win, rank)
    me = window.comm.rank_of(rank.number)
    epochs, targets = window.epochs[me], _group(window, rank, group)
    if epochs.started:
        raise _epoch("MPI_Win_start within an epoch that MPI_Win_start began", others=(epochs.start_line,))
    if epochs.locks or epochs.lock_all:
        raise _epoch("MPI_Win_start while a lock is held")
    _end_of_fence(window, epochs)

    def finish() -> int:
        epochs.started, epochs.start_line = targets, rank.line
        window.clocks.takes(rank.number, filter(None, (window.epochs[t].tells for t in targets)))
        return 0

    def missing() -> list[int]:
        return [window.comm.members[t] for t in targets if me not in window.epochs[t].posted]

    return Waiting(lambda: not missing(), finish, "without MPI_Win_post of its targets", partners=missing)


def _complete(_world: World, rank: Rank, win: Any) -> int:
    window = window_of(win, rank)
    me = window.comm.rank_of(rank.number)
    epochs = window.epochs[me]
    if not epochs.started:
        raise _epoch("MPI_Win_complete without MPI_Win_start")
    window.complete(me)
    given = window.clocks.gives(rank.number)
    for target in epochs.started:
        window.epochs[target].posted.discard(me)
        window.epochs[target].told.append(given)
    epochs.started = ()
    return 0


def _wait(_world: World, rank: Rank, win: Any) -> Waiting:
    window = window_of(win, rank)
    me = window.comm.rank_of(rank.number)
    epochs = window.epochs[me]
    if not epochs.post_line:
        raise _epoch("MPI_Win_wait without MPI_Win_post")

    def finish() -> int:
        epochs.post_line = 0
        window.forget(me)
        window.clocks.takes(rank.number, epochs.told)
        return 0

    def missing() -> list[int]:
        return [window.comm.members[t] for t in sorted(epochs.posted)]

    return Waiting(lambda: not epochs.posted, finish, "without MPI_Win_complete of its origins", partners=missing)


def _test(world: World, rank: Rank, win: Any, flag: Any) -> Waiting:
    inner = _wait(world, rank, win)

    def yes() -> int:
        put(flag, 1)
        return int(inner.finish())

    def no() -> int:
        put(flag, 0)
        return 0

    return Waiting(inner.ready, yes, inner.about, poll=no)


def _nothing(_world: World, rank: Rank, *arguments: Any) -> int:
    window_of(arguments[0], rank)
    return 0


def _get_group(_world: World, rank: Rank, win: Any, place: Any) -> int:
    return give_group(rank, window_of(win, rank).comm.members, place)


WINDOW_CALLS: dict[str, Callable[..., Any]] = {
    **{"MPI_Win_allocate_shared": _allocate_shared, "MPI_Win_shared_query": _shared_query},
    **{"MPI_Win_create_dynamic": _create_dynamic, "MPI_Win_attach": _attach, "MPI_Win_detach": _detach},
    **{"MPI_Win_create": _create, "MPI_Win_allocate": _allocate, "MPI_Win_free": _free, "MPI_Win_fence": _fence},
    **{"MPI_Win_lock": _lock, "MPI_Win_unlock": _unlock, "MPI_Win_lock_all": _lock_all},
    **{"MPI_Win_unlock_all": _unlock_all, "MPI_Win_flush": _flush(False, False)},
    **{"MPI_Win_flush_all": _flush(True, False), "MPI_Win_flush_local": _flush(False, True)},
    **{"MPI_Win_flush_local_all": _flush(True, True), "MPI_Win_sync": _nothing, "MPI_Win_post": _post},
    "MPI_Win_get_group": _get_group,
    **{"MPI_Win_start": _start, "MPI_Win_complete": _complete, "MPI_Win_wait": _wait, "MPI_Win_test": _test},
}
