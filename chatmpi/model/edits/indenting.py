"""How the lines of edits are indented: the network does not say it, it follows from what they open and close."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from chatmpi.model.edits.wrapping import aligned

OWN_LINE = "\x01"  # stands before the line of an edit that is the program's own
_HEADER = re.compile(r"(?:(?:if|for|while) ?\(.*\)|else)$")


def unit_of(text: str) -> str:
    """What a program's lines are indented by."""
    bare = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    found = re.search(r"^(\t|  +)\w", bare, re.MULTILINE)
    return found[1] if found and len(found[1]) in (1, 2, 3, 4, 8) else "    "


@dataclass
class Layout:
    """Goes through a program's lines in order. `ends`: the last line of the statement that begins at a line."""

    ends: Mapping[int, int]
    unit: str
    _depth: int = 0  # of blocks that edits opened
    _inner: list[tuple[int, int]] = field(default_factory=list)  # statements behind a header of an edit's: end, depth

    def kept(self, number: int, line: str) -> str:
        """A line that stays as it is."""
        return self.unit * self._more(number) + line if line.strip() else line

    def laid_out(self, number: int, line: str, edit: Sequence[str]) -> list[str]:
        """The lines of an edit in place of `line`; the own one among them, if it says none, is the last."""
        base = line[: len(line) - len(line.lstrip())]
        edit = list(edit)
        if not any(x.startswith(OWN_LINE) for x in edit):
            last = max((k for k, x in enumerate(edit) if x != "}"), default=0)
            edit[last] = OWN_LINE + edit[last]
        outer = self._more(number) - self._depth
        made: list[str] = []
        behind_header = 0
        for first, last in _statements(edit):
            bare = edit[first].removeprefix(OWN_LINE)
            is_own = bare != edit[first]
            if bare.startswith("}") and not is_own:
                self._depth = max(0, self._depth - 1)
            indent = base + self.unit * (outer + self._depth + behind_header)
            made += [indent + x if x else "" for x in aligned([bare, *edit[first + 1 : last]])]
            if is_own and behind_header and self.ends.get(number, number) > number:
                self._inner.append((self.ends[number], behind_header))
            if _HEADER.match(edit[last - 1].strip()) and not is_own:
                behind_header += 1
                continue
            behind_header = 0
            if edit[last - 1].endswith("{") and not is_own:
                self._depth += 1
        return made

    def _more(self, number: int) -> int:
        return self._depth + sum(depth for end, depth in self._inner if number <= end)


def _statements(edit: Sequence[str]) -> list[tuple[int, int]]:
    """Lines with those that go on with them."""
    starts = [k for k, x in enumerate(edit) if k == 0 or not x.startswith("\t")]
    return list(zip(starts, [*starts[1:], len(edit)], strict=True))
