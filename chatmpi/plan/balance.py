"""Equal work: what an iteration of a triangular loop weighs, so that contiguous blocks of rows take equal time.

The work of row i is the number of statements that the loops over the rows execute for it: sums over inner loops with
affine bounds, so a polynomial in i (Faulhaber's formulas). Only balance rests on it: whatever it says, the
blocks that are cut by it cover all rows once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from chatmpi.analysis import tree
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.loops import CanonicalLoop, LoopInfo
from chatmpi.analysis.numbers.polynomial import ONE, Atom, Polynomial, constant, of_atom, variable
from chatmpi.analysis.tree import Symbol
from chatmpi.plan.bins import numbers_of_variables
from chatmpi.plan.candidates import making_position, unsettled
from chatmpi.plan.cost import Sizes, moderate, trips
from chatmpi.plan.elements import Guarded
from chatmpi.plan.fit import ROW, Fit

DEGREE = 2
NEGLIGIBLE = 1 / 16  # what takes less than this part of the work does not move the boundaries
LEFT_OUT = 1 / 32  # nor do loops that together take less than this
UNEVEN = 0.27  # the largest part of the work at four ranks up to which equal blocks are good enough

# 6 times the sum of x^p over 0 <= x < n, as factors of n, n*n, n*n*n
_SUMS = ((6, 0, 0), (-3, 3, 0), (1, -3, 2))


@dataclass(frozen=True, slots=True)
class _Weight:
    """`value / parts` statements for each iteration."""

    value: Polynomial
    parts: int


@dataclass(frozen=True, slots=True)
class _Share:
    """A loop of which iteration i works on row i + shift: all of it, or what the owner of that row does in it."""

    loop: int
    shift: int
    scale: Polynomial
    only: tree.Stmt | None = None


def partition_work(
    arrays: frozenset[Symbol],
    extent: Polynomial,
    fits: Iterable[Fit],
    guards: Iterable[Guarded],
    facts: Facts,
    sizes: Sizes,
) -> tuple[Polynomial, ...]:
    """The factors of 1, i, i*i in the work of row i, for the loops over these arrays; () if equal blocks will do."""
    sizes = _with_numbers(sizes, facts)
    ours = [_Share(f.loop, f.shift, f.words) for f in fits if f.arrays & arrays]
    ours += [share for g in guards if g.arrays & arrays and (share := _owners_share(g, facts)) is not None]
    position = min((making_position(s, facts) for s in arrays), default=0)
    smaller = moderate(sizes, facts)
    for reckoned, times in ((smaller, _symbolic_times), (smaller, _nominal_times), (sizes, _nominal_times)):
        weights = _weights(_weighty(ours, facts, reckoned), times, facts, reckoned)
        found = _coefficients(weights, extent, sizes) if weights is not None else ()
        known = weights is not None and not unsettled({s for c in found for s in c.symbols}, position, facts)
        if known and (times is _nominal_times or _degree(found) <= DEGREE):
            return found
    return ()


def _weighty(ours: Sequence[_Share], facts: Facts, sizes: Sizes) -> list[_Share]:
    """The loops without those that together take next to nothing, the lightest."""
    costs = {f: _all_repeats(f, facts, sizes) * _nominal(f, facts, sizes) for f in ours}
    left, total, kept = 0.0, sum(costs.values()), list(ours)
    for f in sorted(costs, key=lambda f: costs[f]):
        left += costs[f]
        if left <= LEFT_OUT * total:
            kept = [k for k in kept if k != f]
    return kept


def _weights(
    ours: Sequence[_Share],
    times: Callable[[Sequence[_Share], Facts, Sizes], list[Polynomial] | None],
    facts: Facts,
    sizes: Sizes,
) -> list[_Weight] | None:
    """What an iteration of each loop weighs, as often as it is run; None if that cannot be counted."""
    often = times(ours, facts, sizes)
    weights = []
    for f, repeats in zip(ours, often or (), strict=often is not None):
        weight = _weight(facts.loops[f.loop], facts, sizes, of_atom(ROW) - constant(f.shift), f.only)
        weight = None if weight is None else _over_outer(weight, f, facts)
        if weight is None:
            return None
        weights.append(_Weight(weight.value * f.scale * repeats, weight.parts))
    return None if often is None else weights


def _over_outer(weight: _Weight, f: _Share, facts: Facts) -> _Weight | None:
    """The weight of a row in all iterations of the loops around that choose the rows which are worked on."""
    for i in reversed(_choosing(f, facts)):
        outer, chosen = facts.loops[i].canonical, _chosen(f, i, facts)
        powers = _powers(weight.value, variable(outer.variable), len(_SUMS) - 1) if outer is not None else None
        if powers is None or chosen is None:
            return None
        past, before = _summed(powers, chosen[1]), _summed(powers, chosen[0])
        weight = _Weight(past - before, weight.parts * 6)
    return weight


def _choosing(f: _Share, facts: Facts) -> tuple[int, ...]:
    """The loops around that say where a loop over rows begins or ends (`for (j = i + 1; j < n; j++)`)."""
    return tuple(i for i in _around(f, facts) if _chosen(f, i, facts) is not None)


def _chosen(f: _Share, loop: int, facts: Facts) -> tuple[Polynomial, Polynomial] | None:
    """In which iterations of a loop around a row is worked on, from the first to behind the last, where a bound of the
    loop over rows rises or falls with them; None where none does."""
    inner, outer = facts.loops[f.loop].canonical, facts.loops[loop].canonical
    if inner is None or outer is None or abs(outer.step) != 1 or f.scale != ONE or f.only is not None:
        return None
    if inner.lower is None or inner.upper is None or outer.lower is None or outer.upper is None:
        return None
    atom, row = variable(outer.variable), of_atom(ROW) - constant(f.shift)
    begin, end, moves = outer.lower, outer.upper, False
    for bound, is_lower in ((inner.lower, True), (inner.upper, False)):
        slope = bound.coefficient(atom).constant
        rest = bound - of_atom(atom).scaled(slope or 0)
        if outer.variable in rest.symbols or slope not in {-1, 0, 1}:
            return None
        if slope and (slope == 1) == is_lower:  # i + rest <= row, or row < rest - i
            end, moves = row - rest + ONE if is_lower else rest - row, True
        elif slope:  # rest - i <= row, or row < i + rest
            begin, moves = rest - row if is_lower else row - rest + ONE, True
    return (begin, end) if moves else None


def _all_repeats(f: _Share, facts: Facts, sizes: Sizes) -> float:
    return math.prod(trips(facts.loops[i], sizes) for i in _around(f, facts))


def _repeats(f: _Share, facts: Facts, sizes: Sizes) -> float:
    return math.prod(trips(facts.loops[i], sizes) for i in _outer(f, facts))


def _nominal_times(ours: Sequence[_Share], facts: Facts, sizes: Sizes) -> list[Polynomial]:
    """How often each loop is run, beside the one that is run most seldom."""
    repeats = [_repeats(f, facts, sizes) for f in ours]
    return [constant(max(1, round(r / min(repeats)))) for r in repeats]


def _symbolic_times(ours: Sequence[_Share], facts: Facts, sizes: Sizes) -> list[Polynomial] | None:
    """The same in terms of the program's variables; None if it depends on more than those."""
    found = []
    for f in ours:
        times = ONE
        for i in _outer(f, facts):
            loop = facts.loops[i].canonical
            if loop is None or loop.lower is None or loop.upper is None or abs(loop.step) != 1:
                return None
            times = times * (loop.upper - loop.lower)
        if any(times.symbols & facts.loops[i].written for i in _outer(f, facts)):
            return None
        found.append(times)
    return found


