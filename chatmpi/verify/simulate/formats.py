"""`printf` and `scanf`: what is printed, as a sequence of texts and terms."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from chatmpi.verify.simulate.errors import Fault, Unsupported
from chatmpi.verify.simulate.memory import codes
from chatmpi.verify.simulate.terms import Term, Ticks

_CONVERSION = re.compile(
    r"%(?P<flags>[-+ #0']*)(?P<width>\*|\d*)(?P<precision>\.(?:\*|\d*))?"
    r"(?P<length>hh|h|ll|l|j|z|t|L)?(?P<kind>[diouxXcsfFeEgGaAp%n])"
)
_SIGNED, _UNSIGNED = "di", "ouxX"


class PrintedCharacter(int):
    """A character that a floating value was printed as, into memory: the `at`th of `text`, which stands for `item`."""

    item: tuple[str, Term] | tuple[str, Ticks]
    text: str
    at: int


# What stands in an output: text, or a floating value with the conversion that prints it.
Item = str | tuple[str, Term] | tuple[str, Ticks]


@functools.cache
def _pieces(text: str) -> tuple[str | re.Match[str], ...]:
    found: list[str | re.Match[str]] = []
    done = 0
    for match in _CONVERSION.finditer(text):
        if match.start() > done:
            found.append(text[done : match.start()])
        found.append(match)
        done = match.end()
    if done < len(text):
        found.append(text[done:])
    if any(isinstance(p, str) and "%" in p for p in found):
        raise Unsupported(f"the format {text!r}")
    return tuple(found)


def characters(items: Iterable[Item]) -> list[int]:
    """What is printed, as it lies in memory."""
    found: list[int] = []
    for item in items:
        if isinstance(item, str):
            found += codes(item)[:-1]
            continue
        text = shown(item)
        for at, c in enumerate(text):
            character = PrintedCharacter(ord(c))
            character.item, character.text, character.at = item, text, at
            found.append(character)
    return found


def character(value: int) -> str:
    """One character that is printed by itself."""
    if isinstance(value, PrintedCharacter):
        raise Unsupported("a part of a number that was printed into memory")
    return chr(int(value) % 256)


def items_of(found: Sequence[int]) -> Iterator[Item]:
    """Characters in memory, as they are printed once more."""
    k = 0
    while k < len(found):
        c = found[k]
        if not isinstance(c, PrintedCharacter):
            yield chr(c % 256)
            k += 1
            continue
        whole = found[k : k + len(c.text)]
        if [x.at for x in whole if isinstance(x, PrintedCharacter) and x.item is c.item] != list(range(len(c.text))):
            raise Unsupported("a part of a number that was printed into memory")
        yield c.item
        k += len(c.text)


def printed(text: str, arguments: tuple[Any, ...], characters_at: Callable[[Any], list[int]]) -> Iterator[Item]:
    """What `printf` writes."""
    rest = iter(arguments)

    def following() -> Any:
        try:
            return next(rest)
        except StopIteration:
            raise Fault("printf has fewer arguments than its format asks for") from None

    for piece in _pieces(text):
        if isinstance(piece, str):
            yield piece
            continue
        kind = piece["kind"]
        if kind == "%":
            yield "%"
            continue
        width = str(int(following())) if piece["width"] == "*" else piece["width"]
        precision = piece["precision"] or ""
        if precision == ".*":
            precision = f".{int(following())}"
        if kind == "s":
            yield from _string(characters_at(following()), "-" in piece["flags"], width, precision)
            continue
        yield _converted(f"%{piece['flags']}{width}{precision}", kind, piece["length"] or "", following())


def _string(found: list[int], left: bool, width: str, precision: str) -> Iterator[Item]:
    if precision:
        found = found[: int(precision[1:] or 0)]
    space = " " * (abs(int(width or 0)) - len(found))
    left = left or width.startswith("-")
    yield from ([] if left else [space])
    yield from items_of(found)
    yield from ([space] if left else [])


def _converted(spec: str, kind: str, length: str, value: Any) -> Item:
    if kind in "fFeEgGaA":
        if not isinstance(value, Term):
            value.__int__()  # poison says so
            raise Fault(f"printf prints an integer by %{kind}")
        return (spec + kind, value)
    if kind == "c":
        return (spec + "s") % character(value)
    if kind in _SIGNED + _UNSIGNED:
        if isinstance(value, Term | tuple):
            raise Fault(f"printf prints another value by %{kind}")
        if isinstance(value, Ticks):
            return (spec + kind, value)
        number = int(value)
        wide = length in ("l", "ll", "j", "z", "t")
        if kind in _UNSIGNED and number < 0:
            number %= 2**64 if wide else 2**32
        if kind in _SIGNED and not wide and number >= 2**31:
            number -= 2**32
        return (spec + ("d" if kind in "iu" else kind)) % number
    if kind == "p":  # no two runs agree in an address
        return "(an address)"
    raise Unsupported(f"the conversion %{kind}")


def shown(item: Item) -> str:
    """An item as the program would print it."""
    if isinstance(item, str):
        return item
    spec, value = item
    if isinstance(value, Ticks):
        return "(a time)"
    number = value.value
    if spec[-1] in "aA":
        return number.hex()
    if number != number or number in (float("inf"), float("-inf")):
        return str(number)
    return spec % number
