"""Variables that nothing reads any more: what was found by them is now found otherwise (`long q_at = k*n;` beside the
copy of row k)."""

from __future__ import annotations

import re

from chatmpi.analysis import tree
from chatmpi.analysis.scan import mask
from chatmpi.analysis.tree import Program

_DECLARED = re.compile(r"(?:const\s+)?(?:[A-Za-z_]\w*\s+)+[A-Za-z_]\w*\s*=[^,{}]*")


def without_unread(text: str, program: Program) -> str:
    """The text without the declarations of such variables."""
    names = sorted(_candidates(program))
    found = True
    while found:
        found = False
        for name in names:
            shorter = _without(text, name)
            found |= shorter != text
            text = shorter
    return text


def _candidates(program: Program) -> set[str]:
    """The variables that are read somewhere, and get a value without effects where they are declared alone."""
    used = {n.symbol for f in program.functions for n in tree.walk(f.body) if isinstance(n, tree.Name)}
    return {
        n.variables[0].symbol.name
        for f in program.functions
        for n in tree.walk(f.body)
        if isinstance(n, tree.Declaration) and len(n.variables) == 1 and n.variables[0].symbol in used
        if isinstance(n.variables[0].symbol.type, tree.Scalar) and _is_plain(n.variables[0].init)
    }


def _is_plain(init: tree.Expr | None) -> bool:
    effects = tree.Call | tree.Assign | tree.UnknownExpr | tree.Unary
    return init is not None and not any(isinstance(n, effects) for n in tree.walk(init))


def _without(text: str, name: str) -> str:
    masked = mask(text)
    places = [m.start() for m in re.finditer(rf"\b{name}\b", masked)]
    if len(places) != 1:
        return text
    begin = max(masked.rfind(c, 0, places[0]) for c in ";{}") + 1
    end = masked.find(";", places[0])
    begin += len(masked[begin:]) - len(masked[begin:].lstrip())
    if end < 0 or not _DECLARED.fullmatch(masked, begin, end):
        return text
    line = text.rfind("\n", 0, begin) + 1
    past = end + 1
    if not text[line:begin].strip() and text.startswith("\n", past):
        return text[:line] + text[past + 1 :]
    return text[:begin] + text[past:].lstrip(" ")
