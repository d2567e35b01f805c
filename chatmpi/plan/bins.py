"""Sizes that belong to arrays of results: the bins of a histogram are few, however long the data is."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from chatmpi.analysis import tree
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.loops import CanonicalLoop, LoopInfo
from chatmpi.analysis.numbers.constants import constant_of
from chatmpi.analysis.numbers.polynomial import Atom, Polynomial, macro, of_atom, variable
from chatmpi.analysis.touches import ScalarTouch
from chatmpi.analysis.tree import Symbol

BINS = 1e3


def macro_numbers(facts: Facts) -> dict[Atom, int]:
    """The numbers behind the macros, enumerators and constants (`const int w = 5`) that the program uses, and those
    that variables hold for good."""
    nodes = [n for f in facts.program.functions for n in tree.walk(f.body)]
    found: dict[Atom, int] = {variable(s): number for s, number in numbers_of_variables(facts).items()}
    for n in (*facts.program.globals, *nodes):
        match n:
            case tree.VarDecl(symbol=symbol, init=tree.IntLiteral(macro=None, value=value)):
                if symbol.const and isinstance(symbol.type, tree.Scalar):
                    found[variable(symbol)] = value
            case tree.IntLiteral(macro=str() as name, value=value):
                found[macro(name)] = value
            case tree.Name(symbol=symbol) if symbol.uid in facts.program.enumerators:
                found[variable(symbol)] = facts.program.enumerators[symbol.uid]
    return found


def numbers_of_variables(facts: Facts) -> dict[Symbol, int]:
    """Variables of main, and of the file, that only ever hold what they are initialised with (`int k = 24;`)."""
    started = {v.symbol: v.init for v in facts.program.globals}
    written: dict[Symbol, int] = {}
    for t in facts.touches.items:
        if isinstance(t, ScalarTouch) and t.write:
            written[t.symbol] = written.get(t.symbol, 0) + 1
            if isinstance(t.update, tree.VarDecl):
                started[t.symbol] = t.update.init
    elsewhere = facts.unstable | {s for name, e in facts.summaries.items() if name != "main" for s in e.writes}
    found: dict[Symbol, int] = {}
    for s, start in started.items():
        number = constant_of(start) if isinstance(start, tree.Expr) else None
        once = written.get(s, 0) == (0 if s.storage == "global" else 1)
        if number is not None and once and s not in elsewhere:
            found[s] = number
    return found


def number_of(value: Polynomial, known: Mapping[Atom, int]) -> int | None:
    """The number that an extent is, by its macros' numbers."""
    if not value.atoms <= known.keys():
        return None
    return sum(factor * math.prod(known[a] for a in monomial) for monomial, factor in value.terms)


def few(
    facts: Facts, values: Mapping[Atom, float], numbers: Mapping[int, float], known: Mapping[Atom, int]
) -> tuple[dict[Atom, float], dict[int, float]]:
    """Smaller nominal values for the extents of accumulated arrays: where their numbers are known, no larger in
    proportion than the loops that accumulate, and as they are beside data of which nothing is known; where they are
    not, and size nothing else, a number of bins."""
    accumulating = {i: {r.symbol for r in f.accumulated} for i, f in facts.loop_facts.items() if f.accumulated}
    results = {s for arrays in accumulating.values() for s in arrays if s in facts.extents}
    own = [d for s in results for d in facts.extents[s].dimensions]
    spans = [c.upper - c.lower for c in _loops(accumulating, facts) if c.lower is not None and c.upper is not None]
    others = [d for s, e in facts.extents.items() if s not in results for d in e.dimensions] + spans
    elsewhere = {a for d in others for a in d.atoms}
    unknown = any(
        number_of(d, known) is None for s, e in facts.extents.items() if s not in results for d in e.dimensions
    )
    rooms = [d for info in _nests(accumulating, facts) for d in run_through(info, facts)]
    grown = [g for span in (*spans, *rooms) if (g := _growth(span, values, numbers, known)) is not None and g > 1]
    fewer: dict[Atom, float] = {}
    fewer_numbers: dict[int, float] = {}
    for d in own:
        number = number_of(d, known)
        if number is None:
            fewer |= dict.fromkeys(d.atoms - elsewhere, BINS)
            continue
        if not grown and (not unknown or number > BINS):
            continue
        least = number * min(grown, default=1.0)
        for a in d.atoms:
            fewer[a] = min(values.get(a, least), least)
        if d.constant is not None:
            fewer_numbers[number] = min(numbers.get(number, least), least)
    return fewer, fewer_numbers


def _loops(accumulating: Mapping[int, object], facts: Facts) -> Iterator[CanonicalLoop]:
    """The loops of the nests in which something is accumulated."""
    yield from (info.canonical for info in _nests(accumulating, facts) if info.canonical is not None)


def _nests(accumulating: Mapping[int, object], facts: Facts) -> Iterator[LoopInfo]:
    nests = {facts.loops[i].around[0] for i in accumulating}
    yield from (info for info in facts.loops.values() if info.canonical is not None and info.around[0] in nests)


def run_through(info: LoopInfo, facts: Facts) -> Iterator[Polynomial]:
    """The extents of arrays through which a loop runs to an end that is one variable, whose value is not known."""
    loop = info.counted
    if loop is None or loop.upper is None or len(loop.upper.atoms) != 1:
        return
    (end,) = loop.upper.atoms
    if (loop.upper - of_atom(end)).constant is None:
        return
    own = of_atom(variable(loop.variable))
    for symbol, accesses in facts.accesses_in(info.stmt.id).items():
        if symbol in facts.extents:
            for access in accesses:
                for row, extent in zip(access.subscripts, facts.extents[symbol].dimensions, strict=False):
                    if row is not None and (row - own).constant is not None:
                        yield extent


def _growth(
    span: Polynomial, values: Mapping[Atom, float], numbers: Mapping[int, float], known: Mapping[Atom, int]
) -> float | None:
    """How many times its own number a loop's length is taken to be."""
    number = number_of(span, known)
    if number is None or number <= 0:
        return None
    if span.atoms:
        sizes = {a: values.get(a, float(known[a])) for a in span.atoms}
        return max(sum(f * math.prod(sizes[a] for a in m) for m, f in span.terms) / number, 1.0)
    return max(numbers[number] / number, 1.0) if number in numbers else None
