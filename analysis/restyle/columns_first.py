"""Factorisations that go through a triangle row by row, gone through column by column.

    for (i = 0; i < n; i++) {                       for (i = 0; i < n; i++) {
        for (j = 0; j < i; j++) {                       for (k = 0; k < i; k++)
            for (k = 0; k < j; k++)                         a[i][i] -= a[i][k]*a[i][k];
                a[i][j] -= a[i][k]*a[j][k];             a[i][i] = sqrt(a[i][i]);
            a[i][j] /= a[j][j];                         for (int i2 = i + 1; i2 < n; i2++) {
        }                                                   for (k = 0; k < i; k++)
        for (k = 0; k < i; k++)                                 a[i2][i] -= a[i2][k]*a[i][k];
            a[i][i] -= a[i][k]*a[i][k];                     a[i2][i] /= a[i][i];
        a[i][i] = sqrt(a[i][i]);                        }
    }                                               }

Row by row, each element waits for the one left of it; those of a column can be had at the same time. Both do the same
where no two elements that change places need each other. The edits are of the text, which is parsed again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from chatmpi.analysis import tree
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.iterations import scalars
from chatmpi.analysis.iterations.dependence import meet_in_order
from chatmpi.analysis.loops import CanonicalLoop, LoopInfo
from chatmpi.analysis.memory.subscripts import Access
from chatmpi.analysis.numbers.polynomial import of_atom, variable
from chatmpi.analysis.numbers.values import type_text
from chatmpi.analysis.restyle.reordering import JUMPS, accesses_of, conflict, is_understood_by_parts, written_in
from chatmpi.analysis.restyle.respelling import Fresh, Respelled, end_of, removal
from chatmpi.analysis.restyle.sums_apart import holds
from chatmpi.analysis.restyle.undeclaring import undeclared
from chatmpi.analysis.source import Edit, Source, Span
from chatmpi.analysis.surroundings import statements_of
from chatmpi.analysis.tree import Node, Stmt, Symbol


@dataclass(frozen=True)
class Triangle:
    """`inner`, the first statement of the body of `outer`, goes through the columns before the row's own, or with
    `inclusive` up to it; `rest` comes behind it."""

    outer: LoopInfo
    inner: LoopInfo
    inclusive: bool

    @property
    def row(self) -> CanonicalLoop:
        assert self.outer.canonical is not None
        return self.outer.canonical

    @property
    def column(self) -> CanonicalLoop:
        assert self.inner.canonical is not None
        return self.inner.canonical

    @property
    def rest(self) -> tuple[Stmt, ...]:
        return tuple(s for s in statements_of(self.outer.stmt.body) if s is not self.inner.stmt)


def triangles(facts: Facts) -> tuple[Triangle, ...]:
    """The triangles that can be gone through by columns, none in another."""
    found: list[Triangle] = []
    for inner in facts.loops.values():
        outer = facts.loops[inner.around[-2]] if len(inner.around) > 1 else None
        one = _triangle(outer, inner) if outer is not None else None
        if one is None or any(t.outer.stmt.id in one.outer.around for t in found):
            continue
        if _scalars_are_their_own(one, facts) and _order_is_free(one, facts):
            found.append(one)
    return tuple(found)


def columns_first(chosen: Sequence[Triangle], facts: Facts) -> list[Edit]:
    """The edits that go through these triangles by columns."""
    fresh = Fresh(facts.program.source.text)
    edits: list[Edit] = []
    for one in chosen:
        edits += _edits(one, facts, fresh) or ()
    return edits


# ------------------------------------------------------------------------------------------------ the shape


def _triangle(outer: LoopInfo, inner: LoopInfo) -> Triangle | None:
    rows, columns = outer.canonical, inner.canonical
    if rows is None or columns is None or rows.step != 1 or columns.step != 1:
        return None
    body = statements_of(outer.stmt.body)
    plain = isinstance(inner.stmt, tree.For) and isinstance(outer.stmt, tree.For)
    if not plain or not body or body[0] is not inner.stmt or any(n.in_macro for n in (outer.stmt, inner.stmt)):
        return None
    if rows.lower is None or rows.lower != columns.lower or columns.upper is None:
        return None
    past = (columns.upper - of_atom(variable(rows.variable))).constant
    if past not in (0, 1) or any(isinstance(n, JUMPS) for n in tree.walk(outer.stmt.body)):
        return None
    return Triangle(outer, inner, past == 1) if past == 0 or len(body) == 1 else None


# ------------------------------------------------------------------------------------------------ the order


def _scalars_are_their_own(one: Triangle, facts: Facts) -> bool:
    """Whether no variable leads from one element to another, or past the loops."""
    parts = [_block(one.inner.stmt.body), replace(_block(one.outer.stmt.body), body=one.rest)]
    written = written_in(parts[0].body, facts) | written_in(parts[1].body, facts)
    told, behind = (scalars.flow(part, facts.touches).exposed for part in parts)
    column, row = one.column.variable, one.row.variable
    if row in written or column in behind or written & (behind | (told - {column})):
        return False
    return {*written, column} <= facts.loop_facts[one.outer.stmt.id].private


def _block(s: Stmt) -> tree.Block:
    return s if isinstance(s, tree.Block) else tree.Block(span=s.span, in_macro=s.in_macro, id=s.id, body=(s,))


def _order_is_free(one: Triangle, facts: Facts) -> bool:
    """Whether an element needs none that comes before it by rows and behind it by columns, nor overwrites it."""
    parts = (one.inner.stmt.body, *one.rest)
    if not is_understood_by_parts(one.outer.stmt, parts, facts):
        return False
    inside, behind = accesses_of(parts[:1], facts), accesses_of(one.rest, facts)
    return not any(
        _crossing(one, earlier, later, of_row, facts)
        for later in inside
        for of_row, many in ((False, inside), (True, behind))
        for earlier in many
    )


def _crossing(one: Triangle, earlier: Access, later: Access, of_row: bool, facts: Facts) -> bool:
    """Whether what comes before an element by rows, another element or the rest `of_row`, and behind it by columns,
    touches something that the element touches too."""
    if not conflict(earlier, later):
        return False

    def order(before: Sequence[str], behind: Sequence[str]) -> str:
        column = before[0] if of_row else before[1]
        return f"{before[0]} < {behind[0]} and {column} > {behind[1]}"

    naming = facts.naming_at(one.outer.around)
    return meet_in_order(one.outer, earlier, later, facts.loops, naming, order)


# ------------------------------------------------------------------------------------------------ the text


def _edits(one: Triangle, facts: Facts, fresh: Fresh) -> list[Edit] | None:
    """The edits for one triangle; None if its text cannot be had."""
    source, outer, inner = facts.program.source, one.outer.stmt, one.inner.stmt
    f = next((f for f in facts.written.functions if holds(f.body, outer)), None)
    if f is None or sum(info.stmt.span == outer.span for info in facts.loops.values()) > 1:
        return None
    row, column = one.row.variable, one.column.variable
    named = [n for n in tree.walk(inner.body) if isinstance(n, tree.Name) and n.symbol in {row, column}]
    unused = _unused(one, {n.span for n in named if n.symbol == column}, f, facts)
    if any(n.in_macro for n in (*named, one.row.bound, *one.rest)) or unused is None:
        return None
    name, own, margin = fresh.take(_plain(row)), _plain(row), source.indentation(inner.span.begin)
    below = _Element(one, {row: name, column: own}, source, diagonal=False).text()
    bound = f"{one.row.relation} {source.shown_at(one.row.bound.span)}"
    loop = f"for ({type_text(row.type)} {name} = {own} + 1; {name} {bound}; {name}++)"
    loop += f" {below}" if isinstance(inner.body, tree.Block) else f"\n{margin}    {below}"
    whole = Span(inner.span.begin, end_of(inner, source))
    if one.inclusive:
        first = _Element(one, {column: own}, source, diagonal=True).text()
        both = f"{first}\n{margin}{loop}"
        return [Edit(whole, both if isinstance(outer.body, tree.Block) else f"{{ {both} }}"), *unused]
    if not one.rest:
        return [Edit(whole, loop), *unused]
    end = end_of(one.rest[-1], source)
    return [removal(inner, source), Edit(Span(end, end), f"\n{margin}{loop}"), *unused]


def _plain(symbol: Symbol) -> str:
    return symbol.name.rpartition("::")[2]


@dataclass(frozen=True)
class _Element:
    """What is done for an element, on the diagonal or off it, with other names for the counters."""

    triangle: Triangle
    names: Mapping[Symbol, str]
    source: Source
    diagonal: bool

    def text(self) -> str:
        return Respelled(self.source, self._edits)(self.triangle.inner.stmt.body)

    def _edits(self, node: Node) -> Iterator[Edit]:
        for s in statements_of(node) if isinstance(node, Stmt) else ():
            told = self._is_diagonal(s)
            if told is None:
                yield from self._renamed(s)
            else:
                assert isinstance(s, tree.If)
                branch = s.then if told == self.diagonal else s.otherwise
                yield removal(s, self.source) if branch is None else Edit(s.span, self._branch(branch))

    def _branch(self, s: Stmt) -> str:
        return Respelled(self.source, self._renamed)(s)

    def _renamed(self, node: Node) -> Iterator[Edit]:
        for n in tree.walk(node):
            if isinstance(n, tree.Name) and n.symbol in self.names:
                yield Edit(n.span, self.names[n.symbol])

    def _is_diagonal(self, s: Stmt) -> bool | None:
        """Whether an if asks for elements on the diagonal, or for those off it; None of other statements."""
        match s:
            case tree.If(condition=tree.Binary(op="==" | "!=" as op, left=tree.Name() as a, right=tree.Name() as b)):
                asked = {a.symbol, b.symbol} == {self.triangle.row.variable, self.triangle.column.variable}
                return op == "==" if asked and not s.in_macro else None
        return None


def _unused(one: Triangle, places: Set[Span], f: tree.Function, facts: Facts) -> list[Edit] | None:
    """The edits that take the declaration of the columns' counter away if nothing else uses it."""
    inner = one.inner.stmt.span
    named = [n for n in tree.walk(f.body) if isinstance(n, tree.Name)]
    symbols = {n.symbol for n in named if n.span in places}
    if any(isinstance(n, tree.VarDecl) and n.symbol == one.column.variable for n in tree.walk(one.inner.stmt)):
        return []
    left = any(n.symbol in symbols and not inner.begin <= n.span.begin < inner.end for n in named)
    return [] if left or len(symbols) != 1 else undeclared(facts.written, symbols)
