"""What is told of a refuted run by its history: it is run once more, recorded, and followed back from what is wrong."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from chatmpi.verify.simulate.comparison import Equals
from chatmpi.verify.simulate.errors import Fault, OutOfBudget, Unsupported
from chatmpi.verify.simulate.formats import Item
from chatmpi.verify.simulate.terms import Term
from chatmpi.verify.simulate.tracing.case import Case
from chatmpi.verify.simulate.tracing.counterparts import Counterparts
from chatmpi.verify.simulate.tracing.divergence import first_divergence
from chatmpi.verify.simulate.tracing.events import Event
from chatmpi.verify.simulate.tracing.lost_choices import told_of_lost_choice
from chatmpi.verify.simulate.tracing.origin import Origins
from chatmpi.verify.simulate.tracing.other_results import (
    given_otherwise,
    other_result,
    told_of_given,
    told_of_other_result,
)
from chatmpi.verify.simulate.tracing.recorded import Recorded, record
from chatmpi.verify.simulate.tracing.times import other_times
from chatmpi.verify.simulate.tracing.told import told, told_of_divergence, told_of_times
from chatmpi.verify.simulate.tracing.told_of_faults import told_of_fault
from chatmpi.verify.simulate.tracing.whereabouts import each_of, sources, with_tests

_FIRST, _MOST = 6, 9  # sentences: on the way of a value that is printed, and in all

# An item that was printed, or a character of one, with its event.
_Printed = tuple[Item, Event]


def traced(case: Case) -> tuple[str, ...]:
    """Nothing where another order of messages was refuted, or too much would have to be done."""
    try:
        run = record(case)
        if (run.fault.message if run.fault is not None else "") != case.fault:
            return ()
        origins = Origins(run)
        counterparts = Counterparts(origins)
        if run.fault is not None:
            found = told_of_fault(run, counterparts, run.fault)
        else:
            found = list(_of_output(run, origins, counterparts))
    except (Fault, Unsupported, OutOfBudget):
        return ()
    return tuple(dict.fromkeys(found))[:_MOST]


def _of_output(run: Recorded, origins: Origins, counterparts: Counterparts) -> Iterator[str]:
    equals = Equals(run.terms)
    wanted, got = list(_pieces(run.expected)), list(_pieces(run.came))
    different = [k for k, (a, b) in enumerate(zip(wanted, got, strict=False)) if not _is_same(a, b, equals)]
    k = different[0] if different else min(len(wanted), len(got))
    result = other_result(origins)
    if result is not None:
        yield told_of_other_result(result)
    if k >= len(wanted) or k >= len(got) or _is_left_out(wanted[k:], got[k:], equals):
        yield from _gap(counterparts, wanted[k:], got[max(0, k - 1) : k + 1])
        return
    origin = origins.origin(wanted[k][1], got[k][1])
    if origin.why == "computed" and (more := next((k for k in different if _is_floating(wanted[k], got[k])), 0)):
        origin = origins.origin(wanted[more][1], got[more][1])  # places are found by comparing values
    if lost := told_of_lost_choice(origins, wanted[k][1]):
        yield lost
    if result is None and (call := given_otherwise(origins, origin.path[-1])) is not None:
        yield told_of_given(origins, call)
    yield from told(origins, origin)[:_FIRST]
    if result is not None:
        return
    divergence = first_divergence(origins, counterparts, origin)
    if divergence is not None and not _is_whole(divergence.came or divergence.expected):
        yield from told_of_divergence(origins, counterparts, divergence)
    elif (found := other_times(run, counterparts)) is not None:  # whole numbers are the same by chance in many places
        yield told_of_times(found)
    elif divergence is not None:
        yield from told_of_divergence(origins, counterparts, divergence)


def _is_whole(e: Event | None) -> bool:
    return e is not None and isinstance(e.value, int)


def _is_floating(*printed: _Printed) -> bool:
    return all(not isinstance(item, str) and isinstance(item[1], Term) for item, _ in printed)


def _pieces(items: Sequence[_Printed]) -> Iterator[_Printed]:
    """Of a text its characters: programs may print it in other pieces."""
    for item, event in items:
        if isinstance(item, str):
            yield from ((c, event) for c in item)
        else:
            yield item, event


def _is_same(a: _Printed, b: _Printed, equals: Equals) -> bool:
    x, y = a[0], b[0]
    if isinstance(x, str) or isinstance(y, str):
        return x == y
    return x[0] == y[0] and equals.equality(x, y) not in ("different", "unclear")


def _is_left_out(wanted: Sequence[_Printed], came: Sequence[_Printed], equals: Equals) -> bool:
    """Whether what came was to be printed later, by the same line or as the next that another prints."""
    if isinstance(came[0][0], str):
        following = next((k for k, (_, e) in enumerate(wanted) if e.at != wanted[0][1].at), len(wanted))
        return _text(came).strip() != "" and _text(came) == _text(wanted[following:])
    same = [w for w in wanted[1:] if w[1].at == wanted[0][1].at]
    others = [w for w in wanted if w[1].at != wanted[0][1].at and not isinstance(w[0], str)]
    return any(_is_same(w, came[0], equals) for w in (*same, *others[:1]))


def _text(printed: Sequence[_Printed]) -> str:
    """What is printed first, of one event, if that is text."""
    first = itertools.takewhile(lambda p: isinstance(p[0], str) and p[1] is printed[0][1], printed)
    return "".join(str(item) for item, _ in first)


def _gap(counterparts: Counterparts, wanted: Sequence[_Printed], around: Sequence[_Printed]) -> Iterator[str]:
    """Something is not printed, or too much is."""
    lines = list(dict.fromkeys(f"{with_tests(e)} on rank {e.rank}" for _, e in around))
    if not wanted:
        yield f"more is printed than the sequential program prints, in {' and '.join(lines)}"
    elif lines:
        yield f"what line {wanted[0][1].line} of the sequential program prints is left out by {' and '.join(lines)}"
    else:
        line, tests = counterparts.tests_of_line(counterparts.looks_like(wanted[0][1].at))
        under = " and ".join(f"line {t.line}" for t in tests)
        yield f"no rank comes to line {line}, which prints it{f', under {under}' if under else ''}"
        bounds = sources([r for t in tests for r in t.reads])
        if bounds:
            yield f"whether it is run depends on {each_of(bounds)}"
    if len(around) < 2:
        yield from _ends(counterparts)


def _ends(counterparts: Counterparts) -> Iterator[str]:
    """Where ranks left the program early."""
    for line, test in counterparts.early_ends():
        yield f"a rank ends in line {line}{f', under line {test}' if test else ''}"
