"""What a choice costs: a model in seconds at nominal sizes, good enough to rank the choices.

A size that appears in an array's extents is taken so large that the array has some ten million elements: what
is worth distributing is what pays off for the large problems that people take to a cluster.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from chatmpi.analysis import tree
from chatmpi.analysis.calls.looping import looping
from chatmpi.analysis.expressions import is_step
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.loops import CanonicalLoop, LoopInfo
from chatmpi.analysis.numbers.pieces import Choice, LowBits, Quotient, Remainder
from chatmpi.analysis.numbers.polynomial import Atom, Polynomial, variable
from chatmpi.analysis.touches import CallTouch, ElementTouch, ScalarTouch, Touch
from chatmpi.analysis.tree import Symbol
from chatmpi.plan.bins import few, macro_numbers, number_of, run_through

RANKS = 8
MANY = 500  # iterations that are dealt evenly, whatever the remainder
TOUCH = 5e-10  # one access or call
LATENCY = 3e-6  # one message
CUT = 1e-7  # finding out which iterations of a loop are a rank's own
WORD = 4e-9  # one word sent: with it, cheap initialisations are repeated by every rank rather than shared
SHOWN = 2e-10  # one word sent to rank 0 to be printed there, which takes far longer anyway
HELD = 1e-10  # one word that every rank holds, though it could be divided
ELEMENTS = 1e7
SMALL = 16  # numbers up to this are widths and counts, not sizes
NARROW = 64  # and up to this, where their squares are well below the longest size
MODERATE = 200.0  # a side of arrays that people try a program with
STEPS = 1e3  # repetitions that no array extent bounds
IMPOSSIBLE = 1e15


@dataclass(frozen=True)
class Sizes:
    """Nominal values of the atoms in extents; `numbers`, of extents that are plain numbers; `counts`: how many
    iterations loops have, by their statements' ids."""

    values: Mapping[Atom, float]
    numbers: Mapping[int, float]
    looping: frozenset[str] = frozenset()  # functions of the program that loop
    ranks: int = RANKS
    counts: Mapping[int, float] = field(default_factory=dict)

    def weight(self, t: Touch) -> float:
        """How many accesses a touch is worth."""
        return STEPS if isinstance(t, CallTouch) and t.call.name in self.looping else 1.0

    def _scale(self, number: int) -> float:
        """By how much a number is taken larger: as the extent that it is nearest to; small ones are what they are."""
        if number <= SMALL or not self.numbers:
            return 1.0
        nearest = min(self.numbers, key=lambda n: abs(n - number))
        return max(self.numbers[nearest] / nearest, 1.0)

    def of(self, value: Polynomial | None) -> float:
        if value is None:
            return STEPS
        number = value.constant
        if number is not None:
            return float(number) * self._scale(abs(number))
        total = 0.0
        for monomial, factor in value.terms:
            product = float(factor)
            for atom in monomial:
                product *= self._of_atom(atom)
            total += product
        return max(total, 1.0)

    def knows(self, atom: Atom) -> bool:
        """Whether something is known of an atom's value, or of what it is computed from."""
        match atom.origin:
            case Remainder(divisor=p) | Quotient(dividend=p):
                return atom in self.values or all(map(self.knows, p.atoms))
            case LowBits():
                return True
            case Choice(then=then, otherwise=otherwise):
                return atom in self.values or all(map(self.knows, then.atoms | otherwise.atoms))
        return atom in self.values

    def _of_atom(self, atom: Atom) -> float:
        if atom in self.values:
            return self.values[atom]
        match atom.origin:
            case Remainder(divisor=divisor):
                return self.of(divisor) / 2
            case LowBits(modulus=modulus):
                return modulus / 2
            case Quotient(dividend=dividend, divisor=number):
                return self.of(dividend) / number
            case Choice(then=then, otherwise=otherwise):
                return (self.of(then) + self.of(otherwise)) / 2
        return STEPS


