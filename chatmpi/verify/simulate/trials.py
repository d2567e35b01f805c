"""At which sizes, step counts and numbers of ranks a candidate is simulated, and in which order.

For P ranks the sizes are 1, P - 1, P, P + 1, 2P - 1, 2P + 1 and 3P + 2: fewer rows than ranks, as many, blocks that
differ, several rows each. Those that tell most for their cost come first, as the time may end.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from chatmpi.verify.simulate.powers import rooted
from chatmpi.verify.simulate.small_sizes import Choice
from chatmpi.verify.simulate.step_literals import STEPS, at_size
from chatmpi.verify.simulate.work import PER_SECOND
from chatmpi.verify.simulate.written_numbers import is_number, number_of

RANKS = tuple(range(1, 9))

_FIRST: tuple[tuple[int, tuple[int, ...]], ...] = (
    (7, (3, 2, 5, 1, 4, 8)),
    (4, (3, 5, 1, 7)),
    (11, (4, 2, 5, 3, 8)),
    (1, (2, 1, 3)),
    (17, (8, 3, 5, 6)),
    (2, (3, 1, 4)),
)
_LARGER = (14, 23, 37, 64, 101)
_LEAST_NUMBER = 4  # what a program writes as a number is never 1 or 2 in it
_MOST_HALVED = 64  # what is halved is not left larger than this
_TIMES = (2, 4)  # as many as there are ranks
_USUAL = 50  # what is given on the command line, beside what is written
_MOST_WRITTEN = 256  # nor is what stays as it is written
_MORE_STEPS = (6, 10)  # where a program needs more than three
_WITHOUT_SIZES = (3, 2, 5, 1, 4, 8, 7, 6)


@dataclass(frozen=True)
class Wanted:
    """What a person asks for: values for sizes by name, numbers of ranks, time steps; empty and 0 leave it to us.
    `arguments`: a command line that the programs are run with too.

    `thorough`: all sizes of the rule above, not only those that tell most. `as_given`: what is refuted with another
    value for a number that has no name need not be so with the number that is written. `refusals`: a candidate may say
    by its exit status that it does not take such sizes or so many ranks. `seconds`: what may be done, in seconds of a
    nominal processor; it is counted, so that the verdict is the same on every machine.
    `joined_rows`: see `Limits`. `powers`: what is small itself, but large to a power, is made small too.
    """

    sizes: tuple[tuple[str, tuple[int, ...]], ...] = ()
    ranks: tuple[int, ...] = ()
    steps: int = 0
    arguments: tuple[str, ...] = ()
    thorough: bool = False
    as_given: bool = False
    refusals: bool = False
    seconds: float = 6.0
    joined_rows: bool = False
    powers: bool = False

    @property
    def operations(self) -> int:
        return int(self.seconds * PER_SECOND)


@dataclass(frozen=True)
class Trial:
    """One size, about `size`: values for the names of definitions, of which the first that suit the program are used,
    and the numbers of ranks. `relied_on`: values for programs that none of these suit."""

    size: int
    values: tuple[dict[str, int], ...]
    ranks: tuple[int, ...]
    relied_on: tuple[dict[str, int], ...] = ()


def trials(choice: Choice, wanted: Wanted) -> Iterator[Trial]:
    """What to try, in order."""
    given = frozenset(name for name, _ in wanted.sizes)
    return (with_roots(trial, choice.without(given)) for trial in _trials(choice, wanted))


def with_roots(trial: Trial, choice: Choice) -> Trial:
    """The trial with roots of those values that are powers of a definition."""
    powers = dict(choice.powers)
    if powers.keys().isdisjoint(choice.sizes):
        return trial
    values, relied_on = (tuple(rooted(v, powers) for v in some) for some in (trial.values, trial.relied_on))
    return replace(trial, values=values, relied_on=relied_on)


def _trials(choice: Choice, wanted: Wanted) -> Iterator[Trial]:
    given = dict(wanted.sizes)
    free = tuple(n for n in choice.sizes if n not in given)
    counts = tuple(n for n in choice.steps if n not in given)
    if given:
        for numbers in itertools.product(*given.values()):
            named = dict(zip(given, numbers, strict=True))
            size = max(numbers)
            steps = _steps(counts, size, wanted)
            values = tuple({**v, **steps, **named} for v in values_for(free, size))
            yield Trial(size, values, wanted.ranks or _WITHOUT_SIZES)
        return
    if not free:
        yield Trial(7, (_steps(counts, 7, wanted),), wanted.ranks or _WITHOUT_SIZES)
        if counts:
            yield Trial(4, (_steps(counts, 4, wanted),), wanted.ranks or (3, 2))
        return
    least = _LEAST_NUMBER if any(map(is_number, free)) else 1
    for size, ranks in _pairs(wanted):
        if size < least:
            continue
        steps = _steps(counts, size, wanted)
        plain, asked = list(values_for(free, size, choice)), list(relied_on_for(free, size, choice))
        relied_on = [{**v, **steps} for v in asked]
        if steps and not wanted.steps:
            relied_on += [{**v, **dict.fromkeys(steps, k)} for k in _MORE_STEPS for v in (plain[0], *asked[:2])]
        yield Trial(size, tuple({**v, **steps} for v in plain), ranks, tuple(relied_on))


def _steps(counts: Iterable[str], size: int, wanted: Wanted) -> dict[str, int]:
    """How often what is repeated is done."""
    return dict.fromkeys(counts, wanted.steps or at_size(STEPS, size))


def larger_trials(choice: Choice, wanted: Wanted) -> Iterator[Trial]:
    """What to try where the program does not run at most of the sizes above: it asks for more."""
    if wanted.sizes or not choice.sizes:
        return
    for size in _LARGER:
        steps = _steps(choice.steps, size, wanted)
        values = tuple({**v, **steps} for v in values_for(choice.sizes, size))
        yield Trial(size, values, wanted.ranks or _WITHOUT_SIZES)


def multiples_for(choice: Choice, wanted: Wanted, ranks: Iterable[int]) -> Iterator[Trial]:
    """What to try where a candidate does not take all sizes: those of which every rank has as much."""
    if wanted.sizes or not choice.sizes:
        return
    for number, times in itertools.product(ranks, _TIMES):
        size = number * times
        steps = _steps(choice.steps, size, wanted)
        values = ({n: size * k for k, n in enumerate(choice.sizes, 1)}, dict.fromkeys(choice.sizes, size))
        yield with_roots(Trial(size, tuple({**v, **steps} for v in values), (number,)), choice)


def sizes_for(ranks: int) -> tuple[int, ...]:
    """The sizes that tell most at this number of ranks, ascending."""
    p = ranks
    return tuple(sorted({n for n in (1, p - 1, p, p + 1, 2 * p - 1, 2 * p + 1, 3 * p + 2) if n > 0}))


def _pairs(wanted: Wanted) -> Iterator[tuple[int, tuple[int, ...]]]:
    ranks = wanted.ranks or RANKS
    done: set[tuple[int, int]] = set()
    for size, first in _FIRST:
        some = tuple(r for r in first if r in ranks)
        done |= {(size, r) for r in some}
        if some:
            yield size, some
    if not wanted.thorough and done:
        return
    left: dict[int, list[int]] = {}
    for r in ranks:
        for size in sizes_for(r):
            if (size, r) not in done:
                left.setdefault(size, []).append(r)
    for size in sorted(left):
        yield size, tuple(left[size])


def values_for(names: tuple[str, ...], size: int, choice: Choice | None = None) -> Iterator[dict[str, int]]:
    """Values for one size, the best first: all sizes different, then all the same; then `places` in the middle. At last
    sizes keep their proportions: `MAXNZ` entries are room for some in each of `MAXN` rows; or stay what they are; or
    lie far apart in the order of what is written, with those of the command line between the small and the large
    (`if (n < BAND || n > MAXN)`)."""
    found = [_different(names, size)]
    if len(names) > 1:
        found.append(dict.fromkeys(names, size))
    yield from found
    if choice is None:
        return
    if choice.places:
        yield from ({**values, **dict.fromkeys(choice.places, size // 2)} for values in found)
    times = {n: k for n, k in choice.times if n in names}
    if times:
        yield {name: size * times.get(name, 1) for name in names}
    rooms = set(choice.rooms).intersection(names)
    if rooms and rooms != set(names):
        yield {name: size for name in names if name not in rooms}
    order = sorted(names, key=lambda name: dict(choice.written).get(name, _USUAL))
    if choice.written and len(names) > len(choice.written):
        yield {name: size * (k + 1) + k for k, name in enumerate(order)}


def relied_on_for(names: tuple[str, ...], size: int, choice: Choice) -> Iterator[dict[str, int]]:
    """Values that a program may rely on: numbers that it writes are halved as far as they can be, to powers of two if
    they are some (a transform), or they stay (the 27 neighbours of a point); then what it asks for."""
    written = {n: number_of(n) for n in names if is_number(n)} | {n: v for n, v in choice.written if n in names}
    halved = {n: h for n, v in written.items() if (h := _halved(v, size)) <= _MOST_HALVED}
    kept = {n: v for n, v in written.items() if v <= _MOST_WRITTEN}

    def with_written(values: dict[str, int]) -> Iterator[dict[str, int]]:
        if values:
            all_values = _different(names, size) | values
            yield {n: v for n, v in all_values.items() if not is_number(n) or v != written[n]}

    yield from with_written(halved)
    yield from choice.demands.values(tuple(n for n in names if not is_number(n)), size)
    yield from with_written(kept)


def _different(names: tuple[str, ...], size: int) -> dict[str, int]:
    return {name: size + k for k, name in enumerate(names)}


def _halved(value: int, least: int) -> int:
    """A number halved for as long as there is no rest, and it is not less than `least` then."""
    while value % 2 == 0 and value // 2 >= least:
        value //= 2
    return value