def range_work(fit: Fit, facts: Facts, sizes: Sizes) -> tuple[Polynomial, ...]:
    """The same for a loop whose own range is dealt out: i counts from the least value of its variable."""
    info = facts.loops[fit.loop]
    assert info.canonical is not None
    low, high = info.canonical.lower, info.canonical.upper
    if low is None or high is None:
        return ()
    weight = _weight(info, facts, sizes, of_atom(ROW) + low)
    found = () if weight is None else _coefficients([weight], high - low, sizes)
    changing = {s for g in fit.gathers if g.place(fit.loop) != fit.loop for s in facts.loops[g.place(fit.loop)].written}
    unclear = any(s.name in facts.shadowed or s in changing for c in found for s in c.symbols)
    return () if unclear else found


def c_texts(work: Iterable[Polynomial]) -> tuple[str, ...]:
    """Coefficients as C; their products are computed as `long long`."""
    return tuple(_c_text(p) for p in work)


def _c_text(value: Polynomial) -> str:
    terms = []
    for monomial, factor in sorted(value.terms, key=lambda t: (t[1] < 0, not t[0], len(t[0]), t[0])):
        names = [a.text for a in monomial]
        wide = "LL" if names and (len(names) > 1 or abs(factor) > 1) else ""
        if wide or not names:
            names.insert(0, f"{abs(factor)}{wide}")
        terms.append(("- " if factor < 0 else "+ ") + "*".join(names))
    shown = " ".join(terms) or "0"
    return shown.removeprefix("+ ") if shown[0] != "-" else shown.replace("- ", "-", 1)


