"""Small pieces of Python code, and what C types and expressions are to them."""

from __future__ import annotations

import re

from chatmpi.analysis import tree
from chatmpi.analysis.tree import Array, CType, Expr, OtherType, Pointer

VOID = OtherType("void")
_ATOM = re.compile(r"\w+")


def decayed(kind: CType) -> CType:
    return Pointer(kind.element) if isinstance(kind, Array) else kind


def is_atom(code: str) -> bool:
    return _ATOM.fullmatch(code) is not None


def is_null(e: Expr) -> bool:
    """Whether an expression is a null pointer constant."""
    match e:
        case tree.IntLiteral(value=0):
            return True
        case tree.Cast(type=Pointer(target=OtherType(name="void")), operand=tree.IntLiteral(value=0)):
            return True
    return False


def added(a: str, b: str) -> str:
    if a == "0":
        return b
    if b == "0":
        return a
    return f"{a} + {b}"


def multiplied(a: str, b: str) -> str:
    if a == "1":
        return b
    if b == "1":
        return a
    if a == "0" or b == "0":
        return "0"
    if a.isdigit() and b.isdigit():
        return str(int(a) * int(b))
    return f"({a}) * ({b})" if not (is_atom(a) and is_atom(b)) else f"{a} * {b}"
