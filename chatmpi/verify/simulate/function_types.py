"""Pointers to functions: the parameters that a function type names, and calls through a pointer."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Generator
from typing import Any

from chatmpi.analysis.tree import CType, OtherType, Pointer, Scalar
from chatmpi.verify.simulate.errors import Fault, Kind, Unsupported
from chatmpi.verify.simulate.values import NULL

INDIRECT = "*"  # stands for all functions whose address is taken
_UNNAMED = re.compile(r"\((unnamed|anonymous)[^()]*\)$")
_SIGNED = ("char", "short", "int", "long", "long long")
_SCALARS = frozenset((*_SIGNED, *(f"unsigned {s}" for s in _SIGNED), "signed char", "_Bool", "float", "double"))


def is_function(kind: CType) -> bool:
    """Whether a type is a function, or a pointer to one."""
    if isinstance(kind, Pointer):
        kind = kind.target
    return isinstance(kind, OtherType) and kind.name.endswith(")") and not _UNNAMED.search(kind.name)


def parameters(kind: CType) -> list[Scalar | None] | None:
    """The parameters of a function type, by their canonical spelling: scalars, and None for all others. None if it
    does not say which it has."""
    if isinstance(kind, Pointer):
        kind = kind.target
    if not isinstance(kind, OtherType) or not is_function(kind):
        raise Unsupported(f"a call of what is {kind}")
    depth, start = 0, 0
    for k in reversed(range(len(kind.name))):
        depth += {")": 1, "(": -1}.get(kind.name[k], 0)
        if depth == 0:
            start = k + 1
            break
    text = kind.name[start:-1]
    if text == "void":
        return []
    if not text or text.endswith("..."):
        return None
    return [_scalar(part) for part in _split(text)]


def _split(text: str) -> list[str]:
    parts, depth = [""], 0
    for c in text:
        depth += {")": -1, "(": 1}.get(c, 0)
        if c == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += c
    return [p.strip() for p in parts]


def _scalar(text: str) -> Scalar | None:
    plain = " ".join(w for w in text.split() if w not in ("const", "volatile"))
    return Scalar(plain) if plain in _SCALARS else None


def pointed(value: Any) -> Callable[..., Any]:
    """The function that a pointer leads to."""
    if value is NULL:
        raise Fault("a null pointer is called", kind=Kind.MEMORY)
    if not callable(value):
        value + 0  # poison says so
        raise Unsupported("a call of what is no function")
    found: Callable[..., Any] = value
    return found


def indirect(value: Any, *arguments: Any) -> Generator[Any, Any, Any]:
    """A call through a pointer, where what is called may call MPI."""
    result = pointed(value)(*arguments)
    if inspect.isgenerator(result):
        result = yield from result
    return result


def calls_mpi(value: Any) -> bool:
    return inspect.isgeneratorfunction(value)
