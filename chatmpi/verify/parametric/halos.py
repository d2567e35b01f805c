"""Whether what a rank reads beyond its block is what it receives, and is just what its neighbours have there.

Of an array whose elements, or rows, a loop over a block sets in each turn of a loop in which messages fill its halo.
Elements count from the first of the first rank on: a rank's begin where those of the ranks before it end, which is
what the lengths of the blocks add up to. Shown by isl for any rank of any number of ranks, given that blocks are as
long as what is sent of them. It says nothing of the order in a turn, which the simulation sees.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import islpy as isl

from chatmpi.analysis.numbers.pieces import Choice, Comparison, Condition, negated
from chatmpi.analysis.numbers.polynomial import ONE, ZERO, Polynomial, constant, of_atom
from chatmpi.verify.parametric.any_rank import never
from chatmpi.verify.parametric.cells import Cells, cells_of
from chatmpi.verify.parametric.coverage import Coverage
from chatmpi.verify.parametric.met import Access, Transfer, Where
from chatmpi.verify.parametric.persistent import followed
from chatmpi.verify.parametric.quantities import (
    RANK,
    RANKS,
    Divided,
    Iteration,
    Unfit,
    atoms_of_condition,
    condition_with_rank,
    with_rank,
)
from chatmpi.verify.parametric.signs import known_from, never_negative
from chatmpi.verify.parametric.walk import Walk
from chatmpi.verify.simulate.mpi.requests import PROC_NULL

_RANK, _RANKS = of_atom(RANK), of_atom(RANKS)


@dataclass(frozen=True)
class Halo:
    """Of an array in a loop, with what receives it, up to a number of ranks."""

    array: int
    loop: int
    receives: tuple[Transfer, ...]
    ranks: int


@dataclass(frozen=True)
class _Block:
    """What a rank sets; `before`: how many elements the ranks before it have, and a number that is the same for all."""

    first: Polynomial
    end: Polynomial
    before: Polynomial
    ranks: int

    @property
    def length(self) -> Polynomial:
        return self.end - self.first

    def whole(self, x: Polynomial) -> Polynomial:
        """Where the local element `x` is among those of all ranks."""
        return self.before + x - self.first


@dataclass(frozen=True)
class _Turn:
    """All that is done with an array in a turn of a loop."""

    context: isl.Context
    facts: Where
    reads: tuple[Cells, ...]
    block: _Block
    receives: tuple[tuple[Transfer, Cells], ...]
    sends: tuple[tuple[Transfer, Cells], ...]

    def never(self, *conditions: Condition) -> bool:
        known = tuple(q for c in (*conditions[:-1], *self.facts) for q in known_from(c))
        match conditions[-1]:
            case Comparison(op="<", left=left) if never_negative(left, known):
                return True
            case Comparison(op=">", left=left) if never_negative(left.scaled(-1), known):
                return True
            case Comparison(op="!=", left=left) if not left.terms:
                return True
        return never(self.context, (*conditions, *self.facts))


def halos(context: isl.Context, walk: Walk, lost: set[int], loops: Sequence[Coverage], facts: Where) -> Iterator[Halo]:
    """Raises isl.Error where it needs too many operations."""
    known = followed(walk.program)
    received = [
        t
        for t in walk.transfers
        if t.part.message and t.part.writes and t.peer is not None and not _is_started_later(walk, t, known)
    ]
    for group in dict.fromkeys(walk.memory.group(t.array) for t in received):
        mine = tuple(t for t in received if walk.memory.group(t.array) == group)
        loop = _common(mine)
        if group in lost or loop is None:
            continue
        turn = _turn(context, walk, group, loop, loops, facts)
        if (
            turn is not None
            and _are_rows(turn)
            and (needed := _needed(turn))
            and all(_is_right(turn, *r) for r in needed)
        ):
            yield Halo(mine[0].array, loop, tuple(t for t, _ in needed), turn.block.ranks)


def _is_started_later(walk: Walk, t: Transfer, known: frozenset[int]) -> bool:
    """Whether it is prepared only, and stands wherever it is started: before all loops, for memory that keeps its
    name."""
    if t.request is None or t.request.variable not in known or t.within or t.sure:
        return False
    alike = [a for a in walk.memory.declared if walk.memory.group(a) == walk.memory.group(t.array)]
    return alike == [t.array] and sum(o.array == t.array for o in walk.objects) == 1


def _common(transfers: Sequence[Transfer]) -> int | None:
    """The innermost loop around all."""
    shared = transfers[0].within
    for t in transfers:
        while shared != t.within[: len(shared)]:
            shared = shared[:-1]
    return shared[-1] if shared else None


def _turn(
    context: isl.Context, walk: Walk, group: int, loop: int, loops: Sequence[Coverage], facts: Where
) -> _Turn | None:
    outside = walk.entered[loop]
    every: list[Access | Transfer] = [*walk.accesses, *walk.transfers]
    uses = [
        (u, cells_of(walk.memory, walk.objects, u, outside))
        for u in every
        if loop in u.within and walk.memory.group(u.array) == group
    ]
    blocks = (
        _block(cells, loops)
        for u, cells in uses
        if isinstance(u, Access) and u.writes and cells is not None and _is_sure(u, loop)
    )
    block = next((b for b in blocks if b is not None), None)
    if block is None or any(cells is None for _, cells in uses):
        return None
    known = [(u, cells) for u, cells in uses if cells is not None]
    messages = [(u, c) for u, c in known if isinstance(u, Transfer) and u.part.message and _is_sure(u, loop)]
    if any(isinstance(u, Transfer) and not _is_single(u, loop, outside) for u, _ in known):
        return None
    return _Turn(
        context,
        facts,
        tuple(c for u, c in known if isinstance(u, Access) and not u.writes),
        block,
        tuple((u, c) for u, c in messages if u.part.writes),
        tuple((u, c) for u, c in messages if not u.part.writes),
    )


def _is_single(t: Transfer, loop: int, outside: Where) -> bool:
    """Whether it is one message in a turn, to or from a rank that is known, in each turn alike: not `if (t > 3)`."""
    inside = [c for c in t.where if c not in outside]
    told = t.part.message and t.peer is not None and t.within[-1] == loop
    return told and not any(isinstance(a.origin, Iteration) for c in inside for a in atoms_of_condition(c))


def _is_sure(u: Access | Transfer, loop: int) -> bool:
    return u.sure <= u.within.index(loop) + 1


def _block(cells: Cells, loops: Sequence[Coverage]) -> _Block | None:
    """If a loop whose ranges are shown to add up sets these elements."""
    for c in loops:
        shift = cells.first - c.bounds.low
        if not cells.where and not c.rest.terms and cells.end - c.bounds.high == shift:
            return _Block(cells.first, cells.end, c.sum, c.ranks)
    return None


def _are_rows(turn: _Turn) -> bool:
    """Whether no column is beyond its row: where rows are written as one dimension, it would be in another one."""
    every = (*turn.reads, *(c for _, c in (*turn.receives, *turn.sends)))
    return all(
        turn.never(*c.where, Comparison("<", c.columns[0]))
        and turn.never(*c.where, Comparison("<", c.width - c.columns[1]))
        for c in every
        if c.columns is not None and c.width is not None
    )


def _needed(turn: _Turn) -> list[tuple[Transfer, Cells]]:
    """The receives that fill what is read beyond the block; none if there is nothing, or if it is not all filled."""
    block, found = turn.block, []
    below = [(t, c) for t, c in turn.receives if c.end == block.first]
    above = [(t, c) for t, c in turn.receives if c.first == block.end]
    for read in turn.reads:
        for beyond, receives in ((block.first - read.first, below), (read.end - block.end, above)):
            if turn.never(*read.where, Comparison(">=", block.length - ONE), Comparison(">", beyond)):
                continue
            filling = [(t, c) for t, c in receives if _is_enough(turn, read, beyond, c)]
            if not filling:
                return []
            found.append(filling[0])
    return list({id(t): (t, c) for t, c in found}.values())


def _is_enough(turn: _Turn, read: Cells, beyond: Polynomial, received: Cells) -> bool:
    """Whether as many elements are received as are read beyond the block, in the columns in which they are read."""
    if not turn.never(*read.where, Comparison("<", received.end - received.first - beyond)):
        return False
    if read.columns is None or received.columns is None:
        return True
    (a, b), (first, end) = read.columns, received.columns
    return turn.never(*read.where, Comparison("<", a - first)) and turn.never(*read.where, Comparison("<", end - b))


def _is_right(turn: _Turn, receive: Transfer, cells: Cells) -> bool:
    """Whether each neighbour that it is received from sends the elements that come next, and there are none where there
    is no neighbour."""
    assert receive.peer is not None
    try:
        cases = [((*where, *cells.where), peer) for where, peer in alternatives(receive.peer)]
        cases += [((negated(c),), constant(PROC_NULL)) for c in cells.where]
        return all(_is_right_from(turn, receive, cells, peer, where) for where, peer in cases)
    except Unfit:
        return False


def alternatives(peer: Polynomial) -> Iterator[tuple[Where, Polynomial]]:
    """Whom it may be, each with what holds then. Raises Unfit."""
    atom = next((a for a in peer.atoms if isinstance(a.origin, Choice | Divided)), None)
    if atom is None:
        yield (), peer
        return
    match atom.origin:
        case Choice(condition=condition, then=then, otherwise=otherwise):
            for where, value in ((condition, then), (negated(condition), otherwise)):
                for further, p in alternatives(peer.substitute({atom: value})):
                    yield (where, *further), p
        case Divided(op="%", dividend=a, divisor=b) if b == _RANKS and never_negative(a):
            for turns in range(2):  # `(rank + ranks - 1) % ranks`
                left = a - b.scaled(turns)
                inside = (Comparison(">=", left), Comparison("<", left - b))
                for further, p in alternatives(peer.substitute({atom: left})):
                    yield (*inside, *further), p
        case _:
            raise Unfit(atom.text)


def _is_right_from(turn: _Turn, receive: Transfer, cells: Cells, peer: Polynomial, where: Where) -> bool:
    block, there = turn.block, (*where, Comparison(">=", turn.block.length - ONE))
    me = _me(turn, where)
    if peer.constant == PROC_NULL:
        begin, end = with_rank(block.before, ZERO), with_rank(block.before, _RANKS)
        x, last = (with_rank(block.whole(q), me) for q in (cells.first, cells.end))
        return turn.never(*there, Comparison("<", x - end), Comparison(">", last - begin))
    for send, sent in turn.sends:
        assert send.peer is not None
        for condition, to in alternatives(send.peer):
            if _fits(
                turn, (receive, cells), (send, sent), me, with_rank(peer, me), there, (*condition, *sent.where), to
            ):
                return True
    return False


def _me(turn: _Turn, where: Where) -> Polynomial:
    """The rank, where the conditions say that it is the first or the last one."""
    for value in (ZERO, _RANKS - ONE):
        if turn.never(*where, Comparison("!=", _RANK - value)):
            return value
    return _RANK


def _fits(
    turn: _Turn,
    received: tuple[Transfer, Cells],
    sent: tuple[Transfer, Cells],
    me: Polynomial,
    peer: Polynomial,
    where: Where,
    condition: Where,
    to: Polynomial,
) -> bool:
    """Whether the peer sends this to me there, from its block, and it is what comes next."""
    (receive, cells), (send, source) = received, sent
    block = turn.block

    def theirs(q: Polynomial) -> Polynomial:
        return with_rank(q, peer)

    def mine(q: Polynomial) -> Polynomial:
        return with_rank(q, me)

    if receive.tag is None or send.tag is None or mine(receive.tag) != theirs(send.tag):
        return False
    if mine(cells.end - cells.first) != theirs(source.end - source.first) or cells.columns != source.columns:
        return False
    if not turn.never(*where, Comparison("!=", theirs(to) - me)):
        return False
    if not all(turn.never(*where, negated(condition_with_rank(c, peer))) for c in condition):
        return False
    length = theirs(source.end - source.first)
    enough = (*where, Comparison(">=", theirs(block.length) - length))
    if not turn.never(*enough, Comparison("<", theirs(source.first - block.first))):
        return False
    if not turn.never(*enough, Comparison("<", theirs(block.end - source.end))):
        return False
    apart = mine(block.whole(cells.first)) - theirs(block.whole(source.first))
    around = with_rank(block.before, _RANKS) - with_rank(block.before, ZERO)
    return any(turn.never(*where, Comparison("!=", apart + x)) for x in (ZERO, around, around.scaled(-1)))
