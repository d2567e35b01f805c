"""MPI datatypes and buffers: which cells a buffer of so many elements of a type is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

from chatmpi.analysis.tree import Scalar
from chatmpi.verify.simulate.errors import Fault, Kind, Unsupported
from chatmpi.verify.simulate.layouts import FLOATING_SIZES, bits
from chatmpi.verify.simulate.values import IN_PLACE, NULL, POISON, Handle, Layout, Object, Pointer, bad_access

_NAMED = {
    **{"MPI_CHAR": "char", "MPI_SIGNED_CHAR": "signed char", "MPI_UNSIGNED_CHAR": "unsigned char"},
    **{"MPI_SHORT": "short", "MPI_UNSIGNED_SHORT": "unsigned short", "MPI_INT": "int", "MPI_UNSIGNED": "unsigned int"},
    **{"MPI_LONG": "long", "MPI_UNSIGNED_LONG": "unsigned long", "MPI_LONG_LONG": "long long"},
    **{"MPI_LONG_LONG_INT": "long long", "MPI_UNSIGNED_LONG_LONG": "unsigned long long", "MPI_FLOAT": "float"},
    **{"MPI_DOUBLE": "double", "MPI_LONG_DOUBLE": "long double", "MPI_C_BOOL": "_Bool", "MPI_INT8_T": "signed char"},
    **{"MPI_INT16_T": "short", "MPI_INT32_T": "int", "MPI_INT64_T": "long", "MPI_UINT8_T": "unsigned char"},
    **{"MPI_UINT16_T": "unsigned short", "MPI_UINT32_T": "unsigned int", "MPI_UINT64_T": "unsigned long"},
    **{"MPI_AINT": "long", "MPI_OFFSET": "long long", "MPI_COUNT": "long long"},
    **{"MPI_C_COMPLEX": "_Complex float", "MPI_C_FLOAT_COMPLEX": "_Complex float"},
    **{"MPI_C_DOUBLE_COMPLEX": "_Complex double", "MPI_C_LONG_DOUBLE_COMPLEX": "_Complex long double"},
}
_LARGEST_TYPE = 1_000_000
_PAIRS = {
    **{
        "MPI_2INT": ("int", "int", 4, 8),
        "MPI_SHORT_INT": ("short", "int", 4, 8),
        "MPI_LONG_INT": ("long", "int", 8, 16),
    },
    **{"MPI_FLOAT_INT": ("float", "int", 4, 8), "MPI_DOUBLE_INT": ("double", "int", 8, 16)},
    "MPI_LONG_DOUBLE_INT": ("long double", "int", 16, 32),
}


@dataclass(frozen=True)
class TypeMap:
    """The scalars of one element: kinds and byte offsets; `extent` in bytes from one element to the next, from the
    lower bound `low`."""

    kinds: tuple[str, ...]
    offsets: tuple[int, ...]
    extent: int
    low: int = 0

    @property
    def size(self) -> int:
        return sum(size_of(kind) for kind in self.kinds)


class Datatype(Handle):
    """A datatype; a derived one is used only after MPI_Type_commit and before MPI_Type_free. `line`: where it was made,
    0 for predefined ones."""

    __slots__ = ("committed", "freed", "line", "map")

    def __init__(self, name: str, map: TypeMap, committed: bool = False) -> None:
        super().__init__(name)
        self.map, self.committed, self.freed, self.line = map, committed, False, 0


def size_of(kind: str) -> int:
    if kind == "byte":
        return 1
    if kind == "pointer":
        return 8
    return FLOATING_SIZES.get(kind) or bits(Scalar(kind)) // 8


def scalar_of(name: str) -> str | None:
    """The C scalar that a predefined datatype stands for, None for pairs, bytes and others."""
    return _NAMED.get(name)


def named_types() -> dict[str, Datatype]:
    """The predefined datatypes."""
    found = {name: Datatype(name, TypeMap((k,), (0,), size_of(k)), True) for name, k in _NAMED.items()}
    for name, (value, index, at, extent) in _PAIRS.items():
        found[name] = Datatype(name, TypeMap((value, index), (0, at), extent), True)
    for name in ("MPI_BYTE", "MPI_PACKED"):
        found[name] = Datatype(name, TypeMap(("byte",), (0,), 1), True)
    return found


def derived(name: str, blocks: Sequence[tuple[int, TypeMap]], align: bool = False) -> Datatype:
    """A type of blocks, each at a byte offset; with `align` its extent is rounded up as a structure's is."""
    if sum(len(part.kinds) for _, part in blocks) > _LARGEST_TYPE:
        raise Unsupported("a datatype as large as this")
    kinds = tuple(kind for _, part in blocks for kind in part.kinds)
    offsets = tuple(at + o for at, part in blocks for o in part.offsets)
    low = min((at + part.low for at, part in blocks), default=0)
    high = max((at + part.low + part.extent for at, part in blocks), default=0)
    if align and kinds:
        unit = max(min(size_of(k), 16) for k in kinds)
        high += -(high - low) % unit
    return Datatype(name, TypeMap(kinds, offsets, high - low, low))


