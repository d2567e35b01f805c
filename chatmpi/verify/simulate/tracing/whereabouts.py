"""The tests around an event, and where whole numbers are from: how both are found, and told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chatmpi.verify.simulate.terms import Term
from chatmpi.verify.simulate.tracing.events import Event
from chatmpi.verify.simulate.tracing.made_from import base
from chatmpi.verify.simulate.values import NULL, Handle

_LINES, _FORMULAS = 4, 2


def tests_around(e: Event) -> list[Event]:
    """The tests under which an event stands, the innermost first."""
    found: list[Event] = []
    under = e.under
    while under is not None and len(found) < 4:
        if under.kind == "test" and under.line not in [f.line for f in found]:
            found.append(under)
        under = under.under
    return found


def sources(events: Sequence[Event], deep: int = 6) -> list[Event]:
    """Where whole numbers are from, one for each line, the nearest first."""
    found: dict[int, Event] = {}
    layer = list(events)
    for _ in range(deep):
        following: list[Event] = []
        for e in layer:
            if (isinstance(e.value, tuple | Term) and e.value is not NULL) or e.serial in [
                f.serial for f in found.values()
            ]:
                continue
            if e.line and e.line not in found and not (e.kind == "message" and not e.reads):
                found[e.line] = e
            direct = [r for r in e.reads if r.kind == "return" and r.value == e.value]
            following += [*reversed(direct), *e.reads, *e.places]
        layer = following
    return list(found.values())


def each_of(events: Sequence[Event], deciding: bool = False) -> str:
    """Variables and the lines that set them, then what functions return: they say who has what. `deciding`: with the
    test that lets the first be set."""
    formulas = [e for e in events if e.kind == "return"][:_FORMULAS]
    numbers = sorted((e for e in events if e.kind != "return"), key=lambda e: isinstance(e.value, Handle))
    told = [*numbers[: _LINES - len(formulas) // 2], *formulas]
    return ", ".join(_with_line(e) + (_decided(e) if deciding and e is told[0] else "") for e in told)


def _with_line(e: Event) -> str:
    name = f"'{base(e.what)}' of " if base(e.what) else ""
    sent = f", sent in line {e.sent_in}" if e.kind == "message" and e.sent_in else ""
    return f"{name}line {e.line}{sent}"


def _decided(e: Event) -> str:
    tests = [t for t in tests_around(e)[:1] if t.line != e.line and e.kind == "set"]
    return f" (under line {tests[0].line})" if tests else ""


def with_tests(e: Event) -> str:
    """A line and those that decide whether it is run."""
    within = ", ".join(f"line {t.line}" for t in tests_around(e)[:3] if t.line != e.line)
    return f"line {e.line}{f' (under {within})' if within else ''}"


def bounds(e: Event) -> Iterator[str]:
    """The tests that let an event happen, and what they depend on."""
    tests = tests_around(e)[:3]
    if tests:
        lines = [x for x in sources([r for t in tests for r in t.reads]) if x.line not in [t.line for t in tests]]
        depends = f", which depends on {each_of(lines)}" if lines else ""
        yield f"line {e.line} is under {' and '.join(f'line {t.line}' for t in tests)}{depends}"
