"""The choices that MPI leaves open in a run: which message a receive from any rank gets, which request is first, which
lock.

Orders that differ only in steps that do not touch each other are tried once: what was chosen before at a place sleeps
there until a step comes that touches it (P. Godefroid: Partial-order methods for the verification of concurrent
systems, 1996, sleep sets).
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

# What may be done without another rank seeing in which order it was: calls for all ranks wait for these anyway.
_QUIET = frozenset(
    f"MPI_{name}"
    for name in (
        *("Win_lock", "Win_unlock", "Win_flush", "Win_flush_local", "Put", "Get", "Accumulate"),
        *("Fetch_and_op", "Get_accumulate", "Compare_and_swap", "Win_fence", "Win_free", "Comm_rank", "Comm_size"),
        *("Barrier", "Bcast", "Reduce", "Allreduce", "Gather", "Allgather", "Wtime", "Comm_free", "Finalize"),
    )
)
_SUMS = frozenset({"MPI_Accumulate"})
_REPLACE = "MPI_REPLACE"


class Redundant(Exception):
    """The run goes on as another one did that was tried."""


Place = tuple[int, int]  # the line of a window, and a rank


@dataclass(frozen=True)
class Touched:
    """Cells of a window that a call used, and the operation of an accumulation."""

    memory: Place
    cells: Collection[int]
    writes: bool
    call: str = ""
    operation: str = ""


@dataclass
class Step:
    """What was done from one choice to the next. `used`: cells by their memory, and whether they were changed;
    `locked`: windows and targets, `held` those that stay locked. `is_open`: something else was done, of which the order
    may tell. Memory is named by the line of its window and its owner: it is another object in each run."""

    ranks: set[int] = field(default_factory=set)
    touched: list[Touched] = field(default_factory=list)
    used: dict[tuple[Place, bool], set[int]] = field(default_factory=dict)
    locked: set[Place] = field(default_factory=set)
    held: set[Place] = field(default_factory=set)
    is_open: bool = False

    def use(self, memory: Place, cells: Collection[int], writes: bool) -> None:
        """A rank's own text uses memory of a window."""
        self.used.setdefault((memory, writes), set()).update(cells)

    def all(self) -> Iterator[Touched]:
        yield from self.touched
        for (memory, writes), cells in self.used.items():
            yield Touched(memory, cells, writes)

    def lock(self, place: Place) -> None:
        self.locked.add(place)
        self.held.add(place)

    def unlock(self, place: Place) -> None:
        """A lock of an earlier step may have kept others from going on."""
        self.is_open |= place not in self.held
        self.held.discard(place)

    def is_apart(self, other: Step) -> bool:
        """Whether the two lead to the same in either order."""
        return not (
            self.is_open
            or other.is_open
            or self.ranks & other.ranks
            or self.held & other.locked
            or self.locked & other.held
            or any(_meet(a, b) for a in self.all() for b in other.all())
        )


def _meet(a: Touched, b: Touched) -> bool:
    if a.memory != b.memory or not (a.writes or b.writes) or set(a.cells).isdisjoint(b.cells):
        return False
    sums = a.call in _SUMS and b.call in _SUMS and a.operation == b.operation != _REPLACE
    return not sums


Sleeping = Mapping[Hashable, Step]


@dataclass
class Choices:
    """Follows `given`, then takes the first of each that does not sleep; `taken` are the numbers chosen, `labels` what
    there was to choose from, `steps` what was done then. `sleeping` and `done`, by the choice: what need not be chosen
    there, and what was chosen there before."""

    given: tuple[int, ...] = ()
    sleeping: list[Sleeping] = field(default_factory=list)
    done: list[Sleeping] = field(default_factory=list)
    taken: list[int] = field(default_factory=list)
    labels: list[Sequence[Hashable]] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    _first: Step = field(default_factory=Step)

    @property
    def step(self) -> Step:
        """What is done since the last choice."""
        return self.steps[-1] if self.steps else self._first

    def called(self, name: str) -> None:
        """A rank calls an MPI function."""
        self.step.is_open |= name not in _QUIET

    def choose(self, labels: Sequence[Hashable]) -> int:
        """Raises Redundant."""
        k = len(self.taken)
        if k < len(self.given):
            chosen = self.given[k]
        else:
            asleep = self._asleep(k)
            chosen = next((i for i, label in enumerate(labels) if label not in asleep), -1)
            if chosen < 0:
                raise Redundant
            self.sleeping.append(asleep)
            self.done.append({})
        self.taken.append(chosen)
        self.labels.append(labels)
        self.steps.append(Step())
        return chosen

    def _asleep(self, k: int) -> Sleeping:
        if k == 0:
            return {}
        before = {**self.sleeping[k - 1], **self.done[k - 1]}
        return {label: step for label, step in before.items() if step.is_apart(self.steps[k - 1])}

    def following(self) -> Choices | None:
        """The next run in depth-first order; None if this was the last."""
        for k in reversed(range(len(self.taken))):
            labels, chosen = self.labels[k], self.taken[k]
            more = (i for i in range(chosen + 1, len(labels)) if labels[i] not in self.sleeping[k])
            following = next(more, None)
            if following is not None:
                done = [*self.done[:k], {**self.done[k], labels[chosen]: self.steps[k]}]
                return Choices((*self.taken[:k], following), self.sleeping[: k + 1], done)
        return None
