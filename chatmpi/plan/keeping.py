"""Elements of distributed arrays that a call reads into (`scanf("%lf", &a[i])`): every rank makes the call, since every
rank reads the same, and the row's owner keeps the value."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import bare, is_step
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.memory.subscripts import Access
from chatmpi.analysis.numbers.polynomial import Polynomial
from chatmpi.analysis.touches import ElementTouch
from chatmpi.analysis.tree import Symbol
from chatmpi.plan.elements import row_of
from chatmpi.plan.fit import Misfit


@dataclass(frozen=True, slots=True)
class Kept:
    """`access` is what a call in `statement` reads into, `row` its row."""

    statement: tree.Stmt
    access: Access
    row: Polynomial


def kept(s: tree.Stmt, distributed: Set[Symbol], facts: Facts) -> tuple[Kept, ...] | Misfit:
    """What `s` itself writes to distributed arrays, if that is nothing but what calls read into them."""
    found = []
    for t in facts.touches.of(s.id):
        if t.context.statement is not s or not isinstance(t, ElementTouch) or not t.write:
            continue
        if t.symbol not in distributed or id(t) not in facts.accesses:
            continue
        if not isinstance(t.update, tree.Call):
            return Misfit("it writes more than what calls read into it")
        access = facts.accesses[id(t)]
        row = row_of(access, facts)
        if s.id in facts.inputs or t.context.opaque:
            return Misfit("rank 0 alone reads it")
        if row is None or any(symbol.name in facts.shadowed for symbol in row.symbols):
            return Misfit("the row of what is read is not known")
        if any(_has_effects(e, distributed) for e in t.subscripts):
            return Misfit("its subscript has effects, or is an element of a distributed array")
        found.append(Kept(s, access, row))
    return tuple(found)


def _has_effects(subscript: tree.Expr, distributed: Set[Symbol]) -> bool:
    return any(_is_effect(n) or (isinstance(n, tree.Name) and n.symbol in distributed) for n in tree.walk(subscript))


def _is_effect(node: tree.Node) -> bool:
    return isinstance(node, tree.Assign | tree.Call) or is_step(node)


def argument_of(item: Kept) -> tree.Expr:
    """The argument of the call that names the element: its address."""
    call, node = item.access.touch.update, item.access.touch.node
    assert isinstance(call, tree.Call)
    return next(a for a in call.arguments if _points_at(a, node))


def _points_at(argument: tree.Expr, node: tree.Expr) -> bool:
    given = bare(argument)
    if isinstance(given, tree.Unary) and given.op == "&":
        return given.operand is node
    return isinstance(node, tree.Unary) and node.operand is given
