"""Values that are no numbers: poison, objects with bounds, pointers into them, handles."""

from __future__ import annotations

from typing import Any, NoReturn

from chatmpi.verify.simulate.errors import Fault, Kind

_UNINITIALISED = "a value is used that was never set"


class Poison:
    """What memory holds before something is stored. It may be copied; any other use is a fault."""

    __slots__ = ()

    __hash__ = object.__hash__

    def _used(self, *_: object) -> NoReturn:
        raise self._fault()

    def _fault(self) -> Fault:
        return Fault(_UNINITIALISED, kind=Kind.UNINITIALISED)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise self._fault()

    def __repr__(self) -> str:
        return "uninitialised"


def _forbid() -> None:
    names = "add radd sub rsub mul rmul floordiv rfloordiv mod rmod and rand or ror xor rxor lshift rlshift rshift"
    more = "rrshift neg pos invert bool int index float lt le gt ge eq ne getitem truediv rtruediv iter len"
    for name in f"{names} {more}".split():
        setattr(Poison, f"__{name}__", Poison._used)


_forbid()
POISON = Poison()


class Layout:
    """How one element of an object is laid out: a cell for each scalar, of the kind and at the byte offset given."""

    __slots__ = ("kinds", "name", "offsets", "size", "zeros")

    def __init__(
        self, name: str, size: int, kinds: tuple[str, ...], offsets: tuple[int, ...], zeros: list[Any]
    ) -> None:
        self.name, self.size, self.kinds, self.offsets, self.zeros = name, size, kinds, offsets, zeros


class Object(list[Any]):
    """A piece of memory: its cells. `layout` is None until a pointer to elements of some type is made of it.

    `size` in bytes matters for what malloc gives; `state` is "live", "freed" or "over" (its function has returned).
    """

    __slots__ = ("constant", "holds", "layout", "name", "size", "state", "zeroed")

    holds: list[Any]  # who uses parts of it; only set where someone does

    def __init__(self, cells: list[Any], layout: Layout | None, name: str = "", size: int = 0) -> None:
        super().__init__(cells)
        self.layout, self.name, self.size = layout, name, size
        self.state, self.zeroed = "live", False

    __eq__ = object.__eq__
    __ne__ = object.__ne__
    __hash__ = object.__hash__  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<{self.name or 'object'}>"


# A pointer is a pair of an object and the number of a cell in it.
Pointer = tuple[Object, int]


def _special(name: str) -> Pointer:
    made = Object([], None, name)
    made.state = name
    return (made, 0)


NULL = _special("NULL")
IN_PLACE = _special("MPI_IN_PLACE")
STATUS_IGNORE = _special("MPI_STATUS_IGNORE")


class Foreign(Poison):
    """A pointer that came in a message: it leads into the memory of its `owner`, and to nothing on other ranks. It may
    be copied, compared with NULL and sent back."""

    __slots__ = ("owner", "pointer")

    __hash__ = object.__hash__

    def __init__(self, owner: int, pointer: Pointer) -> None:
        self.owner, self.pointer = owner, pointer

    def _fault(self) -> Fault:
        return Fault(f"a pointer of rank {self.owner} is used, which leads to nothing here", kind=Kind.MEMORY)

    def __eq__(self, other: object) -> Any:
        return False if other is NULL else self._used()

    def __ne__(self, other: object) -> Any:
        return True if other is NULL else self._used()


def bad_access(target: Object, index: int) -> Fault:
    """The fault that an access to a cell that is not there makes."""
    if target is NULL[0]:
        return Fault("a null pointer is followed", kind=Kind.MEMORY)
    if target.state == "freed":
        return Fault(f"memory is used after free{_of(target)}", kind=Kind.MEMORY)
    if target.state == "over":
        return Fault(f"'{target.name}' is used after its function has returned", kind=Kind.MEMORY)
    if target.layout is None:
        return Fault("memory without a type is accessed", kind=Kind.MEMORY)
    if target.state != "live":
        return Fault(f"{target.state} is accessed", kind=Kind.MEMORY)
    return Fault(f"element {index} of {len(target)}{_of(target)} is accessed: out of bounds", kind=Kind.MEMORY)


def _of(target: Object) -> str:
    return f" (of '{target.name}')" if target.name else ""


class Handle:
    """What MPI and stdio give out: a communicator, a datatype, an operation, a request, a file."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name
