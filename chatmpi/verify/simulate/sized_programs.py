"""One program at many sizes, of which the compiler's front end reads a few.

Where what was read at some sizes differs in numbers alone, and each of these was everywhere the value of a size, or so
much more or less, the program at another size is the same with other numbers there. It is read as ever where two sizes
may be meant that now differ, where the preprocessor or the compiler may decide by a number (`#if N > 8`, `sizeof`
in a structure, an array's extent that is chosen), or where an array would have no elements.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, is_dataclass
from typing import Any

from chatmpi.analysis import tree
from chatmpi.analysis.parse import ParseOptions, parse
from chatmpi.analysis.source import Source, Span
from chatmpi.analysis.tree import Array, CType, Expr, OtherType, Pointer, Program, Scalar, VarDecl
from chatmpi.verify.simulate.small_sizes import with_sizes
from chatmpi.verify.sizes import definitions

_SAMPLES, _MOST_SAMPLES = 3, 6
_DECIDES = re.compile(
    r"^[ \t]*#[ \t]*(if\b|elif\b|include[ \t]*\")|##|"
    r"\b(_Static_assert|static_assert|__attribute__|_Alignas|alignas|_Generic)\b",
    re.MULTILINE,
)
_EXTENT = re.compile(r"(?<=\[)\d+(?=\])")
_AS_READ = frozenset({"source", "includes", "macros", "constants", "options"})  # of a program: they say where text is
_ALIKE = frozenset({"records", "layouts", "enumerators"})
_OPERATORS = {"+": operator.add, "-": operator.sub, "*": operator.mul}
_CTYPES = (Scalar, Pointer, Array, OtherType)

Values = Mapping[str, int]


class _Unlike(Exception):
    """What was read differs in more than numbers."""


class _NotTold(Exception):
    """It has to be read at this size."""


class SizedPrograms:
    """A program, by the values of its sizes."""

    def __init__(self, original: Program, options: ParseOptions) -> None:
        self._original, self._options = original, options
        self.definitions = tuple(definitions(original))
        self._families: dict[tuple[str, ...], _Family] = {}

    def text(self, values: Values, original: Source | None = None) -> Source | None:
        """Its text with these values, see `with_sizes`."""
        return with_sizes(self._original.source, self._original, values, original, self.definitions)

    def at(self, text: Source, values: Values) -> Program:
        """The program of this text, which has these values for its sizes. Raises UnreadableInput."""
        if not values:
            return self._original
        family = self._families.setdefault(tuple(sorted(values)), _Family())
        made = family.at(values)
        if made is None:
            made = parse(text, self._options)
            family.add(values, made)
        return made


@dataclass
class _Family:
    """What was read with values for the same sizes; `recipe` makes more of it."""

    samples: list[tuple[Values, Program]] = field(default_factory=list)
    recipe: _Recipe | None = None
    is_unlike: bool = False

    def add(self, values: Values, program: Program) -> None:
        if self.is_unlike or len(self.samples) == _MOST_SAMPLES or any(values == v for v, _ in self.samples):
            return
        self.samples.append((dict(values), program))
        if len(self.samples) >= _SAMPLES:
            try:
                self.recipe = _recipe_of(self.samples)
            except (_Unlike, RecursionError):
                self.is_unlike, self.recipe = True, None
                self.samples.clear()

    def at(self, values: Values) -> Program | None:
        if self.recipe is None or not all(map(self._varied, values, values.values())):
            return None
        try:
            made: Program = _Made(values).of(self.recipe)
            return made
        except (_NotTold, RecursionError):
            return None

    def _varied(self, name: str, value: int) -> bool:
        """Whether the samples show what this size means; one that is as in all of them need not."""
        known = {v[name] for v, _ in self.samples}
        return len(known) > 1 or value in known


# ----------------------------------------------------------------------------------------- how it is made


@dataclass(frozen=True, eq=False)
class _Number:
    """A number that was each of these sizes and so much more."""

    meant: tuple[tuple[str, int], ...]


@dataclass(frozen=True, eq=False)
class _Computed:
    """`left op right`."""

    op: str
    left: _Recipe | int
    right: _Recipe | int


@dataclass(frozen=True, eq=False)
class _Extent:
    """A number of elements, by all declarations that have as many."""

    written: tuple[_Recipe | int, ...]


@dataclass(frozen=True, eq=False)
class _Parts:
    """The same with other parts, by name."""

    like: Any
    parts: tuple[tuple[str, _Recipe], ...]


@dataclass(frozen=True, eq=False)
class _Items:
    """The same with other items, by place."""

    like: tuple[Any, ...]
    items: tuple[tuple[int, _Recipe], ...]


@dataclass(frozen=True, eq=False)
class _Spelling:
    """A type's spelling with other extents of arrays in it."""

    pieces: tuple[str, ...]
    numbers: tuple[_Extent | str, ...]


