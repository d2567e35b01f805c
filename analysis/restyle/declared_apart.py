"""Variables that are declared together, one by one where each has a part of its own in what happens.

    double *now = calloc(n, 8), *then = calloc(n, 8);       double *now = calloc(n, 8); double *then = calloc(n, 8);
    … return now;
    double first = a[0], s = norm(n, a);                    double first = a[0]; double s = norm(n, a);

What the caller gets from a function gets its memory by a statement of its own then, and what a function computes comes
before or behind elements that are read. C computes them in this order anyway.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import bare
from chatmpi.analysis.source import Edit, Span
from chatmpi.analysis.tree import Function, Program, Symbol, VarDecl


def declared_apart(program: Program) -> list[Edit]:
    """The edits for all declarations of the program's functions."""
    defined = {f.symbol.name for f in program.functions}
    edits: list[Edit] = []
    for f in program.functions if len(defined) > 1 else ():
        returned = set(_returned(f)) if f.symbol.name != "main" else set()
        for block in tree.walk(f.body):
            for s in block.body if isinstance(block, tree.Block) else ():
                if isinstance(s, tree.Declaration) and len(s.variables) > 1 and not s.in_macro:
                    edits += _edits(s, _parted(s, returned, defined), program)
    return edits


def _returned(f: Function) -> Iterator[Symbol]:
    """The pointers whose values a function returns."""
    for n in tree.walk(f.body):
        value = bare(n.value) if isinstance(n, tree.Return) and n.value is not None else None
        if isinstance(value, tree.Name) and isinstance(value.symbol.type, tree.Pointer):
            yield value.symbol


def _parted(s: tree.Declaration, returned: set[Symbol], defined: set[str]) -> set[int]:
    """The variables before which a declaration is parted, by their numbers."""
    alone = {k for k, v in enumerate(s.variables) if v.symbol in returned and v.init is not None}
    calling = {k for k, v in enumerate(s.variables) if _calls(v, defined)}
    if any(_reads_elements(v) for k, v in enumerate(s.variables) if k not in calling) or len(calling) > 1:
        alone |= calling
    return {k for k in range(1, len(s.variables)) if k in alone or k - 1 in alone}


def _calls(v: VarDecl, defined: set[str]) -> bool:
    return v.init is not None and any(isinstance(n, tree.Call) and n.name in defined for n in tree.walk(v.init))


def _reads_elements(v: VarDecl) -> bool:
    parts = tree.walk(v.init) if v.init is not None else ()
    return any(isinstance(n, tree.Index) or (isinstance(n, tree.Unary) and n.op == "*") for n in parts)


def _edits(s: tree.Declaration, parted: set[int], program: Program) -> list[Edit]:
    """The comma before a variable ends a declaration, and the next begins with the same words."""
    source = program.source
    words = source.at(Span(s.span.begin, s.variables[0].span.begin))
    if not parted or "{" in words or not re.fullmatch(r"[\w\s]+", words):
        return []
    edits = []
    for k in sorted(parted):
        before, after = s.variables[k - 1], s.variables[k]
        gap = Span(before.span.end, after.span.begin)
        between = source.at(gap) if gap.begin <= gap.end else ""
        if before.in_macro or after.in_macro or not re.fullmatch(r"\s*,\s*", between):
            return []
        shown = source.shown_at(Span(s.span.begin, s.variables[0].span.begin))
        edits.append(Edit(gap, f";\n{source.indentation(s.span.begin)}{shown}"))
    return edits
