"""Loops of which nobody can say beforehand how long an iteration takes: Mandelbrot, trial division, Collatz.

Equal blocks of them are unfair. Their iterations are dealt in many small chunks, round robin, where nothing asks
that neighbours stay together: no divided array, and no reduction that depends on the order. Rows of arrays that
every rank holds are gathered chunk by chunk.
"""

from __future__ import annotations

from chatmpi.analysis import tree
from chatmpi.analysis.calls.looping import evenly_looping, looping
from chatmpi.analysis.expressions import bare
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.iterations.updates import IDEMPOTENT, IDENTITY
from chatmpi.analysis.loops import LoopInfo
from chatmpi.analysis.numbers.values import polynomial
from chatmpi.analysis.touches import CallTouch, ScalarTouch
from chatmpi.plan.fit import Fit

CHUNKS = 16  # for each rank
UNFAIR = 1.5  # how much longer the longest of equal blocks takes than a fair share
_ORDER_FREE = IDEMPOTENT | IDENTITY.keys()


def in_chunks(found: Fit, facts: Facts) -> bool:
    """Whether a distributed loop's own range is dealt in chunks."""
    info = facts.loops[found.loop]
    loop = info.canonical
    if loop is None or found.arrays or loop.step < 0 or any(g.place(found.loop) != found.loop for g in found.gathers):
        return False
    judged = facts.loop_facts[found.loop]
    ordered = (
        judged.located
        or judged.scans
        or judged.lasting
        or judged.exit
        or any(r.operation not in _ORDER_FREE for r in judged.reductions)
    )
    return not ordered and is_irregular(info, facts)


def is_irregular(info: LoopInfo, facts: Facts) -> bool:
    """Whether the work of an iteration depends on more than the numbers of the loops inside it."""
    inner = {i for i, other in facts.loops.items() if info.stmt.id in other.around[:-1]}
    return (
        any(_is_open(facts.loops[i], info, facts) for i in inner)
        or _calls_for_long(info, inner, facts)
        or _depends_on_data(info, inner, facts)
    )


def _calls_for_long(info: LoopInfo, inner: set[int], facts: Facts) -> bool:
    """Whether it calls a function that loops, and not equally often in each iteration."""
    own = {f.symbol.name for f in facts.program.functions}
    calls = [t for t in facts.touches.of(info.stmt.id) if isinstance(t, CallTouch) and t.call.name in own]
    if not calls:
        return False
    slow, even = looping(facts.program), evenly_looping(facts.program)
    counters = {c.variable for i in (*inner, info.stmt.id) if (c := facts.loops[i].counted) is not None}
    for t in calls:
        if t.call.name in slow:
            deciding = [t.call.arguments[i] for i in even.get(t.call.name, ()) if i < len(t.call.arguments)]
            names = {n.symbol for a in deciding for n in tree.walk(a) if isinstance(n, tree.Name)}
            if t.call.name not in even or names & (info.written | counters):
                return True
    return False


def _is_open(inner: LoopInfo, outer: LoopInfo, facts: Facts) -> bool:
    """Whether a loop is left by a test, or a bound is a number that the outer loop has just computed.

    Bounds that arrays hold are those of sparse rows: these are long or short, but their neighbours are so too.
    """
    loop = inner.canonical
    if loop is None or facts.loop_facts[inner.stmt.id].exit is not None:
        return True
    if loop.lower is None or loop.upper is None:
        return not any(isinstance(n, tree.Index) for e in (loop.start, loop.bound) for n in tree.walk(e))
    counted = {c.variable for i in inner.around if (c := facts.loops[i].counted) is not None}
    changing = (loop.lower.symbols | loop.upper.symbols) & outer.written - counted
    return any(not _comes_from_array(s, outer, facts) for s in changing)


def _comes_from_array(symbol: tree.Symbol, outer: LoopInfo, facts: Facts) -> bool:
    """Whether a variable only holds elements of arrays, as they are: `const int first = start[i];`."""
    writes = [
        t for t in facts.touches.of(outer.stmt.id) if isinstance(t, ScalarTouch) and t.write and t.symbol == symbol
    ]
    values = [t.update.init if isinstance(t.update, tree.VarDecl) else None for t in writes]
    return all(isinstance(v, tree.Expr) and isinstance(bare(v), tree.Index) for v in values)


def _depends_on_data(info: LoopInfo, inner: set[int], facts: Facts) -> bool:
    """Whether a condition that is more than a comparison of indices decides if an inner loop runs."""
    naming = facts.naming_at(info.around)
    conditions = {
        id(g.condition): g.condition
        for t in facts.touches.of(info.stmt.id)
        if inner & set(t.context.loops)
        for g in t.context.guards
        if g.loops == info.around
    }
    return any(
        not isinstance(c, tree.Binary) or polynomial(c.left, naming) is None or polynomial(c.right, naming) is None
        for c in conditions.values()
    )
