"""The text of parameter and argument lists: where each part of one stands, in a definition, in what declares it before,
and in a call."""

from __future__ import annotations

import re

from chatmpi.analysis.scan import closing, skip_space, split
from chatmpi.analysis.source import Edit, Span
from chatmpi.analysis.tree import Call, Function, Program


def parameter_lists(f: Function, program: Program, masked: str) -> list[list[Span]] | None:
    """The parameters of a function's definition and of its declarations; None where one is not plain."""
    inside = [g.body.span for g in program.functions]
    found = []
    for m in re.finditer(rf"\b{f.symbol.name}\s*(?=\()", masked):
        if any(s.begin <= m.start() < s.end for s in inside):
            continue
        parts = _parts(masked, m.end())
        if parts is None or len(parts) != len(f.parameters):
            return None
        if masked[skip_space(masked, parts[-1].end + 1)] not in "{;":
            return None
        found.append(parts)
    return found or None


def argument_list(call: Call, masked: str) -> list[Span] | None:
    """The arguments of a call by name; None where its text is not plain."""
    begin = skip_space(masked, call.callee.span.end)
    parts = _parts(masked, begin) if masked.startswith("(", begin) else None
    return parts if parts is not None and len(parts) == len(call.arguments) else None


def _parts(masked: str, begin: int) -> list[Span] | None:
    end = closing(masked, begin)
    return None if end is None else split(masked, begin + 1, end - 1, ",")


def without(parts: list[Span], place: int, nothing: str) -> Edit:
    """The edit that takes one part out of a list; `nothing` stands for an empty list."""
    if len(parts) == 1:
        return Edit(parts[0], nothing)
    if place == 0:
        return Edit(Span(parts[0].begin, parts[1].begin + 1), "")
    return Edit(Span(parts[place - 1].end, parts[place].end), "")
