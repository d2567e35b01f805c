"""Subscripts as one polynomial per dimension; linearised ones (`a[i*n + j]`) are split by their strides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from chatmpi.analysis.loops import LoopTable
from chatmpi.analysis.numbers.domains import Parameters, Space, holds_nowhere
from chatmpi.analysis.numbers.pieces import Entry
from chatmpi.analysis.numbers.polynomial import ONE, Atom, Polynomial, constant, of_atom, variable
from chatmpi.analysis.numbers.values import Naming, polynomial
from chatmpi.analysis.touches import Context, ElementTouch


@dataclass(frozen=True, slots=True)
class Joined:
    """The first `count` dimensions of an array taken as one, and where in it an access lies: of `a[k*q + c]`, whose
    rows have m parts of q words, place k of the first two, whatever the row is."""

    count: int
    place: Polynomial


@dataclass(frozen=True, slots=True)
class Access:
    """One touch of an element. `linear` is the word's number in the array where one subscript gives it;
    `subscripts` one polynomial per dimension, None where it is not known, and `joined` what is known of the first of
    these together. `runs_over`: the text has others, which leave their dimensions."""

    touch: ElementTouch
    linear: Polynomial | None
    subscripts: tuple[Polynomial | None, ...]
    runs_over: bool = False
    joined: Joined | None = None


@dataclass(frozen=True, slots=True)
class PackedRows:
    """`count` rows that lie one behind the other, row r from word (bend*r*r + slope*r)/2 on: a triangle."""

    bend: int
    slope: Polynomial
    count: Polynomial

    def twice(self, row: Polynomial) -> Polynomial:
        """Two times the word with which a row begins."""
        return (row * row).scaled(self.bend) + self.slope * row

    def length(self, row: Polynomial) -> Polynomial | None:
        """How many words a row has; None if that is no whole number."""
        return halved(self.twice(row + ONE) - self.twice(row))


@dataclass(frozen=True, slots=True)
class Shape:
    """`strides`: words between neighbours, per dimension, the last being 1. `packed`: its rows have different lengths.

    `assumed`: inner extents, and sizes that they consist of, with the least value at which all subscripts were shown
    to stay inside. (For `u[i*n + n - 2]` that is n = 2: with n = 1 it is an element of another row. For `u[i*s + G]`
    with s = n + 2*G it is G = 0.)
    """

    strides: tuple[Polynomial, ...]
    assumed: tuple[tuple[Polynomial, int], ...] = ()
    packed: PackedRows | None = None


ONE_DIMENSION = Shape((ONE,))


def halved(value: Polynomial) -> Polynomial | None:
    """Half of a value; None if that is no whole number."""
    if any(factor % 2 for _, factor in value.terms):
        return None
    return Polynomial(tuple((m, factor // 2) for m, factor in value.terms))


def own_subscripts(touch: ElementTouch, naming: Naming) -> tuple[Polynomial | None, ...]:
    """The subscripts as written; `*p` is element 0."""
    return tuple(polynomial(s, naming) for s in touch.subscripts) or (constant(0),)


def delinearise(
    linear: Sequence[tuple[ElementTouch, Polynomial | None, Naming]], loops: LoopTable
) -> tuple[Shape, tuple[Access, ...]]:
    """A shape for an array that is always reached by one subscript, and its accesses in that shape.

    The strides are what loop variables are multiplied by. A shape is taken only if every access that is not
    linear through and through lies provably inside all inner dimensions.
    """
    best, most = (ONE_DIMENSION, as_they_are(linear)), 0
    for strides in _stride_chains([(p, t.context) for t, p, _ in linear if p is not None], loops):
        assumed: dict[Polynomial, int] = {}
        accesses = tuple(_split(t, p, naming, strides, loops, assumed) for t, p, naming in linear)
        known = sum(a.subscripts[0] is not None for a in accesses)
        if known > most:
            best, most = (Shape(strides, tuple(assumed.items())), accesses), known
        if known == len(linear):
            break
    return best


def as_they_are(linear: Sequence[tuple[ElementTouch, Polynomial | None, Naming]]) -> tuple[Access, ...]:
    """Accesses to an array of one dimension."""
    return tuple(Access(t, p, (p,)) for t, p, _ in linear)


def _stride_chains(values: Sequence[tuple[Polynomial, Context]], loops: LoopTable) -> Iterator[tuple[Polynomial, ...]]:
    """The distinct factors of loop variables, each a multiple of the next, ending in 1, where they form such a chain;
    then those that are left where loops pass over some rows (`a[2*i*n + j]` beside `a[i*n + j]`).

    On a diagonal (`a[i*n + i]`) the factor is a sum of two others.
    """
    found = {ONE}
    for value, context in values:
        for i in context.loops:
            loop = loops[i].counted
            if loop is None:
                continue
            own = variable(loop.variable)
            pieced = {a for a in value.atoms if a.origin is not None and loop.variable in a.symbols}
            for factor in (value.coefficient(a) for a in (own, *pieced)):
                if factor.terms and not _is_small(factor):
                    found.add(_positive(factor))
    chains = [c for c in (found, *_without_diagonals(found)) if _is_chain(c)]
    every = found - {f for f in found if any(_is_passed_over(f, g) for g in found - {f, ONE})}
    if _is_chain(every) and every not in chains[:1]:
        chains = [*chains[:1], every]
    yield from (tuple(_ordered(c)) for c in chains[:2] if len(c) > 1)


def _is_passed_over(stride: Polynomial, other: Polynomial) -> bool:
    """Whether one stride is a few times the other."""
    times, rest = stride.divided(other)
    return not rest.terms and _is_small(times) and times != ONE


def _without_diagonals(strides: set[Polynomial]) -> list[set[Polynomial]]:
    """The strides without those of diagonals (`a[i*n + i]`, `a[i*n + n - 1 - i]`), which are sums of others."""
    pairs = [(a, b) for a in strides for b in strides if a != b]
    kept = [strides - {a + b for a, b in pairs}, strides - ({a - b for a, b in pairs} - {ONE})]
    return sorted(kept, key=lambda s: sum(len(p.terms) for p in s))


def _ordered(strides: set[Polynomial]) -> list[Polynomial]:
    return sorted(strides, key=lambda p: (max(len(m) for m, _ in p.terms), max(f for _, f in p.terms)), reverse=True)


def _is_chain(strides: set[Polynomial]) -> bool:
    return not any(outer.divided(inner)[1].terms for outer, inner in pairwise(_ordered(strides)))


def _is_small(factor: Polynomial) -> bool:
    """A step of a few words rather than a row: `x[2*i]`."""
    value = factor.constant
    return value is not None and abs(value) < 8


def _positive(factor: Polynomial) -> Polynomial:
    return factor.scaled(-1) if all(f < 0 for _, f in factor.terms) else factor


def _split(
    touch: ElementTouch,
    linear: Polynomial | None,
    naming: Naming,
    strides: tuple[Polynomial, ...],
    loops: LoopTable,
    assumed: dict[Polynomial, int],
) -> Access:
    """The access in the given shape, or in one whose first dimensions are joined; what that asks of the inner extents
    is added to `assumed`."""
    for joined in range(1, len(strides)):
        parts = None if linear is None else _parts(touch, linear, naming, strides[joined - 1 :], loops, assumed)
        if parts is not None and joined == 1:
            return Access(touch, linear, parts)
        if parts is not None:
            return Access(touch, linear, (*((None,) * joined), *parts[1:]), joined=Joined(joined, parts[0]))
    return Access(touch, linear, (None,) * len(strides))


def _parts(
    touch: ElementTouch,
    linear: Polynomial,
    naming: Naming,
    strides: tuple[Polynomial, ...],
    loops: LoopTable,
    assumed: dict[Polynomial, int],
) -> tuple[Polynomial, ...] | None:
    """The word's number divided by the strides, if it stays inside of all dimensions but the first."""
    subscripts: list[Polynomial] = []
    rest = linear
    asked: dict[Polynomial, int] = {}
    for stride in strides[:-1]:
        outer, rest = rest.divided(stride)
        subscripts.append(outer)
    subscripts.append(rest)
    for k in range(len(strides) - 1, 0, -1):
        extent, _ = strides[k - 1].divided(strides[k])
        carried = _carry(subscripts[k], extent, touch.context, naming, loops)
        if carried is None:
            return None
        shift, needed = carried
        subscripts[k] -= extent.scaled(shift)
        subscripts[k - 1] += constant(shift)
        asked |= strictest([asked, needed])
    assumed |= strictest([assumed, asked])
    return tuple(subscripts)


