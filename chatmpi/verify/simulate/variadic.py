"""Functions with any number of arguments: the rest of them as a tuple, handed on by a `va_list`."""

from __future__ import annotations

from typing import Any

from chatmpi.analysis.tree import Array, CType, OtherType, Symbol
from chatmpi.verify.simulate.errors import Fault, Kind
from chatmpi.verify.simulate.values import Object, Pointer

REST = "_rest"  # the name of that tuple in the written code
START = "__builtin_va_start"
VARIADIC_SIGNATURES = {
    **{"__builtin_va_end": "p", "__builtin_va_copy": "pp", "vprintf": "sp", "vfprintf": "psp"},
    **{"vsprintf": "psp", "vsnprintf": "pusp"},
}
_LIST = OtherType("struct __va_list_tag")


def takes_more(symbol: Symbol) -> bool:
    """Whether a function takes more arguments than it has parameters."""
    return isinstance(symbol.type, OtherType) and symbol.type.name.rstrip(")").endswith("...")


def is_argument_list(kind: CType) -> bool:
    return isinstance(kind, Array) and kind.element == _LIST


def argument_list() -> Object:
    return Object([], None, "a list of arguments")


def started(list: Pointer, rest: tuple[Any, ...]) -> None:
    list[0].state = "live"
    list[0][:] = rest


def ended(list: Pointer) -> None:
    list[0].clear()
    list[0].state = "ended"


def copied(to: Pointer, source: Pointer) -> None:
    started(to, arguments(source))


def arguments(list: Pointer) -> tuple[Any, ...]:
    if list[0].state != "live":
        raise Fault("a list of arguments is used after va_end", kind=Kind.MEMORY)
    return tuple(list[0])
