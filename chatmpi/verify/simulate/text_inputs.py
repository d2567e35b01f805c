"""Standard input and files that are read as text: characters that know which made-up number they belong to, so that a
number that a program scans out of a line is the same leaf wherever it is read."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import Any

from chatmpi.analysis import tree
from chatmpi.verify.simulate.errors import Fault, Unsupported
from chatmpi.verify.simulate.formats import PrintedCharacter
from chatmpi.verify.simulate.layouts import FLOATING_SIZES
from chatmpi.verify.simulate.terms import Term, Terms, to_single
from chatmpi.verify.simulate.values import Object, bad_access

_READS_TEXT = frozenset({"getchar", "getc", "fgetc", "fgets", "sscanf", "feof", "atof", "strtod"}) | {
    *("getline", "ungetc", "strtol", "strtof", "strtold")
}
_CONVERSION = re.compile(r"(\s+)|%%|%(\*?)(\d*)(hh|h|ll|l|j|z|L)?([diufegsc])|(.)", re.DOTALL)
_INTEGER, _REAL = re.compile(r"[+-]?\d+"), re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_WORD = re.compile(r"\S+")
# What C takes for a number, or for the beginning of one, otherwise than these: signs alone, other bases, words.
_UNLIKE = {
    **{"d": re.compile(r"[+-](?!\d)"), "u": re.compile(r"-|\+(?!\d)"), "i": re.compile(r"[+-](?!\d)|[+-]?0[\dxX]")},
    **dict.fromkeys("feg", re.compile(r"[+-](?![.\d])|[+-]?\.(?!\d)|[+-]?(0[xX]|[iInN])")),
    "s": re.compile(r"(?!)"),
}
_PER_LINE, _LINES = 3, 100
END = -1


class InputCharacter(int):
    """A character of a number that was made up: `leaf` gives the number's term."""

    leaf: Callable[[float], Term]


def reads_text(program: tree.Program) -> bool:
    """Whether a program looks at its input otherwise than as numbers, one after the other."""
    for function in program.functions:
        for n in tree.walk(function.body):
            if isinstance(n, tree.Call) and n.name in _READS_TEXT:
                return True
            if isinstance(n, tree.Call) and n.name in {"scanf", "fscanf"}:
                formats = [a.value for a in n.arguments if isinstance(a, tree.StringLiteral)]
                if any(re.search(r"%\*?\d*[sc\[]|%\*|%\d|[^\s%\w.]", f) for f in formats):
                    return True
    return False


class Text:
    """Characters to be read in order, the number zero at the end not among them; `is_exact`: what is read from them is
    to be what C reads, as they are not made up."""

    def __init__(self, characters: list[Any], is_exact: bool = False) -> None:
        self._characters, self._next, self.ended, self.is_exact = characters, 0, False, is_exact

    @property
    def position(self) -> int:
        return self._next

    @classmethod
    def made_up(cls, name: str, terms: Terms, size: int, empty: bool) -> Text:
        """Lines of numbers; the first are about `size`, as they may be sizes."""
        found: list[Any] = []
        for k in range(0 if empty else _PER_LINE * min(size * size + 8, _LINES)):
            for c in str(size + k if k < _PER_LINE else k * 7 % 5 + 1):
                character = InputCharacter(ord(c))
                character.leaf = _leaf(terms, f"{name}[{k}]")
                found.append(character)
            found.append(ord("\n" if k % _PER_LINE == _PER_LINE - 1 else " "))
        return cls(found)

    def get(self) -> Any:
        """The next character, or EOF."""
        if self._next >= len(self._characters):
            self.ended = True
            return END
        self._next += 1
        return self._characters[self._next - 1]

    def back(self, steps: int = 1) -> None:
        self._next -= steps

    def rewind(self) -> None:
        self._next, self.ended = 0, False

    def rest(self) -> list[Any]:
        return self._characters[self._next :]

    def line(self, most: int = sys.maxsize) -> list[Any]:
        """The characters up to the end of the line, or as many as there is room for."""
        found: list[Any] = []
        while len(found) < most and (c := self.get()) != END:
            found.append(c)
            if c == ord("\n"):
                break
        return found


