"""Reading C text without parsing it: where brackets match, statements end and declarators begin."""

from __future__ import annotations

import re

from chatmpi.analysis.source import Span

_OPAQUE = re.compile(
    r"""
      //(?:\\\r?\n|[^\n])*                      # comments
    | /\*.*?(?:\*/|\Z)
    | "(?:\\.|[^"\\\n])*"                       # string and character literals
    | '(?:\\.|[^'\\\n])*'
    | (?m:^)[ \t]*\#(?:\\\r?\n|/\*.*?\*/|[^\n])*   # directives
    | \\\r?\n                                   # line continuations
    """,
    re.VERBOSE | re.DOTALL,
)
_NOT_NEWLINE = re.compile(r"[^\n]")
_SPACE = re.compile(r"\s*")
_OPENING, _CLOSING = "([{", ")]}"
_LONGEST_PREFIX = 200
_DECLARATOR_PREFIX = re.compile(
    r"(?:\*(?:\s*\b(?:const|volatile|restrict|__restrict|__restrict__|_Atomic)\b)*\s*|\(\s*)*\Z"
)


def mask(text: str) -> str:
    """The text at its length, with comments and directives blank and the insides of literals neutral."""

    def neutral(match: re.Match[str]) -> str:
        found = match.group()
        if found[0] in "\"'":
            return found[0] + "_" * (len(found) - 2) + found[0]
        return _NOT_NEWLINE.sub(" ", found)

    return _OPAQUE.sub(neutral, text)


def comments(text: str) -> dict[int, int]:
    """Where each comment begins, by where its last word ends."""
    found = (m for m in _OPAQUE.finditer(text) if m.group().startswith(("//", "/*")))
    return {m.start() + len(m.group().rstrip()): m.start() for m in found}


def skip_space(masked: str, position: int) -> int:
    """The first position from `position` on that is not white space (or a comment)."""
    found = _SPACE.match(masked, position)
    assert found is not None
    return found.end()


def closing(masked: str, position: int) -> int | None:
    """The position just after the bracket that closes the one at `position`."""
    depth = 0
    for i in range(position, len(masked)):
        if masked[i] in _OPENING:
            depth += 1
        elif masked[i] in _CLOSING:
            depth -= 1
            if depth == 0:
                return i + 1
    return None


def split(masked: str, begin: int, end: int, separator: str) -> list[Span]:
    """The parts of `masked[begin:end]` between separators that stand outside all brackets."""
    parts, depth, start = [], 0, begin
    for i in range(begin, end):
        if masked[i] in _OPENING:
            depth += 1
        elif masked[i] in _CLOSING:
            depth -= 1
        elif masked[i] == separator and depth == 0:
            parts.append(Span(start, i))
            start = i + 1
    return [*parts, Span(start, end)]


def strip(masked: str, span: Span) -> Span:
    """The span without the white space (and comments) at its ends."""
    begin = min(skip_space(masked, span.begin), span.end)
    end = span.end
    while end > begin and masked[end - 1].isspace():
        end -= 1
    return Span(begin, end)


def bracket_spans(masked: str, position: int) -> tuple[Span, ...]:
    """The `[…]` that follow `position`, as after a declared name."""
    found = []
    position = skip_space(masked, position)
    while position < len(masked) and masked[position] == "[":
        end = closing(masked, position)
        if end is None:
            break
        found.append(Span(position, end))
        position = skip_space(masked, end)
    return tuple(found)


def after_closing_parentheses(masked: str, position: int) -> int:
    """Past the `)` that follow `position`."""
    position = skip_space(masked, position)
    while masked.startswith(")", position):
        position = skip_space(masked, position + 1)
    return position


def declarator_begin(masked: str, name: int) -> int:
    """Where the declarator of the name at `name` begins: before its stars, their qualifiers and parentheses."""
    found = _DECLARATOR_PREFIX.search(masked, max(0, name - _LONGEST_PREFIX), name)
    return found.start() if found else name


def for_header(masked: str, begin: int) -> tuple[int, int, int] | None:
    """The positions of the two semicolons and of the closing parenthesis of the `for` at `begin`."""
    if not masked.startswith("for", begin):
        return None
    opening = skip_space(masked, begin + 3)
    if not masked.startswith("(", opening):
        return None
    end = closing(masked, opening)
    if end is None:
        return None
    parts = split(masked, opening + 1, end - 1, ";")
    return (parts[0].end, parts[1].end, end - 1) if len(parts) == 3 else None
