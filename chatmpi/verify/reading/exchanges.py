"""Halo exchanges: one MPI_Sendrecv for each side, between neighbouring blocks."""

from __future__ import annotations

from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.numbers.polynomial import Polynomial, constant
from chatmpi.analysis.numbers.values import text
from chatmpi.analysis.tree import Expr
from chatmpi.plan.plan import Communication
from chatmpi.verify.reading.environment import is_constant, is_world
from chatmpi.verify.reading.findings import Mismatch
from chatmpi.verify.reading.messages import Address, address, check_arguments, check_type
from chatmpi.verify.reading.numbers import trial
from chatmpi.verify.reading.reading import Position, Where
from chatmpi.verify.reading.roles import Share, differing
from chatmpi.verify.reading.row import Row
from chatmpi.verify.reading.terms import NotAffine, witness


@dataclass(frozen=True, slots=True)
class Side:
    """The rows that a rank sends and receives, local and in words; `source`: how many blocks on the sender lies."""

    name: str
    width: int
    send: Polynomial
    receive: Polynomial
    source: int

    @property
    def meaning(self) -> str:
        return "before its first row" if self.name == "lower" else "after its last row"


def sides(c: Communication, share: Share) -> list[Side]:
    """Rows past the end come from the next block, rows before the begin from the block before."""
    low = constant(share.partition.halo.lower)
    past = share.count + low
    found = []
    if c.halo.upper:
        found.append(Side("upper", c.halo.upper, low, past, 1))
    if c.halo.lower:
        width = constant(c.halo.lower)
        found.append(Side("lower", c.halo.lower, past - width, low - width, -1))
    return found


def check_call(row: Row, call: tree.Call, where: Where, at: Position) -> None:
    """An MPI_Sendrecv is one side of a halo exchange that the plan puts here."""
    check_arguments(call, 12)
    send, n, kind, to, tag, receive, m, kind2, source, tag2, world, status = call.arguments
    target = address(receive, where, at)
    number, side, share = _planned(row, call, target, where, at)
    words = at.reading.facts.extents[target.source].row_words
    stored = at.reading.facts.arrays.declared[target.source].rows
    if stored is not None and stored.block is None and (side.width > 1 or stored.depth > 1):
        raise Mismatch(call, f"the rows of '{target.array}' lie apart: one message cannot hold several")
    c = at.reading.intent.communication(number)
    if address(send, where, at).array != target.array:
        raise Mismatch(send, f"the rows of another array than '{target.array}' are sent")
    _check_rows(receive, target.words, side.receive * words, f"the rows of '{c.subject}' {side.meaning}", at)
    _check_rows(send, address(send, where, at).words, side.send * words, f"the rows of '{c.subject}' to send", at)
    for count in (n, m):
        _check_rows(
            count, at.reading.plain(count, where, at.state), words * constant(side.width), "the words of the halo", at
        )
    for k in (kind, kind2):
        check_type(k, at.reading.facts.extents[target.source].element, at)
    _check_partner(source, share, side.source, "come from", where, at)
    _check_partner(to, share, -side.source, "go to", where, at)
    _check_tags(tag, tag2, where, at)
    if not is_world(world, at):
        raise Mismatch(world, "this is not MPI_COMM_WORLD")
    if not is_constant(status, "MPI_STATUS_IGNORE", at) and not _is_own_status(status):
        raise Mismatch(status, "this status is not understood")
    if (number, side.name) in row.found:
        raise Mismatch(call, f"{Row.describe(c, side.name)} is done twice")
    row.found.add((number, side.name))
    at.reading.findings.holds(
        f"halo of '{c.subject}' before line {c.start.line}: rows, counts, types and neighbours match, "
        f"{Row.describe(c, side.name)[4:]}"
    )


def _planned(row: Row, call: tree.Call, target: Address, where: Where, at: Position) -> tuple[int, Side, Share]:
    """The communication and side that a message is: by its array, and by where it puts the rows."""
    intent = at.reading.intent
    numbers = [
        k for k in row.around(intent) if (c := intent.communication(k)).kind == "halo" and c.uid == target.source.uid
    ]
    if not numbers:
        raise Mismatch(call, f"the plan has no exchange of '{target.array}' here")
    words = at.reading.facts.extents[target.source].row_words
    open_: list[tuple[int, Side, Share]] = []
    for k in numbers:
        partition = intent.communication(k).partition
        share = at.reading.roles.share(intent.plan.partition(partition or ""), call)
        open_ += [(k, s, share) for s in sides(intent.communication(k), share)]
    exact = [o for o in open_ if o[1].receive * words == target.words]
    fresh = [o for o in open_ if (o[0], o[1].name) not in row.found]
    if exact:
        return next((o for o in exact if o in fresh), exact[0])
    if not fresh:
        raise Mismatch(call, f"the plan has no further exchange of '{target.array}' here")
    upward = any(a in fresh[0][2].end.atoms for a in target.words.atoms)
    return next((o for o in fresh if (o[1].name == "upper") == upward), fresh[0])


def _check_rows(expr: Expr, found: Polynomial | None, wanted: Polynomial, what: str, at: Position) -> None:
    if found is None:
        raise Mismatch(expr, f"'{text(expr)}' is not understood")
    if found != wanted:
        terms = at.reading.terms
        raise Mismatch(
            expr,
            f"'{text(expr)}' is not {what}: word {terms.text(found)} instead of {terms.text(wanted)}"
            if "words" not in what
            else f"'{text(expr)}' is not {what}: {terms.text(found)} instead of {terms.text(wanted)}",
            trial(found, wanted, terms),
        )


def _check_partner(expr: Expr, share: Share, step: int, verb: str, where: Where, at: Position) -> None:
    """The neighbour, or MPI_PROC_NULL where there is none."""
    value = at.reading.value(expr, where, at.state)
    side = "next" if step > 0 else "previous"
    message = f"'{text(expr)}' is not the rank of the {side} block, that these rows {verb}"
    if value is None:
        raise Mismatch(expr, message)
    try:
        point = differing(value, share.partner(step), at.reading.terms)
    except NotAffine:
        raise Mismatch(expr, f"not shown: {message[: message.index(',')]}") from None
    if point is not None:
        raise Mismatch(expr, message, witness(point))


def _check_tags(tag: Expr, other: Expr, where: Where, at: Position) -> None:
    a, b = at.reading.plain(tag, where, at.state), at.reading.plain(other, where, at.state)
    if a is None or b is None or a.constant is None or b.constant is None:
        raise Mismatch(tag, "a tag that is no number")
    if a != b:
        raise Mismatch(
            other, "the messages are sent with one tag and received with another", f"{a.constant} and {b.constant}"
        )
    if not 0 <= a.constant <= 32767:
        raise Mismatch(tag, "a tag outside what MPI allows", f"{a.constant}")


def _is_own_status(expr: Expr) -> bool:
    match expr:
        case tree.Unary(op="&", operand=tree.Name(symbol=symbol)):
            return symbol.type == tree.OtherType("MPI_Status") or "MPI_Status" in str(symbol.type)
    return False
