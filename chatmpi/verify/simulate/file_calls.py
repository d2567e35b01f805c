"""Files of several ranks: opening and closing, views, reading and writing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chatmpi.verify.simulate.access import get, put
from chatmpi.verify.simulate.arguments import communicator
from chatmpi.verify.simulate.communicators import Communicator, Group
from chatmpi.verify.simulate.completion_calls import put_status
from chatmpi.verify.simulate.datatypes import Buffer, Datatype
from chatmpi.verify.simulate.errors import Fault, Kind, Unsupported
from chatmpi.verify.simulate.files import Content, OpenFile, Stored, View, map_of
from chatmpi.verify.simulate.guards import hold, release
from chatmpi.verify.simulate.memory import string_at
from chatmpi.verify.simulate.requests import Request, Status
from chatmpi.verify.simulate.values import NULL
from chatmpi.verify.simulate.world import Rank, Waiting, World, meet

# As headers/mpi/mpi.h numbers them.
_CREATE, _RDONLY, _WRONLY, _RDWR, _ON_CLOSE, _EXCL, _APPEND, _SEQUENTIAL = 1, 2, 4, 8, 16, 64, 128, 256
_SET, _CUR, _END = 600, 602, 604
_Data = tuple[Any, Any, Any]  # a buffer, a count, a datatype


def _bad(rank: Rank, what: str, others: tuple[int, ...] = ()) -> Fault:
    return Fault(f"{rank.call}: {what}", kind=Kind.INVALID_ARGUMENT, others=others)


def _of(rank: Rank, value: Any) -> OpenFile:
    if not isinstance(value, OpenFile):
        raise _bad(rank, "MPI_FILE_NULL is given" if value is NULL else "what is given is no open file")
    if rank.number in value.closed:
        raise _bad(rank, "the file was closed before", (value.line,))
    return value


def _together(world: World, rank: Rank, file: OpenFile, then: Callable[[], Any], given: tuple[Any, ...]) -> Waiting:
    """A call that all ranks of a file make; `given` has to be the same for all."""
    inner = meet(world, rank, file.comm, given)

    def finish() -> int:
        then()
        return 0

    return Waiting(inner.ready, finish, inner.about, meeting=inner.meeting)


# ------------------------------------------------------------------------------------- opening and closing


def _open(world: World, rank: Rank, comm: Any, name: Any, mode: int, _info: Any, place: Any) -> Waiting:
    known = communicator(comm, rank.number)
    if name is NULL:
        raise _bad(rank, "the name is a null pointer")
    text = string_at(name)
    if bin(mode & (_RDONLY | _WRONLY | _RDWR)).count("1") != 1:
        raise _bad(rank, "the mode wants one of MPI_MODE_RDONLY, MPI_MODE_WRONLY and MPI_MODE_RDWR")
    if mode & _RDONLY and mode & (_CREATE | _EXCL):
        raise _bad(rank, "a file that is only read cannot be created")
    if mode & _RDWR and mode & _SEQUENTIAL:
        raise _bad(rank, "MPI_MODE_RDWR and MPI_MODE_SEQUENTIAL exclude each other")
    inner = meet(world, rank, known, (mode, text, place))

    def finish() -> int:
        inner.finish()
        assert inner.meeting is not None
        meeting = inner.meeting[0]
        if not isinstance(meeting.result, OpenFile):
            calls = meeting.in_order()
            for call in calls:
                if call.arguments[:2] != calls[0].arguments[:2]:
                    message = "MPI_File_open: the ranks give different names or modes"
                    raise Fault(message, call.line, call.world_rank, kind=Kind.CALL_MATCHING, others=(calls[0].line,))
            own = Communicator(f"the file of line {calls[0].line}", known.members, calls[0].line)
            content = world.files.setdefault(text, Content(text, bool(mode & _CREATE)))
            meeting.result = OpenFile(own, content, mode, calls[0].line)
            if mode & _APPEND:
                for view in meeting.result.views.values():
                    view.position = content.size
        put(place, meeting.result)
        rank.made.append(meeting.result)
        return 0

    return Waiting(inner.ready, finish, inner.about, meeting=inner.meeting)


def _close(world: World, rank: Rank, place: Any) -> Waiting:
    file = _of(rank, get(place))
    _check_ended(file, rank)
    for request in rank.requests:
        if isinstance(request, FileRequest) and request.active and request.file is file:
            message = f"the {request.call} is not completed when the file is closed"
            raise Fault(message, request.line, kind=Kind.REQUEST, others=(rank.line,))
    file.content.settle(rank.number)

    def then() -> None:
        file.closed.add(rank.number)
        if file.mode & _ON_CLOSE:
            world.files.pop(file.content.name, None)
        put(place, NULL)

    return _together(world, rank, file, then, ())


def _check_ended(file: OpenFile, rank: Rank) -> None:
    begun = file.split.get(rank.number)
    if begun is not None:
        raise Fault(f"{begun[0]} is never ended", begun[1], kind=Kind.REQUEST, others=(rank.line,))


def _delete(world: World, _rank: Rank, name: Any, _info: Any) -> int:
    world.files.pop(string_at(name), None)
    return 0


def _sync(world: World, rank: Rank, handle: Any) -> Waiting:
    file = _of(rank, handle)
    file.content.settle(rank.number)
    return _together(world, rank, file, lambda: None, ())


# --------------------------------------------------------------------------------------- views and places


def _set_view(world: World, rank: Rank, handle: Any, begin: int, unit: Any, kind: Any, name: Any, _i: Any) -> Waiting:
    file, text = _of(rank, handle), string_at(name)
    if begin < 0:
        raise _bad(rank, f"the displacement {begin} is negative")
    if text not in ("native", "internal", "external32"):
        raise _bad(rank, f"there is no representation {text!r}")
    one, whole = map_of(unit), map_of(kind)
    if one.size and whole.size % one.size:
        raise _bad(rank, "the type of the file is not made of the elementary type")
    file.views[rank.number] = View(begin + 0, one, whole)
    file.shared = 0
    return _together(world, rank, file, lambda: None, ())


def _seek(_world: World, rank: Rank, handle: Any, offset: int, whence: int) -> int:
    file = _of(rank, handle)
    view = file.views[rank.number]
    base = {_SET: 0, _CUR: view.position, _END: file.content.size // view.unit_size}.get(whence)
    if base is None:
        raise _bad(rank, f"{whence} says not where from")
    if base + offset < 0:
        raise _bad(rank, f"the position {base + offset} is negative")
    view.position = base + offset
    return 0


def _position(_world: World, rank: Rank, handle: Any, result: Any) -> int:
    put(result, _of(rank, handle).views[rank.number].position)
    return 0


def _byte_offset(_world: World, rank: Rank, handle: Any, offset: int, result: Any) -> int:
    view = _of(rank, handle).views[rank.number]
    put(result, next(view.places(offset, (view.file.kinds[0],))))
    return 0


def _get_size(_world: World, rank: Rank, handle: Any, result: Any) -> int:
    content = _of(rank, handle).content
    if not content.is_known:
        raise Unsupported(f"the size of the file {content.name!r}")
    put(result, content.size)
    return 0


def _set_size(world: World, rank: Rank, handle: Any, size: int) -> Waiting:
    file = _of(rank, handle)
    if size < 0:
        raise _bad(rank, f"the size {size} is negative")

    def then() -> None:
        content = file.content
        content.cells = {k: v for k, v in content.cells.items() if k < size}
        content.size = size

    return _together(world, rank, file, then, (size,))


def _amode(_world: World, rank: Rank, handle: Any, result: Any) -> int:
    put(result, _of(rank, handle).mode)
    return 0


def _group(_world: World, rank: Rank, handle: Any, place: Any) -> int:
    made = Group(_of(rank, handle).comm.members, rank.line)
    rank.made.append(made)
    put(place, made)
    return 0


def _type_extent(_world: World, rank: Rank, handle: Any, type: Any, result: Any) -> int:
    _of(rank, handle)
    put(result, map_of(type).extent)
    return 0


def _set_atomicity(world: World, rank: Rank, handle: Any, flag: int) -> Waiting:
    file = _of(rank, handle)

    def then() -> None:
        file.atomic = bool(flag)

    return _together(world, rank, file, then, ())


def _get_atomicity(_world: World, rank: Rank, handle: Any, flag: Any) -> int:
    put(flag, int(_of(rank, handle).atomic))
    return 0


# ------------------------------------------------------------------------------------ reading and writing


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
        raise _bad(rank, f"{'MPI_DATATYPE_NULL' if type is NULL else 'something that is none'} is used as a datatype")
    if count + 0 < 0:
        raise _bad(rank, f"the count {count} is negative")
    if writes and file.mode & _RDONLY:
        raise _bad(rank, "the file is opened for reading only", (file.line,))
    if not writes and file.mode & _WRONLY:
        raise _bad(rank, "the file is opened for writing only", (file.line,))
    return Buffer(pointer, count + 0, type)


def _kinds(buffer: Buffer) -> list[str]:
    """The scalars of a buffer; bytes are those of what is in memory."""
    return [kind.removeprefix("byte ") for kind in buffer.kinds()]


def _written(rank: Rank, file: OpenFile, offset: int, buffer: Buffer) -> Status:
    values, kinds = buffer.read(), _kinds(buffer)
    view = file.views[rank.number]
    for at, kind, value in zip(view.places(offset, kinds), kinds, values, strict=True):
        file.content.store(at, Stored(kind, value, rank.number, int(rank.line)), file.atomic)
    return Status(rank.number, 0, len(values))


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
            raise _bad(rank, f"the offset {offset} is negative")
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
        return Status(rank.number, 0, len(found))

    return read


def _at_once(writes: bool, given: bool) -> Callable[..., int]:
    def call(_world: World, rank: Rank, handle: Any, *a: Any) -> int:
        offset, *rest = a if given else (None, *a)
        put_status(rest[3], _transfer(rank, _of(rank, handle), offset, tuple(rest[:3]), writes)())
        return 0

    return call


def _of_all(writes: bool, given: bool) -> Callable[..., Waiting]:
    def call(world: World, rank: Rank, handle: Any, *a: Any) -> Waiting:
        offset, *rest = a if given else (None, *a)
        file = _of(rank, handle)
        done = _transfer(rank, file, offset, tuple(rest[:3]), writes)
        return _together(world, rank, file, lambda: put_status(rest[3], done()), ())

    return call


def _ordered(writes: bool) -> Callable[..., Waiting]:
    """One rank after the other, at the position that they share."""

    def call(world: World, rank: Rank, handle: Any, *data: Any) -> Waiting:
        file = _of(rank, handle)
        _buffer(rank, file, data[:3], writes)
        inner = meet(world, rank, file.comm, (data[:3],))

        def finish() -> int:
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
            return 0

        return Waiting(inner.ready, finish, inner.about, meeting=inner.meeting)

    return call


def _requested(writes: bool, given: bool, all: bool = False) -> Callable[..., int]:
    def call(world: World, rank: Rank, handle: Any, *a: Any) -> int:
        offset, *rest = a if given else (None, *a)
        file = _of(rank, handle)
        buffer = _buffer(rank, file, tuple(rest[:3]), writes)
        at = _place(rank, file, offset, _kinds(buffer))
        values = [] if writes else _loaded(rank, file, at, buffer)
        status = _written(rank, file, at, buffer) if writes else Status(rank.number, 0, len(values))
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
        file = _of(rank, handle)
        _check_ended(file, rank)
        done = _transfer(rank, file, offset, tuple(rest[:3]), writes)
        target, cells = Buffer(*rest[:3]).cells()
        file.holds[rank.number] = hold(target, cells, not writes, f"the {rank.call}", rank.line)
        meet(world, rank, file.comm, ())
        file.split[rank.number] = (rank.call, rank.line, done)
        return 0

    return call


def _end(_world: World, rank: Rank, handle: Any, _pointer: Any, status: Any) -> int:
    file = _of(rank, handle)
    begun = file.split.pop(rank.number, None)
    if begun is None or begun[0].removesuffix("_begin") != rank.call.removesuffix("_end"):
        raise Fault(f"{rank.call} without its beginning", kind=Kind.REQUEST)
    held = file.holds.pop(rank.number)
    if held is not None:
        release(held)
    put_status(status, begun[2]())
    return 0


def _transfers(what: str, writes: bool) -> dict[str, Callable[..., Any]]:
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


FILE_CALLS: dict[str, Callable[..., Any]] = {
    **{"MPI_File_open": _open, "MPI_File_close": _close, "MPI_File_delete": _delete, "MPI_File_sync": _sync},
    **{"MPI_File_set_view": _set_view, "MPI_File_seek": _seek},
    **{"MPI_File_get_position": _position, "MPI_File_get_byte_offset": _byte_offset, "MPI_File_get_size": _get_size},
    **{"MPI_File_set_size": _set_size, "MPI_File_get_amode": _amode},
    **{"MPI_File_get_group": _group, "MPI_File_get_type_extent": _type_extent},
    **{"MPI_File_set_atomicity": _set_atomicity, "MPI_File_get_atomicity": _get_atomicity},
    **{**_transfers("read", False), **_transfers("write", True)},
}
