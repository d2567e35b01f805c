"""Where the text of a cursor stands in the main file, and whether it can be edited there.

clang numbers each token that a macro's expansion writes. From that number it tells where the token was spelled (in
the macro's body, or in its argument) and at which use in the file. From these two follow the rules of
`chatmpi.analysis.tree.Node`.
"""

from __future__ import annotations

import bisect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from chatmpi.analysis.front_end.libclang import CXCursor, TranslationUnit
from chatmpi.analysis.front_end.macros import MacroTable, Use
from chatmpi.analysis.source import Span

_IN_EXPANSION = 1 << 31


class Place(NamedTuple):
    """One character: its offset in the main file and, where a macro's body wrote it, that macro's use."""

    offset: int
    use: Use | None


@dataclass(frozen=True, slots=True)
class Inclusion:
    """A file that the main file includes: the place of its first character, and the span of the directive."""

    begin: int
    directive: Span


class Extent(NamedTuple):
    """The range of a cursor (a tuple, because hundreds of thousands are made).

    `first` is where its first token is spelled. `left` and `right` are the uses in whose bodies its ends stand, or
    across whose border it reaches; `torn` tells that its ends stand in arguments, and a body's text between them;
    `expanded`, that macros are concerned at all.
    """

    begin: int
    end: int
    first: int
    left: Use | None = None
    right: Use | None = None
    torn: bool = False
    expanded: bool = False

    @property
    def span(self) -> Span:
        return Span(self.begin, self.end)


