"""Moving elements between the buffers of ranks; faults are blamed on the call whose buffer it is."""

from __future__ import annotations

from typing import Any

from chatmpi.verify.simulate.errors import Fault, Kind, Unsupported
from chatmpi.verify.simulate.mpi.communicators import Call
from chatmpi.verify.simulate.mpi.datatypes import PARTS, Buffer, Datatype, PartsOfElements, is_same_kind
from chatmpi.verify.simulate.values import NULL, Foreign

# The elements of a message, and what they are; only the latter for parts of elements.
Message = tuple[list[Any], list[str]]


def integers(pointer: Any, count: int) -> list[int]:
    """The integers of an array of counts or displacements."""
    if not isinstance(pointer, tuple):
        raise Unsupported("an array of this kind")
    target, index = pointer
    if index < 0 or index + count > len(target):
        there = max(len(target) - index, 0)
        raise Fault(f"an array of {count} integers is read, of which there are {there}", kind=Kind.COUNT)
    return [value + 0 for value in target[index : index + count]]


class Blamed:
    """A fault inside belongs to this call."""

    def __init__(self, call: Call) -> None:
        self._call = call

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, Fault) and error.rank < 0:
            error.line, error.rank = self._call.line, self._call.world_rank
            error.message = f"{self._call.name}: {error.message}"
        elif isinstance(error, Unsupported):
            error.line = error.line or self._call.line


def buffer_of(pointer: Any, count: Any, type: Any) -> Buffer:
    if not isinstance(type, Datatype):
        raise Unsupported("a datatype of this kind")
    return Buffer(pointer, count + 0, type)


def sent_by(rank: int, values: list[Any], type: Datatype) -> list[Any]:
    """What a message is made of: pointers, which only bytes can be, are those of the rank."""
    if type.map.kinds != ("byte",):
        return values
    return [Foreign(rank, v) if v.__class__ is tuple and v is not NULL else v for v in values]


def as_seen_by(rank: int, values: list[Any], type: Datatype) -> list[Any]:
    """What comes back to the rank that it is of is a pointer again."""
    if type.map.kinds != ("byte",):
        return values
    return [v.pointer if v.__class__ is Foreign and v.owner == rank else v for v in values]


def deliver(values: list[Any], kinds: list[str], into: Buffer, base: int = 0, exact: bool = True) -> None:
    """Put a message into a buffer; raises Fault where it does not fit."""
    wanted = into.kinds()
    if kinds and wanted and kinds[0][:5] == wanted[0][:5] == "byte " and kinds[0] != wanted[0]:
        raise Unsupported("bytes of other types than they are received in")
    if PARTS in (*kinds[:1], *wanted[:1]) and all(k.startswith("byte") for k in (*kinds[:1], *wanted[:1])):
        raise PartsOfElements("MPI_BYTE for parts of elements")
    shared = min(len(kinds), len(wanted))
    if kinds[:shared] != wanted[:shared]:
        if kinds[0].startswith("byte") != wanted[0].startswith("byte"):
            raise Fault(f"{kinds[0]} is sent where {wanted[0]} is received", kind=Kind.DATATYPE)
        for sent, received in zip(kinds, wanted, strict=False):
            if sent != received and not is_same_kind(sent, received):
                raise Fault(f"{sent} is sent where {received} is received", kind=Kind.DATATYPE)
    if len(values) > len(wanted) or (exact and len(values) != len(wanted)):
        which = "truncated" if len(values) > len(wanted) else "too short"
        raise Fault(f"a message of {len(values)} elements is {which}: {len(wanted)} are expected", kind=Kind.COUNT)
    if values:
        into.write(values, base)


def read(call: Call, buffer: Buffer, base: int = 0) -> Message:
    with Blamed(call):
        try:
            return sent_by(call.world_rank, buffer.read(base), buffer.type), buffer.kinds()
        except PartsOfElements:
            return [], buffer.kinds()


def write(call: Call, message: Message, buffer: Buffer, base: int = 0) -> None:
    values, kinds = message
    with Blamed(call):
        deliver(as_seen_by(call.world_rank, values, buffer.type), kinds, buffer, base)
