"""Counters narrower than int: `for (uint8_t i = 0; i < n; i++)` counts up to n unless it wraps before.

It does not where the bound fits. Where that is not known, a counter that starts in its range and steps by a power of
two wraps only if it never meets the bound, and so the loop would not end: not one that does nothing but compute
(C11 6.8.5p6).
"""

from __future__ import annotations

from chatmpi.analysis import tree
from chatmpi.analysis.calls.library import LIBRARY, Does
from chatmpi.analysis.touches import CallTouch, Touches
from chatmpi.analysis.tree import CType, Expr, Symbol

_LARGEST = {"unsigned char": 255, "signed char": 127, "char": 127, "unsigned short": 65535, "short": 32767}


def is_narrow(kind: CType) -> bool:
    return isinstance(kind, tree.Scalar) and kind.name in _LARGEST


def counts_in_range(
    variable: Symbol,
    start: Expr,
    relation: str,
    bound: Expr,
    step: int,
    body: tree.Stmt,
    leaves: bool,
    touches: Touches,
) -> bool:
    """Whether a narrow counter takes the values that its header names; `leaves`: the loop may be left early."""
    if not isinstance(variable.type, tree.Scalar) or variable.type.name not in _LARGEST:
        return False
    most = _LARGEST[variable.type.name]
    first, last = _largest(start), _most(bound)
    if first is None or first > most:
        return False
    if step < 0:  # it stops at 0, or meets the bound before
        return (relation == ">" or not variable.type.is_unsigned) and _is_number(bound)
    if last is not None and last - (relation == "<") + step <= most:
        return True
    computes = not any(isinstance(t, CallTouch) and LIBRARY.get(t.call.name or "") is not Does.NOTHING
                       for t in touches.of(body.id))  # fmt: skip
    return not leaves and computes and step & (step - 1) == 0


def _largest(expr: Expr) -> int | None:
    """The largest value of an expression that is not negative; None if that is not known."""
    match expr:
        case tree.IntLiteral(value=value) if value >= 0:
            return value
        case tree.Name(type=tree.Scalar(is_unsigned=True, name=name)):
            return _LARGEST.get(name)
        case tree.Cast(type=tree.Scalar(is_unsigned=True, name=name), operand=operand):
            inner = _largest(operand)
            return inner if inner is not None and inner <= _LARGEST.get(name, inner) else _LARGEST.get(name)
        case tree.Binary(op="+" | "*" as op, left=left, right=right):
            a, b = _largest(left), _largest(right)
            return None if a is None or b is None else a + b if op == "+" else a * b
        case tree.Binary(op="-", left=tree.IntLiteral(value=a), right=tree.IntLiteral(value=b)) if a >= b:
            return a - b
        case tree.Binary(op="/" | ">>", left=left, right=tree.IntLiteral(value=value)) if value > 0:
            return _largest(left)
    return None


def _most(bound: Expr) -> int | None:
    """What a bound is at most; it may be negative."""
    match bound:
        case tree.Binary(op="-", type=tree.Scalar(is_unsigned=False), left=left, right=right) if _is_number(right):
            return _most(left)
    return _largest(bound)


def _is_number(expr: Expr) -> bool:
    return isinstance(expr, tree.IntLiteral) and expr.value >= 0
