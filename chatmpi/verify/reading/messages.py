"""Arguments of MPI calls: places in memory, counts and datatypes."""

from __future__ import annotations

from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import bare
from chatmpi.analysis.numbers.polynomial import ONE, ZERO, Polynomial
from chatmpi.analysis.tree import Expr, Symbol
from chatmpi.verify.reading.environment import is_constant
from chatmpi.verify.reading.findings import Mismatch
from chatmpi.verify.reading.reading import Position, Where

_TYPES: dict[str, frozenset[str]] = {
    "char": frozenset({"MPI_CHAR"}),
    "signed char": frozenset({"MPI_SIGNED_CHAR", "MPI_INT8_T"}),
    "unsigned char": frozenset({"MPI_UNSIGNED_CHAR", "MPI_UINT8_T"}),
    "short": frozenset({"MPI_SHORT", "MPI_INT16_T"}),
    "unsigned short": frozenset({"MPI_UNSIGNED_SHORT", "MPI_UINT16_T"}),
    "int": frozenset({"MPI_INT", "MPI_INT32_T"}),
    "unsigned int": frozenset({"MPI_UNSIGNED", "MPI_UINT32_T"}),
    "long": frozenset({"MPI_LONG"}),
    "unsigned long": frozenset({"MPI_UNSIGNED_LONG"}),
    "long long": frozenset({"MPI_LONG_LONG", "MPI_LONG_LONG_INT", "MPI_INT64_T"}),
    "unsigned long long": frozenset({"MPI_UNSIGNED_LONG_LONG", "MPI_UINT64_T"}),
    "float": frozenset({"MPI_FLOAT"}),
    "double": frozenset({"MPI_DOUBLE"}),
    "long double": frozenset({"MPI_LONG_DOUBLE"}),
    "_Complex float": frozenset({"MPI_C_FLOAT_COMPLEX", "MPI_C_COMPLEX"}),
    "_Complex double": frozenset({"MPI_C_DOUBLE_COMPLEX"}),
    "_Complex long double": frozenset({"MPI_C_LONG_DOUBLE_COMPLEX"}),
    "_Bool": frozenset({"MPI_C_BOOL"}),
}


@dataclass(frozen=True, slots=True)
class Address:
    """Element number `words` of what the array's symbol names (the sequential program's symbol too)."""

    array: Symbol
    source: Symbol
    words: Polynomial


def address(expr: Expr, where: Where, at: Position) -> Address:
    """The element of a distributed or replicated array that an argument points to. Raises Mismatch."""
    base, subscripts, layers = _parts(expr)
    if not isinstance(base, tree.Name):
        raise Mismatch(expr, "this buffer is not understood")
    source = at.reading.pairs.source.get(base.symbol)
    extents = at.reading.facts.extents.get(source) if source is not None else None
    if source is None or extents is None or layers > len(extents.dimensions):
        raise Mismatch(expr, f"'{base.symbol}' is no array of the sequential program")
    words, stride = ZERO, ONE
    strides = [ONE]
    for extent in reversed(extents.dimensions[1:]):
        stride = stride * extent
        strides.insert(0, stride)
    if _is_linear(base.symbol):
        strides = [ONE]
    for k, subscript in enumerate(subscripts):
        value = at.reading.plain(subscript, where, at.state)
        if value is None or k >= len(strides):
            raise Mismatch(subscript, "this place in the array is not understood")
        words = words + value * strides[k]
    return Address(base.symbol, source, words)


def _is_linear(symbol: Symbol) -> bool:
    """Whether one subscript leads to an element."""
    kind = symbol.type
    inner = kind.target if isinstance(kind, tree.Pointer) else kind.element if isinstance(kind, tree.Array) else kind
    return not isinstance(inner, tree.Array)


def _parts(expr: Expr) -> tuple[Expr, list[Expr], int]:
    """`&a[i][j]`, `a[i]` and `a + i` as base, subscripts and their number."""
    expr = bare(expr)
    if isinstance(expr, tree.Unary) and expr.op == "&":
        base, subscripts = _indexed(expr.operand)
        return base, subscripts, len(subscripts)
    if isinstance(expr, tree.Binary) and expr.op == "+" and isinstance(expr.left.type, tree.Pointer | tree.Array):
        base, subscripts = _indexed(expr.left)
        return base, [*subscripts, expr.right], len(subscripts) + 1
    base, subscripts = _indexed(expr)
    if subscripts and not isinstance(expr.type, tree.Array):
        return expr, [], 0  # the value of an element is no address
    return base, subscripts, len(subscripts)


def _indexed(expr: Expr) -> tuple[Expr, list[Expr]]:
    subscripts: list[Expr] = []
    while isinstance(expr, tree.Index):
        subscripts.insert(0, expr.subscript)
        expr = expr.base
    return expr, subscripts


def check_type(expr: Expr, element: tree.CType, at: Position) -> None:
    """The datatype is the element's."""
    if not isinstance(element, tree.Scalar) or not is_constant(expr, _TYPES.get(element.name, frozenset()), at):
        name = element.name if isinstance(element, tree.Scalar) else "what is sent"
        raise Mismatch(expr, f"this is not MPI's type for '{name}'")


def check_arguments(call: tree.Call, count: int) -> None:
    if len(call.arguments) != count:
        raise Mismatch(call, "an MPI call with another number of arguments than MPI says")
