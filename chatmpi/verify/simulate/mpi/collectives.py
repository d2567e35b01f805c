"""What the collective operations do."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

from chatmpi.verify.simulate.errors import Fault, Kind, Unsupported
from chatmpi.verify.simulate.mpi.access import get
from chatmpi.verify.simulate.mpi.communicators import Call
from chatmpi.verify.simulate.mpi.datatypes import Buffer, moved_by_bytes
from chatmpi.verify.simulate.mpi.operations import UserOperation, combined
from chatmpi.verify.simulate.mpi.transfers import Blamed, Message, buffer_of, deliver, integers, read, write
from chatmpi.verify.simulate.terms import Terms
from chatmpi.verify.simulate.values import IN_PLACE, Handle

_BAD = Kind.INVALID_ARGUMENT


def _root(calls: Sequence[Call], position: int) -> int:
    root = calls[0].arguments[position]
    if not 0 <= root < len(calls):
        message = f"{calls[0].name} has the root {root} among {len(calls)} ranks"
        raise Fault(message, calls[0].line, calls[0].world_rank, kind=Kind.INVALID_ARGUMENT)
    return int(root)


def _bcast(calls: Sequence[Call], _terms: Terms) -> None:
    root = _root(calls, 3)
    message = read(calls[root], buffer_of(*calls[root].arguments[:3]))
    for call in calls:
        if call.rank != root:
            write(call, message, buffer_of(*call.arguments[:3]))


def _contribution(call: Call) -> Message:
    """What a rank brings to a reduction."""
    send, receive, count, type = call.arguments[:4]
    with Blamed(call):
        values, kinds = read(call, buffer_of(receive if send is IN_PLACE else send, count, type))
        if kinds and not values:
            raise Unsupported("a reduction of parts of elements")
        return values, kinds


def _check_apart(call: Call, send: Any, receive: Any, count: int) -> None:
    same = isinstance(send, tuple) and isinstance(receive, tuple) and send[0] is receive[0]
    if same and abs(send[1] - receive[1]) < count:
        message = f"{call.name}: the buffers overlap; MPI_IN_PLACE is for that"
        raise Fault(message, call.line, call.world_rank, kind=Kind.INVALID_ARGUMENT)


def folded(calls: Sequence[Call], terms: Terms) -> list[list[Any]]:
    """The partial results of a reduction, in the order of ranks."""
    partial: list[list[Any]] = []
    before: list[Any] = []
    operation: Handle = calls[0].arguments[4]
    first_kinds: list[str] = []
    for call in calls:
        values, kinds = _contribution(call)
        with Blamed(call):
            if partial:
                if len(kinds) != len(first_kinds):
                    raise Fault(f"{len(kinds)} elements are reduced, elsewhere {len(first_kinds)}", kind=Kind.COUNT)
                if kinds != first_kinds:
                    raise Fault(f"{kinds[0]} is reduced, elsewhere {first_kinds[0]}", kind=Kind.DATATYPE)
                partial.append(combined(call.arguments[4], call.arguments[3], kinds, partial[-1], values, terms))
                if isinstance(operation, UserOperation):  # MPI may begin with any two neighbours
                    combined(operation, call.arguments[3], kinds, before, values, terms)
            else:
                partial.append(values)
                first_kinds = kinds
                if not isinstance(operation, UserOperation):  # it must suit the type
                    combined(operation, call.arguments[3], kinds, values, values, terms)
        before = values
    return partial


def result(call: Call, values: list[Any]) -> None:
    send, receive, count, type = call.arguments[:4]
    if send is not IN_PLACE:
        _check_apart(call, send, receive, count)
    buffer = buffer_of(receive, count, type)
    write(call, (values, buffer.kinds()), buffer)


def _reduce(calls: Sequence[Call], terms: Terms) -> None:
    root = _root(calls, 5)
    for call in calls:
        if call.rank != root and call.arguments[0] is IN_PLACE:
            raise Fault(
                "MPI_Reduce: MPI_IN_PLACE on a rank that is not the root", call.line, call.world_rank, kind=_BAD
            )
    result(calls[root], folded(calls, terms)[-1])


def _allreduce(calls: Sequence[Call], terms: Terms) -> None:
    total = folded(calls, terms)[-1]
    for call in calls:
        result(call, total)


def _scan(calls: Sequence[Call], terms: Terms) -> None:
    for call, values in zip(calls, folded(calls, terms), strict=True):
        result(call, values)


def _exscan(calls: Sequence[Call], terms: Terms) -> None:
    partial = folded(calls, terms)
    for call in calls[1:]:
        result(call, partial[call.rank - 1])


def _reduce_scatter_block(calls: Sequence[Call], terms: Terms) -> None:
    each = calls[0].arguments[2]
    _scatter_sum(calls, [each] * len(calls), terms)


def _reduce_scatter(calls: Sequence[Call], terms: Terms) -> None:
    with Blamed(calls[0]):
        counts = integers(calls[0].arguments[2], len(calls))
    for call in calls:
        with Blamed(call):
            if integers(call.arguments[2], len(calls)) != counts:
                raise Fault("the ranks have different counts", kind=Kind.COUNT)
    _scatter_sum(calls, counts, terms)


def _scatter_sum(calls: Sequence[Call], counts: list[int], terms: Terms) -> None:
    whole = [
        Call(c.name, c.line, c.rank, c.world_rank, (*c.arguments[:2], sum(counts), *c.arguments[3:]), c.comm)
        for c in calls
    ]
    total = folded(whole, terms)[-1]
    done = 0
    for call, count in zip(calls, counts, strict=True):
        width = len(call.arguments[3].map.kinds)
        buffer = buffer_of(call.arguments[1], count, call.arguments[3])
        write(call, (total[done * width : (done + count) * width], buffer.kinds()), buffer)
        done += count


def gather_blocks(calls: Sequence[Call]) -> list[Message | None]:
    """What each rank sends in a gather; None where it stands in place."""
    return [None if c.arguments[0] is IN_PLACE else read(c, buffer_of(*c.arguments[:3])) for c in calls]


def blocks_in(call: Call, at: int, v: bool, ranks: int) -> tuple[list[int], list[int], Any]:
    """How many elements of which type each rank's block has, and where it begins, in the buffer of an argument."""
    if v:
        counts, places = (integers(a, ranks) for a in call.arguments[at + 1 : at + 3])
        return counts, places, call.arguments[at + 3]
    count, type = call.arguments[at + 1 : at + 3]
    return [count] * ranks, [count * r for r in range(ranks)], type


