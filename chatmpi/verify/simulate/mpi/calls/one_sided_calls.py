"""One-sided communication: accesses to the memory of other ranks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chatmpi.verify.simulate.choices import Touched
from chatmpi.verify.simulate.errors import Fault, Kind, Unsupported
from chatmpi.verify.simulate.mpi.access import put
from chatmpi.verify.simulate.mpi.calls.window_calls import window_of
from chatmpi.verify.simulate.mpi.datatypes import Buffer, Datatype, moved_by_bytes
from chatmpi.verify.simulate.mpi.guards import hold
from chatmpi.verify.simulate.mpi.operations import UserOperation, combined
from chatmpi.verify.simulate.mpi.requests import PROC_NULL, Request
from chatmpi.verify.simulate.mpi.transfers import deliver
from chatmpi.verify.simulate.mpi.windows import EXCLUSIVE, Access, unseen
from chatmpi.verify.simulate.mpi.world import Rank, Waiting, World
from chatmpi.verify.simulate.values import NULL, Handle, Object

_FETCHES = frozenset({"MPI_Get_accumulate", "MPI_Rget_accumulate", "MPI_Fetch_and_op", "MPI_Compare_and_swap"})


class OneSided(Request):
    """The request of an access: a wait for it lets its buffer go."""

    __slots__ = ()

    def is_done(self) -> bool:
        return True


class _Target:
    """A place in another rank's window: `none` if nothing is there to be done."""

    def __init__(self, world: World, rank: Rank, place: tuple[Any, ...], win: Any) -> None:
        """`place`: the rank, the displacement, the count and the type."""
        self.world, self.rank, self.window = world, rank, window_of(win, rank)
        self.me = self.window.comm.rank_of(rank.number)
        target, displacement, count, type = place
        _check(rank, count, type)
        size = len(self.window.comm.members)
        self.none = target == PROC_NULL
        if not self.none and not 0 <= target + 0 < size:
            message = f"{rank.call}: there is no rank {target} among {size}"
            raise Fault(message, kind=Kind.INVALID_ARGUMENT, absent=target)
        self.number = target
        if self.none:
            return
        if not self.window.epochs[self.me].reaches(target):
            raise Fault(f"{rank.call} to rank {target} outside of any epoch", kind=Kind.EPOCH)
        self.buffer = self._buffer(displacement, count, type)

    def _buffer(self, displacement: int, count: int, type: Datatype) -> Buffer:
        if self.window.attached is not None:
            return self._attached(displacement, count, type)
        exposed = self.window.exposed[self.number]
        if displacement + 0 < 0:
            message = f"{self.rank.call}: the displacement {displacement} is negative"
            raise Fault(message, kind=Kind.INVALID_ARGUMENT)
        offset = displacement * exposed.unit
        end = offset + (count - 1) * type.map.extent + (max(type.map.offsets) if count else 0)
        if count and (end >= exposed.size):
            message = (
                f"{self.rank.call} reaches {count} elements of {type.name} from byte {offset} on in a window of "
                f"{exposed.size} bytes"
            )
            raise Fault(message, kind=Kind.INVALID_ARGUMENT)
        return Buffer(moved_by_bytes(exposed.base, offset, type), count, type)

    def _attached(self, address: int, count: int, type: Datatype) -> Buffer:
        assert self.window.attached is not None
        end = address + (count - 1) * type.map.extent + max(type.map.offsets, default=0)
        for part in self.window.attached[self.number]:
            if part.address <= address and end < part.address + part.exposed.size:
                return Buffer(moved_by_bytes(part.exposed.base, address - part.address, type), count, type)
        message = f"{self.rank.call} reaches memory of rank {self.number} that is not attached to {self.window.name}"
        raise Fault(message, kind=Kind.INVALID_ARGUMENT)

    def access(self, writes: bool, operation: Handle | None = None) -> None:
        """Note an access; raises Fault if it conflicts with another."""
        target, where = self.buffer.cells()
        if not where:
            return
        made = Access(
            self.me,
            self.number,
            target,
            where if isinstance(where, range) else frozenset(where),
            self.rank.call,
            writes,
            self.rank.line,
            0,
            operation,
            self.window.epochs[self.me].lock_of(self.number),
        )
        self.window.note(made)
        self.window.epochs[self.me].accessed(self.number)
        by = operation.name if operation is not None else ""
        step = self.world.choices.step
        step.touched.append(Touched(self.window.place(self.number), made.cells, writes, made.call, by))
        step.is_open |= len(self.world.windows) > 1  # which may be of the same memory

    def read(self) -> list[Any]:
        target, where = self.buffer.cells()
        return [list.__getitem__(target, k) for k in where]

    def write(self, values: list[Any], kinds: list[str]) -> None:
        target, where = self.buffer.cells()
        copy = Object(list.copy(target), target.layout, target.name, target.size)
        deliver(values, kinds, Buffer((copy, self.buffer.pointer[1]), self.buffer.count, self.buffer.type))
        with unseen(target):
            for k in where:
                target[k] = copy[k]

    def use(self, own: Buffer, receives: bool) -> None:
        """A buffer of the origin is in use until the access is complete."""
        target, where = own.cells()
        held = hold(target, where, receives, f"the {self.rank.call}", self.rank.line)
        if held is not None:
            self.window.epochs[self.me].holds.append((self.number, held))

    @property
    def is_alone(self) -> bool:
        return self.window.epochs[self.me].lock_of(self.number) == EXCLUSIVE

    def fetch(self, act: Callable[[], int]) -> Waiting | int:
        """An access that fetches what is there: the order in which ranks do so is left open."""
        if self.is_alone:
            return act()

        def finish() -> int:
            target, where = self.buffer.cells()
            for a in self.window.accesses:
                others = a.origin != self.me and a.writes and a.call not in _FETCHES
                if others and a.memory is target and not set(a.cells).isdisjoint(where):
                    raise Unsupported("atomic accesses of several ranks in an order that is left open")
            return act()

        return Waiting(lambda: False, finish, f"of rank {self.number}", options=lambda: 1, take=lambda _: None)