_Recipe = _Number | _Computed | _Extent | _Parts | _Items | _Spelling


class _Made:
    """Everything for some values, each once."""

    def __init__(self, values: Values) -> None:
        self._values = values
        self._known: dict[int, Any] = {}

    def of(self, recipe: _Recipe) -> Any:
        found = self._known.get(id(recipe))
        if found is None:
            found = self._known[id(recipe)] = self._make(recipe)
        return found

    def _make(self, recipe: _Recipe) -> Any:
        match recipe:
            case _Number(meant=meant):
                return _one({self._values[name] + more for name, more in meant}, 0)
            case _Extent(written=written):
                return _one({self._number(w) for w in written}, 1)
            case _Computed(op=op, left=left, right=right):
                return _OPERATORS[op](self._number(left), self._number(right))
            case _Spelling(pieces=pieces, numbers=numbers):
                told = [n if isinstance(n, str) else str(self.of(n)) for n in numbers]
                return "".join(a + b for a, b in zip(pieces, (*told, ""), strict=True))
            case _Items(like=like, items=items):
                changed = list(like)
                for k, part in items:
                    changed[k] = self.of(part)
                return tuple(changed)
            case _Parts(like=like, parts=parts):
                other = {name: self.of(part) for name, part in parts}
                made = object.__new__(type(like))
                for name in _names(type(like)):
                    object.__setattr__(made, name, other[name] if name in other else getattr(like, name))
                return made

    def _number(self, recipe: _Recipe | int) -> int:
        return recipe if isinstance(recipe, int) else int(self.of(recipe))


def _one(numbers: set[int], least: int) -> int:
    if len(numbers) > 1 or min(numbers) < least:
        raise _NotTold
    return numbers.pop()


def _names(kind: Any) -> tuple[str, ...]:
    """The fields of a dataclass."""
    return tuple(kind.__dataclass_fields__)


# ------------------------------------------------------------------------------- what the samples have in common


def _recipe_of(samples: Sequence[tuple[Values, Program]]) -> _Recipe:
    """Raises _Unlike, as it does where nothing differs: a size that changes nothing was not found."""
    values, programs = [v for v, _ in samples], tuple(p for _, p in samples)
    if any(_DECIDES.search(p.source.text) for p in programs):
        raise _Unlike
    made = _Common(values, programs).of(programs)
    if made is None:
        raise _Unlike
    return made


