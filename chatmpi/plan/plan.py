"""The decomposition of a program as data: what is divided how, what is communicated where and why.

Sizes and rows are C expressions in the program's own names, as text. Statements are named by their number in
the tree (`tree.Stmt.id`) and, for people, by their place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

PLAN_VERSION = 1


@dataclass(frozen=True, slots=True)
class Place:
    """A statement of the sequential program; `line` and `column` are for people."""

    statement: int
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Halo:
    """Copies of neighbouring rows that a rank keeps: how many below its first row, how many past its last."""

    lower: int = 0
    upper: int = 0

    @property
    def width(self) -> int:
        return max(self.lower, self.upper)

    def union(self, other: Halo) -> Halo:
        return Halo(max(self.lower, other.lower), max(self.upper, other.upper))

    def covers(self, other: Halo) -> bool:
        return self.lower >= other.lower and self.upper >= other.upper


@dataclass(frozen=True, slots=True)
class Partition:
    """How one index range `0 <= i < extent` is dealt to the ranks; arrays aligned with it share it.

    Blocks are contiguous; those of kind "block" differ by at most one element, those of kind "balanced" take equal
    work, where row i takes `work[0] + work[1]*i + …`. `halo` is the widest that any array needs: it fixes
    the offset between local and global indices, and no rank owns a block narrower than it (`min_block`).

    `requires` are conditions on other sizes under which the analysis holds: where one fails, the first rank owns
    everything. `periodic`: the first rows are the neighbours of the last, so halos go round in a ring. `used`: how many
    of the first rows are dealt out, where loops run through no more; the last rank has the rest too.
    """

    name: str
    extent: str
    halo: Halo
    min_block: int
    requires: tuple[str, ...] = ()
    kind: Literal["block", "balanced", "cyclic"] = "block"
    work: tuple[str, ...] = ()
    periodic: bool = False
    used: str = ""


@dataclass(frozen=True, slots=True)
class Dimension:
    """One dimension of an array: its extent, and the partition that divides it (None: every rank holds it all)."""

    extent: str
    partition: str | None = None


@dataclass(frozen=True, slots=True)
class ArrayPlan:
    """`words_per_rank` is an expression in the sizes and in `ranks`; `global_words` the sequential size; `family`
    says in the words of the field how it is decomposed."""

    name: str
    uid: int
    place: Place
    element: str
    dimensions: tuple[Dimension, ...]
    halo: Halo
    global_words: str
    words_per_rank: str
    reason: str
    family: str = ""
    bytes_per_rank: int = 0
    bytes_in_all: int = 0

    @property
    def partition(self) -> str | None:
        """The partition of the divided dimension, None for a replicated array."""
        return next((d.partition for d in self.dimensions if d.partition), None)


@dataclass(frozen=True, slots=True)
class Dependence:
    """Why iterations cannot be separated: `source` and `target` iterations are witnesses, `""` if none is known."""

    variable: str
    kind: str  # "flow", "anti", "output", "call", "control", "unknown"
    text: str
    place: Place
    source: str = ""
    target: str = ""


@dataclass(frozen=True, slots=True)
class Reduction:
    """`operation` is MPI's name without the prefix: SUM, MAXLOC, LOR, ..., or LAST, where the last iteration that sets
    the variable decides; `words`: how many elements of an array are combined, "1" for a scalar."""

    variable: str
    uid: int
    operation: str
    element: str
    words: str = "1"


Treatment = Literal["distributed", "guarded", "replicated", "control", "printed"]


@dataclass(frozen=True, slots=True)
class LoopPlan:
    """What becomes of one loop.

    distributed: a rank runs the iterations i with `begin <= i + shift < end` of `partition` (scaled by `scale`
    where one iteration is one word of a row); `partition` None: the loop's own range is dealt out, in equal
    blocks, in blocks of equal work (`work`, as for partitions, counted from the range's least value), or in many
    `chunks`, round robin.
    `split`: the iteration that changes a row which all iterations read; it runs behind those before it and before those
    behind it.
    guarded: every rank runs all iterations, and each write is done by the row's owner alone.
    replicated: every rank runs all of it. control: it runs whole, and loops inside it are distributed.
    printed: rank 0 runs it alone, on the rows of one block of `partition` after the other (iteration i belongs to row
    i + shift, scaled by `scale`); `partition` None: on whole arrays gathered for it.
    `own`: it runs over entries that a rank has appended itself, all of them.
    `family`: the workload that it belongs to, for people. `dependence` is the first of those that stop it, `others` the
    rest.
    """

    place: Place
    variable: str
    pattern: str
    treatment: Treatment
    partition: str | None
    shift: int
    scale: str
    reductions: tuple[Reduction, ...]
    reason: str
    dependence: Dependence | None = None
    work: tuple[str, ...] = ()
    chunks: bool = False
    split: str = ""
    family: str = ""
    others: tuple[Dependence, ...] = ()
    own: bool = False


@dataclass(frozen=True, slots=True)
class GuardPlan:
    """A statement that only the owner of `row` of `partition` executes; `around`: the loop before which it is found
    out who that is."""

    place: Place
    partition: str
    row: str
    around: Place | None = None


@dataclass(frozen=True, slots=True)
class KeptPlan:
    """A call reads into `element` on every rank, and the owner of `row` of `partition` keeps what it read."""

    place: Place
    partition: str
    row: str
    element: str


TURNING = "TURNING"  # a row broadcast is repeated once the loop has changed the row

Kind = Literal[
    "halo",
    "allreduce",
    "reduce",
    "reduce_scatter",
    "locate",
    "last",
    "exit",
    "scan",
    "allgather",
    "broadcast",
    "row_broadcast",
    "column_gather",
    "collect",
    "visit",
]


@dataclass(frozen=True, slots=True)
class Communication:
    """One exchange. It starts before or after the statement `start` and is complete at `finish`.

    halo: `lower`/`upper` rows of array `subject` come from the neighbours. allreduce, reduce (to rank 0): scalar
    `subject` with `operation`, or array `subject`, of which every rank has a copy (or its one element `element`).
    reduce_scatter: what the ranks have added to divided array `subject`, in whole arrays of their own, by `operation`;
    each gets the sums of its rows.
    locate: scalar `subject` with `operation` MAXLOC or MINLOC, and what the rank that has it keeps in the variables of
    `element`. last: the variables `element`, from the rank with the last iteration that sets them. exit: whether
    some rank leaves the loop that counts `subject`, as all then do (`element`). scan: what the
    running value `subject` comes to in the blocks before a rank's own is combined with what the rank keeps in the
    arrays `element`. allgather: after a loop, the rows of replicated array `subject` that it wrote; before a
    statement, a whole copy of distributed array `subject`, which the statement reads instead.
    broadcast: the element of `subject` at `element` (the text of the access), from its owner; before a loop, for all
    its iterations. row_broadcast: the row `element` of `subject`, from its owner, for all reads of it in the loop
    `start` (with `operation` TURNING: before the loop, and again behind the iteration that changes the row).
    column_gather: the column `element` of `subject`, of which every rank has a part, for all reads of it in the loop
    `start`.
    collect: all rows of `subject` go to rank 0 for the printed loop `start`.
    visit: the blocks of `subject` come to every rank in turn, and the loop `start` runs once for each.
    `words` is sent per rank and time, `times` says how often. `elements`: what a rank needs and does not own, or what
    is combined, as sets for people, for ranks in the middle.
    """

    kind: Kind
    subject: str
    uid: int
    start: Place
    finish: Place
    when: Literal["before", "after"]
    partition: str | None
    halo: Halo
    operation: str
    element: str
    words: str
    times: str
    reason: str
    elements: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Alternative:
    """A choice that was weighed: its cost by the model in seconds at nominal sizes, None if it is not possible."""

    subject: str
    choice: str
    cost: float | None
    reason: str


@dataclass(frozen=True, slots=True)
class Memory:
    """The bytes that one rank holds: of all arrays, and in copies of what others own; `basis` says at which sizes."""

    total: int
    copies: int
    basis: str


@dataclass(frozen=True, slots=True)
class Undivided:
    """The share of all work, by the model at nominal sizes, that every rank does whole, and the loops that most of it
    is in, with the reasons."""

    share: float
    loops: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole decision. `outputs` are the statements that only rank 0 executes; `notes` say what a reader of
    the result should know (floating-point reductions, constants built into halos). `opens`: the statements that open
    files which rank 0 alone writes; `inputs`: those that read standard input, on rank 0, which tells the others;
    `input_shared`: every call that reads it is made by rank 0.
    `agreed`: functions whose value differs by rank, of which all ranks take rank 0's; `answered`: functions that rank 0
    alone calls, to write, and whose value all ranks take."""

    program: str
    partitions: tuple[Partition, ...]
    arrays: tuple[ArrayPlan, ...]
    loops: tuple[LoopPlan, ...]
    guards: tuple[GuardPlan, ...]
    communications: tuple[Communication, ...]
    outputs: tuple[Place, ...]
    cost: float
    alternatives: tuple[Alternative, ...]
    notes: tuple[str, ...] = ()
    opens: tuple[Place, ...] = ()
    inputs: tuple[Place, ...] = ()
    plain: bool = False
    obstacle: str = ""
    memory: Memory | None = None
    kept: tuple[KeptPlan, ...] = ()
    input_shared: bool = False
    agreed: tuple[str, ...] = ()
    answered: tuple[str, ...] = ()
    undivided: Undivided | None = None
    version: int = PLAN_VERSION

    def partition(self, name: str) -> Partition:
        return next(p for p in self.partitions if p.name == name)

    @property
    def is_distributed(self) -> bool:
        return any(loop.treatment == "distributed" for loop in self.loops)


def counted(plan: Plan) -> str:
    """`2 of 4 loops and 2 of 2 arrays`: what is distributed."""
    loops = [loop for loop in plan.loops if loop.treatment == "distributed"]
    arrays = [array for array in plan.arrays if array.partition]
    return f"{len(loops)} of {len(plan.loops)} loops and {len(arrays)} of {len(plan.arrays)} arrays"
