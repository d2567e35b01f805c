"""The text of a program while it grows, with what is known of it: arrays, scalars, style."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from nests.shapes import Array, Range, odd_subscripts, plain_subscripts


@dataclass
class Text:
    """`odd`: how likely subscripts are that are no more than shifted; `reach`: how far they are shifted."""

    rng: random.Random
    arrays: list[Array]
    sums: list[str]
    reals: list[str]
    odd: float = 0.0
    reach: int = 1
    lines: list[str] = field(default_factory=list)
    depth: int = 1
    used: int = 0

    def say(self, line: str) -> None:
        self.lines.append("    " * self.depth + line)

    def fresh(self, stem: str) -> str:
        self.used += 1
        return f"{stem}{self.used}"

    def open(self, header: str) -> None:
        self.say(f"{header} {{")
        self.depth += 1

    def close(self) -> None:
        self.depth -= 1
        self.say("}")

    def loop(self, r: Range) -> None:
        v, rng = r.variable, self.rng
        if r.down:
            self.open(f"for (int {v} = {r.end} - 1; {v} >= {r.begin}; {v}--)")
            return
        step = rng.choice((f"{v}++", f"{v}++", f"++{v}", f"{v} += 1")) if r.step == 1 else f"{v} += {r.step}"
        test = f"{v} <= {r.end} - 1" if rng.random() < 0.1 else f"{v} < {r.end}"
        self.open(f"for (int {v} = {r.begin}; {test}; {step})")

    def loops(self, ranges: list[Range]) -> None:
        for r in ranges:
            self.loop(r)

    def ends(self, ranges: list[Range]) -> None:
        for _ in ranges:
            self.close()

    def at(self, array: Array, ranges: list[Range], plain: bool = False) -> str | None:
        """An element within the array for all of the ranges; None if there is none of this kind."""
        subscripts = []
        left = list(ranges)
        for extent in array.extents:
            fits = [(r, plain_subscripts(r, extent, 0 if plain else self.reach)) for r in left]
            fits = [(r, found) for r, found in fits if found]
            if not plain and (not fits or self.rng.random() < self.odd):
                subscripts.append(self.rng.choice(odd_subscripts(self.rng.choice(ranges), extent)))
            elif not fits:
                return None
            else:
                r, found = fits[0] if plain or self.rng.random() < 0.85 else self.rng.choice(fits)
                left = [x for x in left if x is not r] if len(left) > 1 else left
                subscripts.append(self.rng.choice(found))
        return array.element(*subscripts)