class Places:
    """Resolves clang's places in one translation unit."""

    def __init__(self, unit: TranslationUnit, length: int, macros: MacroTable, inclusions: Sequence[Inclusion]) -> None:
        self._unit, self._macros, self._inclusions = unit, macros, inclusions
        self._base, self._limit = unit.base, unit.base + length
        self._known: dict[int, Place] = {}
        self._spelled: dict[int, int] = {}
        self._extent = unit.lib.extent
        self._last_ends, self._last = (-1, -1), Extent(0, 0, 0)
        self.exact: set[Use] = set()

    def spelled(self, raw: int) -> int:
        """Where the token at `raw` is spelled: in the file, or in the body of a macro's definition."""
        if not raw & _IN_EXPANSION:
            return raw
        found = self._spelled.get(raw)
        if found is None:
            found = self._spelled[raw] = self._unit.spelled(raw)
        return found

    def offset(self, raw: int) -> int | None:
        """The offset of a place that the main file spells, None elsewhere."""
        return raw - self._base if self._base <= raw <= self._limit else None

    def place(self, raw: int) -> Place:
        """Where the character at `raw` stands."""
        if self._base <= raw <= self._limit:
            return Place(raw - self._base, None)
        found = self._known.get(raw)
        if found is None:
            found = self._known[raw] = self._expanded(raw)
        return found

    def _expanded(self, raw: int) -> Place:
        file, offset = self._unit.file_offset(raw)
        if file != self._unit.main_file:
            directive = self._included(raw)
            return Place(directive.span.begin, directive)
        use = self._macros.by_begin.get(offset)
        if use is None and self.spelled(raw) != self._base + offset:
            use = self._macros.around(offset)
        return Place(offset, use)

    def _included(self, raw: int) -> Use:
        """The directive that brought in what another file spells, as if it were a macro's use."""
        at = bisect.bisect_right(self._inclusions, raw, key=lambda i: i.begin) - 1
        span = self._inclusions[at].directive if at >= 0 else Span(0, 0)
        return Use(span, None, None)

    def extent(self, cursor: CXCursor) -> Extent:
        found = self._extent(cursor)
        ends = found.begin, found.end
        if ends != self._last_ends:  # an implicit conversion has the same extent as what it converts
            self._last_ends, self._last = ends, self._resolve(*ends)
        return self._last

    def _resolve(self, begin: int, end: int) -> Extent:
        base, limit = self._base, self._limit
        if base <= begin <= limit and base <= end <= limit and end - base not in self._macros.by_end:
            return Extent(begin - base, end - base, begin)
        return self._mixed(begin, end)

    def _mixed(self, begin: int, end: int) -> Extent:
        """The extent of what macros wrote in part."""
        first, last = self.place(begin), self.place(end - 1)
        left, right = first.use, last.use
        start, stop = first.offset, last.offset + 1
        if not end & _IN_EXPANSION:
            right = self._macros.by_end.get(stop)
        if left:
            start, stop = left.span.begin, max(stop, left.span.end)
        if right:
            start, stop = min(start, right.span.begin), max(stop, right.span.end)
        return self._settle(start, stop, begin, left, right)

    def _settle(self, start: int, stop: int, begin: int, left: Use | None, right: Use | None) -> Extent:
        """Widen until no use is cut in two."""
        inverted = stop <= start
        if inverted:
            start, stop = stop - 1, start + 1
        if (cut := self._cut(start, lambda use: use.span.end < stop)) is not None:
            start, left = cut.span.begin, cut
        if (cut := self._cut(stop, lambda use: use.span.begin >= start)) is not None:
            stop, right = cut.span.end, cut
        container = self._container(start, stop)
        torn = container is not None and (inverted or self._across_arguments(container, start, stop))
        if torn and container is not None:
            start, stop = container.span.begin, container.span.end
        return Extent(start, stop, self.spelled(begin), left, right, torn or inverted, True)

    def _cut(self, offset: int, is_cut: Callable[[Use], bool]) -> Use | None:
        """The outermost use around `offset` that is cut."""
        found, use = None, self._macros.around(offset)
        while use is not None and is_cut(use):
            found, use = use, use.outer
        return found

    def _container(self, start: int, stop: int) -> Use | None:
        """The innermost use in whose arguments all of the range stands."""
        use = self._macros.around(start)
        while use is not None and use.span.end <= stop:
            use = use.outer
        return use

    def _across_arguments(self, use: Use, start: int, stop: int) -> bool:
        spans = self._macros.arguments(use)
        return not any(s.begin <= start and stop <= s.end for s in spans)

    # ------------------------------------------------------------------------------- what can be edited

    def is_exact(self, inner: Extent, outer: Extent, parent: Span, form: str, tail: int | None) -> bool:
        """Whether a node is all that one use expands to.

        `inner` is its extent, `outer` the one with the parentheses around it that the tree drops, `parent` the span
        of the node above, `form` the shape of the node (see MacroTable.shape), `tail` where its last token is
        spelled, where that is known.
        """
        use = self._macros.by_begin.get(outer.begin)
        if use is None or use.span != outer.span or outer.torn or parent == outer.span:
            return False
        if self._macros.first(use) != outer.first:
            return False
        shape = self._macros.shape(use)
        if shape is not None and shape == form:
            return True
        return use.outer is None and tail is not None and self._macros.last(use) == tail

    def is_editable(self, extent: Extent, exact: bool) -> bool:
        """Whether the text at the extent is the node and nothing else."""
        if extent.torn:
            return False
        return exact or (self._begins_whole(extent) and self._ends_whole(extent))

    def is_whole_statement(self, extent: Extent) -> bool:
        """Whether the text at the extent of an expression, which a semicolon follows, is the statement."""
        use = self._macros.by_end.get(extent.end)
        ends = extent.right is None or (use is not None and not self._macros.holds_semicolon(use))
        begins = extent.left is None or self._macros.first_at(extent.begin) == extent.first
        return begins and ends and not extent.torn

    def _begins_whole(self, extent: Extent) -> bool:
        if extent.left is None:
            return True
        use = self._macros.by_begin.get(extent.begin)
        if use is None or use.span.end >= extent.end:
            return False
        return use in self.exact or self._macros.first(use) == extent.first

    def _ends_whole(self, extent: Extent) -> bool:
        if extent.right is None:
            return True
        use = self._macros.by_end.get(extent.end)
        return use is not None and use.span.begin > extent.begin and use in self.exact

    def tear(self, extent: Extent, begin: int, end: int) -> Extent:
        """The extent of a node whose parts show that a macro's body stands between them."""
        begin, end = min(begin, extent.begin), max(end, extent.end)
        container = self._container(begin, end)
        span = container.span if container else Span(begin, end)
        return extent._replace(begin=span.begin, end=span.end, torn=True)