def _leaf(terms: Terms, name: str) -> Callable[[float], Term]:
    return lambda value: terms.input(f"{name} as {value!r}", value)


def number_of(characters: list[Any], value: float, terms: Terms) -> Term:
    """A floating value that was written as these characters."""
    first = characters[0] if characters else 0
    if isinstance(first, PrintedCharacter):
        raise Unsupported("a number that was printed into memory and is read again")
    return first.leaf(value) if isinstance(first, InputCharacter) else terms.constant(value)


def scanned_text(text: Text, format: str, targets: tuple[Any, ...], terms: Terms) -> int:
    """`scanf`: how many values were read, or EOF."""
    done, rest = 0, list(targets)
    for piece in _CONVERSION.finditer(format):
        space, silent, width, length, kind, other = piece.groups()
        if space or piece.group() == "%%" or (kind and kind != "c"):
            _skip_space(text)
        if space:
            continue
        if kind is None:
            if text.is_exact and other == "%":
                raise Unsupported(f"the format {format!r} for reading")
            if text.get() != ord(other or "%"):
                text.back(0 if text.ended else 1)
                return END if text.ended and not done else done
            continue
        characters = _matched(text, kind, int(width) if width else 0)
        if not characters:
            return END if not text.rest() and not done else done
        if silent:
            continue
        if not rest:
            raise Fault("scanf has fewer arguments than its format asks for")
        _store(rest.pop(0), characters, kind, length or "", terms)
        done += 1
    return done


def _skip_space(text: Text) -> None:
    while (c := text.get()) != END and chr(c).isspace():
        pass
    if c != END:
        text.back()


def _matched(text: Text, kind: str, width: int) -> list[Any]:
    ahead = text.rest()[: width or None]
    if kind == "c":
        found = ahead[: width or 1]
        text.ended |= text.is_exact and len(found) < (width or 1)
    else:
        shown = "".join(map(chr, ahead if text.is_exact else ahead[:64]))
        pattern = _INTEGER if kind in "diu" else _REAL if kind in "feg" else _WORD
        match = pattern.match(shown)
        end = match.end() if match else 0
        if text.is_exact and (_UNLIKE[kind].match(shown) or (kind in "feg" and shown[end : end + 1] in ("e", "E"))):
            raise Unsupported(f"the text {shown[:20]!r} where a number is read")
        found = ahead[:end]
        text.ended |= text.is_exact and len(found) == len(text.rest()) and len(found) < (width or sys.maxsize)
    for _ in found:
        text.get()
    return found


def _store(place: Any, characters: list[Any], kind: str, length: str, terms: Terms) -> None:
    target, index = place
    if not isinstance(target, Object) or target.layout is None or not 0 <= index < len(target):
        raise Fault("scanf stores out of bounds")
    holds = target.layout.kinds[index % len(target.layout.kinds)]
    if kind in "sc":
        content = [*characters, 0] if kind == "s" else characters
        if index + len(content) > len(target):
            raise Fault("scanf stores out of bounds")
        target[index : index + len(content)] = content
        return
    shown = "".join(map(chr, characters))
    if kind in "feg":
        wanted = {"l": "double", "L": "long double", "": "float"}.get(length)
        if holds != wanted:
            raise Fault(f"scanf stores a {wanted} in a {holds}")
        value = to_single(float(shown)) if wanted == "float" else float(shown)
        target[index] = number_of(characters, value, terms)
    elif holds in FLOATING_SIZES:
        raise Fault(f"scanf stores an integer in a {holds}")
    else:
        target[index] = int(shown)


def characters_at(pointer: Any) -> list[Any]:
    """The characters of a string, as they lie in memory."""
    if isinstance(pointer, str):
        return [ord(c) for c in pointer]
    if not isinstance(pointer, tuple):
        raise Unsupported("a string of another kind")
    target, index = pointer
    found: list[Any] = []
    while 0 <= index < len(target) and target[index] != 0:
        found.append(target[index])
        index += 1
    if not 0 <= index < len(target):
        raise bad_access(target, index)
    return found
