"""What people are told of the way to a fault: where the values are from that the faulty line uses, a sentence each."""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Sequence
from types import FrameType

from chatmpi.verify.simulate.as_python.compiled import FILE
from chatmpi.verify.simulate.errors import Fault, Kind
from chatmpi.verify.simulate.mpi.guards import Guarded, Hold
from chatmpi.verify.simulate.mpi.messages import Mailboxes, Message
from chatmpi.verify.simulate.terms import Term
from chatmpi.verify.simulate.tracing.counterparts import Counterparts
from chatmpi.verify.simulate.tracing.events import Blank, Event
from chatmpi.verify.simulate.tracing.made_from import base, parts
from chatmpi.verify.simulate.tracing.not_come_to import not_come_to, set_otherwise
from chatmpi.verify.simulate.tracing.notes import Notes
from chatmpi.verify.simulate.tracing.parted import parted
from chatmpi.verify.simulate.tracing.recorded import Recorded
from chatmpi.verify.simulate.tracing.told import missing, not_brought
from chatmpi.verify.simulate.tracing.told_of_elements import given, given_to, others, writers
from chatmpi.verify.simulate.tracing.told_of_waits import behind, not_received, not_sent, receiving
from chatmpi.verify.simulate.tracing.whereabouts import bounds, each_of, sources, tests_around, with_tests
from chatmpi.verify.simulate.values import NULL, POISON, Object

_DEEPEST, _SENTENCES = 4, 5
_ACCESSES = (Guarded.__getitem__.__code__, Guarded.__setitem__.__code__)


def told_of_fault(run: Recorded, counterparts: Counterparts, fault: Fault) -> list[str]:
    notes = next((n for n in run.after.ranks if n.rank == fault.rank), None)
    if notes is None:
        return []
    at = _line_of_python(fault)
    if fault.kind == Kind.UNINITIALISED and notes.blank is not None:
        here = notes.event("test", at, "", None)
        found = list(_never_set(run, counterparts, notes, notes.blank))
        elsewhere = counterparts.same_element(notes.blank.target, notes.blank.cell, notes.rank)
        found += not_received(run, notes.rank, here)
        wanted = counterparts.wanted(at, here.reads, notes.blank.target.name) if at and not elsewhere else None
        found += not_brought(counterparts, [counterparts.reached(e) for e in elsewhere[:1]], here)
        same = [c for c in counterparts.of(wanted) if base(c.what) == base(wanted.what)] if wanted is not None else []
        if wanted is not None and same:  # ranks that have it may not have come to it yet
            found += [s for s in missing(counterparts, wanted, here) if s not in found]
        return [*found, *bounds(here)]
    if fault.kind == Kind.UNINITIALISED and at:
        here = notes.event("test", at, "", None)
        variables = [e for e in here.reads if e.value is POISON]
        found = [f"nothing sets '{base(e.what)}' on rank {notes.rank}" for e in variables]
        return [*found, *_expected(run, counterparts, notes)] if found else list(_used(here))
    if fault.kind == Kind.CONCURRENCY and fault.others:
        receive = _receiving(fault)
        by = [f"it is the {receive.call} of line {int(receive.line)} that receives there"] if receive else []
        return [_not_waited_for(run, notes, fault, at), *by, *_memory_of(run, notes, int(fault.others[0]))]
    if at:
        here = notes.event("test", at, "", None)
        used = [e.value[0] for e in here.reads if isinstance(e.value, tuple) and isinstance(e.value[0], Object)]
        return [*_used(here), *_allocated(run, notes, used)]
    if fault.kind == Kind.REQUEST and notes.called is not None and notes.called.given:
        target = notes.called.given[0]
        blank = next((k for k, v in enumerate(list.__iter__(target)) if v is POISON), None)
        if blank is not None:
            return list(_never_set(run, counterparts, notes, Blank(target, blank, None)))
    found = []
    if (first := behind(run, notes)) is not None:
        found += not_sent(run, counterparts, *first)
        found += given_to(run.after, receiving(run, *first))
    found += [*not_sent(run, counterparts, notes), *parted(run.after, notes.rank)]
    found += _of_nowhere(run, counterparts, notes)
    if fault.kind == Kind.COUNT and notes.called is not None:
        found += _allocated(run, notes, notes.called.given)
    return list(dict.fromkeys([*found, *(s for call in _calls(run, notes, fault) for s in _given(run, call))]))[
        :_SENTENCES
    ]