def gather_into(call: Call, blocks: Sequence[Message | None], v: bool) -> None:
    """Put all ranks' blocks into one rank's buffer."""
    with Blamed(call):
        receive = call.arguments[3]
        counts, places, type = blocks_in(call, 3, v, len(blocks))
        _check_disjoint(counts, places)
        for rank, block in enumerate(blocks):
            if block is not None:
                deliver(*block, buffer_of(receive, counts[rank], type), places[rank])
            elif rank != call.rank:
                raise Fault(f"rank {rank} sends in place", kind=_BAD)


def _check_disjoint(counts: list[int], places: list[int]) -> None:
    taken = sorted((place, count) for place, count in zip(places, counts, strict=True) if count > 0)
    for (a, count), (b, _) in itertools.pairwise(taken):
        if a + count > b:
            raise Fault("the blocks that are received overlap", kind=_BAD)


def _gather(v: bool) -> Callable[[Sequence[Call], Terms], None]:
    def gather(calls: Sequence[Call], _terms: Terms) -> None:
        root = _root(calls, 7 if v else 6)
        gather_into(calls[root], gather_blocks(calls), v)

    return gather


def _allgather(v: bool) -> Callable[[Sequence[Call], Terms], None]:
    def allgather(calls: Sequence[Call], _terms: Terms) -> None:
        blocks = gather_blocks(calls)
        for call in calls:
            if blocks[call.rank] is None:
                blocks[call.rank] = _own_block(call, v, len(calls))
        for call in calls:
            gather_into(call, blocks, v)

    return allgather


