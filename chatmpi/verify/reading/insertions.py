"""What may stand between the counterparts of statements: set-up of MPI, block variables, guards, communications.

Each kind is recognised by what it does; whatever is not recognised is no insertion, and must be a counterpart.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from chatmpi.analysis import tree
from chatmpi.analysis.numbers.values import text
from chatmpi.analysis.tree import Stmt
from chatmpi.verify.reading import (
    allocations,
    broadcasts,
    chains,
    environment,
    exchanges,
    gathers,
    guards,
    reductions,
    variables,
)
from chatmpi.verify.reading.findings import Mismatch
from chatmpi.verify.reading.piecewise import Alternatives
from chatmpi.verify.reading.reading import Position, Where
from chatmpi.verify.reading.row import Row

_ENVIRONMENT = frozenset({"MPI_Init", "MPI_Comm_rank", "MPI_Comm_size", "MPI_Finalize", "MPI_Abort"})


@dataclass(frozen=True, slots=True)
class Accepted:
    """An insertion that is accounted for. A guard's `body` holds counterparts, to be followed `inside` it;
    `completes`: with it, all that the row's next statement does has been done."""

    body: tuple[Stmt, ...] = ()
    inside: Where | None = None
    completes: bool = False


def accept(row: Row, c: Stmt, where: Where, at: Position) -> Accepted | None:
    """The insertion that `c` is; None if it is none. Raises Mismatch where it is a wrong one."""
    match c:
        case tree.ExprStmt(expr=tree.Call(name=str() as name) as call) if name.startswith(("MPI_", "PMPI_")):
            _mpi(row, call, name, where, at)
            return Accepted()
        case tree.ExprStmt(expr=tree.Call(name=str() as name) as call) if name in at.reading.functions:
            gathers.check_call(row, call, where, at)
            return Accepted()
        case tree.ExprStmt(expr=expr):
            return Accepted() if allocations.accept(row, expr, where, at) else None
        case tree.Declaration():
            return Accepted() if _declaration(row, c, where, at) else None
        case tree.If():
            return _if(row, c, where, at)
        case tree.Empty():
            return None if isinstance(row.next, tree.Empty) else Accepted()
    return None


def _mpi(row: Row, call: tree.Call, name: str, where: Where, at: Position) -> None:
    if name in _ENVIRONMENT:
        environment.check_call(row, call, name, where, at)
        return
    environment.check_collective(call, name, where, at.state)
    match name:
        case "MPI_Sendrecv":
            exchanges.check_call(row, call, where, at)
        case "MPI_Allreduce" | "MPI_Reduce":
            reductions.check_call(row, call, name, where, at)
        case "MPI_Bcast":
            broadcasts.check_call(row, call, where, at)
        case _:
            raise Mismatch(call, f"no communication of the plan is done by {name}")


# ---------------------------------------------------------------------------------------- declarations


def _declaration(row: Row, c: tree.Declaration, where: Where, at: Position) -> bool:
    names = tuple(v.symbol.name for v in c.variables)
    s = row.next
    asserts = not names and _asserts(at.reading.findings.candidate.at(c.span))
    if isinstance(s, tree.Declaration) and tuple(v.symbol.name for v in s.variables) == names:
        theirs = not names and _asserts(at.reading.findings.sequential.at(s.span))
        if not asserts or theirs:
            return False
    if not names:
        return asserts
    if any(_is_later(row, name) for name in names):
        return False
    for v in c.variables:
        variables.declare(v, where, at)
    return True


def _asserts(declaration: str) -> bool:
    return declaration.startswith(("_Static_assert", "static_assert"))


def _is_later(row: Row, name: str) -> bool:
    """Whether a statement further on declares the name: then what stands before it is missing."""
    return any(
        isinstance(s, tree.Declaration) and any(v.symbol.name == name for v in s.variables)
        for s in row.source[row.at :]
    )


# ---------------------------------------------------------------------------------------------- guards


def _if(row: Row, c: tree.If, where: Where, at: Position) -> Accepted | None:
    reading = at.reading
    truth = reading.evaluator.truth(c.condition, reading.names(where, at.state))
    if truth is None or not guards.depends_on_rank(truth, reading.terms):
        return None
    assign = _single_assignment(c)
    if isinstance(row.next, tree.If) and assign is None:
        return None
    if c.otherwise is not None:
        raise Mismatch(c, "a condition on the rank has an else")
    if assign is not None and isinstance(assign.target, tree.Name):
        if assign.target.symbol not in reading.pairs.source:
            broadcasts.check_copy(row, c, assign, truth, where, at)
            return Accepted()
        if reductions.accept_neutral(row, c, assign, truth, where, at):
            return Accepted()
    if isinstance(row.next, tree.If):
        return None
    if row.next is not None and chains.is_chain(row.next, where, reading):
        return Accepted(completes=chains.check_part(row, c, assign, truth, where, at))
    body = c.then.body if isinstance(c.then, tree.Block) else (c.then,)
    return Accepted(body, _guarded(row, c, truth, where, at))


def _single_assignment(c: tree.If) -> tree.Assign | None:
    """The assignment that is all of an if's body."""
    body = c.then.body if isinstance(c.then, tree.Block) else (c.then,)
    match body:
        case (tree.ExprStmt(expr=tree.Assign(op="=") as assign),):
            return assign
    return None


def _guarded(row: Row, c: tree.If, truth: Alternatives, where: Where, at: Position) -> Where:
    """The surroundings inside a condition that leaves statements to rank 0, or to the owner of a row."""
    reading, s = at.reading, row.next
    if where.root or where.owner is not None or where.distributed is not None:
        raise Mismatch(c, "a condition on the rank inside another one, or in a distributed loop")
    guard = next(iter(reading.intent.guards.get(s.id, ())), None) if s is not None and where.in_main else None
    if guard is not None:
        return replace(where, owner=guards.owning_share(truth, guard.partition, c, reading), owned=truth, guard=c)
    if guards.same(truth, guards.ON_ROOT, reading.terms):
        return replace(where, root=True)
    if s is not None and s.id in reading.intent.outputs:
        place = reading.findings.place(s)
        raise Mismatch(c, f"'{text(c.condition)}' does not leave the output of {place} to rank 0 alone")
    raise Mismatch(c, f"the plan puts no condition such as '{text(c.condition)}' here")
