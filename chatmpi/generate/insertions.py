"""Text before, after and around statements, laid out as the source around it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from chatmpi.analysis import tree
from chatmpi.analysis.source import Edit, Source, Span
from chatmpi.analysis.tree import Stmt, Symbol

_REST_OF_LINE = re.compile(r"[ \t]*(//[^\n]*(?<!\\)|/\*[^\n]*?\*/[ \t]*)?(?=\r?\n|$)")
_PRAGMA = re.compile(r"[ \t]*#[ \t]*pragma\b")


class Uneditable(Exception):
    """The text that would have to change stands in a macro, or where it cannot be said. `array` or `loop` is what to
    leave undistributed; `calls` are those (`dot#2`) in whose functions it would have to be said."""

    def __init__(
        self,
        reason: str,
        node: tree.Node,
        array: Symbol | None = None,
        loop: int | None = None,
        calls: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__(reason)
        self.reason, self.node, self.array, self.loop, self.calls = reason, node, array, loop, calls


@dataclass(frozen=True, slots=True)
class Around:
    """Lines that open and close something around a statement, which moves `depth` levels to the right."""

    head: list[str]
    depth: int
    tail: list[str]


@dataclass
class Insertions:
    """What is to stand around each statement: `before` and `after` lines; `guard`, a condition that it gets; `around`,
    what opens and closes around it, inside the lines before and after."""

    source: Source
    unit: str
    before: dict[int, list[str]] = field(default_factory=dict)
    after: dict[int, list[str]] = field(default_factory=dict)
    guard: dict[int, str] = field(default_factory=dict)
    around: dict[int, Around] = field(default_factory=dict)
    moved: str = ""  # how far to the right of its place in the source stands what is looked at

    def edits(self, body: Stmt) -> Iterator[Edit]:
        """The edits for all statements of a function's body."""
        yield from self._in(body, None)

    def is_alone(self, s: Stmt, functions: Iterable[tree.Function]) -> bool:
        """Whether a statement is the whole body of an if or a loop, with no braces around it."""
        blocks = (b for f in functions for b in tree.statements(f.body) if isinstance(b, tree.Block))
        return all(part.id != s.id for b in blocks for part in b.body)

    def _in(self, s: Stmt, parent: tree.Node | None) -> Iterator[Edit]:
        if isinstance(s, tree.Block):
            yield from self._block(s)
            return
        own = self._alone(s, parent) if parent is not None and not isinstance(parent, tree.Block) else ()
        yield from _nested(own, s.span.end, self._inside(s))

    def _inside(self, s: Stmt) -> list[Edit]:
        """The edits below a statement, which may itself have moved."""
        outside, around = self.moved, self.around.get(s.id)
        self.moved += self.unit * around.depth if around is not None else ""
        found = list(self._block(s) if isinstance(s, tree.Block) else self._parts(s))
        self.moved = outside
        return found

    def _parts(self, s: Stmt) -> Iterator[Edit]:
        for part in tree.children(s):
            if isinstance(part, Stmt):
                yield from self._in(part, s)

    def _block(self, block: tree.Block) -> Iterator[Edit]:
        """Statements of a block; neighbours with one guard share its braces."""
        body = list(block.body)
        k, broken = 0, False
        while k < len(body):
            end = self._run_end(body, k)
            inside = [e for s in body[k:end] for e in self._inside(s)]
            broken = self._breaks(body[k:end], broken)
            yield from _nested(self._row(body[k:end], broken), body[end - 1].span.end, inside)
            k = end

    def _breaks(self, run: list[Stmt], broken: bool) -> bool:
        """Whether what follows a row on its last line goes to the next: where lines come between, and where the row
        comes to begin a line (it does if the line is `broken` before it) and has a body without braces, which would
        seem to go on."""
        first, last = run[0], run[-1]
        if self._next_on_line(self._end(last)) is None:
            return False
        around = self.around.get(first.id)
        if self.after.get(last.id) or (around is not None and around.tail):
            return True
        begins = (broken or self.before.get(first.id) or around is not None) and not self._begins_line(first)
        guards = isinstance(last, tree.If | tree.For | tree.While) and self.source.text[last.span.end - 1] != "}"
        return bool(begins) and guards and not isinstance(last, tree.BlockLoop)

    def _run_end(self, body: list[Stmt], k: int) -> int:
        """One past the last statement that shares the guard of statement k."""
        condition = self.guard.get(body[k].id)
        end = k + 1
        while (
            condition is not None
            and end < len(body)
            and self.guard.get(body[end].id) == condition
            and body[end].id not in self.before
            and body[end - 1].id not in self.after
        ):
            end += 1
        return end

    def _row(self, run: list[Stmt], broken: bool) -> Iterator[Edit]:
        """The edits around a row of statements; the line is to be broken behind it or not."""
        first, last = run[0], run[-1]
        self._check(first)
        indent = self.source.indentation(first.span.begin) + self.moved
        around = self.around.get(first.id)
        head = [*self.before.get(first.id, ()), *(["\n".join(around.head)] if around else ())]
        condition = self.guard.get(first.id)
        above = self._pragmas_above(first) if head else None
        if above is not None:
            lines = "".join(f"{indent}{line}\n" for line in _lines(head, indent))
            yield Edit(Span(above, above), lines)
            head = []
        text = "".join(f"{line}\n{indent}" if line else "\n" + indent for line in _lines(head, indent))
        shared = not (self._begins_line(first) and self._ends_line(last))
        if condition is not None and shared:
            text += f"if ({condition}) {{ "
        elif condition is not None:
            brace = " {" if len(run) > 1 else ""
            text += f"if ({condition}){brace}\n{indent}{self.unit}"
        if around is not None:
            text += self.unit * around.depth
            yield from self._indented(first, last, around.depth)
        if text:
            yield Edit(Span(first.span.begin, first.span.begin), text)
        if condition is not None and not shared:
            yield from self._indented(first, last)
        tail = f"\n{indent}}}" if len(run) > 1 and not shared else ""
        if condition is not None and shared:
            yield Edit(Span(last.span.end, last.span.end), " }")
        tail += "".join(f"\n{indent}{line}" for line in around.tail) if around else ""
        tail += "".join(f"\n{indent}{line}" for line in _lines(self.after.get(last.id, []), indent))
        if broken:
            tail += f"\n{indent}"
        if tail:
            place = self._end(last)
            yield Edit(Span(place, (self._next_on_line(place) or place) if broken else place), tail)

    def _indented(self, first: Stmt, last: Stmt, depth: int = 1) -> Iterator[Edit]:
        """So many levels more for all lines of a row but the first."""
        position = self.source.text.find("\n", first.span.begin, last.span.end)
        while position >= 0:
            continued = self.source.text[:position].rstrip("\r").endswith("\\")  # perhaps inside a string
            if self.source.text[position + 1 : position + 2] not in {"\n", "\r", "#"} and not continued:
                yield Edit(Span(position + 1, position + 1), self.unit * depth)
            position = self.source.text.find("\n", position + 1, last.span.end)

    def _alone(self, s: Stmt, parent: tree.Node) -> Iterator[Edit]:
        """A statement that is the whole body of an if or a loop: braces where it gets company."""
        before, after = self.before.get(s.id, []), self.after.get(s.id, [])
        condition = self.guard.get(s.id)
        around = self.around.get(s.id)
        if not before and not after and condition is None and around is None:
            return
        self._check(s)
        before = [*before, *(["\n".join(around.head)] if around else ())]
        after = [*(["\n".join(around.tail)] if around else ()), *after]
        dangling = isinstance(parent, tree.If) and parent.otherwise is not None
        guard = f"if ({condition}) " if condition is not None else ""
        if not (before or after or dangling):
            yield Edit(Span(s.span.begin, s.span.begin), guard)
            return
        gap, inner, outer = self._opening(s)
        inner, outer = inner + self.moved, outer + self.moved
        head = "".join(f"{line}\n{inner}" for line in _lines(before, inner))
        if around is not None:
            head += self.unit * around.depth
            yield from self._indented(s, s, around.depth)
        yield Edit(gap, f" {{\n{inner}{head}{guard}")
        tail = "".join(f"\n{inner}{line}" for line in _lines(after, inner))
        yield Edit(Span(s.span.end, s.span.end), f"{tail}\n{outer}}}")

    def _opening(self, s: Stmt) -> tuple[Span, str, str]:
        """The white space before a statement, where its brace opens; the indentation inside and outside."""
        text = self.source.text
        end = s.span.begin
        while end > 0 and text[end - 1] in " \t\r\n":
            end -= 1
        outer = self.source.indentation(end - 1)
        if "//" in text[self.source.line_begin(end - 1) : end]:
            return Span(s.span.begin, s.span.begin), self.source.indentation(s.span.begin), outer
        own_line = "\n" in text[end : s.span.begin]
        inner = self.source.indentation(s.span.begin) if own_line else outer + self.unit
        return Span(end, s.span.begin), inner, outer

    def _check(self, s: Stmt) -> None:
        if s.in_macro and (s.id in self.before or s.id in self.after or s.id in self.guard or s.id in self.around):
            raise Uneditable("a macro writes the statement", s)

    def _pragmas_above(self, s: Stmt) -> int | None:
        """Where the pragmas begin that stand directly above a statement and speak of it; None if there are none."""
        found = None
        place = self.source.line_begin(s.span.begin)
        while place > 0:
            above = self.source.line_begin(place - 1)
            while above > 0 and self.source.text[:above].rstrip("\r\n").endswith("\\"):
                above = self.source.line_begin(above - 1)
            if not _PRAGMA.match(self.source.text, above):
                break
            found = place = above
        return found

    def _begins_line(self, s: Stmt) -> bool:
        return not self.source.text[self.source.line_begin(s.span.begin) : s.span.begin].strip()

    def _ends_line(self, s: Stmt) -> bool:
        return _REST_OF_LINE.match(self.source.text, s.span.end) is not None

    def _next_on_line(self, place: int) -> int | None:
        """Where more statements begin on the line of what ends at a place; None if nothing but braces follows."""
        follows = re.compile(r"[ \t]*(?=[^\s})])").match(self.source.text, place)
        return None if follows is None else follows.end()

    def _end(self, s: Stmt) -> int:
        """Behind the statement, and behind a comment that ends its line."""
        rest = _REST_OF_LINE.match(self.source.text, s.span.end)
        return rest.end() if rest else s.span.end


def _nested(around: Iterable[Edit], end: int, inside: Iterable[Edit]) -> Iterator[Edit]:
    """The edits around what ends at `end` and those inside it: what is closed is closed from the inside outwards."""
    edits = list(around)
    yield from (e for e in edits if e.span.begin < end)
    yield from inside
    yield from (e for e in edits if e.span.begin >= end)


def _lines(pieces: list[str], indent: str) -> list[str]:
    """Fragments as lines; a fragment's own further lines get the indentation."""
    return [line for piece in pieces for line in piece.strip("\n").replace("\n", f"\n{indent}").split("\n" + "\0")]


def indentation_unit(function: tree.Function, source: Source) -> str:
    """What one level of indentation is in this file: that of the function's first statement."""
    for s in function.body.body:
        unit = source.indentation(s.span.begin)
        if unit and source.line_begin(s.span.begin) > function.body.span.begin:
            return unit
    return "    "
