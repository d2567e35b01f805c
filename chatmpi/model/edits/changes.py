"""An edit in small parts: what stays of the line is `@`, and behind it its places in turn, each with what is put there.

Places of a line are its names and numbers, counted: `V0@0:[V1@1:] = K0@2: + V1@3:;`. Of such a line
`@@0:@1:@2:@3:V1 + row0` is the line with its place 3 changed, and `@@0:@1:@2:V1@` the line with `V1` for all from
place 2 on; of a subscripted name, with the brackets behind. Parentheses that what stands beside a place calls for are
not said. So a network need not copy what stays, and decides for one place after the other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

STAYS = "@"  # not in C, but for texts and comments, which are slots
PLACES = 48  # as many places of a line can be named
_LONGEST = 200  # pieces of a line that is looked at
_NO_PLACE = re.compile(
    r"for|if|else|while|return|sizeof|static|const|int|long|float|double|char|void|struct|size_t|unsigned|T\d+|[.]"
)
_PIECE = re.compile(r"[A-Za-z_]\w*#*|\.?\d[\w.]*|\s+|.")
_WALK = re.compile(r"@(?:@\d+:[^@\n]*)*@?")
_CHANGE = re.compile(r"@(\d+):(?:@(\d+):)?([^@\n]*)")
_BINDS_LEFT = frozenset("+-*/%!&|~)")
_BINDS_RIGHT = frozenset("*/%[.")
_DEPTH = MappingProxyType({"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1})
_RANGE, _CHANGE_COSTS, _PIECE_COSTS, _LINE_COSTS = 4, 1.0, 0.05, 8.0


def pointed(line: str) -> str:
    """A line in slots with its places counted."""
    pieces = _PIECE.findall(line)
    counted = {at: k for k, at in enumerate(_places(pieces))}
    return "".join(f"{x}@{counted[at]}:" if at in counted else x for at, x in enumerate(pieces))


def small(line: str, edit: str) -> str:
    """`edit`, in which the line that is likest `line` says only what changes."""
    if STAYS in line + edit:
        return edit
    lines = edit.split("\n")
    bare = [x.strip() for x in lines]
    best: tuple[float, int, str] | None = None
    for number, other in enumerate(bare):
        if other == line:
            best = (0.0, number, STAYS)
            break
        found = _changes(line, other)
        if found is not None and (best is None or found[0] < best[0]):
            best = (found[0], number, STAYS + found[1])
    if best is None:
        return edit
    cost, number, said = best
    if cost > _LINE_COSTS + _PIECE_COSTS * len(_PIECE.findall(bare[number])) or _changed(line, said) != bare[number]:
        return edit
    indent = lines[number][: len(lines[number]) - len(lines[number].lstrip())]
    lines[number] = indent + _walked(line, said)
    return "\n".join(lines)


def whole(line: str, edit: str, mark: str = "") -> str:
    """What `small` made of an edit, as it was; `mark` before the line that is the program's."""
    return _WALK.sub(lambda m: mark + _changed(line, _unwalked(line, m[0])), edit) if STAYS in edit else edit


def _walked(line: str, said: str) -> str:
    """Changes with every place up to the last of them, in order; the place behind a range is named, `@` at the end."""
    count, made, at = len(_places(_PIECE.findall(line))), STAYS, 0
    for first, last, text in _CHANGE.findall(said):
        made += "".join(f"@{k}:" for k in range(at, int(first) + 1)) + text
        at = int(last or first) + 1
        if last and at == count:
            made += STAYS
    more = bool(re.search(r"@\d+:@\d+:[^@\n]*$", said)) and at < count
    return made + (f"@{at}:" if more else "")


def _unwalked(line: str, walk: str) -> str:
    """What `_walked` made of changes, as they were."""
    steps = [(int(k), text) for k, text in re.findall(r"@(\d+):([^@\n]*)", walk)]
    behind_last = len(_places(_PIECE.findall(line))) if walk.endswith(STAYS) else 0
    ends = [k - 1 for k in [*(k for k, _ in steps[1:]), behind_last]]
    changes = [(k, max(k, end), text) for (k, text), end in zip(steps, ends, strict=False) if text]
    return STAYS + "".join(f"@{k}:{f'@{end}:' if end > k else ''}{text}" for k, end, text in changes)


def _places(pieces: list[str]) -> list[int]:
    """Where names and numbers are."""
    found = [at for at, x in enumerate(pieces) if (x[0].isalnum() or x[0] in "_.") and not _NO_PLACE.fullmatch(x)]
    return found[:PLACES]


def _changed(line: str, said: str) -> str:
    pieces = _PIECE.findall(line)
    places = _places(pieces)
    made, done = "", 0
    for first, last, text in _CHANGE.findall(said):
        begin, end = int(first), int(last or first)
        if end >= len(places) or begin > end or places[begin] < done:
            continue  # there is no such place
        stop = _stop(pieces, places[begin], places[end])
        made += "".join(pieces[done : places[begin]]) + _fitted(text, pieces, places[begin], stop)
        done = stop
    return made + "".join(pieces[done:])


