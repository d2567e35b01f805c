"""A row of statements of the sequential program, and how far the candidate has followed it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from chatmpi.analysis import tree
from chatmpi.analysis.numbers.values import text
from chatmpi.analysis.tree import Stmt, Symbol
from chatmpi.plan.plan import Communication
from chatmpi.verify.reading.intent import Intent
from chatmpi.verify.reading.reading import Reading

_SHORT = 60


@dataclass
class Row:
    """`outermost`: it is a function's own body; `found`: the communications done since the last statement, by number
    and part; `copies`: elements that have been broadcast since; `fetching`: copies that their owner has set but
    that are not yet broadcast; `parts_done`: of a chain of assignments that the owners do in parts."""

    source: Sequence[Stmt]
    outermost: bool = False
    at: int = 0
    found: set[tuple[int, str]] = field(default_factory=set)
    copies: dict[Symbol, tuple[int, str]] = field(default_factory=dict)
    fetching: dict[Symbol, int] = field(default_factory=dict)
    parts_done: set[int] = field(default_factory=set)

    @property
    def next(self) -> Stmt | None:
        return self.source[self.at] if self.at < len(self.source) else None

    @property
    def last(self) -> Stmt | None:
        return self.source[self.at - 1] if self.at else None

    def before(self, intent: Intent) -> tuple[int, ...]:
        """The communications that belong before the next statement."""
        return intent.before.get(self.next.id, ()) if self.next is not None else ()

    def after(self, intent: Intent) -> tuple[int, ...]:
        """The communications that belong after the last statement."""
        return intent.after.get(self.last.id, ()) if self.last is not None else ()

    def around(self, intent: Intent) -> tuple[int, ...]:
        return (*self.after(intent), *self.before(intent))

    def step(self) -> None:
        self.at += 1
        self.found, self.copies, self.fetching, self.parts_done = set(), {}, {}, set()

    @staticmethod
    def parts(c: Communication) -> frozenset[str]:
        """A halo exchange has a part per side."""
        if c.kind != "halo":
            return frozenset({""})
        return frozenset(name for name, width in (("lower", c.halo.lower), ("upper", c.halo.upper)) if width)

    def found_alike(self, wanted: Communication, part: str, intent: Intent) -> bool:
        """One broadcast serves all reads of one element by a statement."""
        return wanted.kind == "broadcast" and any(
            (c := intent.communication(k)).kind == "broadcast" and (c.uid, c.element) == (wanted.uid, wanted.element)
            for k, _ in self.found
        )

    @staticmethod
    def describe(c: Communication, part: str) -> str:
        match c.kind:
            case "halo":
                width, side = (c.halo.lower, "before") if part == "lower" else (c.halo.upper, "after")
                return f"the exchange of {width} row{'s' if width > 1 else ''} of '{c.subject}' {side} each block"
            case "allreduce":
                return f"the MPI_Allreduce of '{c.subject}'"
            case "reduce":
                return f"the MPI_Reduce of '{c.subject}'"
            case "allgather":
                return f"the gathering of '{c.subject}' on all ranks"
        return f"the broadcast of '{c.element}'"

    @staticmethod
    def loss(c: Communication, part: str) -> str:
        """What goes wrong without a communication."""
        match c.kind:
            case "halo":
                row = "begin - 1" if part == "lower" else "end"
                reader = 1 if part == "lower" else 0
                return f"with 2 ranks, rank {reader} reads its copy of row {row}, which its neighbour has changed"
            case "allreduce" | "reduce":
                return f"with 2 ranks, '{c.subject}' holds rank 0's part alone"
            case "allgather":
                return f"with 2 ranks, rank 0 has not got the rows of '{c.subject}' that rank 1 computed"
        return f"with 2 ranks, one does not own '{c.element}'"


def in_short(s: tree.Node) -> str:
    """A statement in one line."""
    match s:
        case tree.ExprStmt(expr=expr):
            whole = text(expr) + ";"
        case tree.Declaration(variables=variables):
            whole = ", ".join(v.symbol.name for v in variables) + " declared"
        case tree.If(condition=condition):
            whole = f"if ({text(condition)}) …"
        case tree.For(condition=condition):
            whole = f"for (… {text(condition) if condition else ''} …)"
        case tree.While(condition=condition):
            whole = f"while ({text(condition)}) …"
        case tree.Return(value=value):
            whole = f"return {text(value) if value else ''};"
        case _:
            whole = type(s).__name__.lower()
    return whole if len(whole) <= _SHORT else whole[:_SHORT] + "…"


def resembles(s: Stmt, c: Stmt, reading: Reading) -> bool:
    """Whether two statements are of one kind and speak of the same things, roughly."""
    if type(s) is not type(c):
        return False
    return _subject(s) == _subject(c)


def _subject(s: Stmt) -> tuple[str, ...]:
    match s:
        case tree.ExprStmt(expr=expr):
            return _head(expr)
        case tree.Declaration(variables=variables):
            return tuple(v.symbol.name for v in variables)
        case tree.UnknownStmt(kind=kind):
            return (kind,)
    return ()


def _head(expr: tree.Expr) -> tuple[str, ...]:
    """What an expression statement does to what: the operator and the name it changes, or the function called."""
    match expr:
        case tree.Assign(op=op, target=target):
            return (op, *_base(target))
        case tree.Unary(op=op, operand=operand):
            return (op, *_base(operand))
        case tree.Call(name=name):
            return ("call", name or "")
        case tree.Cast(operand=operand):
            return _head(operand)
    return (type(expr).__name__,)


def _base(expr: tree.Expr) -> tuple[str, ...]:
    while isinstance(expr, tree.Index | tree.Member):
        expr = expr.base
    return (expr.symbol.name,) if isinstance(expr, tree.Name) else ()
