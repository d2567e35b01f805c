"""Whether a condition holds the first time: whatever becomes of the macros in it that are sizes."""

from __future__ import annotations

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import compared
from chatmpi.analysis.surroundings import Surroundings
from chatmpi.analysis.tree import Expr

_GROWING = {"<": (False, True), "<=": (False, True), ">": (True, False), ">=": (True, False)}


def surely_holds(first: Expr, op: str, bound: Expr, around: Surroundings) -> bool:
    """Whether `first op bound` is true of numbers. A macro that is the size of an array is any number from 1 on."""
    if op not in _GROWING:
        return False
    values = [_least(e, grows, around) for e, grows in zip((first, bound), _GROWING[op], strict=True)]
    one, other = values
    return one is not None and other is not None and compared(op, one, other)


def _least(expr: Expr, grows: bool, around: Surroundings) -> int | None:
    """The least number that an expression may be, where the condition holds for greater ones too."""
    if not isinstance(expr, tree.IntLiteral):
        return None
    if expr.macro is None:
        return expr.value
    return 1 if grows and _is_extent(expr.macro, around) else None


def _is_extent(macro: str, around: Surroundings) -> bool:
    declared = (n for root in (*around.program.globals, around.function.body) for n in tree.walk(root)
                if isinstance(n, tree.VarDecl))  # fmt: skip
    return any(isinstance(e, tree.IntLiteral) and e.macro == macro for v in declared for e in v.extents)