def work_text(factors: Sequence[str]) -> str:
    """`N - i`: the work of row i."""
    pieces = []
    for power, factor in enumerate(factors):
        shown = f"({factor})" if power and " " in factor else factor
        row = "*".join(["i"] * power)
        if factor == "0":
            continue
        pieces.append({"1": row or "1", "-1": f"-{row or 1}"}.get(factor, f"{shown}*{row}" if row else shown))
    return " + ".join(pieces).replace("+ -", "- ") or "0"


def _with_numbers(sizes: Sizes, facts: Facts) -> Sizes:
    """The sizes, those of variables as they are that only ever hold one number (`int k = 24;`)."""
    numbers = numbers_of_variables(facts)
    own = {a: float(n) for s, n in numbers.items() if (a := variable(s)) in sizes.values and n > 0}
    bounds = {i: (c.lower, c.upper) for i, info in facts.loops.items() if (c := info.counted) is not None}
    nominal = {i for i, ends in bounds.items() if not any(p is not None and p.atoms & own.keys() for p in ends)}
    counts = {i: n for i, n in sizes.counts.items() if i in nominal}
    return replace(sizes, values={**sizes.values, **own}, counts=counts)


def _around(f: _Share, facts: Facts) -> tuple[int, ...]:
    return facts.loops[f.loop].around[:-1]


def _outer(f: _Share, facts: Facts) -> tuple[int, ...]:
    """The loops around that run the same rows again and again."""
    choosing = _choosing(f, facts)
    return tuple(i for i in _around(f, facts) if i not in choosing)


def _owners_share(g: Guarded, facts: Facts) -> _Share | None:
    """A statement that owners execute, by the loop that counts its rows."""
    around = next((t.context.loops for t in facts.touches.of(g.statement.id)), ())
    for i in reversed(around):
        counted = facts.loops[i].canonical
        shift = None if counted is None else (g.row - of_atom(variable(counted.variable))).constant
        if shift is not None:
            return _Share(i, shift, ONE, g.statement)
    return None


def _nominal(f: _Share, facts: Facts, sizes: Sizes) -> float:
    """How many statements one execution of the loop is, or of that part of it."""
    info = facts.loops[f.loop]
    counts = _statements(info, facts, sizes, f.only)
    each = sum(n * math.prod(trips(facts.loops[k], sizes) for k in i) for i, n in counts.items())
    return trips(info, sizes) * each


def _weight(
    info: LoopInfo, facts: Facts, sizes: Sizes, own: Polynomial, only: tree.Stmt | None = None
) -> _Weight | None:
    """The statements of one iteration, or `only` one of them with its loop's header, with `own` for the variable of the
    loop; None if they cannot be counted."""
    assert info.canonical is not None
    counts = _statements(info, facts, sizes, only)
    nominal = {i: n * math.prod(trips(facts.loops[k], sizes) for k in i) for i, n in counts.items()}
    total = _Weight(Polynomial(), 1)
    for inner, number in counts.items():
        if nominal[inner] < NEGLIGIBLE * max(nominal.values()):
            continue
        count = _count([facts.loops[k].canonical for k in inner])
        if count is None:
            return None
        total = _sum(total, _Weight(count.value.scaled(number), count.parts))
    variables = variable(info.canonical.variable)
    changing = info.written - {info.canonical.variable}
    if any(a.symbols & info.written and a != variables for a in total.value.atoms) or total.value.symbols & changing:
        return None
    return _Weight(total.value.substitute({variables: own}), total.parts * abs(info.canonical.step))