def nominal_sizes(facts: Facts, ranks: int = RANKS) -> Sizes:
    known = macro_numbers(facts)
    lengths = [n for symbol in facts.extents for n in _lengths(symbol, facts, known)]
    lengths += [None for _ in _without_extents(facts)]
    longest = max((math.inf if n is None else n for n in lengths), default=0)
    least = min(SMALL, longest / SMALL) if math.isinf(longest) else max(min(SMALL, longest / SMALL), narrow(longest))
    small = {a: n for a, n in known.items() if 0 < n <= least}
    values: dict[Atom, float] = {a: float(n) for a, n in small.items()}
    numbers: dict[int, float] = {}
    for extents in facts.extents.values():
        large = [d for d in extents.dimensions if (number := number_of(d, small)) is None or number > SMALL]
        size = ELEMENTS ** (1 / max(1, len(large)))
        for d in large:
            side = size ** (1 / max([len(monomial) for monomial, _ in d.terms] + [1]))
            for atom in d.atoms:
                values[atom] = min(values.get(atom, side), side)
            if d.constant is not None:
                numbers[d.constant] = min(numbers.get(d.constant, size), size)
    fewer, fewer_numbers = few(facts, values, numbers, known)
    values |= fewer
    numbers |= fewer_numbers
    values |= _run_through(facts, Sizes(values, numbers))
    values = _small_variables(facts) | values
    return _with_middles(Sizes(values, numbers, looping(facts.program), ranks), facts)


def _small_variables(facts: Facts) -> dict[Atom, float]:
    """Variables that are only ever given one small number: a corner of a window, a number of components."""
    given: dict[Symbol, set[int | None]] = {}
    for t in facts.touches.items:
        if isinstance(t, ScalarTouch) and t.write:
            match t.update:
                case tree.Assign(op="=", value=tree.IntLiteral(value=number)):
                    given.setdefault(t.symbol, set()).add(number)
                case tree.VarDecl(init=tree.IntLiteral(value=number)):
                    given.setdefault(t.symbol, set()).add(number)
                case tree.VarDecl(init=None):
                    pass
                case _:
                    given.setdefault(t.symbol, set()).add(None)
    single = {s: numbers.pop() for s, numbers in given.items() if len(numbers) == 1 and s not in facts.unstable}
    return {variable(s): float(n) for s, n in single.items() if n is not None and 0 <= n <= SMALL}


def _run_through(facts: Facts, sizes: Sizes) -> dict[Atom, float]:
    """Values for variables that bound loops which run through arrays: at most what the shortest of these has."""
    found: dict[Atom, float] = {}
    for info in facts.loops.values():
        for extent in run_through(info, facts):
            assert info.counted is not None
            assert info.counted.upper is not None
            (end,) = info.counted.upper.atoms
            least = found.get(end, sizes.values.get(end, math.inf))
            if end not in extent.atoms and sizes.of(extent) < least:
                found[end] = sizes.of(extent)
    return found


def _lengths(symbol: Symbol, facts: Facts, known: Mapping[Atom, int]) -> Iterator[int | None]:
    """The numbers that an array's extents are, where they are known: by macros, or by its declaration."""
    extents = facts.extents[symbol]
    kind, declared = symbol.type, list[int | None]()
    while isinstance(kind, tree.Array):
        declared.append(kind.extent)
        kind = kind.element
    if facts.place_of_row(symbol) != 0:
        declared = [*declared[1:], *declared[:1]]
    exact = len(declared) == len(extents.dimensions)
    for k, d in enumerate(extents.dimensions):
        number = number_of(d, known)
        yield declared[k] if number is None and exact else number


def _without_extents(facts: Facts) -> set[Symbol]:
    """Pointers that loops run along, to memory of a size that is not known."""
    along = {t.symbol for t in facts.touches.items if isinstance(t, ElementTouch) and t.context.loops}
    unknown = {s for s in along if s in facts.arrays.declared and s not in facts.extents}
    return {s for s in unknown if isinstance(s.type, tree.Pointer) and s.storage != "parameter"}


def narrow(longest: float) -> float:
    """The largest number that is a width beside a size like this."""
    return min(NARROW, math.sqrt(longest) / 2)


