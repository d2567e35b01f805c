"""An edit in small parts: what stays of the line is `@`, what changes in it stands behind, with as little as names it.

`@$V1`rows$` is the line with its first `V1` changed into `rows`. So a network need not copy what stays.
"""

from __future__ import annotations

import difflib
import re

STAYS, OPENS, BECOMES = "@", "$", "`"  # not in C, but for texts and comments, which are slots
_WORD = re.compile(r"\w+#*|\s+|.")
_CHANGED = re.compile(r"@(?:\$[^$`\n]*`[^$`\n]*)*\$?")
_ALIKE = 0.4


def small(line: str, edit: str) -> str:
    """`edit`, in which the lines like `line` say only what changes."""
    if any(c in line + edit for c in (STAYS, OPENS, BECOMES)):
        return edit
    lines = edit.split("\n")
    bare = [x.strip() for x in lines]
    if line in bare:
        return "\n".join(_indent(x) + STAYS if y == line else x for x, y in zip(lines, bare, strict=True))
    ratios = [difflib.SequenceMatcher(None, _WORD.findall(line), _WORD.findall(x)).ratio() for x in bare]
    best = max(range(len(lines)), key=lambda k: ratios[k])
    if ratios[best] < _ALIKE:
        return edit
    said = STAYS + _changes(line, bare[best])
    if whole(line, said) != bare[best] or len(said) > len(bare[best]):
        return edit
    lines[best] = _indent(lines[best]) + said
    return "\n".join(lines)


def whole(line: str, edit: str) -> str:
    """What `small` made of an edit, as it was."""
    return _CHANGED.sub(lambda m: _changed(line, m[0]), edit) if STAYS in edit else edit


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _changes(line: str, other: str) -> str:
    """Each change as what it replaces, with enough before it to be met first where it is meant, and what it becomes."""
    a, b = _WORD.findall(line), _WORD.findall(other)
    parts, done = "", 0
    for kind, i1, i2, j1, j2 in difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        start = i1
        while start > done and (
            start == i2 or line.find("".join(a[start:i2]), len("".join(a[:done]))) != len("".join(a[:start]))
        ):
            start -= 1
        old, end = "".join(a[start:i2]), i2
        if not old:
            old, end = "".join(a[i2 : i2 + 1]), i2 + 1
            new = "".join(b[j1:j2]) + old
        else:
            new = "".join(a[start:i1]) + "".join(b[j1:j2])
        parts += f"{OPENS}{old}{BECOMES}{new}"
        done = end
    return parts + OPENS if parts else ""


def _changed(line: str, said: str) -> str:
    made, at = "", 0
    for old, new in re.findall(r"\$([^$`\n]*)`([^$`\n]*)", said):
        place = line.find(old, at) if old else -1
        if place < 0:
            continue
        made += line[at:place] + new
        at = place + len(old)
    return made + line[at:]
