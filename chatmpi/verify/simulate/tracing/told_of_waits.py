"""What people are told of ranks that wait for messages: who does not send or receive them, and why that is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chatmpi.verify.simulate.mpi.messages import Message
from chatmpi.verify.simulate.mpi.requests import PROC_NULL, Request
from chatmpi.verify.simulate.tracing.counterparts import Counterparts
from chatmpi.verify.simulate.tracing.events import LOCAL, Event
from chatmpi.verify.simulate.tracing.not_come_to import set_otherwise
from chatmpi.verify.simulate.tracing.notes import Notes
from chatmpi.verify.simulate.tracing.recorded import Recorded
from chatmpi.verify.simulate.tracing.whereabouts import bounds, each_of, tests_around


def not_sent(run: Recorded, counterparts: Counterparts, notes: Notes, receive: Message | None = None) -> Iterator[str]:
    """A rank waits for a message (None: the first of several) of one that has gone past all that it sends."""
    waiting = run.world.ranks[notes.rank].waiting
    if waiting is None:
        return
    every: list[Request | None] = [receive] if receive is not None else [*waiting.requests, waiting.probe]
    for receive in (m for m in every if isinstance(m, Message) and not m.is_done()):
        everyone = receive.comm.peers(receive.owner)
        others = (r for r in everyone if r != notes.rank)
        peer = everyone[receive.peer] if receive.peer >= 0 else next(others, notes.rank)  # from any rank
        if receive.is_send:
            last = [e for e in run.after.events if e.kind == "call" and e.rank == peer][-1:]
            yield from (s for call in last for s in not_received(run, peer, call))
            return
        calls = [e for e in run.after.events if e.kind == "call" and e.rank == peer]
        before = list(filter(_is_for_others, calls[:-1]))
        if before:
            loop = tests_around(calls[-1]) if before[-1].line >= calls[-1].line else []
            yield (
                f"rank {peer} sends nothing for the receive of line {int(receive.line)} between the {before[-1].what} "
                f"of line {before[-1].line} and the {calls[-1].what} of line {calls[-1].line}"
                + (f" of the next iteration of line {loop[0].line}" if loop else "")
            )
            yield from _to_nobody(run, counterparts, before, receive)
            return


def _to_nobody(run: Recorded, counterparts: Counterparts, calls: Sequence[Event], receive: Message) -> Iterator[str]:
    """Of the calls of a rank that should have sent something: the last that sends it to MPI_PROC_NULL, and a line that
    sets the partner otherwise and that the rank does not come to."""
    sends = [c for c in calls if "send" in c.what.lower() and c.value[3:5] == (PROC_NULL, receive.tag)]
    partner = next((r for c in sends[-1:] for r in c.reads if r.value == PROC_NULL), None)
    if partner is None:
        return
    found = f"its {sends[-1].what} of line {sends[-1].line} is to MPI_PROC_NULL, {each_of([partner])}"
    yield found + set_otherwise(run.after, counterparts, partner)


def behind(run: Recorded, notes: Notes) -> tuple[Notes, Message] | None:
    """Of ranks that wait for messages that do not come, the one that stands before `notes` in the program and before
    all others: those have gone past what it waits for. Of several, one whose partner has. None where `notes` waits for
    no message, or is the first."""
    own = run.world.ranks[notes.rank].waiting
    if notes.called is None or own is None or not own.requests:
        return None
    at = {n.rank: _place(n.called) for n in run.after.ranks if n.called is not None}
    waiting = [(n, m) for n in run.after.ranks if n.rank in at for m in _asked(run, n)]

    def order(pair: tuple[Notes, Message]) -> tuple[int, bool, int]:
        here, partner = at[pair[0].rank], pair[1].comm.peers(pair[1].owner)[pair[1].peer]
        return here, at.get(partner, 0) <= here, pair[0].rank

    first = min(waiting, key=order, default=None)
    return first if first is not None and at[first[0].rank] < _place(notes.called) else None


def _asked(run: Recorded, notes: Notes) -> list[Message]:
    """The receives of one rank's messages that a rank waits for."""
    waiting = run.world.ranks[notes.rank].waiting
    every = [m for m in waiting.requests if isinstance(m, Message)] if waiting is not None else []
    return [m for m in every if not m.is_send and not m.is_done() and m.peer >= 0]


def receiving(run: Recorded, notes: Notes, receive: Message) -> list[Event]:
    """The call of a receive."""
    line = int(receive.line)
    return [e for e in run.after.events if e.kind == "call" and e.rank == notes.rank and e.line == line][-1:]


def _place(call: Event) -> int:
    """The line of main in which a rank calls."""
    return call.called_in or call.line


def not_received(run: Recorded, rank: int, here: Event) -> Iterator[str]:
    """What others send to a rank that has gone past all its receives of it."""
    before = [e for e in run.after.events[: here.serial] if e.kind == "call" and e.rank == rank and _is_for_others(e)]
    for other in run.world.ranks:
        sent = [m for m in other.waiting.requests if isinstance(m, Message)] if other.waiting is not None else []
        for message in (m for m in sent if m.is_send and not m.is_done() and m.peer >= 0):
            if before and message.comm.peers(message.owner)[message.peer] == rank:
                place = f"the {here.what} of line {here.line}" if here.kind == "call" else f"line {here.line}"
                yield (
                    f"rank {rank} does not receive what rank {other.number} sends in line {int(message.line)} between "
                    f"the {before[-1].what} of line {before[-1].line} and {place}"
                )
                if "recv" in before[-1].what.lower():
                    yield from bounds(before[-1])
                return


def _is_for_others(call: Event) -> bool:
    return not call.what.startswith(LOCAL)
