"""The part of their arrays that a program's loops run through, where they hold more: `a[MAXN]` with `i < n`.

Equal blocks of all MAXN rows would leave most of the work to the first ranks. The first n rows are dealt out instead,
and the last rank keeps the rest too, which nothing or little is done with. Balance alone rests on it: whatever n is,
blocks cover all rows once, in order.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Set

from chatmpi.analysis import tree
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.numbers.polynomial import ONE, Polynomial, constant, variable
from chatmpi.analysis.numbers.values import polynomial
from chatmpi.analysis.touches import BareUse, ElementTouch, ScalarTouch
from chatmpi.analysis.tree import Symbol
from chatmpi.plan.candidates import making_statement, unsettled
from chatmpi.plan.cost import Sizes, trips, work
from chatmpi.plan.fit import Fit

NEGLIGIBLE = 1 / 16  # what takes less than this part of the work does not move the boundaries


def used_part(
    arrays: Set[Symbol], extent: Polynomial, fits: Iterable[Fit], facts: Facts, sizes: Sizes
) -> Polynomial | None:
    """How many of the first rows of some arrays the loops over them run through; None if all, or if it is not clear."""
    ends: dict[Polynomial | None, float] = {}
    for f in fits:
        if f.arrays & arrays:
            info = facts.loops[f.loop]
            repeats = math.prod(trips(facts.loops[i], sizes) for i in info.around[:-1])
            end = _end(f, facts)
            ends[end] = ends.get(end, 0.0) + repeats * work(info.stmt, facts, sizes)
    heavy = [e for e, seconds in ends.items() if seconds >= NEGLIGIBLE * max(ends.values())]
    if any(e is None or (_written_out(e, facts) - extent).constant is not None for e in heavy):
        return None
    known = [e for e in heavy if e is not None and _is_known(e, arrays, facts)]
    if not known:
        return None
    most = max(known, key=sizes.of)
    most += constant(max(c for e in ends if e is not None and (c := (e - most).constant) is not None))
    left = sum(sizes.of(Polynomial(((m, abs(factor)),))) for m, factor in (extent - most).terms)
    return most if left > NEGLIGIBLE * sizes.of(extent) else None


def _end(f: Fit, facts: Facts) -> Polynomial | None:
    """The row past the last one that a loop's iterations belong to; None if it is not clear."""
    loop = facts.loops[f.loop].canonical
    return None if loop is None or loop.upper is None or f.scale != ONE else loop.upper + constant(f.shift)


def _written_out(value: Polynomial, facts: Facts) -> Polynomial:
    """The value with those variables by their numbers that get one where they are declared, and no other."""
    for s in value.symbols:
        writes = [t for t in facts.touches.items if isinstance(t, ScalarTouch) and t.write and t.symbol == s]
        made = writes[0].update if len(writes) == 1 else None
        number = polynomial(made.init, facts.naming) if isinstance(made, tree.VarDecl) and made.init else None
        if number is not None:
            value = value.substitute({variable(s): number})
    return value


def _is_known(used: Polynomial, arrays: Set[Symbol], facts: Facts) -> bool:
    """Whether its variables have their last values, and their names, where the rows are dealt out."""
    place = first_use(arrays, facts)
    if place is None or any(a.origin is not None or a != variable(s) for a in used.atoms for s in a.symbols):
        return False
    body = facts.function.body.body
    index = next(k for k, s in enumerate(body) if s.id == place)
    before = {v.symbol for s in body[:index] if isinstance(s, tree.Declaration) for v in s.variables}
    before |= {p.symbol for p in facts.function.parameters}
    position = facts.touches.ranges[place][0]
    for s in used.symbols:
        named = (s in before and "::" not in s.name) or s.storage in {"global", "enumerator"}
        if not named or not isinstance(s.type, tree.Scalar) or not s.type.is_integer:
            return False
    return not unsettled(used.symbols, position, facts)


def first_use(arrays: Set[Symbol], facts: Facts) -> int | None:
    """The statement of main before which rows must be dealt out at the latest: it makes one of the arrays that are
    allocated, or is the first to touch one that is declared. None if some cannot wait that long."""
    body = facts.function.body.body
    for s in body:
        for t in facts.touches.of(s.id):
            if isinstance(t, ElementTouch | BareUse) and t.symbol in arrays and not isinstance(s, tree.Declaration):
                return s.id
        if any(not isinstance(a.type, tree.Array) and making_statement(a, facts) == s.id for a in arrays):
            return s.id
    return None
