"""All ranks of a program side by side, each a coroutine that hands its MPI calls over.

The order in which ranks run is fixed; sends are synchronous. Where no rank can go on, the program is deadlocked.
"""

from __future__ import annotations

from typing import Any

from chatmpi.verify.simulate.calls import carry_out_call
from chatmpi.verify.simulate.compiled import Compiled
from chatmpi.verify.simulate.errors import Abort, Exit, Fault, Unsupported
from chatmpi.verify.simulate.outcome import Outcome, explained, started
from chatmpi.verify.simulate.process import Process
from chatmpi.verify.simulate.terms import Terms
from chatmpi.verify.simulate.world import Rank, Waiting, World, make_world


def run_together(compiled: Compiled, processes: list[Process], terms: Terms) -> list[Outcome]:
    """Run one program at as many ranks as there are processes. Raises Fault, Unsupported, OutOfBudget."""
    world = make_world(terms, len(processes))
    for number, process in enumerate(processes):
        world.ranks.append(Rank(number, process))
    try:
        for rank in world.ranks:
            with explained(compiled):
                _start(compiled, rank, world)
        _run(compiled, world)
    except Abort as aborted:
        return [Outcome(r.process.output, r.process.written, aborted.status) for r in world.ranks]
    return [Outcome(r.process.output, r.process.written, r.status or 0) for r in world.ranks]


def _start(compiled: Compiled, rank: Rank, world: World) -> None:
    if not compiled.is_coroutine:
        raise Fault("the program calls no MPI function")
    rank.coroutine = started(compiled, rank.process, world.names)


def _run(compiled: Compiled, world: World) -> None:
    going = True
    while going:
        going = False
        for rank in world.ranks:
            if rank.is_over:
                continue
            result: Any = None
            if rank.waiting is not None:
                if not rank.waiting.ready():
                    continue
                with _at(rank), explained(compiled):
                    result = rank.waiting.finish()
                rank.waiting = None
            going = True
            with _at(rank), explained(compiled):
                _advance(rank, world, result)
    if not all(r.is_over for r in world.ranks):
        stuck = next(r for r in world.ranks if not r.is_over)
        state = tuple(r.state() for r in world.ranks)
        raise Fault("the ranks wait for each other without end: a deadlock", stuck.line, stuck.number, state)


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


def _advance(rank: Rank, world: World, result: Any) -> None:
    """Run a rank until it is blocked or over."""
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
            _end(rank, left.status)
            return
        rank.call = name
        result = carry_out_call(world, rank, name, arguments)
        if isinstance(result, Waiting):
            if not result.ready():
                rank.waiting = result
                return
            result = result.finish()


def _end(rank: Rank, status: int) -> None:
    if rank.initialised and not rank.finalised:
        raise Fault(f"rank {rank.number} ends without MPI_Finalize")
    rank.status = status
