"""Whether all subscripts of an array, and all parts of it that are sent and received, are inside of its memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import islpy as isl

from chatmpi.analysis.numbers.pieces import Comparison, Condition, negated
from chatmpi.analysis.numbers.polynomial import ONE, ZERO, Atom, Polynomial, of_atom
from chatmpi.analysis.source import Span
from chatmpi.verify.parametric.any_rank import never
from chatmpi.verify.parametric.coverage import Witness, named
from chatmpi.verify.parametric.integer_sets import At
from chatmpi.verify.parametric.memory import Memory, Object
from chatmpi.verify.parametric.met import Access, Transfer, Where
from chatmpi.verify.parametric.quantities import Iteration, atoms_of, atoms_of_condition
from chatmpi.verify.parametric.signs import known_from, never_negative


@dataclass(frozen=True)
class Used:
    """Cells of an array that are used together: subscripts, outermost first, and so many elements from there on."""

    array: int
    subscripts: tuple[Polynomial, ...]
    count: Polynomial
    where: Where
    span: Span


@dataclass(frozen=True)
class Question:
    """Whether a quantity is never negative where the conditions hold."""

    conditions: Where
    quantity: Polynomial


Way = list[Polynomial]  # if none of them is ever negative, the use is inside


def used(a: Access | Transfer) -> Used | None:
    """None where it is not known."""
    match a:
        case Access(subscripts=subscripts):
            known = tuple(s for s in subscripts if s is not None)
            return Used(a.array, known, ONE, a.where, a.span) if len(known) == len(subscripts) else None
        case Transfer(start=start, count=count):
            known = tuple(s for s in start if s is not None)
            if count is None or len(known) < len(start):
                return None
            return Used(a.array, known, count, (*a.where, Comparison(">", count)), a.span)


def in_question(
    context: isl.Context, memory: Memory, objects: Sequence[Object], u: Used, facts: Where
) -> list[Question] | None:
    """What has to be asked of each rank, as it does not follow from the `facts` for any numbers. None if the use has no
    memory that is known. Raises isl.Error where it needs too many operations."""
    mine = [o for o in objects if memory.group(o.array) == memory.group(u.array)]
    each = [[o for o in mine if o.array == a] for a in dict.fromkeys(o.array for o in mine)]
    if not mine or not all(_is_made(context, u, same) for same in each):
        return None
    found: list[Question] = []
    for o in mine:
        left = _left(context, o, u, facts)
        if left is None or not all(map(_depths_differ, left)):
            return None
        found += left
    return found


def negative(question: Question, at: At) -> Witness | None:
    """Sizes at which it is, at a rank. Raises Unfit, isl.Error."""
    value = at.value(question.quantity)
    wrong = value.lt_set(at.space.number(0)).intersect(at.space.whole)
    if wrong.is_empty():
        return None
    wrong = wrong.intersect(at.all_hold(question.conditions))
    return None if wrong.is_empty() else Witness(named(at.space, wrong), at.ranks, at.rank)


def _is_made(context: isl.Context, u: Used, objects: Sequence[Object]) -> bool:
    """Whether there is memory wherever it is used."""
    return any(all(c in u.where or never(context, (*u.where, negated(c))) for c in o.where) for o in objects)


def _left(context: isl.Context, o: Object, u: Used, facts: Where) -> list[Question] | None:
    """What is not shown at once of the best way to see a use as inside an object; None if there is no way."""
    best: list[Question] | None = None
    where = tuple(dict.fromkeys((*u.where, *o.where)))
    for way in _ways(o, u):
        asked = [at_the_ends(Question(where, q)) for q in way]
        left = [q for q in asked if not is_plain(q) and not never(context, (*_wrong(q), *facts))]
        if not left:
            return []
        best = left  # the last way has the fewest products
    return best


def at_the_ends(question: Question) -> Question:
    """The same without the iterations of loops of which it is a linear function: it is least at one of their ends."""
    where, q = least(question.quantity, question.conditions)
    related = {a for a in atoms_of(q) if isinstance(a.origin, Iteration)}
    return Question(tuple(c for c in where if _iterations(c) <= related), q)


def least(q: Polynomial, where: Where) -> tuple[Where, Polynomial]:
    """The least of a quantity over iterations, with what holds then of the rest; as it is where that is not seen."""
    inner = [a for a in q.atoms if isinstance(a.origin, Iteration)]
    for i in sorted(inner, key=_depth, reverse=True):
        slope = q.coefficient(i).constant
        ends = [c.left for c in where if isinstance(c, Comparison) and c.op in (">=", "<") and i in c.left.atoms]
        if slope is None or len(ends) != 2 or _is_inside_of_atoms(q, i):
            return where, q
        low, last = of_atom(i) - ends[0], of_atom(i) - ends[1] - ONE
        if i in atoms_of(low) | atoms_of(last):
            return where, q
        q = q.substitute({i: low if slope > 0 else last})
        where = (*(c for c in where if i not in atoms_of_condition(c)), Comparison(">=", last - low))
    return where, q


def is_plain(question: Question) -> bool:
    """Whether it is seen from how the quantity is written."""
    known = tuple(q for c in question.conditions for q in known_from(c))
    return never_negative(question.quantity, known)


def _wrong(question: Question) -> Where:
    return (*question.conditions, Comparison("<", question.quantity))


def _is_inside_of_atoms(q: Polynomial, atom: Atom) -> bool:
    """Whether it is a part of quotients or choices, or is multiplied by others."""
    return any(len(m) > 1 and atom in m for m, _ in q.terms) or atom in atoms_of(
        Polynomial(tuple((m, f) for m, f in q.terms if m != (atom,)))
    )


def _iterations(c: Condition) -> set[Atom]:
    return {a for a in atoms_of_condition(c) if isinstance(a.origin, Iteration)}


def _depth(atom: Atom) -> int:
    return atom.origin.depth if isinstance(atom.origin, Iteration) else 0


def _ways(o: Object, u: Used) -> Iterator[Way]:
    extents = tuple(e for e in o.extents if e is not None)
    if len(extents) < len(o.extents) or len(u.subscripts) > len(extents):
        return
    padded = (*u.subscripts, *(ZERO for _ in extents[len(u.subscripts) :]))
    if len(extents) > 1:
        yield _in_dimensions(padded, extents, u.count)
        return
    (start,), (extent,) = padded, extents
    yield _inside(start, u.count, extent)
    for width in o.factors:
        rows, rest = extent.divided(width)
        if rest.terms or rows.constant is not None:
            continue
        yield _in_dimensions(row_and_column(start, width), (rows, width), u.count)


def row_and_column(index: Polynomial, width: Polynomial) -> tuple[Polynomial, Polynomial]:
    """Of an index that is written in one dimension: `i*m + m - 1` is the last of row i."""
    row, column = index.divided(width)
    return (row - ONE, column + width) if never_negative(ZERO - column - ONE) else (row, column)


def _in_dimensions(subscripts: Sequence[Polynomial], extents: Sequence[Polynomial], count: Polynomial) -> Way:
    """As many elements as there are from a place on, in one row, or whole rows."""
    *outer, last = zip(subscripts, extents, strict=True)
    number, rest = count.divided(last[1])
    if outer and last[0] == ZERO and not rest.terms and last[1].constant != 0:
        *outer, rows = outer
        way = _inside(rows[0], number, rows[1])
    else:
        way = _inside(last[0], count, last[1])
    for index, extent in outer:
        way += _inside(index, ONE, extent)
    return way


def _inside(start: Polynomial, count: Polynomial, extent: Polynomial) -> Way:
    return [start, extent - start - count]


def _depths_differ(question: Question) -> bool:
    """Whether iterations of loops that are no part of each other do not meet."""
    atoms = set().union(*map(atoms_of_condition, _wrong(question)))
    depths = [a.origin.depth for a in atoms if isinstance(a.origin, Iteration)]
    return len(depths) == len(set(depths))
