"""Scans: a running sum (product, extremum) of which every iteration keeps the value it has then.

`s[i] = s[i - 1] + x[i];`, `a[i] += a[i - 1];`, `run += x[i]; s[i] = run;`, `s[i] = run; run += x[i];`: iterations
depend on each other, but by an associative operation alone. A rank can run its block from a neutral value, and
combine what it kept with the totals of the blocks before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from chatmpi.analysis import tree
from chatmpi.analysis.iterations.updates import Place, guards_only, ids, mentions, same, update_of
from chatmpi.analysis.loops import LoopInfo
from chatmpi.analysis.memory.subscripts import Access
from chatmpi.analysis.numbers.polynomial import ONE
from chatmpi.analysis.touches import BareUse, ElementTouch, ScalarTouch, Touch, element
from chatmpi.analysis.tree import Expr, Symbol

OPERATIONS = frozenset({"SUM", "PROD", "MIN", "MAX"})


@dataclass(frozen=True, slots=True)
class Scan:
    """`carrier`: the variable that runs, or the array whose element before is the running value; then `before` are
    the reads of that element. `kept`: the elements that are given the running value, each the only one of its array
    that an iteration writes."""

    carrier: Symbol
    operation: str
    kept: tuple[Access, ...]
    before: tuple[Expr, ...] = ()


def array_scan(
    symbol: Symbol,
    info: LoopInfo,
    everything: Sequence[Touch],
    accesses: Mapping[int, Access],
    own: Mapping[str, str],
) -> Scan | None:
    """The scan that the loop makes of an array by its own element before; None if it does something else."""
    touched = [t for t in everything if isinstance(t, ElementTouch) and t.symbol == symbol]
    writes = [t for t in touched if t.write]
    if not _steps_by_one(info) or len(writes) != 1 or _is_bare(symbol, everything):
        return None
    (write,) = writes
    found = _combination(write, touched, own)
    if found is None or not _always(write, info) or not ids_of(touched) <= ids(write.update or write.node):
        return None
    operation, before = found
    kept = accesses[id(write)]
    rows = {accesses[id(t)].subscripts for t in touched if t.node in before}
    (row,) = kept.subscripts if len(kept.subscripts) == 1 else (None,)
    if row is None or len(rows) != 1 or rows.pop() != (row - ONE,):
        return None
    return Scan(symbol, operation, (kept,), before)


def _combination(
    write: ElementTouch, touched: Sequence[ElementTouch], own: Mapping[str, str]
) -> tuple[str, tuple[Expr, ...]] | None:
    """The operation by which another element goes into this one, and the reads of that element."""
    others = [t.node for t in touched if t.read and not same(t.node, write.node)]
    if not others or any(not same(o, others[0]) for o in others) or write.passed_on:
        return None
    place = _Before(write.symbol, others[0], own, written=write.node)
    operation = None
    match write.update:
        case tree.Assign(op="=", value=value):
            operation = place.combined(value)
        case tree.Assign(op="+=" | "*=" as op, value=value):
            whole = "SUM" if op == "+=" else "PROD"
            operation = whole if place.is_here(value) or place.combined(value) == whole else None
    if operation not in OPERATIONS or not isinstance(write.update, tree.Assign):
        return None
    exact = write.node.type == others[0].type and not (_is_integer(write.node) and not _is_integer(write.update.value))
    return (operation, tuple(others)) if exact else None


@dataclass(frozen=True, slots=True)
class _Before(Place):
    """The element before; the one that is being written may stand beside it, with what it held."""

    written: Expr = field(kw_only=True)

    def is_in(self, expr: Expr) -> bool:
        return any(
            isinstance(n, tree.Index | tree.Unary) and _is_of(n, self.symbol) and not same(n, self.written)
            for n in tree.walk(expr)
        )


def _is_of(node: Expr, symbol: Symbol) -> bool:
    found = element(node)
    return found is not None and found[0] == symbol


def scalar_scan(
    symbol: Symbol,
    info: LoopInfo,
    touched: Sequence[ScalarTouch],
    everything: Sequence[Touch],
    accesses: Mapping[int, Access],
    own: Mapping[str, str],
) -> Scan | None:
    """The scan that the loop makes with a running variable, whose values array elements are given."""
    if not _steps_by_one(info):
        return None
    stores = [t for t in everything if isinstance(t, ElementTouch) and _keeps(t, symbol)]
    belonging = frozenset[int]().union(*(ids(t.update) for t in stores if t.update is not None))
    operations = set()
    for t in touched:
        if not t.write:
            continue
        alone = replace(t, passed_on=False) if t.passed_on and _is_kept(t, stores) else t
        update = update_of(alone, [alone if o is t else o for o in everything], False, own)
        if update is None:
            return None
        operations.add(update.operation)
        belonging |= update.belonging
    inside = all(id(t.node) in belonging for t in touched if t.read) and guards_only(symbol, belonging, everything)
    if not stores or len(operations) != 1 or not operations <= OPERATIONS or not inside:
        return None
    for s in stores:
        once = _is_last(s, everything) and _always(s, info) and not _is_bare(s.symbol, everything)
        if not once or s.node.type != symbol.type:
            return None
    return Scan(symbol, operations.pop(), tuple(accesses[id(s)] for s in stores))


def _keeps(t: ElementTouch, symbol: Symbol) -> bool:
    """`s[...] = run;`, `s[...] = run += e;`, `s[...] = run++;`"""
    if t.passed_on or not isinstance(t.update, tree.Assign) or t.update.op != "=" or mentions(t.node, symbol):
        return False
    match t.update.value:
        case tree.Name(symbol=s):
            return s == symbol
        case tree.Assign(target=tree.Name(symbol=s)) | tree.Unary(op="x++" | "++x", operand=tree.Name(symbol=s)):
            return s == symbol
    return False


def _is_kept(t: ScalarTouch, stores: Sequence[ElementTouch]) -> bool:
    return any(isinstance(s.update, tree.Assign) and s.update.value is t.update for s in stores)


def _steps_by_one(info: LoopInfo) -> bool:
    loop = info.canonical
    return loop is not None and loop.step == 1 and loop.lower is not None and not loop.lower.symbols & info.written


def _always(t: ElementTouch, info: LoopInfo) -> bool:
    """Whether every iteration makes the touch, once."""
    conditional = t.context.sometimes or any(info.stmt.id in g.loops for g in t.context.guards)
    return t.context.loops == info.around and not conditional


def _is_last(store: ElementTouch, everything: Sequence[Touch]) -> bool:
    """Whether its array is written nowhere else, and not read after it in the iteration: before, values are old."""
    others = [t for t in everything if isinstance(t, ElementTouch) and t.symbol == store.symbol and t is not store]
    behind = everything[[t is store for t in everything].index(True) :]
    return not any(t.write or any(t is o for o in behind) for t in others)


def _is_bare(symbol: Symbol, everything: Sequence[Touch]) -> bool:
    return any(isinstance(t, BareUse) and t.symbol == symbol for t in everything)


def _is_integer(expr: Expr) -> bool:
    return isinstance(expr.type, tree.Scalar) and expr.type.is_integer


def ids_of(touched: Sequence[ElementTouch]) -> frozenset[int]:
    return frozenset(id(t.node) for t in touched)
