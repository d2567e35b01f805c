"""Standard input and files that are read: made-up numbers, floating ones as leaves."""

from __future__ import annotations

import re
from typing import Any

from chatmpi.verify.simulate.errors import Fault, Unsupported
from chatmpi.verify.simulate.layouts import FLOATING_SIZES
from chatmpi.verify.simulate.terms import Terms
from chatmpi.verify.simulate.text_inputs import Text, scanned_text
from chatmpi.verify.simulate.values import Object

_CONVERSION = re.compile(r"\s*%(\*?)(\d*)(hh|h|ll|l|j|z|L)?([diufeg])")
MANY = 600
_END = -1


class Input:
    """A source of numbers. The first integers are about `size`, as they may be sizes; it ends after some time.

    With `textual`, it is text in which the numbers stand; with `content`, it is that text and nothing is made up."""

    def __init__(
        self,
        name: str,
        terms: Terms,
        size: int,
        numbers: int = MANY,
        textual: bool = False,
        content: str | None = None,
    ) -> None:
        self.name, self.size = name, size
        self.text = None
        if content is not None:
            self.text = Text([ord(c) for c in content], is_exact=True)
        elif textual:
            self.text = Text.made_up(name, terms, size, numbers == 0)
        self.terms, self._left, self._count = terms, numbers, 0

    @property
    def as_text(self) -> Text:
        if self.text is None:
            raise Unsupported("input that is read as text")
        return self.text

    def position(self) -> tuple[int, int]:
        """How much of it was read."""
        return self._count, self.text.position if self.text is not None else 0

    def rewind(self) -> None:
        """Begin anew."""
        self._count = 0
        if self.text is not None:
            self.text.rewind()

    def ended(self) -> bool:
        return self._left <= self._count

    def integer(self) -> int:
        k = self._count
        self._count += 1
        return self.size + k if k < 3 else k * 7 % 5 + 1

    def real(self) -> Any:
        k = self._count
        self._count += 1
        return self.terms.input(f"{self.name}[{k}]", 0.25 + k * 0.6180339887498949 % 1.0)


def scanned(source: Input, text: str, targets: tuple[Any, ...]) -> int:
    """`scanf`: how many values were read, or EOF."""
    if source.text is not None:
        return scanned_text(source.text, text, targets, source.terms)
    done, position = 0, 0
    rest = list(targets)
    while position < len(text.rstrip()):
        match = _CONVERSION.match(text, position)
        if match is None and text[position] != "%":  # words that the input is taken to have there
            position += 1
            continue
        if match is None or match[1] or match[2]:
            raise Unsupported(f"the format {text!r} for reading")
        if source.ended():
            return done or _END
        if not rest:
            raise Fault("scanf has fewer arguments than its format asks for")
        target, index = rest.pop(0)
        _assign(target, index, source, match[4], match[3] or "")
        done, position = done + 1, match.end()
    return done


def _assign(target: Object, index: int, source: Input, kind: str, length: str) -> None:
    layout = target.layout
    if layout is None or not 0 <= index < len(target):
        raise Fault("scanf stores out of bounds")
    holds = layout.kinds[index % len(layout.kinds)]
    if kind in "feg":
        wanted = {"l": "double", "L": "long double", "": "float"}.get(length)
        if holds != wanted:
            raise Fault(f"scanf stores a {wanted} in a {holds}")
        target[index] = source.real()
    else:
        if holds in FLOATING_SIZES:
            raise Fault(f"scanf stores an integer in a {holds}")
        target[index] = source.integer()
