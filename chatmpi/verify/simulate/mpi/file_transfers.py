"""Reading and writing files of several ranks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chatmpi.verify.simulate.errors import Fault, Kind
from chatmpi.verify.simulate.mpi.access import put
from chatmpi.verify.simulate.mpi.calls.status_calls import put_status
from chatmpi.verify.simulate.mpi.datatypes import Buffer, Datatype
from chatmpi.verify.simulate.mpi.file_handles import bad, check_ended, file_of, together
from chatmpi.verify.simulate.mpi.files import RDONLY, WRONLY, OpenFile, Stored
from chatmpi.verify.simulate.mpi.guards import hold, release
from chatmpi.verify.simulate.mpi.requests import Request, Status
from chatmpi.verify.simulate.mpi.world import Rank, Waiting, World, meet
from chatmpi.verify.simulate.values import NULL

_Data = tuple[Any, Any, Any]  # a buffer, a count, a datatype


class FileRequest(Request):
    """Reading or writing under way; what is read is stored when it is complete."""

    __slots__ = ("file", "into", "values")

    def __init__(self, rank: Rank, file: OpenFile, into: Buffer | None, values: list[Any]) -> None:
        super().__init__(rank.call, rank.number, rank.line)
        self.file, self.into, self.values, self.active = file, into, values, True

    def is_done(self) -> bool:
        return True

    def store(self) -> None:
        if self.into is not None:
            self.into.write(self.values)


def _buffer(rank: Rank, file: OpenFile, data: _Data, writes: bool) -> Buffer:
    pointer, count, type = data
    if not isinstance(type, Datatype):
        raise bad(rank, f"{'MPI_DATATYPE_NULL' if type is NULL else 'something that is none'} is used as a datatype")
    if count + 0 < 0:
        raise bad(rank, f"the count {count} is negative")
    if writes and file.mode & RDONLY:
        raise bad(rank, "the file is opened for reading only", (file.line,))
    if not writes and file.mode & WRONLY:
        raise bad(rank, "the file is opened for writing only", (file.line,))
    return Buffer(pointer, count + 0, type)


def _kinds(buffer: Buffer) -> list[str]:
    """The scalars of a buffer; bytes are those of what is in memory."""
    return [kind.removeprefix("byte ") for kind in buffer.kinds()]


def _written(rank: Rank, file: OpenFile, offset: int, buffer: Buffer) -> Status:
    values, kinds = buffer.read(), _kinds(buffer)
    view = file.views[rank.number]
    for at, kind, value in zip(view.places(offset, kinds), kinds, values, strict=True):
        file.content.store(at, Stored(kind, value, rank.number, int(rank.line)), file.atomic)
    return Status(rank.number, 0, kinds)


def _loaded(rank: Rank, file: OpenFile, offset: int, buffer: Buffer) -> list[Any]:
    """As many scalars as the file has."""
    kinds, view, found = _kinds(buffer), file.views[rank.number], []
    for at, kind in zip(view.places(offset, kinds), kinds, strict=True):
        value = file.content.load(at, kind, rank.number, file.atomic)
        if value is None:
            break
        found.append(value)
    return found


def _place(rank: Rank, file: OpenFile, offset: Any, kinds: list[str]) -> int:
    """Where to read or write: at an offset that is given, or at the rank's own position, which moves on."""
    if offset is not None:
        if offset + 0 < 0:
            raise bad(rank, f"the offset {offset} is negative")
        return int(offset)
    view = file.views[rank.number]
    at = view.position
    view.position = view.after(at, kinds)
    return at


def _transfer(rank: Rank, file: OpenFile, offset: Any, data: _Data, writes: bool) -> Callable[[], Status]:
    """Writes at once; what is read is read when this is called."""
    buffer = _buffer(rank, file, data, writes)
    at = _place(rank, file, offset, _kinds(buffer))
    if writes:
        status = _written(rank, file, at, buffer)
        return lambda: status
    buffer.cells()

    def read() -> Status:
        found = _loaded(rank, file, at, buffer)
        buffer.write(found)
        return Status(rank.number, 0, _kinds(buffer)[: len(found)])

    return read


def _at_once(writes: bool, given: bool) -> Callable[..., int]:
    def call(_world: World, rank: Rank, handle: Any, *a: Any) -> int:
        offset, *rest = a if given else (None, *a)
        put_status(rest[3], _transfer(rank, file_of(rank, handle), offset, tuple(rest[:3]), writes)())
        return 0

    return call


