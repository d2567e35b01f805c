"""The largest and the smallest in one chain: `if (x[i] > hi) hi = x[i]; else if (x[i] < lo) lo = x[i];`.

Where `lo <= hi` holds before the loop, it holds always, and what is larger than `hi` is no smaller than `lo`: the
second test could as well be made each time, so that both are reductions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from chatmpi.analysis import tree
from chatmpi.analysis.iterations.reductions import ScalarReduction
from chatmpi.analysis.iterations.updates import comparison, depends_on, ids, mentions, same, undisturbed
from chatmpi.analysis.loops import LoopInfo
from chatmpi.analysis.touches import ElementTouch, Guard, ScalarTouch, Touch, Touches
from chatmpi.analysis.tree import Expr, Symbol


def ranges(
    info: LoopInfo, by_symbol: Mapping[Symbol, Sequence[ScalarTouch]], touches: Touches
) -> Iterator[tuple[ScalarReduction, ScalarReduction]]:
    """Pairs of extrema that a loop finds so, the one tested first before the other."""
    everything = touches.of(info.stmt.id)
    writes = {s: w[0] for s, many in by_symbol.items() if len(w := [t for t in many if t.write]) == 1}
    for second, t in writes.items():
        guards = t.context.guards
        if len(guards) < 2 or guards[-2].holds or not guards[-1].holds:
            continue
        for first, u in writes.items():
            test = u.context.guards[-1] if u.context.guards else None
            if test is None or not test.holds or test.condition is not guards[-2].condition:
                continue
            operations = _chain(u, test, t, guards[-1], everything)
            if operations is None or not _belongs(first, second, u, t, everything):
                continue
            if _start_alike(first, second, info, touches):
                yield ScalarReduction(first, operations[0]), ScalarReduction(second, operations[1])


def _chain(
    first: ScalarTouch, one: Guard, second: ScalarTouch, other: Guard, everything: Sequence[Touch]
) -> tuple[str, str] | None:
    """The operations, if both compare one value."""
    a, b = comparison(first, one), comparison(second, other)
    if a is None or b is None or not same(a.value, b.value) or {a.operation, b.operation} != {"MAX", "MIN"}:
        return None
    exact = first.symbol.type == second.symbol.type == a.value.type
    still = undisturbed(one, first, everything) and undisturbed(other, second, everything)
    return (a.operation, b.operation) if exact and still else None


def _belongs(first: Symbol, second: Symbol, one: ScalarTouch, other: ScalarTouch, everything: Sequence[Touch]) -> bool:
    """Whether nothing but the chain reads the two, or depends on them."""
    assert one.update is not None
    assert other.update is not None
    belonging = ids(one.update) | ids(other.update)
    belonging |= ids(one.context.guards[-1].condition) | ids(other.context.guards[-1].condition)
    for t in everything:
        node = id(getattr(t, "node", None) or getattr(t, "call", None))
        touched = isinstance(t, ScalarTouch) and t.symbol in (first, second)
        depends = any(depends_on(t, s, everything) for s in (first, second))
        others = isinstance(t, ScalarTouch | ElementTouch) and t.write and not touched
        if (touched or depends) and (node not in belonging or others):
            return False
    return True


def _start_alike(first: Symbol, second: Symbol, info: LoopInfo, touches: Touches) -> bool:
    """Whether both have been given one value when the loop starts."""
    begin = touches.ranges[info.stmt.id][0]
    outside = touches.items[begin].context
    places = [
        max((k for k, t in enumerate(touches.items[:begin]) if _sets(t, s)), default=None) for s in (first, second)
    ]
    if None in places:
        return False
    values: list[Expr] = []
    for k in places:
        t = touches.items[k or 0]
        value = _assigned(t) if isinstance(t, ScalarTouch) else None
        surely = t.context.loops == info.around[:-1] and not t.context.sometimes and not t.context.opaque
        inside = t.context.guards == outside.guards[: len(t.context.guards)]
        if value is None or not surely or not inside:
            return False
        values.append(value)
    between = touches.items[min(k or 0 for k in places) : max(k or 0 for k in places)]
    changed = {t.symbol for t in between if isinstance(t, ScalarTouch | ElementTouch) and t.write} - {first, second}
    calls = any(isinstance(n, tree.Call) for n in tree.walk(values[0]))
    return same(values[0], values[1]) and not calls and not any(mentions(values[0], s) for s in changed)


def _sets(t: Touch, symbol: Symbol) -> bool:
    return isinstance(t, ScalarTouch) and t.symbol == symbol and t.write


def _assigned(t: ScalarTouch) -> Expr | None:
    """What is assigned; of a chain `a = b = value`, the last."""
    match t.update:
        case tree.VarDecl(init=value):
            return value
        case tree.Assign(op="=", value=value):
            while isinstance(value, tree.Assign) and value.op == "=":
                value = value.value
            return value
    return None
