"""A `switch` whose labels stand at its top, as the chain of `if` that does the same.

    switch (e) { case 1: A; break; case 2: B; case 3: C; break; default: D; }

    const int chosen = e;
    if (chosen == 1) A; else if (chosen == 2 || chosen == 3) { if (chosen == 2) B; C; } else D;

Cases that control falls through are the parts of one branch; a `break` that does not end its case leaves the branch's
block. The declaration, or the first `if` where a variable is tested, has the place of the switch: what is put before it
stands before the switch. What is jumped into (labels inside of other statements) stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count

from chatmpi.analysis import tree
from chatmpi.analysis.rewriting import rewritten
from chatmpi.analysis.source import Span
from chatmpi.analysis.tree import Expr, Node, Program, Stmt, Symbol

_INT = tree.Scalar("int")


def chained_switches(program: Program) -> Program:
    """The program with chains of `if` for its switches."""
    nodes = [n for root in (*program.globals, *program.functions) for n in tree.walk(root)]
    if not any(isinstance(n, tree.UnknownStmt) and n.kind == "switch" for n in nodes):
        return program
    lowering = _Lowering(nodes)
    functions = (replace(f, body=rewritten(f.body, lowering.change)) for f in program.functions)
    return replace(program, functions=tuple(functions))


@dataclass(frozen=True, slots=True)
class _Section:
    """The statements behind some labels; a label that is None is `default`. `falls`: control may go on to the next
    section."""

    labels: tuple[Expr | None, ...]
    body: tuple[Stmt, ...]
    falls: bool


class _Lowering:
    def __init__(self, nodes: Sequence[Node]) -> None:
        self.ids = count(1 + max((n.id for n in nodes if isinstance(n, Stmt)), default=0))
        self.uids = count(1 + max((n.symbol.uid for n in nodes if isinstance(n, tree.Name | tree.VarDecl)), default=0))

    def change(self, node: Node) -> Node:
        match node:
            case tree.UnknownStmt(kind="switch", children=(Expr() as value, tree.Block() as body)):
                sections = _sections(body)
                return node if sections is None or not _fits(value, sections) else self._chain(node, value, sections)
        return node

    def _chain(self, s: tree.UnknownStmt, value: Expr, sections: Sequence[_Section]) -> Stmt:
        groups = list(_groups(sections))
        if isinstance(value, tree.Name) and not any(_may_write(value.symbol, part) for g in groups for x in g
                                                    for part in x.body):  # fmt: skip
            return self._branches(s, groups, value)
        fixed = s.in_macro or any(isinstance(n, tree.Call) for n in tree.walk(value))
        symbol = Symbol("switch", next(self.uids), value.type, "local")
        variable = tree.VarDecl(span=value.span, in_macro=True, symbol=symbol, name_span=value.span, init=value)
        declaration = tree.Declaration(span=value.span, in_macro=fixed, id=s.id, variables=(variable,))
        chosen = tree.Name(span=value.span, in_macro=True, type=value.type, symbol=symbol)
        chain = self._branches(replace(s, id=next(self.ids), in_macro=True), groups, chosen)
        return tree.Block(span=s.span, in_macro=True, id=next(self.ids), body=(declaration, chain))

    def _branches(self, s: tree.UnknownStmt, groups: Sequence[Sequence[_Section]], chosen: Expr) -> Stmt:
        """The chain; its first `if` bears the number of the statement in whose place it stands."""
        every = [label for g in groups for x in g for label in x.labels if label is not None]
        default = next((g for g in groups if any(None in x.labels for x in g)), None)
        chain: Stmt | None = None if default is None else self._branch(default, chosen, every, s.span)
        others = [g for g in groups if g is not default]
        for k, group in reversed(list(enumerate(others))):
            labels = [label for x in group for label in x.labels if label is not None]
            chain = tree.If(
                span=s.span,
                in_macro=s.in_macro if k == 0 else True,
                id=s.id if k == 0 else next(self.ids),
                condition=_any_of(chosen, labels),
                then=self._branch(group, chosen, every, s.span),
                otherwise=chain,
            )
        return chain if chain is not None else tree.Empty(span=s.span, in_macro=s.in_macro, id=s.id)

    def _branch(self, group: Sequence[_Section], chosen: Expr, every: Sequence[Expr], span: Span) -> Stmt:
        """What is done from the first of the group's labels that is met."""
        number = next(self.ids)
        parts: list[Stmt] = []
        met: list[Expr | None] = []
        for x in group:
            met += x.labels
            body = tuple(self._leaving(part, number) for part in x.body)
            if x is group[-1]:
                parts += body
            else:
                inside = tree.Block(span=span, in_macro=True, id=next(self.ids), body=body)
                parts.append(
                    tree.If(
                        span=span,
                        in_macro=True,
                        id=next(self.ids),
                        condition=_met(chosen, met, every),
                        then=inside,
                        otherwise=None,
                    )
                )
        return tree.Block(span=span, in_macro=True, id=number, body=tuple(parts))

    def _leaving(self, s: Stmt, block: int) -> Stmt:
        """The statement with the switch's breaks as ways to the end of the block."""
        if isinstance(s, tree.Break):
            return tree.Leave(span=s.span, in_macro=True, id=s.id, block=block)
        if not any(_breaks(s)):
            return s
        parts: dict[str, object] = {}
        for name in tree.part_names(s):
            part = getattr(s, name)
            if isinstance(part, tuple):
                parts[name] = tuple(self._leaving(p, block) if isinstance(p, Stmt) else p for p in part)
            elif isinstance(part, Stmt):
                parts[name] = self._leaving(part, block)
        return replace(s, **parts)  # type: ignore[arg-type]


