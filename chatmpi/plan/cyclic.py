"""Rows dealt in turn: where the rows that are worked on become fewer from step to step, blocks would leave ranks idle.

In elimination step k works on the rows below k: the owner of the first block has nothing left to do soon. Row i then
belongs to rank i % size, and any range of rows is shared fairly.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import bare
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.loops import LoopInfo
from chatmpi.analysis.numbers.polynomial import ONE, of_atom, variable
from chatmpi.analysis.tree import Symbol
from chatmpi.plan.alignment import Aligned, alignment
from chatmpi.plan.elements import Fetched, Guarded
from chatmpi.plan.fit import Fit
from chatmpi.plan.locate import known_by_row


def shrinks(f: Fit, facts: Facts) -> bool:
    """Whether a loop's range moves with a loop around it."""
    info = facts.loops[f.loop]
    assert info.canonical is not None
    ends = [p for p in (info.canonical.lower, info.canonical.upper) if p is not None]
    symbols = {s for p in ends for s in p.symbols}
    return any(symbols & facts.loops[o].written for o in info.around[:-1])


def in_turn(arrays: frozenset[Symbol], fits: Iterable[Fit], facts: Facts) -> bool:
    """Whether the rows of these arrays are better dealt in turn, and can be."""
    fits = tuple(fits)
    ours = [f for f in fits if f.arrays & arrays]
    visiting = any(f.visit is not None and arrays & set(f.visit.arrays) for f in fits)
    return not visiting and any(shrinks(f, facts) for f in ours) and not any(unsuited(f, arrays, facts) for f in ours)


def unsuited(f: Fit, arrays: frozenset[Symbol], facts: Facts) -> str:
    """Why a loop needs its rows in blocks; "" if it does not."""
    info = facts.loops[f.loop]
    loop = info.canonical
    assert loop is not None
    if takes_all_words(f, arrays, facts):
        return ""
    if f.shift or f.scale != ONE or abs(loop.step) > 1:
        return "iteration i does not work on row i"
    if isinstance(info.stmt, tree.BlockLoop) and not _copies_each_row(f, arrays, facts):
        return "it copies some rows to or from another array"
    if f.needs:
        return "it reads neighbouring rows"
    if any(facts.extents[s].packed is not None for s in arrays):
        return "its rows have different lengths"
    if any(not known_by_row(x, info) for x in facts.loop_facts[f.loop].located):
        return "it looks for the last of equal values"
    if facts.loop_facts[f.loop].lasting:
        return "its last iterations decide"
    if facts.loop_facts[f.loop].scans:
        return "it keeps a running value"
    if f.visit is not None:
        return "the rows of others visit it"
    if f.pieced:
        return "its rows are clamped or wrapped"
    if isinstance(loop.variable.type, tree.Scalar) and loop.variable.type.is_unsigned:
        return "its variable is unsigned"
    copied = {id(a) for c in f.copies for a in c.accesses} | {id(a) for a in f.turning}
    for symbol, many in facts.accesses_in(f.loop).items():
        for a in many if symbol in arrays else ():
            if id(a) not in copied and alignment(a, info, facts) != Aligned(0, 0):
                return f"it touches other rows of '{symbol}' than its own"
    return next(_derived_values(f, arrays, facts), "")


def takes_all_words(f: Fit, arrays: frozenset[Symbol], facts: Facts) -> bool:
    """Whether a loop goes through all words of such arrays and of nothing else, whichever they are: a rank's rows lie
    one behind the other, and it may take their words in any order."""
    info = facts.loops[f.loop]
    loop = info.canonical
    if (
        loop is None
        or loop.step != 1
        or loop.relation != "<"
        or f.extent is None
        or f.scale == ONE
        or f.packed is not None
    ):
        return False
    if loop.lower is None or loop.lower.terms or loop.upper != f.extent * f.scale:
        return False
    judged = facts.loop_facts[f.loop]
    if f.needs or f.copies or f.turning or f.visit or judged.located or judged.lasting or judged.scans:
        return False
    touched = facts.accesses_in(f.loop)
    own = of_atom(variable(loop.variable))
    if not touched.keys() <= arrays or not all(a.linear == own for many in touched.values() for a in many):
        return False
    return isinstance(info.stmt, tree.BlockLoop) or not _named_elsewhere(info, facts)


