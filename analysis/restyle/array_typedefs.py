"""Types that a typedef makes of arrays (`typedef double matrix[M][N];`), written out where variables have them.

static matrix a, *b;        static double a[M][N], (*b)[M][N];
void f(matrix a)            void f(double a[M][N])
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.scan import bracket_spans, declarator_begin, mask, skip_space
from chatmpi.analysis.source import Edit, Span
from chatmpi.analysis.tree import Program, VarDecl

_TYPEDEF = re.compile(r"\btypedef\s+(?P<base>[\w\s]+?)\s+(?P<name>[A-Za-z_]\w*)\s*(?P<sizes>(?:\[[^\][;{}]*\]\s*)+);")
_BEFORE_A_NAME = re.compile(r"(?:\s|[*(]|\b(?:const|restrict)\b)*\Z")
_WORD = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True, slots=True)
class _Typedef:
    """`typedef base name sizes;` at file scope."""

    name: str
    base: str
    sizes: str
    span: Span


def written_out_typedefs(program: Program) -> list[Edit]:
    """The edits that write out one typedef of arrays where variables are declared with it."""
    masked = mask(program.source.text)
    declared = _declared(program)
    for found in _typedefs(program, masked, declared):
        edits = list(_uses(found, program, masked, declared))
        if edits:
            return edits
    return []


def _declared(program: Program) -> list[VarDecl]:
    """All variables, parameters and members that the text itself declares, in the order of the text."""
    found = [*program.globals, *(v for r in program.records.values() for v in r.fields)]
    found += [n for f in program.functions for n in tree.walk(f) if isinstance(n, VarDecl)]
    by_place = {v.name_span: v for v in found if not v.in_macro}
    return [by_place[s] for s in sorted(by_place)]


def _typedefs(program: Program, masked: str, declared: list[VarDecl]) -> Iterator[_Typedef]:
    """Those whose words mean the same everywhere."""
    names = {v.symbol.name for v in declared}
    for m in _TYPEDEF.finditer(masked):
        at_file_scope = masked.count("{", 0, m.start()) == masked.count("}", 0, m.start())
        words = {m["name"], *_WORD.findall(m["sizes"]), *_WORD.findall(m["base"])}
        if at_file_scope and not words & names:
            sizes = program.source.shown_at(Span(*m.span("sizes"))).rstrip()
            yield _Typedef(m["name"], m["base"], sizes, Span(*m.span()))


def _uses(found: _Typedef, program: Program, masked: str, declared: list[VarDecl]) -> Iterator[Edit]:
    parameters = {v.name_span for f in program.functions for v in f.parameters}
    for m in re.finditer(rf"\b{found.name}\b", masked):
        if found.span.begin <= m.start() < found.span.end:
            continue
        group = _declarators(m.end(), masked, declared, parameters)
        if group:
            yield Edit(Span(m.start(), m.end()), found.base)
            for v in group:
                yield from _declarator(v, found, masked)


def _declarators(place: int, masked: str, declared: list[VarDecl], parameters: set[Span]) -> list[VarDecl]:
    """The variables that the words before `place` declare; none if one of them is not known."""
    group: list[VarDecl] = []
    for v in declared:
        if v.name_span.begin < place:
            continue
        if not _BEFORE_A_NAME.match(masked[place : v.name_span.begin]):
            return []
        group.append(v)
        place = skip_space(masked, max(v.span.end, _end(v, masked)))
        if v.name_span in parameters or not masked.startswith(",", place):
            closed = ",)" if v.name_span in parameters else ";"
            return group if masked[place : place + 1] in closed else []
        place += 1
    return []


def _declarator(v: VarDecl, found: _Typedef, masked: str) -> Iterator[Edit]:
    end, begin = _end(v, masked), v.name_span.begin
    star = masked.rfind("*", 0, begin)
    points = star >= 0 and _BEFORE_A_NAME.match(masked[star:begin]) is not None
    if not points or "(" in masked[declarator_begin(masked, begin) : begin]:
        yield Edit(Span(end, end), found.sizes)
        return
    begin = declarator_begin(masked, begin)
    yield Edit(Span(begin, begin), "(")
    yield Edit(Span(end, end), f"){found.sizes}")


def _end(v: VarDecl, masked: str) -> int:
    """Where a declarator ends, its brackets and parentheses included."""
    end = v.name_span.end
    while True:
        spans = bracket_spans(masked, end)
        end = spans[-1].end if spans else end
        place = skip_space(masked, end)
        opened = masked.count("(", declarator_begin(masked, v.name_span.begin), v.name_span.begin)
        closed = masked.count(")", v.name_span.end, end)
        if not masked.startswith(")", place) or closed >= opened:
            return end
        end = place + 1
