"""Variables that nothing reads any more: what was found by them is now found otherwise (`long q_at = k*n;` beside the
copy of row k)."""

from __future__ import annotations

import re

from chatmpi.analysis import tree
from chatmpi.analysis.scan import mask
from chatmpi.analysis.source import Span
from chatmpi.analysis.tree import Program


def without_unread(text: str, program: Program) -> str:
    """The text without the declarations of such variables."""
    declared = sorted(_candidates(program))
    found = True
    while found:
        found = False
        for specifiers, name in declared:
            shorter = _without(text, specifiers, name)
            found |= shorter != text
            text = shorter
    return text


def _candidates(program: Program) -> set[tuple[str, str]]:
    """The variables that are read somewhere, and get a value without effects where they are declared alone: with the
    words before their names, by which a text is known to declare them."""
    used = {n.symbol for f in program.functions for n in tree.walk(f.body) if isinstance(n, tree.Name)}
    in_macros = set(re.findall(r"\w+", " ".join(program.source.at(m.span) for m in program.macros)))
    alone = [
        n
        for f in program.functions
        for n in tree.walk(f.body)
        if isinstance(n, tree.Declaration) and len(n.variables) == 1 and not n.in_macro
    ]
    return {
        (program.source.at(Span(n.span.begin, v.name_span.begin)), v.symbol.name)
        for n in alone
        for v in n.variables
        if v.symbol in used and v.symbol.name not in in_macros and v.symbol.storage == "local"
        if isinstance(v.symbol.type, tree.Scalar) and _is_plain(v.init)
    }


def _is_plain(init: tree.Expr | None) -> bool:
    effects = tree.Call | tree.Assign | tree.UnknownExpr | tree.Unary
    return init is not None and not any(isinstance(n, effects) for n in tree.walk(init))


def _without(text: str, specifiers: str, name: str) -> str:
    """The text without the first declaration of a variable that nothing in its block names."""
    masked = mask(text)
    words = r"\s+".join(map(re.escape, specifiers.split()))
    for declared in re.finditer(rf"(?<=[;{{}}])\s*({words}\s*\b{name}\s*=[^,;{{}}]*;)", masked):
        begin, end = declared.span(1)
        if not re.search(rf"\b{name}\b", masked[end : _end_of_block(masked, end)]):
            line = text.rfind("\n", 0, begin) + 1
            if not text[line:begin].strip() and text.startswith("\n", end):
                return text[:line] + text[end + 1 :]
            return text[:begin] + text[end:].lstrip(" ")
    return text


def _end_of_block(masked: str, place: int) -> int:
    depth = 0
    for m in re.finditer(r"[{}]", masked[place:]):
        depth += 1 if m[0] == "{" else -1
        if depth < 0:
            return place + m.start()
    return len(masked)