def _check(rank: Rank, count: int, type: Any) -> None:
    if not isinstance(type, Datatype):
        what = "MPI_DATATYPE_NULL" if type is NULL else "something that is none"
        raise Fault(f"{rank.call}: {what} is used as a datatype", kind=Kind.INVALID_ARGUMENT)
    if count + 0 < 0:
        raise Fault(f"{rank.call}: the count {count} is negative", kind=Kind.INVALID_ARGUMENT)


def _operation(rank: Rank, value: Any) -> Handle:
    if value is NULL or type(value) is not Handle:
        what = "MPI_OP_NULL" if value is NULL else "an operation of the program's own"
        if value is not NULL and not isinstance(value, UserOperation):
            what = "something that is none"
        raise Fault(f"{rank.call}: {what} is the operation", kind=Kind.INVALID_ARGUMENT)
    assert isinstance(value, Handle)
    return value


# ----------------------------------------------------------------------------------------------- calls


def _put(world: World, rank: Rank, *a: Any) -> int:
    origin, count, type, target_rank, displacement, target_count, target_type, win = a[:8]
    _check(rank, count, type)
    target = _Target(world, rank, (target_rank, displacement, target_count, target_type), win)
    if target.none:
        return 0
    own = Buffer(origin, count + 0, type)
    values, kinds = own.read(), own.kinds()
    target.access(writes=True)
    target.write(values, kinds)
    target.use(own, receives=False)
    return 0


def _get(world: World, rank: Rank, *a: Any) -> int:
    origin, count, type, target_rank, displacement, target_count, target_type, win = a[:8]
    _check(rank, count, type)
    target = _Target(world, rank, (target_rank, displacement, target_count, target_type), win)
    if target.none:
        return 0
    target.access(writes=False)
    own = Buffer(origin, count + 0, type)
    deliver(target.read(), target.buffer.kinds(), own)
    target.use(own, receives=True)
    return 0


def _accumulate(world: World, rank: Rank, *a: Any) -> int:
    origin, count, type, target_rank, displacement, target_count, target_type, operation, win = a[:9]
    _check(rank, count, type)
    by = _operation(rank, operation)
    target = _Target(world, rank, (target_rank, displacement, target_count, target_type), win)
    if target.none:
        return 0
    own = Buffer(origin, count + 0, type)
    target.access(writes=True, operation=by)
    _apply(world, target, own.read(), own.kinds(), by)
    target.use(own, receives=False)
    return 0


