"""Hints (MPI_Info): pairs of texts that a program sets and may ask for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chatmpi.verify.simulate.errors import Fault, Kind
from chatmpi.verify.simulate.memory import codes, string_at
from chatmpi.verify.simulate.mpi.access import get, put, put_all
from chatmpi.verify.simulate.mpi.world import Rank, World
from chatmpi.verify.simulate.values import NULL, Handle

_LONGEST_KEY, _LONGEST_VALUE = 36, 256


class Info(Handle):
    """Hints of the program's own; `line` where they were made."""

    __slots__ = ("freed", "line", "pairs")

    def __init__(self, line: int, pairs: dict[str, str] | None = None) -> None:
        super().__init__(f"the hints of line {line}")
        self.line, self.freed, self.pairs = line, False, dict(pairs or {})


def make_info(rank: Rank, place: Any, pairs: dict[str, str] | None = None) -> int:
    made = Info(rank.line, pairs)
    rank.made.append(made)
    put(place, made)
    return 0


def _of(rank: Rank, value: Any) -> Info:
    if not isinstance(value, Info):
        raise Fault(f"{rank.call} of what are no hints", kind=Kind.INVALID_ARGUMENT)
    if value.freed:
        raise Fault(f"{rank.call} of hints that were freed", kind=Kind.INVALID_ARGUMENT, others=(value.line,))
    return value


def _key(rank: Rank, pointer: Any) -> str:
    found = string_at(pointer)
    if not 0 < len(found) < _LONGEST_KEY:
        raise Fault(f"{rank.call}: a key of {len(found)} characters", kind=Kind.INVALID_ARGUMENT)
    return found


def _set(_world: World, rank: Rank, info: Any, key: Any, value: Any) -> int:
    text = string_at(value)
    if not 0 < len(text) < _LONGEST_VALUE:
        raise Fault(f"{rank.call}: a value of {len(text)} characters", kind=Kind.INVALID_ARGUMENT)
    _of(rank, info).pairs[_key(rank, key)] = text
    return 0


def _get(_world: World, rank: Rank, info: Any, key: Any, length: int, value: Any, flag: Any) -> int:
    found = _of(rank, info).pairs.get(_key(rank, key))
    put(flag, int(found is not None))
    if found is not None:
        put_all(value, codes(found[: length + 0]))
    return 0


def _length(_world: World, rank: Rank, info: Any, key: Any, length: Any, flag: Any) -> int:
    found = _of(rank, info).pairs.get(_key(rank, key))
    put(flag, int(found is not None))
    if found is not None:
        put(length, len(found))
    return 0


def _string(_world: World, rank: Rank, info: Any, key: Any, length: Any, value: Any, flag: Any) -> int:
    found, room = _of(rank, info).pairs.get(_key(rank, key)), get(length) + 0
    put(flag, int(found is not None))
    if found is not None:
        if room:
            put_all(value, codes(found[: room - 1]))
        put(length, len(found) + 1)
    return 0


def _delete(_world: World, rank: Rank, info: Any, key: Any) -> int:
    known, text = _of(rank, info), _key(rank, key)
    if text not in known.pairs:
        raise Fault(f"{rank.call}: there is no key {text!r}", kind=Kind.INVALID_ARGUMENT)
    del known.pairs[text]
    return 0


def _count(_world: World, rank: Rank, info: Any, result: Any) -> int:
    put(result, len(_of(rank, info).pairs))
    return 0


def _nth(_world: World, rank: Rank, info: Any, n: int, result: Any) -> int:
    keys = list(_of(rank, info).pairs)
    if not 0 <= n < len(keys):
        raise Fault(f"{rank.call}: there is no key number {n} among {len(keys)}", kind=Kind.INVALID_ARGUMENT)
    put_all(result, codes(keys[n]))
    return 0


def _dup(_world: World, rank: Rank, info: Any, place: Any) -> int:
    return make_info(rank, place, _of(rank, info).pairs)


def _free(_world: World, rank: Rank, place: Any) -> int:
    _of(rank, get(place)).freed = True
    put(place, NULL)
    return 0


INFO_CALLS: dict[str, Callable[..., Any]] = {
    "MPI_Info_create": lambda _world, rank, place: make_info(rank, place),
    **{"MPI_Info_set": _set, "MPI_Info_get": _get, "MPI_Info_get_valuelen": _length, "MPI_Info_delete": _delete},
    **{"MPI_Info_get_nkeys": _count, "MPI_Info_get_nthkey": _nth, "MPI_Info_dup": _dup, "MPI_Info_free": _free},
    "MPI_Info_get_string": _string,
    **dict.fromkeys(("MPI_Comm_set_info", "MPI_Win_set_info", "MPI_File_set_info"), lambda *_: 0),
    **dict.fromkeys(
        ("MPI_Comm_get_info", "MPI_Win_get_info", "MPI_File_get_info"),
        lambda _world, rank, _handle, place: make_info(rank, place),
    ),
}