def _stop(pieces: list[str], begin: int, last: int) -> int:
    """Where a range ends: behind the brackets that it opens, if they close right behind it."""
    depth = sum(_DEPTH.get(x, 0) for x in pieces[begin : last + 1])
    stop = last + 1
    while depth > 0 and stop < len(pieces) and pieces[stop] in ")]":
        depth -= 1
        stop += 1
    return stop if depth == 0 else last + 1


def _lasts(pieces: list[str], begin: int, places: list[int]) -> list[int]:
    """Where a range from `begin` on may end: at the next places, or with the subscripts of a name."""
    found = [at for at in places if at >= begin][:_RANGE]
    at = begin + 1
    while at < len(pieces) and pieces[at] == "[":
        depth = 1
        while depth and at + 1 < len(pieces):
            at += 1
            depth += _DEPTH.get(pieces[at], 0)
        at += 1
        inside = [k for k in places if begin < k < at]
        if depth == 0 and inside and inside[-1] not in found and _stop(pieces, begin, inside[-1]) == at:
            found.append(inside[-1])
    return found


def _fitted(text: str, pieces: list[str], begin: int, end: int) -> str:
    """With parentheses where what stands before or behind would bind a part of it."""
    before = next((x for x in reversed(pieces[:begin]) if not x.isspace()), "(")
    behind = next((x for x in pieces[end:] if not x.isspace()), ")")
    is_logical = "".join(pieces[:begin]).rstrip().endswith(("&&", "||"))
    if ((before[-1] in _BINDS_LEFT and not is_logical) or behind[0] in _BINDS_RIGHT) and _is_open(text):
        return f"({text})"
    return text


def _is_open(text: str) -> bool:
    """Whether an operator stands outside all parentheses."""
    depth = 0
    for number, c in enumerate(text):
        depth += (c in "([") - (c in ")]")
        if depth == 0 and c in "+-*/%<>=&|?" and number > 0:
            return True
    return False


def _unfitted(text: str, pieces: list[str], begin: int, end: int) -> str:
    inner = text[1:-1]
    is_whole = text[:1] == "(" and text[-1:] == ")" and _is_balanced(list(inner))
    return inner if is_whole and _fitted(inner, pieces, begin, end) == text else text


def _has_open_comma(pieces: list[str]) -> bool:
    depth = 0
    for x in pieces:
        depth += _DEPTH.get(x, 0)
        if x == "," and depth == 0:
            return True
    return False


def _is_balanced(pieces: list[str]) -> bool:
    depth = 0
    for x in pieces:
        depth += _DEPTH.get(x, 0)
        if depth < 0:
            return False
    return depth == 0


@dataclass(frozen=True, slots=True)
class _Step:
    cost: float
    said: str


@cache  # lines in slots are few
def _changes(line: str, other: str) -> tuple[float, str] | None:
    """The cheapest changes that make `other` of `line`, and what they cost; None if places alone do not differ."""
    a, b = _PIECE.findall(line), _PIECE.findall(other)
    if len(a) > _LONGEST or len(b) > _LONGEST:
        return None
    places = _places(a)
    number = {at: k for k, at in enumerate(places)}
    best: list[list[_Step | None]] = [[None] * (len(b) + 1) for _ in range(len(a) + 1)]
    best[len(a)][len(b)] = _Step(0.0, "")
    for i in range(len(a) - 1, -1, -1):
        for j in range(len(b) - 1, -1, -1):
            options = [best[i + 1][j + 1]] if a[i] == b[j] else []
            if i in number:
                options += _replacing(a, b, i, j, _lasts(a, i, places), number, best)
            known = [x for x in options if x is not None]
            best[i][j] = min(known, key=lambda x: x.cost) if known else None
    found = best[0][0]
    return None if found is None else (found.cost, found.said)


def _replacing(
    a: list[str],
    b: list[str],
    i: int,
    j: int,
    lasts: list[int],
    number: dict[int, int],
    best: list[list[_Step | None]],
) -> list[_Step]:
    """What comes of putting pieces of `b` from `j` on for the places from `i` on."""
    found: list[_Step] = []
    if b[j].isspace():
        return found
    for last in lasts:
        stop = _stop(a, i, last)
        if not _is_balanced(a[i:stop]) or any(x in ";=" for x in a[i:stop]):
            continue
        if _has_open_comma(a[i:stop]):
            continue
        depth = 0
        for end in range(j + 1, len(b) + 1):
            depth += _DEPTH.get(b[end - 1], 0)
            if depth < 0:
                break
            rest = best[stop][end]
            if depth or rest is None or b[end - 1].isspace():
                continue
            if _has_open_comma(b[j:end]):
                continue
            text = _unfitted("".join(b[j:end]), a, i, stop)
            cost = rest.cost + _CHANGE_COSTS * (1.3 if last > i else 1.0) + _PIECE_COSTS * (end - j)
            cost -= 0.1 if text.startswith(a[i]) else 0.0
            to = f"@{number[last]}:" if last > i else ""
            found.append(_Step(cost, f"@{number[i]}:{to}{text}{rest.said}"))
    return found
