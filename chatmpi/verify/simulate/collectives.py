"""The collective operations: whether the ranks' calls agree, and what they do."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

from chatmpi.verify.simulate.communicators import Call
from chatmpi.verify.simulate.datatypes import Buffer, Datatype, is_same_kind
from chatmpi.verify.simulate.errors import Fault, Unsupported
from chatmpi.verify.simulate.operations import combined
from chatmpi.verify.simulate.terms import Terms
from chatmpi.verify.simulate.values import IN_PLACE, Handle

# Arguments that all ranks must give alike, by position.
_AGREEING: dict[str, tuple[tuple[int, str], ...]] = {
    "MPI_Bcast": ((3, "root"),),
    "MPI_Reduce": ((4, "operation"), (5, "root"), (2, "count")),
    "MPI_Allreduce": ((4, "operation"), (2, "count")),
    "MPI_Scan": ((4, "operation"), (2, "count")),
    "MPI_Exscan": ((4, "operation"), (2, "count")),
    "MPI_Reduce_scatter_block": ((4, "operation"), (2, "count")),
    "MPI_Reduce_scatter": ((4, "operation"),),
    "MPI_Gather": ((6, "root"),),
    "MPI_Gatherv": ((7, "root"),),
    "MPI_Scatter": ((6, "root"),),
    "MPI_Scatterv": ((7, "root"),),
}


def check_agreement(first: Call, other: Call) -> None:
    """Raises Fault where two ranks' calls cannot belong to one collective."""
    if first.name != other.name:
        raise Fault(
            f"rank {first.world_rank} calls {first.name} (line {first.line}) where rank {other.world_rank} calls "
            f"{other.name}",
            other.line,
            other.world_rank,
        )
    for position, what in _AGREEING.get(first.name, ()):
        a, b = first.arguments[position], other.arguments[position]
        if a is not b and a != b:
            message = f"{first.name}: rank {first.world_rank} has the {what} {a}, rank {other.world_rank} has {b}"
            raise Fault(message, other.line, other.world_rank)


def carry_out(calls: Sequence[Call], terms: Terms) -> None:
    """Do what a collective does; `calls` in the order of ranks."""
    action = _ACTIONS.get(calls[0].name)
    if action is None:
        raise Unsupported(calls[0].name, calls[0].line)
    action(calls, terms)


def integers(pointer: Any, count: int) -> list[int]:
    """The integers of an array of counts or displacements."""
    if not isinstance(pointer, tuple):
        raise Unsupported("an array of this kind")
    target, index = pointer
    if index < 0 or index + count > len(target):
        raise Fault(f"an array of {count} integers is read, of which there are {max(len(target) - index, 0)}")
    return [value + 0 for value in target[index : index + count]]


class _Blamed:
    """A fault inside belongs to this call."""

    def __init__(self, call: Call) -> None:
        self._call = call

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, Fault) and error.rank < 0:
            error.line, error.rank = self._call.line, self._call.world_rank
            error.message = f"{self._call.name}: {error.message}"
        elif isinstance(error, Unsupported):
            error.line = error.line or self._call.line


def _buffer(pointer: Any, count: Any, type: Any) -> Buffer:
    if not isinstance(type, Datatype):
        raise Unsupported("a datatype of this kind")
    return Buffer(pointer, count + 0, type)


def deliver(values: list[Any], kinds: list[str], into: Buffer, base: int = 0, exact: bool = True) -> None:
    """Put a message into a buffer; raises Fault where it does not fit."""
    wanted = into.kinds()
    if kinds and wanted and ("byte" in (kinds[0], wanted[0])) and kinds != wanted:
        raise Unsupported("MPI_BYTE against another type")
    if len(values) > len(wanted) or (exact and len(values) != len(wanted)):
        which = "truncated" if len(values) > len(wanted) else "too short"
        raise Fault(f"a message of {len(values)} elements is {which}: {len(wanted)} are expected")
    if kinds != wanted[: len(kinds)]:
        for sent, received in zip(kinds, wanted, strict=False):
            if sent != received and not is_same_kind(sent, received):
                raise Fault(f"{sent} is sent where {received} is received")
    if values:
        into.write(values, base)


def _root(calls: Sequence[Call], position: int) -> int:
    root = calls[0].arguments[position]
    if not 0 <= root < len(calls):
        raise Fault(f"{calls[0].name} has the root {root} among {len(calls)} ranks", calls[0].line, calls[0].world_rank)
    return int(root)


def _read(call: Call, buffer: Buffer, base: int = 0) -> tuple[list[Any], list[str]]:
    with _Blamed(call):
        return buffer.read(base), buffer.kinds()


def _write(call: Call, message: tuple[list[Any], list[str]], buffer: Buffer, base: int = 0) -> None:
    with _Blamed(call):
        deliver(*message, buffer, base)


