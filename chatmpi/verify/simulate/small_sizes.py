"""Which definitions of a program are sizes, and small values for them.

Sizes reach extents of arrays, or bounds of loops whose variable is a subscript; step counts bound other loops. What
fixes the extent of a table that the program writes out stays as it is. The choice decides what is tried, not what is
right: a size at which the sequential program does not run cleanly is not used.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from chatmpi.analysis import tree
from chatmpi.analysis.calls.library import ALLOCATING
from chatmpi.analysis.source import Edit, Source, apply_edits
from chatmpi.analysis.tree import Program
from chatmpi.verify.simulate.demands import NONE, Demands, demands
from chatmpi.verify.simulate.made_of import Holder, MadeOf
from chatmpi.verify.simulate.powers import powers
from chatmpi.verify.simulate.step_literals import is_step_count, is_subscript, step_count_of, step_edits
from chatmpi.verify.simulate.written_numbers import (
    filed_edits,
    is_number,
    number_edits,
    number_of,
    written_places,
    written_sizes,
)
from chatmpi.verify.simulate.written_numbers import told as number_told
from chatmpi.verify.sizes import Definition, definitions

_LITERAL = re.compile(r"\(*\s*(\d+)[uUlL]*\s*\)*")
_ASSERTION = re.compile(r"(?:_Static_assert|static_assert)\s*\(\s*(\w+)\s*==")
_SMALL = 8
_MOST_TIMES = 16
_MOST_ROOM = 10_000


@dataclass(frozen=True)
class Choice:
    """The names of definitions that hold sizes, and of those that hold step counts; numbers that are written for sizes,
    and those that stand in subscripts. `times`: sizes that are written as so many times the least that is; `rooms`:
    those that no loop runs up to; `written`: what is written for those that have a name; `demands`: what the program
    asks of them; `powers`: definitions that are no sizes as they are small, but to a power (see `powers.py`)."""

    sizes: tuple[str, ...]
    steps: tuple[str, ...]
    numbers: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    times: tuple[tuple[str, int], ...] = ()
    rooms: tuple[str, ...] = ()
    written: tuple[tuple[str, int], ...] = ()
    demands: Demands = NONE
    powers: tuple[tuple[str, int], ...] = ()

    def with_powers(self) -> Choice:
        """What is large to a power is made small too."""
        return replace(self, sizes=(*self.sizes, *(name for name, _ in self.powers)))

    def with_numbers(self, steps: Iterable[str]) -> Choice:
        """Numbers are made small too, but for those that are numbers of `steps`."""
        counted = {step_count_of(s) for s in steps}
        numbers = tuple(n for n in self.numbers if number_of(n) not in counted)
        places = tuple(n for n in self.places if n not in self.numbers)
        return replace(self, sizes=(*self.sizes, *numbers), numbers=(), places=places)

    def without(self, names: frozenset[str]) -> Choice:
        return replace(
            self,
            sizes=tuple(n for n in self.sizes if n not in names),
            steps=tuple(n for n in self.steps if n not in names),
            powers=tuple((n, power) for n, power in self.powers if n not in names),
        )


def asserted(program: Program) -> frozenset[str]:
    """The names that a program asserts to be one number: it is made for no other."""
    empty = (n for f in program.functions for n in tree.walk(f) if isinstance(n, tree.Declaration) and not n.variables)
    matches = (_ASSERTION.match(program.source.at(n.span)) for n in empty)
    return frozenset(m[1] for m in matches if m is not None)


def choose(program: Program) -> Choice:
    """What to make small."""
    made_of = MadeOf(program)
    fixed = made_of.reached(_written_out(program, made_of))
    every = list(definitions(program))
    names = Counter(d.name for d in every)  # one that is given several values has no value to change
    known = {Holder(d.name, d.uid): d for d in every if names[d.name] == 1 and _can_change(program.source, d)}
    known = {holder: d for holder, d in known.items() if holder not in fixed}
    reaching = [e for e in (*_extents(program), *_bounds(program, indexing=True)) if e is not None]
    extents = made_of.reached(_named(made_of, reaching)) & known.keys()
    bounding = made_of.reached(_named(made_of, _bounds(program)))
    bounds = bounding & known.keys() - extents
    large = {n for n in extents if _value(program.source, known[n]) > _SMALL}
    sizes = large or extents
    if not sizes:
        sizes, bounds = bounds, set()
    spans = [known[n].span for n in (*sizes, *bounds)]
    written = _written(program.source, [d for h, d in known.items() if h in sizes])
    return Choice(
        tuple(dict.fromkeys(h.name for h in known if h in sizes)),
        tuple(dict.fromkeys(h.name for h in known if h in bounds)),
        written_sizes(program, spans),
        written_places(program),
        _times(written),
        tuple(h.name for h, d in known.items() if h in sizes - bounding and _is_room(program.source, d)),
        tuple(written.items()),
        demands(program, made_of, {h: h.name for h in known if h in sizes}),
        tuple(powers(reaching, made_of, [h for h in known if h in extents - sizes])),
    )


def _is_room(source: Source, definition: Definition) -> bool:
    """Whether a number that is written is small enough for arrays of this size to be simulated."""
    written = _LITERAL.fullmatch(source.at(definition.span).strip())
    return written is not None and int(written[1]) <= _MOST_ROOM


def _written(source: Source, sizes: list[Definition]) -> dict[str, int]:
    """The numbers that are written out for sizes."""
    return {d.name: int(m[1]) for d in sizes if (m := _LITERAL.fullmatch(source.at(d.span).strip()))}


def _times(written: dict[str, int]) -> tuple[tuple[str, int], ...]:
    """How many times the least number that is written for a size the others are, up to a limit."""
    least = max(min(written.values(), default=1), 1)
    return tuple((name, min(value // least, _MOST_TIMES)) for name, value in written.items() if value >= 2 * least)


def named_sizes(program: Program) -> Iterator[tuple[str, int]]:
    """The sizes that have a name, with their values where these are written out and not small."""
    sizes = set(choose(program).sizes)
    for d in definitions(program):
        written = _LITERAL.fullmatch(program.source.at(d.span).strip())
        if d.name in sizes and written is not None and int(written[1]) > _SMALL:
            yield d.name, int(written[1])


def told(name: str, value: int) -> str:
    """A size or a number of steps for people: `N=7`, `7 for 200`, `3 of 25 steps`."""
    if is_step_count(name):
        return f"{value} of {name}"
    return number_told(name, value) if is_number(name) else f"{name}={value}"


def is_unnamed(name: str) -> bool:
    """Whether it is a number that the program writes, and has no name."""
    return is_step_count(name) or is_number(name)


def with_sizes(
    source: Source,
    program: Program,
    values: Mapping[str, int],
    original: Source | None = None,
    known: Sequence[Definition] | None = None,
) -> Source | None:
    """The program with these values, None if it does not define all of them just once.

    `original` is the sequential program, where this is another one; `known` what the program defines.
    """
    known = list(definitions(program)) if known is None else known
    edits = list(step_edits(program, values))
    for name, value in values.items():
        if is_unnamed(name):
            continue
        found = [d for d in known if d.name == name]
        if len(found) != 1:
            return None
        edits += [Edit(span, str(value)) for span in (found[0].span, *found[0].given)]
    edits += number_edits(source, original, values, [e.span for e in edits])
    edits += filed_edits(program, values)
    return apply_edits(source, edits)


def defined_differently(
    before: Program,
    after: Program,
    names: Iterable[str],
    known: tuple[Sequence[Definition], Sequence[Definition]] | None = None,
) -> str:
    """A size that the two programs define by another text, up to spaces and parentheses; "" if there is none.

    Where both are given the same small value instead, a fault in one of the definitions would not be seen.
    """
    those = known or tuple(tuple(definitions(p)) for p in (before, after))
    one, other = (
        {d.name: re.sub(r"[\s()]", "", p.source.at(d.span)) for d in defined}
        for p, defined in zip((before, after), those, strict=True)
    )
    return next((n for n in names if n in one and n in other and one[n] != other[n]), "")


def _can_change(source: Source, definition: Definition) -> bool:
    text = source.at(definition.span)
    return _LITERAL.fullmatch(text.strip()) is not None or "argv" in text


def _value(source: Source, definition: Definition) -> int:
    match = _LITERAL.fullmatch(source.at(definition.span).strip())
    return int(match[1]) if match else _SMALL + 1


def _extents(program: Program) -> Iterator[tree.Expr | None]:
    """What says how large arrays and blocks of memory are."""
    for top in (*program.globals, *program.functions):
        for node in tree.walk(top):
            if isinstance(node, tree.VarDecl):
                yield from node.extents
            elif isinstance(node, tree.Call) and node.name in ALLOCATING:
                yield from node.arguments


def _written_out(program: Program, made_of: MadeOf) -> set[Holder]:
    """What is named by the extents of arrays whose values are listed."""
    found: set[Holder] = set()
    for top in (*program.globals, *program.functions):
        for node in tree.walk(top):
            if isinstance(node, tree.VarDecl) and isinstance(node.init, tree.InitList) and len(node.init.items) > 1:
                found |= _named(made_of, node.extents)
    return found


def _named(made_of: MadeOf, expressions: Iterable[tree.Expr | None]) -> set[Holder]:
    return {holder for e in expressions if e is not None for holder in made_of.named_by(e)}


def _bounds(program: Program, indexing: bool = False) -> Iterator[tree.Expr]:
    """The conditions of loops; with `indexing` only of loops whose variable is a subscript."""
    for function in program.functions:
        for node in tree.walk(function):
            if (
                isinstance(node, tree.For | tree.While | tree.DoWhile)
                and node.condition is not None
                and (not indexing or (isinstance(node, tree.For) and _indexes(node)))
            ):
                yield node.condition


def _indexes(loop: tree.For) -> bool:
    """Whether what the loop steps is a subscript in it: not `u[t % 2]`."""
    if loop.step is None:
        return False
    return any(is_subscript(n.symbol, loop.body) for n in tree.walk(loop.step) if isinstance(n, tree.Name))
