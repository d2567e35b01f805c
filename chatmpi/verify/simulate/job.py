"""One simulation: what is simulated, what was done and found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from chatmpi.analysis.parse import ParseOptions
from chatmpi.analysis.source import Location, Source
from chatmpi.analysis.tree import Program
from chatmpi.verify.simulate.outcome import Outcome
from chatmpi.verify.simulate.sized_programs import SizedPrograms
from chatmpi.verify.simulate.small_sizes import is_unnamed, told
from chatmpi.verify.simulate.terms import Terms
from chatmpi.verify.simulate.trials import Wanted
from chatmpi.verify.simulate.ways import Coverage
from chatmpi.verify.simulate.work import Limits, Work

_SHOWN = 4
NEEDED = frozenset({2, 3, 5})  # ranks


@dataclass(frozen=True)
class Refutation:
    """What went wrong: at which sizes, on how many ranks, where, and what every rank was doing."""

    message: str
    location: Location | None
    scope: str
    state: tuple[str, ...] = ()
    sizes: tuple[tuple[str, int], ...] = ()
    ranks: int = 0
    rank: int = -1
    expected: str = ""
    came: str = ""
    kind: str = ""


@dataclass
class RankOrders:
    """The orders of messages in which a number of ranks was run: the `most` at one size, and whether all were tried at
    `every` size; else `whole` is the size of those at which they were that has most of them, `of` how many. `line`: of
    a receive that has several."""

    most: int = 0
    every: bool = True
    whole: str = ""
    of: int = 0
    line: int = 0

    def add(self, tried: int, are_all: bool, line: int, size: str) -> None:
        self.most, self.every, self.line = max(self.most, tried), self.every and are_all, line or self.line
        if are_all and tried > max(self.of, 1):
            self.of, self.whole = tried, size

    @property
    def are_known(self) -> bool:
        """Whether all orders were tried at each size, or at one that has several."""
        return self.every or self.of > 1

    def told(self) -> str:
        if self.every:
            return f"all {self.most}"
        return f"up to {self.most}{f' (all {self.of} with {self.whole})' if self.of else ''}"


@dataclass
class Simulation:
    """`result` "holds": every run did the same; "unknown" says in `reason` why nothing can be said.

    `runs`: the sizes and the numbers of ranks; `skipped`: sizes at which the sequential program does not run cleanly;
    `left`: runs that there was no time for; `equality`: the weakest with which outputs are the same;
    `operations`: how much was done;
    `orders`: in which orders of messages each number of ranks was run;
    `refused`: runs that the candidate ended by itself, as it does not take such sizes or so many ranks, and with which
    status; `unclear`: how many runs nothing can be told of; `unreached`: lines of the candidate, from and to, that no
    run executed.
    """

    result: Literal["holds", "refuted", "unknown"] = "unknown"
    reason: str = ""
    location: Location | None = None
    refutation: Refutation | None = None
    runs: list[tuple[str, int]] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    left: int = 0
    operations: int = 0
    equality: Literal["exact", "reordered", "rounding"] = "exact"
    orders: dict[int, RankOrders] = field(default_factory=dict)
    refused: list[tuple[str, int, str]] = field(default_factory=list)
    unclear: int = 0
    unreached: tuple[tuple[int, int], ...] = ()

    def scope(self) -> str:
        """`1, 2, 3 and 5 ranks, with N=7; N=4`."""
        ranks = sorted({r for _, r in self.runs})
        sizes = list(dict.fromkeys(s for s, _ in self.runs if s))
        told = f"{', '.join(map(str, ranks[:-1]))} and {ranks[-1]} ranks" if len(ranks) > 1 else told_ranks(*ranks)
        return f"{told}{', with ' if sizes else ''}{'; '.join(sizes)}{self._order_scope()}"

    def _order_scope(self) -> str:
        """How many orders were tried where messages from any rank can come in several."""
        each = [f"{o.told()} at {r} ranks" for r, o in sorted(self.orders.items()) if o.most > 1]
        return f"; orders of messages from any rank: {', '.join(each)}" if each else ""

    def told_refused(self) -> str:
        """At which sizes and ranks the candidate ends by itself."""
        told = dict.fromkeys(
            f"{told_ranks(r)}{f', with {sizes}' if sizes else ''} (status {status})"
            for sizes, r, status in self.refused
        )
        more = f" and {len(told) - _SHOWN} more" if len(told) > _SHOWN else ""
        return f"the candidate ends by itself, before it begins, at {'; '.join([*told][:_SHOWN])}{more}"


@dataclass(frozen=True)
class Reference:
    """A sequential run that was clean; `is_extra`: of a size that is tried for a condition's sake; `time_passes`: of a
    program that waits for some time."""

    program: Program
    values: dict[str, int]
    outcome: Outcome
    terms: Terms
    size: int
    operations: int
    shuffle: int = 0
    arguments: tuple[str, ...] = ()
    is_extra: bool = False
    joined_rows: bool = False
    time_passes: bool = False

    def scope(self) -> str:
        other: tuple[str, ...] = (f"arguments {' '.join(self.arguments)}",) if self.arguments else ()
        other += ("other data",) if self.shuffle else ()
        return ", ".join((*(told(n, v) for n, v in self.values.items()), *other))

    def changes_numbers(self) -> bool:
        """Whether a number that has no name was changed."""
        return any(map(is_unnamed, self.values))


@dataclass
class Simulated:
    """What is simulated, what was done, and what is known of it; `is_slow`: steps are left out where they can be;
    `coverage`: where the candidate's runs went; `suited`: of each kind of values for a size, by its place in a trial,
    whether the values suited the program; `offered`: the sizes that it was to be run with; `kept`: sequential runs by
    size and values, of sizes that come again."""

    simulation: Simulation
    before: Program
    after: Program
    options: ParseOptions
    wanted: Wanted
    work: Work = field(default_factory=Work)
    steps: dict[str, int] = field(default_factory=dict)  # see `fewer_steps`
    is_slow: bool = False
    coverage: Coverage = field(default_factory=Coverage)
    suited: dict[int, list[bool]] = field(default_factory=dict)
    offered: set[str] = field(default_factory=set)
    kept: dict[tuple[int, tuple[tuple[str, int], ...]], Reference] = field(default_factory=dict)
    sized_before: SizedPrograms = field(init=False)
    sized_after: SizedPrograms = field(init=False)

    def __post_init__(self) -> None:
        self.sized_before = SizedPrograms(self.before, self.options)
        self.sized_after = SizedPrograms(self.after, self.options)

    def limits(self, share: int | None = None) -> Limits:
        """For all that is left to do, or for a share of it that begins now."""
        most = self.wanted.operations
        most = most if share is None else min(most, self.work.done + share)
        return Limits(self.work, most, self.wanted.joined_rows)

    def keep_sizes(self, sizes: set[int]) -> None:
        """Let go the sequential runs that are kept of other sizes."""
        self.kept = {key: reference for key, reference in self.kept.items() if key[0] in sizes}

    def is_kept(self, reference: Reference) -> bool:
        return any(kept is reference for kept in self.kept.values())

    def is_enough(self) -> bool:
        """Whether the numbers of ranks that are needed were simulated: of those that the candidate takes."""
        simulated = {r for _, r in self.simulation.runs}
        needed = frozenset(self.wanted.ranks) or NEEDED
        refused = {r for _, r, _ in self.simulation.refused} - simulated
        return simulated >= needed - refused and (not refused or max(simulated, default=0) > 1)

    def is_thin(self) -> bool:
        """Whether there was time for one size only where others were to be tried."""
        return len({s for s, _ in self.simulation.runs}) < 2 <= len(self.offered)


def told_ranks(number: int) -> str:
    return "1 rank" if number == 1 else f"{number} ranks"


def place_of(source: Source, line: int) -> Location | None:
    return Location(source.name, line, getattr(line, "column", 1)) if line else None