def _named_elsewhere(info: LoopInfo, facts: Facts) -> bool:
    """Whether a loop's variable is named for more than to say which word it is."""
    assert info.canonical is not None
    own = info.canonical.variable
    nodes = [a.touch.node for many in facts.accesses_in(info.stmt.id).values() for a in many]
    whole = {id(bare(n.subscript)) for n in nodes if isinstance(n, tree.Index)}
    names = (n for n in tree.walk(info.stmt.body) if isinstance(n, tree.Name) and n.symbol == own)
    return any(id(n) not in whole for n in names)


def _copies_each_row(f: Fit, arrays: frozenset[Symbol], facts: Facts) -> bool:
    """Whether a block operation, if it reaches other arrays too, goes through all rows, of one element each."""
    loop = facts.loops[f.loop].canonical
    touched = facts.accesses_in(f.loop)
    if touched.keys() <= arrays:
        return True
    if loop is None or loop.lower is None or loop.lower.terms or loop.upper != f.extent:
        return False
    return all(a.linear == of_atom(variable(loop.variable)) for many in touched.values() for a in many)


def _derived_values(f: Fit, arrays: frozenset[Symbol], facts: Facts) -> Iterator[str]:
    """Variables computed from the loop's own that number an element and do more: they would have to be global in one
    place and local in another."""
    info = facts.loops[f.loop]
    subscripts = _in_subscripts(info, arrays, facts)
    derived = derived_from(info, facts) - values_only(info, arrays, facts)
    for n in tree.walk(info.stmt):
        if isinstance(n, tree.Name) and n.symbol in derived and id(n) not in subscripts and not _is_set(n, info.stmt):
            yield f"'{n.symbol}' is used for more than to find an element"


def derived_from(info: LoopInfo, facts: Facts) -> frozenset[Symbol]:
    """The variables that are computed from a loop's own."""
    assert info.canonical is not None
    own = info.canonical.variable
    return frozenset(s for s, p in facts.naming_at(info.around).derived.items() if own in p.symbols)


def values_only(info: LoopInfo, arrays: frozenset[Symbol], facts: Facts) -> frozenset[Symbol]:
    """Those of them that number no element of these arrays, and are just values: they stay global."""
    subscripts = _in_subscripts(info, arrays, facts)
    derived = derived_from(info, facts)
    numbering = {n.symbol for n in tree.walk(info.stmt) if isinstance(n, tree.Name) and id(n) in subscripts}
    for n in tree.walk(info.stmt):
        match n:
            case tree.VarDecl(symbol=symbol, init=tree.Expr() as value):
                pass
            case tree.Assign(target=tree.Name(symbol=symbol), value=value):
                pass
            case _:
                continue
        if symbol in derived:
            numbering |= {part.symbol for part in tree.walk(value) if isinstance(part, tree.Name)}
    return derived - numbering


def _in_subscripts(info: LoopInfo, arrays: frozenset[Symbol], facts: Facts) -> frozenset[int]:
    """The names, by id, in the subscripts of these arrays."""
    return frozenset(
        id(n)
        for symbol, many in facts.accesses_in(info.stmt.id).items()
        if symbol in arrays
        for a in many
        for n in tree.walk(a.touch.node)
        if isinstance(n, tree.Name)
    )


def _is_set(name: tree.Name, loop: tree.Stmt) -> bool:
    return any(isinstance(n, tree.Assign) and n.target is name for n in tree.walk(loop))


def found_by_row(guards: Iterable[Guarded], fetches: Iterable[Fetched], arrays: frozenset[Symbol]) -> bool:
    """Whether all that single statements touch of these arrays is known by its row."""
    simple = all(not g.ends and not g.needs for g in guards if g.arrays & arrays)
    return simple and all(f.access.subscripts[0] is not None for f in fetches if f.access.touch.symbol in arrays)
