"""`a[0] = a[n] = value;` done by the owners of the rows: one guarded assignment for each element."""

from __future__ import annotations

from dataclasses import replace

from chatmpi.analysis import tree
from chatmpi.analysis.calls.effects import effects_of
from chatmpi.analysis.expressions import is_step
from chatmpi.analysis.numbers.polynomial import Polynomial
from chatmpi.analysis.tree import Expr, Stmt
from chatmpi.plan.plan import GuardPlan
from chatmpi.verify.reading import guards
from chatmpi.verify.reading.expressions import Comparison
from chatmpi.verify.reading.findings import Mismatch
from chatmpi.verify.reading.piecewise import Alternatives
from chatmpi.verify.reading.reading import Position, Reading, Where
from chatmpi.verify.reading.row import Row


def is_chain(s: Stmt, where: Where, reading: Reading) -> bool:
    """Whether the plan leaves a statement to several owners, each doing his part."""
    return where.in_main and len(reading.intent.guards.get(s.id, ())) > 1


def check_part(
    row: Row, c: tree.If, assign: tree.Assign | None, truth: Alternatives, where: Where, at: Position
) -> bool:
    """One guarded assignment; whether it is the last of the statement's. Raises Mismatch."""
    s, reading = row.next, at.reading
    assert isinstance(s, tree.ExprStmt)
    place = reading.findings.place(s)
    targets, value = _targets(s.expr)
    if assign is None or where.root or where.owner is not None or where.distributed is not None:
        raise Mismatch(c, f"this is not a part of {place}")
    if len({t.type for t in targets}) > 1 or not _has_no_effects(value, reading):
        raise Mismatch(c, f"{place} cannot be done in parts")
    errors: list[Mismatch] = []
    for number in sorted(range(len(targets)), key=lambda k: k in row.parts_done):
        try:
            _check_target(s, c, targets[number], value, assign, truth, where, at)
        except Mismatch as found:
            errors.append(found)
            continue
        if number in row.parts_done:
            raise Mismatch(c, f"this part of {place} is done twice")
        row.parts_done.add(number)
        return len(row.parts_done) == len(targets)
    raise errors[0]


def _check_target(
    s: tree.ExprStmt,
    c: tree.If,
    target: Expr,
    value: Expr,
    assign: tree.Assign,
    truth: Alternatives,
    where: Where,
    at: Position,
) -> None:
    """The assignment sets this element, on the rank that owns its row."""
    guard, written = _guard_of(s, target, c, at.reading)
    share = guards.owning_share(truth, guard.partition, c, at.reading)
    compared = Comparison(at.reading, replace(where, owner=share, owned=truth), at.state, {})
    compared.access(target, assign.target)
    compared.same(value, assign.value)
    guards.check_owner(s, c, guard, written, truth, share, at.reading)


def _targets(expr: Expr) -> tuple[list[Expr], Expr]:
    targets: list[Expr] = []
    while isinstance(expr, tree.Assign) and expr.op == "=":
        targets.append(expr.target)
        expr = expr.value
    return targets, expr


def _has_no_effects(value: Expr, reading: Reading) -> bool:
    """Whether it does not matter how often, and where, a value is computed."""
    for n in tree.walk(value):
        if isinstance(n, tree.Assign | tree.UnknownExpr) or is_step(n):
            return False
        if isinstance(n, tree.Call) and not effects_of(n, reading.facts.summaries).is_pure:
            return False
    return True


def _guard_of(s: tree.ExprStmt, target: Expr, c: tree.If, reading: Reading) -> tuple[GuardPlan, Polynomial]:
    """The plan's guard for an element that a chain sets, and the element's row."""
    for accesses in reading.facts.accesses_in(s.id).values():
        for a in accesses:
            row = a.subscripts[0]
            if a.touch.node is target and row is not None:
                for guard in reading.intent.guards[s.id]:
                    if guard.row == row.text():
                        return guard, row
    raise Mismatch(c, f"the plan names no owner for a part of {reading.findings.place(s)}")
