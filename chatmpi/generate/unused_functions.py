"""Helper functions that nothing calls any more: the row that they told is now known otherwise."""

from __future__ import annotations

import re

from chatmpi.analysis.scan import closing, mask
from chatmpi.analysis.tree import Program

_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)


def without_unused(text: str, program: Program) -> str:
    """The text without the static functions that the program uses and the text only defines."""
    for f in program.functions:
        head = program.source.text[f.span.begin : f.name_span.begin].split()
        name = f.symbol.name
        once_used = len(_mentions(name, program.source.text)) > 1
        if "static" in head and "inline" not in head and not f.in_macro and once_used:
            text = _without(text, name)
    return text


def _mentions(name: str, text: str) -> list[int]:
    """Where a name stands, but for comments."""
    plain = _COMMENT.sub(lambda m: " " * len(m[0]), text)
    return [m.start() for m in re.finditer(rf"\b{name}\b", plain)]


def _without(text: str, name: str) -> str:
    places = _mentions(name, text)
    if len(places) != 1:
        return text
    masked = mask(text)
    brace = masked.find("{", places[0])
    end = closing(masked, brace) if brace >= 0 else None
    begin = text.rfind("\nstatic", 0, places[0]) + 1
    if end is None or begin == 0 or any(c in ";}" for c in masked[begin : places[0]]):
        return text
    return text[:begin] + text[end:].lstrip("\n")
