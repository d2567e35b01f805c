"""The compiler's own functions: bits of integers, expectations, and those of math.h under their other names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from chatmpi.verify.simulate.errors import Fault, Kind

_BITS = {"": 32, "l": 64, "ll": 64}
_COUNTS = ("popcount", "clz", "ctz", "parity")
BUILTIN_SIGNATURES = {
    **{f"__builtin_{name}{suffix}": "u" for name in _COUNTS for suffix in _BITS},
    **{"__builtin_ffs": "i", "__builtin_expect": "ll", "__builtin_prefetch": ".", "__builtin_abs": "i"},
    **{"__builtin_labs": "l", "__builtin_unreachable": ""},
}


def under_other_names(functions: Mapping[str, Any]) -> dict[str, Any]:
    """Functions of math.h as the compiler calls them."""
    return {f"__builtin_{name}": function for name, function in functions.items()}


def _counted(name: str, bits: int) -> Callable[[int], int]:
    def count(value: int) -> int:
        value %= 2**bits
        if name in ("popcount", "parity"):
            return value.bit_count() % (2 if name == "parity" else bits + 1)
        if value == 0:
            raise Fault(f"__builtin_{name} of 0", kind=Kind.ARITHMETIC)
        return bits - value.bit_length() if name == "clz" else (value & -value).bit_length() - 1

    return count


def _unreachable() -> None:
    raise Fault("what cannot be reached is reached")


BUILTIN_FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{f"__builtin_{name}{suffix}": _counted(name, bits) for name in _COUNTS for suffix, bits in _BITS.items()},
    **{"__builtin_ffs": lambda x: (x & -x).bit_length(), "__builtin_expect": lambda value, _likely: value},
    **{"__builtin_prefetch": lambda _: None, "__builtin_abs": abs, "__builtin_labs": abs},
    "__builtin_unreachable": _unreachable,
}