def _barrier(_calls: Sequence[Call], _terms: Terms) -> None:
    return None


def _bcast(calls: Sequence[Call], _terms: Terms) -> None:
    root = _root(calls, 3)
    message = _read(calls[root], _buffer(*calls[root].arguments[:3]))
    for call in calls:
        if call.rank != root:
            _write(call, message, _buffer(*call.arguments[:3]))


def _contribution(call: Call) -> tuple[list[Any], list[str]]:
    """What a rank brings to a reduction."""
    send, receive, count, type = call.arguments[:4]
    with _Blamed(call):
        return _read(call, _buffer(receive if send is IN_PLACE else send, count, type))


def _check_apart(call: Call, send: Any, receive: Any, count: int) -> None:
    same = isinstance(send, tuple) and isinstance(receive, tuple) and send[0] is receive[0]
    if same and abs(send[1] - receive[1]) < count:
        raise Fault(f"{call.name}: the buffers overlap; MPI_IN_PLACE is for that", call.line, call.world_rank)


def _folded(calls: Sequence[Call], terms: Terms) -> list[list[Any]]:
    """The partial results of a reduction, in the order of ranks."""
    partial: list[list[Any]] = []
    operation: Handle = calls[0].arguments[4]
    if not isinstance(operation, Handle):
        raise Unsupported("an operation of this kind", calls[0].line)
    first_kinds: list[str] = []
    for call in calls:
        values, kinds = _contribution(call)
        with _Blamed(call):
            if partial:
                if kinds != first_kinds:
                    raise Fault("the ranks reduce different numbers or types of elements")
                partial.append(combined(operation, kinds, partial[-1], values, terms))
            else:
                partial.append(values)
                first_kinds = kinds
                combined(operation, kinds, values, values, terms)  # the operation must suit the type
    return partial


def _result(call: Call, values: list[Any]) -> None:
    send, receive, count, type = call.arguments[:4]
    if send is not IN_PLACE:
        _check_apart(call, send, receive, count)
    buffer = _buffer(receive, count, type)
    _write(call, (values, buffer.kinds()), buffer)


def _reduce(calls: Sequence[Call], terms: Terms) -> None:
    root = _root(calls, 5)
    for call in calls:
        if call.rank != root and call.arguments[0] is IN_PLACE:
            raise Fault("MPI_Reduce: MPI_IN_PLACE on a rank that is not the root", call.line, call.world_rank)
    _result(calls[root], _folded(calls, terms)[-1])


def _allreduce(calls: Sequence[Call], terms: Terms) -> None:
    total = _folded(calls, terms)[-1]
    for call in calls:
        _result(call, total)


def _scan(calls: Sequence[Call], terms: Terms) -> None:
    for call, values in zip(calls, _folded(calls, terms), strict=True):
        _result(call, values)


def _exscan(calls: Sequence[Call], terms: Terms) -> None:
    partial = _folded(calls, terms)
    for call in calls[1:]:
        _result(call, partial[call.rank - 1])


def _reduce_scatter_block(calls: Sequence[Call], terms: Terms) -> None:
    each = calls[0].arguments[2]
    _scatter_sum(calls, [each] * len(calls), terms)


def _reduce_scatter(calls: Sequence[Call], terms: Terms) -> None:
    with _Blamed(calls[0]):
        counts = integers(calls[0].arguments[2], len(calls))
    for call in calls:
        with _Blamed(call):
            if integers(call.arguments[2], len(calls)) != counts:
                raise Fault("the ranks have different counts")
    _scatter_sum(calls, counts, terms)


def _scatter_sum(calls: Sequence[Call], counts: list[int], terms: Terms) -> None:
    whole = [
        Call(c.name, c.line, c.rank, c.world_rank, (*c.arguments[:2], sum(counts), *c.arguments[3:])) for c in calls
    ]
    total = _folded(whole, terms)[-1]
    done = 0
    for call, count in zip(calls, counts, strict=True):
        width = len(call.arguments[3].map.kinds)
        buffer = _buffer(call.arguments[1], count, call.arguments[3])
        _write(call, (total[done * width : (done + count) * width], buffer.kinds()), buffer)
        done += count


def _gather_blocks(calls: Sequence[Call]) -> list[tuple[list[Any], list[str]] | None]:
    """What each rank sends in a gather; None where it stands in place."""
    return [None if c.arguments[0] is IN_PLACE else _read(c, _buffer(*c.arguments[:3])) for c in calls]


