"""`errno`: each rank has its own, and calls that only rank 0 makes set only rank 0's.

It is the same on all ranks from `errno = 0;` on, as long as nothing is called but what computes on every rank alike.
"""

from __future__ import annotations

from collections.abc import Iterator

from chatmpi.analysis import tree
from chatmpi.analysis.calls.effects import Effects, is_output
from chatmpi.analysis.calls.library import LIBRARY, Does
from chatmpi.analysis.surroundings import Surroundings
from chatmpi.analysis.tree import Call, Node, Program, Stmt

_PLACE = "__errno_location"
_ALIKE = frozenset({Does.NOTHING, Does.WRITES_ARGUMENTS})


def differing_errors(program: Program, summaries: dict[str, Effects]) -> Iterator[Node]:
    """Where an error number decides or is kept that ranks may have different ones of."""
    for f in program.functions:
        if not any(isinstance(n, Call) and n.name == _PLACE for n in tree.walk(f.body)):
            continue
        around = Surroundings(program, f)
        for s in tree.statements(f.body):
            if isinstance(s, tree.ExprStmt) and is_output(s.expr, summaries):
                continue
            read = next((n for n in _own(s) if _is_errno(n)), None)
            if read is not None and not _is_reset(s) and not _is_alike(s, around):
                yield read


def _is_alike(s: Stmt, around: Surroundings) -> bool:
    if not _computes(s):
        return False
    for before in around.before(s):
        if _is_reset(before):
            return True
        if not _computes(before) or not isinstance(before, tree.ExprStmt | tree.Declaration):
            return False
    return False


def _computes(s: Stmt) -> bool:
    return all(LIBRARY.get(n.name or "") in _ALIKE for n in _own(s) if isinstance(n, Call))


def _is_reset(s: Stmt) -> bool:
    match s:
        case tree.ExprStmt(expr=tree.Assign(op="=", target=target, value=tree.IntLiteral())):
            return _is_errno(target)
    return False


def _is_errno(node: Node) -> bool:
    return isinstance(node, tree.Unary) and isinstance(node.operand, Call) and node.operand.name == _PLACE


def _own(s: Stmt) -> Iterator[Node]:
    """The expressions of a statement, without those of the statements in it."""
    for part in tree.children(s):
        if not isinstance(part, Stmt):
            yield from tree.walk(part)
