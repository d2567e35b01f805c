"""Mutants of an MPI program, made by edits on its C tree: each operator yields the places that it can break."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.source import Edit, Source, apply_edits
from chatmpi.analysis.tree import Call, Expr, Node, Program, Stmt


@dataclass(frozen=True)
class Mutant:
    """`operator` broke line `line` of the program; `about` is the text before and after."""

    operator: str
    line: int
    about: str
    source: Source


@dataclass(frozen=True)
class Site:
    """What stands at a node, and what takes its place; `also` are further edits."""

    node: Node
    text: str
    also: tuple[Edit, ...] = ()


class Subject:
    """A program to be broken, with what the operators ask of it."""

    def __init__(self, program: Program) -> None:
        self.program, self.source = program, program.source
        self.nodes = [n for f in program.functions for n in tree.walk(f)]
        self.calls = [n for n in self.nodes if isinstance(n, Call) and (n.name or "").startswith("MPI_")]
        self.rank = self._names("MPI_Comm_rank")
        self.size = self._names("MPI_Comm_size")

    def _names(self, function: str) -> str | None:
        """The variable that a call fills."""
        for call in self.calls:
            if call.name == function and isinstance(call.arguments[1], tree.Unary):
                return self.text(call.arguments[1].operand)
        return None

    def text(self, node: Node) -> str:
        return self.source.at(node.span)

    def of(self, *names: str) -> Iterator[Call]:
        return (c for c in self.calls if c.name in {f"MPI_{n}" for n in names} and not c.in_macro)

    def blocks(self) -> Iterator[tuple[Stmt, Stmt]]:
        """Neighbouring statements of one block."""
        for n in self.nodes:
            if isinstance(n, tree.Block):
                for a, b in zip(n.body, n.body[1:], strict=False):
                    if not (a.in_macro or b.in_macro or isinstance(a, tree.Declaration)):
                        yield a, b


Operator = Callable[[Subject], Iterator[Site]]
OPERATORS: dict[str, Operator] = {}


def mutants(program: Program) -> Iterator[Mutant]:
    """All mutants, by operator and place."""
    subject = Subject(program)
    for name, operator in OPERATORS.items():
        seen: set[tuple[int, int, str]] = set()
        for site in operator(subject):
            key = (site.node.span.begin, site.node.span.end, site.text)
            old = subject.text(site.node)
            if site.node.in_macro or key in seen or old == site.text:
                continue
            seen.add(key)
            source = apply_edits(subject.source, [Edit(site.node.span, site.text), *site.also])
            line = subject.source.location(site.node.span.begin).line
            yield Mutant(name, line, f"{_short(old)} -> {_short(site.text)}", source)


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 60 else f"{flat[:57]}..."


def operator(name: str) -> Callable[[Operator], Operator]:
    def add(function: Operator) -> Operator:
        OPERATORS[name] = function
        return function

    return add


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


def _exchanged(s: Subject, a: Stmt, b: Stmt) -> Site:
    return Site(a, s.text(b), (Edit(b.span, s.text(a)),))


def _is_call(s: Stmt, *names: str) -> bool:
    return isinstance(s, tree.ExprStmt) and isinstance(s.expr, Call) and s.expr.name in {f"MPI_{n}" for n in names}


@operator("communication late")
def _late(s: Subject) -> Iterator[Site]:
    for a, b in s.blocks():
        if _is_call(a, *_MESSAGES, *_COLLECTIVES, "Wait", "Waitall") and not isinstance(b, tree.Declaration):
            yield _exchanged(s, a, b)


@operator("communication early")
def _early(s: Subject) -> Iterator[Site]:
    for a, b in s.blocks():
        if _is_call(b, *_MESSAGES, *_COLLECTIVES):
            yield _exchanged(s, a, b)


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


@operator("remainder lost")
def _remainder(s: Subject) -> Iterator[Site]:
    """`n * rank / size` becomes `n / size * rank`."""
    for n in s.nodes:
        match n:
            case tree.Binary(op="/", left=tree.Binary(op="*") as product, right=size) if _whole(n):
                a, b = s.text(product.left), s.text(product.right)
                yield Site(n, f"({a}) / ({s.text(size)}) * ({b})")


def _whole(e: Expr) -> bool:
    return isinstance(e.type, tree.Scalar) and e.type.is_integer


@operator("overlap or gap")
def _plus_one(s: Subject) -> Iterator[Site]:
    """`x + 1` becomes `x`, and `x - 1` too."""
    for n in s.nodes:
        match n:
            case tree.Binary(op="+" | "-", left=left, right=tree.IntLiteral(value=1, macro=None)) if _whole(n):
                yield Site(n, s.text(left))


@operator("local for global index")
def _local(s: Subject) -> Iterator[Site]:
    for n in s.nodes:
        match n:
            case tree.Binary(op="+" | "-", left=left, right=tree.Name(symbol=symbol)) if (
                _whole(n) and isinstance(symbol.type, tree.Scalar) and symbol.storage == "local"
            ):
                yield Site(n, s.text(left))


@operator("subscript + 1")
def _subscript_up(s: Subject) -> Iterator[Site]:
    for n in s.nodes:
        if isinstance(n, tree.Index):
            yield Site(n.subscript, f"({s.text(n.subscript)}) + 1")


@operator("subscript - 1")
def _subscript_down(s: Subject) -> Iterator[Site]:
    for n in s.nodes:
        if isinstance(n, tree.Index):
            yield Site(n.subscript, f"({s.text(n.subscript)}) - 1")


@operator("loop begins one later")
def _begins_later(s: Subject) -> Iterator[Site]:
    for n in s.nodes:
        if not isinstance(n, tree.For):
            continue
        match n.init:
            case tree.ExprStmt(expr=tree.Assign(op="=", value=value)):
                yield Site(value, f"({s.text(value)}) + 1")
            case tree.Declaration(variables=(tree.VarDecl(init=value), *_)) if value is not None:
                yield Site(value, f"({s.text(value)}) + 1")


def _ends(by: str) -> Operator:
    def found(s: Subject) -> Iterator[Site]:
        for n in s.nodes:
            if isinstance(n, tree.For) and isinstance(n.condition, tree.Binary):
                yield Site(n.condition.right, f"({s.text(n.condition.right)}) {by}")

    return found


OPERATORS["loop ends one earlier"] = _ends("- 1")
OPERATORS["loop ends one later"] = _ends("+ 1")


@operator("edge guard lost")
def _edge(s: Subject) -> Iterator[Site]:
    for n in s.nodes:
        if isinstance(n, tree.Conditional) and _whole(n):
            yield Site(n, s.text(n.then))
            yield Site(n, s.text(n.otherwise))


@operator("guard lost")
def _guard_lost(s: Subject) -> Iterator[Site]:
    """`if (rank == 0) …` and `if (begin <= i && …) …` are done by all: output on every rank, writes by others."""
    for n in s.nodes:
        if isinstance(n, tree.If) and n.otherwise is None:
            yield Site(n.condition, "1")


@operator("comparison")
def _comparison(s: Subject) -> Iterator[Site]:
    other = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!="}
    for n in s.nodes:
        if isinstance(n, tree.Binary) and n.op in other and _whole(n.left):
            yield Site(n, f"{s.text(n.left)} {other[n.op]} {s.text(n.right)}")


@operator("initial value")
def _initial(s: Subject) -> Iterator[Site]:
    """Of what is summed: a variable that a reduction combines."""
    reduced = {
        n.symbol.name
        for c in s.of("Reduce", "Allreduce")
        for a in c.arguments[:2]
        for n in tree.walk(a)
        if isinstance(n, tree.Name)
    }
    for n in s.nodes:
        match n:
            case tree.VarDecl(symbol=symbol, init=tree.FloatLiteral() | tree.IntLiteral() as value) if (
                symbol.name in reduced
            ):
                yield Site(value, f"{s.text(value)} + 1")
            case tree.Assign(op="=", target=tree.Name(symbol=symbol), value=tree.FloatLiteral() as value) if (
                symbol.name in reduced
            ):
                yield Site(value, f"{s.text(value)} + 1")


@operator("too little memory")
def _memory(s: Subject) -> Iterator[Site]:
    for n in s.nodes:
        match n:
            case Call(arguments=(size,)) if n.name == "malloc":
                yield Site(size, f"({s.text(size)}) - 8")
            case Call(arguments=(count, _)) if n.name == "calloc":
                yield Site(count, f"({s.text(count)}) - 1")


@operator("arithmetic")
def _arithmetic(s: Subject) -> Iterator[Site]:
    other = {"+": "-", "-": "+", "*": "+"}
    for n in s.nodes:
        if isinstance(n, tree.Binary) and n.op in other and isinstance(n.type, tree.Scalar) and n.type.is_floating:
            yield Site(n, f"({s.text(n.left)}) {other[n.op]} ({s.text(n.right)})")


@operator("no Finalize")
def _finalize(s: Subject) -> Iterator[Site]:
    return (Site(n, ";") for n in _statements(s, "Finalize"))


@operator("freed too early")
def _freed(s: Subject) -> Iterator[Site]:
    """A `free` moved before the statement in front of it, one that is no `free`."""
    for a, b in s.blocks():
        match a, b:
            case tree.ExprStmt(expr=Call() as one), tree.ExprStmt(expr=Call() as two):
                if two.name == "free" and one.name != "free":
                    yield _exchanged(s, a, b)


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
