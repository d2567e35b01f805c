"""What MPI functions read and store through the pointers that they are given."""

from __future__ import annotations

from typing import Any

from chatmpi.verify.simulate.errors import Fault, Kind, Unsupported
from chatmpi.verify.simulate.values import NULL, bad_access


def _place(pointer: Any) -> tuple[Any, int]:
    if pointer is NULL:
        raise Fault("an argument is a null pointer", kind=Kind.INVALID_ARGUMENT)
    if not isinstance(pointer, tuple):
        pointer + 0  # poison says so
        raise Unsupported("a pointer of this kind")
    target, index = pointer
    if target.layout is None or not 0 <= index < len(target):
        raise bad_access(target, index)
    return target, index


def put(pointer: Any, value: Any) -> None:
    """Store a result."""
    target, index = _place(pointer)
    target[index] = value


def get(pointer: Any) -> Any:
    target, index = _place(pointer)
    return target[index]


def array(pointer: Any, count: int) -> list[int]:
    """Integers that are given as an array."""
    if count < 0:
        raise Fault(f"a count of {count}", kind=Kind.INVALID_ARGUMENT)
    if count == 0:
        return []
    target, index = _place(pointer)
    if index + count > len(target):
        raise bad_access(target, len(target))
    return [value + 0 for value in target[index : index + count]]


def put_all(pointer: Any, values: list[int]) -> None:
    for k, value in enumerate(values):
        target, index = _place(pointer)
        put((target, index + k), value)