# --------------------------------------------------------------------------------------------- sections


def _sections(body: tree.Block) -> list[_Section] | None:
    """The sections in their order; None if control may come into the body otherwise than by labels at its top."""
    found: list[tuple[list[Expr | None], list[Stmt]]] = []
    for s in body.body:
        labels: list[Expr | None] = []
        while isinstance(s, tree.UnknownStmt) and s.kind in {"case", "default"}:
            match s.kind, s.children:
                case "case", (Expr() as label, Stmt() as inner):
                    labels.append(label)
                case "default", (Stmt() as inner,):
                    labels.append(None)
                case _:
                    return None
            s = inner
        if labels:
            found.append((labels, []))
        if not found or any(isinstance(n, tree.UnknownStmt) for n in tree.walk(s)):
            return None
        found[-1][1].append(s)
    return [_Section(tuple(labels), *_ended(statements)) for labels, statements in found]


def _ended(body: Sequence[Stmt]) -> tuple[tuple[Stmt, ...], bool]:
    """The statements of a section without the `break` that ends it, and whether control goes on behind them."""
    *before, last = body
    match last:
        case tree.Break():
            return tuple(before), False
        case tree.Block(body=(*inside, tree.Break())):
            return (*before, replace(last, body=tuple(inside))), False
    return tuple(body), not _never_ends(last)


def _never_ends(s: Stmt) -> bool:
    """Whether control never comes out at the end of a statement."""
    match s:
        case tree.Break() | tree.Continue() | tree.Return() | tree.Leave():
            return True
        case tree.Block(body=(*_, last)):
            return _never_ends(last)
        case tree.If(then=then, otherwise=Stmt() as otherwise):
            return _never_ends(then) and _never_ends(otherwise)
    return False


def _groups(sections: Sequence[_Section]) -> Iterator[list[_Section]]:
    """Sections that control falls through, up to the one that it leaves."""
    group: list[_Section] = []
    for x in sections:
        group.append(x)
        if not x.falls:
            yield group
            group = []
    if group:
        yield group


def _breaks(s: Stmt) -> Iterator[Stmt]:
    """The breaks inside a statement that leave what is around it."""
    if isinstance(s, tree.Break):
        yield s
    elif not isinstance(s, tree.For | tree.While | tree.DoWhile):
        for part in tree.children(s):
            if isinstance(part, Stmt):
                yield from _breaks(part)


# ------------------------------------------------------------------------------------------- conditions


def _fits(value: Expr, sections: Sequence[_Section]) -> bool:
    """Whether comparing with the labels is what a switch does: labels are converted to the value's type first."""
    labels = [label for x in sections for label in x.labels if label is not None]
    whole = isinstance(value.type, tree.Scalar) and value.type.is_integer
    return whole and all(label.type in {_INT, value.type} for label in labels)


def _may_write(symbol: Symbol, s: Stmt) -> bool:
    if symbol.storage not in {"local", "parameter"}:
        return True
    for n in tree.walk(s):
        match n:
            case tree.Assign(target=tree.Name(symbol=written)) if written == symbol:
                return True
            case tree.Unary(op=op, operand=tree.Name(symbol=written)) if written == symbol and ("x" in op or op == "&"):
                return True
            case tree.Unary(op="*") | tree.Call() | tree.UnknownExpr():
                return True
    return False


def _met(chosen: Expr, met: Sequence[Expr | None], every: Sequence[Expr]) -> Expr:
    """That one of these labels was met."""
    if None not in met:
        return _any_of(chosen, [label for label in met if label is not None])
    later = [label for label in every if not any(label is m for m in met)]
    if not later:
        return tree.IntLiteral(span=chosen.span, in_macro=True, type=_INT, value=1)
    return tree.Unary(span=chosen.span, in_macro=True, type=_INT, op="!", operand=_any_of(chosen, later))


def _any_of(chosen: Expr, labels: Sequence[Expr]) -> Expr:
    first, *rest = (_equal(chosen, label) for label in labels)
    for other in rest:
        first = tree.Binary(span=chosen.span, in_macro=True, type=_INT, op="||", left=first, right=other)
    return first


def _equal(chosen: Expr, label: Expr) -> Expr:
    own = rewritten(chosen, lambda n: replace(n, in_macro=True))
    known = rewritten(label, lambda n: replace(n, in_macro=True))
    return tree.Binary(span=chosen.span, in_macro=True, type=_INT, op="==", left=own, right=known)
