"""The first event of a refuted run that is wrong, found by going back from what is wrong last.

What a value was made of is compared with what the sequential program makes it of; the part that is not the same is
followed, over messages, until it is made of the right parts, or of nothing. Sums and extremes are compared as the
values that they put together, whichever rank or message did so.
"""

from __future__ import annotations

import functools
from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from chatmpi.verify.simulate.canonical import Canonical
from chatmpi.verify.simulate.terms import Term
from chatmpi.verify.simulate.tracing.events import Event, Returned
from chatmpi.verify.simulate.tracing.made_from import (
    added_by,
    adding,
    base,
    copied,
    is_extreme,
    is_index,
    is_put_together,
    is_same,
    is_step,
    is_zero,
    parts,
    parts_read,
)
from chatmpi.verify.simulate.tracing.recorded import Recorded

_DEEPEST = 500

Why = Literal["computed", "added", "extra", "lacking", "misplaced", "set", "decided"]


@dataclass(frozen=True)
class Origin:
    """`path`: from the value that is wrong last to the first that is. `why`: the last of them is made of the right
    parts in another way ("computed"), adds a product to a sum that has no such product ("added"), is made of one part
    too many (`part`) or too few (`expected`; `whole` is the value of the sequential program that has it), of the value
    of another place (`part`, in place of `expected`), was "set" to what is not expected, or a test "decided" otherwise
    (`part`). `beside`: what the sequential program has in the place of each of the path, as far as that is known.
    """

    why: Why
    path: tuple[Event, ...]
    part: Event | None = None
    expected: Event | None = None
    whole: Event | None = None
    beside: tuple[Event, ...] = ()

    def use(self) -> Event:
        """Where a value is used that lacks something: behind the last place where it is put together, on its rank."""
        last = self.path[-1]
        if self.why != "lacking" or len(self.path) < 2 or not is_put_together(last):
            return last
        before = self.path[-2]
        added = next((a for a in adding(before) if last in map(copied, a.reads)), None)
        return added or (before if before.rank == last.rank else last)


