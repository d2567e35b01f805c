"""Gathering replicated arrays that a distributed loop has computed in parts."""

from __future__ import annotations

from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.numbers.polynomial import ONE, Atom, Polynomial, constant, of_atom
from chatmpi.analysis.tree import Symbol
from chatmpi.plan.alignment import Aligned, alignment
from chatmpi.plan.plan import Communication
from chatmpi.verify.reading.environment import check_collective
from chatmpi.verify.reading.findings import Mismatch
from chatmpi.verify.reading.gathering import Gathered, follower
from chatmpi.verify.reading.messages import address, check_type
from chatmpi.verify.reading.piecewise import Case, Condition, Piecewise
from chatmpi.verify.reading.ranges import Header
from chatmpi.verify.reading.reading import Position, Where
from chatmpi.verify.reading.row import Row
from chatmpi.verify.reading.terms import NotAffine, Question, witness


@dataclass(frozen=True, slots=True)
class Items:
    """Iteration g of a loop writes item g + `offset` of an array of `number` items, `words` elements each."""

    offset: int
    words: Polynomial
    number: Polynomial


def check_call(row: Row, call: tree.Call, where: Where, at: Position) -> None:
    """A call to a function of the candidate gathers the array that the plan says."""
    function = at.reading.functions[call.name or ""]
    check_collective(call, function.symbol.name, where, at.state)
    if len(call.arguments) != len(function.parameters):
        raise Mismatch(call, f"'{function.symbol}' is called with another number of arguments")
    arguments = [(a, at.reading.value(a, where, at.state)) for a in call.arguments]
    for expr, value in arguments:
        if value is not None and any(at.reading.terms.differs_by_rank(c.value) for c in value):
            raise Mismatch(expr, "ranks call this with different values")
    gathered = follower(at, function, arguments).follow()
    target = address(gathered.array, where, at)
    if target.words.terms:
        raise Mismatch(gathered.array, "this is not the beginning of the array")
    number = next(
        (k for k in row.after(at.reading.intent) if _is_of(at.reading.intent.communication(k), target.source)), None
    )
    if number is None:
        raise Mismatch(call, f"the plan does not gather '{target.array}' here")
    if (number, "") in row.found:
        raise Mismatch(call, f"'{target.array}' is gathered twice")
    c = at.reading.intent.communication(number)
    check_type(gathered.kind, at.reading.facts.extents[target.source].element, at)
    header = at.reading.headers.get(c.start.statement)
    items = _items(c, target.source, at)
    if header is None or items is None:
        raise Mismatch(call, f"what the loop writes to '{target.array}' is not understood")
    _check_parts(call, gathered, header, items, c, at)
    row.found.add((number, ""))
    at.reading.findings.holds(
        f"gather of '{c.subject}' behind line {c.start.line}: all that each rank wrote, from that rank alone"
    )


def _is_of(c: Communication, array: Symbol) -> bool:
    return c.kind == "allgather" and c.uid == array.uid


def _items(c: Communication, array: Symbol, at: Position) -> Items | None:
    facts = at.reading.facts
    info = facts.loops[c.start.statement]
    hows = {alignment(a, info, facts) for a in facts.accesses_in(c.start.statement).get(array, ()) if a.touch.write}
    how = hows.pop() if len(hows) == 1 else None
    extents = facts.extents[array]
    if how is None:
        return None
    if isinstance(how, Aligned):
        return Items(how.least, extents.row_words, extents.dimensions[0]) if how.least == how.most else None
    return Items(0, how.words, extents.words.divided(how.words)[0])


def _check_parts(
    call: tree.Call, gathered: Gathered, header: Header, items: Items, c: Communication, at: Position
) -> None:
    """What is gathered from a rank: all items that it wrote, none that another rank owns, all inside the array."""
    counts, places = _in_items(gathered.count, items), _in_items(gathered.place, items)
    if counts is None or places is None:
        raise Mismatch(call, f"the parts of '{c.subject}' that are gathered are no whole rows")
    item = Atom("@item", f"row of {c.subject}")
    here = of_atom(item)
    g = here - constant(items.offset)

    def parts(question: Question) -> str:
        cases = []
        for n in counts:
            for p in places:
                inside = (Condition(here - p.value, ">="), Condition(p.value + n.value - here - ONE, ">="))
                cases.append(question.all_of((*n.conditions, *p.conditions, *inside)))
        return f"({' or '.join(cases)})"

    def never(formula: str, message: str, question: Question) -> None:
        point = question.point([formula, *header.order(question)])
        if point is not None:
            raise Mismatch(call, message, witness(point, (item.text,)))

    try:
        question = Question(at.reading.terms, {item: "d0"})
        never(
            f"({header.runs(question, g)}) and not {parts(question)}",
            f"a row of '{c.subject}' that a rank has computed is not gathered from it", question,
        )  # fmt: skip
        question = Question(at.reading.terms, {item: "d0"})
        own = question.all_of((Condition(g - header.span.begin, ">="), Condition(header.span.end - g - ONE, ">=")))
        never(
            f"{parts(question)} and not {own}",
            f"a row of '{c.subject}' is gathered from a rank that does not own it", question,
        )  # fmt: skip
        question = Question(at.reading.terms, {item: "d0"})
        outside = f"({question.affine(here)} < 0 or {question.affine(here - items.number)} >= 0)"
        never(f"{parts(question)} and {outside}", f"what is gathered reaches outside '{c.subject}'", question)
    except NotAffine:
        raise Mismatch(call, f"not shown: the right rows of '{c.subject}' are gathered") from None


def _in_items(value: Piecewise, items: Items) -> Piecewise | None:
    """A number of elements as a number of items."""
    found = []
    for case in value:
        quotient, rest = case.value.divided(items.words)
        if rest.terms:
            return None
        found += [Case(case.conditions, quotient)]
    return tuple(found)
