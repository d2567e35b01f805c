"""What people are told of the origin of a wrong value, a sentence each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chatmpi.verify.simulate.terms import Term
from chatmpi.verify.simulate.tracing.counterparts import Counterparts
from chatmpi.verify.simulate.tracing.divergence import Divergence
from chatmpi.verify.simulate.tracing.events import LOCAL, Event
from chatmpi.verify.simulate.tracing.made_from import (
    adding,
    base,
    copied,
    copies,
    is_element,
    is_put_together,
    is_step,
    near,
)
from chatmpi.verify.simulate.tracing.origin import Origin, Origins
from chatmpi.verify.simulate.tracing.times import Times
from chatmpi.verify.simulate.tracing.told_of_elements import given, given_to, left_out, others, writers
from chatmpi.verify.simulate.tracing.whereabouts import each_of, sources, tests_around, with_tests

_PARTS, _LINES, _NEAR = 3, 5, 5


def told_of_divergence(origins: Origins, counterparts: Counterparts, found: Divergence) -> list[str]:
    """What is wrong in the first line that does something else."""
    if found.came is None:
        assert found.expected is not None
        return list(uncovered(counterparts, found.expected))
    if found.expected is None:
        sets = f"rank {found.came.rank} sets{_named(found.came)} in line {found.came.line}"
        lines = _bounds_of(found.came)
        depends = f"; whether it is run depends on {each_of(lines)}" if lines else ""
        return [f"{sets} to what the sequential program does not{depends}", *_subscripts(found.came)]
    return told(origins, origins.origin(found.expected, found.came))


def _is_misplaced(origin: Origin) -> bool:
    """Whether a floating value is used in the place of another: whole numbers are the same by chance."""
    return origin.why == "misplaced" and origin.expected is not None and isinstance(origin.expected.value, Term)


def told_of_times(found: Times) -> str:
    """That a test is made less often than by the sequential program, or more often."""
    tests = found.tests[:_PARTS]
    places = " and ".join(with_tests(t) for t in tests)
    lines = [x for t in tests for x in _bounds_of(t)]
    depends = f"; whether they are depends on {each_of(list(dict.fromkeys(lines)))}" if lines else ""
    together = " together" if len(tests) > 1 else ""
    which = f": {found.which}" if found.which else ""
    return (
        f"line {found.line} of the sequential program is come to {found.times} times, {places} {found.often} times"
        f"{together}{which}{depends}"
    )


def told(origins: Origins, origin: Origin) -> list[str]:
    """The way of the value first, then what is wrong with it where it begins."""
    counterparts = Counterparts(origins)
    first = origin.path[-1]
    found = list(_way(origin.path))
    match origin.why:
        case "decided":
            assert origin.part is not None
            assert origin.expected is not None
            found.append(
                f"rank {origin.part.rank} decides in line {origin.part.line} otherwise than line "
                f"{origin.expected.line} of the sequential program"
            )
        case "set" | "computed":
            found += _set(first, origin)
            if origin.why == "set" and origin.expected is not None and not counterparts.of(origin.expected):
                found += uncovered(counterparts, origin.expected)
        case "added":
            lines = _bounds_of(first)
            depends = f"; whether it is run depends on {each_of(lines)}" if lines else ""
            found.append(
                f"{with_tests(first)} on rank {first.rank} adds a product that the sequential program has not in this "
                f"sum{depends}"
            )
            found += [*_brought(counterparts, lines), *_subscripts(first)]
        case "extra":
            assert origin.part is not None
            uses = f"{with_tests(first)} on rank {first.rank} uses"
            found.append(f"{uses} what {_set_where(origin.part)}: that is too much")
        case "misplaced":
            assert origin.part is not None
            uses = f"line {first.line} on rank {first.rank} uses"
            other = "the value of another place" if _is_misplaced(origin) else "another number than should be there"
            found.append(f"{uses} what {_set_where(origin.part)}: that is {other}")
            found += _subscripts(first)
    if origin.why == "lacking" and (kept := _kept_by_root(counterparts, origin)):
        found.append(kept)
    elif origin.why == "lacking" and origin.expected is not None and (adds := _added(counterparts, origin)):
        found.append(adds)
    elif origin.expected is not None and (origin.why == "lacking" or _is_misplaced(origin)):
        found += list(_share(counterparts, origin)) or missing(counterparts, origin.expected, origin.use())
    found += _by_message(counterparts, origin.part if origin.why == "misplaced" and origin.part is not None else first)
    found += left_out(counterparts.events, origin.path)
    messages = [e for e in (first, origin.part) if e is not None and e.kind == "message"]
    found += [s for message in messages[:1] for s in _own_operation(counterparts, message)]
    if origin.why == "lacking" and origin.part is not None:
        found += _in_its_place(counterparts, origin.path[-1], origin.part)
    return found


def _by_message(counterparts: Counterparts, number: Event) -> Iterator[str]:
    """Of a whole number, which is not followed further as it may be the same by chance: messages it is made of."""
    if not isinstance(number.value, int):
        return
    brought = (e for e in near(number, _NEAR) if e.kind == "message" and e.under is not None and e.reads)
    messages = {e.line: e for e in brought if e.under is not None and not e.under.what.startswith(LOCAL)}
    for message in list(messages.values())[:2]:
        call = message.under.what if message.under is not None else ""
        yield f"that is made of what the {call} of line {message.line} brings to rank {message.rank}"
        yield from given(counterparts.events, message)


def _own_operation(counterparts: Counterparts, message: Event) -> Iterator[str]:
    """What a reduction by a function of the program puts together, and the lines of that function that it runs."""
    lines = counterparts.operation_of(message)
    if lines:
        given = dict.fromkeys(with_tests(r) for r in message.reads)
        runs = ", ".join(f"line {line}" for line in lines[:_LINES])
        yield f"the operation, which runs {runs}, puts together what is set in {' and '.join(given)}"


def _added(counterparts: Counterparts, origin: Origin) -> str:
    """Where a rank that has what is lacking in a sum adds other values."""
    assert origin.expected is not None
    have = counterparts.of(origin.expected)
    adders = [a for h in have for a in adding(origin.path[-1]) if a.rank == h.rank]
    if not adders:
        return ""
    where = f"{with_tests(adders[-1])} on rank {adders[-1].rank}"
    lines = _bounds_of(adders[-1])
    more = f"; what it adds depends on {each_of(lines)}" if lines else ""
    by = "".join(f", and {told}" for told in _brought(counterparts, lines))
    return f"{where} adds others, and not{_named(have[0])} of line {have[0].line}{more}{by}"


def _kept_by_root(counterparts: Counterparts, origin: Origin) -> str:
    """Which other rank has the whole of a sum by a reduction that gives it to nobody else."""
    last = origin.path[-1]
    if origin.whole is None or not is_put_together(last):
        return ""
    have = [e for e in counterparts.of(origin.whole) if base(e.what) == base(last.what)]
    kept = [e for e in have if e.kind == "message" and e.under is not None and e.rank != last.rank]
    if not kept or any(e.rank == last.rank for e in have):
        return ""
    call = f"the {kept[0].under.what if kept[0].under else 'message'} of line {kept[0].line}"
    return f"{call} gives rank {kept[0].rank} what should be there, and nothing brings it to rank {last.rank}"


def _share(counterparts: Counterparts, origin: Origin) -> Iterator[str]:
    """Where another rank adds what is lacking to a sum of its own."""
    last = origin.path[-1]
    if origin.why != "lacking" or origin.expected is None or not is_put_together(last):
        return
    have = counterparts.of(origin.expected)
    if any(h.rank == last.rank for h in have):
        return
    names = {(base(a.what), max(a.cell, 0)) for a in adding(last)}
    shares = [s for h in have[:1] for s in counterparts.sums_with(h) if (base(s.what), max(s.cell, 0)) in names]
    shares = [s for s in shares if origin.whole is not None and counterparts.is_part(s, origin.whole)]
    use = origin.use() if not shares or origin.use().rank != shares[-1].rank else last
    apart = [s for s in shares if s.line != use.line]
    yield from not_brought(counterparts, apart[-1:], use)


def _in_its_place(counterparts: Counterparts, use: Event, part: Event) -> Iterator[str]:
    """What is used in the place of a value, how it came there, and how others of its array came by theirs."""
    ways = [list(copies(r)) for r in use.reads if copied(r) is part]
    messages = [e for way in ways for e in way if e.kind == "message"]
    by = f", by the {messages[0].under.what} of line {messages[0].line}" if messages and messages[0].under else ""
    yield f"in its place is what {_set_where(part)}{by}"
    if messages:
        yield from given(counterparts.events, messages[0])
    elif part.target is not None and part.cell < 0:
        yield from others(counterparts.events, writers(counterparts.events, part.target), len(part.target))


def _bounds_of(e: Event) -> list[Event]:
    """What the tests around an event depend on, beside what they set themselves."""
    tests = tests_around(e)[:3]
    said = (e.line, *(t.line for t in tests))
    return [x for x in sources([r for t in tests for r in t.reads]) if x.line not in said]


def _way(path: Sequence[Event]) -> Iterator[str]:
    """The messages and lines by which a value came, the last first."""
    hops: list[str] = []
    made = (p for p in path[1:] if p.kind != "step")
    for e in dict.fromkeys(x for p in made for x in (p, *(c for c in copies(p) if c.kind == "message"))):
        call = e.under.what if e.under is not None else "message"
        place = f"the {call} of line {e.line}" if e.kind == "message" else f"line {e.line}"
        chosen = [t for t in tests_around(e)[:1] if e.kind == "set" and t.line != e.line]
        hop = f"{place}{f' (under line {chosen[0].line})' if chosen else ''} on rank {e.rank}"
        if e.kind == "message" and e.under is not None and e.under.called_in:
            hop += f", called in line {e.under.called_in}"
        if e.sender >= 0 and e.sent_in != e.line:
            hop += f", sent in line {e.sent_in} by rank {e.sender}"
        if not hops or hops[-1] != hop:
            hops.append(hop)
    if len(hops) > 1:
        yield f"it comes from {'; that from '.join(hops[:2] + hops[-2:] if len(hops) > 4 else hops)}"


def _set_where(e: Event) -> str:
    tests = tests_around(e)
    where = f"line {e.line}"
    if tests and tests[0].line != e.line:
        where += f" (under line {tests[0].line})"
    if e.kind == "message" and e.sender >= 0:
        return f"the call of line {e.line} got from line {e.sent_in} of rank {e.sender}"
    return f"{where} sets{_named(e)} on rank {e.rank}"


def _named(e: Event) -> str:
    name = base(e.what)
    return f" '{name}'" if name else ""


def _set(e: Event, origin: Origin) -> Iterator[str]:
    under = [t.line for t in tests_around(e)[:1] if t.line != e.line]
    where = f"line {e.line}{f' (under line {under[0]})' if under else ''}"
    if e.kind == "print":
        yield f"rank {e.rank} prints it in {where}"
    elif e.kind == "step":
        depends = each_of(_bounds_of(e))
        adds = f"{with_tests(e)} on rank {e.rank} adds {e.value} to{_named(e)}"
        yield f"{adds}{f', which depends on {depends}' if depends else ''}"
    else:
        value = f" to {e.value}" if isinstance(e.value, int) and not isinstance(e.value, bool) else ""
        depends = each_of(_bounds_of(e)) if isinstance(e.value, Term) or is_step(e) else ""
        yield f"rank {e.rank} sets{_named(e)}{value} in {where}{f', which depends on {depends}' if depends else ''}"
    if origin.part is not None:
        yield from _from([origin.part])
    yield from _subscripts(e)


def _from(events: Sequence[Event]) -> Iterator[str]:
    lines = sources(events)
    if lines:
        each = each_of(lines)
        yield f"its operands come from {each}"


def _subscripts(e: Event) -> Iterator[str]:
    lines = [x for x in sources([*e.places]) if x.line != e.line]
    if lines:
        each = each_of(lines)
        yield f"the subscripts of line {e.line} come from {each}"


def missing(counterparts: Counterparts, expected: Event, use: Event) -> Iterator[str]:
    """What is known of a value that should be there: who has it, or where it should have been computed."""
    found = [c for c in counterparts.of(expected) if c.serial < use.serial] or counterparts.of(expected)
    own = [c for c in found if c.rank == use.rank]
    if own:
        yield f"what should be there is{_named(own[-1])} of {with_tests(own[-1])} on the same rank"
        over = counterparts.overwritten(own[-1], use) if own[-1].cell >= 0 else None
        if over is not None:
            yield f"{with_tests(over)} sets another value in its place"
        elif base(own[-1].what) == base(expected.what):
            yield from not_brought(counterparts, [counterparts.reached(own[-1])], use)
        elif any(base(c.what) == base(expected.what) for c in counterparts.siblings(expected)):
            yield from uncovered(counterparts, expected)
        elif own[-1].target is not None:
            yield from not_brought(counterparts, own, use)
    elif found:
        formula = next((x for x in _bounds_of(found[0]) if x.kind == "return"), None)
        depends = f", which depends on line {formula.line}" if formula is not None else ""
        yield f"what should be there is computed in {with_tests(found[0])} on rank {found[0].rank}{depends}"
        yield from not_brought(counterparts, [counterparts.reached(found[0])], use)
    else:
        apart = counterparts.shares(expected, use) or counterparts.partial_sums(expected)
        yield from not_brought(counterparts, apart, use) if apart else uncovered(counterparts, expected)


def not_brought(counterparts: Counterparts, have: Sequence[Event], use: Event) -> Iterator[str]:
    """Ranks have something that is used on another."""
    others = [e for e in have if e.rank != use.rank or e.line != use.line]
    if others:
        last = others[-1]
        names = f"what is in '{base(last.what)}' on" if base(last.what) else "what is computed on"
        yield f"nothing brings {names} rank {last.rank} to where it is used on rank {use.rank}, {_between(last, use)}"
        yield from _calls_between(counterparts, last, use)


def _calls_between(counterparts: Counterparts, last: Event, use: Event) -> Iterator[str]:
    """What a call is given that might have brought it, or that it is made too early or too late for that."""
    there, here = counterparts.calls_with(last, last.rank), counterparts.calls_with(last, use.rank)
    before = [c for c in here if c.serial < use.serial]
    if last.rank != use.rank and before and any(c.serial > last.serial for c in there):
        yield from given_to(counterparts.after, before[-1:])
    elif last.rank != use.rank and there and all(c.serial < last.serial for c in there):
        yield f"the {there[-1].what} of line {there[-1].line} is made before that"
    elif later := [c for c in counterparts.bringing(here, last) if c.line not in {b.line for b in before}]:
        yield f"the {later[0].what} of line {later[0].line} is made after that"


def _between(first: Event, last: Event) -> str:
    found = f"between line {first.line} and line {last.line}"
    tests = tests_around(last)
    if last.kind == "print" or first.line < last.line or not tests:
        return found
    return f"{found} of the next iteration of line {tests[-1].line}"


def uncovered(counterparts: Counterparts, expected: Event) -> Iterator[str]:
    """No rank computes a value: the loop that computes its likes does not come to it."""
    expected = counterparts.used_by(counterparts.first_lacking(expected))
    siblings = counterparts.siblings(expected)
    if not siblings:
        yield from _never_run(counterparts, expected)
        return
    last = siblings[-1]
    places = " and ".join(with_tests(e) for e in _parts_of_loop(counterparts, expected, last))
    yield (
        f"no rank sets{_named(expected)} to what line {expected.line} of the sequential program does, though "
        f"{places} {'are' if ' and ' in places else 'is'} for that"
    )
    if left := _left_early(counterparts.events, last):
        yield left
    if lines := _bounds_of(last):
        yield f"whether it is run depends on {each_of(lines)}"
        yield from _brought(counterparts, lines)


def _brought(counterparts: Counterparts, numbers: Sequence[Event]) -> Iterator[str]:
    """Which calls have part in an array that bounds depend on."""
    for e in filter(is_element, numbers):
        calls = list(dict.fromkeys(f"the {c.what} of line {c.line}" for c in counterparts.calls_with(e, e.rank)))
        if calls:
            yield f"'{base(e.what)}' takes part in {' and '.join(calls[:2])} on rank {e.rank}"
            return


def _left_early(events: Sequence[Event], last: Event) -> str:
    """Where a loop around what was done last in it was left after that."""
    loops = [t for t in tests_around(last) if t.value]
    left = [e for e in events[last.serial :] if e.kind == "break" and e.rank == last.rank]
    for e in left[:1]:
        around = {t.at for t in tests_around(e)}
        loop = next((t for t in loops if t.at in around and t.line != e.line), None)
        if loop is not None:
            return f"rank {e.rank} leaves the loop of line {loop.line} in {with_tests(e)} after that"
    return ""


def _parts_of_loop(counterparts: Counterparts, expected: Event, found: Event) -> list[Event]:
    """What sets the likes of a value: one loop may have become several."""
    lines = counterparts.lines(expected.at)
    same = {e.line: e for e in counterparts.events if e.at in lines and e.kind == "set"}
    return list(same.values()) if found.line in same and len(same) <= _PARTS else [found]


def _never_run(counterparts: Counterparts, expected: Event) -> Iterator[str]:
    """The line that would compute a value is not come to."""
    at = counterparts.looks_like(expected.at)
    if not at:
        yield f"no rank computes what line {expected.line} of the sequential program does"
        return
    line, tests = counterparts.tests_of_line(at)
    lines = [x for x in sources([r for t in tests for r in t.reads]) if x.line not in [t.line for t in tests]]
    under = f", under {' and '.join(f'line {t.line}' for t in tests)}" if tests else ""
    yield f"no rank comes to line {line}, which looks like line {expected.line} of the sequential program{under}"
    if lines:
        yield f"whether it is run depends on {each_of(lines)}"
