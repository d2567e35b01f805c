"""Functions of the candidate that turn numbers of elements into counts of MPI.

    static int as_count(long long elements) {
        if (elements > INT_MAX) { …; MPI_Abort(MPI_COMM_WORLD, 1); }
        return (int)elements;
    }

Where the program goes on, they return what they are given.
"""

from __future__ import annotations

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import INT_MAX, bare
from chatmpi.analysis.tree import Expr, Stmt

_TELLING = frozenset({"fprintf", "fputs"})


def is_count(function: tree.Function) -> bool:
    """Whether a function of one number returns it, and ends the program where no `int` holds it."""
    match function.body.body, function.parameters:
        case (
            [
                tree.If(condition=tree.Binary(op=">", left=left, right=tree.IntLiteral(value=number)),
                        then=then, otherwise=None),
                tree.Return(value=tree.Expr() as returned),
            ],
            [parameter],
        ):  # fmt: skip
            inner = returned.operand if isinstance(returned, tree.Cast) else returned
            known = all(_is(e, parameter.symbol) for e in (left, inner)) and number == INT_MAX
            return known and function.returns == tree.Scalar("int") and _ends(then)
    return False


def aborts(s: Stmt) -> bool:
    return isinstance(s, tree.ExprStmt) and isinstance(s.expr, tree.Call) and s.expr.name == "MPI_Abort"


def _is(expr: Expr, symbol: tree.Symbol) -> bool:
    inner = bare(expr)
    return isinstance(inner, tree.Name) and inner.symbol == symbol


def _ends(s: Stmt) -> bool:
    """Whether a statement says something, and ends the program."""
    body = s.body if isinstance(s, tree.Block) else (s,)
    *before, last = body or (s,)
    return aborts(last) and all(_tells(part) for part in before)


def _tells(s: Stmt) -> bool:
    if not isinstance(s, tree.ExprStmt) or not isinstance(s.expr, tree.Call) or s.expr.name not in _TELLING:
        return False
    return not any(isinstance(n, tree.Call | tree.Assign | tree.UnknownExpr) for a in s.expr.arguments
                   for n in tree.walk(a))  # fmt: skip
