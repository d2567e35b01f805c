"""The text of a source file, places in it, and edits of it."""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Half-open range of byte offsets in a source file."""

    begin: int
    end: int


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place as people write it: `file:line:column`, line and column counted from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the bytes of `span` by `text`; an empty span inserts. `quotes` are the parts of the source that the text
    repeats, in this order: what stands there keeps its places."""

    span: Span
    text: str
    quotes: tuple[Span, ...] = ()


@dataclass(frozen=True)
class Origin:
    """Where the text of an edited source comes from: piece k, from `begins[k]` on, stood at `places[k]` in `source`;
    with `copied[k]` false it is new, and stands for that place as a whole."""

    source: Source
    begins: tuple[int, ...]
    places: tuple[int, ...]
    copied: tuple[bool, ...]

    def offset(self, offset: int) -> int:
        k = max(bisect.bisect_right(self.begins, offset) - 1, 0)
        return self.places[k] + (offset - self.begins[k] if self.copied[k] else 0)


@dataclass(frozen=True)
class Source:
    """A source file held in memory.

    `text` holds one character per byte (Latin-1), so that libclang's byte offsets index it and any file,
    whatever its encoding, is written back unchanged. Use `shown` for what people read. A source that was made of
    another one has an `origin`: places that people are told are those of the file that they wrote.
    """

    name: str
    text: str
    origin: Origin | None = field(default=None, repr=False, compare=False)
    _line_starts: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        starts = [0, *(i + 1 for i, c in enumerate(self.text) if c == "\n")]
        object.__setattr__(self, "_line_starts", tuple(starts))

    @classmethod
    def from_bytes(cls, name: str, content: bytes) -> Source:
        return cls(name, content.decode("latin-1"))

    @classmethod
    def from_str(cls, name: str, text: str) -> Source:
        return cls.from_bytes(name, text.encode())

    @classmethod
    def read(cls, path: Path) -> Source:
        """Read a file; raises OSError."""
        return cls.from_bytes(str(path), path.read_bytes())

    @property
    def content(self) -> bytes:
        return self.text.encode("latin-1")

    @property
    def shown(self) -> str:
        """The text as people read it."""
        return self.content.decode("utf-8", "replace")

    def at(self, span: Span) -> str:
        return self.text[span.begin : span.end]

    def shown_at(self, span: Span) -> str:
        """The text of a span as people read it, to be put into an edit."""
        return self.at(span).encode("latin-1").decode("utf-8", "replace")

    @property
    def written(self) -> Source:
        """The file as somebody wrote it."""
        return self if self.origin is None else self.origin.source.written

    def location(self, offset: int) -> Location:
        if self.origin is not None:
            return self.origin.source.location(self.origin.offset(offset))
        line = bisect.bisect_right(self._line_starts, offset) - 1
        return Location(self.name, line + 1, offset - self._line_starts[line] + 1)

    def line_begin(self, offset: int) -> int:
        """Offset of the first byte of the line that holds `offset`."""
        return self._line_starts[bisect.bisect_right(self._line_starts, offset) - 1]

    def line_text(self, line: int) -> str:
        """Line number `line` (from 1) as people wrote it, without its end; empty past the end."""
        if self.origin is not None:
            return self.origin.source.line_text(line)
        if not 1 <= line <= len(self._line_starts):
            return ""
        begin = self._line_starts[line - 1]
        end = self.text.find("\n", begin)
        raw = self.text[begin:] if end < 0 else self.text[begin:end]
        return raw.encode("latin-1").decode("utf-8", "replace").rstrip("\r")

    def indentation(self, offset: int) -> str:
        """The white space that begins the line of `offset`."""
        begin = self.line_begin(offset)
        end = begin
        while end < len(self.text) and self.text[end] in " \t":
            end += 1
        return self.text[begin:end]


class OverlappingEdits(Exception):
    """Two edits want different text at the same place."""

    def __init__(self, first: Edit, second: Edit) -> None:
        super().__init__(f"edits overlap: {first} and {second}")
        self.first, self.second = first, second


def apply_edits(source: Source, edits: Iterable[Edit], name: str | None = None) -> Source:
    """The source with all edits made at once.

    Insertions at one place appear in the order given. Equal replacements of one span count once (a macro's
    argument can be reached twice). Raises OverlappingEdits.
    """
    replacements: dict[Span, Edit] = {}
    insertions: list[Edit] = []
    for edit in edits:
        if edit.span.begin == edit.span.end:
            insertions.append(edit)
        elif (known := replacements.get(edit.span)) is None:
            replacements[edit.span] = edit
        elif known.text != edit.text:
            raise OverlappingEdits(known, edit)
    ordered = sorted([*insertions, *replacements.values()], key=lambda e: (e.span.begin, e.span.end))
    pieces: list[str] = []
    done = 0
    previous: Edit | None = None
    for edit in ordered:
        if edit.span.begin < done:
            assert previous is not None
            raise OverlappingEdits(previous, edit)
        pieces += source.text[done : edit.span.begin], edit.text.encode().decode("latin-1")
        done, previous = edit.span.end, edit
    pieces.append(source.text[done:])
    return Source(name or source.name, "".join(pieces))


def edited(source: Source, edits: list[Edit]) -> Source:
    """The source with the edits made; it knows where its pieces come from."""
    pieces: list[str] = []
    begins: list[int] = []
    places: list[int] = []
    copied: list[bool] = []
    done = length = 0
    previous: Edit | None = None

    def add(text: str, place: int, whole: bool) -> None:
        nonlocal length
        if text:
            pieces.append(text)
            begins.append(length)
            places.append(place)
            copied.append(whole)
            length += len(text)

    for edit in sorted(edits, key=lambda e: (e.span.begin, e.span.end)):
        if edit.span.begin < done and previous is not None:
            raise OverlappingEdits(previous, edit)
        add(source.text[done : edit.span.begin], done, True)
        for text, place, whole in _quoting(edit, source):
            add(text, place, whole)
        done, previous = edit.span.end, edit
    add(source.text[done:], done, True)
    return Source(source.name, "".join(pieces), Origin(source, tuple(begins), tuple(places), tuple(copied)))


def _quoting(edit: Edit, source: Source) -> Iterator[tuple[str, int, bool]]:
    """The pieces of an edit's text: each with its place, and whether it stood there before."""
    text, done = edit.text.encode().decode("latin-1"), 0
    for quote in edit.quotes:
        begin = text.find(source.at(quote), done)
        if begin >= 0:
            yield text[done:begin], edit.span.begin, False
            yield source.at(quote), quote.begin, True
            done = begin + quote.end - quote.begin
    yield text[done:], edit.span.begin, False
