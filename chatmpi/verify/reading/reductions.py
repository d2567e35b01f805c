"""Reductions over ranks: where each rank's part starts, and the call that puts the parts together."""

from __future__ import annotations

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import is_null
from chatmpi.analysis.tree import Expr, Symbol
from chatmpi.plan.plan import LoopPlan, Reduction
from chatmpi.verify.reading import guards
from chatmpi.verify.reading.environment import address_of, is_constant, is_world
from chatmpi.verify.reading.findings import Mismatch
from chatmpi.verify.reading.messages import check_arguments, check_type
from chatmpi.verify.reading.numbers import number_of
from chatmpi.verify.reading.piecewise import Alternatives
from chatmpi.verify.reading.reading import Position, Reading, Where
from chatmpi.verify.reading.row import Row
from chatmpi.verify.reading.state import Partial, RootOnly, State
from chatmpi.verify.reading.terms import NotAffine, witness

_NEUTRAL = {"SUM": 0.0, "PROD": 1.0, "BXOR": 0.0}
_IDEMPOTENT = frozenset({"MIN", "MAX", "BAND", "BOR", "LAND", "LOR"})


def accept_neutral(row: Row, c: tree.If, assign: tree.Assign, truth: Alternatives, where: Where, at: Position) -> bool:
    """Whether this is `if (rank > 0) sum = 0;` before the loop that sums."""
    loop = at.reading.intent.loops.get(row.next.id) if row.next is not None and where.in_main else None
    target = assign.target
    assert isinstance(target, tree.Name)
    reduced = _reduced(loop, at.reading).get(target.symbol) if loop is not None else None
    if reduced is None or number_of(assign.value) is None:
        return False
    if number_of(assign.value) != _NEUTRAL.get(reduced.operation):
        raise Mismatch(assign, f"this is not what leaves a {reduced.operation} unchanged")
    try:
        point = guards.difference(truth, guards.NOT_ON_ROOT, at.reading.terms)
    except NotAffine:
        point = {}
    if point is not None:
        raise Mismatch(c, f"what '{target.symbol}' holds is not to count on rank 0 alone", witness(point))
    at.state = at.state.with_apart(target.symbol, Partial(None, "only rank 0 holds its value before the reduction"))
    return True


def _reduced(loop: LoopPlan, reading: Reading) -> dict[Symbol, Reduction]:
    """The candidate's variables that a distributed loop reduces."""
    by_uid = {s.uid: c for s, c in reading.pairs.target.items()}
    return {by_uid[r.uid]: r for r in loop.reductions if r.uid in by_uid}


def check_start(c: tree.For, loop: LoopPlan, at: Position) -> None:
    """What the variables hold before the loop counts once: on rank 0, or it changes nothing."""
    for symbol, r in _reduced(loop, at.reading).items():
        apart = at.state.apart.get(symbol)
        started = isinstance(apart, Partial) and apart.loop is None
        neutral = r.operation in _NEUTRAL and at.state.numbers.get(symbol) == _NEUTRAL[r.operation]
        if apart is not None and not started:
            raise Mismatch(c, f"'{symbol}' is reduced, but {apart.why}")  # type: ignore[union-attr]
        if r.operation not in _IDEMPOTENT and not started and not neutral:
            raise Mismatch(
                c,
                f"what '{symbol}' holds before this loop counts once per rank in its {r.operation}",
                f"with 2 ranks and '{symbol}' = 5 before: 5 {'+' if r.operation == 'SUM' else '*'} 5 goes into it",
            )
        at.state = at.state.with_apart(symbol, None)


def after_loop(s: tree.For, loop: LoopPlan, state: State, reading: Reading) -> State:
    place = reading.findings.place(s)
    for symbol in _reduced(loop, reading):
        why = f"each rank has only its part of the reduction at {place}"
        state = state.with_apart(symbol, Partial(s.id, why)).with_number(symbol, None)
    return state


def check_call(row: Row, call: tree.Call, name: str, where: Where, at: Position) -> None:
    """An MPI_Allreduce or MPI_Reduce is the one that the plan puts behind the last loop."""
    check_arguments(call, 6 if name == "MPI_Allreduce" else 7)
    send, receive, count, kind, operation = call.arguments[:5]
    place = address_of(receive)
    if place is None or place.symbol not in at.reading.pairs.source:
        raise Mismatch(receive, "this is no variable of the sequential program")
    symbol = place.symbol
    intent, source = at.reading.intent, at.reading.pairs.source[symbol]
    number = next(
        (k for k in row.after(intent) if (c := intent.communication(k)).uid == source.uid and "reduce" in c.kind), None
    )
    if number is None:
        raise Mismatch(call, f"the plan has no reduction of '{symbol}' here")
    c = intent.communication(number)
    if (name == "MPI_Allreduce") != (c.kind == "allreduce"):
        wanted = "every rank" if c.kind == "allreduce" else "rank 0"
        raise Mismatch(call, f"the result of '{symbol}' is to be on {wanted}", _who(c.kind))
    if (number, "") in row.found:
        raise Mismatch(call, f"'{symbol}' is reduced twice")
    if not isinstance(at.state.apart.get(symbol), Partial):
        raise Mismatch(call, f"'{symbol}' does not hold each rank's part here")
    _check_send(send, symbol, name, where, at)
    value = at.reading.plain(count, where, at.state)
    if value is None or value.constant != 1:
        raise Mismatch(count, "one variable is reduced, not more and not less")
    check_type(kind, symbol.type, at)
    if not is_constant(operation, f"MPI_{c.operation}", at):
        raise Mismatch(operation, f"the loop's parts of '{symbol}' are to be put together by MPI_{c.operation}")
    if name == "MPI_Reduce" and not is_null(call.arguments[5]):
        raise Mismatch(call.arguments[5], f"rank 0 needs the result of '{symbol}'")
    if not is_world(call.arguments[-1], at):
        raise Mismatch(call.arguments[-1], "this is not MPI_COMM_WORLD")
    row.found.add((number, ""))
    why = f"only rank 0 has the result of the MPI_Reduce for line {c.start.line}"
    at.state = at.state.with_apart(symbol, None if name == "MPI_Allreduce" else RootOnly(why))
    at.reading.findings.holds(f"reduction of '{symbol}' behind line {c.start.line}: {name} with MPI_{c.operation}")


def _who(kind: str) -> str:
    return "with 2 ranks, rank 1 goes on with its part alone" if kind == "allreduce" else ""


def _check_send(send: Expr, symbol: Symbol, name: str, where: Where, at: Position) -> None:
    """MPI_IN_PLACE: on all ranks for an MPI_Allreduce, on rank 0 for an MPI_Reduce."""
    if name == "MPI_Allreduce":
        if not is_constant(send, "MPI_IN_PLACE", at):
            raise Mismatch(send, "each rank's part is to be taken from the variable itself, by MPI_IN_PLACE")
        return
    match send:
        case tree.Conditional(condition=condition, then=then, otherwise=otherwise):
            truth = at.reading.evaluator.truth(condition, at.reading.names(where, at.state))
            own = address_of(otherwise)
            in_place = is_constant(then, "MPI_IN_PLACE", at) and own is not None and own.symbol == symbol
            if in_place and truth is not None and guards.same(truth, guards.ON_ROOT, at.reading.terms):
                return
    raise Mismatch(send, f"MPI_IN_PLACE on rank 0, and '{symbol}' on the others, is to be sent")
