"""Pointers that take over what others hold are read by the names of those, while nobody looks at these.

    double *r = a, *t = b;                               for (…) { …a[i] = b[i]…; x = b; b = a; a = x; }
    for (…) { …r[i] = t[i]…; x = t; t = r; r = x; }      if (?) { x = a; a = b; b = x; }
    out = steps & 1 ? a : b;                  becomes    if (!(steps & 1)) { x = a; a = b; b = x; }
    … out[i] …                                           … a[i] …

Which of them has which memory afterwards is left open: both have the same division. The text stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from chatmpi.analysis import tree
from chatmpi.analysis.calls.expansion import Scope
from chatmpi.analysis.lowering.pointer_eras import Era, eras
from chatmpi.analysis.rewriting import rewritten
from chatmpi.analysis.source import Span
from chatmpi.analysis.tree import Block, Coalesced, Expr, Node, Program, Stmt, Symbol


def coalesced_pointers(program: Program) -> Program:
    """The program without the pointers of its main function that take over others' memory."""
    while (main := program.function("main")) is not None:
        found = next(eras(main, program), None)
        if found is None:
            break
        fresh = _read_by_others(found, main, program)
        functions = tuple(fresh if f is main else f for f in program.functions)
        program = replace(program, functions=functions, coalesced=_with(found, program.coalesced))
    return program


def _with(era: Era, others: tuple[Coalesced, ...]) -> tuple[Coalesced, ...]:
    """What is read by other names, with what an era adds."""
    inside = frozenset(s.id for part in era.statements for s in tree.statements(part))
    begin, end = era.statements[0].span.end, era.statements[-1].span.end
    holders = {c.target.name: c.source.name for c in era.copies}
    kept = (replace(o, names={holders.get(name, name): own for name, own in o.names.items()}) for o in others)
    return (*kept, Coalesced(inside, Span(begin, max(begin, end)), {s: t for t, s in holders.items()}))


def by_what_holds(scopes: tuple[Scope, ...], program: Program) -> tuple[Scope, ...]:
    """The functions that are called while pointers have others' names, with what these are called there."""
    for c in program.coalesced:
        scopes = tuple(_known_there(s, c) if s.call in c.statements else s for s in scopes)
    return scopes


def _known_there(scope: Scope, c: Coalesced) -> Scope:
    also = {holder: scope.spellings[name] for holder, name in c.names.items() if name in scope.spellings}
    constant = {holder for holder in also if c.names[holder] in scope.constant}
    return replace(scope, spellings={**scope.spellings, **also}, constant=(scope.constant - also.keys()) | constant)


# ----------------------------------------------------------------------------------------------- the tree


def _read_by_others(era: Era, main: tree.Function, program: Program) -> tree.Function:
    holders = {c.target: c.source for c in era.copies}
    made = {id(era.block.body[c.place]) for c in era.copies}
    number = max(s.id for f in program.functions for s in tree.statements(f.body)) + 1
    uid = min(n.symbol.uid for f in program.functions for n in tree.walk(f) if isinstance(n, tree.Name))
    fresh = _Fresh(number, min(uid, 0))

    def change(node: Node) -> Node:
        if isinstance(node, tree.Name) and node.symbol in holders:
            return replace(node, symbol=holders[node.symbol])
        return node

    body: list[Stmt] = list(era.block.body[: era.begin])
    for s in era.statements:
        body += _without_copies(s, era, fresh) if id(s) in made else [rewritten(s, change)]
    body += fresh.permuted(era.left_open, era.statements[-1])
    body += era.block.body[era.end :]
    block = replace(era.block, body=tuple(body))

    def placed(node: Node) -> Node:
        match node:
            case Block(id=id) if id == era.block.id:
                return block
            case tree.Declaration(variables=variables) if any(v.symbol in holders for v in variables):
                return replace(node, variables=tuple(v for v in variables if v.symbol not in holders))
        return node

    return rewritten(main, placed)


def _without_copies(s: Stmt, era: Era, fresh: _Fresh) -> list[Stmt]:
    targets = {c.target for c in era.copies}
    chosen = next((c for c in era.copies if c.condition is not None and era.block.body[c.place] is s), None)
    if chosen is not None and chosen.condition is not None and chosen.other is not None:
        refused = tree.Unary(
            span=chosen.condition.span, type=tree.Scalar("int"), op="!", operand=chosen.condition, in_macro=True
        )
        return [fresh.exchanged(refused, chosen.source, chosen.other, s)]
    if isinstance(s, tree.Declaration):
        return [replace(s, variables=tuple(v for v in s.variables if v.symbol not in targets))]
    return [tree.Empty(span=s.span, id=s.id, in_macro=s.in_macro)]


@dataclass
class _Fresh:
    """Statements and variables that no text has."""

    number: int
    uid: int

    def permuted(self, symbols: Sequence[Symbol], at: Stmt) -> list[Stmt]:
        """Pointers that hold what they held in any order."""
        pairs = [p for last in range(len(symbols), 1, -1) for p in pairwise(symbols[:last])]
        return [self.exchanged(None, a, b, at) for a, b in pairs]

    def exchanged(self, condition: Expr | None, one: Symbol, other: Symbol, at: Stmt) -> tree.If:
        span = Span(at.span.end, at.span.end)
        if condition is None:
            unknown = self._symbol("exchanged", tree.Scalar("int"))
            condition = tree.Name(span=span, type=unknown.type, symbol=unknown, in_macro=True)
        held = self._symbol("held", one.type)
        moves = [(held, one), (one, other), (other, held)]
        rows = tuple(self._copy(a, b, span) for a, b in moves)
        block = Block(span=span, id=self._id(), body=rows, in_macro=True)
        return tree.If(span=span, id=self._id(), condition=condition, then=block, otherwise=None, in_macro=True)

    def _copy(self, target: Symbol, source: Symbol, span: Span) -> Stmt:
        names = [tree.Name(span=span, type=s.type, symbol=s, in_macro=True) for s in (target, source)]
        made = tree.Assign(span=span, type=target.type, op="=", target=names[0], value=names[1], in_macro=True)
        return tree.ExprStmt(span=span, id=self._id(), expr=made, in_macro=True)

    def _id(self) -> int:
        self.number += 1
        return self.number - 1

    def _symbol(self, name: str, type: tree.CType) -> Symbol:
        self.uid -= 1
        return Symbol(name, self.uid, type, "local")
