"""Which lines of an answer stand for which line of the program: the edits of a translation, a line at a time."""

from __future__ import annotations

import difflib
import re
from functools import cache

_TEXT = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|/\*.*?\*/|//.*")


def edits_of(program: list[str], answer: list[str], asked: set[int]) -> list[list[str]]:
    """For each line of the program what becomes of it: lines that are put before it, the line itself, braces behind it.

    Lines that are put before one that is not `asked` about go with the next that is. A line that is dropped has an
    empty list.
    """
    partner = _partners(program, answer)
    edits: list[list[str]] = []
    done = 0
    for number in range(len(program)):
        place = partner.get(number)
        if place is None:
            edits.append([])
            continue
        while number - 1 in asked and edits[-1] and answer[done].strip() == "}" and done < place:
            edits[-1].append(answer[done])  # the end of a block that the line before is in
            done += 1
        edits.append(answer[done : place + 1])
        done = place + 1
    carried: list[str] = []
    for number, edit in enumerate(edits):
        if number in asked:
            edits[number], carried = carried + edit, []
        else:
            carried += edit[:-1]
            edits[number] = edit[-1:]
    return edits


def _partners(program: list[str], answer: list[str]) -> dict[int, int]:
    """Each line's counterpart: equal lines first, and between these the likest, in order."""
    one, other = _with_openers(program), _with_openers(answer)
    found: dict[int, int] = {}
    matcher = difflib.SequenceMatcher(None, one, other, autojunk=False)
    for kind, i1, i2, j1, j2 in matcher.get_opcodes():
        if kind == "equal":
            found |= dict(zip(range(i1, i2), range(j1, j2), strict=True))
        elif kind == "replace":
            found |= {i1 + i: j1 + j for i, j in _likest(one[i1:i2], other[j1:j2])}
    return found


def _likest(some: list[str], others: list[str]) -> list[tuple[int, int]]:
    """Pairs in order with the greatest likeness in all."""
    likeness = [[_likeness(a, b) for b in others] for a in some]
    best = [[0.0] * (len(others) + 1) for _ in range(len(some) + 1)]
    for i in range(len(some) - 1, -1, -1):
        for j in range(len(others) - 1, -1, -1):
            best[i][j] = max(best[i + 1][j], best[i][j + 1], likeness[i][j] + best[i + 1][j + 1])
    pairs, i, j = [], 0, 0
    while i < len(some) and j < len(others):
        if likeness[i][j] > 0 and best[i][j] == likeness[i][j] + best[i + 1][j + 1]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs


@cache
def _likeness(one: str, other: str) -> float:
    """From 0 to 1, by shared words; lines that begin otherwise are not alike."""
    if not one or not other:
        return 0.0
    a, b = _words(one), _words(other)
    if a[0] != "if" and b[0] == "if":
        b = _behind_condition(b) or b
    ratio = difflib.SequenceMatcher(None, a, b, autojunk=False).ratio()
    return ratio if ratio > 0.2 and a[0] == b[0] else 0.0


def _words(line: str) -> list[str]:
    return re.findall(r"\w+|[^\w\s]", line)


def _behind_condition(words: list[str]) -> list[str]:
    """What stands behind `if (...)` in the same line."""
    depth = 0
    for number, word in enumerate(words):
        depth += (word == "(") - (word == ")")
        if word == ")" and not depth:
            return words[number + 1 :]
    return []


def _with_openers(lines: list[str]) -> list[str]:
    """Each line in plain spacing; a brace alone that closes a block stands with the line that opens it."""
    plain = [" ".join(line.split()) for line in lines]
    found, opened = [], []
    for number, line in enumerate(plain):
        bare = _TEXT.sub("", line)
        at = number - 1 if line == "{" and number else number
        opener = ""
        for brace in re.findall("[{}]", bare):
            if brace == "{":
                opened.append(at)
            elif opened:
                opener = plain[opened.pop()]
        found.append(f"}} {opener}" if line == "}" else line)
    return found
