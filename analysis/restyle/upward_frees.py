"""Loops that free rows from the last to the first, from the first to the last: the order makes no difference.

for (int i = n - 1; i >= 0; i--) free(m[i]);        for (int i = 0; i < n; i++) free(m[i]);
"""

from __future__ import annotations

from collections.abc import Iterator

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import bare, is_null
from chatmpi.analysis.loops import index_step, starting
from chatmpi.analysis.restyle.respelling import as_operand
from chatmpi.analysis.restyle.webs import is_dead_after
from chatmpi.analysis.source import Edit
from chatmpi.analysis.surroundings import statements_of
from chatmpi.analysis.tree import Expr, Program, Symbol


def upward_frees(program: Program) -> list[Edit]:
    """The edits for all such loops."""
    loops = [(f, s) for f in program.functions for s in tree.statements(f.body) if isinstance(s, tree.For)]
    return [e for f, loop in loops if not loop.in_macro for e in _upward(loop, f, program)]


def _upward(loop: tree.For, function: tree.Function, program: Program) -> Iterator[Edit]:
    begin, condition, step = starting(loop.init), loop.condition, loop.step
    if begin is None or step is None:
        return
    counter, last = begin
    signed = isinstance(counter.type, tree.Scalar) and not counter.type.is_unsigned and not counter.type.is_floating
    if not signed or last.type != counter.type or index_step(step) != (counter, -1):
        return
    match condition, last:
        case (
            tree.Binary(op=">=", left=tree.Name(symbol=tested), right=zero),
            tree.Binary(op="-", left=count, right=tree.IntLiteral(value=1, macro=None)),
        ) if tested == counter and is_null(zero):
            pass
        case _:
            return
    parts = (last, condition, step)
    if not _only_frees(loop, counter) or any(p.in_macro for p in parts):
        return
    if not isinstance(loop.init, tree.Declaration) and (
        counter.storage != "local" or not is_dead_after(counter, loop, function)
    ):
        return
    shown = program.source.shown_at
    yield Edit(last.span, "0")
    yield Edit(condition.span, f"{counter.name} < {as_operand(count, shown(count.span), '-')}")
    yield Edit(step.span, f"{counter.name}++")


def _only_frees(loop: tree.For, counter: Symbol) -> bool:
    body = statements_of(loop.body)
    return bool(body) and all(isinstance(s, tree.ExprStmt) and _frees_a_row(s.expr, counter) for s in body)


def _frees_a_row(expr: Expr, counter: Symbol) -> bool:
    """Whether it is `free(m[i])`, of rows that nothing in the loop changes."""
    if not isinstance(expr, tree.Call) or expr.name != "free":
        return False
    row = bare(expr.arguments[0])
    while isinstance(row, tree.Member) and not row.arrow:
        row = row.base
    if not isinstance(row, tree.Index) or not isinstance(row.subscript, tree.Name) or row.subscript.symbol != counter:
        return False
    base = row.base
    while isinstance(base, tree.Member):
        base = base.base
    return isinstance(base, tree.Name) and not row.in_macro
