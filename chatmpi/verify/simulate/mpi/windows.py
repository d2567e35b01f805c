"""Windows of one-sided communication: who accesses which part of whose memory, and which accesses conflict.

An access takes effect when it is called; a correct program cannot tell, as what it may observe earlier is a conflict:
two accesses that overlap, of which one writes, with nothing between them that orders them (MPI 3.1, section 11.7).
What orders them: a fence, the end of an exposure, an exclusive lock, or messages and collective calls that come after
the first access is complete.
"""

from __future__ import annotations

import bisect
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from chatmpi.verify.simulate.choices import Choices, Place
from chatmpi.verify.simulate.errors import Fault, Kind, Unsupported
from chatmpi.verify.simulate.memory import allocated, typed
from chatmpi.verify.simulate.mpi.access import put
from chatmpi.verify.simulate.mpi.clocks import Clock, Clocks
from chatmpi.verify.simulate.mpi.communicators import Call, Communicator
from chatmpi.verify.simulate.mpi.guards import Guarded, Hold, guard, release
from chatmpi.verify.simulate.values import NULL, Handle, Object, Pointer

LOADS, STORES = "read", "changed"
SHARED, EXCLUSIVE = "shared", "exclusive"
_DYNAMIC, _SHARED_MEMORY = 3, 4  # as headers/mpi/mpi.h numbers the flavors


@dataclass(frozen=True)
class Exposed:
    """What a rank lets others access: `size` bytes from a pointer on, counted in units."""

    base: Pointer
    size: int
    unit: int


@dataclass(frozen=True)
class Attached:
    """Memory that is attached to a window, and the address by which others name it."""

    exposed: Exposed
    address: int


@dataclass
class Access:
    """An access of `origin` (a rank of the window) to cells of a target: by the MPI function `call`, or by the target's
    own text (`call` is then LOADS or STORES). `operation` is set for atomic ones; `complete` once the origin may rely
    on it, from its event `stamp` on; `lock` is SHARED or EXCLUSIVE if it is under one."""

    origin: int
    target: int
    memory: Object
    cells: Collection[int]
    call: str
    writes: bool
    line: int
    stamp: int = 0
    operation: Handle | None = None
    lock: str = ""
    complete: bool = False

    @property
    def is_local(self) -> bool:
        return self.call in (LOADS, STORES)

    def told(self) -> str:
        if self.is_local:
            return f"{self.call} by {'its own rank' if self.origin == self.target else f'rank {self.origin}'}"
        return f"used by {self.call} of rank {self.origin}"


@dataclass
class Epochs:
    """What one rank has opened: by a fence; its locks by target (which kind, and the line); `started` towards the
    ranks of a group, `posted` to those who have not completed yet; `told`: what the ranks of an exposure tell of
    themselves, `tells` what its own rank does. `passed`: the line of a fence that nothing was accessed after until
    another epoch was opened; `within`: of what opened that, once memory was accessed in it. `holds`: buffers of its own
    that accesses use, with the target."""

    fence: int = 0
    locks: dict[int, tuple[str, int]] = field(default_factory=dict)
    lock_all: int = 0
    started: tuple[int, ...] = ()
    start_line: int = 0
    posted: set[int] = field(default_factory=set)
    post_line: int = 0
    tells: Clock | None = None
    told: list[Clock] = field(default_factory=list)
    passed: int = 0
    within: int = 0
    holds: list[tuple[int, Hold]] = field(default_factory=list)

    def reaches(self, target: int) -> bool:
        return bool(self.fence or self.lock_all or target in self.locks or target in self.started)

    def accessed(self, target: int) -> None:
        """Memory of a target is accessed."""
        if self.passed and not self.within:
            self.within = self.locks[target][1] if target in self.locks else self.lock_all or self.start_line

    def lock_of(self, target: int) -> str:
        """The lock that it has of a target."""
        return self.locks[target][0] if target in self.locks else SHARED if self.lock_all else ""

    def let_go(self, target: int | None = None) -> None:
        """The accesses to a target, or to all, are complete."""
        for at, held in self.holds:
            if target in (None, at):
                release(held)
        self.holds = [(at, held) for at, held in self.holds if target not in (None, at)]


