"""Uses of the program's own macros, written out: the text that the preprocessor would make of them.

Where a macro writes what has to change (`A(k, j)` for an element of another rank's row), its uses take its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set

from chatmpi.analysis import tree
from chatmpi.analysis.parse import ParseOptions, parse
from chatmpi.analysis.scan import closing, mask, skip_space, split, strip
from chatmpi.analysis.source import Edit, OverlappingEdits, Source, Span, edited
from chatmpi.analysis.tree import Macro, Program

_WORD = re.compile(r"[A-Za-z_]\w*")
_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
_DEEPEST = 8  # uses in the arguments of uses


def macro_at(program: Program, node: tree.Node) -> str | None:
    """The macro whose use stands where a node does, if its uses can be written out."""
    found = _WORD.match(program.source.text, node.span.begin)
    known = {m.name for m in _plain(program) if m.parameters is not None}
    return found.group() if found is not None and found.group() in known else None


def without_uses(source: Source, names: Set[str], options: ParseOptions) -> Source:
    """The source with all uses of some macros written out; raises UnreadableInput."""
    current = source
    for _ in range(_DEEPEST):
        edits = list(uses_written_out(parse(current, options), names))
        if not edits:
            break
        try:
            current = edited(current, edits)
        except OverlappingEdits:
            break
    return current


def loops_of_macros(program: Program) -> list[Edit]:
    """The edits that write out macros which write the bounds of a loop (`#define FOR(i, n) for (int i = 0; …`)."""
    names: set[str] = set()
    for f in program.functions:
        loops = [n for n in tree.walk(f.body) if isinstance(n, tree.For) and not n.body.in_macro and _is_bound(n)]
        names |= {name for loop in loops if (name := macro_at(program, loop)) is not None}
    return list(uses_written_out(program, names))


def _is_bound(loop: tree.For) -> bool:
    """Whether a macro, and none of its arguments, writes where a loop starts or ends."""
    ends: list[tree.Expr | None] = []
    match loop.init:
        case tree.Declaration(variables=(tree.VarDecl(init=start),)):
            ends.append(start)
        case tree.ExprStmt(expr=tree.Assign(value=start)):
            ends.append(start)
    match loop.condition:
        case tree.Binary(left=left, right=right):
            ends += [left, right]
    return any(e is not None and e.in_macro and not isinstance(e, tree.Name) for e in ends)


def uses_written_out(program: Program, names: Set[str]) -> Iterator[Edit]:
    """The edits for the outermost uses of some macros."""
    masked = mask(program.source.text)
    done = 0
    macros = {m.name: m for m in _plain(program) if m.name in names}
    for word in _WORD.finditer(masked) if macros else ():
        macro = macros.get(word.group())
        if macro is None or word.start() < done:
            continue
        found = _written_out(macro, word.end(), program.source, masked)
        if found is not None:
            done, text = found
            yield Edit(Span(word.start(), done), text)


def _plain(program: Program) -> list[Macro]:
    """Macros with one definition, which neither look at their own text nor at its place; none where a macro looks at
    that of its arguments."""
    text = program.source.text
    if any("#" in _body(m, program.source) for m in program.macros):
        return []
    counts = [m.name for m in program.macros]
    return [
        m
        for m in program.macros
        if counts.count(m.name) == 1
        and re.search(rf"#\s*undef\s+{m.name}\b", text) is None
        and "..." not in text[m.span.begin : m.body_span.begin]
        and re.search(rf"[\"']|\b(?:__\w+|{m.name})\b", _body(m, program.source)) is None
    ]


def _body(macro: Macro, source: Source) -> str:
    return " ".join(_COMMENT.sub(" ", source.shown_at(macro.body_span)).replace("\\\n", " ").split())


def _written_out(macro: Macro, end: int, source: Source, masked: str) -> tuple[int, str] | None:
    """Where the use whose name ends at `end` ends, and its text."""
    body = _body(macro, source)
    if macro.parameters is None:
        return end, body
    opening = skip_space(masked, end)
    past = closing(masked, opening) if masked.startswith("(", opening) else None
    if past is None:
        return None
    spans = [strip(masked, s) for s in split(masked, opening + 1, past - 1, ",")]
    if len(spans) != len(macro.parameters):
        return None
    values = dict(zip(macro.parameters, map(source.shown_at, spans), strict=True))
    return past, _WORD.sub(lambda w: values.get(w.group(), w.group()), body)
