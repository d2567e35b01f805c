"""What the MPI program defines and no longer uses, and the sequential program did: a helper function that told a row,
`long q_at = k*n;` beside the copy of row k. It goes; of parameters, and of variables whose declaration does more, the
program says that it does not use them, as a compiler would."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chatmpi.analysis import tree
from chatmpi.analysis.diagnostics import UnreadableInput
from chatmpi.analysis.expressions import read_names
from chatmpi.analysis.parse import parse
from chatmpi.analysis.scan import mask
from chatmpi.analysis.source import Edit, Source, Span, apply_edits
from chatmpi.analysis.tree import Function, Program, Symbol, VarDecl

_ROUNDS = 8  # what only another leftover used is found in the next


def without_leftovers(made: Source, written: Program) -> Source:
    """The MPI program without them; as it is where it is no C."""
    known = {(f.symbol.name, v.symbol.name) for f in written.functions for v in _unread(f)}
    before = mask(written.source.text)
    for _ in range(_ROUNDS):
        try:
            program = parse(made, written.options)
        except UnreadableInput:
            break
        text = mask(program.source.text)
        edits = [*_functions(program, text, before)]
        for f in program.functions:
            edits += [*_variables(f, program, text, known), *_parameters(f, program, known)]
        if not edits:
            break
        made = apply_edits(made, edits)
    return made


def _functions(program: Program, masked: str, before: str) -> Iterator[Edit]:
    """Static functions that the text `before` used, and that the text now only defines."""
    for f in program.functions:
        word = re.compile(rf"\b{re.escape(f.symbol.name)}\b")
        specifiers = masked[f.span.begin : f.name_span.begin].split()
        if f.in_macro or "static" not in specifiers or "inline" in specifiers or len(word.findall(masked)) != 1:
            continue
        if len(word.findall(before)) > 1:
            end = f.span.end
            while program.source.text.startswith("\n", end):
                end += 1
            yield Edit(Span(f.span.begin, end), "")


def _variables(function: Function, program: Program, text: str, known: set[tuple[str, str]]) -> Iterator[Edit]:
    macros = " ".join(program.source.at(m.body_span) for m in program.macros)
    named = _named(function)
    new = {v.symbol for v in _unread(function) if (function.symbol.name, v.symbol.name) not in known}
    for block in (n for n in tree.walk(function.body) if isinstance(n, tree.Block)):
        for n in (s for s in block.body if isinstance(s, tree.Declaration) and not s.in_macro):
            unread = [v for v in n.variables if v.symbol in new and v.symbol.storage == "local"]
            rest = f"{text[n.span.end : block.span.end]} {macros}"
            gone = [v for v in unread if v.symbol not in named and not _is_mentioned(v, rest) and _is_plain(v)]
            if gone and len(gone) == len(n.variables):
                yield Edit(_lines(n.span, program.source.text), "")
            elif cuts := [cut for v in gone if (cut := _declarator(v, n, text)) is not None]:
                yield Edit(cuts[0], "")
            elif unread:
                yield _said(unread, n.span.end, n.span.begin, program)


def _parameters(function: Function, program: Program, known: set[tuple[str, str]]) -> Iterator[Edit]:
    named, name = _named(function), function.symbol.name
    unread = [v for v in function.parameters if v.symbol not in named and (name, v.symbol.name) not in known]
    unread = [v for v in unread if v.symbol.name]
    if unread and not function.body.in_macro and function.body.body:
        yield _said(unread, function.body.span.begin + 1, function.body.body[0].span.begin, program)


def _said(unread: list[VarDecl], place: int, beside: int, program: Program) -> Edit:
    """A line for each that names it, indented as the statement beside it."""
    text = program.source.text
    line = text[text.rfind("\n", 0, beside) + 1 : beside]
    margin = line if not line.strip() else None
    lines = (f"(void){v.symbol.name};  /* only the sequential program used it */" for v in unread)
    return Edit(Span(place, place), "".join(f" {one}" if margin is None else f"\n{margin}{one}" for one in lines))


def _named(function: Function) -> set[Symbol]:
    return {n.symbol for n in tree.walk(function.body) if isinstance(n, tree.Name)}


def _unread(function: Function) -> list[VarDecl]:
    """The variables that are named only to be set, or not at all."""
    read = {n.symbol for n in read_names(function.body)}
    return [n for n in tree.walk(function) if isinstance(n, VarDecl) and n.symbol not in read]


def _is_mentioned(variable: VarDecl, text: str) -> bool:
    """Whether text that is not compiled here may mean it."""
    return re.search(rf"\b{re.escape(variable.symbol.name)}\b", text) is not None


def _is_plain(variable: VarDecl) -> bool:
    """Whether a declaration does nothing else."""
    effects = tree.Call | tree.Assign | tree.UnknownExpr | tree.Unary
    return not any(isinstance(n, effects) for n in tree.walk(variable))


def _lines(span: Span, text: str) -> Span:
    """A statement, with its lines if it stands alone in them."""
    begin = text.rfind("\n", 0, span.begin) + 1
    if not text[begin : span.begin].strip() and text.startswith("\n", span.end):
        return Span(begin, span.end + 1)
    end = span.end
    while text.startswith(" ", end):
        end += 1
    return Span(span.begin, end)


def _declarator(variable: VarDecl, declaration: tree.Declaration, text: str) -> Span | None:
    """One of several declarators, with a comma; None where the text is not plainly a list of them."""
    at = declaration.variables.index(variable)
    if "*" in text[declaration.span.begin : declaration.variables[-1].name_span.begin]:
        return None
    if at == 0:
        return Span(variable.span.begin, declaration.variables[1].span.begin)
    before = declaration.variables[at - 1]
    return Span(before.span.end, variable.span.end)
