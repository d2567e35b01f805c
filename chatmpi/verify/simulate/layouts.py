"""C types as the simulation sees them: sizes in bytes, ranges of integers, cells of structures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from weakref import ref

from chatmpi.analysis.tree import Array, CType, OtherType, Pointer, Scalar, StructLayout
from chatmpi.verify.simulate.errors import Unsupported
from chatmpi.verify.simulate.libc.complex_numbers import PARTS, Complex
from chatmpi.verify.simulate.terms import Terms
from chatmpi.verify.simulate.values import NULL, Layout

_BITS = {
    **{"_Bool": 8, "char": 8, "signed char": 8, "unsigned char": 8, "short": 16, "unsigned short": 16},
    **{"int": 32, "unsigned int": 32, "long": 64, "unsigned long": 64, "long long": 64, "unsigned long long": 64},
}
FLOATING_SIZES = {
    **{"float": 4, "double": 8, "long double": 16},
    **{"_Complex float": 8, "_Complex double": 16, "_Complex long double": 32},
}
POINTER_BYTES = 8
INT = Scalar("int")
DOUBLE = Scalar("double")


def bits(scalar: Scalar) -> int:
    if scalar.name not in _BITS:
        raise Unsupported(f"the type {scalar.name}")
    return _BITS[scalar.name]


def cell_bytes(kind: str) -> int:
    """The size of a cell of that kind."""
    return POINTER_BYTES if kind == "pointer" else FLOATING_SIZES.get(kind) or bits(Scalar(kind)) // 8


def limits(scalar: Scalar) -> tuple[int, int]:
    """Least and greatest value of an integer type."""
    width = bits(scalar)
    if scalar.name == "_Bool":
        return 0, 1
    return (0, 2**width - 1) if scalar.is_unsigned else (-(2 ** (width - 1)), 2 ** (width - 1) - 1)


def promoted(scalar: Scalar) -> Scalar:
    return INT if not scalar.is_floating and bits(scalar) < 32 else scalar


def part(scalar: Scalar) -> Scalar:
    """What a complex number has two of; a real type is its own. Integers become double beside complex numbers."""
    if scalar.is_complex:
        return Scalar(PARTS[scalar.name])
    return scalar


def usual(a: Scalar, b: Scalar) -> Scalar:
    """The type in which two operands meet (usual arithmetic conversions)."""
    if a.is_complex or b.is_complex:
        return Scalar(f"_Complex {usual(part(a), part(b)).name}")
    for name in ("long double", "double", "float"):
        if name in (a.name, b.name):
            return Scalar(name)
    a, b = promoted(a), promoted(b)
    if bits(a) == bits(b):
        if a.is_unsigned != b.is_unsigned:
            return a if a.is_unsigned else b
        return a if "long long" in a.name else b
    return a if bits(a) > bits(b) else b


def core(kind: CType) -> CType:
    """What an array, of however many dimensions, is an array of."""
    while isinstance(kind, Array):
        kind = kind.element
    return kind


class Layouts:
    """Layouts of one program's types, each made once. Zeros of floating kinds are terms of `terms`.

    The terms are not kept alive: what writes the code has these layouts, and holds itself in circles.
    """

    def __init__(self, records: Mapping[str, StructLayout], terms: Terms) -> None:
        self._records, self._terms = records, ref(terms)
        self._known: dict[CType, Layout] = {}

    @property
    def terms(self) -> Terms:
        found = self._terms()
        assert found is not None
        return found

    def of(self, kind: CType) -> Layout:
        """The layout of a scalar, a pointer or a structure; of an array's core."""
        kind = core(kind)
        found = self._known.get(kind)
        if found is None:
            found = self._known[kind] = self._make(kind)
        return found

    def _make(self, kind: CType) -> Layout:
        if isinstance(kind, Scalar):
            if kind.is_floating:
                zero: Any = self.terms.constant(0.0)
                zero = Complex(zero, zero) if kind.is_complex else zero
                return Layout(kind.name, FLOATING_SIZES[kind.name], (kind.name,), (0,), [zero])
            return Layout(kind.name, bits(kind) // 8, (kind.name,), (0,), [0])
        if isinstance(kind, Pointer):
            return Layout("pointer", POINTER_BYTES, ("pointer",), (0,), [NULL])
        return self._structure(kind)

    def record(self, kind: CType) -> StructLayout:
        name = kind.name if isinstance(kind, OtherType) else str(kind)
        found = self._records.get(name)
        if found is None or not found.fields:
            raise Unsupported(f"the type {name}")
        return found

    def _structure(self, kind: CType) -> Layout:
        record = self.record(kind)
        kinds: list[str] = []
        offsets: list[int] = []
        zeros: list[Any] = []
        end = 0
        for member in record.fields:
            if member.is_bits or member.offset < end:
                raise Unsupported(f"the bit fields or unions of {kind}")
            inner = self.of(member.type)
            for i in range(self.elements(member.type)):
                kinds += inner.kinds
                offsets += (member.offset + i * inner.size + o for o in inner.offsets)
                zeros += inner.zeros
            end = member.offset + self.size(member.type)
        return Layout(str(getattr(kind, "name", kind)), record.size, tuple(kinds), tuple(offsets), zeros)

    def member(self, kind: CType, name: str) -> tuple[int, CType]:
        """The number of cells before a member, and its type."""
        before = 0
        for member in self.record(kind).fields:
            if member.name == name:
                return before, member.type
            before += self.cells(member.type)
        raise Unsupported(f"the member {name}")

    def elements(self, kind: CType) -> int:
        """How many of its core an array of known extents holds."""
        count = 1
        while isinstance(kind, Array):
            if kind.extent is None:
                raise Unsupported("an array of unknown extent")
            count, kind = count * kind.extent, kind.element
        return count

    def cells(self, kind: CType) -> int:
        return self.elements(kind) * len(self.of(kind).kinds)

    def size(self, kind: CType) -> int:
        if kind == OtherType("void"):
            return 1
        return self.elements(kind) * self.of(kind).size
