"""Operators that break communication: arguments, order, what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from chatmpi.analysis import tree
from chatmpi.analysis.source import Edit
from chatmpi.analysis.tree import Call, Expr, Stmt
from mutation.subject import OPERATORS, Operator, Site, Subject, exchanged, operator

# Where the arguments of MPI calls stand.
_COUNTS = {
    **{"Send": (1,), "Recv": (1,), "Isend": (1,), "Irecv": (1,), "Ssend": (1,), "Sendrecv": (1, 6), "Bcast": (1,)},
    **{"Reduce": (2,), "Allreduce": (2,), "Gather": (1, 4), "Allgather": (1, 4), "Gatherv": (1,), "Allgatherv": (1,)},
    **{"Scatter": (1, 4), "Scatterv": (5,), "Scan": (2,), "Exscan": (2,)},
}
_TYPES = {
    **{"Send": (2,), "Recv": (2,), "Isend": (2,), "Irecv": (2,), "Ssend": (2,), "Sendrecv": (2, 7), "Bcast": (2,)},
    **{"Reduce": (3,), "Allreduce": (3,), "Gather": (2, 5), "Allgather": (2, 5), "Scan": (3,), "Exscan": (3,)},
}
_PEERS = {"Send": (3,), "Recv": (3,), "Isend": (3,), "Irecv": (3,), "Ssend": (3,), "Sendrecv": (3, 8)}
_TAGS = {"Send": (4,), "Recv": (4,), "Isend": (4,), "Irecv": (4,), "Ssend": (4,), "Sendrecv": (4, 9)}
_ROOTS = {"Bcast": (3,), "Reduce": (5,), "Gather": (6,), "Gatherv": (7,), "Scatter": (6,), "Scatterv": (7,)}
_OPERATIONS = {"Reduce": (4,), "Allreduce": (4,), "Scan": (4,), "Exscan": (4,)}
_COMMUNICATORS = {
    **{"Send": (5,), "Recv": (5,), "Isend": (5,), "Irecv": (5,), "Sendrecv": (10,), "Bcast": (4,), "Reduce": (6,)},
    **{"Allreduce": (5,), "Gather": (7,), "Allgather": (6,), "Allgatherv": (7,), "Gatherv": (8,), "Exscan": (5,)},
}
_BUFFERS = {
    **{"Send": (0,), "Recv": (0,), "Isend": (0,), "Irecv": (0,), "Ssend": (0,), "Sendrecv": (0, 5), "Bcast": (0,)},
    **{"Allgatherv": (0, 3), "Gatherv": (0, 3), "Scatterv": (0, 4)},
}
_MESSAGES = ("Send", "Recv", "Isend", "Irecv", "Ssend", "Sendrecv")
_COLLECTIVES = ("Bcast", "Reduce", "Allreduce", "Gather", "Allgather", "Gatherv", "Allgatherv", "Scatter", "Exscan")
_OTHER_TYPE = {
    **{"MPI_DOUBLE": "MPI_FLOAT", "MPI_FLOAT": "MPI_DOUBLE", "MPI_INT": "MPI_DOUBLE", "MPI_LONG": "MPI_INT"},
    **{"MPI_LONG_LONG": "MPI_INT", "MPI_UNSIGNED": "MPI_DOUBLE", "MPI_UNSIGNED_LONG": "MPI_INT"},
}
_OTHER_OPERATION = {
    **{"MPI_SUM": "MPI_MAX", "MPI_MAX": "MPI_MIN", "MPI_MIN": "MPI_MAX", "MPI_PROD": "MPI_SUM", "MPI_LOR": "MPI_LAND"},
    **{"MPI_LAND": "MPI_LOR", "MPI_BOR": "MPI_BAND", "MPI_BXOR": "MPI_BOR", "MPI_MAXLOC": "MPI_MINLOC"},
    "MPI_MINLOC": "MPI_MAXLOC",
}


def _arguments(s: Subject, table: Mapping[str, tuple[int, ...]]) -> Iterator[Expr]:
    for name, places in table.items():
        for call in s.of(name):
            yield from (call.arguments[k] for k in places)


def _shifted(table: Mapping[str, tuple[int, ...]], by: str) -> Operator:
    def found(s: Subject) -> Iterator[Site]:
        for a in _arguments(s, table):
            if isinstance(a.type, tree.Pointer) and isinstance(a.type.target, tree.OtherType):
                continue  # no arithmetic in C with a pointer to void
            yield Site(a, f"({s.text(a)}) {by}")

    return found


OPERATORS["count + 1"] = _shifted(_COUNTS, "+ 1")
OPERATORS["count - 1"] = _shifted(_COUNTS, "- 1")
OPERATORS["send or receive tag"] = _shifted(_TAGS, "+ 1")
OPERATORS["buffer one further"] = _shifted(_BUFFERS, "+ 1")
OPERATORS["buffer one before"] = _shifted(_BUFFERS, "- 1")


def _peer(by: str) -> Operator:
    def found(s: Subject) -> Iterator[Site]:
        for a in _arguments(s, _PEERS):
            text = s.text(a)
            yield Site(a, f"(({text}) >= 0 ? ({text}) {by} : ({text}))")

    return found


OPERATORS["peer + 1"] = _peer("+ 1")
OPERATORS["peer - 1"] = _peer("- 1")


def _replaced(table: Mapping[str, tuple[int, ...]], others: dict[str, str]) -> Operator:
    def found(s: Subject) -> Iterator[Site]:
        for a in _arguments(s, table):
            other = others.get(s.text(a))
            if other:
                yield Site(a, other)

    return found


OPERATORS["datatype"] = _replaced(_TYPES, _OTHER_TYPE)
OPERATORS["operation"] = _replaced(_OPERATIONS, _OTHER_OPERATION)
OPERATORS["communicator"] = _replaced(_COMMUNICATORS, {"MPI_COMM_WORLD": "MPI_COMM_SELF"})


@operator("root")
def _root(s: Subject) -> Iterator[Site]:
    for a in _arguments(s, _ROOTS):
        yield Site(a, f"({s.text(a)} + 1) % {s.size}" if s.size else "1")


@operator("neighbours swapped")
def _swapped(s: Subject) -> Iterator[Site]:
    for c in s.of("Sendrecv"):
        a, b = c.arguments[3], c.arguments[8]
        yield Site(a, s.text(b), (Edit(b.span, s.text(a)),))


def _statements(s: Subject, *names: str) -> Iterator[tree.ExprStmt]:
    wanted = {f"MPI_{n}" for n in names}
    for n in s.nodes:
        if isinstance(n, tree.ExprStmt) and isinstance(n.expr, Call) and n.expr.name in wanted and not n.in_macro:
            yield n


@operator("exchange dropped")
def _exchange_dropped(s: Subject) -> Iterator[Site]:
    return (Site(n, ";") for n in _statements(s, *_MESSAGES))


@operator("collective dropped")
def _collective_dropped(s: Subject) -> Iterator[Site]:
    return (Site(n, ";") for n in _statements(s, *_COLLECTIVES))


@operator("once only")
def _once(s: Subject) -> Iterator[Site]:
    """Communication hoisted out of the time loop: only the first is made."""
    for n in _statements(s, *_MESSAGES, "Allreduce", "Allgatherv", "Allgather"):
        yield Site(n, f"{{ static int done = 0; if (!done++) {s.text(n)} }}")


@operator("not waited for")
def _no_wait(s: Subject) -> Iterator[Site]:
    return (Site(n, ";") for n in _statements(s, "Wait", "Waitall"))


def _is_call(s: Stmt, *names: str) -> bool:
    return isinstance(s, tree.ExprStmt) and isinstance(s.expr, Call) and s.expr.name in {f"MPI_{n}" for n in names}


@operator("communication late")
def _late(s: Subject) -> Iterator[Site]:
    for a, b in s.blocks():
        if _is_call(a, *_MESSAGES, *_COLLECTIVES, "Wait", "Waitall") and not isinstance(b, tree.Declaration):
            yield exchanged(s, a, b)


@operator("communication early")
def _early(s: Subject) -> Iterator[Site]:
    for a, b in s.blocks():
        if _is_call(b, *_MESSAGES, *_COLLECTIVES):
            yield exchanged(s, a, b)


@operator("under a rank test")
def _guarded(s: Subject) -> Iterator[Site]:
    for n in _statements(s, *_COLLECTIVES):
        if s.rank:
            yield Site(n, f"if ({s.rank} != 0) {s.text(n)}")


@operator("Reduce for Allreduce")
def _reduce(s: Subject) -> Iterator[Site]:
    for c in s.of("Allreduce"):
        a = c.arguments
        here = s.text(a[0])
        if here == "MPI_IN_PLACE":
            here = f"{s.rank} == 0 ? MPI_IN_PLACE : {s.text(a[1])}"
        rest = ", ".join(map(s.text, a[1:5]))
        yield Site(c, f"MPI_Reduce({here}, {rest}, 0, {s.text(a[5])})")


@operator("no Finalize")
def _finalize(s: Subject) -> Iterator[Site]:
    return (Site(n, ";") for n in _statements(s, "Finalize"))


@operator("collectives in another order")
def _order(s: Subject) -> Iterator[Site]:
    """On rank 0 only."""
    for a, b in s.blocks():
        if _is_call(a, *_COLLECTIVES) and _is_call(b, *_COLLECTIVES) and s.rank:
            first, second = s.text(a), s.text(b)
            swapped = f"if ({s.rank} == 0) {{ {second} {first} }} else {{ {first} {second} }}"
            yield Site(a, swapped, (Edit(b.span, ";"),))


@operator("send before receive")
def _receive_first(s: Subject) -> Iterator[Site]:
    """A combined call as two: all send first, and nobody receives."""
    for c in s.of("Sendrecv"):
        a = [s.text(x) for x in c.arguments]
        send = f"MPI_Send({', '.join(a[0:5])}, {a[10]})"
        receive = f"MPI_Recv({', '.join(a[5:10])}, {a[10]}, MPI_STATUS_IGNORE)"
        yield Site(c, f"({send}, {receive})")


@operator("buffer used before the wait")
def _touched(s: Subject) -> Iterator[Site]:
    """What is on its way, or comes in, is written at once."""
    for n in _statements(s, "Isend", "Irecv"):
        assert isinstance(n.expr, Call)
        buffer = n.expr.arguments[0]
        if isinstance(buffer.type, tree.Pointer | tree.Array):
            yield Site(n, f"{{ {s.text(n)} *({s.text(buffer)}) = 0; }}")
