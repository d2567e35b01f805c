"""Copies between variables that hold the same all the time, left out.

    struct field t = a; a = b; b = t;        where `a.n` and `b.n` are given once, the same, before:

its members are copied one by one (`spread.py`); without `t.n = a.n`, `a.n = b.n`, `b.n = t.n`, it exchanges pointers
and no number changes. The text stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import bare, changed_or_lent, comma_parts
from chatmpi.analysis.lowering.comma_lists import without_parts
from chatmpi.analysis.lowering.given_once import Given, Order
from chatmpi.analysis.rewriting import rewritten
from chatmpi.analysis.tree import Expr, Node, Program, Symbol


@dataclass(frozen=True, slots=True)
class _Copy:
    """`target = source`, or `int target = source`, between variables of main."""

    node: Given
    target: Symbol
    source: Symbol


def equal_copies(program: Program) -> Program:
    """The program without them; variables that were only copied to and from have no declaration any more."""
    main = program.function("main")
    copies = list(_copies(main)) if main is not None else []
    if main is None or not copies:
        return program
    order = Order(main, program)
    changes = _changes(order)
    groups = [g for g in _groups(copies) if order.is_plain and _holds_the_same(g, order, changes)]
    if not groups:
        return program
    gone = {id(c.node) for g in groups for c in g}
    spare = {s for g in groups for s in _symbols(g) if not _given(s, g, changes)}
    changed = rewritten(main, lambda n: _without(n, gone, spare))
    return replace(program, functions=tuple(changed if f is main else f for f in program.functions))


def _copies(main: tree.Function) -> Iterator[_Copy]:
    for s in tree.statements(main.body):
        match s:
            case tree.Declaration(variables=variables):
                pairs: list[tuple[Given, Symbol, Expr | None]] = [(v, v.symbol, v.init) for v in variables]
            case tree.ExprStmt(expr=expr):
                pairs = [
                    (e, e.target.symbol, e.value)
                    for e in comma_parts(expr)
                    if isinstance(e, tree.Assign) and e.op == "=" and isinstance(e.target, tree.Name)
                ]
            case _:
                continue
        for node, target, value in pairs:
            source = bare(value) if value is not None else None
            if isinstance(source, tree.Name) and _is_number(target) and source.symbol.type == target.type:
                yield _Copy(node, target, source.symbol)


def _is_number(symbol: Symbol) -> bool:
    return symbol.storage == "local" and isinstance(symbol.type, tree.Scalar)


def _groups(copies: Iterable[_Copy]) -> list[list[_Copy]]:
    """Copies that go round: those between variables of which each is copied from one of them, and to one."""
    kept = list(copies)
    while True:
        targets, sources = {c.target for c in kept}, {c.source for c in kept}
        round_ = [c for c in kept if c.target in sources and c.source in targets]
        if len(round_) == len(kept):
            break
        kept = round_
    groups: list[list[_Copy]] = []
    for c in kept:
        mine = [g for g in groups if {c.target, c.source} & _symbols(g)]
        groups = [*(g for g in groups if g not in mine), [*(d for g in mine for d in g), c]]
    return groups


def _symbols(group: Iterable[_Copy]) -> frozenset[Symbol]:
    return frozenset(s for c in group for s in (c.target, c.source))


def _changes(order: Order) -> Mapping[Symbol, list[Node]]:
    found: dict[Symbol, list[Node]] = {}
    for n in order.nodes:
        symbol = n.symbol if isinstance(n, tree.VarDecl) and n.init is not None else changed_or_lent(n)
        if symbol is not None:
            found.setdefault(symbol, []).append(n)
    return found


def _given(symbol: Symbol, group: Iterable[_Copy], changes: Mapping[Symbol, list[Node]]) -> list[Node]:
    """What changes a variable beside the copies."""
    own = {id(c.node) for c in group}
    return [n for n in changes.get(symbol, []) if id(n) not in own]


def _holds_the_same(group: list[_Copy], order: Order, changes: Mapping[Symbol, list[Node]]) -> bool:
    """Whether all variables that are given something are given the same, once, before the first copy; the others are
    there for copies only."""
    given: list[list[Given]] = []
    for symbol in _symbols(group):
        own = _given(symbol, group, changes)
        if not own:
            if not _is_spare(symbol, group, order):
                return False
            continue
        for n in own:
            plain = isinstance(n, tree.VarDecl) or (isinstance(n, tree.Assign) and n.op == "=")
            if not plain or not order.is_always_executed(n):  # type: ignore[arg-type]
                return False
        given.append([n for n in own if isinstance(n, tree.Assign | tree.VarDecl)])
    return bool(given) and order.are_same(given, min(order.position[id(c.node)] for c in group))


def _is_spare(symbol: Symbol, group: list[_Copy], order: Order) -> bool:
    inside = {id(n) for c in group for n in tree.walk(c.node)}
    names = (n for n in order.nodes if isinstance(n, tree.Name) and n.symbol == symbol)
    return all(id(n) in inside for n in names)


def _without(node: Node, gone: set[int], spare: set[Symbol]) -> Node:
    match node:
        case tree.Declaration(variables=variables):
            kept = tuple(replace(v, init=None) if id(v) in gone else v for v in variables if v.symbol not in spare)
            return replace(node, variables=kept) if kept else tree.Empty(span=node.span, id=node.id)
        case tree.ExprStmt():
            return without_parts(node, gone)
    return node