class Origins:
    """Looks for the origins of values in one pair of histories."""

    def __init__(self, run: Recorded) -> None:
        self.run = run
        self._canonical = Canonical(run.terms)
        self._known = {self.key(e.value) for e in run.before.events if isinstance(e.value, Term)}
        self._elements = {(base(e.what), e.value) for e in run.before.events if _is_counted_element(e)}
        self._tests: dict[bool, dict[Hashable, list[Event]]] = {}

    def key(self, value: Any) -> Hashable:
        """What two values have in common that are the same but for the order of sums."""
        if isinstance(value, Term):
            return ("term", self._canonical.of(value))
        return ("number", value) if isinstance(value, int) else id(value)

    def call_key(self, call: Returned) -> Hashable | None:
        """What two calls of a function have in common that are given the same, if that is numbers only."""
        if not call.given or not all(isinstance(v, int | Term) for v in call.given):
            return None
        return (call.function, *map(self.key, call.given))

    def is_known(self, value: Any) -> bool:
        """Whether the sequential program has a floating value too."""
        return isinstance(value, Term) and self.key(value) in self._known

    def is_of_both(self, e: Event) -> bool:
        """Whether the sequential program has the value too: of whole numbers, in the same array."""
        return self.is_known(e.value) or (_is_counted_element(e) and (base(e.what), e.value) in self._elements)

    def origin(self, expected: Event, came: Event) -> Origin:
        beside = [expected]
        return replace(self._origin(expected, came, beside), beside=tuple(beside))

    def _origin(self, expected: Event, came: Event, beside: list[Event]) -> Origin:
        path = [came]
        s: Event | None = expected
        c = came
        while True:
            beside += [] if s is None else [s]
            read = {x.serial: r for x, r in parts_read(c)}
            wanted = {x.serial: r for x, r in parts_read(s)} if s is not None else {}
            ours, theirs = parts(s) if s is not None else [], parts(c)
            if s is not None and is_extreme(c) and not is_extreme(s):
                ours, wanted = [copied(s)], {copied(s).serial: s}  # the sequential program chooses by a test
            extra, lacking = _of_one_sort(self._apart(theirs, ours, is_extreme(c)), self._apart(ours, theirs))
            if is_extreme(c):
                extra = [e for e in extra if e.value.value == c.value.value] or extra
            if s is None:
                extra, lacking = [e for e in extra if not self.is_known(e.value) and isinstance(e.value, Term)], []
            decided = self._decided(extra, lacking)
            if decided is not None:
                return Origin("decided", tuple(path), *decided)
            ends = self._ends(s, c) if s is not None and _are_steps([*extra, *lacking]) else None
            if ends is not None and len(path) < _DEEPEST:
                s, c = ends
                path.append(c)
                continue
            if s is not None and extra and (product := self._strange_product(s, c, extra)) is not None:
                return Origin("added", (*path, product))
            if not extra and not lacking and s is not None and (pair := self._otherwise(s, c)) is not None:
                return Origin("misplaced", (*path, pair[0]), pair[1], pair[2])
            if not extra and not lacking and s is not None and (added := self._adds_otherwise(s, c)) is not None:
                return Origin("computed", (*path, added))
            if not extra:
                return self._lacks(path, [wanted[e.serial] for e in lacking], theirs, s)
            names = {base(e.what) for e in ours}
            wrong = min(
                extra,
                key=lambda e: (self._doubt(e), base(e.what) not in names, e.serial),
            )
            partner = self.partner(wrong, lacking) or self._none(wrong, ours)
            there = wanted[partner.serial] if partner is not None else s if s is not None and s.value == 0 else None
            if not isinstance(wrong.value, Term) and (isinstance(c.value, Term) or is_index(wrong)):
                ends = self._ends(partner, wrong) if partner is not None and not isinstance(c.value, Term) else None
                if ends is not None and len(path) < _DEEPEST:
                    path += [wrong, ends[1]]
                    s, c = ends
                    continue
                return Origin("computed", tuple(path), read[wrong.serial], there)
            if self.is_of_both(wrong) and not is_put_together(wrong):
                why: Why = "extra" if partner is None else "misplaced"
                return Origin(why, tuple(path), read[wrong.serial], there)
            path += [read[wrong.serial], wrong] if read[wrong.serial] is not wrong else [wrong]
            if not parts(wrong) or (partner is not None and is_index(partner)) or len(path) > _DEEPEST:
                return Origin("set", tuple(path), None, there)
            s, c = partner, wrong

    def _lacks(self, path: list[Event], lacking: list[Event], theirs: list[Event], whole: Event | None) -> Origin:
        if not lacking:
            return Origin("computed", tuple(path))
        blank = [e for e in theirs if is_zero(e.value)]
        return Origin("lacking", tuple(path), blank[0] if blank else None, lacking[0], whole)

    def _otherwise(self, expected: Event, came: Event) -> tuple[Event, Event, Event] | None:
        """Of two sums with the same parts in all: what adds them in another pairing, the part, and what should be in
        its place."""
        ours, theirs = adding(expected), adding(came)
        known = Counter(self._pairing(e) for e in ours)
        strange = []
        for e in theirs:
            known[self._pairing(e)] -= 1
            if known[self._pairing(e)] < 0:
                strange.append(e)
        if not strange:
            return None
        wrong, left = strange[0], {mark for mark, n in known.items() if n > 0}
        added = {self.mark(p): r for p, r in _added(wrong)}
        for e in (e for e in ours if self._pairing(e) in left):
            wanted = {self.mark(p): r for p, r in _added(e)}
            if added.keys() & wanted.keys() and added.keys() - wanted.keys() and wanted.keys() - added.keys():
                here = next(r for mark, r in added.items() if mark not in wanted)
                return wrong, here, next(r for mark, r in wanted.items() if mark not in added)
        return None

    def _strange_product(self, expected: Event, came: Event, extra: Sequence[Event]) -> Event | None:
        """Of two sums of products of what both programs have: what adds a product that the other has not."""
        if not (is_put_together(expected) and is_put_together(came)) or not all(map(self.is_of_both, extra)):
            return None
        known = {self._pairing(e) for e in adding(expected)}
        theirs = [e for e in adding(came) if len(_added(e)) > 1]
        return next((e for e in theirs if self._pairing(e) not in known), None)

    def _adds_otherwise(self, expected: Event, came: Event) -> Event | None:
        """Of two sums with the same parts: what makes something else of the same parts before it adds it."""
        known = {(self._pairing(e), self.key(added_by(e))) for e in adding(expected)}
        pairings = {pairing for pairing, _ in known}
        theirs = ((e, self._pairing(e)) for e in adding(came))
        return next(
            (e for e, pairing in theirs if pairing in pairings and (pairing, self.key(added_by(e))) not in known), None
        )

    def _pairing(self, e: Event) -> Hashable:
        return tuple(sorted(str(self.mark(p)) for p, _ in _added(e)))

    def partner(self, wrong: Event, lacking: Sequence[Event]) -> Event | None:
        """The event that should have been there: that which is made of the same, or else one of the same variable."""
        theirs = {self.mark(p) for p in parts(wrong)}

        def alike(e: Event) -> tuple[int, ...]:
            common = len(theirs & {self.mark(p) for p in parts(e)})
            same_name = base(e.what) == base(wrong.what)
            if not isinstance(e.value, Term) or not isinstance(wrong.value, Term):
                return 0, type(e.value) is type(wrong.value), same_name, common
            return 1, common, same_name

        marks = [alike(e) for e in lacking]
        best = [e for e, mark in zip(lacking, marks, strict=True) if mark == max(marks)]
        if len(best) > 1 and isinstance(wrong.value, Term):
            return max(
                best, key=lambda e: -len(_leaves(e.value) ^ _leaves(wrong.value)) if isinstance(e.value, Term) else 0
            )
        return next(iter(best), None)

    def _none(self, wrong: Event, ours: Sequence[Event]) -> Event | None:
        """The zero that a whole number should be: that of the same name, or the only number there."""
        if not isinstance(wrong.value, int):
            return None
        zeros = [e for e in ours if isinstance(e.value, int) and e.value == 0]
        same = [e for e in zeros if base(e.what) == base(wrong.what)]
        return next(iter(same or (zeros if len(ours) == 1 else [])), None)

    def _apart(self, those: Sequence[Event], others: Sequence[Event], with_zeros: bool = False) -> list[Event]:
        """Of those the events with values that the others have not, but for zeros, which add nothing to sums; those of
        one name go together."""
        left = Counter(self.mark(e) for e in others)
        named = Counter((self.mark(e), base(e.what)) for e in others)
        found = []
        for e in those:
            mark, name = self.mark(e), base(e.what)
            if named[mark, name] > 0:
                named[mark, name] -= 1
                left[mark] -= 1
            elif with_zeros or not is_zero(e.value):
                found.append(e)
        return [e for e in found if not _takes(left, self.mark(e))]

    def mark(self, e: Event) -> Hashable:
        """What stands for an event: a value; of a step of a counter how far it goes, and what decided it."""
        is_counted = e.kind == "step" and isinstance(e.value, int)
        return ("step", e.value, self._operands(e.under)) if is_counted else self.key(e.value)

    def _operands(self, test: Event | None) -> Hashable:
        """The floating values that a test compares."""
        if test is None:
            return ()
        return tuple(sorted({str(self.key(r.value)) for r in test.reads if isinstance(r.value, Term)}))

    def _decided(self, extra: Sequence[Event], lacking: Sequence[Event]) -> tuple[Event, Event] | None:
        """A test of the candidate, and one of the sequential program, that compare the same and decide otherwise."""
        for found, other in ((extra, False), (lacking, True)):
            for e in found:
                operands = self._operands(e.under)
                if e.under is None or not operands:
                    continue
                for test in self._all_tests(other).get(operands, []):
                    if test.value != e.under.value:
                        return (test, e.under) if other else (e.under, test)
        return None

    def _doubt(self, e: Event) -> int:
        """First values that the sequential program has not, then sums, which may be parts of its sums, then others."""
        return self.is_known(e.value) + (self.is_known(e.value) and not is_put_together(e))

    def _ends(self, expected: Event, came: Event) -> tuple[Event, Event] | None:
        """Of two counters that went on to different numbers: the tests behind the lesser one, if decided otherwise."""
        ours, theirs = _counted(expected), _counted(came)
        least = min(max(ours, default=0), max(theirs, default=0))
        if least not in ours or least not in theirs:
            return None
        tests = [
            next((e for e in history.events[step.serial + 1 :] if e.kind == "test" and e.rank == step.rank), None)
            for history, step in ((self.run.before, ours[least]), (self.run.after, theirs[least]))
        ]
        if tests[0] is None or tests[1] is None or tests[0].value == tests[1].value:
            return None
        return tests[0], tests[1]

    def _all_tests(self, of_candidate: bool) -> dict[Hashable, list[Event]]:
        if of_candidate not in self._tests:
            found: dict[Hashable, list[Event]] = defaultdict(list)
            for e in (self.run.after if of_candidate else self.run.before).events:
                if e.kind == "test":
                    found[self._operands(e)].append(e)
            self._tests[of_candidate] = found
        return self._tests[of_candidate]


