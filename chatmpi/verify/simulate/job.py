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
class Simulation:
    """`result` "holds": every run did the same; "unknown" says in `reason` why nothing can be said.

    `runs`: the sizes and the numbers of ranks; `skipped`: sizes at which the sequential program does not run cleanly;
    `left`: runs that there was no time for; `equality`: the weakest with which outputs are the same;
    `operations`: how much was done;
    `orders`: at how many orders of messages each number of ranks was run, and whether these are all;
    `unreached`: lines of the candidate, from and to, that no run executed.
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
    orders: dict[int, tuple[int, bool]] = field(default_factory=dict)
    unreached: tuple[tuple[int, int], ...] = ()

    def scope(self) -> str:
        """`1, 2, 3 and 5 ranks, with N=7; N=4`."""
        ranks = sorted({r for _, r in self.runs})
        sizes = list(dict.fromkeys(s for s, _ in self.runs if s))
        told = f"{', '.join(map(str, ranks[:-1]))} and {ranks[-1]} ranks" if len(ranks) > 1 else told_ranks(*ranks)
        return f"{told}{', with ' if sizes else ''}{'; '.join(sizes)}{self._order_scope()}"

    def _order_scope(self) -> str:
        """How many orders were tried where messages from any rank can come in several."""
        if not any(n > 1 for n, _ in self.orders.values()):
            return ""
        each = [
            f"{'all' if every else 'up to'} {n} at {r} ranks" for r, (n, every) in sorted(self.orders.items()) if n > 1
        ]
        return f"; orders of messages from any rank: {', '.join(each)}"


@dataclass(frozen=True)
class Reference:
    """A sequential run that was clean; `is_extra`: of a size that is tried for a condition's sake."""

    program: Program
    values: dict[str, int]
    outcome: Outcome
    terms: Terms
    size: int
    operations: int
    shuffle: int = 0
    arguments: tuple[str, ...] = ()
    is_extra: bool = False

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
        return Limits(self.work, most if share is None else min(most, self.work.done + share))

    def keep_sizes(self, sizes: set[int]) -> None:
        """Let go the sequential runs that are kept of other sizes."""
        self.kept = {key: reference for key, reference in self.kept.items() if key[0] in sizes}

    def is_kept(self, reference: Reference) -> bool:
        return any(kept is reference for kept in self.kept.values())

    def is_enough(self) -> bool:
        """Whether the numbers of ranks that are needed were simulated."""
        return {r for _, r in self.simulation.runs} >= (frozenset(self.wanted.ranks) or NEEDED)

    def is_thin(self) -> bool:
        """Whether there was time for one size only where others were to be tried."""
        return len({s for s, _ in self.simulation.runs}) < 2 <= len(self.offered)


def told_ranks(number: int) -> str:
    return "1 rank" if number == 1 else f"{number} ranks"


def place_of(source: Source, line: int) -> Location | None:
    return Location(source.name, line, getattr(line, "column", 1)) if line else None