def _own_block(call: Call, v: bool, ranks: int) -> Message:
    """What stands in place in an allgather."""
    with Blamed(call):
        counts, places, type = blocks_in(call, 3, v, ranks)
        return read(call, buffer_of(call.arguments[3], counts[call.rank], type), places[call.rank])


def _scatter(v: bool) -> Callable[[Sequence[Call], Terms], None]:
    def scatter(calls: Sequence[Call], _terms: Terms) -> None:
        root = _root(calls, 7 if v else 6)
        source = calls[root]
        with Blamed(source):
            counts, places, type = blocks_in(source, 0, v, len(calls))
        at = 4 if v else 3
        for call in calls:
            if call.arguments[at] is IN_PLACE and call is not source:
                message = f"{call.name}: MPI_IN_PLACE on a rank that is not the root"
                raise Fault(message, call.line, call.world_rank, kind=_BAD)
            block = read(source, buffer_of(source.arguments[0], counts[call.rank], type), places[call.rank])
            if call.arguments[at] is not IN_PLACE:
                write(call, block, buffer_of(*call.arguments[at : at + 3]))

    return scatter


def _alltoall(v: bool) -> Callable[[Sequence[Call], Terms], None]:
    def alltoall(calls: Sequence[Call], _terms: Terms) -> None:
        sent = [[read(c, *part(c, other, v, len(calls), 0)) for other in range(len(calls))] for c in calls]
        for call in calls:
            for other in range(len(calls)):
                write(call, sent[other][call.rank], *part(call, other, v, len(calls), 1))

    return alltoall


def part(call: Call, other: int, v: bool, ranks: int, side: int) -> tuple[Buffer, int]:
    """The buffer and the place in it of what goes to (side 0) or comes from (side 1) another rank."""
    with Blamed(call):
        if call.arguments[0] is IN_PLACE:
            side = 1
        at = (4 if v else 3) * side
        counts, places, type = blocks_in(call, at, v, ranks)
        return buffer_of(call.arguments[at], counts[other], type), places[other]


def _alltoallw(calls: Sequence[Call], _terms: Terms) -> None:
    sent = [[read(c, _typed_part(c, other, len(calls), 0)) for other in range(len(calls))] for c in calls]
    for call in calls:
        for other in range(len(calls)):
            write(call, sent[other][call.rank], _typed_part(call, other, len(calls), 1))


def _typed_part(call: Call, other: int, ranks: int, side: int) -> Buffer:
    """What goes to (side 0) or comes from (side 1) another rank, each part with a type and a place in bytes."""
    with Blamed(call):
        side = 1 if call.arguments[0] is IN_PLACE else side
        pointer, counts, places, types = call.arguments[4 * side : 4 * side + 4]
        type = get((types[0], types[1] + other))
        place = integers(places, ranks)[other]
        return buffer_of(moved_by_bytes(pointer, place, type), integers(counts, ranks)[other], type)


ACTIONS: dict[str, Callable[[Sequence[Call], Terms], None]] = {
    **{"MPI_Bcast": _bcast, "MPI_Reduce": _reduce, "MPI_Allreduce": _allreduce, "MPI_Scan": _scan},
    "MPI_Exscan": _exscan,
    **{"MPI_Reduce_scatter_block": _reduce_scatter_block, "MPI_Reduce_scatter": _reduce_scatter},
    **{"MPI_Gather": _gather(False), "MPI_Gatherv": _gather(True), "MPI_Allgather": _allgather(False)},
    **{"MPI_Allgatherv": _allgather(True), "MPI_Scatter": _scatter(False), "MPI_Scatterv": _scatter(True)},
    **{"MPI_Alltoall": _alltoall(False), "MPI_Alltoallv": _alltoall(True)},
    "MPI_Alltoallw": _alltoallw,
}
