"""Reductions: what the iterations of a loop only ever combine with more, by one operation that may be reordered.

A scalar so updated, or an array of whose elements every touch is such an update: each rank combines its own
iterations, and the parts are put together afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.iterations.updates import IDEMPOTENT, Update, guards_only, ids, mentions, same, update_of
from chatmpi.analysis.numbers.constants import TRUTH, constant_of
from chatmpi.analysis.touches import BareUse, ElementTouch, ScalarTouch, Touch
from chatmpi.analysis.tree import Expr, Symbol


@dataclass(frozen=True, slots=True)
class ScalarReduction:
    """`operation` is MPI's name without the prefix."""

    symbol: Symbol
    operation: str


@dataclass(frozen=True, slots=True)
class ArrayReduction:
    """`element` is the only one that the loop updates, where its subscripts do not change; None: any may be."""

    symbol: Symbol
    operation: str
    element: Expr | None


def scalar_reduction(
    symbol: Symbol, slice_: Sequence[ScalarTouch], everything: Sequence[Touch], is_truth: bool, own: Mapping[str, str]
) -> ScalarReduction | None:
    """The reduction that `symbol` is in a loop, judged by its touches there; None if it is something else.

    `is_truth`: it holds nothing but 0 and 1; `own`: the program's functions that select (see selecting).
    """
    operation = _operation(symbol, slice_, everything, is_truth, own)
    return ScalarReduction(symbol, operation) if operation else None


def flag_reduction(
    symbol: Symbol,
    slice_: Sequence[ScalarTouch],
    everything: Sequence[Touch],
    held: frozenset[int],
    own: Mapping[str, str],
) -> ScalarReduction | None:
    """The reduction that a variable is which a loop sets to one number, wherever that is: `if (...) found = 1;`.

    Once an iteration has set it, it stays so; and until then every iteration finds what was there before the loop.
    So conditions may read it too (`if (!found && ...)`): the first iteration that sets it, if any, is the same when
    the ranks run theirs apart. The number must be the largest or the smallest of those that the variable ever
    `held`.
    """
    operations: set[str] = set()
    belonging: frozenset[int] = frozenset()
    for t in slice_:
        if not t.write:
            continue
        update = _setting(t, held) or update_of(t, everything, held <= TRUTH, own)
        if update is None:
            return None
        operations.add(update.operation)
        belonging |= update.belonging
        for g in t.context.guards:
            if mentions(g.condition, symbol):
                belonging |= ids(g.condition)
    inside = all(id(t.node) in belonging for t in slice_ if t.read)
    if len(operations) != 1 or not operations <= IDEMPOTENT or not inside:
        return None
    return ScalarReduction(symbol, operations.pop()) if guards_only(symbol, belonging, everything) else None


def _setting(t: ScalarTouch, held: frozenset[int]) -> Update | None:
    """`v = number;`"""
    if t.passed_on or not isinstance(t.update, tree.Assign) or t.update.op != "=":
        return None
    number = constant_of(t.update.value)
    if held <= TRUTH and number is not None:
        return Update("LOR" if number else "LAND", ids(t.update))
    if number is not None and number in (min(held), max(held)):
        return Update("MIN" if number == min(held) else "MAX", ids(t.update))
    return None


def array_reduction(
    symbol: Symbol, everything: Sequence[Touch], written: frozenset[Symbol], own: Mapping[str, str]
) -> ArrayReduction | None:
    """The reduction that the array `symbol` is in a loop whose touches are `everything`, and which writes `written`.

    Subscripts and values may be anything that does not read the array itself.
    """
    touched = [t for t in everything if isinstance(t, ElementTouch) and t.symbol == symbol]
    if any(isinstance(t, BareUse) and t.symbol == symbol and t.role != "sizeof" for t in everything):
        return None
    if any(mentions(s, symbol) for t in touched for s in t.subscripts):
        return None
    operation = _operation(symbol, touched, everything, False, own)
    if operation is None:
        return None
    element = touched[0].node
    fixed = all(same(element, t.node) for t in touched) and _is_fixed(touched[0].subscripts, written)
    return ArrayReduction(symbol, operation, element if fixed else None)


def _operation(
    symbol: Symbol,
    touched: Sequence[ScalarTouch | ElementTouch],
    everything: Sequence[Touch],
    is_truth: bool,
    own: Mapping[str, str],
) -> str | None:
    """The one operation of all updates: every touch must belong to one, and nothing else depend on a condition
    that reads what is updated."""
    operations: set[str] = set()
    belonging: frozenset[int] = frozenset()
    for t in touched:
        if t.write:
            update = update_of(t, everything, is_truth, own)
            if update is None:
                return None
            operations.add(update.operation)
            belonging |= update.belonging
    if len(operations) != 1 or any(id(t.node) not in belonging for t in touched if t.read):
        return None
    return operations.pop() if guards_only(symbol, belonging, everything) else None


def _is_fixed(subscripts: tuple[Expr, ...], written: frozenset[Symbol]) -> bool:
    """Whether subscripts are made of numbers and variables that the loop leaves alone."""
    return all(
        isinstance(n, tree.IntLiteral | tree.Cast | tree.Binary | tree.Sizeof)
        or (isinstance(n, tree.Unary) and n.op in {"-", "+"})
        or (isinstance(n, tree.Name) and isinstance(n.type, tree.Scalar) and n.symbol not in written)
        for s in subscripts
        for n in tree.walk(s)
    )
