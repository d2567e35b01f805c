"""Lines that go on with an open parenthesis: in an edit a tab stands before them, in a program they are aligned."""

from __future__ import annotations

from collections.abc import Sequence

GOES_ON = "\t"


def unaligned(lines: Sequence[str]) -> list[str]:
    """Lines of an edit as the network says them."""
    found: list[str] = []
    opened: list[int] = []
    for line in lines:
        found.append(GOES_ON + line.lstrip() if opened else line)
        opened = _opened(line, opened)
    return found


def aligned(lines: Sequence[str]) -> list[str]:
    """As they stand in a program: under what follows the innermost open parenthesis."""
    found: list[str] = []
    opened: list[int] = []
    for line in lines:
        text = " " * opened[-1] + line.removeprefix(GOES_ON) if opened and line.startswith(GOES_ON) else line
        found.append(text)
        opened = _opened(text, opened)
    return found


def _opened(line: str, opened: list[int]) -> list[int]:
    """Columns behind the parentheses that are open at the end of a line."""
    found = list(opened)
    for column, c in enumerate(line):
        if c == "(":
            found.append(column + 1)
        elif c == ")" and found:
            found.pop()
    return found
