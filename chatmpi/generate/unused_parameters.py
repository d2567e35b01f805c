"""Parameters that nothing reads any more: a whole copy, or what another one names too, is read in their place."""

from __future__ import annotations

import re

from chatmpi.analysis import tree
from chatmpi.analysis.scan import closing, mask
from chatmpi.analysis.tree import Function, Program


def with_unread_parameters(text: str, program: Program, unit: str) -> str:
    """The text in which functions say which of their parameters they no longer read; `unit`: one indentation."""
    for f in program.functions:
        read = {n.symbol for n in tree.walk(f.body) if isinstance(n, tree.Name)}
        names = [p.symbol.name for p in f.parameters if p.symbol in read]
        if names and not f.in_macro:
            text = _said(text, f, names, unit)
    return text


def _said(text: str, f: Function, names: list[str], unit: str) -> str:
    masked = mask(text)
    for called in re.finditer(rf"\b{f.symbol.name}\s*\(", masked):
        end = closing(masked, called.end() - 1)
        body = re.compile(r"\s*\{").match(masked, end) if end is not None else None
        last = closing(masked, body.end() - 1) if body is not None else None
        if body is None or last is None:
            continue
        within = masked[body.end() : last] + " ".join(_macros(text))
        unread = [name for name in names if not re.search(rf"\b{name}\b", within)]
        lines = "".join(f"\n{unit}(void){name};" for name in unread)
        return text[: body.end()] + lines + text[body.end() :]
    return text


def _macros(text: str) -> list[str]:
    """What macros may name."""
    return re.findall(r"^[ \t]*#[ \t]*define\b((?:\\\n|[^\n])*)", text, re.MULTILINE)