class Window(Handle):
    """A window over the ranks of `comm`, which is its own. `exposed` and `epochs` by rank; `freed`: by which ranks;
    `gone`: the ranks that freed its memory.

    `clocks` tell what happened before what, `choices` what is done since the last one; `attached` is set for a window
    to which memory is attached later, by rank; `shared` for memory that all ranks may access themselves: who does, and
    whose part it is, by the cell.
    """

    __slots__ = (
        *("accesses", "attached", "choices", "clocks", "comm", "epochs", "exposed", "flavor", "freed", "gone"),
        *("line", "shared", "watches"),
    )

    def __init__(self, comm: Communicator, line: int) -> None:
        super().__init__(f"the window of line {line}")
        self.comm, self.line, self.flavor = comm, line, 1
        self.exposed: dict[int, Exposed] = {}
        self.epochs = [Epochs() for _ in comm.members]
        self.accesses: list[Access] = []
        self.watches: list[Watch] = []
        self.clocks, self.choices = Clocks(0), Choices()
        self.attached: dict[int, list[Attached]] | None = None
        self.shared: Callable[[Any], tuple[int, int]] | None = None
        self.freed: set[int] = set()
        self.gone: set[int] = set()

    def note(self, access: Access) -> None:
        """Add an access; raises Fault if it conflicts with one before it."""
        for other in self.accesses:
            if other.memory is access.memory and self._conflict(other, access) and _meet(other.cells, access.cells):
                first, second = (other, access) if access.is_local else (access, other)
                name = access.memory.name
                message = (
                    f"memory {f'of {name!r} ' if name else ''}in the window of rank {access.target} is "
                    f"{first.told()}, and at the same time {second.told()}"
                )
                lines = tuple(line for line in (second.line,) if line)
                raise Fault(message, first.line, kind=Kind.DATA_RACE, others=lines)
        self.accesses.append(access)

    def _conflict(self, a: Access, b: Access) -> bool:
        if not (a.writes or b.writes):
            return False
        if a.operation is not None and a.operation is b.operation:
            return False
        if a.origin == b.origin:
            return not a.complete
        if a.lock and b.lock and EXCLUSIVE in (a.lock, b.lock):
            return False
        first, then = (self.comm.members[r] for r in (a.origin, b.origin))
        return not (a.complete and self.clocks.knows(then, first, a.stamp))

    def place(self, rank: int) -> Place:
        """What a rank's part is called, in all runs alike."""
        return int(self.line), self.comm.members[rank]

    def new_phase(self) -> None:
        """All ranks wait for each other: what is complete is before what follows."""
        self.accesses = [a for a in self.accesses if not a.complete]

    def complete(self, origin: int, target: int | None = None) -> None:
        for a in self.accesses:
            if a.origin == origin and not a.complete and target in (None, a.target):
                a.complete, a.stamp = True, self.clocks.stamp(self.comm.members[origin])
        self.epochs[origin].let_go(target)

    def forget(self, target: int | None = None) -> None:
        """What comes after is after all accesses to a target so far."""
        self.accesses = [a for a in self.accesses if target is not None and a.target != target]

    def forget_own(self, target: int) -> None:
        """What the target itself did is before what others will do."""
        self.accesses = [a for a in self.accesses if not (a.is_local and a.target == target)]

    def watch(self, rank: int, exposed: Exposed | None = None) -> None:
        exposed = exposed or self.exposed[rank]
        target = exposed.base[0]
        if exposed.size > 0 and target.state == "live":
            made = Watch(target, range(0), True, "the window", self.line, self, rank)
            self.watches.append(made)
            guard(made)

    def unwatch(self, target: Object) -> None:
        for made in [w for w in self.watches if w.target is target][:1]:
            release(made)
            self.watches.remove(made)

    def close(self) -> None:
        for made in self.watches:
            release(made)
        self.watches = []


def _all_in(keys: Sequence[int], cells: Collection[int]) -> bool:
    return all(k in cells for k in keys)


def _meet(a: Collection[int], b: Collection[int]) -> bool:
    return not set(a).isdisjoint(b)


