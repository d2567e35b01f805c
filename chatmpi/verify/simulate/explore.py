"""All orders that MPI leaves open in a run: each order is a run of its own.

Receives from any rank are run with synchronous sends and with buffered ones (which lets more messages compete), tests
both as soon as something is done and one call later.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from chatmpi.verify.simulate.as_python.compiled import Compiled
from chatmpi.verify.simulate.choices import Choices, Redundant
from chatmpi.verify.simulate.errors import Fault, Kind
from chatmpi.verify.simulate.findings import Finding
from chatmpi.verify.simulate.mpi.deadlock import Deadlock
from chatmpi.verify.simulate.mpi.ranks import run_together
from chatmpi.verify.simulate.mpi.world import World, make_world
from chatmpi.verify.simulate.outcome import Outcome
from chatmpi.verify.simulate.process import Process
from chatmpi.verify.simulate.terms import Terms
from chatmpi.verify.simulate.work import Limits

MOST_ORDERS = 150
_READY = re.compile(r"\bMPI_I?[Rr]send")


@dataclass(frozen=True)
class Job:
    """A program at a number of ranks; `processes` makes them anew for each run. No new order is begun where the
    `limits` are reached, nor after `most` of them."""

    compiled: Compiled
    terms: Terms
    processes: Callable[[], list[Process]]
    limits: Limits
    most: int = MOST_ORDERS


@dataclass
class Orders:
    """What the orders did: `outcomes` of those that ended well, the first fault (`late`: where tests are late), and
    whether all were tried; `redundant`: how many were given up, as they go on like others."""

    outcomes: list[Sequence[Outcome]] = field(default_factory=list)
    fault: Fault | None = None
    late: bool = False
    faulty: int = 0
    redundant: int = 0
    all_tried: bool = True
    left: list[Finding] = field(default_factory=list)
    wild: list[int] = field(default_factory=list)

    @property
    def tried(self) -> int:
        return len(self.outcomes) + self.faulty


def explore(job: Job) -> Orders:
    """Raises Unsupported, OutOfBudget."""
    orders = Orders()
    first = _one(job, Choices(), False, False, orders)
    if isinstance(orders.fault, Deadlock) and not first.choices.taken:
        _look_for_buffering(job, orders)
        return orders
    for buffering, late in _modes(first):
        start = first.choices.following() if not (buffering or late) else Choices()
        _all(job, start, buffering, late, orders)
    if orders.fault is not None and orders.outcomes and orders.wild:
        _race(orders)
    elif isinstance(orders.fault, Deadlock):
        _look_for_buffering(job, orders)
    return orders


def _modes(first: World) -> Iterator[tuple[bool, bool]]:
    yield False, False
    if first.choices.taken:
        yield True, False
    if first.tested:
        yield False, True


def _all(job: Job, start: Choices | None, buffering: bool, late: bool, orders: Orders) -> None:
    choices = start
    while choices is not None:
        if orders.tried + orders.redundant >= job.most or job.limits.is_reached:
            orders.all_tried = False
            return
        choices = _one(job, choices, buffering, late, orders).choices.following()
        if orders.fault is not None and orders.outcomes:
            return


def _one(job: Job, choices: Choices, buffering: bool, late: bool, orders: Orders) -> World:
    """One run; what it did goes into `orders`."""
    processes = job.processes()
    is_ordered = _READY.search(job.compiled.source.text) is not None
    world = make_world(job.terms, len(processes), choices, buffering, late, is_ordered)
    try:
        orders.outcomes.append(run_together(job.compiled, processes, world))
        world.forget()
    except Redundant:
        orders.redundant += 1
    except Fault as fault:
        world.choices.step.is_open = True
        if orders.fault is None:
            orders.fault, orders.late = fault, late
        orders.faulty += 1
    orders.left = orders.left or world.left
    orders.wild += [line for line in world.wild if line not in orders.wild]
    return world


def _look_for_buffering(job: Job, orders: Orders) -> None:
    """A deadlock that is none where sends are buffered is called so."""
    tried = Orders()
    _one(job, Choices(), True, orders.late, tried)
    if tried.fault is None and orders.fault is not None:
        orders.fault.kind = Kind.BUFFERING
        orders.fault.line = getattr(orders.fault, "send", 0) or orders.fault.line
        orders.fault.message += "; it goes on only where MPI buffers the messages"


def _race(orders: Orders) -> None:
    """A fault of some orders only comes from the order."""
    fault = orders.fault
    assert fault is not None
    fault.message = f"depends on the order in which messages come (receive from any rank): {fault.message}"
    fault.kind = Kind.RACE
    fault.others = tuple(dict.fromkeys((fault.line, *fault.others)))
    fault.line = orders.wild[0]
