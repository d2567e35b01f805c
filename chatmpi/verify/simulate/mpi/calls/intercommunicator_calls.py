"""Making communicators between two groups, and one group of both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from chatmpi.verify.simulate.errors import Fault, Kind
from chatmpi.verify.simulate.mpi.access import put
from chatmpi.verify.simulate.mpi.arguments import communicator
from chatmpi.verify.simulate.mpi.calls.communicator_calls import adopted
from chatmpi.verify.simulate.mpi.calls.group_calls import give_group
from chatmpi.verify.simulate.mpi.communicators import Call, Communicator
from chatmpi.verify.simulate.mpi.intercommunicators import Intercommunicator
from chatmpi.verify.simulate.mpi.requests import Request
from chatmpi.verify.simulate.mpi.world import Rank, Waiting, World, join, meet
from chatmpi.verify.simulate.values import NULL


@dataclass(eq=False)
class Offer:
    """What a group waits with: its leader, in `peer`, looks for the leader of another (both in MPI_COMM_WORLD)."""

    leader: int
    wanted: int
    peer: Communicator
    tag: int
    calls: list[Call] = field(default_factory=list)
    made: Intercommunicator | None = None

    def fits(self, other: Offer) -> bool:
        return self.is_near(other) and self.peer is other.peer and self.tag == other.tag

    def is_near(self, other: Offer) -> bool:
        return self.leader == other.wanted and self.wanted == other.leader


class Offering(Request):
    """One rank's part in an offer."""

    __slots__ = ("offer", "tag")

    def __init__(self, rank: Rank, tag: int) -> None:
        super().__init__(rank.call, rank.number, rank.line)
        self.offer: Offer | None = None
        self.tag = tag

    def is_done(self) -> bool:
        return self.offer is not None and self.offer.made is not None

    def about(self) -> str:
        return f"with the group of rank {self.offer.wanted}, tag {self.offer.tag}" if self.offer is not None else ""

    def waits_for(self) -> list[int]:
        return [self.offer.wanted] if self.offer is not None else []


def _create(
    world: World, rank: Rank, local: Any, local_leader: int, peer: Any, remote_leader: int, tag: int, place: Any
) -> Waiting:
    own = communicator(local, rank.number)
    if not 0 <= local_leader < len(own.members):
        message = f"{rank.call}: there is no local leader {local_leader} among {len(own.members)}"
        raise Fault(message, kind=Kind.INVALID_ARGUMENT)
    if tag < 0:
        raise Fault(f"{rank.call}: the tag {tag} is not allowed", kind=Kind.INVALID_ARGUMENT)
    offering = Offering(rank, tag)
    if own.members[local_leader] == rank.number:
        bridge = communicator(peer, rank.number)
        if not 0 <= remote_leader < len(bridge.members):
            message = f"{rank.call}: there is no remote leader {remote_leader} among {len(bridge.members)}"
            raise Fault(message, kind=Kind.INVALID_ARGUMENT)
        offering.offer = Offer(rank.number, bridge.members[remote_leader], bridge, tag)
    meeting, _ = join(world, rank, own, (local_leader, place, offering))
    if meeting.over:
        _offer(world, meeting.in_order())

    def ready() -> bool:
        return offering.is_done()

    waiting = Waiting(ready, lambda: 0, offering.about(), requests=(offering,), meeting=(meeting, own))
    return adopted(rank, waiting, place)


def _offer(world: World, calls: Sequence[Call]) -> None:
    """All ranks of a group have come: they share their leader's offer, which may meet another."""
    offer = calls[0].arguments[2].offer
    for call in calls:
        if call.arguments[0] != calls[0].arguments[0]:
            message = "MPI_Intercomm_create: the ranks of a group name different leaders"
            raise Fault(message, call.line, call.world_rank, kind=Kind.CALL_MATCHING, others=(calls[0].line,))
        offer = call.arguments[2].offer or offer
    assert isinstance(offer, Offer)
    offer.calls = list(calls)
    for call in calls:
        call.arguments[2].offer = offer
    for other in world.offers:
        if other.fits(offer):
            world.offers.remove(other)
            _meet(other, offer)
            world.mailboxes.matches += 1
            return
    world.offers.append(offer)


def _meet(one: Offer, other: Offer) -> None:
    first = one.calls[0]
    groups = (tuple(c.world_rank for c in one.calls), tuple(c.world_rank for c in other.calls))
    if not set(groups[0]).isdisjoint(groups[1]):
        message = "MPI_Intercomm_create: the two groups have ranks in common"
        raise Fault(message, first.line, first.world_rank, kind=Kind.COMMUNICATOR)
    made = Intercommunicator(f"the communicator of line {first.line}", groups, first.line)
    one.made = other.made = made
    for call in (*one.calls, *other.calls):
        put(call.arguments[1], made)


def between(value: Any, rank: Rank) -> Intercommunicator:
    known = communicator(value, rank.number)
    if not isinstance(known, Intercommunicator):
        raise Fault(f"{rank.call} of a communicator of one group", kind=Kind.COMMUNICATOR)
    return known


def _merge(world: World, rank: Rank, comm: Any, high: int, place: Any) -> Waiting:
    known = between(comm, rank)
    return adopted(rank, meet(world, rank, known, (known, high, place)), place)


def _remote_size(_world: World, rank: Rank, comm: Any, result: Any) -> int:
    put(result, len(between(comm, rank).peers(rank.number)))
    return 0


def _remote_group(_world: World, rank: Rank, comm: Any, result: Any) -> int:
    return give_group(rank, between(comm, rank).peers(rank.number), result)


def _parent(_world: World, _rank: Rank, result: Any) -> int:
    put(result, NULL)
    return 0


INTERCOMMUNICATOR_CALLS: dict[str, Callable[..., Any]] = {
    **{"MPI_Intercomm_create": _create, "MPI_Intercomm_merge": _merge, "MPI_Comm_remote_size": _remote_size},
    **{"MPI_Comm_remote_group": _remote_group, "MPI_Comm_get_parent": _parent},
}
