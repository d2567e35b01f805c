"""All ranks of a program side by side, each a coroutine that hands its MPI calls over.

The order in which ranks run is fixed; sends are synchronous. Where no rank can go on, one of the choices that MPI
leaves open is made; then those who only ask go on; else the program is deadlocked.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Hashable
from typing import Any

from chatmpi.verify.simulate.as_python.compiled import Compiled
from chatmpi.verify.simulate.disk import Disk
from chatmpi.verify.simulate.errors import Abort, Exit, Fault, Kind, Unsupported
from chatmpi.verify.simulate.mpi.calls.table import carry_out_call
from chatmpi.verify.simulate.mpi.deadlock import deadlock
from chatmpi.verify.simulate.mpi.world import Rank, Waiting, World, self_communicator
from chatmpi.verify.simulate.outcome import Outcome, explained, line_of, started
from chatmpi.verify.simulate.process import Process
from chatmpi.verify.simulate.work import OF_A_CALL, OF_A_START

_POLLS = 2000  # of all ranks, while nothing happens
# What a program may do before it says that it does not take so many ranks, or such sizes.
_BEFORE_WORK = frozenset(
    f"MPI_{name}"
    for name in (
        *("Init", "Init_thread", "Initialized", "Finalize", "Abort", "Comm_rank", "Comm_size", "Get_processor_name"),
        *("Comm_set_errhandler", "Comm_dup", "Comm_split", "Comm_free", "Bcast", "Barrier", "Wtime", "Dims_create"),
        *("Cart_create", "Cart_coords", "Cart_rank", "Cart_shift", "Cart_get", "Type_commit", "Type_free"),
        *("Type_contiguous", "Type_vector", "Type_create_struct", "Type_create_resized", "Get_address"),
    )
)


def run_together(compiled: Compiled, processes: list[Process], world: World) -> list[Outcome]:
    """Run one program at as many ranks as there are processes. Raises Fault, Unsupported, OutOfBudget."""
    disk = Disk(world.clocks)
    for number, process in enumerate(processes):
        process.disk, process.rank = disk, number
        world.ranks.append(Rank(number, process))
    try:
        for rank in world.ranks:
            with explained(compiled):
                _start(compiled, rank, world)
        _run(compiled, world)
    except Abort as aborted:
        return [_outcome(r, aborted.status, not world.is_at_work) for r in world.ranks]
    unreceived = [m for m in world.mailboxes.pending if m.is_send]
    if unreceived:
        first = unreceived[0]
        message = f"the message of {first.call} {first.about()} is never received"
        raise Fault(message, first.line, first.owner, kind=Kind.CALL_MATCHING)
    _keep_files(world)
    refuses = not world.is_at_work and all(r.status for r in world.ranks)
    return [_outcome(r, r.status or 0, refuses) for r in world.ranks]


def run_on(compiled: Compiled, world: World, failed: int) -> None:
    """Run the ranks beside one that failed until they are blocked, or fail too."""
    left = [r for r in world.ranks if r.number != failed]
    for rank in itertools.chain(left, left):  # some wait for what others send then
        if not rank.is_over and (rank.waiting is None or rank.waiting.ready()):
            with contextlib.suppress(Fault, Unsupported, Abort):
                _go_on(compiled, rank, world)


def _keep_files(world: World) -> None:
    """What all ranks wrote into a file together counts as written by the first."""
    for content in world.files.values():
        if content.cells:
            world.ranks[0].process.written[content.name] = content.items()


def _outcome(rank: Rank, status: int, refuses: bool) -> Outcome:
    return Outcome(rank.process.output, rank.process.written, status, tuple(rank.process.kept()), refuses)


def _start(compiled: Compiled, rank: Rank, world: World) -> None:
    if not compiled.is_coroutine:
        raise Fault("the program calls no MPI function", kind=Kind.CALL_MATCHING)
    own = {"X_MPI_COMM_SELF": self_communicator(rank.number)}
    rank.process.limits.spend(OF_A_START)
    rank.coroutine = started(compiled, rank.process, {**world.names, **own})


def _run(compiled: Compiled, world: World) -> None:
    while True:
        going = True
        while going:
            going = False
            for rank in world.ranks:
                if not rank.is_over and (rank.waiting is None or rank.waiting.ready()):
                    going = True
                    _go_on(compiled, rank, world)
        if all(r.is_over for r in world.ranks):
            return
        if not _choose(compiled, world) and not _poll(compiled, world):
            raise deadlock(world)


def _choose(compiled: Compiled, world: World) -> bool:
    """Make one of the choices that are open; false if there is none."""
    pairs = world.mailboxes.choices()
    asking = [(r, r.waiting, r.waiting.options()) for r in world.ranks if r.waiting is not None and r.waiting.options]
    total = len(pairs) + sum(n for _, _, n in asking)
    if total == 0:
        return False
    if total > 1:
        world.wild += [receive.line for _, receive in pairs]
        world.wild += [r.line for r, waiting, n in asking if n > 1 and waiting.probe is not None]
    labels: list[Hashable] = [(receive.owner, receive.serial, send.owner) for send, receive in pairs]
    labels += [(rank.number, k) for rank, _, number in asking for k in range(number)]
    chosen = world.choices.choose(labels)
    world.polls = 0
    if chosen < len(pairs):
        world.choices.step.is_open = True
        world.mailboxes.choose(*pairs[chosen])
        return True
    chosen -= len(pairs)
    for rank, waiting, number in asking:
        if chosen < number:
            assert waiting.take is not None
            world.choices.step.is_open |= number > 1
            waiting.take(chosen)
            _go_on(compiled, rank, world)
            return True
        chosen -= number
    return False


def _poll(compiled: Compiled, world: World) -> bool:
    """Those who ask whether something is done are told that it is not; false if nobody asks."""
    asking = [r for r in world.ranks if r.waiting is not None and r.waiting.poll is not None]
    if not asking:
        return False
    before, world.choices.step.is_open = world.mailboxes.matches, True
    for rank in asking:
        assert rank.waiting is not None
        assert rank.waiting.poll is not None
        rank.waiting.finish = rank.waiting.poll
        _go_on(compiled, rank, world)
    world.polls = 0 if world.mailboxes.matches > before else world.polls + 1
    if world.polls * len(asking) > _POLLS:
        raise deadlock(world)
    return True


def _go_on(compiled: Compiled, rank: Rank, world: World) -> None:
    """Run a rank until it is blocked again or over."""
    world.running = rank.number
    world.choices.step.ranks.add(rank.number)
    with _at(rank), explained(compiled):
        result = None
        if rank.waiting is not None:
            result = rank.waiting.finish()
            rank.waiting = None
        _advance(compiled, rank, world, result)


class _at:
    """A fault inside belongs to this rank, and to the call it is in where nothing else is known."""

    def __init__(self, rank: Rank) -> None:
        self._rank = rank

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, Fault | Unsupported):
            error.line = error.line or self._rank.line
        if isinstance(error, Fault) and error.rank < 0:
            error.rank = self._rank.number


def _advance(compiled: Compiled, rank: Rank, world: World, result: Any) -> None:
    coroutine = rank.coroutine
    assert coroutine is not None
    while True:
        try:
            name, rank.line, arguments = coroutine.send(result)
        except StopIteration as end:
            _end(rank, int(end.value) % 256)
            return
        except Abort:
            raise
        except Exit as left:
            rank.process.left_at = line_of(left, compiled)
            _end(rank, left.status)
            return
        rank.call = name
        world.choices.called(name)
        world.is_at_work |= name not in _BEFORE_WORK
        rank.process.limits.spend(OF_A_CALL)
        if world.watch is not None:
            world.watch(rank, arguments)
        result = carry_out_call(world, rank, name, arguments)
        if isinstance(result, Waiting):
            if not result.ready():
                rank.waiting = result
                return
            result = result.finish()


def _end(rank: Rank, status: int) -> None:
    open_session = next((s for s in rank.sessions if not s.freed), None)
    if open_session is not None:
        message = f"{open_session.name} is never ended by MPI_Session_finalize"
        raise Fault(message, open_session.line, rank.number, kind=Kind.LEAK)
    if rank.initialised and not rank.finalised:
        message = f"rank {rank.number} ends without MPI_Finalize"
        raise Fault(message, rank.process.left_at or rank.line, rank.number, kind=Kind.CALL_MATCHING)
    rank.status = status
