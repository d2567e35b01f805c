"""Variables taken out of the declarations that they stand in, with the declaration where nothing else is left in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from itertools import groupby

from chatmpi.analysis import tree
from chatmpi.analysis.restyle.respelling import removal
from chatmpi.analysis.scan import mask
from chatmpi.analysis.source import Edit, Span
from chatmpi.analysis.tree import Program, Symbol, VarDecl

_SPECIFIERS = re.compile(r"(?:[A-Za-z_]\w*\s+)+\Z")
_STRUCT = re.compile(r"(?:[A-Za-z_]\w*\s+)*(?:struct|union)(?:\s+[A-Za-z_]\w*)?\s*\Z")
_TAGGED = re.compile(r"\b(?:struct|union)\s+[A-Za-z_]\w*\s*\{|\benum\b[^{]*\{")
_BETWEEN = re.compile(r"\s*,[\s*(]*\Z")


def undeclared(
    program: Program, symbols: Set[Symbol], place: Span | None = None, instead: str = ""
) -> list[Edit] | None:
    """The edits that take the variables out of their declarations; None where their text is not plain.

    `instead` is put where the declaration at `place` was.
    """
    found: list[Edit] = []
    masked = mask(program.source.text)
    for group in _global_groups(program, masked):
        if any(v.symbol in symbols for v in group):
            begin = _specified_from(masked, group[0].span.begin)
            end = masked.find(";", group[-1].span.end)
            if begin is None or masked[group[-1].span.end : end].strip():
                return None
            whole = Span(begin, end + 1)
            found.append(_without(program, group, symbols, whole, masked))
    local = [
        n
        for f in program.functions
        for n in tree.walk(f.body)
        if isinstance(n, tree.Declaration) and any(v.symbol in symbols for v in n.variables)
    ]
    for n in local:
        if n.in_macro or any(v.in_macro for v in n.variables):
            return None
        edit = _without(program, list(n.variables), symbols, n.span, masked)
        if n.span == place:
            kept = f"{edit.text}\n{program.source.indentation(n.span.begin)}" if edit.text else ""
            edit = Edit(n.span, f"{kept}{instead}")
        found.append(edit if edit.text else removal(n, program.source))
    return found


def _global_groups(program: Program, masked: str) -> Iterator[list[VarDecl]]:
    """Variables of file scope that one declaration declares."""
    ordered = sorted((v for v in program.globals if not v.in_macro), key=lambda v: v.span.begin)
    number = 0
    numbers = []
    for k, v in enumerate(ordered):
        apart = k == 0 or _BETWEEN.match(masked[ordered[k - 1].span.end : v.span.begin]) is None
        number += apart
        numbers.append(number)
    for _, group in groupby(zip(numbers, ordered, strict=True), key=lambda pair: pair[0]):
        yield [v for _, v in group]


def _specified_from(masked: str, end: int) -> int | None:
    """Where the specifiers begin that end there, with a struct that they define; None if there are none."""
    words = _SPECIFIERS.search(masked, 0, end)
    begin = len(masked[:end].rstrip()) if words is None else words.start()
    closing = len(masked[:begin].rstrip()) - 1
    opening = _opening(masked, closing) if closing >= 0 and masked[closing] == "}" else None
    struct = None if opening is None else _STRUCT.search(masked, 0, opening)
    return struct.start() if struct is not None else None if words is None else begin


def _opening(masked: str, closing: int) -> int | None:
    """The brace that another one closes."""
    depth = 0
    for place in range(closing, -1, -1):
        depth += {"}": 1, "{": -1}.get(masked[place], 0)
        if depth == 0:
            return place
    return None


def _without(program: Program, group: list[VarDecl], symbols: Set[Symbol], whole: Span, masked: str) -> Edit:
    """The declaration without these variables; empty if there are no others, and it defines no struct with a name."""
    source = program.source
    left = [source.shown_at(v.span) for v in group if v.symbol not in symbols]
    head = masked[whole.begin : group[0].span.begin]
    if not left:
        tagged = _TAGGED.search(head)
        end = head.rfind("}") + 1
        kept = Span(whole.begin + tagged.start(), whole.begin + end) if tagged is not None else None
        return Edit(whole, "" if kept is None else f"{source.shown_at(kept)};")
    return Edit(whole, f"{head}{', '.join(left)};")
