"""Reading a type as written in `sizeof(…)`: libclang does not tell it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from chatmpi.analysis.source import Span
from chatmpi.analysis.tree import Array, CType, Expr, OtherType, Pointer, Scalar

_TYPE = re.compile(
    r"""
    \s* ((?: [A-Za-z_]\w* \s* )+)                                  # words
    ((?: \* \s* (?: (?:const|volatile|restrict)\b \s* )* )*)       # stars and their qualifiers
    ((?: \[ [^\[\]]* \] \s* )*) \Z                                # sizes
    """,
    re.VERBOSE,
)
_QUALIFIERS = frozenset({"const", "volatile", "restrict", "register", "static"})
_BRACKETS = re.compile(r"\[([^\[\]]*)\]")
_SIGNS = frozenset({"signed", "unsigned"})
_BUILTIN = frozenset({"void", "char", "short", "int", "long", "float", "double", "_Bool", "_Complex", *_SIGNS})


def type_name(text: str, named: CType | None) -> CType:
    """The type that `text` writes; `named` is the struct, union, enum or typedef that its words name, if they do."""
    found = _TYPE.match(text)
    if found is None:
        return OtherType(" ".join(text.split()))
    words, stars, brackets = found.groups()
    type = _base([w for w in words.split() if w not in _QUALIFIERS], named)
    for _ in range(stars.count("*")):
        type = Pointer(type)
    for size in reversed(_BRACKETS.findall(brackets)):
        type = Array(type, int(size) if size.strip().isdecimal() else None)
    return type


def variable_extents(text: str, type_span: Span, type: CType, parts: Sequence[Expr]) -> tuple[Expr, ...]:
    """The extents of an array type of variable length, outermost first; none of any other type.

    `parts` are the expressions that stand in the type, in any order, some of them twice.
    """
    found: list[Expr] = []
    depth = type
    for bracket in _BRACKETS.finditer(text, type_span.begin, type_span.end):
        inside = {(p.span.begin, p.span.end): p for p in parts if bracket.start(1) <= p.span.begin < bracket.end(1)}
        if not isinstance(depth, Array) or len(inside) != 1:
            return ()
        found += inside.values()
        depth = depth.element
    is_variable = any(e is None for e in _extents_of(type))
    return tuple(found) if is_variable and len(found) == len(_extents_of(type)) else ()


def _extents_of(type: CType) -> list[int | None]:
    extents = []
    while isinstance(type, Array):
        extents.append(type.extent)
        type = type.element
    return extents


def _base(words: list[str], named: CType | None) -> CType:
    if not words or not set(words) <= _BUILTIN:
        return named or OtherType(" ".join(words))
    if "_Complex" in words:
        part = _base([w for w in words if w != "_Complex"], named)
        return Scalar(f"_Complex {part.name}") if isinstance(part, Scalar) and part.is_floating else part
    if words == ["void"]:
        return OtherType("void")
    unsigned = "unsigned" in words
    core = [w for w in words if w not in _SIGNS]
    for name in ("float", "double", "_Bool"):
        if name in core:
            return Scalar("long double" if "long" in core else name)
    if "char" in core:
        return Scalar(("unsigned " if unsigned else "signed " if "signed" in words else "") + "char")
    name = "short" if "short" in core else " ".join(["long"] * core.count("long")) or "int"
    return Scalar(("unsigned " if unsigned else "") + name)