def _with_middles(sizes: Sizes, facts: Facts) -> Sizes:
    """The sizes, and for each loop's variable the middle of its range: bounds of inner loops depend on it. Loops one
    behind the other may share a variable: the inner ones see that of the loop around them."""
    values = dict(sizes.values)
    middles: dict[int, float] = {}
    counts: dict[int, float] = {}
    for info in facts.loops.values():
        loop = info.counted
        if loop is not None and loop.lower is not None and loop.upper is not None:
            around = {variable(c.variable): middles[i] for i in info.around[:-1]
                      if i in middles and (c := facts.loops[i].counted) is not None}  # fmt: skip
            known = replace(sizes, values={**values, **around})
            own = variable(loop.variable)
            counts[info.stmt.id] = _counted_trips(loop, known)
            middles[info.stmt.id] = known.of(loop.lower) + counts[info.stmt.id] * abs(loop.step) / 2
            values[own] = max(values.get(own, 0.0), middles[info.stmt.id])
        elif loop is None and (along := _along(info, facts, sizes)) is not None:
            counts[info.stmt.id] = along
    return replace(sizes, values=values, counts=counts)


def _along(info: LoopInfo, facts: Facts, sizes: Sizes) -> float | None:
    """How many iterations a loop of another form has by the arrays that it runs along: what it steps is a subscript."""
    begin, end = facts.touches.ranges[info.stmt.id]
    inside = facts.touches.items[begin:end]
    stepped = {
        t.symbol
        for t in inside
        if isinstance(t, ScalarTouch) and t.update is not None and is_step(t.update) and t.context.loops == info.around
    }
    found = [
        sizes.of(extent)
        for t in inside
        if isinstance(t, ElementTouch) and (access := facts.accesses.get(id(t))) is not None
        if t.symbol in facts.extents
        for row, extent in zip(access.subscripts, facts.extents[t.symbol].dimensions, strict=False)
        if row is not None and any(variable(s) in row.atoms for s in stepped)
    ]
    return max(found, default=None)


def moderate(sizes: Sizes, facts: Facts) -> Sizes:
    """The same for a problem of moderate size, where what is of lower order still counts."""
    loops = [c for info in facts.loops.values() if (c := info.counted) is not None]
    counters = {variable(c.variable) for c in loops}
    ends = {a for c in loops for p in (c.lower, c.upper) if p is not None for a in p.atoms}
    unknown = dict.fromkeys((a for a in ends - counters if a.origin is None), MODERATE)
    values = unknown | {a: min(v, MODERATE) for a, v in sizes.values.items() if a not in counters}
    numbers = {n: min(v, max(float(n), MODERATE)) for n, v in sizes.numbers.items()}
    return _with_middles(replace(sizes, values=values, numbers=numbers, counts={}), facts)


def unevenness(count: float, ranks: int) -> float:
    """How much longer the longest of the ranks' shares of `count` iterations is than an even one."""
    return math.ceil(count / ranks) * ranks / count if count < MANY * ranks / RANKS else 1.0


def trips(info: LoopInfo, sizes: Sizes) -> float:
    if info.stmt.id in sizes.counts:
        return sizes.counts[info.stmt.id]
    return STEPS / 10 if info.counted is None else _counted_trips(info.counted, sizes)


def _counted_trips(loop: CanonicalLoop, sizes: Sizes) -> float:
    if loop.lower is None or loop.upper is None:
        return STEPS
    span = loop.upper - loop.lower
    if not all(map(sizes.knows, span.atoms)):
        known = [sizes.values[a] for a in span.atoms if a in sizes.values]
        return (max(known) if known else 1e6) / abs(loop.step)
    return max(sizes.of(span) / abs(loop.step), 1.0)


def work(s: tree.Stmt, facts: Facts, sizes: Sizes) -> float:
    """Seconds that one execution of a statement takes on one rank."""
    begin, end = facts.touches.ranges[s.id]
    total = 0.0
    factor: dict[tuple[int, ...], float] = {}
    outer = _loops_around(s, facts)
    for t in facts.touches.items[begin:end]:
        inside = t.context.loops[len(outer) :]
        if inside not in factor:
            factor[inside] = _product(inside, facts, sizes)
        total += factor[inside] * sizes.weight(t)
    return total * TOUCH


def _loops_around(s: tree.Stmt, facts: Facts) -> tuple[int, ...]:
    if s.id in facts.loops:
        return facts.loops[s.id].around[:-1]
    begin, end = facts.touches.ranges[s.id]
    return min((t.context.loops for t in facts.touches.items[begin:end]), key=len, default=())


def _product(loops: tuple[int, ...], facts: Facts, sizes: Sizes) -> float:
    total = 1.0
    for i in loops:
        total *= trips(facts.loops[i], sizes)
    return total
