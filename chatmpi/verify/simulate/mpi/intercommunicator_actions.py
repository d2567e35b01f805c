"""Collectives between two groups: what one group contributes the other receives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from chatmpi.verify.simulate.errors import Fault, Kind, Unsupported
from chatmpi.verify.simulate.mpi.access import put
from chatmpi.verify.simulate.mpi.collectives import blocks_in, folded, gather_blocks, gather_into, part, result
from chatmpi.verify.simulate.mpi.communicators import Call, Communicator
from chatmpi.verify.simulate.mpi.intercommunicators import ROOT, Intercommunicator
from chatmpi.verify.simulate.mpi.requests import PROC_NULL
from chatmpi.verify.simulate.mpi.transfers import Blamed, buffer_of, read, write
from chatmpi.verify.simulate.terms import Terms


def carry_out_between(name: str, calls: Sequence[Call], terms: Terms) -> None:
    if name not in _ACTIONS:
        raise Unsupported(f"{calls[0].name} between two groups", calls[0].line)
    _ACTIONS[name](calls, terms)


def _sides(calls: Sequence[Call]) -> tuple[list[Call], list[Call]]:
    comm = calls[0].comm
    assert isinstance(comm, Intercommunicator)
    first = [c for c in calls if comm.side(c.world_rank) == 0]
    return first, [c for c in calls if comm.side(c.world_rank) == 1]


def _rooted(calls: Sequence[Call], at: int) -> tuple[Call, list[Call]]:
    """The root's call and those of the other group; raises Fault where the arguments do not name one root."""
    roots = [c for c in calls if c.arguments[at] == ROOT]
    for one in calls:
        if len(roots) != 1:
            message = f"{one.name}: {len(roots)} ranks give MPI_ROOT"
            raise Fault(message, one.line, one.world_rank, kind=Kind.ROOT)
    root = roots[0]
    ours, others = _sides(calls)
    if root not in ours:
        ours, others = others, ours
    for call in (*ours, *others):
        wanted = ours.index(root) if call in others else PROC_NULL
        if call is not root and call.arguments[at] != wanted:
            message = f"{call.name}: the root is {call.arguments[at]} where it should be {wanted}"
            raise Fault(message, call.line, call.world_rank, kind=Kind.ROOT, others=(root.line,))
    return root, others


def _bcast(calls: Sequence[Call], _terms: Terms) -> None:
    root, others = _rooted(calls, 3)
    message = read(root, buffer_of(*root.arguments[:3]))
    for call in others:
        write(call, message, buffer_of(*call.arguments[:3]))


def _reduce(calls: Sequence[Call], terms: Terms) -> None:
    root, others = _rooted(calls, 5)
    result(root, folded(others, terms)[-1])


def _allreduce(calls: Sequence[Call], terms: Terms) -> None:
    one, other = _sides(calls)
    sums = folded(one, terms)[-1], folded(other, terms)[-1]
    for call in one:
        result(call, sums[1])
    for call in other:
        result(call, sums[0])


def _gather(v: bool) -> Callable[[Sequence[Call], Terms], None]:
    def gather(calls: Sequence[Call], _terms: Terms) -> None:
        root, others = _rooted(calls, 7 if v else 6)
        gather_into(root, gather_blocks(others), v)

    return gather


def _allgather(v: bool) -> Callable[[Sequence[Call], Terms], None]:
    def allgather(calls: Sequence[Call], _terms: Terms) -> None:
        one, other = _sides(calls)
        blocks = gather_blocks(one), gather_blocks(other)
        for call in one:
            gather_into(call, blocks[1], v)
        for call in other:
            gather_into(call, blocks[0], v)

    return allgather


def _scatter(v: bool) -> Callable[[Sequence[Call], Terms], None]:
    def scatter(calls: Sequence[Call], _terms: Terms) -> None:
        root, others = _rooted(calls, 7 if v else 6)
        with Blamed(root):
            counts, places, type = blocks_in(root, 0, v, len(others))
        at = 4 if v else 3
        for k, call in enumerate(others):
            block = read(root, buffer_of(root.arguments[0], counts[k], type), places[k])
            write(call, block, buffer_of(*call.arguments[at : at + 3]))

    return scatter


def _alltoall(v: bool) -> Callable[[Sequence[Call], Terms], None]:
    def alltoall(calls: Sequence[Call], _terms: Terms) -> None:
        for ours, theirs in (_sides(calls), _sides(calls)[::-1]):
            sent = [[read(c, *part(c, k, v, len(theirs), 0)) for k in range(len(theirs))] for c in ours]
            for k, call in enumerate(theirs):
                for other in range(len(ours)):
                    write(call, sent[other][k], *part(call, other, v, len(ours), 1))

    return alltoall


def _dup(calls: Sequence[Call], _terms: Terms) -> None:
    old = calls[0].comm
    assert isinstance(old, Intercommunicator)
    made = Intercommunicator(f"the communicator of line {calls[0].line}", old.groups, calls[0].line)
    for call in calls:
        put(call.arguments[1], made)


def _merge(calls: Sequence[Call], _terms: Terms) -> None:
    sides = _sides(calls)
    for side in sides:
        for call in side:
            if bool(call.arguments[1]) != bool(side[0].arguments[1]):
                message = "MPI_Intercomm_merge: the ranks of a group do not agree which group comes first"
                raise Fault(message, call.line, call.world_rank, kind=Kind.CALL_MATCHING, others=(side[0].line,))
    first, second = sides
    if first[0].arguments[1] and not second[0].arguments[1]:
        first, second = second, first
    line = calls[0].line
    made = Communicator(f"the communicator of line {line}", tuple(c.world_rank for c in (*first, *second)), line)
    for call in calls:
        put(call.arguments[2], made)


_ACTIONS: dict[str, Callable[[Sequence[Call], Terms], Any]] = {
    **{"MPI_Bcast": _bcast, "MPI_Reduce": _reduce, "MPI_Allreduce": _allreduce, "MPI_Gather": _gather(False)},
    **{"MPI_Gatherv": _gather(True), "MPI_Allgather": _allgather(False), "MPI_Allgatherv": _allgather(True)},
    **{"MPI_Scatter": _scatter(False), "MPI_Scatterv": _scatter(True), "MPI_Alltoall": _alltoall(False)},
    **{"MPI_Alltoallv": _alltoall(True), "MPI_Comm_dup": _dup, "MPI_Comm_idup": _dup, "MPI_Intercomm_merge": _merge},
}
