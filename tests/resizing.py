"""Change a size in a C program's text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chatmpi.corpus.index import ARGUMENT

_NOT_CODE = re.compile(r"""/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""", re.DOTALL)
_DIRECTIVE = re.compile(r"^[ \t]*#(?:\\\n|[^\n])*", re.MULTILINE)
_NUMBER = r"(\d+[uUlL]*)"
_DECLARATION = re.compile(r"\s*(?:static|const|unsigned|int|long|size_t)\b")


def sized(text: str, name: str, value: int) -> tuple[str, tuple[str, ...]]:
    """The text and the arguments of a corpus program, or of its translation, at a size."""
    return (text, (str(value),)) if name == ARGUMENT else (with_size(text, name, value), ())


def with_size(text: str, name: str, value: int) -> str:
    """The program with another value for the macro, constant or variable `name`.

    It must be defined once and by a number (`#define N 64`, `const int n = 64`, `int i, n = 64;`); raises
    ValueError otherwise.
    """
    found = list(_definitions(_NOT_CODE.sub(_blank, text), name))
    if len(found) != 1:
        raise ValueError(f"{name} is defined by a number {len(found)} times, not once")
    begin, end = found[0]
    return text[:begin] + str(value) + text[end:]


def _definitions(code: str, name: str) -> Iterator[tuple[int, int]]:
    """Where the values stand."""
    for macro in re.finditer(rf"^[ \t]*#[ \t]*define[ \t]+{name}[ \t]+{_NUMBER}[ \t]*$", code, re.MULTILINE):
        yield macro.span(1)
    statements = _DIRECTIVE.sub(_blank, code)
    for variable in re.finditer(rf"(?<![\w.>]){name}\s*=\s*{_NUMBER}\s*[,;]", statements):
        before = re.split(r"[;{}]", statements[: variable.start()])[-1]
        if _DECLARATION.match(before):
            yield variable.span(1)


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match[0])
