"""Persistent requests: messages that are prepared at one place, and started at others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.tree import Call, Expr, IntLiteral, Name, Program, Symbol, Unary

PREPARING = frozenset({"MPI_Send_init", "MPI_Ssend_init", "MPI_Recv_init"})
_STARTS = {"MPI_Start": 0, "MPI_Startall": 1}
_USES = {
    **_STARTS,
    **{"MPI_Wait": 0, "MPI_Waitall": 1, "MPI_Waitany": 1, "MPI_Waitsome": 1, "MPI_Test": 0, "MPI_Testall": 1},
    **{"MPI_Testany": 1, "MPI_Testsome": 1, "MPI_Request_free": 0},
}


@dataclass(frozen=True)
class Request:
    """A variable, or the element of an array of requests with this number."""

    variable: int
    number: int = 0


def prepared(call: Call) -> Request | None:
    """The request that a call prepares, where it is one of a number that is written."""
    return _place(call.arguments[-1]) if call.name in PREPARING and call.arguments else None


def started(call: Call) -> list[Request]:
    """The requests that a call starts; none where it starts none, or it is not known which."""
    where = _STARTS.get(call.name or "")
    if where is None or where >= len(call.arguments):
        return []
    first = _place(call.arguments[where])
    if first is None or call.name == "MPI_Start":
        return [first] if first is not None else []
    match call.arguments[0]:
        case IntLiteral(value=count):
            return [Request(first.variable, first.number + k) for k in range(count)]
    return []


def followed(program: Program) -> frozenset[int]:
    """Variables whose requests are used in no other way than by MPI's functions for them, of which each is prepared in
    one place, and is known wherever it is started."""
    calls = [n for f in program.functions for n in tree.walk(f) if isinstance(n, Call)]
    made = [r for c in calls if c.name in PREPARING for r in [prepared(c)]]
    found = {r.variable for r in made if r is not None and made.count(r) == 1}
    for r in made:
        if r is not None and made.count(r) > 1:
            found.discard(r.variable)
    known = set(made)
    for c in calls:
        if c.name in _STARTS:
            those = started(c)
            if not those or not known.issuperset(those):
                found -= {s.uid for s in _named(c)}
    uses = [s.uid for c in calls for s in _used(c)]
    mentions = [s.uid for f in program.functions for s in _named(f)]
    return frozenset(v for v in found if mentions.count(v) == uses.count(v))


def _used(call: Call) -> Iterator[Symbol]:
    """What is named where a function of MPI takes its requests."""
    where = len(call.arguments) - 1 if call.name in PREPARING else _USES.get(call.name or "")
    if where is not None and 0 <= where < len(call.arguments):
        yield from _named(call.arguments[where])


def _named(node: tree.Node) -> Iterator[Symbol]:
    return (n.symbol for n in tree.walk(node) if isinstance(n, Name))


def _place(e: Expr) -> Request | None:
    match e:
        case Name(symbol=symbol) if isinstance(symbol.type, tree.Array):
            return Request(symbol.uid)
        case Unary(op="&", operand=Name(symbol=symbol)) if not isinstance(symbol.type, tree.Array):
            return Request(symbol.uid)
        case Unary(op="&", operand=tree.Index(base=Name(symbol=symbol), subscript=IntLiteral(value=number))) if (
            isinstance(symbol.type, tree.Array)
        ):
            return Request(symbol.uid, number)
        case tree.Binary(op="+", left=Name(symbol=symbol), right=IntLiteral(value=number)) if isinstance(
            symbol.type, tree.Array
        ):
            return Request(symbol.uid, number)
    return None
