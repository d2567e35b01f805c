"""Which reads take which broadcast copy: of a row, or of an element that is broadcast before a loop."""

from __future__ import annotations

from collections.abc import Set

from chatmpi.analysis import tree
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.memory.subscripts import Access
from chatmpi.analysis.numbers.values import text
from chatmpi.analysis.touches import ElementTouch
from chatmpi.analysis.tree import Symbol
from chatmpi.plan.alignment import alignment
from chatmpi.plan.copies import column_text, fixed_column, steady
from chatmpi.plan.elements import guard
from chatmpi.plan.fit import Misfit
from chatmpi.plan.plan import TURNING, Communication, Plan
from chatmpi.plan.split import turning
from chatmpi.plan.whole import whole_at


def is_copy(c: Communication, facts: Facts) -> bool:
    """Whether a communication fills a copy that a whole loop reads."""
    return c.kind in {"row_broadcast", "column_gather"} or (c.kind == "broadcast" and c.start.statement in facts.loops)


def served(plan: Plan, distributed: Set[Symbol], facts: Facts) -> list[tuple[Communication, tuple[Access, ...]]]:
    """The plan's copies, each with the accesses that read it."""
    copies = [c for c in plan.communications if is_copy(c, facts)]
    found: list[list[Access]] = [[] for _ in copies]
    whole = whole_at(plan, facts) if copies else {}
    own = {(c.start.statement, c.uid, c.element) for c in plan.communications if c.kind == "broadcast"}
    for t in facts.touches.items if copies else ():
        if not isinstance(t, ElementTouch) or t.write or t.symbol not in distributed or id(t) not in facts.accesses:
            continue
        if t.symbol in whole.get(t.context.statement.id, ()):
            continue
        access = facts.accesses[id(t)]
        if (t.context.statement.id, t.symbol.uid, text(t.node)) in own or _at_home(access, plan, distributed, facts):
            continue
        for c, readers in zip(copies, found, strict=True):
            if _reads(access, c, facts):
                readers.append(access)
                break
    return [(c, tuple(readers)) for c, readers in zip(copies, found, strict=True) if readers]


def _reads(access: Access, c: Communication, facts: Facts) -> bool:
    """Whether an access can take the copy."""
    loop = c.start.statement
    touch = access.touch
    if c.uid != touch.symbol.uid or loop not in touch.context.loops:
        return False
    holds = turning if c.operation == TURNING else steady
    if not holds(access, facts.loops[loop], facts):
        return False
    if c.kind == "row_broadcast":
        row = access.subscripts[0]
        return row is not None and row.text() == c.element
    if c.kind == "column_gather":
        column = fixed_column(access, facts.loops[loop], facts)
        return column is not None and column_text(column) == c.element
    named = next((a for a in facts.accesses_in(loop).get(touch.symbol, ()) if text(a.touch.node) == c.element), None)
    return named is not None and named.subscripts == access.subscripts


def _at_home(access: Access, plan: Plan, distributed: Set[Symbol], facts: Facts) -> bool:
    """Whether it is read where it lies: in a loop that follows its rows, or in a statement that only the row's owner
    executes."""
    divided = {x.place.statement for x in plan.loops if x.treatment == "distributed" and x.partition is not None}
    for i in divided & set(access.touch.context.loops):
        if alignment(access, facts.loops[i], facts) is not None:
            return True
    s = access.touch.context.statement
    if s.id not in {g.place.statement for g in plan.guards} or not isinstance(s, tree.ExprStmt):
        return False
    found = guard(s, distributed, facts)
    return not isinstance(found, Misfit) and access not in found[1]
