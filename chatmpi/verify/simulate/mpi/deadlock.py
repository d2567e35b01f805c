"""Ranks that wait for each other without end: the cycle, and what it comes from."""

from __future__ import annotations

import itertools

from chatmpi.verify.simulate.errors import Fault, Kind
from chatmpi.verify.simulate.mpi.calls.collective_calls import CollectiveRequest
from chatmpi.verify.simulate.mpi.calls.partitioned_calls import PartitionedSend
from chatmpi.verify.simulate.mpi.messages import Message
from chatmpi.verify.simulate.mpi.requests import ANY_SOURCE, ANY_TAG
from chatmpi.verify.simulate.mpi.world import Rank, World


class Deadlock(Fault):
    """Where buffered sends would mend it, it is a buffering hazard, at the line `send`; only who tries that knows."""

    send: int = 0


def deadlock(world: World) -> Deadlock:
    """The fault that it is, where no rank can go on."""
    state = tuple(r.state() for r in world.ranks)
    stuck = [r for r in world.ranks if not r.is_over]
    chain = _chain(world, stuck)
    first = min((world.ranks[n] for n in chain if not world.ranks[n].is_over), key=_blame)
    kind, line, why = _cause(world, stuck)
    others = tuple(dict.fromkeys(r.line for r in stuck if r.line != (line or first.line)))
    message = f"deadlock: {_told(world, chain)}{why}"
    made = Deadlock(message, line or first.line, first.number, state, kind, others)
    made.send = next((m.line for m in world.mailboxes.pending if m.mode == "standard"), 0)
    return made


def _blame(rank: Rank) -> tuple[bool, bool]:
    """Of ranks that wait for each other a message is blamed first, the end last."""
    waiting = rank.waiting
    return rank.call == "MPI_Finalize", waiting is not None and waiting.meeting is not None


def _waited_for(rank: Rank) -> list[int]:
    """The ranks without which this one cannot go on."""
    waiting = rank.waiting
    if waiting is None:
        return []
    if waiting.meeting is not None:
        meeting, comm = waiting.meeting
        if not (meeting.over and waiting.requests):
            return meeting.missing(comm)
    if waiting.partners is not None:
        return waiting.partners()
    found = [r for request in waiting.requests if not request.is_done() for r in request.waits_for()]
    return list(dict.fromkeys(found))


def _chain(world: World, stuck: list[Rank]) -> list[int]:
    """Ranks each of which waits for the next; the last waits for one of them, or has ended, or it is not known."""
    best: list[int] = []
    for start in stuck:
        path, at = [start.number], start
        while True:
            following = _waited_for(at)
            again = [r for r in following if r in path]
            if again:
                cycle = path[path.index(again[0]) :]
                return [*cycle, cycle[0]]
            if not following or world.ranks[following[0]].is_over:
                path += following[:1]
                break
            path.append(following[0])
            at = world.ranks[following[0]]
        best = best or path
    return best


def _told(world: World, chain: list[int]) -> str:
    told = []
    for number, following in itertools.pairwise(chain):
        told.append(f"{_doing(world.ranks[number])} waits for rank {following}")
    last = world.ranks[chain[-1]]
    if len(chain) == 1:
        return f"{_doing(last)} waits without end"
    return "; ".join(told) + (", which has ended" if last.is_over else "")


def _doing(rank: Rank) -> str:
    told = rank.waiting.told() if rank.waiting else ""
    about = f" {told}" if told else ""
    return f"rank {rank.number} (line {rank.line}, {rank.call}{about})"


def _cause(world: World, stuck: list[Rank]) -> tuple[Kind, int, str]:
    """Its kind, the line to blame (0: where the first rank stands) and what more there is to say."""
    sends = [m for m in world.mailboxes.pending if m.is_send]
    receives = [m for m in world.mailboxes.pending if not m.is_send]
    receives += [r.waiting.probe for r in stuck if r.waiting is not None and r.waiting.probe is not None]
    for send in sends:
        for receive in receives:
            found = _almost(send, receive)
            if found is not None:
                return found
    for k, offer in enumerate(world.offers):
        for other in world.offers[:k]:
            if offer.is_near(other):
                kind = Kind.TAG if offer.peer is other.peer else Kind.COMMUNICATOR
                why = f"; the groups give {other.peer.name} and {offer.peer.name}, tags {other.tag} and {offer.tag}"
                return kind, offer.calls[0].line, why
    for rank in world.ranks:
        for request in rank.requests:
            if isinstance(request, PartitionedSend) and request.active and request.unready():
                parts = ", ".join(map(str, request.unready()))
                why = f"; of the {request.call} of line {request.line} the partition {parts} is never ready"
                return Kind.REQUEST, request.line, why
            if request.persistent and not request.started:
                why = f"; the {request.call} of line {request.line} is never started"
                return Kind.REQUEST, request.line, why
    comms = {c.name for _, c in filter(None, (r.waiting.meeting for r in stuck if r.waiting))}
    calls = {r.call for r in stuck if r.waiting is not None and r.waiting.meeting is not None}
    if len(comms) > 1 and len(calls) == 1 and all(r.waiting and r.waiting.meeting for r in stuck):
        return Kind.COMMUNICATOR, 0, f"; the communicators differ: {' and '.join(sorted(comms))}"
    unmet = _unmet_requests(world)
    return Kind.CALL_MATCHING, unmet, ""


def _unmet_requests(world: World) -> int:
    """The line of a collective that does not block and that not all ranks have called."""
    for rank in world.ranks:
        for request in rank.requests:
            if isinstance(request, CollectiveRequest) and request.active and not request.is_done():
                return request.line
    return 0


def _almost(send: Message, receive: Message) -> tuple[Kind, int, str] | None:
    """Why a send and a receive that look as if they belonged together do not match."""
    to = send.comm.peers(send.owner)[send.peer]
    source = ANY_SOURCE if receive.peer == ANY_SOURCE else receive.comm.peers(receive.owner)[receive.peer]
    if to != receive.owner or source not in (ANY_SOURCE, send.owner):
        return None
    if send.comm is not receive.comm:
        why = f"; the send of line {send.line} and the receive of line {receive.line} are on different communicators"
        return Kind.COMMUNICATOR, receive.line, why
    if receive.tag not in (send.tag, ANY_TAG):
        why = (
            f"; the send of line {send.line} has the tag {send.tag}, the receive of line {receive.line} "
            f"the tag {receive.tag}"
        )
        return Kind.TAG, receive.line, why
    return None
