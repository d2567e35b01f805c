"""Reading a type as written in `sizeof(…)`: libclang does not tell it."""

from __future__ import annotations

import re

from chatmpi.analysis.tree import Array, CType, OtherType, Pointer, Scalar

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


def _base(words: list[str], named: CType | None) -> CType:
    if not words or not set(words) <= _BUILTIN or "_Complex" in words:
        return named or OtherType(" ".join(words))
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
