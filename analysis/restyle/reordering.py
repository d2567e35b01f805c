"""What is asked of statements before they are put in another order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from chatmpi.analysis import tree
from chatmpi.analysis.calls.effects import effects_of
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.memory.subscripts import Access
from chatmpi.analysis.touches import CallTouch, ElementTouch, ScalarTouch, Touch
from chatmpi.analysis.tree import Stmt, Symbol

JUMPS = tree.Break | tree.Continue | tree.Return | tree.Leave | tree.UnknownStmt


def written_in(statements: Iterable[Stmt], facts: Facts) -> set[Symbol]:
    """The variables that statements give values."""
    touched = [t for s in statements for t in facts.touches.of(s.id)]
    return {t.symbol for t in touched if isinstance(t, ScalarTouch) and t.write}


def accesses_of(statements: Iterable[Stmt], facts: Facts) -> list[Access]:
    return [a for s in statements for many in facts.accesses_in(s.id).values() for a in many]


def is_understood(s: Stmt, facts: Facts) -> bool:
    """Whether all that a statement touches is known: its elements, and no call that does more than to give a value."""
    return all(_is_known(t, facts) for t in facts.touches.of(s.id))


def is_understood_by_parts(s: Stmt, parts: Sequence[Stmt], facts: Facts) -> bool:
    """Whether all that a statement touches is known, and only these parts of it touch elements of arrays."""
    return is_understood(s, facts) and len(accesses_of(parts, facts)) == len(accesses_of((s,), facts))


def conflict(one: Access, other: Access) -> bool:
    """Whether the order of two accesses matters if they meet."""
    return one.touch.symbol == other.touch.symbol and (one.touch.write or other.touch.write)


def _is_known(t: Touch, facts: Facts) -> bool:
    if isinstance(t, CallTouch):
        return effects_of(t.call, facts.summaries).is_pure
    if isinstance(t, ElementTouch):
        return facts.arrays.is_tracked(t.symbol) and id(t) in facts.accesses and not t.context.opaque
    return isinstance(t, ScalarTouch)