def strictest(assumptions: Iterable[Mapping[Polynomial, int]]) -> dict[Polynomial, int]:
    """The least values under which all of these hold."""
    found: dict[Polynomial, int] = {}
    for each in assumptions:
        for value, least in each.items():
            found[value] = max(least, found.get(value, least))
    return found


def _carry(
    value: Polynomial,
    extent: Polynomial,
    context: Context,
    naming: Naming,
    loops: LoopTable,
    shifts: tuple[int, ...] = (0, -1, 1),
) -> tuple[int, dict[Polynomial, int]] | None:
    """How many whole extents to move to the next outer dimension so that 0 <= value < extent in all iterations, and
    what has to be assumed for that to be proved; None if no number of -1, 0, 1 does."""
    ghosts = [{extent: 1, of_atom(a): least} for a in _sizes(extent) for least in range(5)]
    number = value.constant
    known = [] if number is None or number < 4 else [number + 1]
    known += sorted({max(a.origin.table.values) + 1 for a in value.atoms if isinstance(a.origin, Entry)} - {1, 2, 3, 4})
    most = extent.constant  # what it is not is nothing to assume
    leasts = [least for least in (1, 2, 3, 4, *known) if most is None or least <= most]
    for assumed in [*({extent: least} for least in leasts), *ghosts]:
        for shift in shifts:
            if _within(value - extent.scaled(shift), extent, assumed, context, naming, loops):
                return shift, {p: least for p, least in assumed.items() if p != extent or least > 1}
    return None


