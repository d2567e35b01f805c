"""What a rank leaves behind at MPI_Finalize."""

from __future__ import annotations

from chatmpi.verify.simulate.errors import Fault, Kind
from chatmpi.verify.simulate.findings import Finding
from chatmpi.verify.simulate.mpi.communicators import Communicator
from chatmpi.verify.simulate.mpi.files import OpenFile
from chatmpi.verify.simulate.mpi.messages import Taken
from chatmpi.verify.simulate.mpi.windows import Window
from chatmpi.verify.simulate.mpi.world import Rank


def unfinished(rank: Rank) -> Fault | None:
    """A request that MPI_Finalize finds under way."""
    for request in rank.requests:
        if request.active and not request.freed:
            message = f"the {request.call} {request.about()} is never completed by a wait or test"
            return Fault(message, request.line, rank.number, kind=Kind.REQUEST, others=(rank.line,))
    return None


def left_by(rank: Rank) -> list[Finding]:
    """Communicators, types, groups, operations and persistent requests that were not freed."""
    found = []
    for request in rank.requests:
        if request.freed_early:
            message = f"the {request.call} {request.about()} is freed under way: nothing tells when its buffer is free"
            line = request.freed_early
            found.append(Finding(Kind.REQUEST, message, line, rank.number, others=(request.line,), severity="warning"))
        if request.persistent and request.waited and not request.started:
            message = f"the persistent request of {request.call} is waited for, but never started"
            found.append(Finding(Kind.REQUEST, message, request.line, rank.number))
        if request.persistent and not request.freed:
            message = f"the persistent request of {request.call} is never freed"
            found.append(Finding(Kind.LEAK, message, request.line, rank.number))
    for made in rank.made:
        if isinstance(made, OpenFile):
            if rank.number not in made.closed:
                found.append(Finding(Kind.LEAK, f"{made.name} is never closed", made.line, rank.number))
            continue
        freed = rank.number in made.freed if isinstance(made, Communicator | Window) else made.freed
        if not freed:
            how = "received" if isinstance(made, Taken) else "freed"
            found.append(Finding(Kind.LEAK, f"{made.name} is never {how}", made.line, rank.number))
    return found
