"""The operations of MPI's reductions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chatmpi.analysis.tree import Scalar
from chatmpi.verify.simulate.errors import Fault, Kind, Unsupported
from chatmpi.verify.simulate.layouts import FLOATING_SIZES, limits
from chatmpi.verify.simulate.libc.complex_numbers import PARTS, complex_arithmetic
from chatmpi.verify.simulate.mpi.datatypes import Datatype
from chatmpi.verify.simulate.terms import Term, Terms
from chatmpi.verify.simulate.values import NULL, POISON, Handle, Layout, Object

OPERATIONS = ("SUM", "PROD", "MAX", "MIN", "LAND", "LOR", "LXOR", "BAND", "BOR", "BXOR", "MAXLOC", "MINLOC")
_INTEGERS: dict[str, Callable[[int, int], int]] = {
    "SUM": lambda a, b: a + b,
    "PROD": lambda a, b: a * b,
    "MAX": lambda a, b: b if b > a else a,
    "MIN": lambda a, b: b if b < a else a,
    "LAND": lambda a, b: int(bool(a) and bool(b)),
    "LOR": lambda a, b: int(bool(a) or bool(b)),
    "LXOR": lambda a, b: int(bool(a) != bool(b)),
    "BAND": lambda a, b: a & b,
    "BOR": lambda a, b: a | b,
    "BXOR": lambda a, b: a ^ b,
}


_LOGICAL, _BITWISE, _LOCATING = ("LAND", "LOR", "LXOR"), ("BAND", "BOR", "BXOR"), ("MAXLOC", "MINLOC")


def operation_names() -> dict[str, Handle]:
    return {f"MPI_{name}": Handle(f"MPI_{name}") for name in (*OPERATIONS, "REPLACE", "NO_OP")}


class UserOperation(Handle):
    """What MPI_Op_create makes of a function; `line` where."""

    __slots__ = ("commutes", "freed", "function", "line")

    def __init__(self, function: Callable[..., Any], commutes: bool, line: int) -> None:
        super().__init__(f"the operation of line {line}")
        self.function, self.commutes, self.line, self.freed = function, commutes, line, False


def misfit(operation: Handle, type: Datatype) -> str:
    """Why a reduction by one of MPI's own operations is not for this type: each takes some of MPI's own types (MPI 4.1,
    6.9.2). Nothing if it is."""
    name, kinds = operation.name.removeprefix("MPI_"), type.map.kinds
    if isinstance(operation, UserOperation):
        return ""
    if name not in OPERATIONS:
        return f"{operation.name} is for one-sided calls only"
    if type.line:
        return f"{operation.name} of {type.name}: MPI's own operations are for MPI's own types"
    if name in _LOCATING or len(kinds) == 2:
        fine = name in _LOCATING and len(kinds) == 2
    elif kinds[0] in ("float", "double", "long double"):
        fine = name not in (*_LOGICAL, *_BITWISE)
    elif kinds[0] in PARTS:
        fine = name in ("SUM", "PROD")
    elif kinds[0] == "_Bool":
        fine = name in _LOGICAL
    else:
        fine = kinds[0] != "byte" or name in _BITWISE
    return "" if fine else f"{operation.name} is not for {type.name}"


def combined(
    operation: Handle, type: Datatype, kinds: list[str], left: list[Any], right: list[Any], terms: Terms
) -> list[Any]:
    """`left op right`, element by element; pairs for MAXLOC and MINLOC. Elements of arrays that were never set (`a[0]`,
    where they are counted from 1) stay so: it matters if they are used."""
    if isinstance(operation, UserOperation):
        return _by_function(operation, type, left, right, terms)
    name = operation.name.removeprefix("MPI_")
    if name in ("MAXLOC", "MINLOC"):
        if len(type.map.kinds) != 2:
            raise Fault(f"MPI_{name} of {type.name}", kind=Kind.OPERATION)
        return _located(name, left, right)
    many = len(kinds) > 1
    return [
        POISON if many and (a is POISON or b is POISON) else _one(name, kind, a, b, terms)
        for kind, a, b in zip(kinds, left, right, strict=True)
    ]


def _one(name: str, kind: str, a: Any, b: Any, terms: Terms) -> Any:
    if kind.startswith("byte "):
        kind = _of_bytes(name, kind.removeprefix("byte "))
    if kind in PARTS:
        if name not in ("SUM", "PROD"):
            raise Fault(f"MPI_{name} of complex values", kind=Kind.OPERATION)
        how = f"complex_{'add' if name == 'SUM' else 'mul'}{'f' if kind == '_Complex float' else ''}"
        return complex_arithmetic(terms)[how](a, b)
    if kind in ("double", "long double", "float"):
        return _floating(name, kind == "float", a, b, terms)
    if name not in _INTEGERS:
        raise Unsupported(f"MPI_{name}")
    if not isinstance(a, int) or not isinstance(b, int):
        a + b  # poison says so
        raise Fault(f"MPI_{name} of values of another type", kind=Kind.DATATYPE)
    value = _INTEGERS[name](a, b)
    low, high = limits(Scalar(kind))
    if low <= value <= high:
        return value
    if Scalar(kind).is_unsigned:
        return value & high
    raise Fault(f"signed overflow: MPI_{name} gives {value}", kind=Kind.ARITHMETIC)


def _of_bytes(name: str, kind: str) -> str:
    """What the bytes of a value are combined as."""
    if name not in _BITWISE:
        raise Fault(f"MPI_{name} of bytes", kind=Kind.OPERATION)
    if kind in FLOATING_SIZES or kind == "pointer":
        raise Unsupported(f"MPI_{name} of the bytes of {kind}")
    return kind


def _floating(name: str, single: bool, a: Term, b: Term, terms: Terms) -> Term:
    match name:
        case "SUM":
            return (terms.addf if single else terms.add)[a, b]
        case "PROD":
            return (terms.mulf if single else terms.mul)[a, b]
        case "MAX":
            return terms.maximum(a, b)
        case "MIN":
            return terms.minimum(a, b)
    raise Fault(f"MPI_{name} of floating values", kind=Kind.OPERATION)


def _by_function(
    operation: UserOperation, type: Datatype, left: list[Any], right: list[Any], terms: Terms
) -> list[Any]:
    """`inout[i] = in[i] op inout[i]`, with `left` as `in`."""
    map = type.map
    zeros = [terms.constant(0.0) if k in ("float", "double", "long double") else 0 for k in map.kinds]
    layout = Layout(type.name, map.extent, map.kinds, map.offsets, zeros)
    integer = Layout("int", 4, ("int",), (0,), [0])
    handle = Layout("pointer", 8, ("pointer",), (0,), [NULL])
    given, result = Object(list(left), layout, "invec"), Object(list(right), layout, "inoutvec")
    count = Object([len(left) // len(map.kinds)], integer, "len")
    operation.function((given, 0), (result, 0), (count, 0), (Object([type], handle, "datatype"), 0))
    if any(v is POISON for v in result):
        raise Fault("the operation leaves elements unset", kind=Kind.UNINITIALISED)
    return list(result)


def _located(name: str, left: list[Any], right: list[Any]) -> list[Any]:
    found: list[Any] = []
    for k in range(0, len(left), 2):
        (a, i), (b, j) = left[k : k + 2], right[k : k + 2]
        x, y = (v.value if isinstance(v, Term) else v + 0 for v in (a, b))
        if x == y:
            found += (a, i) if i <= j else (b, j)
        elif (x > y) == (name == "MAXLOC"):
            found += (a, i)
        else:
            found += (b, j)
    return found
