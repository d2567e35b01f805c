"""Who executes what: conditions on the rank around statements, and what the plan says of these statements."""

from __future__ import annotations

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import is_null
from chatmpi.analysis.numbers.polynomial import ONE, Polynomial
from chatmpi.analysis.touches import is_memory
from chatmpi.analysis.tree import Expr, Stmt
from chatmpi.plan.plan import GuardPlan
from chatmpi.verify.reading.findings import Mismatch
from chatmpi.verify.reading.piecewise import Alternatives, Condition, atoms_in
from chatmpi.verify.reading.reading import Reading, Where
from chatmpi.verify.reading.roles import RANK_VALUE, Share
from chatmpi.verify.reading.terms import NotAffine, Question, Terms, witness

ON_ROOT: Alternatives = ((Condition(RANK_VALUE, "="),),)
NOT_ON_ROOT: Alternatives = ((Condition(RANK_VALUE - ONE, ">="),),)


def depends_on_rank(alternatives: Alternatives, terms: Terms) -> bool:
    """Whether a condition speaks of the rank or of its block."""
    return any(terms.differs_by_rank(c.value) for conditions in alternatives for c in conditions)


def difference(a: Alternatives, b: Alternatives, terms: Terms) -> dict[str, int] | None:
    """A case in which one of two conditions holds and the other does not. Raises NotAffine."""
    question = Question(terms)
    x, y = question.one_of(a), question.one_of(b)
    return question.point([f"(({x} and not {y}) or ({y} and not {x}))"])


def same(a: Alternatives, b: Alternatives, terms: Terms) -> bool:
    try:
        return difference(a, b, terms) is None
    except NotAffine:
        return False


def owner_of(row: Polynomial, share: Share) -> Alternatives:
    """The condition that this rank owns `row`."""
    return ((Condition(row - share.begin, ">="), Condition(share.end - row - ONE, ">=")),)


def check_executed(s: Stmt, c: Stmt, where: Where, reading: Reading) -> None:
    """The statement is executed by the ranks that the plan says: all, rank 0 alone, or a row's owner."""
    place = reading.findings.place(s)
    output = s.id in reading.intent.outputs
    if output and not where.root:
        raise Mismatch(
            c, f"every rank executes the output of {place}; only rank 0 may", "with 2 ranks it appears twice"
        )
    if where.root and not output:
        raise Mismatch(c, f"only rank 0 executes what every rank does at {place}")
    guard = next(iter(reading.intent.guards.get(s.id, ())), None) if where.in_main else None
    if guard is None and where.owner is not None:
        raise Mismatch(c, f"only the owner of a row executes what every rank does at {place}")
    if guard is not None:
        if where.owner is None:
            raise Mismatch(c, f"every rank executes {place}, but only the owner of row {guard.row} may")
        row = row_of(s, guard, reading)
        if row is None or where.owner.partition.name != guard.partition:
            raise Mismatch(c, f"the row that {place} writes is not the one that the plan names")
        check_owner(s, where.guard or c, guard, row, where.owned, where.owner, reading)


def check_owner(
    s: Stmt, c: tree.Node, guard: GuardPlan, row: Polynomial, owned: Alternatives, share: Share, reading: Reading
) -> None:
    """The condition `owned` is that this rank owns the row that the statement writes."""
    try:
        point = difference(owned, owner_of(row, share), reading.terms)
    except NotAffine:
        raise Mismatch(c, f"not shown: only the owner of row {guard.row} comes here") from None
    if point is not None:
        raise Mismatch(c, f"the condition is not that this rank owns row {guard.row}", witness(point))
    reading.findings.holds(f"{reading.findings.place(s)}: only the owner of row {guard.row} executes it")


def row_of(s: Stmt, guard: GuardPlan, reading: Reading) -> Polynomial | None:
    """The row that a guarded statement writes, if it is the plan's."""
    for symbol, accesses in reading.facts.accesses_in(s.id).items():
        if symbol in reading.intent.partition_of:
            for a in accesses:
                row = a.subscripts[0]
                if a.touch.write and row is not None and row.text() == guard.row:
                    return row
    return None


def owning_share(owned: Alternatives, partition: str, node: tree.Node, reading: Reading) -> Share:
    return reading.roles.share(reading.intent.plan.partition(partition), node, atoms_in(owned))


def allocation_failed(condition: Expr, holds: bool) -> bool:
    """Whether a condition's having this truth value says that some pointer is NULL."""
    match condition:
        case tree.Unary(op="!", operand=operand):
            return allocation_failed(operand, not holds)
        case tree.Binary(op="&&" | "||" as op, left=left, right=right):
            either = (op == "||") == holds
            a, b = allocation_failed(left, holds), allocation_failed(right, holds)
            return (a and b) if either else (a or b)
        case tree.Binary(op="==" | "!=" as op, left=left, right=right):
            null = (is_memory(left.type) and is_null(right)) or (is_memory(right.type) and is_null(left))
            return null and (op == "==") == holds
    return is_memory(condition.type) and not holds