class _Common:
    """Compares what was read at several sizes, all at once."""

    def __init__(self, values: Sequence[Values], programs: tuple[Program, ...]) -> None:
        self._values = values
        self._extents: dict[tuple[int | None, ...], list[_Recipe | int]] = {}  # of arrays, as declarations write them
        # by the identities of what was compared, which is kept: another object could have the same one later
        self._known: dict[tuple[int, ...], tuple[tuple[Any, ...], _Recipe | None]] = {}
        self._declare(programs)

    def of(self, found: tuple[Any, ...]) -> _Recipe | None:
        """None if they are the same, but for where their text stands."""
        first = found[0]
        if all(x is first for x in found) or isinstance(first, Span):
            return None
        key = tuple(map(id, found))
        if key not in self._known:
            self._known[key] = found, self._compared(found)
        return self._known[key][1]

    def _compared(self, found: tuple[Any, ...]) -> _Recipe | None:
        first = found[0]
        if any(type(x) is not type(first) for x in found):
            raise _Unlike
        if isinstance(first, Program):
            return self._program(found)
        if isinstance(first, _CTYPES):
            return self._type(found)
        if isinstance(first, tuple):
            return self._items(found)
        if is_dataclass(first):
            made = self._parts(found, _names(type(first)))
            if made is not None and isinstance(first, tree.UnknownExpr | tree.UnknownStmt):
                raise _Unlike
            return made
        if type(first) is int and any(x != first for x in found):
            return self._number(found)
        if any(x != first for x in found):
            raise _Unlike
        return None

    def _program(self, found: tuple[Any, ...]) -> _Recipe | None:
        for name in _ALIKE:
            if self.of(tuple(tuple(getattr(p, name).items()) for p in found)) is not None:
                raise _Unlike
        return self._parts(found, tuple(n for n in _names(Program) if n not in _AS_READ | _ALIKE))

    def _parts(self, found: tuple[Any, ...], names: tuple[str, ...]) -> _Recipe | None:
        parts = tuple((n, p) for n in names if (p := self.of(tuple(getattr(x, n) for x in found))) is not None)
        return _Parts(found[0], parts) if parts else None

    def _items(self, found: tuple[Any, ...]) -> _Recipe | None:
        if any(len(x) != len(found[0]) for x in found):
            raise _Unlike
        each = enumerate(zip(*found, strict=True))
        items = tuple((k, i) for k, some in each if (i := self.of(some)) is not None)
        return _Items(found[0], items) if items else None

    def _type(self, found: tuple[Any, ...]) -> _Recipe | None:
        first = found[0]
        if all(x == first for x in found):
            return None
        if isinstance(first, OtherType):
            return _Parts(first, (("name", self._spelling([x.name for x in found])),))
        if isinstance(first, Array):
            parts: list[tuple[str, _Recipe]] = []
            if (element := self.of(tuple(x.element for x in found))) is not None:
                parts.append(("element", element))
            if any(x.extent != first.extent for x in found):
                parts.append(("extent", self._extent(tuple(x.extent for x in found))))
            return _Parts(first, tuple(parts))
        return self._parts(found, _names(type(first)))

    def _spelling(self, found: list[str]) -> _Recipe:
        pieces = tuple(_EXTENT.split(found[0]))
        numbers = [_EXTENT.findall(x) for x in found]
        if any(tuple(_EXTENT.split(x)) != pieces for x in found):
            raise _Unlike
        made: list[_Extent | str] = []
        for some in zip(*numbers, strict=True):
            made.append(some[0] if len(set(some)) == 1 else self._extent(tuple(map(int, some))))
        return _Spelling(pieces, tuple(made))

    def _extent(self, found: tuple[int | None, ...]) -> _Extent:
        written = self._extents.get(found)
        if written is None:
            raise _Unlike
        return _Extent(tuple(written))

    def _number(self, found: tuple[int, ...]) -> _Number:
        meant = []
        for name in self._values[0]:
            more = {x - v[name] for x, v in zip(found, self._values, strict=True)}
            if len(more) == 1:
                meant.append((name, more.pop()))
        if not meant:
            raise _Unlike
        return _Number(tuple(meant))

    def _declare(self, programs: tuple[Program, ...]) -> None:
        """Note what arrays have for extents that differ, where it is written out in numbers."""
        each = [list(_declarations(p)) for p in programs]
        if len({len(those) for those in each}) > 1:
            raise _Unlike
        for same in zip(*each, strict=True):
            if _divides(same[0]):
                raise _Unlike
            kinds = [list(_arrays(v.symbol.type)) for v in same]
            if len({len(arrays) for arrays in kinds}) > 1:
                raise _Unlike
            extents = [tuple(a.extent for a in arrays) for arrays in zip(*kinds, strict=True)]
            if all(len(set(some)) == 1 for some in extents):
                continue
            written = [tuple(e for e in v.extents if e is not None) for v in same]
            if any(len(w) != len(extents) for w in written):
                raise _Unlike
            for some, expressions in zip(extents, zip(*written, strict=True), strict=True):
                self._extents.setdefault(some, []).append(self._written(some, expressions))

    def _written(self, extents: tuple[int | None, ...], expressions: tuple[Expr, ...]) -> _Recipe | int:
        made = self._sum(expressions)
        for extent, values in zip(extents, self._values, strict=True):
            if extent != (made if isinstance(made, int) else _Made(values).of(made)):
                raise _Unlike
        return made

    def _sum(self, found: tuple[Expr, ...]) -> _Recipe | int:
        """Of numbers and products."""
        match found[0]:
            case tree.IntLiteral(value=value) if all(isinstance(e, tree.IntLiteral) for e in found):
                numbers = tuple(e.value for e in found if isinstance(e, tree.IntLiteral))
                return value if len(set(numbers)) == 1 else self._number(numbers)
            case tree.Binary(op="+" | "-" | "*" as op):
                alike = [e for e in found if isinstance(e, tree.Binary) and e.op == op]
                if len(alike) == len(found):
                    left, right = tuple(e.left for e in alike), tuple(e.right for e in alike)
                    return _Computed(op, self._sum(left), self._sum(right))
        raise _Unlike


def _declarations(program: Program) -> Iterator[VarDecl]:
    for top in (*program.globals, *program.functions):
        yield from (n for n in tree.walk(top) if isinstance(n, VarDecl))


def _divides(v: VarDecl) -> bool:
    """Whether an initial value that the compiler has to find divides integers: it takes no zero."""
    if v.init is None or v.symbol.storage not in ("global", "static"):
        return False
    nodes = (n for n in tree.walk(v.init) if isinstance(n, tree.Binary))
    return any(n.op in ("/", "%", "<<", ">>") and isinstance(n.type, Scalar) and n.type.is_integer for n in nodes)


def _arrays(kind: CType) -> Iterator[Array]:
    """An array, or one that is pointed to, and those in it."""
    while isinstance(kind, Array | Pointer):
        if isinstance(kind, Array):
            yield kind
        kind = kind.element if isinstance(kind, Array) else kind.target
