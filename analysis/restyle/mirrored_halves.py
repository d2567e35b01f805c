"""Symmetric matrices that a loop fills in both halves at once, the second half behind the loop.

    for (i = 0; i < n; i++)                         for (i = 0; i < n; i++)
        for (j = i; j < n; j++) {                       for (j = i; j < n; j++) {
            s = …;                                          s = …;
            c[i][j] = s;                                    c[i][j] = s;
            c[j][i] = s;                                }
        }                                           for (i = 0; i < n; i++)
                                                        for (j = i; j < n; j++)
                                                            c[j][i] = c[i][j];

The first loop then writes to its own rows only. Both do the same where nothing in the loop touches the half that is
filled later (see `mirrored_elements.py`), and its headers can be written once more. The edits are of the text, which is
parsed again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import changed_or_lent
from chatmpi.analysis.facts import analyze
from chatmpi.analysis.loops import index_step, starting
from chatmpi.analysis.numbers.values import text
from chatmpi.analysis.restyle.mirrored_elements import Mirror, fills_later
from chatmpi.analysis.restyle.respelling import Fresh, Respelled, end_of, removal
from chatmpi.analysis.rewriting import rewritten
from chatmpi.analysis.source import Edit, Source, Span
from chatmpi.analysis.surroundings import Surroundings, jumps_on, statements_of
from chatmpi.analysis.touches import is_memory
from chatmpi.analysis.tree import Expr, Node, Program, Stmt, Symbol


@dataclass(frozen=True)
class _Header:
    """`for (counter = start; condition; counter += step)`."""

    loop: tree.For
    counter: Symbol
    start: Expr
    condition: Expr
    step: int

    @property
    def declares(self) -> bool:
        return isinstance(self.loop.init, tree.Declaration)


def mirrored_halves(program: Program) -> list[Edit]:
    """The edits for one such loop; none if there is none."""
    facts = None
    for f in program.functions:
        around = Surroundings(program, f)
        for block in tree.walk(f.body):
            for outer in block.body if isinstance(block, tree.Block) else ():
                for mirror, edit in _mirrors(outer, program.source):
                    outward, inward = _header(mirror.outer), _header(mirror.inner)
                    if outward is None or inward is None or not _is_repeatable(mirror, outward, inward, around):
                        continue
                    facts = facts or analyze(program)
                    if facts is not None and fills_later(mirror, facts):
                        return [edit, _behind(mirror, outward, inward, program.source)]
    return []


# ------------------------------------------------------------------------------------------- what is mirrored


def _mirrors(outer: Stmt, source: Source) -> Iterator[tuple[Mirror, Edit]]:
    """The pairs of elements that get one value in a nest of loops, with the edit that takes the second away."""
    if not isinstance(outer, tree.For) or outer.in_macro or jumps_on(outer.body):
        return
    for inner in statements_of(outer.body):
        if not isinstance(inner, tree.For) or inner.in_macro or jumps_on(inner.body):
            continue
        counters = starting(outer.init), starting(inner.init)
        if counters[0] is None or counters[1] is None:
            continue
        for kept, mirrored, edit in _pairs(statements_of(inner.body), source):
            if _swapped(kept, counters[0][0], counters[1][0]) == text(mirrored) != text(kept):
                yield Mirror(outer, inner, kept, mirrored), edit


def _pairs(body: tuple[Stmt, ...], source: Source) -> Iterator[tuple[Expr, Expr, Edit]]:
    """Two elements that hold one value, of which the second can be filled later."""
    for k, s in enumerate(body):
        match s:
            case tree.ExprStmt(
                expr=tree.Assign(
                    op="=", target=tree.Index() as one, value=tree.Assign(op="=", target=tree.Index() as two, value=v)
                ) as whole
            ) if not any(n.in_macro for n in (s, whole, one, two, whole.value, v)):
                yield two, one, Edit(whole.span, source.shown_at(whole.value.span))
                shown = source.shown_at(v.span)
                yield one, two, Edit(whole.value.span, shown if isinstance(v, tree.Name) else f"({shown})")
            case tree.ExprStmt(expr=tree.Assign(op="=", target=tree.Index() as one, value=value) as whole) if len(
                body
            ) > 1 and not any(n.in_macro for n in (s, whole, one)):
                if isinstance(value, tree.Index):
                    yield value, one, removal(s, source)
                for beside in body[max(k - 1, 0) : k + 2]:
                    match beside:
                        case tree.ExprStmt(
                            expr=tree.Assign(op="=", target=tree.Index() as two, value=tree.Name(symbol=symbol))
                        ) if beside is not s and isinstance(value, tree.Name) and value.symbol == symbol:
                            yield two, one, removal(s, source)


def _swapped(expr: Expr, one: Symbol, other: Symbol) -> str:
    """The text of an expression with two variables in each other's place."""
    named = {one: other, other: one}

    def change(node: Node) -> Node:
        other_way = isinstance(node, tree.Name) and node.symbol in named
        return replace(node, symbol=named[node.symbol]) if other_way else node  # type: ignore[attr-defined, call-arg]

    return text(rewritten(expr, change))


