"""One function for all copies of it that stayed alike: undoes `analysis/specialise.py` as far as it can be undone."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping

_PIECE = re.compile(r"/\*chatmpi:copy (\w+)\*/(.*?)/\*chatmpi:end\*/", re.DOTALL)
_DROPPED = re.compile(r"\s*\0")


def unified(text: str, copies: Mapping[str, str]) -> str:
    """The program's text with the marked copies made one where they are the same; others get names of their own.

    `copies` maps the copies' names to those that people know them by (`dot#2`).
    """
    pieces = list(_PIECE.finditer(text))
    definitions = {p[1]: p[2] for p in pieces if not p[2].endswith(";")}
    original = {name: copies.get(name, name).partition("#")[0] for name in definitions}
    classes = _classes(definitions, original)
    final = _final_names(classes, original, text)
    shown: set[tuple[str, bool]] = set()

    def keep(piece: re.Match[str]) -> str:
        name = final[piece[1]]
        is_prototype = piece[2].endswith(";")
        if (name, is_prototype) in shown or (is_prototype and name == original[piece[1]]):
            return "\0"
        shown.add((name, is_prototype))
        return piece[2]

    kept = _DROPPED.sub("", _PIECE.sub(keep, text))
    return re.sub(r"\b\w+\b", lambda word: final.get(word[0], word[0]), kept) if final else kept


def _classes(definitions: Mapping[str, str], original: Mapping[str, str]) -> dict[str, int]:
    """Copies that do the same have one number: they look alike, and so do the copies that they call."""
    numbers = {o: k for k, o in enumerate(dict.fromkeys(original.values()))}
    classes = {name: numbers[original[name]] for name in definitions}
    while True:
        keys: dict[tuple[int, str], int] = {}
        refined: dict[str, int] = {}
        for name, body in definitions.items():
            plain = re.sub(r"\b\w+\b", functools.partial(_as_class, classes), body)
            refined[name] = keys.setdefault((classes[name], plain), len(keys))
        if len(set(refined.values())) == len(set(classes.values())):
            return classes
        classes = refined


def _as_class(classes: Mapping[str, int], word: re.Match[str]) -> str:
    return f"@{classes[word[0]]}" if word[0] in classes else word[0]


def _final_names(classes: Mapping[str, int], original: Mapping[str, str], text: str) -> dict[str, str]:
    named: dict[int, str] = {number: name for name, number in classes.items() if name == original[name]}
    taken = set(re.findall(r"\w+", text))
    for name, number in classes.items():
        if original[name] not in (*classes, *named.values()):  # its own call was written out
            named.setdefault(number, original[name])
    for name, number in classes.items():
        if number not in named:
            k = 2
            while f"{original[name]}_{k}" in taken:
                k += 1
            named[number] = f"{original[name]}_{k}"
            taken.add(named[number])
    return {name: named[number] for name, number in classes.items()}
