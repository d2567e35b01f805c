"""Attributes of communicators, datatypes and windows: those that MPI defines, and keys of the program's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chatmpi.verify.simulate.errors import Fault, Kind, Unsupported
from chatmpi.verify.simulate.function_types import calls_mpi
from chatmpi.verify.simulate.mpi.access import get, put
from chatmpi.verify.simulate.mpi.arguments import communicator
from chatmpi.verify.simulate.mpi.calls.type_calls import the_type
from chatmpi.verify.simulate.mpi.calls.window_calls import window_of
from chatmpi.verify.simulate.mpi.requests import PROC_NULL
from chatmpi.verify.simulate.mpi.windows import Window
from chatmpi.verify.simulate.mpi.world import Rank, World
from chatmpi.verify.simulate.values import NULL, Handle, Layout, Object

# As headers/mpi/mpi.h numbers them.
_TAG_UB, _HOST, _IO, _GLOBAL, _UNIVERSE, _LAST_CODE, _APPNUM = range(7)
_BASE, _SIZE, _UNIT, _FLAVOR, _MODEL = range(10, 15)
_FIRST_OWN, _INVALID, _UNIFIED = 1000, -1, 2
_LARGEST_TAG, _LARGEST_CODE = 2**31 - 1, 255
_INT = Layout("int", 4, ("int",), (0,), [0])
_LONG = Layout("long", 8, ("long",), (0,), [0])


class Key(Handle):
    """A key of the program's own; `copy` and `delete` are what it gave for MPI to call, NULL for nothing."""

    __slots__ = ("copy", "delete", "extra", "freed", "line", "number")

    def __init__(self, number: int, line: int, functions: tuple[Any, Any, Any]) -> None:
        super().__init__(f"the key of line {line}")
        self.number, self.line, self.freed = number, line, False
        self.copy, self.delete, self.extra = functions


def _number(value: int, layout: Layout = _INT) -> tuple[Object, int]:
    return (Object([value], layout, "an attribute", layout.size), 0)


def _create(world: World, rank: Rank, copy: Any, delete: Any, place: Any, extra: Any) -> int:
    number = _FIRST_OWN + len(rank.keys)
    made = Key(number, rank.line, (copy, delete, extra))
    rank.keys[number] = made
    rank.made.append(made)
    put(place, number)
    return 0


def _key(rank: Rank, number: int) -> Key:
    found: Key | None = rank.keys.get(number)
    if found is None or found.freed:
        raise Fault(f"{rank.call}: {number} is no key of the program", kind=Kind.INVALID_ARGUMENT)
    return found


def _free(_world: World, rank: Rank, place: Any) -> int:
    _key(rank, get(place)).freed = True
    put(place, _INVALID)
    return 0


def _set(of: Callable[[Rank, Any], Handle]) -> Callable[..., int]:
    def set_attribute(_world: World, rank: Rank, handle: Any, number: int, value: Any) -> int:
        owner, key = of(rank, handle), _key(rank, number)
        old = rank.attributes.get((id(owner), number))
        if old is not None:
            _deleted(key, owner, old[1])
        rank.attributes[id(owner), number] = (owner, value)
        return 0

    return set_attribute


def _delete(of: Callable[[Rank, Any], Handle]) -> Callable[..., int]:
    def delete(_world: World, rank: Rank, handle: Any, number: int) -> int:
        owner, key = of(rank, handle), _key(rank, number)
        old = rank.attributes.pop((id(owner), number), None)
        if old is None:
            raise Fault(f"{rank.call} of an attribute that is not set", kind=Kind.INVALID_ARGUMENT)
        _deleted(key, owner, old[1])
        return 0

    return delete


def _deleted(key: Key, owner: Handle, value: Any) -> None:
    if key.delete is not NULL:
        _called(key.delete, owner, key.number, value, key.extra)


def _called(function: Any, *arguments: Any) -> Any:
    if not callable(function) or calls_mpi(function):
        raise Unsupported("an attribute's function of this kind")
    return function(*arguments)


def drop_attributes(rank: Rank, owner: Handle) -> None:
    """What freeing a communicator does to its attributes."""
    for (where, number), (_, value) in list(rank.attributes.items()):
        if where == id(owner):
            del rank.attributes[where, number]
            _deleted(rank.keys[number], owner, value)


def copy_attributes(world: World, rank: Rank, old: Handle, new: Handle) -> None:
    """What copying a communicator does to its attributes."""
    for (where, number), (_, value) in list(rank.attributes.items()):
        copy = rank.keys[number].copy
        if where != id(old) or copy is NULL:
            continue
        if copy is world.names["X_MPI_COMM_DUP_FN"]:
            rank.attributes[id(new), number] = (new, value)
        else:
            raise Unsupported("a copy of attributes by a function of the program")


def _get(of: Callable[[Rank, Any], Handle]) -> Callable[..., int]:
    def get_attribute(world: World, rank: Rank, handle: Any, number: int, place: Any, flag: Any) -> int:
        owner = of(rank, handle)
        found = _predefined(world, rank, owner, number)
        if found is None and number >= _FIRST_OWN:
            _key(rank, number)
            own = rank.attributes.get((id(owner), number))
            found = own[1] if own is not None else None
        elif found is None:
            raise Fault(f"{rank.call}: {number} is no key", kind=Kind.INVALID_ARGUMENT)
        put(flag, int(found is not None))
        if found is not None:
            put(place, found)
        return 0

    return get_attribute


def _predefined(world: World, rank: Rank, owner: Handle, number: int) -> Any:
    if isinstance(owner, Window):
        exposed = owner.exposed[owner.comm.rank_of(rank.number)]
        window: dict[int, Any] = {
            _BASE: exposed.base,
            _SIZE: _number(exposed.size, _LONG),
            _UNIT: _number(exposed.unit),
            _FLAVOR: _number(owner.flavor),
            _MODEL: _number(_UNIFIED),
        }
        return window.get(number)
    values = {_TAG_UB: _LARGEST_TAG, _HOST: PROC_NULL, _IO: rank.number, _GLOBAL: 0, _LAST_CODE: _LARGEST_CODE}
    values |= {_UNIVERSE: len(world.ranks), _APPNUM: 0}
    return _number(values[number]) if number in values else None


def _comm(rank: Rank, value: Any) -> Handle:
    return communicator(value, rank.number)


def _window(rank: Rank, value: Any) -> Handle:
    return window_of(value, rank)


ATTRIBUTE_CALLS: dict[str, Callable[..., Any]] = {
    **{f"MPI_{what}_create_keyval": _create for what in ("Comm", "Type", "Win")},
    **{f"MPI_{what}_free_keyval": _free for what in ("Comm", "Type", "Win")},
    **{
        f"MPI_{what}_{name}_attr": function(of)
        for what, of in (("Comm", _comm), ("Type", lambda _rank, value: the_type(value)), ("Win", _window))
        for name, function in (("set", _set), ("get", _get), ("delete", _delete))
    },
}
