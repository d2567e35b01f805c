"""Memory, pointers and integers at run time: what the written code calls."""

from __future__ import annotations

import sys
from bisect import bisect_left
from collections.abc import Callable
from typing import Any

from chatmpi.verify.simulate import variadic
from chatmpi.verify.simulate.errors import Fault, Kind, Unsupported
from chatmpi.verify.simulate.function_types import indirect, pointed
from chatmpi.verify.simulate.labels import Goto
from chatmpi.verify.simulate.layouts import cell_bytes
from chatmpi.verify.simulate.terms import Term
from chatmpi.verify.simulate.values import NULL, POISON, Layout, Object, Pointer, bad_access

_LARGEST_OBJECT = 2_000_000
_NO_MACHINE = 1 << 60  # bytes


def new(layout: Layout, count: int, name: str, zeroed: bool) -> Object:
    """An object of `count` elements."""
    made = Object([], layout, name, layout.size * count)
    _fill(made, layout, count, name, zeroed)
    return made


def _fill(target: Object, layout: Layout, count: int, name: str, zeroed: bool) -> None:
    """Give an object the cells of `count` elements, in place: it may have a million."""
    if count * len(layout.kinds) > _LARGEST_OBJECT:
        raise Unsupported(f"an object as large as '{name}'")
    target[:] = layout.zeros if zeroed else [POISON] * len(layout.kinds)
    target *= count


def boxed(value: Any, layout: Layout, name: str) -> Object:
    return Object([value], layout, name, layout.size)


def temporary(cells: list[Any], layout: Layout) -> Object:
    return Object(list(cells), layout, "", layout.size)


def compound(layout: Layout, count: int, items: tuple[tuple[int, Any], ...]) -> Object:
    """What a compound literal makes."""
    made = new(layout, count, "", True)
    for cell, value in items:
        made[cell] = value
    return made


def extent(*dims: int) -> int:
    """The number of elements of an array of variable length."""
    total = 1
    for d in dims:
        if d <= 0:
            raise Fault(f"an array of variable length has the extent {d}", kind=Kind.ARITHMETIC)
        total *= d
    return total


def allocated(size: int, zeroed: bool) -> Pointer:
    """What malloc and calloc give: memory that has no type yet; nothing for a size that no machine has, as a negative
    one is."""
    if size >= _NO_MACHINE:
        return NULL
    if size > 16 * _LARGEST_OBJECT:
        raise Unsupported("an allocation as large as this")
    made = Object([], None, "", size)
    made.zeroed = zeroed
    return (made, 0)