def _statements(info: LoopInfo, facts: Facts, sizes: Sizes, only: tree.Stmt | None) -> dict[tuple[int, ...], int]:
    """How many statements are executed each time, by the loops inside around them; a loop's header is one, and a call
    of a function that loops many."""
    if only is not None:
        inner = next(t.context.loops for t in facts.touches.of(only.id))[len(info.around) :]
        return {inner: 2 if inner else 1}
    counts: dict[tuple[int, ...], int] = {}
    known: set[tuple[tuple[int, ...], int]] = set()
    for t in facts.touches.of(info.stmt.id):
        if info.stmt.id in t.context.loops:
            inner = t.context.loops[len(info.around) :]
            place = (inner, t.context.statement.id)
            counts[inner] = counts.get(inner, 0) + int(sizes.weight(t)) - (place in known)
            known.add(place)
    return counts


def _count(loops: Sequence[CanonicalLoop | None]) -> _Weight | None:
    """How often the innermost of nested loops runs in all."""
    value, parts = ONE, 1
    for loop in reversed(loops):
        if loop is None or loop.lower is None or loop.upper is None:
            return None
        powers = _powers(value, variable(loop.variable), len(_SUMS) - 1)
        if powers is None:
            return None
        past, before = _summed(powers, loop.upper), _summed(powers, loop.lower)
        value, parts = past - before, parts * 6 * abs(loop.step)
    return _Weight(value, parts)


def _summed(powers: Sequence[Polynomial], end: Polynomial) -> Polynomial:
    """6 times the sum over 0 <= x < end of a polynomial in x, given by its factors."""
    total = Polynomial()
    for factor, sums in zip(powers, _SUMS, strict=False):
        rising = end
        for number in sums:
            total = total + (factor * rising).scaled(number)
            rising = rising * end
    return total


def _sum(a: _Weight, b: _Weight) -> _Weight:
    parts = math.lcm(a.parts, b.parts)
    return _Weight(a.value.scaled(parts // a.parts) + b.value.scaled(parts // b.parts), parts)


def _powers(value: Polynomial, atom: Atom, degree: int) -> list[Polynomial] | None:
    """The factors of the atom's powers, from the zeroth on; None above `degree`, or where it stands in a quotient."""
    found = [Polynomial() for _ in range(degree + 1)]
    for monomial, factor in value.terms:
        power = monomial.count(atom)
        rest = tuple(a for a in monomial if a != atom)
        if power > degree or any(a.symbols & atom.symbols for a in rest):
            return None
        found[power] = found[power] + Polynomial(((rest, factor),))
    return found


def _coefficients(weights: list[_Weight], extent: Polynomial, sizes: Sizes) -> tuple[Polynomial, ...]:
    """The factors of the powers of the row number in the whole work, as small as they can be written."""
    total = _Weight(Polynomial(), 1)
    for weight in weights:
        total = _sum(total, weight)
    powers = _powers(_without_content(total.value), ROW, DEGREE)
    if (
        powers is None
        or not any(p.terms for p in powers[1:])
        or _even([_size(p, sizes) for p in powers], extent, sizes)
    ):
        return ()
    return tuple(powers if powers[-1].terms else powers[:-1])


def _without_content(value: Polynomial) -> Polynomial:
    """The polynomial without the factors that all its terms have."""
    if not value.terms:
        return value
    common = [a for a in value.terms[0][0] if a != ROW]
    for monomial, _ in value.terms[1:]:
        rest = list(monomial)
        kept = []
        for a in common:
            if a in rest:
                rest.remove(a)
                kept.append(a)
        common = kept
    number = math.gcd(*(factor for _, factor in value.terms))
    terms = []
    for monomial, factor in value.terms:
        left = list(monomial)
        for a in common:
            left.remove(a)
        terms.append((tuple(left), factor // number))
    return Polynomial(tuple(sorted(terms)))


def _degree(powers: Sequence[Polynomial]) -> int:
    """In the sizes and the row number together. Their sum over all rows has to fit into a `long long`."""
    return max((k + len(monomial) for k, p in enumerate(powers) for monomial, _ in p.terms), default=0)


def _size(value: Polynomial, sizes: Sizes) -> float:
    return sum(math.copysign(sizes.of(Polynomial(((m, abs(f)),))), f) for m, f in value.terms)


def _even(powers: list[float], extent: Polynomial, sizes: Sizes) -> bool:
    """Whether four equal blocks do nearly equal work at nominal sizes."""
    points = 64
    rows = [(k + 0.5) / points * sizes.of(extent) for k in range(points)]
    work = [max(0.0, sum(p * x**k for k, p in enumerate(powers))) for x in rows]
    largest = max(sum(work[k : k + points // 4]) for k in range(0, points, points // 4))
    return largest <= UNEVEN * sum(work)