def _of_nowhere(run: Recorded, counterparts: Counterparts, notes: Notes) -> Iterator[str]:
    """Null pointers that a call is given and that other lines set to something."""
    for pointer in notes.called.reads if notes.called is not None else ():
        if pointer.value is NULL and (otherwise := set_otherwise(run.after, counterparts, pointer)):
            yield f"'{base(pointer.what)}' is a null pointer of line {pointer.line}{otherwise}"


def _allocated(run: Recorded, notes: Notes, objects: Sequence[Object]) -> Iterator[str]:
    """Where memory is from, and what its size depends on."""
    for made, at in run.world.ranks[notes.rank].process.allocations:
        if any(made is o for o in objects) and made.layout is not None:
            line = int(run.after.compiled.c_line(at))
            stored = [e for e in notes.history.events if isinstance(e.value, tuple) and e.value and e.value[0] is made]
            lines = [x for x in sources([r for e in stored[:1] for r in e.reads]) if x.line != line]
            count = f"'{made.name}' has {len(made)} elements" if made.name else f"the memory has {len(made)} elements"
            yield f"{count}, from line {line}{f', which depends on {each_of(lines)}' if lines else ''}"


def _not_waited_for(run: Recorded, notes: Notes, fault: Fault, at: int) -> str:
    started, pending = int(fault.others[0]), _later_ones(fault)
    found = f"nothing waits for it between line {started} and line {int(fault.line)}"
    calls = [e for e in run.after.events if e.kind == "call" and e.rank == notes.rank and e.line == started]
    if len(calls) > pending and at:
        call, tests = calls[-1 - pending], tests_around(notes.event("test", at, "", None))
        again = [t for t in tests if t.serial > call.serial and t.at in [x.at for x in tests_around(call)]]
        if again:
            found += f" of the next iteration of line {again[-1].line}"
    return found


def _memory_of(run: Recorded, notes: Notes, line: int) -> Iterator[str]:
    """Where the memory that a call is given is from, if that is chosen in another line."""
    calls = [e for e in run.after.events if e.kind == "call" and e.rank == notes.rank and e.line == line]
    for pointer in (r for call in calls[-1:] for r in call.reads if isinstance(r.value, tuple) and r.line != line):
        depends = each_of(sources([*pointer.reads, *pointer.places]))
        yield (
            f"the {calls[-1].what} of line {line} is given '{base(pointer.what)}' of {with_tests(pointer)}"
            f"{f', which depends on {depends}' if depends else ''}"
        )
        return


def _frames(fault: Fault) -> Iterator[FrameType]:
    return (frame for frame, _ in traceback.walk_tb(fault.__traceback__))


def _receiving(fault: Fault) -> Message | None:
    """The receive that was being started, if a call starts one of another line."""
    started = (f.f_locals["message"] for f in _frames(fault) if f.f_code is Mailboxes.post.__code__)
    found = next((m for m in started if isinstance(m, Message)), None)
    return found if found is not None and not found.is_send and found.line != fault.line else None


def _later_ones(fault: Fault) -> int:
    """How many requests of the same line use the same memory, started after that which is in the way."""
    holds = (f.f_locals["hold"] for f in _frames(fault) if f.f_code in _ACCESSES)
    hold = next((h for h in holds if isinstance(h, Hold)), None)
    if hold is None:
        return 0
    same = [h for h in hold.target.holds if h.line == hold.line]
    return len(same) - 1 - same.index(hold)


