"""The program in what a model says: in a fence, in prose, cut off, or as a diff of the sequential program."""

from __future__ import annotations

import re
from dataclasses import dataclass

_FENCE = re.compile(
    r"^[ \t]*(`{3,}|~{3,})[ \t]*([\w+-]*)[^\n]*\n(.*?)(?:^[ \t]*\1[ \t]*$|\Z)", re.DOTALL | re.MULTILINE
)
_CODE = re.compile(
    r"^[ \t]*(#[ \t]*(include|define|if)|/\*|//|(static|const|int|double|float|void|typedef|struct)\b)", re.M
)
_HUNK = re.compile(r"^@@ -(\d+)(?:,(\d+))? \+\d+(?:,\d+)? @@", re.MULTILINE)
_C_NAMES = ("", "c", "cpp", "c++", "diff", "patch", "mpi")


@dataclass(frozen=True, slots=True)
class Extracted:
    """`code` is empty where there is none; `problem` says why, or what is odd about it."""

    code: str
    problem: str = ""


def extract(answer: str, sequential: str, cut: bool) -> Extracted:
    """`cut`: the limit of tokens ended the answer."""
    blocks = [(m[2].lower(), m[3]) for m in _FENCE.finditer(answer) if m[2].lower() in _C_NAMES]
    named = "its answer was cut off by the limit of tokens" if cut else ""
    for _, text in sorted(blocks, key=lambda b: -len(b[1])):
        if _HUNK.search(text):
            return _patched(text, sequential, named)
        if "main" in text:
            return Extracted(text, named)
    if not blocks and _HUNK.search(answer):
        return _patched(answer, sequential, named)
    if blocks:
        return Extracted("", named or "its answer has no program with a main function")
    start = _CODE.search(answer)
    end = answer.rfind("}")
    if start is None or end < start.start() or "main" not in answer:
        return Extracted("", named or "its answer has no program")
    return Extracted(answer[start.start() : end + 1] + "\n", named)


def _patched(diff: str, sequential: str, problem: str) -> Extracted:
    """A unified diff applied: each hunk where its old lines stand, nearest to the place that it names."""
    lines, shift = sequential.splitlines(), 0
    pieces = _HUNK.split(diff)[1:]
    for number, body in zip(pieces[0::3], pieces[2::3], strict=True):
        changed = [line for line in body.splitlines()[1:] if line[:1] in "+- " and not line.startswith(("---", "+++"))]
        old = [line[1:] for line in changed if line[0] != "+"]
        new = [line[1:] for line in changed if line[0] != "-"]
        wanted = int(number) - 1 + shift
        places = [i for i in range(len(lines) - len(old) + 1) if _alike(lines[i : i + len(old)], old)]
        if not places:
            return Extracted("", problem or f"its diff does not fit the program at line {number}")
        place = min(places, key=lambda i: abs(i - wanted))
        lines[place : place + len(old)] = new
        shift += len(new) - len(old)
    return Extracted("\n".join(lines) + "\n", problem)


def _alike(some: list[str], others: list[str]) -> bool:
    return all(a.rstrip() == b.rstrip() for a, b in zip(some, others, strict=True))
