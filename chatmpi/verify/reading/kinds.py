"""C types of the two programs beside each other."""

from __future__ import annotations

import re

from chatmpi.analysis import tree
from chatmpi.analysis.tree import CType

_PLACE = re.compile(r"\((?:unnamed|anonymous)[^()]* at [^()]*\)")
_SIGNED = {"int": 32, "long": 64, "long long": 64}
_WIDTHS = {**_SIGNED, "unsigned int": 32, "unsigned long": 64, "unsigned long long": 64}


def narrows(root: tree.Node) -> bool:
    """Whether a conversion that is written out inside goes to fewer bits."""
    return any(
        isinstance(n, tree.Cast)
        and is_integer(n.type)
        and is_integer(n.operand.type)
        and width(n.type) < width(n.operand.type)
        for n in tree.walk(root)
    )


def same_type(a: CType, b: CType) -> bool:
    """Whether two types are one; a type without a name is known by its place, which differs between files."""
    match a, b:
        case tree.OtherType(name=x), tree.OtherType(name=y):
            return _PLACE.sub("(unnamed)", x) == _PLACE.sub("(unnamed)", y)
        case tree.Pointer(target=x), tree.Pointer(target=y):
            return same_type(x, y)
        case tree.Array(element=x, extent=m), tree.Array(element=y, extent=n):
            return m == n and same_type(x, y)
    return a == b


def widens(narrow: CType, wide: CType) -> bool:
    """Whether every value of one signed integer type is one of the other."""
    if not isinstance(narrow, tree.Scalar) or not isinstance(wide, tree.Scalar):
        return False
    return _SIGNED.get(narrow.name, 128) <= _SIGNED.get(wide.name, 0)


def is_integer(kind: CType) -> bool:
    return isinstance(kind, tree.Scalar) and kind.is_integer


def is_narrow(kind: CType) -> bool:
    """Whether indices do not fit."""
    return is_integer(kind) and width(kind) > 64


def width(kind: CType) -> int:
    """The bits of an integer type that indices are held in; of all else, what no index has."""
    return _WIDTHS.get(kind.name, 128) if isinstance(kind, tree.Scalar) else 128
