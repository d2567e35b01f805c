"""Windows of one-sided communication: who accesses which part of whose memory, and which accesses conflict.

An access takes effect when it is called; a correct program cannot tell, as what it may observe earlier is a conflict:
two accesses that overlap, of which one writes, with nothing between them that orders them (MPI 3.1, section 11.7).
What orders them: a fence, the end of an exposure, an exclusive lock, or a collective call of all ranks of the window
that comes after the first access is complete.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from chatmpi.verify.simulate.access import put
from chatmpi.verify.simulate.communicators import Call, Communicator
from chatmpi.verify.simulate.errors import Fault, Kind, Unsupported
from chatmpi.verify.simulate.guards import Guarded, Hold, guard, release
from chatmpi.verify.simulate.values import Handle, Object, Pointer

LOADS, STORES = "read", "changed"
SHARED, EXCLUSIVE = "shared", "exclusive"


@dataclass(frozen=True)
class Exposed:
    """What a rank lets others access: `size` bytes from a pointer on, counted in units."""

    base: Pointer
    size: int
    unit: int


@dataclass
class Access:
    """An access of `origin` (a rank of the window) to cells of a target: by the MPI function `call`, or by the target's
    own text (`call` is then LOADS or STORES). `operation` is set for atomic ones; `complete` once the origin may rely
    on it; `phase` counts the collective calls before it; `lock` is SHARED or EXCLUSIVE if it is under one."""

    origin: int
    target: int
    cells: Collection[int]
    call: str
    writes: bool
    line: int
    phase: int
    operation: Handle | None = None
    lock: str = ""
    complete: bool = False

    @property
    def is_local(self) -> bool:
        return self.call in (LOADS, STORES)

    def told(self) -> str:
        return f"{self.call} by its own rank" if self.is_local else f"used by {self.call} of rank {self.origin}"


@dataclass
class Epochs:
    """What one rank has opened: by a fence; its locks by target (which kind, and the line); `started` towards the
    ranks of a group, `posted` to those who have not completed yet. `holds`: buffers of its own that accesses use,
    with the target."""

    fence: int = 0
    locks: dict[int, tuple[str, int]] = field(default_factory=dict)
    lock_all: int = 0
    started: tuple[int, ...] = ()
    start_line: int = 0
    posted: set[int] = field(default_factory=set)
    post_line: int = 0
    holds: list[tuple[int, Hold]] = field(default_factory=list)

    def reaches(self, target: int) -> bool:
        return bool(self.fence or self.lock_all or target in self.locks or target in self.started)

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

    `now` tells how many messages and collectives have come to pass, `matches` how many when the phase began.
    """

    __slots__ = ("accesses", "comm", "epochs", "exposed", "freed", "gone", "line", "matches", "now", "phase", "watches")

    def __init__(self, comm: Communicator, line: int) -> None:
        super().__init__(f"the window of line {line}")
        self.comm, self.line = comm, line
        self.exposed: dict[int, Exposed] = {}
        self.epochs = [Epochs() for _ in comm.members]
        self.accesses: list[Access] = []
        self.watches: list[Watch] = []
        self.phase, self.matches = 0, 0
        self.now: Callable[[], int] = lambda: 0
        self.freed: set[int] = set()
        self.gone: set[int] = set()

    def note(self, access: Access) -> None:
        """Add an access; raises Fault if it conflicts with one before it."""
        for other in self.accesses:
            if other.target == access.target and self._conflict(other, access) and _meet(other.cells, access.cells):
                if other.phase == access.phase and self.matches != self.now() and other.complete:
                    raise Unsupported("one-sided accesses that messages put in order")
                first, second = (other, access) if access.is_local else (access, other)
                name = self.exposed[access.target].base[0].name
                message = (
                    f"memory {f'of {name!r} ' if name else ''}in the window of rank {access.target} is "
                    f"{first.told()}, and at the same time {second.told()}"
                )
                lines = tuple(line for line in (second.line,) if line)
                raise Fault(message, first.line, kind=Kind.DATA_RACE, others=lines)
        self.accesses.append(access)

    def _conflict(self, a: Access, b: Access) -> bool:
        if not (a.writes or b.writes) or (a.is_local and b.is_local):
            return False
        if a.operation is not None and a.operation is b.operation:
            return False
        if a.origin == b.origin:
            return not a.complete
        in_turn = a.lock and b.lock and EXCLUSIVE in (a.lock, b.lock)
        return a.phase == b.phase and not in_turn

    def new_phase(self) -> None:
        """A collective call of all ranks has come to pass: what is complete is before what follows."""
        self.phase, self.matches = self.phase + 1, self.now()
        self.accesses = [a for a in self.accesses if not a.complete]
        for a in self.accesses:
            a.phase = self.phase

    def complete(self, origin: int, target: int | None = None) -> None:
        for a in self.accesses:
            if a.origin == origin and not a.is_local and target in (None, a.target):
                a.complete = True
        self.epochs[origin].let_go(target)

    def forget(self, target: int | None = None) -> None:
        """What comes after is after all accesses to a target so far."""
        self.accesses = [a for a in self.accesses if target is not None and a.target != target]

    def forget_own(self, target: int) -> None:
        """What the target itself did is before what others will do."""
        self.accesses = [a for a in self.accesses if not (a.is_local and a.target == target)]

    def watch(self, rank: int) -> None:
        target = self.exposed[rank].base[0]
        if self.exposed[rank].size > 0 and target.state == "live":
            made = Watch(target, range(0), True, "the window", self.line, self, rank)
            self.watches.append(made)
            guard(made)

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

    def sees(self, key: Any, writes: bool) -> None:
        target = self.target
        lock = self.window.epochs[self.rank].lock_of(self.rank)
        if target.layout is None or lock == EXCLUSIVE:
            return
        keys: Sequence[int] = range(*key.indices(len(target))) if isinstance(key, slice) else (key,)
        call, window = STORES if writes else LOADS, self.window
        if any(
            a.call == call and a.target == self.rank and a.lock == lock and _all_in(keys, a.cells)
            for a in window.accesses
        ):
            return
        window.note(Access(self.rank, self.rank, set(keys), call, writes, 0, window.phase, lock=lock, complete=True))

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
    "MPI_Win_free": _fence,
}
