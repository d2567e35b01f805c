"""Names, numbers, types and texts of a program as slots `V0`, `K0`, `T0`, `S0`, and back.

The letter of a name's slot is what the plan makes of it: `A` an array that is divided, `B` one that is not, `N` the
extent of a partition, `I` the variable of a divided loop, `V` any other, and every name where there is no plan.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

MOST = MappingProxyType({"V": 32, "A": 16, "B": 16, "N": 6, "I": 6, "K": 12, "T": 2, "S": 6, "P": 6})
SMALL = 16  # integers up to here are offsets and widths: they stay numbers
REAL = ("double", "float")  # hidden as types: MPI's names of them go with them
FRESH = "#"  # in the place of the number that makes a new name unlike others; "##" for a second one in the same edit

_TOKEN = re.compile(
    r"(?P<text>\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|//[^\n]*|/\*.*?(?:\*/|\Z))"
    r"|(?P<name>[A-Za-z_]\w*#*)|(?P<number>\.?\d(?:[eEpP][+-]|[\w.])*)|(?P<other>\s+|.)",
    re.DOTALL,
)
OWN = re.compile(r"(?:(?:my|row)_(?:begin|end)|my_count|my_offset|rows|row0|owners|above|below|rank|size)_?\d*")
_LETTERS = "".join(MOST)
SLOT = re.compile(rf"(?<![A-Za-z0-9])(?:MPI_T\d+|[{_LETTERS.replace('P', '')}]\d+|P\d+_[a-z]+)")
BOUND = re.compile(rf"(?<=@)\d+(?=:)|(?<=(?<![A-Za-z0-9])[{_LETTERS}])\d+(?=\b|_)")
_FRESH_NAME = re.compile(r"\b([A-Za-z]\w*)(#+)")


def form_of(edit: str) -> str:
    """An edit with nothing said of which slots and places they are, and how many places stay."""
    return re.sub(r"(?:@:)+", "@:", BOUND.sub("", edit))


@dataclass
class Slots:
    """Given out in the order of what is met; `names` are the program's own. What finds no slot stays as it is.

    `roles` are letters of names; `own` are the slots of what the generator calls the bounds of partitions.
    """

    names: frozenset[str]
    roles: Mapping[str, str] = field(default_factory=dict)
    given: dict[str, str] = field(default_factory=dict)
    own: dict[str, str] = field(default_factory=dict)

    def hide(self, text: str, grow: bool = True) -> str:
        """`text` with slots; with `grow` false none is given out anew."""
        return "".join(self._hidden(m, grow) for m in _TOKEN.finditer(text))

    def show(self, text: str) -> str:
        """`text` with what the slots stand for; one that stands for nothing stays."""
        back = {slot: f"mpi_{word}" if word in self.names else word for word, slot in self.own.items()}
        back |= {slot: what for what, slot in self.given.items()}
        back |= {f"MPI_{slot}": f"MPI_{what.upper()}" for what, slot in self.given.items() if what in REAL}
        return SLOT.sub(lambda m: back.get(m[0], m[0]), text)

    def _hidden(self, m: re.Match[str], grow: bool) -> str:
        word = m[0]
        if m["text"]:
            return self._slot("S", word, grow)
        if m["number"]:
            return word if word.isdigit() and int(word) <= SMALL else self._slot("K", word, grow)
        if m["name"] and word in self.names:
            return self._slot(self.roles.get(word, "V"), word, grow)
        if word in REAL:
            return self._slot("T", word, grow)
        if word.startswith("MPI_"):
            real, _, more = word.removeprefix("MPI_").partition("_")
            slot = self.given.get(real.lower()) if real.lower() in REAL else None
            return word if slot is None else f"MPI_{slot}{'_' if more else ''}{more}"
        if m["name"]:
            return self.own.get(word.removeprefix("mpi_")) or self._composed(word)
        return word

    def _slot(self, kind: str, word: str, grow: bool) -> str:
        if word not in self.given:
            number = sum(slot[0] == kind for slot in self.given.values())
            if not grow or number >= MOST[kind]:
                return word
            self.given[word] = f"{kind}{number}"
        return self.given[word]

    def _composed(self, word: str) -> str:
        """`u_copy` is the slot of `u` with an ending."""
        for end in range(len(word) - 1, 0, -1):
            if word[end] == "_" and word[:end] in self.names and word[:end] in self.given:
                return self.given[word[:end]] + word[end:]
        return word


def declared_afresh(lines: Iterable[str], names: frozenset[str], shared: Collection[str] = ()) -> list[str]:
    """Names made of one of the program's `names` and an ending, that these lines declare: `i_end2` as `i_end#`.

    Those that are `shared` with other lines stay.
    """
    text = "\n".join(lines)
    words = {m["name"] for m in _TOKEN.finditer(text) if m["name"]} - names - set(shared)
    met: dict[str, int] = {}
    chosen: dict[str, str] = {}
    for word in sorted(words, key=lambda w: (len(w), w)):
        base = word.rstrip("0123456789")
        stem, _, ending = base.rpartition("_")
        if stem in names and ending in _ENDINGS and _declares(text, word):
            met[base] = met.get(base, 0) + 1
            chosen[word] = base + FRESH * met[base]
    return re.sub(r"[A-Za-z_]\w*", lambda m: chosen.get(m[0], m[0]), text).split("\n")


_ENDINGS = ("end", "copy", "part", "value", "row", "first", "last", "whole", "all", "start")


def _declares(text: str, word: str) -> bool:
    """As a new variable, and not as a bound of a partition."""
    return bool(re.search(rf"\b(?:int|double|float|long)\s*\*?{re.escape(word)}\b", text)) and not OWN.fullmatch(word)


@dataclass
class FreshNames:
    """Makes the names that a program does not have yet."""

    taken: set[str]

    def settle(self, text: str) -> str:
        """Every `name#` of one edit as a name that nothing has: the same for the same."""
        chosen: dict[str, str] = {}
        for m in _FRESH_NAME.finditer(text):
            if m[0] not in chosen:
                number, name = 1, m[1]
                while name in self.taken:
                    number += 1
                    name = f"{m[1]}{number}"
                self.taken.add(name)
                chosen[m[0]] = name
        return _FRESH_NAME.sub(lambda m: chosen[m[0]], text)