@dataclass(frozen=True, eq=False)
class Watch(Hold):
    """Sees how the owner of a window uses its memory."""

    window: Window
    rank: int

    def sees(self, key: Any, writes: bool, _value: Any = None) -> None:
        target = self.target
        window = self.window
        me, owner = (self.rank, self.rank) if window.shared is None else window.shared(key)
        lock = window.epochs[me].lock_of(owner)
        keys: Sequence[int] = range(*key.indices(len(target))) if isinstance(key, slice) else (key,)
        window.choices.step.use(window.place(owner), keys, writes)
        window.choices.step.is_open |= window.shared is not None
        if target.layout is None or lock == EXCLUSIVE:
            return
        call = STORES if writes else LOADS
        stamp = window.clocks.stamp(window.comm.members[me])
        if any(
            a.call == call
            and (a.origin, a.memory, a.lock, a.stamp) == (me, target, lock, stamp)
            and _all_in(keys, a.cells)
            for a in window.accesses
        ):
            return
        window.note(Access(me, owner, target, set(keys), call, writes, 0, stamp, lock=lock, complete=True))

    def touches(self, key: Any) -> bool:
        return False

    def freed(self) -> None:
        """It is told at MPI_Win_free: a window that is never freed is another fault."""
        release(self)
        self.window.watches.remove(self)
        self.window.gone.add(self.rank)


@contextmanager
def unseen(target: Object) -> Iterator[None]:
    """MPI stores into the memory of a window."""
    watches = [h for h in target.holds if isinstance(h, Watch)] if isinstance(target, Guarded) else []
    for held in watches:
        release(held)
    try:
        yield
    finally:
        for held in watches:
            guard(held)


def make_shared(calls: Sequence[Call]) -> None:
    """One memory whose parts follow each other; the arguments are the size and the unit of each part, what it consists
    of, where the rank's pointer goes, where the window goes, and who is running."""
    first = calls[0]
    made = Window(Communicator(f"the window of line {first.line}", first.comm.members, first.line), first.line)
    made.flavor = _SHARED_MEMORY
    layout = first.arguments[2]
    whole, begins = allocated(sum(c.arguments[0] for c in calls), True), [0]
    if layout is not None:
        whole = typed(whole, layout)
    for call in calls:
        size, unit, _, base, place, _ = call.arguments
        if layout is None or size % layout.size:
            raise Unsupported("shared memory of this kind", call.line)
        cells = size // layout.size * len(layout.kinds)
        made.exposed[call.rank] = Exposed((whole[0], begins[-1]), size, unit)
        put(base, (whole[0], begins[-1]))
        begins.append(begins[-1] + cells)
        put(place, made)
    members, running = made.comm.members, first.arguments[5]

    def who(key: Any) -> tuple[int, int]:
        cell = key.start if isinstance(key, slice) else key
        return members.index(running()), max(bisect.bisect_right(begins, cell or 0) - 1, 0)

    made.shared = who
    if whole[0]:
        made.watch(0, Exposed(whole, 1, 1))


def make_dynamic(calls: Sequence[Call]) -> None:
    first = calls[0]
    made = Window(Communicator(f"the window of line {first.line}", first.comm.members, first.line), first.line)
    made.flavor, made.attached = _DYNAMIC, {c.rank: [] for c in calls}
    for call in calls:
        made.exposed[call.rank] = Exposed(NULL, 0, 1)
        put(call.arguments[0], made)


def make_windows(calls: Sequence[Call]) -> None:
    """What MPI_Win_create and MPI_Win_allocate do; the arguments are what each rank exposes, and where the window
    goes."""
    first = calls[0]
    inner = Communicator(f"the window of line {first.line}", first.comm.members, first.line)
    made = Window(inner, first.line)
    for call in calls:
        exposed, place = call.arguments
        made.exposed[call.rank] = exposed
        put(place, made)
    for call in calls:
        made.watch(call.rank)


def _fence(calls: Sequence[Call]) -> None:
    calls[0].arguments[0].forget()


WINDOW_ACTIONS: dict[str, Callable[[Sequence[Call]], None]] = {
    **{"MPI_Win_create": make_windows, "MPI_Win_allocate": make_windows, "MPI_Win_fence": _fence},
    **{"MPI_Win_create_dynamic": make_dynamic, "MPI_Win_allocate_shared": make_shared, "MPI_Win_free": _fence},
}
