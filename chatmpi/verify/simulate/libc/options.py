"""`getopt`, as GNU's: what is no option goes behind all that are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chatmpi.verify.simulate.memory import string_at
from chatmpi.verify.simulate.values import NULL, Pointer

OPTION_SIGNATURES = {"getopt": "ips"}
OPTION_VARIABLES = frozenset({"optarg", "optind", "opterr", "optopt"})
_END, _BAD = -1, ord("?")


@dataclass
class Options:
    """The variables of unistd.h that getopt sets; `within` is how far it is in a word with several letters,
    `was_at` where that word was before it came forward."""

    optarg: Any = NULL
    optind: int = 1
    opterr: int = 1
    optopt: int = 0
    within: int = 1
    was_at: int = 0

    def next(self, count: int, words: Pointer, known: Any) -> int:
        vector, first = words
        letters = string_at(known)
        if self.within == 1 and not self._found(count, vector, first):
            return _END
        word = vector[first + self.optind]
        text = string_at(word)
        letter, at = text[self.within], self.within
        self.within += 1
        more = self.within < len(text)
        place = letters.find(letter)
        if place < 0 or letter == ":":
            self.optopt = ord(letter)
            self._done(more)
            return _BAD
        if letters[place + 1 : place + 2] != ":":
            self._done(more)
            return ord(letter)
        self.within = 1
        self.optind += 1
        if more:
            self.optarg = (word[0], word[1] + at + 1)
        elif self.was_at + 1 < count:
            self._move(self.was_at + 1, vector, first)
            self.optarg = vector[first + self.optind]
            self.optind += 1
        else:
            self.optopt = ord(letter)
            return ord(":") if letters.startswith(":") else _BAD
        return ord(letter)

    def _done(self, more: bool) -> None:
        if not more:
            self.within = 1
            self.optind += 1

    def _found(self, count: int, vector: list[Any], first: int) -> bool:
        """Bring the next option to where the last one ended."""
        for k in range(self.optind, count):
            text = string_at(vector[first + k])
            if text == "--":
                self._move(k, vector, first)
                self.optind += 1
                return False
            if text.startswith("-") and len(text) > 1:
                self._move(k, vector, first)
                self.was_at = k
                return True
        return False

    def _move(self, k: int, vector: list[Any], first: int) -> None:
        """Bring a word to where the next one that is read stands."""
        if k != self.optind:
            vector.insert(first + self.optind, vector.pop(first + k))
