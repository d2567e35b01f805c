"""Sizes at which a program may behave otherwise than at all smaller ones: those about the numbers in its conditions."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from math import isqrt

from chatmpi.verify.simulate.small_sizes import Choice
from chatmpi.verify.simulate.step_literals import STEPS
from chatmpi.verify.simulate.trials import Trial, values_for, with_roots
from chatmpi.verify.simulate.ways import Coverage

_MOST = 8  # such trials
_REST = 4  # what the others are, where one size alone is large
_RANKS = (1, 3, 2)

Values = tuple[tuple[str, int], ...]


@dataclass
class Beyond:
    """What is tried where there are ways that no run went; `known` sizes are no thresholds, nor are numbers of more
    than `most`, to which no run counts. `too_large`: values for which the sequential program took too long, so larger
    ones do as well."""

    choice: Choice
    steps: int
    coverage: Coverage
    known: Collection[int]
    most: int
    too_large: list[Values] = field(default_factory=list)

    def trials(self) -> Iterator[Trial]:
        """Looks anew at what is left before each."""
        tried: set[Values] = set()
        while len(tried) < _MOST:
            left = [n for n in self.coverage.numbers(self.known) if n <= self.most]
            found = next((t for n in left for t in self._about(n) if values_of(t) not in tried), None)
            if found is None:
                return
            tried.add(values_of(found))
            yield found

    def _about(self, number: int) -> Iterator[Trial]:
        """What may make a condition with this number come out otherwise: a size of its square root, a size as large,
        blocks as large; of all sizes or one."""
        sizes, few = self.choice.sizes, dict.fromkeys(self.choice.steps, self.steps or STEPS)
        rest = {name: _REST + k for k, name in enumerate(sizes)}
        tried = [
            Trial(size, tuple({**v, **few} for v in values_for(sizes, size, self.choice)), _RANKS)
            for size in ((isqrt(number) + 1, number, number + 1, 3 * number + 4) if sizes else ())
        ]
        if len(sizes) > 1:
            tried += [Trial(number + 1, ({**rest, name: number + 1, **few},), _RANKS) for name in sizes]
        if self.choice.steps:
            tried.append(Trial(_REST, ({**rest, **dict.fromkeys(self.choice.steps, number + 1)},), _RANKS))
        tried = [with_roots(t, self.choice) for t in tried]
        yield from (t for t in tried if not any(_is_as_large(values_of(t), other) for other in self.too_large))


def values_of(trial: Trial) -> Values:
    return tuple(trial.values[0].items())


def _is_as_large(values: Values, other: Values) -> bool:
    return all(a >= b for (_, a), (_, b) in zip(values, other, strict=True))