# ------------------------------------------------------------------------------------------------- headers


def _header(loop: tree.For) -> _Header | None:
    begin, step = starting(loop.init), index_step(loop.step)
    if begin is None or step is None or loop.condition is None or begin[0] != step[0]:
        return None
    return _Header(loop, begin[0], begin[1], loop.condition, step[1])


def _is_repeatable(mirror: Mirror, outward: _Header, inward: _Header, around: Surroundings) -> bool:
    """Whether the headers, and the elements, mean the same behind the outer loop as in it."""
    counters = {outward.counter, inward.counter}
    inside = list(tree.walk(mirror.outer))
    declared = {n.symbol for n in inside if isinstance(n, tree.VarDecl)}
    renamed = {h.counter for h in (outward, inward) if not h.declares}
    changes = [changed_or_lent(n) for n in inside]
    if any(changes.count(c) > (1 if c in declared else 2) for c in counters):
        return False
    ends = (outward.start, outward.condition, inward.start, inward.condition)
    if any(isinstance(n, tree.Index) for e in ends for n in tree.walk(e)):
        return False
    for n in (n for e in (*ends, mirror.kept, mirror.mirrored) for n in tree.walk(e)):
        if not isinstance(n, tree.Name):
            if not _is_plain(n):
                return False
        elif n.symbol in counters:
            if n.in_macro and n.symbol in renamed:
                return False
        elif n.symbol in declared or not (is_memory(n.type) or around.is_steady(n, inside)):
            return False
    return True


def _is_plain(n: Node) -> bool:
    """Whether a node, but for what it is made of, is a number, a sum or a product, or an element."""
    number = isinstance(n, tree.IntLiteral | tree.Binary | tree.Cast | tree.Index)
    return number or (isinstance(n, tree.Unary) and n.op in {"-", "+"})


def _behind(mirror: Mirror, outward: _Header, inward: _Header, source: Source) -> Edit:
    """The loops that fill the second half."""
    fresh = Fresh(source.text)
    names = {h.counter: h.counter.name if h.declares else fresh.take(h.counter.name) for h in (outward, inward)}

    def renamed(node: Node) -> Iterator[Edit]:
        for n in tree.walk(node):
            if isinstance(n, tree.Name) and names.get(n.symbol, n.symbol.name) != n.symbol.name:
                yield Edit(n.span, names[n.symbol])

    shown = Respelled(source, renamed)
    indent = source.indentation(mirror.outer.span.begin)
    end = end_of(mirror.outer, source)
    lines = [
        f"{indent}{_for(outward, names, shown)}",
        f"{indent}    {_for(inward, names, shown)}",
        f"{indent}        {shown(mirror.mirrored)} = {shown(mirror.kept)};",
    ]
    return Edit(Span(end, end), "\n" + "\n".join(lines))


def _for(header: _Header, names: Mapping[Symbol, str], shown: Respelled) -> str:
    assert isinstance(header.counter.type, tree.Scalar)
    name = names[header.counter]
    step = f"{name}++" if header.step == 1 else f"{name} += {header.step}"
    return f"for ({header.counter.type.name} {name} = {shown(header.start)}; {shown(header.condition)}; {step})"