def is_same_kind(memory: str, declared: str) -> bool:
    """Whether a datatype's scalar may stand for what is in memory: of one size and one sort."""
    if memory == declared or declared == "byte":
        return True
    if memory in FLOATING_SIZES or declared in FLOATING_SIZES or "pointer" in (memory, declared):
        return False
    a, b = Scalar(memory), Scalar(declared)
    return bits(a) == bits(b) and (a.is_unsigned == b.is_unsigned or bits(a) == 8)


class PartsOfElements(Unsupported):
    """Bytes that are no whole elements: of their kind, `PARTS`, it is only known that no other type fits them."""


PARTS = "byte of an element"


@dataclass(slots=True, eq=False)
class Buffer:
    """`count` elements of a type at a pointer."""

    pointer: Pointer
    count: int
    type: Datatype

    def cells(self, base: int = 0) -> tuple[Object, Sequence[int]]:
        """The object and its cells in the order of the elements; `base` in extents of the type is added.

        Raises Fault for what is out of bounds or of another type.
        """
        if self.type.freed:
            raise Fault("a datatype is used after MPI_Type_free", kind=Kind.DATATYPE)
        if not self.type.committed:
            raise Fault("a datatype is used that was not committed", kind=Kind.DATATYPE)
        if self.count < 0:
            raise Fault(f"a count of {self.count}", kind=Kind.INVALID_ARGUMENT)
        if self.count == 0 or not self.type.map.kinds:
            return NULL[0], ()
        target, index = _pointer(self.pointer)
        layout = target.layout
        if layout is None:
            layout = self._typed(target)
        map = self.type.map
        if len(layout.kinds) == 1 and len(map.kinds) == 1 and map.kinds[0] != "byte":
            return target, self._row(target, index, base, layout.kinds[0], layout.size)
        if map.kinds == ("byte",):
            return target, self._bytes(target, index, base, layout)
        start = index // len(layout.kinds) * layout.size + layout.offsets[index % len(layout.kinds)]
        return target, self._scattered(target, start + base * map.extent, layout)

    def _typed(self, target: Object) -> Layout:
        """Memory that only MPI knows becomes elements of the datatype."""
        if target.state != "live" or target.size == 0:
            raise bad_access(target, 0)
        kind = self.type.map.kinds[0]
        is_integer = kind not in FLOATING_SIZES and kind not in ("byte", "pointer")
        if len(set(self.type.map.kinds)) > 1 or kind in ("byte", "pointer") or (target.zeroed and not is_integer):
            raise Unsupported("a buffer of memory without a type")
        layout = Layout(kind, size_of(kind), (kind,), (0,), [0 if target.zeroed else POISON])
        target[:] = layout.zeros * (target.size // layout.size)
        target.layout = layout
        return layout

    def _row(self, target: Object, index: int, base: int, kind: str, size: int) -> Sequence[int]:
        map = self.type.map
        if not is_same_kind(kind, map.kinds[0]):
            raise Fault(f"a buffer of {kind} is sent or received as {self.type.name}", kind=Kind.DATATYPE)
        if map.extent == size and map.offsets == (0,):
            index += base
            if index < 0 or index + self.count > len(target):
                raise _beyond(target, index, index + self.count)
            return range(index, index + self.count)
        if map.extent % size or map.offsets[0] % size:
            raise Fault(f"{self.type.name} does not fit elements of {kind}", kind=Kind.DATATYPE)
        step = map.extent // size
        first = index + base * step + map.offsets[0] // size
        found = range(first, first + step * self.count, step) if step else [first] * self.count
        if min(found) < 0 or max(found) >= len(target):
            raise _beyond(target, min(found), max(found) + 1)
        return found

    def _bytes(self, target: Object, index: int, base: int, layout: Layout) -> Sequence[int]:
        per = layout.size
        if self.count % per or base % per:
            raise PartsOfElements("MPI_BYTE for parts of elements")
        width = len(layout.kinds)
        first = index + base // per * width
        last = first + self.count // per * width
        if first < 0 or last > len(target):
            raise _beyond(target, first, last)
        return range(first, last)

    def _scattered(self, target: Object, start: int, layout: Layout) -> Sequence[int]:
        map = self.type.map
        places = {o: k for k, o in enumerate(layout.offsets)}
        width, found = len(layout.kinds), []
        for element in range(self.count):
            for kind, offset in zip(map.kinds, map.offsets, strict=True):
                at = start + element * map.extent + offset
                k = places.get(at % layout.size)
                if k is None or not is_same_kind(layout.kinds[k], kind):
                    raise Fault(f"{self.type.name} does not fit elements of {layout.name}", kind=Kind.DATATYPE)
                cell = at // layout.size * width + k
                if not 0 <= cell < len(target):
                    raise _beyond(target, cell, cell + 1)
                found.append(cell)
        return found

    def read(self, base: int = 0) -> list[Any]:
        target, where = self.cells(base)
        if isinstance(where, range) and where.step == 1:
            return target[where.start : where.stop]
        return [target[k] for k in where]

    def kinds(self) -> list[str]:
        """What the buffer's scalars are, in order."""
        if self.type.map.kinds != ("byte",) or self.count <= 0:
            return list(self.type.map.kinds) * self.count
        try:
            target, where = self.cells()
        except PartsOfElements:
            return [PARTS] * self.count
        layout = target.layout
        assert layout is not None
        width = len(layout.kinds)
        return [f"byte {layout.kinds[k % width]}" for k in where]

    def write(self, values: Sequence[Any], base: int = 0) -> None:
        target, where = self.cells(base)
        if is_plain(where, target) and len(where) == len(values):
            target[where.start : where.stop] = values
            return
        for k, value in zip(where, values, strict=False):
            target[k] = value


def is_plain(where: Sequence[int], target: Object) -> TypeGuard[range]:
    """Whether cells are a slice of an object that nobody watches."""
    return target.__class__ is Object and isinstance(where, range) and where.step == 1


def moved_by_bytes(base: Pointer, offset: int, type: Datatype) -> Pointer:
    """The pointer so many bytes further on; memory without a type becomes elements of the datatype."""
    target, index = base
    if offset == 0 or target is NULL[0]:
        return base
    if target.layout is None:
        Buffer(base, 1, type).cells()
    layout = target.layout
    assert layout is not None
    width = len(layout.kinds)
    start = index // width * layout.size + layout.offsets[index % width] + offset
    within = start % layout.size
    if within not in layout.offsets:
        raise Fault(f"a displacement into the middle of an element of {layout.name}", kind=Kind.INVALID_ARGUMENT)
    return (target, start // layout.size * width + layout.offsets.index(within))


def _pointer(value: Any) -> Pointer:
    if value is NULL:
        raise Fault("the buffer is a null pointer", kind=Kind.INVALID_ARGUMENT)
    if value is IN_PLACE:
        raise Fault("MPI_IN_PLACE is no buffer here", kind=Kind.INVALID_ARGUMENT)
    if not isinstance(value, tuple):
        value + 0  # poison says so
        raise Unsupported("a buffer of this kind")
    return value


def _beyond(target: Object, first: int, last: int) -> Fault:
    if target.state != "live":
        return bad_access(target, first)
    name = f" of '{target.name}'" if target.name else ""
    which = f"element {first}" if last == first + 1 else f"the elements {first} to {last - 1}"
    return Fault(f"a message covers {which}{name}, which has {len(target)}", kind=Kind.COUNT)