def _gather_into(call: Call, blocks: Sequence[tuple[list[Any], list[str]] | None], v: bool) -> None:
    """Put all ranks' blocks into one rank's buffer."""
    with _Blamed(call):
        receive = call.arguments[3]
        if v:
            counts, places = (integers(call.arguments[k], len(blocks)) for k in (4, 5))
            type = call.arguments[6]
        else:
            count, type = call.arguments[4:6]
            counts, places = [count] * len(blocks), [count * r for r in range(len(blocks))]
        _check_disjoint(counts, places)
        for rank, block in enumerate(blocks):
            if block is not None:
                deliver(*block, _buffer(receive, counts[rank], type), places[rank])
            elif rank != call.rank:
                raise Fault(f"rank {rank} sends in place")


def _check_disjoint(counts: list[int], places: list[int]) -> None:
    taken = sorted((place, count) for place, count in zip(places, counts, strict=True) if count > 0)
    for (a, count), (b, _) in itertools.pairwise(taken):
        if a + count > b:
            raise Fault("the blocks that are received overlap")


def _gather(v: bool) -> Callable[[Sequence[Call], Terms], None]:
    def gather(calls: Sequence[Call], _terms: Terms) -> None:
        root = _root(calls, 7 if v else 6)
        _gather_into(calls[root], _gather_blocks(calls), v)

    return gather


def _allgather(v: bool) -> Callable[[Sequence[Call], Terms], None]:
    def allgather(calls: Sequence[Call], _terms: Terms) -> None:
        blocks = _gather_blocks(calls)
        for call in calls:
            if blocks[call.rank] is None:
                blocks[call.rank] = _own_block(call, v, len(calls))
        for call in calls:
            _gather_into(call, blocks, v)

    return allgather


def _own_block(call: Call, v: bool, ranks: int) -> tuple[list[Any], list[str]]:
    """What stands in place in an allgather."""
    with _Blamed(call):
        if v:
            count = integers(call.arguments[4], ranks)[call.rank]
            place, type = integers(call.arguments[5], ranks)[call.rank], call.arguments[6]
        else:
            count, type = call.arguments[4:6]
            place = count * call.rank
        return _read(call, _buffer(call.arguments[3], count, type), place)


def _scatter(v: bool) -> Callable[[Sequence[Call], Terms], None]:
    def scatter(calls: Sequence[Call], _terms: Terms) -> None:
        root = _root(calls, 7 if v else 6)
        source = calls[root]
        with _Blamed(source):
            if v:
                counts, places = (integers(source.arguments[k], len(calls)) for k in (1, 2))
                type = source.arguments[3]
            else:
                count, type = source.arguments[1:3]
                counts, places = [count] * len(calls), [count * r for r in range(len(calls))]
        at = 4 if v else 3
        for call in calls:
            message = _read(source, _buffer(source.arguments[0], counts[call.rank], type), places[call.rank])
            if call.arguments[at] is not IN_PLACE:
                _write(call, message, _buffer(*call.arguments[at : at + 3]))

    return scatter


def _alltoall(v: bool) -> Callable[[Sequence[Call], Terms], None]:
    def alltoall(calls: Sequence[Call], _terms: Terms) -> None:
        sent = [[_read(c, *_part(c, other, v, len(calls), 0)) for other in range(len(calls))] for c in calls]
        for call in calls:
            for other in range(len(calls)):
                _write(call, sent[other][call.rank], *_part(call, other, v, len(calls), 1))

    return alltoall


def _part(call: Call, other: int, v: bool, ranks: int, side: int) -> tuple[Buffer, int]:
    """The buffer and the place in it of what goes to (side 0) or comes from (side 1) another rank."""
    with _Blamed(call):
        if call.arguments[0] is IN_PLACE:
            raise Unsupported(f"{call.name} in place")
        if not v:
            pointer, count, type = call.arguments[3 * side : 3 * side + 3]
            return _buffer(pointer, count, type), count * other
        pointer, counts, places, type = call.arguments[4 * side : 4 * side + 4]
        return _buffer(pointer, integers(counts, ranks)[other], type), integers(places, ranks)[other]


_ACTIONS: dict[str, Callable[[Sequence[Call], Terms], None]] = {
    **{"MPI_Barrier": _barrier, "MPI_Finalize": _barrier, "MPI_Comm_free": _barrier, "MPI_Bcast": _bcast},
    **{"MPI_Reduce": _reduce, "MPI_Allreduce": _allreduce, "MPI_Scan": _scan, "MPI_Exscan": _exscan},
    **{"MPI_Reduce_scatter_block": _reduce_scatter_block, "MPI_Reduce_scatter": _reduce_scatter},
    **{"MPI_Gather": _gather(False), "MPI_Gatherv": _gather(True), "MPI_Allgather": _allgather(False)},
    **{"MPI_Allgatherv": _allgather(True), "MPI_Scatter": _scatter(False), "MPI_Scatterv": _scatter(True)},
    **{"MPI_Alltoall": _alltoall(False), "MPI_Alltoallv": _alltoall(True)},
}