def _are_steps(events: Sequence[Event]) -> bool:
    return bool(events) and all(e.kind == "step" for e in events)


def _counted(e: Event) -> dict[int, Event]:
    """The steps of a counter by the numbers that they come to."""
    found: dict[int, Event] = {}
    x: Event | None = copied(e) if e.kind != "print" else next((copied(r) for r in e.reads if is_step(copied(r))), None)
    while x is not None and is_step(x):
        found[x.value] = x
        x = x.reads[0]
    return found


def _is_counted_element(e: Event) -> bool:
    """Whether an event sets a whole number in an array, behind its first element."""
    return isinstance(e.value, int) and e.kind == "set" and e.cell > 0


def _added(e: Event) -> list[tuple[Event, Event]]:
    """The floating values that an event adds to what is there, each with the event by which it was read."""
    return [(copied(r), r) for r in e.reads if not is_same(r, e) and isinstance(r.value, Term)]


def _takes(left: Counter[Hashable], mark: Hashable) -> bool:
    """Whether there is one left, which is then taken away."""
    if left[mark] <= 0:
        return False
    left[mark] -= 1
    return True


@functools.lru_cache(maxsize=4096)
def _leaves(value: Term) -> frozenset[int]:
    """The serials of the numbers that a value is made of."""
    found, waiting, seen = set(), [value], {value.serial}
    while waiting:
        t = waiting.pop()
        below = [a for a in t.args if isinstance(a, Term)]
        if not below:
            found.add(t.serial)
        waiting += [a for a in below if a.serial not in seen]
        seen.update(a.serial for a in below)
    return frozenset(found)


def _of_one_sort(extra: list[Event], lacking: list[Event]) -> tuple[list[Event], list[Event]]:
    """Floating values first: whole numbers that go with them may be local here and global there."""
    if any(isinstance(e.value, Term) for e in (*extra, *lacking)):
        return [e for e in extra if isinstance(e.value, Term)], [e for e in lacking if isinstance(e.value, Term)]
    return extra, lacking
