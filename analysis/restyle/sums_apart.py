"""Sums over the rows of a matrix, one for each column: all of them first, and what becomes of them behind.

    for (j = k; j < n; j++) {                   double *s_sums = malloc(n * sizeof *s_sums);
        double s = 0.0;                         for (j = k; j < n; j++) {
        for (i = k; i < m; i++)                     s_sums[j] = 0.0;
            s += v[i]*a[i][j];                      for (i = k; i < m; i++)
        for (i = k; i < m; i++)                         s_sums[j] += v[i]*a[i][j];
            a[i][j] -= s*v[i];                  }
    }                                           for (j = k; j < n; j++) {
                                                    for (i = k; i < m; i++)
                                                        a[i][j] -= s_sums[j]*v[i];
                                                }

Ranks that have rows of `a` then combine all sums at once. Both do the same where no iteration's first part needs what
an earlier one's second part does, or the other way round. The edits are of the text, which is parsed again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from chatmpi.analysis import tree
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.iterations.updates import same
from chatmpi.analysis.loops import LoopInfo
from chatmpi.analysis.numbers.polynomial import Polynomial, of_atom, variable
from chatmpi.analysis.numbers.values import type_text
from chatmpi.analysis.restyle.respelling import Fresh, Respelled, end_of, header_of
from chatmpi.analysis.restyle.sums_over_rows import Sum, begins
from chatmpi.analysis.restyle.undeclaring import undeclared
from chatmpi.analysis.source import Edit, Source, Span
from chatmpi.analysis.surroundings import Surroundings
from chatmpi.analysis.tree import Node, Stmt


def sums_apart(chosen: Sequence[Sum], facts: Facts) -> list[Edit]:
    """The edits that take these sums apart."""
    fresh = Fresh(facts.program.source.text)
    edits: list[Edit] = []
    for one in chosen:
        edits += _edits(one, facts, fresh) or ()
    return edits


@dataclass
class _Inserted:
    """What is inserted where, in order."""

    texts: dict[int, str] = field(default_factory=dict)

    def at(self, place: int, text: str) -> None:
        self.texts[place] = self.texts.get(place, "") + text

    def edits(self) -> list[Edit]:
        return [Edit(Span(place, place), text) for place, text in self.texts.items()]


def _edits(one: Sum, facts: Facts, fresh: Fresh) -> list[Edit] | None:
    """The edits for one sum; None if its text cannot be had."""
    source, loop = facts.program.source, one.outer.canonical
    assert loop is not None
    f = next((f for f in facts.written.functions if holds(f.body, one.outer.stmt)), None)
    if f is None or sum(info.stmt.span == one.outer.stmt.span for info in facts.loops.values()) > 1:
        return None
    around = Surroundings(facts.written, f)
    whole = next(facts.loops[i] for i in one.outer.around if holds(f.body, facts.loops[i].stmt))
    outermost, outer = (_written(info, f) for info in (whole, one.outer))
    if outermost is None or outer is None or outermost.in_macro or not _is_in_block(outermost, around):
        return None
    inserted = _Inserted()
    if one.in_place:
        _split(one, [], _is_in_block(outer, around), source, inserted)
        return inserted.edits()
    room = _room(one.outer, facts, around, outermost)
    if room is None or not _is_from_zero(one.outer, facts):
        return None
    shown = source.shown_at(one.target.span) if one.target is not None else one.symbol.name.rpartition("::")[2]
    name = fresh.take(f"{one.symbol.name.rpartition('::')[2].rpartition('.')[2]}_sums")
    element = f"{name}[{loop.variable.name.rpartition('::')[2]}]"
    renamed = _renamed(one, element)
    unused = _undeclared(one, renamed or [], around)
    if renamed is None or unused is None:
        return None
    margin = source.indentation(outermost.span.begin)
    kind = type_text(one.target.type if one.target is not None else one.symbol.type)
    inserted.at(outermost.span.begin, f"{kind} *{name} = malloc({room} * sizeof *{name});\n{margin}")
    if one.is_alone:
        _hoist(one, renamed, element, _is_in_block(outer, around), source, inserted)
        inner = Span(one.inner.stmt.span.begin, end_of(one.inner.stmt, source))
        renamed = [Edit(inner, f"{shown} += {element};")]
    else:
        first = [] if one.target is None else [f"{shown} = {element};"]
        _split(one, first, _is_in_block(outer, around), source, inserted)
    inserted.at(end_of(outermost, source), f"\n{margin}free({name});")
    return [*_with_stdlib(facts.written), *unused, *renamed, *inserted.edits()]


def holds(body: Node, s: Stmt) -> bool:
    return body.span.begin <= s.span.begin and s.span.end <= body.span.end


def _written(info: LoopInfo, f: tree.Function) -> tree.For | None:
    """The loop as it stands in its function."""
    return next((n for n in tree.walk(f.body) if isinstance(n, tree.For) and n.span == info.stmt.span), None)


def _is_in_block(s: Stmt, around: Surroundings) -> bool:
    return isinstance(around.parent(s), tree.Block)


def _with_stdlib(program: tree.Program) -> list[Edit]:
    known = any(i.name == "stdlib.h" for i in program.leading_includes)
    return [] if known else [Edit(Span(0, 0), "#include <stdlib.h>\n")]


def _header(one: Sum, source: Source) -> str:
    assert isinstance(one.outer.stmt, tree.For)
    return source.shown_at(header_of(one.outer.stmt, source))


def _split(one: Sum, first: Sequence[str], in_block: bool, source: Source, inserted: _Inserted) -> None:
    """The loop ends behind the sum, and begins again: with `first`, and with what comes behind the sum."""
    margin, inside = (source.indentation(s.span.begin) for s in (one.outer.stmt, one.body[-1]))
    lines = "".join(f"\n{inside}{line}" for line in first)
    inserted.at(end_of(one.inner.stmt, source), f"\n{margin}}}\n{margin}{_header(one, source)} {{{lines}")
    _brace(one, "", in_block, source, inserted)


def _hoist(
    one: Sum, renamed: Sequence[Edit], element: str, in_block: bool, source: Source, inserted: _Inserted
) -> None:
    """The sums come in a loop of their own, before the one that they are taken out of."""
    margin = source.indentation(one.outer.stmt.span.begin)
    inner = Respelled(source, lambda _: renamed)(one.inner.stmt)
    inner += "" if inner[-1] in ";}" else ";"
    lines = [f"{_header(one, source)} {{", f"    {element} = 0;", f"    {inner}", "}", ""]
    _brace(one, f"\n{margin}".join(lines), in_block, source, inserted)


def _brace(one: Sum, text: str, in_block: bool, source: Source, inserted: _Inserted) -> None:
    """Text before the loop over the columns, in braces with it where a single statement is called for."""
    inserted.at(one.outer.stmt.span.begin, text if in_block else f"{{ {text}")
    if not in_block:
        inserted.at(end_of(one.outer.stmt, source), " }")


def _renamed(one: Sum, name: str) -> list[Edit] | None:
    """The edits that put `name` in the place of the sum: of a variable everywhere, of an element in the first part; in
    what adds up alone where there is more in the sum."""
    edits: list[Edit] = []
    for s in one.first if one.is_alone or one.target is not None else one.body:
        if isinstance(s, tree.Declaration) and begins(s, one):
            if s.variables[0].name_span.begin < s.span.begin:
                return None
            edits.append(Edit(Span(s.span.begin, s.variables[0].name_span.end), name))
        for n in tree.walk(s):
            if isinstance(n, tree.Declaration) and n is not s and any(v.symbol == one.symbol for v in n.variables):
                return None
            named = isinstance(n, tree.Name) and n.symbol == one.symbol and one.target is None
            if named or (isinstance(n, tree.Expr) and one.target is not None and same(n, one.target)):
                if n.in_macro:
                    return None
                edits.append(Edit(n.span, name))
    return edits


def _undeclared(one: Sum, renamed: Sequence[Edit], around: Surroundings) -> list[Edit] | None:
    """The edits that take the declaration of a variable away that has another name now wherever it stood."""
    places = {e.span for e in renamed}
    named = [n for n in tree.walk(around.function.body) if isinstance(n, tree.Name)]
    symbols = {n.symbol for n in named if n.span in places}
    declared = any(isinstance(s, tree.Declaration) and begins(s, one) for s in one.first)
    if one.target is not None or one.is_alone or declared or len(symbols) != 1:
        return []
    left = any(n.symbol in symbols and n.span not in places for n in named)
    return [] if left else undeclared(around.program, symbols)


def _room(info: LoopInfo, facts: Facts, around: Surroundings, outermost: tree.For) -> str | None:
    """Text, before the outermost loop, for a number that the loop's counter stays below."""
    loop = info.canonical
    if loop is None or not isinstance(loop.stmt, tree.For):
        return None
    end = loop.bound if loop.step > 0 else loop.start
    further = loop.step < 0 or loop.relation == "<="
    if isinstance(end, tree.Name):
        for i in info.around[:-1]:
            outer = facts.loops[i].canonical
            if outer is not None and outer.variable == end.symbol:
                return _room(facts.loops[i], facts, around, outermost)
    inside = list(tree.walk(outermost))
    found = next((n for n in inside if isinstance(n, tree.Expr) and n.span == end.span), None)
    if found is None or not around.is_steady(found, inside):
        return None
    shown = around.program.source.shown_at(end.span)
    if isinstance(found, tree.IntLiteral | tree.Name) and not further:
        return shown
    return f"({shown} + 1)" if further else f"({shown})"


def _is_from_zero(info: LoopInfo, facts: Facts) -> bool:
    """Whether the loop's counter is never negative."""
    loop = info.canonical
    return loop is not None and _is_natural(loop.lower, info.around[:-1], facts)


def _is_natural(value: Polynomial | None, around: Sequence[int], facts: Facts) -> bool:
    """Whether a value is a number, or a counter of the loops around and a number, that is never negative."""
    if value is None:
        return False
    if value.constant is not None:
        return value.constant >= 0
    for k, i in enumerate(around):
        outer = facts.loops[i].canonical
        if outer is not None and outer.lower is not None:
            rest = (value - of_atom(variable(outer.variable))).constant
            if rest is not None and rest >= 0:
                return _is_natural(outer.lower, around[:k], facts)
    return False
