"""Statements whose value every rank must compute, because that has effects, while its owner alone stores it:
`u[i] = rand();`, `u[i] = (state = next(state)) / m;`"""

from __future__ import annotations

from collections.abc import Set

from chatmpi.analysis import tree
from chatmpi.analysis.calls.effects import effects_of
from chatmpi.analysis.expressions import is_step
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.touches import CallTouch, ElementTouch, ScalarTouch, Touch
from chatmpi.analysis.tree import Symbol
from chatmpi.plan.fit import Misfit


def has_effects(s: tree.Stmt, distributed: Set[Symbol], facts: Facts) -> bool:
    """Whether a statement does something that every rank must do, beside writing distributed arrays."""
    for t in facts.touches.of(s.id):
        if isinstance(t, CallTouch) and not effects_of(t.call, facts.summaries).is_pure:
            return True
        if isinstance(t, ElementTouch | ScalarTouch) and t.write and t.symbol not in distributed:
            return True
    return False


def value_apart(s: tree.ExprStmt, distributed: Set[Symbol], facts: Facts) -> tree.Expr | Misfit:
    """The part of `s` that every rank computes before the owner does the rest: all of the value that is assigned, or
    the one call in it that has effects."""
    assign = s.expr
    if not isinstance(assign, tree.Assign):
        return Misfit("it does more than store a value, which every rank must do")
    touches = facts.touches.of(s.id)
    elements = [t for t in touches if isinstance(t, ElementTouch) and t.symbol in distributed]
    if not any(t.node is assign.target for t in elements):
        return Misfit("it also writes something that every rank holds")
    written = {t.symbol for t in touches if isinstance(t, ElementTouch | ScalarTouch) and t.write}
    for t in elements:
        if any(_may_change(n, written) for e in t.subscripts for n in tree.walk(e)):
            return Misfit("its subscript changes in the same statement")
    value = assign.value if len(elements) == 1 else _call_apart(assign.value, touches, facts)
    if value is None or not isinstance(value.type, tree.Scalar):
        return Misfit("its value has effects, which every rank must have, and reads distributed arrays")
    return value


def _may_change(node: tree.Node, written: set[Symbol]) -> bool:
    steps = is_step(node)
    return (
        steps or isinstance(node, tree.Assign | tree.Call) or (isinstance(node, tree.Name) and node.symbol in written)
    )


def _call_apart(value: tree.Expr, touches: tuple[Touch, ...], facts: Facts) -> tree.Expr | None:
    """The only thing in a value that has effects: a call that is always made and reads no array."""
    impure = [t for t in touches if isinstance(t, CallTouch) and not effects_of(t.call, facts.summaries).is_pure]
    others = [t for t in touches if isinstance(t, ScalarTouch) and t.write]
    if len(impure) != 1 or others or impure[0].context.sometimes:
        return None
    call = impure[0].call
    inside = list(tree.walk(call))
    reads = any(isinstance(t, ElementTouch) and any(n is t.node for n in inside) for t in touches)
    return call if not reads and any(n is call for n in tree.walk(value)) else None