def _apply(world: World, target: _Target, values: list[Any], kinds: list[str], by: Handle) -> None:
    if by.name == "MPI_NO_OP":
        return
    if by.name != "MPI_REPLACE":
        wanted = target.buffer.kinds()
        if kinds != wanted:
            raise Fault(f"{target.rank.call}: the types of the two buffers differ", kind=Kind.DATATYPE)
        values = combined(by, target.buffer.type, kinds, target.read(), values, world.terms)
    target.write(values, kinds)


def _get_accumulate(world: World, rank: Rank, *a: Any) -> Waiting | int:
    origin, count, type, result, result_count, result_type, *rest = a
    target_rank, displacement, target_count, target_type, operation, win = rest
    by = _operation(rank, operation)
    target = _Target(world, rank, (target_rank, displacement, target_count, target_type), win)
    _check(rank, result_count, result_type)
    if by.name != "MPI_NO_OP":
        _check(rank, count, type)
    if target.none:
        return 0

    def act() -> int:
        target.access(writes=by.name != "MPI_NO_OP", operation=by)
        into = Buffer(result, result_count + 0, result_type)
        deliver(target.read(), target.buffer.kinds(), into)
        if by.name != "MPI_NO_OP":
            own = Buffer(origin, count + 0, type)
            _apply(world, target, own.read(), own.kinds(), by)
            target.use(own, receives=False)
        target.use(into, receives=True)
        return 0

    return target.fetch(act)


def _fetch_and_op(world: World, rank: Rank, origin: Any, result: Any, type: Any, *rest: Any) -> Waiting | int:
    target_rank, displacement, operation, win = rest
    arguments = (origin, 1, type, result, 1, type, target_rank, displacement, 1, type, operation, win)
    return _get_accumulate(world, rank, *arguments)


def _compare_and_swap(
    world: World, rank: Rank, origin: Any, compare: Any, result: Any, type: Any, *rest: Any
) -> Waiting | int:
    target_rank, displacement, win = rest
    target = _Target(world, rank, (target_rank, displacement, 1, type), win)
    if target.none:
        return 0

    def act() -> int:
        target.access(writes=True, operation=world.names["X_MPI_REPLACE"])
        (found,) = target.read()
        deliver([found], target.buffer.kinds(), Buffer(result, 1, type))
        if found + 0 == Buffer(compare, 1, type).read()[0]:
            own = Buffer(origin, 1, type)
            target.write(own.read(), own.kinds())
        target.use(Buffer(result, 1, type), receives=True)
        return 0

    return target.fetch(act)


def _by_request(function: Callable[..., Waiting | int]) -> Callable[..., Waiting | int]:
    """An access that gives a request: a wait for it lets the origin's buffer go."""

    def called(world: World, rank: Rank, *arguments: Any) -> Waiting | int:
        window = window_of(arguments[-2], rank)
        epochs = window.epochs[window.comm.rank_of(rank.number)]
        if epochs.fence or epochs.started:
            raise Fault(f"{rank.call} outside of a lock", kind=Kind.EPOCH)
        before = len(epochs.holds)

        def finish() -> int:
            request = OneSided(rank.call, rank.number, rank.line)
            request.active = True
            request.holds = [held for _, held in epochs.holds[before:]]
            del epochs.holds[before:]
            rank.requests.append(request)
            put(arguments[-1], request)
            return 0

        found = function(world, rank, *arguments[:-1])
        if not isinstance(found, Waiting):
            return finish()
        inner = found.finish
        found.finish = lambda: (inner(), finish())[1]
        return found

    return called


ONE_SIDED_CALLS: dict[str, Callable[..., Any]] = {
    **{"MPI_Put": _put, "MPI_Get": _get, "MPI_Accumulate": _accumulate, "MPI_Get_accumulate": _get_accumulate},
    **{"MPI_Fetch_and_op": _fetch_and_op, "MPI_Compare_and_swap": _compare_and_swap},
    **{"MPI_Rput": _by_request(_put), "MPI_Rget": _by_request(_get), "MPI_Raccumulate": _by_request(_accumulate)},
    "MPI_Rget_accumulate": _by_request(_get_accumulate),
}