def room_asked(
    value: Polynomial, extent: Polynomial, context: Context, naming: Naming, loops: LoopTable
) -> dict[Polynomial, int] | None:
    """What has to be assumed of an extent for 0 <= value < extent in all iterations; None if nothing helps."""
    found = _carry(value, extent, context, naming, loops, (0,))
    return None if found is None else found[1]


def _sizes(extent: Polynomial) -> list[Atom]:
    """The sizes that an extent is a sum of: a number of ghost cells may be one, and is not negative as a rule."""
    return sorted((a for a in extent.atoms if a.origin is None), key=lambda a: a.key) if len(extent.terms) > 1 else []


def is_inside(value: Polynomial, extent: Polynomial, context: Context, naming: Naming, loops: LoopTable) -> bool:
    """Whether 0 <= value < extent in all iterations, whatever the extent is."""
    return _within(value, extent, {extent: 0}, context, naming, loops)


def is_between(
    value: Polynomial,
    extent: Polynomial,
    context: Context,
    naming: Naming,
    loops: LoopTable,
    assumed: Mapping[Polynomial, int],
) -> bool:
    """Whether 0 <= value < extent in all iterations, so that the extent is positive in each, if some values are not
    less than what is assumed."""
    return _within(value, extent, assumed, context, naming, loops)


def _within(
    value: Polynomial,
    extent: Polynomial,
    assumed: Mapping[Polynomial, int],
    context: Context,
    naming: Naming,
    loops: LoopTable,
) -> bool:
    """Whether 0 <= value < extent in all iterations if what is assumed holds (extent >= 1: an array that is touched is
    not empty)."""
    around = [info for i in context.loops if (info := loops[i]).counted is not None]
    canonical = [info.counted for info in around if info.counted is not None]
    dims = {variable(loop.variable): f"x{k}" for k, loop in enumerate(canonical)}
    space = Space(dims, Parameters(), frozenset(), naming)
    text, bound = space.affine(value), space.affine(extent)
    if text is None or bound is None:
        return False
    known = ((space.affine(p), least) for p, least in assumed.items())
    facts = [f"{size} >= {least}" for size, least in known if size is not None]
    facts += [space.range(loop) for loop in canonical]
    if around:
        facts.append(space.guards(context.guards, around[0], loops))
    outside = f"({text} < 0 or {text} >= {bound})"
    return holds_nowhere(space.parameters, list(dims.values()), [*facts, outside])
