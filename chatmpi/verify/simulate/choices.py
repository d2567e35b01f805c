"""The choices that MPI leaves open in a run: which message a receive from any rank gets, which request is first."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Choices:
    """Follows `given`, then takes the first of each; `taken` are the numbers chosen, `among` of how many."""

    given: tuple[int, ...] = ()
    taken: list[int] = field(default_factory=list)
    among: list[int] = field(default_factory=list)

    def choose(self, number: int) -> int:
        k = len(self.taken)
        chosen = self.given[k] if k < len(self.given) else 0
        self.taken.append(chosen)
        self.among.append(number)
        return chosen

    def following(self) -> Choices | None:
        """The next run in depth-first order; None if this was the last."""
        for k in reversed(range(len(self.taken))):
            if self.taken[k] + 1 < self.among[k]:
                return Choices((*self.taken[:k], self.taken[k] + 1))
        return None
