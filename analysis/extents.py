"""How large each tracked array is, dimension by dimension."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.arrays import Arrays
from chatmpi.analysis.polynomial import Polynomial, of_atom
from chatmpi.analysis.subscripts import Shape
from chatmpi.analysis.tree import Symbol
from chatmpi.analysis.values import Naming, polynomial


@dataclass(frozen=True, slots=True)
class Extents:
    """`dimensions` outermost first, in elements; `element` the type of one element."""

    element: tree.Scalar
    dimensions: tuple[Polynomial, ...]

    @property
    def row_words(self) -> Polynomial:
        """Elements per step of the outermost dimension."""
        total = Polynomial((((), 1),))
        for d in self.dimensions[1:]:
            total = total * d
        return total

    @property
    def words(self) -> Polynomial:
        return self.dimensions[0] * self.row_words


def find_extents(arrays: Arrays, shapes: Mapping[Symbol, Shape], naming: Naming) -> dict[Symbol, Extents]:
    """The extents of every tracked array whose size is a polynomial; others are left out."""
    found: dict[Symbol, Extents] = {}
    for symbol, allocation in arrays.allocations.items():
        declaration = arrays.declared[symbol]
        if isinstance(symbol.type, tree.Array):
            declared = [polynomial(e, naming) if e is not None else None for e in declaration.extents]
        else:
            declared = [_allocated_words(allocation.call, symbol, naming)]
        dimensions = [d for d in declared if d is not None]
        element = _element(symbol.type)
        if len(dimensions) != len(declared) or not dimensions or element is None:
            continue
        shape = shapes.get(symbol)
        if shape is not None and len(shape.strides) > 1:
            split = _split(dimensions[0], shape)
            if split is None:
                continue
            dimensions = split
        found[symbol] = Extents(element, tuple(dimensions))
    return found


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


def _allocated_words(call: tree.Call | None, symbol: Symbol, naming: Naming) -> Polynomial | None:
    """The number of elements that malloc or calloc is asked for."""
    if call is None or not isinstance(symbol.type, tree.Pointer) or not isinstance(symbol.type.target, tree.Scalar):
        return None
    size = polynomial(call.arguments[0], naming)
    for argument in call.arguments[1:]:
        factor = polynomial(argument, naming)
        size = None if size is None or factor is None else size * factor
    if size is None:
        return None
    unit = next((a for a in size.atoms if a.key == f"sizeof({symbol.type.target})"), None)
    if unit is None:
        return None
    words, rest = size.divided(of_atom(unit))
    return None if rest.terms else words


def _element(kind: tree.CType) -> tree.Scalar | None:
    while isinstance(kind, tree.Pointer | tree.Array):
        kind = kind.target if isinstance(kind, tree.Pointer) else kind.element
    return kind if isinstance(kind, tree.Scalar) else None