def typed(pointer: Pointer, layout: Layout, name: str = "") -> Pointer:
    """A pointer to void as one to elements of a layout."""
    target = pointer[0]
    if target.layout is None:
        if target.state == "live" and pointer is not NULL and target is not NULL[0]:
            _fill(target, layout, target.size // layout.size, name, target.zeroed)
            target.layout, target.name = layout, name
    elif target.layout is not layout and target.layout.kinds != layout.kinds and not _fits(target.layout, layout):
        raise Unsupported(f"memory of {target.layout.name} used as {layout.name}")
    return pointer


def _fits(whole: Layout, part: Layout) -> bool:
    """Whether the elements of one layout are those of another, of which it has several."""
    return len(set(whole.kinds)) == 1 and set(whole.kinds) == set(part.kinds)


def store(target: Object, index: int, value: Any) -> Any:
    target[index] = value
    return value


def first(value: Any, _second: Any) -> Any:
    return value


def cells(target: Object, index: int, count: int) -> list[Any]:
    """A structure's cells."""
    if index < 0 or index + count > len(target):
        raise bad_access(target, index)
    return target[index : index + count]


def copied(target: Object, index: int, content: list[Any]) -> None:
    if index < 0 or index + len(content) > len(target):
        raise bad_access(target, index)
    target[index : index + len(content)] = content


def moved(pointer: Pointer, steps: int, stride: int) -> Pointer:
    return (pointer[0], pointer[1] + steps * stride)


def distance(a: Pointer, b: Pointer, stride: int) -> int:
    if a[0] is not b[0]:
        raise Fault("pointers into different objects are subtracted or compared", kind=Kind.MEMORY)
    return (a[1] - b[1]) // stride


def over(*variables: Object | None) -> None:
    """A function returns: its variables end, those that were declared by then."""
    if sys.exc_info()[0] is not None:
        return
    for variable in variables:
        if variable is not None:
            variable.state = "over"
            variable.clear()


def outside(index: int, count: int) -> int:
    raise Fault(f"the subscript {index} is out of bounds: there are {count} elements", kind=Kind.MEMORY)


def inside(index: int, count: int) -> int:
    if 0 <= index < count:
        return index
    return outside(index, count)


def upto(index: int, count: int) -> int:
    """Where only the address is taken: that behind the last element is one too."""
    return index if 0 <= index <= count else outside(index, count)


def below(target: Object, index: int) -> int:
    raise bad_access(target, index)


def signed_char(value: Any) -> Any:
    """A character, whatever sort of them was stored."""
    return value if value is POISON or value < 128 else value - 256


def unsigned_char(value: Any) -> Any:
    return value if value is POISON or value >= 0 else value + 256


def i32(value: int) -> int:
    if -0x80000000 <= value <= 0x7FFFFFFF:
        return value
    raise Fault(f"signed overflow: {value} is no int", kind=Kind.ARITHMETIC)


def i64(value: int) -> int:
    if -0x8000000000000000 <= value <= 0x7FFFFFFFFFFFFFFF:
        return value
    raise Fault(f"signed overflow: {value} is no long", kind=Kind.ARITHMETIC)


def wrapped(value: int, low: int, high: int) -> int:
    if low <= value <= high:
        return value
    return (value - low) % (high - low + 1) + low


def truncated(term: Term, low: int, high: int) -> int:
    value = term.value
    if term.op == "time":
        raise Unsupported("a time as an integer")
    if value != value or not low - 1 < value < high + 1:
        raise Fault(f"{value} does not fit the integer type that it is converted to", kind=Kind.ARITHMETIC)
    return int(value)


def quotient(a: int, b: int) -> int:
    if b == 0:
        raise Fault("division by zero", kind=Kind.ARITHMETIC)
    q = a // b
    return q + 1 if q < 0 and q * b != a else q


def remainder(a: int, b: int) -> int:
    return a - b * quotient(a, b)


def shifted_left(a: int, b: int, bits: int, unsigned: bool) -> int:
    if not 0 <= b < bits:
        raise Fault(f"a shift by {b} of {bits} bits", kind=Kind.ARITHMETIC)
    shifted: int = a << b
    if unsigned:
        return int(shifted & (2**bits - 1))
    if a < 0 or shifted >= 2 ** (bits - 1):
        raise Fault(f"signed overflow: {a} << {b}", kind=Kind.ARITHMETIC)
    return shifted


def shifted_right(a: int, b: int, bits: int, _unsigned: bool) -> int:
    if not 0 <= b < bits:
        raise Fault(f"a shift by {b} of {bits} bits", kind=Kind.ARITHMETIC)
    return int(a >> b)


def spell(target: Object, text: str) -> None:
    codes = [_char(c) for c in text]
    target[: len(codes)] = codes[: len(target)]


def _char(c: str) -> int:
    return ord(c) if ord(c) < 128 else ord(c) - 256


def codes(text: str) -> list[int]:
    """A string in memory."""
    return [*(_char(c) for c in text), 0]


def literal(text: str) -> Pointer:
    return (Object(codes(text), CHARS, "a string", len(text) + 1), 0)


CHARS = Layout("char", 1, ("char",), (0,), [0])


def string_at(pointer: Any) -> str:
    """The text that a pointer to char points to."""
    if isinstance(pointer, str):
        return pointer
    if not isinstance(pointer, tuple):
        raise Unsupported("a string of another kind")
    target, index = pointer
    found: list[str] = []
    while True:
        if not 0 <= index < len(target):
            raise bad_access(target, index)
        code = int(target[index])
        if code == 0:
            return "".join(found)
        found.append(chr(code % 256))
        index += 1


def run_of_bytes(pointer: Pointer, size: int) -> tuple[Object, int, int]:
    """The object, first cell and number of cells of `size` bytes at a pointer."""
    target, index = pointer
    layout = target.layout
    if layout is None:
        raise Unsupported("a copy of memory without a type") if target.state == "live" else bad_access(target, 0)
    if size % layout.size == 0:
        count = size // layout.size * len(layout.kinds)
    elif len(layout.kinds) > 1 and len(set(layout.kinds)) == 1 and size % (layout.size // len(layout.kinds)) == 0:
        count = size // (layout.size // len(layout.kinds))
    else:
        count = _part_of_structs(layout, index, size)
    if index < 0 or index + count > len(target):
        raise bad_access(target, index + count - 1)
    return target, index, count


def _part_of_structs(layout: Layout, index: int, size: int) -> int:
    """How many cells of structs there are from one on in some bytes, where these end with a cell."""
    first = index % len(layout.kinds)
    whole, end = divmod(layout.offsets[first] + size, layout.size)
    last = bisect_left(layout.offsets, end)
    before = layout.offsets[last - 1] + cell_bytes(layout.kinds[last - 1])
    if end != before and end not in layout.offsets:
        raise Unsupported(f"{size} bytes of elements of {layout.size}")
    return whole * len(layout.kinds) + last - first


def _unsupported(what: str, line: int) -> None:
    raise Unsupported(what, line)


PRIMITIVES: dict[str, Callable[..., Any] | Any] = {
    **{f.__name__: f for f in (new, boxed, temporary, extent, typed, store, first, cells, copied, moved, distance)},
    **{f.__name__: f for f in (outside, inside, upto, below, over, i32, i64, wrapped, truncated, quotient, remainder)},
    **{f.__name__: f for f in (shifted_left, shifted_right, spell, literal)},
    **{"signed_char": signed_char, "unsigned_char": unsigned_char},
    **{"pointed": pointed, "indirect": indirect, "Goto": Goto, "compound": compound},
    **{"argument_list": variadic.argument_list, "started": variadic.started},
    **{"NULL": NULL, "POISON": POISON, "unsupported": _unsupported},
}
