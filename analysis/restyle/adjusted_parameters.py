"""Pointers that a function moves before it uses them, to count from another number than zero (as f2c writes).

int scale(int n, double *x, double *a, int lda) {      int scale(int n, double *x, double *a, int lda) {
    int offset = 1 + lda;                                  int offset = 1 + lda;
    --x;
    a -= offset;
    … x[i] *= a[i + j * lda];                              … x[i - 1] *= a[i + j * lda - offset];
"""

from __future__ import annotations

from collections.abc import Iterator

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import bare, changed, is_narrow_unsigned
from chatmpi.analysis.restyle.respelling import as_compared, as_operand, removal
from chatmpi.analysis.source import Edit
from chatmpi.analysis.tree import Expr, Function, Node, Program, Symbol


def adjusted_parameters(program: Program) -> list[Edit]:
    """The edits for all such parameters: the statement goes, and what it adds stands in each subscript."""
    edits: list[Edit] = []
    for f in program.functions:
        for p in f.parameters if not f.in_macro else ():
            if isinstance(p.symbol.type, tree.Pointer) and isinstance(p.symbol.type.target, tree.Scalar):
                edits += _edits(p.symbol, f, program)
    return edits


def _edits(symbol: Symbol, f: Function, program: Program) -> list[Edit]:
    moved = [(s, how) for s in f.body.body if (how := _adjustment(s, symbol)) is not None]
    if len(moved) != 1:
        return []
    statement, (op, by) = moved[0]
    own = {id(n) for n in tree.walk(statement)}
    others = [n for n in tree.walk(f.body) if id(n) not in own]
    after = statement.span.end
    uses = [n for n in others if isinstance(n, tree.Name) and n.symbol == symbol]
    if statement.in_macro or any(n.span.begin < after for n in uses) or any(changed(n) == symbol for n in others):
        return []
    if by is not None and (is_narrow_unsigned(by) or not _stays(by, others, after)):
        return []
    shown = "1" if by is None else as_operand(by, program.source.shown_at(by.span), "-")
    found = list(_in_subscripts(uses, others, op, shown, program))
    return [removal(statement, program.source), *found] if len(found) == len(uses) else []


def _adjustment(s: tree.Stmt, symbol: Symbol) -> tuple[str, Expr | None] | None:
    """`--p`, `p -= e`, `p = p - e`: the sign, and how far (None: one element)."""
    match s:
        case tree.ExprStmt(expr=tree.Unary(op="--x" | "x--" | "++x" | "x++" as op, operand=tree.Name(symbol=moved))):
            return ("-" if "-" in op else "+", None) if moved == symbol else None
        case tree.ExprStmt(expr=tree.Assign(op="-=" | "+=" as op, target=tree.Name(symbol=moved), value=by)):
            return (op[0], by) if moved == symbol else None
        case tree.ExprStmt(
            expr=tree.Assign(
                op="=", target=tree.Name(symbol=moved), value=tree.Binary(op="-" | "+" as op, left=left, right=by)
            )
        ):
            base = bare(left)
            return (op, by) if isinstance(base, tree.Name) and base.symbol == symbol == moved else None
    return None


def _stays(by: Expr, others: list[Node], after: int) -> bool:
    """Whether an expression of numbers and variables has the same value in all that follows."""
    parts = list(tree.walk(by))
    if not all(isinstance(n, tree.Name | tree.IntLiteral | tree.Binary | tree.Cast) for n in parts) or by.in_macro:
        return False
    names = {n.symbol for n in parts if isinstance(n, tree.Name)}
    if any(s.storage not in {"local", "parameter", "enumerator"} for s in names):
        return False
    pointed = (n.operand for n in others if isinstance(n, tree.Unary) and n.op == "&")
    if any(isinstance(p, tree.Name) and p.symbol in names for p in pointed):
        return False
    return not any(n.span.begin >= after and changed(n) in names for n in others)


def _in_subscripts(uses: list[tree.Name], others: list[Node], op: str, shown: str, program: Program) -> Iterator[Edit]:
    """An edit for each use that has a plain form."""
    subscripts = {id(n.base): n for n in others if isinstance(n, tree.Index)}
    places = {id(n.operand) for n in others if isinstance(n, tree.Unary | tree.Sizeof)}
    for use in uses:
        around = subscripts.get(id(use))
        if use.in_macro or id(use) in places:
            continue
        if around is None:
            yield Edit(use.span, f"({use.symbol.name} {op} {shown})")
        elif not around.in_macro and not around.subscript.in_macro and not is_narrow_unsigned(around.subscript):
            span = around.subscript.span
            yield Edit(span, f"{as_compared(around.subscript, program.source.shown_at(span))} {op} {shown}")