def _calls(run: Recorded, notes: Notes, fault: Fault) -> Iterator[Event]:
    """The calls that have part in a fault: those of its lines, and those in which ranks wait."""
    lines = {int(fault.line), *map(int, fault.others)}
    calls = [e for e in run.after.events if e.kind == "call"]
    yield from {e.rank: e for e in calls if e.line in lines and e.rank == notes.rank}.values()
    yield from {e.rank: e for e in calls if e.line in lines}.values()
    for n in run.after.ranks:
        waiting = run.world.ranks[n.rank].waiting
        if waiting is not None and n.called is not None:
            asked = {int(r.line) for r in waiting.requests if not r.is_done()}
            yield from {e.line: e for e in calls if e.rank == n.rank and e.line in asked}.values()
            yield n.called


def _line_of_python(fault: Fault) -> int:
    inner = fault.__context__ if isinstance(fault.__context__, IndexError | UnboundLocalError) else fault
    lines = [line for frame, line in traceback.walk_tb(inner.__traceback__) if frame.f_code.co_filename == FILE]
    return lines[-1] if lines else 0


def _used(e: Event) -> Iterator[str]:
    lines = sources([*e.places, *e.reads])
    if lines:
        yield f"line {e.line} uses {each_of(lines)}"
    yield from bounds(e)


def _given(run: Recorded, call: Event) -> Iterator[str]:
    yield from given_to(run.after, [call])
    yield from bounds(call)


def _never_set(run: Recorded, counterparts: Counterparts, notes: Notes, blank: Blank, deep: int = 0) -> Iterator[str]:
    """An element without a value: who sets its neighbours, or which message should have brought it."""
    target, cell, came = blank.target, blank.cell, blank.by
    owner = run.after.owners.get(id(target), notes)
    name = f"'{target.name}'" if target.name else "the memory"
    element = f"element {cell} of {name} on rank {owner.rank}" if len(target) > 1 else f"{name} on rank {owner.rank}"
    if came is not None and came.kind == "set" and came.blank is not None and deep < _DEEPEST:
        yield f"{element} is set in {with_tests(came)} to what has no value"
        yield from _never_set(run, counterparts, notes, came.blank, deep + 1)
        return
    if came is not None and came.kind == "message":
        if came.blank is not None and deep < _DEEPEST:
            yield f"{element} came with the call of line {came.line}" + (
                f" from line {came.sent_in} on rank {came.sender}" if came.sender >= 0 else ""
            )
            yield from _never_set(run, counterparts, notes, came.blank, deep + 1)
        else:
            same = [e for e in run.after.events if e.target is target and e.under is came.under and e.sender >= 0]
            message = same[-1] if same else came
            sent = f" of what is sent in line {message.sent_in}" if message.sent_in else ""
            yield f"{element} is to be brought by the call of line {came.line}, which brings nothing{sent}"
            yield from given(run.after.events, message)
        return
    yield f"nothing sets {element}"
    found = writers(run.after.events, target)
    if not found:
        yield from _expected(run, counterparts, owner)
    yield from others(run.after.events, found, cell)
    yield from not_come_to(run.after, counterparts, owner.rank, target)


def _expected(run: Recorded, counterparts: Counterparts, owner: Notes) -> Iterator[str]:
    """What should be printed next, and who has it."""
    printed = [e for _, e in run.came]
    if len(printed) >= len(run.expected):
        return
    numbers = [e for item, e in run.expected[len(printed) :] if not isinstance(item, str)]
    floating = [e for e in numbers if isinstance(e.value[1], Term) and e.at == numbers[0].at]
    use = owner.history.events[-1]
    for wanted in (floating or numbers)[:1]:
        read = sorted(parts(wanted), key=lambda e: not isinstance(e.value, Term))
        for part in read[:1]:
            yield from missing(counterparts, part, use)
