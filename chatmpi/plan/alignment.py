"""How the rows that an access touches follow the variable of a loop: the base of owner-computes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from chatmpi.analysis.facts import Facts
from chatmpi.analysis.loops import CanonicalLoop, LoopInfo
from chatmpi.analysis.memory.subscripts import Access
from chatmpi.analysis.numbers.pieces import Entry
from chatmpi.analysis.numbers.polynomial import ONE, Atom, Polynomial, of_atom, variable
from chatmpi.plan.windows import REACH, unwrapped, window


@dataclass(frozen=True, slots=True)
class Aligned:
    """Iteration i touches rows i + least … i + most; `near`: up to whole turns around the array, of which the
    row is that value."""

    least: int
    most: int
    near: Polynomial | None = None


@dataclass(frozen=True, slots=True)
class Flat:
    """Iteration i touches part i of the array, of `words` words each: one of the `parts` of row i / parts."""

    parts: Polynomial
    words: Polynomial = ONE


Alignment = Aligned | Flat | None


def alignment(access: Access, loop: LoopInfo, facts: Facts) -> Alignment:
    """The alignment of an access inside `loop` with the loop's variable; None if there is none."""
    canonical = loop.canonical
    assert canonical is not None
    if loop.stmt.id not in access.touch.context.loops:
        return None  # in the loop's start value
    own = of_atom(variable(canonical.variable))
    row = access.subscripts[0]
    if row is not None:
        return _offset_range(row - own, access, loop, facts) or _in_pieces(access, loop, facts)
    extents = facts.extents.get(access.touch.symbol)
    if extents is None or len(extents.dimensions) <= 1 + extents.vectors:
        return None
    if access.linear == own:
        return Flat(extents.line_words)
    if access.joined is not None and access.joined.place == own:
        words = extents.line_words_behind(access.joined.count)
        parts, _ = extents.line_words.divided(words)
        return Flat(parts, words)
    return None


def _offset_range(offset: Polynomial, access: Access, loop: LoopInfo, facts: Facts) -> Aligned | None:
    """The range of `row - i`, over the inner loops; None if it is not between two numbers."""
    ids = access.touch.context.loops
    ends = number_range(offset, ids[ids.index(loop.stmt.id) + 1 :], facts)
    return None if ends is None else Aligned(*ends)


def number_range(value: Polynomial, loops: Iterable[int], facts: Facts) -> tuple[int, int] | None:
    """The least and the most that a value is in the iterations of `loops`; None if it is not between two numbers."""
    least = most = 0
    counted = {variable(c.variable): c for i in loops if (c := facts.loops[i].counted) is not None}
    for monomial, factor in value.terms:
        if not monomial:
            least, most = least + factor, most + factor
            continue
        ends = _ends(monomial[0], counted) if len(monomial) == 1 else None
        if ends is None:
            return None
        products = factor * ends[0], factor * ends[1]
        least, most = least + min(products), most + max(products)
    return least, most


def _in_pieces(access: Access, loop: LoopInfo, facts: Facts) -> Aligned | None:
    """A row that is clamped or wrapped: its range by integer sets."""
    assert loop.canonical is not None
    ends = window(access, loop, facts)
    if ends is not None:
        return Aligned(*ends)
    own = of_atom(variable(loop.canonical.variable))
    turned = ((near, _offset_range(near - own, access, loop, facts)) for near in unwrapped(access, loop, facts))
    within = [Aligned(r.least, r.most, near) for near, r in turned if r and max(abs(r.least), abs(r.most)) <= REACH]
    return min(within, key=lambda a: max(abs(a.least), abs(a.most)), default=None)


def _ends(atom: Atom, counted: Mapping[Atom, CanonicalLoop]) -> tuple[int, int] | None:
    """The least and the most of a loop's variable, or of the elements of a table."""
    if isinstance(atom.origin, Entry):
        return min(atom.origin.table.values), max(atom.origin.table.values)
    loop = counted.get(atom)
    if loop is None or loop.lower is None or loop.upper is None:
        return None
    least, past = loop.lower.constant, loop.upper.constant
    return None if least is None or past is None or past <= least else (least, past - 1)