def _of_all(writes: bool, given: bool) -> Callable[..., Waiting]:
    def call(world: World, rank: Rank, handle: Any, *a: Any) -> Waiting:
        offset, *rest = a if given else (None, *a)
        file = file_of(rank, handle)
        done = _transfer(rank, file, offset, tuple(rest[:3]), writes)
        return together(world, rank, file, lambda: put_status(rest[3], done()), ())

    return call


def _ordered(writes: bool) -> Callable[..., Waiting]:
    """One rank after the other, at the position that they share."""

    def call(world: World, rank: Rank, handle: Any, *data: Any) -> Waiting:
        file = file_of(rank, handle)
        _buffer(rank, file, data[:3], writes)
        inner = meet(world, rank, file.comm, (data[:3],))

        def finish() -> None:
            inner.finish()
            assert inner.meeting is not None
            meeting, view = inner.meeting[0], file.views[rank.number]
            if meeting.result is None:
                at, begins = file.shared, {}
                for each in meeting.in_order():
                    begins[each.world_rank] = at
                    at = view.after(at, _kinds(Buffer(*each.arguments[0])))
                meeting.result, file.shared = begins, at
            put_status(data[3], _transfer(rank, file, meeting.result[rank.number], data[:3], writes)())

        return inner.ending(finish)

    return call


def _requested(writes: bool, given: bool, all: bool = False) -> Callable[..., int]:
    def call(world: World, rank: Rank, handle: Any, *a: Any) -> int:
        offset, *rest = a if given else (None, *a)
        file = file_of(rank, handle)
        buffer = _buffer(rank, file, tuple(rest[:3]), writes)
        at = _place(rank, file, offset, _kinds(buffer))
        values = [] if writes else _loaded(rank, file, at, buffer)
        status = _written(rank, file, at, buffer) if writes else Status(rank.number, 0, _kinds(buffer)[: len(values)])
        request = FileRequest(rank, file, None if writes else buffer, values)
        request.status = status
        target, cells = buffer.cells()
        held = hold(target, cells, not writes, f"the {rank.call}", rank.line)
        request.holds = [held] if held is not None else []
        rank.requests.append(request)
        put(rest[3], request)
        if all:
            meet(world, rank, file.comm, ())
        return 0

    return call


def _begin(writes: bool, given: bool) -> Callable[..., int]:
    """The first half of a collective call."""

    def call(world: World, rank: Rank, handle: Any, *a: Any) -> int:
        offset, *rest = a if given else (None, *a)
        file = file_of(rank, handle)
        check_ended(file, rank)
        done = _transfer(rank, file, offset, tuple(rest[:3]), writes)
        target, cells = Buffer(*rest[:3]).cells()
        file.holds[rank.number] = hold(target, cells, not writes, f"the {rank.call}", rank.line)
        meet(world, rank, file.comm, ())
        file.split[rank.number] = (rank.call, rank.line, done)
        return 0

    return call


def _end(_world: World, rank: Rank, handle: Any, _pointer: Any, status: Any) -> int:
    file = file_of(rank, handle)
    begun = file.split.pop(rank.number, None)
    if begun is None or begun[0].removesuffix("_begin") != rank.call.removesuffix("_end"):
        raise Fault(f"{rank.call} without its beginning", kind=Kind.REQUEST)
    held = file.holds.pop(rank.number)
    if held is not None:
        release(held)
    put_status(status, begun[2]())
    return 0


def transfers(what: str, writes: bool) -> dict[str, Callable[..., Any]]:
    """All calls that read or write, by name."""
    name = f"MPI_File_{what}"
    return {
        **{name: _at_once(writes, False), f"{name}_at": _at_once(writes, True)},
        **{f"{name}_all": _of_all(writes, False), f"{name}_at_all": _of_all(writes, True)},
        f"{name}_ordered": _ordered(writes),
        **{f"MPI_File_i{what}": _requested(writes, False), f"MPI_File_i{what}_at": _requested(writes, True)},
        f"MPI_File_i{what}_all": _requested(writes, False, all=True),
        f"MPI_File_i{what}_at_all": _requested(writes, True, all=True),
        **{f"{name}_all_begin": _begin(writes, False), f"{name}_at_all_begin": _begin(writes, True)},
        **{f"{name}_all_end": _end, f"{name}_at_all_end": _end},
    }
