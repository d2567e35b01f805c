"""Pieces of random programs: their text as it grows, arrays, elements, names."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

NAMES = (
    *("a", "b", "c", "d", "f", "g", "h", "p", "q", "r", "s", "u", "v", "w", "x", "y", "z", "aa", "bb", "vel", "rho"),
    *("src", "dst", "temp", "cell", "field", "old", "new", "acc"),
)
LOOPS = ("i", "j", "k", "l", "ii", "jj", "row", "col", "kk", "t")
SIZES = ("N", "M", "L", "NX", "NY", "SIZE", "LEN", "ROWS", "COLS", "DIM")


@dataclass(frozen=True, slots=True)
class Array:
    """`linear`: all dimensions in one, `a[i * M + j]`. `indices`: integers that are places of elements."""

    name: str
    extents: tuple[str, ...]
    linear: bool
    heap: bool
    indices: bool = False


@dataclass
class Text:
    """The program so far, and what its style is; `bare`: no braces around one statement."""

    rng: random.Random
    real: str
    outer_declared: bool
    step: str
    bare: bool
    commented: bool = False
    lines: list[str] = field(default_factory=list)
    depth: int = 1
    _open: list[list[int]] = field(default_factory=list)

    def say(self, line: str) -> None:
        if self._open:
            self._open[-1][1] += 1
        self.lines.append("    " * self.depth + line if line else "")

    def loop(self, variable: str, low: str, high: str) -> None:
        """`variable` from `low` to before `high`."""
        kind = "" if self.outer_declared else "int "
        self.block(f"for ({kind}{variable} = {low}; {variable} < {high}; {self.step.format(v=variable)})")

    def block(self, header: str) -> None:
        self.say(f"{header} {{")
        self._open.append([len(self.lines) - 1, 0])
        self.depth += 1

    def end(self) -> None:
        """Of the innermost block."""
        self.depth -= 1
        start, statements = self._open.pop()
        if self.bare and statements == 1:
            self.lines[start] = self.lines[start].removesuffix(" {")
        else:
            self.lines.append("    " * self.depth + "}")


def new_array(rng: random.Random, name: str, sizes: list[str], heaped: bool) -> Array:
    """Of one to three dimensions; `heaped`: on the heap, whatever it is."""
    dimensions = rng.choice((1, 1, 1, 2, 2, 3))
    extents = tuple(sizes[0] if k == 0 else rng.choice(sizes) for k in range(dimensions))
    linear = dimensions > 1 and (heaped or rng.random() < 0.5)
    return Array(name, extents, linear, linear or heaped or (rng.random() < 0.4 and dimensions == 1))


def element(array: Array, subscripts: list[str]) -> str:
    """The text of an access."""
    if not array.linear:
        return array.name + "".join(f"[{s}]" for s in subscripts)
    place = subscripts[0]
    for subscript, extent in zip(subscripts[1:], array.extents[1:], strict=True):
        first = place if place.replace("_", "").isalnum() else f"({place})"
        place = f"{first} * {extent} + {subscript}"
    return f"{array.name}[{place}]"


def literal(rng: random.Random) -> str:
    return rng.choice(("0.5", "0.25", "2.0", "1.5", "0.1", "3.0", "0.75", f"{rng.randint(1, 99) / 100}"))
