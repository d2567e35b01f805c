"""Waits and tests: where requests are completed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from chatmpi.verify.simulate.errors import Fault, Kind
from chatmpi.verify.simulate.mpi.access import get, put, put_all
from chatmpi.verify.simulate.mpi.calls.status_calls import put_status
from chatmpi.verify.simulate.mpi.requests import Request, Status
from chatmpi.verify.simulate.mpi.world import Rank, Waiting, World
from chatmpi.verify.simulate.values import NULL, Pointer

_UNDEFINED = -32766


def wait_for(requests: Sequence[Request], status: Any) -> Waiting:
    """Until all of a blocking call is done; the first has the status."""

    def finish() -> int:
        for r in requests:
            r.complete()
        if status is not None:
            put_status(status, requests[0].status)
        return 0

    def about() -> str:
        return "; ".join(r.about() for r in reversed(requests))

    return Waiting(lambda: all(r.is_done() for r in requests), finish, about, requests=requests)


class _Listed:
    """The requests that a call is given: `live` are those that are under way, by their place."""

    def __init__(self, rank: Rank, count: int, pointer: Any) -> None:
        if count < 0:
            raise Fault(f"{rank.call}: the count {count} is negative", kind=Kind.INVALID_ARGUMENT)
        self.places: list[Pointer] = [(pointer[0], pointer[1] + k) for k in range(count)]
        self.live: dict[int, Request] = {}
        for k, place in enumerate(self.places):
            request = get(place)
            if isinstance(request, Request):
                if request.freed:
                    message = f"{rank.call} of a request that was freed"
                    raise Fault(message, kind=Kind.REQUEST, others=(request.line,))
                request.waited = True
                if request.active:
                    self.live[k] = request
                elif not request.persistent:
                    message = f"{rank.call} of a request that was completed before"
                    raise Fault(message, kind=Kind.REQUEST, others=(request.line,))
            elif request is not NULL:
                raise Fault(f"{rank.call} of a request that was never started", kind=Kind.REQUEST)

    def about(self) -> str:
        return ", ".join(f"{r.call} {r.about()} (line {r.line})" for r in self.live.values() if not r.is_done())

    def done(self) -> list[int]:
        return [k for k, r in self.live.items() if r.is_done()]

    def complete(self, k: int) -> Status:
        request = self.live[k]
        request.complete()
        if not request.persistent:
            put(self.places[k], NULL)
        return request.status

    def are_done(self) -> bool:
        return len(self.done()) == len(self.live)

    def complete_all(self, statuses: Any) -> None:
        for k in range(len(self.places)):
            put_status(statuses, self.complete(k) if k in self.live else Status(), k)


def _wait(world: World, rank: Rank, pointer: Any, status: Any) -> Waiting:
    return _waitall(world, rank, 1, pointer, status)


def _waitall(_world: World, rank: Rank, count: int, pointer: Any, statuses: Any) -> Waiting:
    listed = _Listed(rank, count, pointer)

    def finish() -> int:
        listed.complete_all(statuses)
        return 0

    return Waiting(listed.are_done, finish, listed.about(), requests=tuple(listed.live.values()))


def _waitany(_world: World, rank: Rank, count: int, pointer: Any, index: Any, status: Any) -> Waiting:
    listed, chosen = _Listed(rank, count, pointer), [0]

    def finish() -> int:
        if not listed.live:
            put(index, _UNDEFINED)
            put_status(status, Status())
            return 0
        k = listed.done()[chosen[0]]
        put(index, k)
        put_status(status, listed.complete(k))
        return 0

    return Waiting(
        lambda: not listed.live,
        finish,
        f"any of {listed.about()}",
        options=lambda: len(listed.done()),
        take=lambda k: chosen.__setitem__(0, k),
        requests=tuple(listed.live.values()),
    )


def _waitsome(_world: World, rank: Rank, count: int, pointer: Any, number: Any, indices: Any, statuses: Any) -> Waiting:
    """All that are done, or one of them alone."""
    listed, chosen = _Listed(rank, count, pointer), [0]

    def finish() -> int:
        if not listed.live:
            put(number, _UNDEFINED)
            return 0
        done = listed.done()
        taken = done if chosen[0] == 0 else [done[chosen[0] - 1]]
        put(number, len(taken))
        put_all(indices, taken)
        for at, k in enumerate(taken):
            put_status(statuses, listed.complete(k), at)
        return 0

    def options() -> int:
        done = len(listed.done())
        return done if done < 2 else done + 1

    return Waiting(
        lambda: not listed.live,
        finish,
        f"some of {listed.about()}",
        options=options,
        take=lambda k: chosen.__setitem__(0, k),
        requests=tuple(listed.live.values()),
    )


# ----------------------------------------------------------------------------------------------- tests


def _tested(world: World, listed: _Listed, ready: Callable[[], bool], yes: Callable[[], Any], no: Any) -> Waiting | int:
    """A test: it finds something if it can; where tests are late, not the first time."""
    world.tested = True
    if world.late and listed.live and not all(r.tested for r in listed.live.values()):
        for r in listed.live.values():
            r.tested = True
        return int(no())
    return Waiting(ready, yes, listed.about(), poll=no, requests=tuple(listed.live.values()))


def _test(world: World, rank: Rank, pointer: Any, flag: Any, status: Any) -> Waiting | int:
    return _testall(world, rank, 1, pointer, flag, status)


def _testall(world: World, rank: Rank, count: int, pointer: Any, flag: Any, statuses: Any) -> Waiting | int:
    listed = _Listed(rank, count, pointer)

    def yes() -> int:
        put(flag, 1)
        listed.complete_all(statuses)
        return 0

    def no() -> int:
        put(flag, 0)
        return 0

    return _tested(world, listed, listed.are_done, yes, no)


def _testany(world: World, rank: Rank, count: int, pointer: Any, index: Any, flag: Any, status: Any) -> Waiting | int:
    listed = _Listed(rank, count, pointer)

    def yes() -> int:
        put(flag, 1)
        k = listed.done()[0] if listed.live else _UNDEFINED
        put(index, k)
        put_status(status, listed.complete(k) if listed.live else Status())
        return 0

    def no() -> int:
        put(flag, 0)
        put(index, _UNDEFINED)
        return 0

    found = _tested(world, listed, lambda: not listed.live, yes, no)
    if isinstance(found, Waiting):
        chosen = [0]

        def finish() -> int:
            if listed.live:
                k = listed.done()[chosen[0]]
                put(flag, 1)
                put(index, k)
                put_status(status, listed.complete(k))
                return 0
            return yes()

        found.finish, found.options = finish, lambda: len(listed.done())
        found.take = lambda k: chosen.__setitem__(0, k)
    return found


def _testsome(_world: World, rank: Rank, count: int, pointer: Any, number: Any, *rest: Any) -> Waiting | int:
    """All that are done by now, or one of them alone."""
    inner = _waitsome(_world, rank, count, pointer, number, *rest)

    def no() -> int:
        put(number, 0)
        return 0

    found = _tested(_world, _Listed(rank, count, pointer), inner.ready, inner.finish, no)
    if isinstance(found, Waiting):
        found.options, found.take = inner.options, inner.take
    return found


def _get_status(world: World, rank: Rank, request: Any, flag: Any, status: Any) -> Waiting | int:
    """Whether a request is done, which it leaves as it is."""
    if request is NULL or (isinstance(request, Request) and not request.active):
        put(flag, 1)
        put_status(status, Status())
        return 0
    if not isinstance(request, Request) or request.freed:
        raise Fault(f"{rank.call} of what is no request", kind=Kind.REQUEST)

    return asked(world, request, flag, lambda: put_status(status, request.status))


def asked(world: World, request: Request, flag: Any, act: Callable[[], Any] = lambda: None) -> Waiting:
    """Says in a flag whether a request is done, and leaves it as it is; `act` if it is."""

    def yes() -> int:
        put(flag, 1)
        act()
        return 0

    def no() -> int:
        put(flag, 0)
        return 0

    world.tested = True
    return Waiting(request.is_done, yes, request.about(), poll=no, requests=(request,))


def _request_free(_world: World, rank: Rank, pointer: Any) -> int:
    request = get(pointer)
    if not isinstance(request, Request):
        raise Fault(f"{rank.call} of what is no request", kind=Kind.REQUEST)
    if request.freed:
        raise Fault(f"{rank.call} of a request that was freed", kind=Kind.REQUEST, others=(request.line,))
    if request.active and not getattr(request, "is_send", False):
        message = f"{rank.call} of the {request.call}, which is under way"
        raise Fault(message, kind=Kind.REQUEST, others=(request.line,))
    request.freed_early = rank.line if request.active else 0
    request.freed = True
    put(pointer, NULL)
    return 0


COMPLETION_CALLS: dict[str, Callable[..., Any]] = {
    **{"MPI_Wait": _wait, "MPI_Waitall": _waitall, "MPI_Waitany": _waitany, "MPI_Waitsome": _waitsome},
    **{"MPI_Test": _test, "MPI_Testall": _testall, "MPI_Testany": _testany, "MPI_Request_free": _request_free},
    **{"MPI_Testsome": _testsome, "MPI_Request_get_status": _get_status},
}
