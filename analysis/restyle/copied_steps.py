"""A variable that moves on by way of another one: it moves by itself.

long next = at + s;  …  at = next;                 long next = at + s;  …  at += s;
"""

from __future__ import annotations

from collections.abc import Iterator

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import changed_or_lent
from chatmpi.analysis.restyle.respelling import as_operand
from chatmpi.analysis.source import Edit, Span
from chatmpi.analysis.surroundings import Surroundings
from chatmpi.analysis.tree import Expr, Program, Stmt, Symbol


def copied_steps(program: Program) -> list[Edit]:
    """The edits for all such steps of integers."""
    edits: list[Edit] = []
    for f in program.functions:
        if f.in_macro:
            continue
        around = Surroundings(program, f)
        for block in tree.walk(f.body):
            if isinstance(block, tree.Block):
                for k, s in enumerate(block.body):
                    edits += _copied(s, block.body[:k], around)
    return edits


def _copied(s: Stmt, before: tuple[Stmt, ...], around: Surroundings) -> Iterator[Edit]:
    match s:
        case tree.ExprStmt(
            in_macro=False,
            expr=tree.Assign(
                op="=", target=tree.Name(symbol=moved), value=tree.Name(symbol=ahead), in_macro=False
            ) as a,
        ) if moved.type == ahead.type and isinstance(moved.type, tree.Scalar) and moved.type.is_integer:
            pass
        case _:
            return
    for k, other in enumerate(before):
        match other:
            case tree.Declaration(
                variables=(
                    tree.VarDecl(
                        symbol=symbol,
                        init=tree.Binary(op="+" | "-" as op, left=tree.Name(symbol=base), right=amount, in_macro=False),
                    ),
                ),
            ) if symbol == ahead and base == moved:
                if _stay(ahead, moved, amount, before[k + 1 :], around):
                    shown = as_operand(amount, around.program.source.shown_at(amount.span), "-")
                    yield Edit(Span(a.span.begin, a.span.end), f"{moved.name} {op}= {shown}")


def _stay(ahead: Symbol, moved: Symbol, amount: Expr, between: tuple[Stmt, ...], around: Surroundings) -> bool:
    """Whether the variable ahead, and what it was made of, are the same at the step."""
    nodes = [n for s in between for n in tree.walk(s)]
    if amount.in_macro or not (around.is_private(ahead) and around.is_private(moved)):
        return False
    if any(changed_or_lent(n) in {ahead, moved} for n in nodes) or not around.is_steady(amount, nodes):
        return False
    if any(isinstance(n, tree.UnknownStmt) for n in nodes):
        return False
    names = {n.symbol.name for n in tree.walk(amount) if isinstance(n, tree.Name)}
    return not any(isinstance(s, tree.Declaration) and names & {v.symbol.name for v in s.variables} for s in between)
