"""Rows of a matrix that change places by their pointers, written as elements that change places.

    double *t = a[p];                       for (int j = 0; j < n; j++) {
    a[p] = a[k];              becomes           const double held = a[p][j];
    a[k] = t;                                   a[p][j] = a[k][j]; …

Both do the same where each row has memory of its own and nothing else leads into it. After this the rows stay where
they were made, as all that follows wants them. The edits are of the text, which is parsed again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.iterations.updates import same
from chatmpi.analysis.restyle.respelling import Fresh, as_compared
from chatmpi.analysis.restyle.row_owners import Owners, is_matrix
from chatmpi.analysis.restyle.undeclaring import undeclared
from chatmpi.analysis.source import Edit, Span
from chatmpi.analysis.tree import Expr, Node, Program, Stmt, Symbol


@dataclass(frozen=True)
class Swap:
    """Three statements in a row of a block: `t = a[p]; a[p] = a[k]; a[k] = t;`."""

    function: tree.Function
    statements: tuple[Stmt, Stmt, Stmt]
    matrix: Symbol
    held: Symbol
    first: Expr
    second: Expr

    @property
    def span(self) -> Span:
        return Span(self.statements[0].span.begin, self.statements[-1].span.end)


def row_swaps(program: Program) -> list[Edit]:
    """The edits that exchange elements instead of rows, where all that is done to the matrix is understood."""
    swaps = [s for f in program.functions for s in _swaps(f)]
    if not swaps:
        return []
    owners = Owners(program, frozenset(s.id for swap in swaps for s in swap.statements))
    fresh = Fresh(program.source.text)
    return [e for f in program.functions for e in _in_function(f, [s for s in swaps if s.function is f], owners, fresh)]


def _in_function(f: tree.Function, swaps: list[Swap], owners: Owners, fresh: Fresh) -> Iterator[Edit]:
    holders = {s.held for s in swaps if not _is_only_held(s.held, f, swaps)}
    for held in dict.fromkeys(s.held for s in swaps if s.held not in holders):
        mine = [s for s in swaps if s.held == held]
        widths = [owners.width(f, s.matrix) for s in mine]
        declared = _undeclared(held, f, mine, owners.program)
        if declared is None or any(w is None for w in widths):
            continue
        yield from declared
        for swap, width in zip(mine, widths, strict=True):
            assert width is not None
            yield Edit(swap.span, _exchange(swap, width, owners.program, fresh))


def _exchange(swap: Swap, width: Expr, program: Program, fresh: Fresh) -> str:
    source, element = program.source, _element(swap.matrix)
    a, first, second = swap.matrix.name, source.shown_at(swap.first.span), source.shown_at(swap.second.span)
    assert isinstance(width.type, tree.Scalar)
    j, held = fresh.take("column"), fresh.take("held")
    lines = [
        f"for ({width.type.name} {j} = 0; {j} < {as_compared(width, source.shown_at(width.span))}; {j}++) {{",
        f"    const {element} {held} = {a}[{first}][{j}];",
        f"    {a}[{first}][{j}] = {a}[{second}][{j}];",
        f"    {a}[{second}][{j}] = {held};",
        "}",
    ]
    return f"\n{source.indentation(swap.span.begin)}".join(lines)


def _element(matrix: Symbol) -> str:
    assert isinstance(matrix.type, tree.Pointer)
    assert isinstance(matrix.type.target, tree.Pointer)
    assert isinstance(matrix.type.target.target, tree.Scalar)
    return matrix.type.target.target.name


# ----------------------------------------------------------------------------------------- what is exchanged


def _swaps(f: tree.Function) -> Iterator[Swap]:
    for block in tree.walk(f.body):
        if isinstance(block, tree.Block):
            for three in zip(block.body, block.body[1:], block.body[2:], strict=False):
                found = _swap(f, three)
                if found is not None:
                    yield found


def _swap(f: tree.Function, statements: tuple[Stmt, Stmt, Stmt]) -> Swap | None:
    if any(n.in_macro for s in statements for n in (s, *_parts(s))):
        return None
    parts = [_assignment(s) for s in statements]
    match parts:
        case [
            (held, kept),
            (tree.Index() as first, tree.Index() as second),
            (tree.Index() as last, tree.Name(symbol=s)),
        ]:
            if not isinstance(held, Symbol) or held != s or held.storage != "local":
                return None
            names = [_row(e) for e in (kept, first, second, last)]
            if any(n is None for n in names):
                return None
            (a, p), (b, q), (c, k), (d, r) = (n for n in names if n is not None)
            if a == b == c == d and is_matrix(a.type) and same(p, q) and same(k, r):
                return Swap(f, statements, a, held, p, k)
    return None


def _parts(s: Stmt) -> Iterator[Node]:
    """The statement's own expressions, without what a macro is but an argument of."""
    match s:
        case tree.ExprStmt(expr=tree.Assign(target=target, value=value) as expr):
            yield from (expr, target, value)
        case tree.Declaration(variables=variables):
            yield from variables


def _assignment(s: Stmt) -> tuple[Expr | Symbol, Expr] | None:
    match s:
        case tree.Declaration(variables=(tree.VarDecl(symbol=symbol, init=tree.Expr() as init),)):
            return symbol, init
        case tree.ExprStmt(expr=tree.Assign(op="=", target=tree.Name(symbol=symbol), value=value)):
            return symbol, value
        case tree.ExprStmt(expr=tree.Assign(op="=", target=target, value=value)):
            return target, value
    return None


def _row(row: Expr) -> tuple[Symbol, Expr] | None:
    """The matrix and the subscript of `a[i]`, where computing the subscript changes nothing."""
    match row:
        case tree.Index(base=tree.Name(symbol=symbol), subscript=subscript) if all(
            isinstance(n, tree.Name | tree.IntLiteral) or (isinstance(n, tree.Binary) and n.op in {"+", "-", "*"})
            for n in tree.walk(subscript)
        ):
            return symbol, subscript
    return None


# ------------------------------------------------------------------------------------------ the pointer that holds


def _is_only_held(held: Symbol, f: tree.Function, swaps: list[Swap]) -> bool:
    """Whether a pointer does nothing but hold rows that change places."""
    named = sum(isinstance(n, tree.Name) and n.symbol == held for n in tree.walk(f.body))
    mine = [s for s in swaps if s.held == held]
    return named == sum(1 if isinstance(s.statements[0], tree.Declaration) else 2 for s in mine)


def _undeclared(held: Symbol, f: tree.Function, swaps: list[Swap], program: Program) -> list[Edit] | None:
    """The edit that takes its declaration away, if that is not a part of the exchange itself."""
    if any(isinstance(s.statements[0], tree.Declaration) for s in swaps):
        return []
    declared = [n for n in tree.walk(f.body) if isinstance(n, tree.VarDecl) and n.symbol == held]
    return None if any(v.init is not None for v in declared) else undeclared(program, {held})
