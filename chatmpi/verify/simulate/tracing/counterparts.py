"""Where the candidate does what the sequential program does: which of its events, and which of its lines."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from functools import cached_property

from chatmpi.verify.simulate.terms import Term
from chatmpi.verify.simulate.tracing.events import Event
from chatmpi.verify.simulate.tracing.history import History
from chatmpi.verify.simulate.tracing.made_from import (
    EXTREMES,
    added_in_place,
    base,
    copied,
    is_compared,
    is_element,
    is_put_together,
    is_zero,
    parts,
)
from chatmpi.verify.simulate.tracing.origin import Origins
from chatmpi.verify.simulate.tracing.wording import Words, likeness, wording
from chatmpi.verify.simulate.values import Object

_ALIKE, _NEARLY, _SAME = 0.7, 0.05, 0.95
_RESEMBLES = 0.5
_TESTS = 3
_DEEPEST, _NEXT = 20, 8
_MOST_PARTS = 24  # that are looked at


class Counterparts:
    """Of the events of one pair of histories."""

    def __init__(self, origins: Origins) -> None:
        self._origins = origins
        self._before, self._after = origins.run.before, origins.run.after
        self._found: dict[int, list[int]] = {}
        self._ours, self._theirs = wording(self._before.compiled), wording(self._after.compiled)

    @cached_property
    def _by_value(self) -> dict[Hashable, list[Event]]:
        found: dict[Hashable, list[Event]] = defaultdict(list)
        for e in self._after.events:
            if e.kind in ("set", "message", "return"):
                found[self._key(e)].append(e)
                added = added_in_place(e)
                if added is not None:
                    found[self._origins.key(added)].append(e)
        return found

    @property
    def after(self) -> History:
        """The candidate's."""
        return self._after

    @property
    def events(self) -> Sequence[Event]:
        return self._after.events

    def calls_with(self, e: Event, rank: int) -> list[Event]:
        """The calls of a rank that are given its memory of the same name."""
        name = base(e.what)
        calls = (c for c in self.events if c.kind == "call" and c.rank == rank)
        return [c for c in calls if name and name in [o.name for o in c.given]]

    def bringing(self, calls: Sequence[Event], e: Event) -> list[Event]:
        """Of calls those that brought something; and those that ranks made last, and wait in, if they are given memory
        of the name of an element."""
        brought = {m.under.serial for m in self.events if m.kind == "message" and m.under is not None}
        last = {c.rank: c for c in self.events if c.kind == "call"}
        waiting = [c for rank, c in last.items() if c in self.calls_with(e, rank)]
        return [c for c in calls if c.serial in brought] + waiting

    def _key(self, e: Event) -> Hashable:
        """Whole numbers are the same in many places: those of one variable are looked at."""
        key = self._origins.key(e.value)
        return key if isinstance(e.value, Term) else (key, base(e.what))

    def of(self, e: Event) -> list[Event]:
        """Events of the candidate that set what an event of the sequential program sets, the first ones first: of the
        same variable, if there are any."""
        found = self._by_value.get(self._key(e), [])
        named = [c for c in found if base(c.what) == base(e.what)] or found
        return [c for c in named if (c.cell < 0) == (e.cell < 0)] or named

    def _setting(self, e: Event) -> list[Event]:
        """As `of`, but for what messages brought."""
        found = [c for c in self._by_value.get(self._key(e), []) if c.kind == "set"]
        return [c for c in found if base(c.what) == base(e.what)] or found

    def overwritten(self, e: Event, use: Event) -> Event | None:
        """What is set in the place of an element before it is used."""
        later = self.events[e.serial + 1 : use.serial]
        return next((x for x in later if x.cell >= 0 and x.target is e.target and x.cell == e.cell), None)

    def sums_with(self, part: Event) -> list[Event]:
        """The sums and extremes on the rank of a value that it goes into, each as it is last."""
        part = copied(part)
        into = {e.what for e in self.events if e.rank == part.rank and e.kind == "set" and part in map(copied, e.reads)}
        return [e for e in self.events if e.rank == part.rank and e.what in into and is_put_together(e)]

    def first_lacking(self, expected: Event) -> Event:
        """Of a value that no rank computes, and of those that it is made of: the first that no rank computes."""
        for _ in range(_DEEPEST):
            made = (p for p in parts(expected) if p.kind in ("set", "return") and isinstance(p.value, Term))
            lacking = [p for p in made if p is not expected and not self.of(p)]
            if not lacking:
                break
            expected = min(lacking, key=lambda e: e.serial)
        return expected

    def used_by(self, e: Event) -> Event:
        """Of an event in a call of a function that no rank makes with the same: what the caller makes of its result."""
        calls = self._before.returned
        while (call := next((c for c in calls if c.first <= e.serial <= c.result.serial), None)) is not None:
            key = self._origins.call_key(call)
            if key is None or key in self._calls:
                break
            later = self._before.events[call.result.serial + 1 :]
            use = next((x for x in later if call.result in x.reads), None)
            if use is None:
                break
            e = use
        return e

    @cached_property
    def _calls(self) -> set[Hashable]:
        return {self._origins.call_key(c) for c in self._after.returned}

    def siblings(self, e: Event) -> list[Event]:
        """What the candidate sets where it does what the line of `e` does, for other iterations; where nothing is the
        same, in the line that looks most like it."""
        others = [o for o in self._before.events if o.at == e.at and o.kind == e.kind and o is not e]
        summed = is_put_together(e)
        if isinstance(e.value, Term):
            found = [c for o in others for c in self._setting(o)[:1] if not summed or is_put_together(c)]
        else:
            found = self._near(e, others)
        lines = Counter(c.at for c in found)
        if not lines:
            return self._most_alike(e)
        at = lines.most_common(1)[0][0]
        return [c for c in self._after.events if c.at == at and c.kind == "set"]

    def _near(self, e: Event, others: Sequence[Event]) -> list[Event]:
        """Of whole numbers, which are the same by chance in many places: what lines that look like that of `e` set
        like the events next to it."""
        words = self._ours[e.at]
        alike = {line for line in self._lines_of("set") if likeness(words, self._theirs[line]) >= _ALIKE}
        next_ones = sorted(others, key=lambda o: abs(o.serial - e.serial))
        found = ([c for c in self.of(o) if c.at in alike and c.kind == "set"] for o in next_ones)
        return [c for each in itertools.islice(filter(None, found), _NEXT) for c in each]

    def _most_alike(self, e: Event) -> list[Event]:
        lines, best = self._alike(e.at, e.kind), self.looks_like(e.at)
        if not lines or (best not in lines and best not in self._lines_of(e.kind)):
            return []  # a line that is not run looks more like it
        return [c for c in self._after.events if c.at == lines[0] and c.kind == e.kind]

    def lines(self, at: int) -> list[int]:
        """The lines of the candidate's Python that do what a line of the sequential program's does: they look like it,
        or most of what they set is set by it."""
        return self._alike(at, "set")

    def tests_like(self, at: int) -> list[int]:
        """The tests of the candidate, as lines of its Python, that look most like one of the sequential program."""
        made = dict.fromkeys(e.at for e in self._after.events if e.kind == "test")
        alike = {b: likeness(self._ours[at], self._theirs[b]) for b in made}
        best = max(alike.values(), default=0.0)
        return [b for b, share in alike.items() if share >= max(best - _NEARLY, _ALIKE)]

    def is_same_text(self, at: int, line: int) -> bool:
        """Whether two lines of the two Pythons hardly differ."""
        return likeness(self._ours[at], self._theirs[line]) >= _SAME

    def _alike(self, at: int, kind: str) -> list[int]:
        wanted = self._ours[at]
        found = []
        for line in self._lines_of(kind):
            share = likeness(wanted, self._theirs[line])
            if share >= (_RESEMBLES if self._sets_same(at, line) else _ALIKE):
                found.append((-share, line))
        found = [pair for pair in found if self._sets_same(at, pair[1])] or found
        best = min(found, default=(0.0, 0))[0]
        return [line for alike, line in sorted(found) if alike <= best + _NEARLY]

    def _sets_same(self, at: int, line: int) -> bool:
        """Whether two lines of the two Pythons set the same variable."""
        ours, theirs = self._set_by
        return not ours[at].isdisjoint(theirs[line])

    @cached_property
    def _set_by(self) -> tuple[Mapping[int, set[str]], Mapping[int, set[str]]]:
        """The variables that lines of the two Pythons set."""
        return _variables(self._before), _variables(self._after)

    def _lines_of(self, kind: str) -> list[int]:
        return sorted({c.at for c in self._after.events if c.kind == kind and c.at})

    def same_element(self, target: Object, cell: int, rank: int) -> list[Event]:
        """What other ranks set an element of the array of this name to, if the sequential program does the same."""
        ours = {self._key(e) for e in self._before.events if e.cell == cell and base(e.what) == target.name}
        return [
            e
            for e in self.events
            if e.cell == cell and e.rank != rank and e.target is not None and e.target.name == target.name
            if e.kind == "set" and self._key(e) in ours
        ]

    def wanted(self, at: int, reads: Sequence[Event], name: str) -> Event | None:
        """The value that a line of the candidate's Python should have used beside others: what the sequential program
        uses there, in the iteration that uses the same others; of the variable of that name, if it has one."""
        ours = {self._origins.mark(r) for r in reads if isinstance(r.value, Term)}
        words = self._theirs[at]
        names = {base(e.what) for e in self._before.events}
        best: tuple[float, int, list[Event]] = (0.0, 0, [])
        for e in self._before.events:
            if e.kind not in ("set", "print") or e.at not in self._similar(at, words):
                continue
            theirs = parts(e)
            lacking = [p for p in theirs if isinstance(p.value, Term) and self._origins.mark(p) not in ours]
            lacking = [p for p in lacking if base(p.what) == name or name not in names]
            common = len(theirs) - len(lacking)
            if lacking and (common, -len(lacking)) > best[:2]:
                best = (common, -len(lacking), lacking)
        return best[2][0] if best[2] else None

    def _similar(self, at: int, words: Words) -> list[int]:
        """The lines of the sequential program's Python that look like one of the candidate's."""
        if at not in self._found:
            lines = {e.at for e in self._before.events if e.kind in ("set", "print") and e.at}
            alike = {line: likeness(words, self._ours[line]) for line in lines}
            best = max(alike.values(), default=0.0)
            self._found[at] = [line for line, a in alike.items() if a >= max(best - _NEARLY, _ALIKE)]
        return self._found[at]

    def shares(self, expected: Event, use: Event) -> list[Event]:
        """Of a sum that no rank has as a whole, and of which no part is missing: what other ranks have of it."""
        wanted = {self._origins.mark(p) for p in parts(expected)}
        siblings = self.siblings(expected)
        there = {self._origins.mark(p) for c in siblings for p in parts(c)}
        is_scalar = expected.target is None or len(expected.target) == 1
        if not is_scalar or not is_put_together(expected) or not wanted <= there:
            return []
        last = {c.rank: c for c in siblings if c.rank != use.rank}
        return [last[r] for r in sorted(last)]

    def is_part(self, into: Event, whole: Event) -> bool:
        """Whether a sum of the candidate has no parts but those of one of the sequential program."""
        wanted = {self._origins.mark(p) for p in parts(whole)}
        return all(is_zero(p.value) or self._origins.mark(p) in wanted for p in parts(into))

    def partial_sums(self, expected: Event) -> list[Event]:
        """Sums of the candidate that have each some parts of a sum that no rank has, and together all of them."""
        wanted = {self._origins.mark(p) for p in parts(expected) if not is_zero(p.value)}
        found: dict[int, Event] = {}
        there: set[Hashable] = set()
        every = parts(expected) if is_put_together(expected) else []
        for part in every[:: len(every) // _MOST_PARTS + 1]:
            for into in (s for have in self.of(part)[:1] if have.rank not in found for s in self.sums_with(have)):
                if self.is_part(into, expected):
                    found[into.rank] = into
                    there |= {self._origins.mark(p) for p in parts(into) if not is_zero(p.value)}
        return [found[r] for r in sorted(found)] if there == wanted else []

    def looks_like(self, at: int) -> int:
        """The line of the candidate's Python that looks most like one of the sequential program's, be it run or not."""
        wanted = self._ours[at]
        lines = range(1, self._after.compiled.text.count("\n") + 1)
        alike = {line: likeness(wanted, self._theirs[line]) for line in lines if line in self._theirs}
        best = max(alike, key=lambda line: alike[line], default=0)
        return best if best and alike[best] >= _RESEMBLES else 0

    def tests_of_line(self, at: int, rank: int | None = None) -> tuple[int, list[Event]]:
        """The line of C of a line of Python, and the tests around it, each as it was made last (on a rank)."""
        found: list[Event] = []
        around = self._after.noted.around
        test = around.get(at, 0)
        while test and len(found) < _TESTS:
            made = [e for e in self._after.events if e.kind == "test" and e.at == test and rank in (None, e.rank)]
            if made:
                found.append(made[-1])
            test = around.get(test, 0)
        return int(self._after.compiled.c_line(at)), found

    def early_ends(self) -> list[tuple[int, int]]:
        """The lines of `return` in main that are not its last and were come to, with that of the test around, or 0."""
        found: list[tuple[int, int]] = []
        for notes in self._after.ranks:
            last = [e for e in self._after.events if e.rank == notes.rank and e.kind == "return"]
            if last and not notes.calling and (last[-1].under is not None or self._is_followed(last[-1].at)):
                found.append((last[-1].line, last[-1].under.line if last[-1].under is not None else 0))
        return list(dict.fromkeys(found))

    def _is_followed(self, at: int) -> bool:
        """Whether a line of Python is not the last of its function."""
        following = self._after.compiled.text.split("\n")[at : at + 1]
        return bool(following) and not following[0].lstrip().startswith(("def ", "return f_main"))

    def operation_of(self, message: Event) -> list[int]:
        """The lines that were run in a function of the program which MPI called to make what a message brings."""
        if message.kind != "message" or message.under is None:
            return []
        before = self.events[: message.serial]
        since = before[message.under.serial :]
        begun = {e.rank: e.serial for e in reversed(before) if e.kind == "call"}  # in main, which MPI does not call
        entries = (e for e in reversed(since) if e.kind == "argument" and not e.at)
        entry = next((e for e in entries if e.serial > begun.get(e.rank, len(before))), None)
        if entry is None:
            return []
        inside = [e for e in before[entry.serial + 1 :] if e.rank == entry.rank and e.kind in ("set", "test")]
        return list(dict.fromkeys(e.line for e in inside))

    def reached(self, e: Event) -> Event:
        """The last place on its rank to which a value gets as it is: of an element in an array, of others also as the
        largest or smallest of some."""
        last = e
        for x in self._after.events[e.serial + 1 :]:
            is_chosen = isinstance(x.value, Term) and x.value.op in EXTREMES
            if is_element(e):
                stays = x.value is last.value and (is_element(x) or not is_compared(x))
            else:
                stays = x.value is last.value or is_chosen
            if stays and x.rank == e.rank and x.kind in ("set", "return") and last in x.reads:
                last = x
        return last


def _variables(history: History) -> Mapping[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    for e in history.events:
        if e.kind == "set":
            found[e.at].add(base(e.what))
    return found
