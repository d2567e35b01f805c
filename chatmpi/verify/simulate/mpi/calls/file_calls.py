"""Files of several ranks: opening and closing, views and sizes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chatmpi.verify.simulate.errors import Fault, Kind, Unsupported
from chatmpi.verify.simulate.memory import string_at
from chatmpi.verify.simulate.mpi.access import get, put
from chatmpi.verify.simulate.mpi.arguments import communicator
from chatmpi.verify.simulate.mpi.calls.group_calls import give_group
from chatmpi.verify.simulate.mpi.communicators import Communicator
from chatmpi.verify.simulate.mpi.file_handles import bad, check_ended, file_of, together
from chatmpi.verify.simulate.mpi.file_transfers import FileRequest, transfers
from chatmpi.verify.simulate.mpi.files import RDONLY, WRONLY, Content, OpenFile, View, map_of
from chatmpi.verify.simulate.mpi.world import Rank, Waiting, World, meet
from chatmpi.verify.simulate.values import NULL

# As headers/mpi/mpi.h numbers them.
_CREATE, _RDWR, _ON_CLOSE, _EXCL, _APPEND, _SEQUENTIAL = 1, 8, 16, 64, 128, 256
_SET, _CUR, _END = 600, 602, 604


# ------------------------------------------------------------------------------------- opening and closing


def _open(world: World, rank: Rank, comm: Any, name: Any, mode: int, _info: Any, place: Any) -> Waiting:
    known = communicator(comm, rank.number)
    if name is NULL:
        raise bad(rank, "the name is a null pointer")
    text = string_at(name)
    if bin(mode & (RDONLY | WRONLY | _RDWR)).count("1") != 1:
        raise bad(rank, "the mode wants one of MPI_MODERDONLY, MPI_MODEWRONLY and MPI_MODE_RDWR")
    if mode & RDONLY and mode & (_CREATE | _EXCL):
        raise bad(rank, "a file that is only read cannot be created")
    if mode & _RDWR and mode & _SEQUENTIAL:
        raise bad(rank, "MPI_MODE_RDWR and MPI_MODE_SEQUENTIAL exclude each other")
    inner = meet(world, rank, known, (mode, text, place))

    def finish() -> None:
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
            if not mode & RDONLY:
                rank.process.disk.lose(text)
            content = world.files.setdefault(text, Content(text, bool(mode & _CREATE)))
            meeting.result = OpenFile(own, content, mode, calls[0].line)
            if mode & _APPEND:
                for view in meeting.result.views.values():
                    view.position = content.size
        put(place, meeting.result)
        rank.made.append(meeting.result)

    return inner.ending(finish)


def _close(world: World, rank: Rank, place: Any) -> Waiting:
    file = file_of(rank, get(place))
    check_ended(file, rank)
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

    return together(world, rank, file, then, ())


def _delete(world: World, _rank: Rank, name: Any, _info: Any) -> int:
    world.files.pop(string_at(name), None)
    return 0


def _sync(world: World, rank: Rank, handle: Any) -> Waiting:
    file = file_of(rank, handle)
    file.content.settle(rank.number)
    return together(world, rank, file, lambda: None, ())


# --------------------------------------------------------------------------------------- views and places


def _set_view(world: World, rank: Rank, handle: Any, begin: int, unit: Any, kind: Any, name: Any, _i: Any) -> Waiting:
    file, text = file_of(rank, handle), string_at(name)
    if begin < 0:
        raise bad(rank, f"the displacement {begin} is negative")
    if text not in ("native", "internal", "external32"):
        raise bad(rank, f"there is no representation {text!r}")
    one, whole = map_of(unit), map_of(kind)
    if one.size and whole.size % one.size:
        raise bad(rank, "the type of the file is not made of the elementary type")
    file.views[rank.number] = View(begin + 0, one, whole)
    file.shared = 0
    return together(world, rank, file, lambda: None, ())


def _seek(_world: World, rank: Rank, handle: Any, offset: int, whence: int) -> int:
    file = file_of(rank, handle)
    view = file.views[rank.number]
    base = {_SET: 0, _CUR: view.position, _END: file.content.size // view.unit_size}.get(whence)
    if base is None:
        raise bad(rank, f"{whence} says not where from")
    if base + offset < 0:
        raise bad(rank, f"the position {base + offset} is negative")
    view.position = base + offset
    return 0


def _position(_world: World, rank: Rank, handle: Any, result: Any) -> int:
    put(result, file_of(rank, handle).views[rank.number].position)
    return 0


def _byte_offset(_world: World, rank: Rank, handle: Any, offset: int, result: Any) -> int:
    view = file_of(rank, handle).views[rank.number]
    put(result, next(view.places(offset, (view.file.kinds[0],))))
    return 0


def _get_size(_world: World, rank: Rank, handle: Any, result: Any) -> int:
    content = file_of(rank, handle).content
    if not content.is_known:
        raise Unsupported(f"the size of the file {content.name!r}")
    put(result, content.size)
    return 0


def _set_size(world: World, rank: Rank, handle: Any, size: int) -> Waiting:
    file = file_of(rank, handle)
    if size < 0:
        raise bad(rank, f"the size {size} is negative")

    def then() -> None:
        content = file.content
        content.cells = {k: v for k, v in content.cells.items() if k < size}
        content.size = size

    return together(world, rank, file, then, (size,))


def _amode(_world: World, rank: Rank, handle: Any, result: Any) -> int:
    put(result, file_of(rank, handle).mode)
    return 0


def _group(_world: World, rank: Rank, handle: Any, place: Any) -> int:
    return give_group(rank, file_of(rank, handle).comm.members, place)


def _type_extent(_world: World, rank: Rank, handle: Any, type: Any, result: Any) -> int:
    file_of(rank, handle)
    put(result, map_of(type).extent)
    return 0


def _set_atomicity(world: World, rank: Rank, handle: Any, flag: int) -> Waiting:
    file = file_of(rank, handle)

    def then() -> None:
        file.atomic = bool(flag)

    return together(world, rank, file, then, ())


def _get_atomicity(_world: World, rank: Rank, handle: Any, flag: Any) -> int:
    put(flag, int(file_of(rank, handle).atomic))
    return 0


FILE_CALLS: dict[str, Callable[..., Any]] = {
    **{"MPI_File_open": _open, "MPI_File_close": _close, "MPI_File_delete": _delete, "MPI_File_sync": _sync},
    **{"MPI_File_set_view": _set_view, "MPI_File_seek": _seek},
    **{"MPI_File_get_position": _position, "MPI_File_get_byte_offset": _byte_offset, "MPI_File_get_size": _get_size},
    **{"MPI_File_set_size": _set_size, "MPI_File_get_amode": _amode},
    **{"MPI_File_get_group": _group, "MPI_File_get_type_extent": _type_extent},
    **{"MPI_File_set_atomicity": _set_atomicity, "MPI_File_get_atomicity": _get_atomicity},
    **{**transfers("read", False), **transfers("write", True)},
}
