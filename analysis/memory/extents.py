"""How large each tracked array is, dimension by dimension."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.memory.arrays import Arrays
from chatmpi.analysis.memory.rooms import asked_for
from chatmpi.analysis.memory.subscripts import PackedRows, Shape
from chatmpi.analysis.numbers.polynomial import ONE, Polynomial, of_atom
from chatmpi.analysis.numbers.values import Naming, polynomial
from chatmpi.analysis.tree import Symbol

_SIZES = {"double": 8, "long double": 10, "float": 4, "int": 2, "unsigned int": 2, "long": 4, "unsigned long": 4}
_BYTES = tuple(tree.Scalar(name) for name in ("char", "signed char", "unsigned char"))


@dataclass(frozen=True, slots=True)
class Extents:
    """`dimensions` outermost first, in elements; `element` the type of one element. `vectors`: the last dimension tells
    which of a few vectors it is, each in memory of its own. `packed`: rows of different lengths in `total` words; the
    last dimension is the longest."""

    element: tree.Scalar
    dimensions: tuple[Polynomial, ...]
    vectors: bool = False
    packed: PackedRows | None = None
    total: Polynomial | None = None

    @property
    def row_words(self) -> Polynomial:
        """Elements per step of the outermost dimension."""
        total = Polynomial((((), 1),))
        for d in self.dimensions[1:]:
            total = total * d
        return total

    @property
    def line_words(self) -> Polynomial:
        """Elements per step of the outermost dimension that lie one behind the other."""
        return self.line_words_behind(1)

    def line_words_behind(self, dimensions: int) -> Polynomial:
        """Elements per step of the last of so many dimensions that lie one behind the other."""
        own = self.dimensions[:-1] if self.vectors else self.dimensions
        return Extents(self.element, own[dimensions - 1 :]).row_words

    def inner_words(self, dimension: int) -> Polynomial:
        """Elements per step of a dimension."""
        return Extents(self.element, self.dimensions[dimension:]).row_words

    @property
    def words(self) -> Polynomial:
        return self.dimensions[0] * self.row_words if self.total is None else self.total


def find_extents(
    arrays: Arrays, shapes: Mapping[Symbol, Shape], top: Naming, inside: Mapping[int, Naming]
) -> dict[Symbol, Extents]:
    """The extents of every tracked array whose size is a polynomial; others are left out. `inside`: how names are read
    in outermost loops."""
    found: dict[Symbol, Extents] = {}
    for symbol, allocation in arrays.allocations.items():
        declaration = arrays.declared[symbol]
        naming = inside[allocation.loops[0]] if allocation.loops else top
        declared = [polynomial(e, naming) if e is not None else None for e in declaration.extents]
        if declared and declared[0] is None and isinstance(symbol.type, tree.Array):
            declared[0] = _listed(symbol.type)
        if isinstance(symbol.type, tree.Pointer):
            declared = [_allocated_rows(allocation.call, symbol, symbol.type.target, declared, naming), *declared]
        dimensions = [d for d in declared if d is not None]
        element = _element(symbol.type)
        if len(dimensions) != len(declared) or not dimensions or element is None:
            continue
        if len(dimensions) != _depth(symbol.type):
            continue  # a typedef holds some of its sizes
        vectors = declaration.rows is not None and bool(declaration.rows.vectors)
        numbered = dimensions[:1] if vectors else []
        own = dimensions[1:] if vectors else dimensions
        shape = shapes.get(symbol)
        if shape is not None and shape.packed is not None and len(own) == 1:
            found[symbol] = Extents(element, _of_packed(shape.packed), vectors, shape.packed, own[0])
            continue
        if shape is not None and len(shape.strides) > 1:
            split = _split(own[0], shape)
            if split is None:
                continue
            own = split
        dimensions = [*own, *numbered]
        found[symbol] = Extents(element, tuple(dimensions), vectors)
    return found


def _listed(kind: tree.Array) -> Polynomial | None:
    """How many values an initialiser lists, `c[] = {1, 2, 3}`."""
    return None if kind.extent is None else Polynomial((((), kind.extent),))


def _of_packed(rows: PackedRows) -> tuple[Polynomial, Polynomial]:
    """How many rows there are, and how long the longest is: the last of those that grow, the first of the others."""
    longest = rows.length(rows.count - ONE if rows.bend > 0 else Polynomial())
    assert longest is not None
    return rows.count, longest


def fits_in(words: Polynomial, shape: Shape) -> bool:
    """Whether so many elements are a whole number of rows in each dimension of a shape."""
    return _split(words, shape) is not None


def _split(words: Polynomial, shape: Shape) -> list[Polynomial] | None:
    """Total words over the strides; None if they do not divide."""
    dimensions = []
    rest = words
    for stride in shape.strides:
        quotient, remainder = rest.divided(stride)
        if remainder.terms:
            return None
        dimensions.append(quotient)
        rest = stride
    return dimensions


def _allocated_rows(
    call: tree.Call | None, symbol: Symbol, target: tree.CType, inner: list[Polynomial | None], naming: Naming
) -> Polynomial | None:
    """How many of what the pointer points to malloc or calloc is asked for; `inner` are the extents of one."""
    if call is None or _measures_other_rows(call, symbol):
        return None
    size = polynomial(asked_for(call.arguments[0]), naming)
    for argument in call.arguments[1:]:
        factor = polynomial(asked_for(argument), naming)
        size = None if size is None or factor is None else size * factor
    if size is None:
        return None
    units = {a.key: of_atom(a) for a in size.atoms}
    unit = units.get(f"sizeof({target})")
    if unit is None:
        unit = units.get(f"sizeof({_element(target)})")
        for extent in inner:
            unit = None if unit is None or extent is None else unit * extent
    if unit is None and _element(target) in _BYTES and all(e is not None for e in inner):
        unit = ONE
        for extent in inner:
            unit = unit if extent is None else unit * extent
    if unit is None:
        return None
    rows, rest = size.divided(unit)
    return rows if 0 <= (rest.constant if rest.constant is not None else -1) < _least_bytes(target) else None


def _least_bytes(kind: tree.CType) -> int:
    """Bytes that an element surely takes: what a size has beyond its elements is less, and holds none."""
    element = _element(kind)
    return _SIZES.get(element.name, 1) if element is not None else 1


def _measures_other_rows(call: tree.Call, symbol: Symbol) -> bool:
    """Whether the size is that of something else's rows of variable length, which the type does not tell apart."""
    sizes = [n.operand for n in tree.walk(call) if isinstance(n, tree.Sizeof) and n.operand is not None]
    return any(
        isinstance(s.type, tree.Array)
        and s.type.extent is None
        and not any(isinstance(n, tree.Name) and n.symbol == symbol for n in tree.walk(s))
        for s in sizes
    )


def _depth(kind: tree.CType) -> int:
    """How many subscripts lead to an element."""
    depth = 0
    while isinstance(kind, tree.Pointer | tree.Array):
        depth, kind = depth + 1, kind.target if isinstance(kind, tree.Pointer) else kind.element
    return depth


def _element(kind: tree.CType) -> tree.Scalar | None:
    while isinstance(kind, tree.Pointer | tree.Array):
        kind = kind.target if isinstance(kind, tree.Pointer) else kind.element
    return kind if isinstance(kind, tree.Scalar) else None
