"""Arrays and the ranges of loops, and which subscripts stay within an array at every size from 1 up."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal["int", "long", "unsigned", "double"]
Storage = Literal["static", "local", "heap"]


@dataclass(frozen=True)
class Extent:
    """`size + plus` elements."""

    size: str
    plus: int = 0

    def __str__(self) -> str:
        return f"{self.size} + {self.plus}" if self.plus else self.size


@dataclass(frozen=True)
class Array:
    """`linear`: two dimensions in one, `a[i * (M) + j]`."""

    name: str
    kind: Kind
    extents: tuple[Extent, ...]
    storage: Storage
    linear: bool = False

    @property
    def is_real(self) -> bool:
        return self.kind == "double"

    @property
    def is_flat(self) -> bool:
        return len(self.extents) == 1

    @property
    def is_pointer(self) -> bool:
        return self.storage == "heap" and (self.is_flat or self.linear)

    def element(self, *subscripts: str) -> str:
        if self.linear:
            first, last = (s if s.isalnum() else f"({s})" for s in (subscripts[0], str(self.extents[1])))
            return f"{self.name}[{first} * {last} + {subscripts[1]}]"
        return self.name + "".join(f"[{s}]" for s in subscripts)

    @property
    def count(self) -> str:
        return " * ".join(f"({e})" if e.plus else str(e) for e in self.extents)

    def like(self, other: Array) -> bool:
        return replace(self, name="", storage="heap") == replace(other, name="", storage="heap")

    def declaration(self) -> str:
        if self.storage != "heap":
            inside = f"[{self.count}]" if self.linear else "".join(f"[{e}]" for e in self.extents)
            return f"{'static ' if self.storage == 'static' else ''}{self.kind} {self.name}{inside};"
        if self.is_pointer:
            return f"{self.kind} *{self.name} = malloc({self.count} * sizeof({self.kind}));"
        row = f"{self.kind}[{self.extents[0]}][{self.extents[1]}]"
        return f"{self.kind} (*{self.name})[{self.extents[1]}] = malloc(sizeof({row}));"

    def parameter(self, constant: bool) -> str:
        if self.is_flat or self.linear:
            return f"{'const ' if constant else ''}{self.kind} *{self.name}"
        return f"{self.kind} {self.name}[][{self.extents[1]}]"


@dataclass(frozen=True)
class Range:
    """What a loop variable runs over: from `low` or the middle of `size`, to below `size + high` or the middle.

    `begins` and `ends` are set where an outer variable bounds it more tightly.
    """

    variable: str
    size: str
    low: int = 0
    high: int = 0
    from_middle: bool = False
    to_middle: bool = False
    begins: str = ""
    ends: str = ""
    step: int = 1
    down: bool = False

    @property
    def begin(self) -> str:
        return self.begins or (f"{self.size} / 2" if self.from_middle else str(self.low))

    @property
    def end(self) -> str:
        """Not itself in the range."""
        if self.ends or self.to_middle:
            return self.ends or f"{self.size} / 2"
        return shifted(self.size, self.high)


def shifted(text: str, by: int) -> str:
    return f"{text} {'+' if by > 0 else '-'} {abs(by)}" if by else text


def plain_subscripts(r: Range, extent: Extent, reach: int) -> list[str]:
    """`v + o` for offsets up to `reach` that stay within the extent."""
    if r.size != extent.size:
        return []
    least = 0 if r.from_middle else -r.low
    most = extent.plus + (1 if r.to_middle else -r.high)
    return [shifted(r.variable, o) for o in range(max(least, -reach), min(most, reach) + 1)]


def odd_subscripts(r: Range, extent: Extent) -> list[str]:
    """Mirrored, strided, halved and wrapped ones, and those that stay where they are."""
    v, size = r.variable, extent.size
    found = ["0", f"{size} - 1" if size.isalnum() else "0", f"{size} / 2"]
    found += [f"{v} % {size}", f"({v} * 3 + 1) % {size}"] if r.low >= 0 else []
    if r.size == size:
        found += [_mirrored(v, size, by) for by in range(r.high, extent.plus + r.low + 1)]
        if r.to_middle and not r.from_middle:
            found += [f"2 * {v}", f"2 * {v} + 1"]
        if r.high <= extent.plus and r.low >= 0:
            found += [f"{v} / 2"]
    return found


def _mirrored(variable: str, size: str, by: int) -> str:
    return f"{shifted(size, by - 1)} - {variable}"


def random_range(rng: random.Random, variable: str, size: str, plus: int) -> Range:
    """One that any element of an extent `size + plus` may lie in."""
    low, high = rng.choice(((0, plus), (0, plus), (0, 0), (1, plus - 1), (1, plus - 1), (2, plus - 1), (0, plus - 1)))
    roll = rng.random()
    made = Range(variable, size, low, high, down=rng.random() < 0.08)
    if roll < 0.08:
        return replace(made, low=0, high=0, to_middle=True)
    if roll < 0.16:
        return replace(made, low=0, from_middle=True)
    if roll < 0.22 and not made.down:
        return replace(made, step=rng.choice((2, 3)))
    return made


def triangular(rng: random.Random, variable: str, outer: Range) -> Range:
    """Within `0 … size + outer.high`, bounded by the outer variable; whole if that one may lie below 0."""
    made = Range(variable, outer.size, 0, outer.high)
    match rng.randrange(4):
        case 0:
            return replace(made, ends=outer.variable)
        case 1:
            return replace(made, ends=f"{outer.variable} + 1")
        case 2:
            return replace(made, begins=outer.variable)
        case _:
            return replace(made, begins=f"{outer.variable} + 1")
