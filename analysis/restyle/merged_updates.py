"""A variable that is changed right where it is declared, and never again: one definition.

size_t bytes = n;                     size_t bytes = (size_t)(n) * (size);
bytes *= size;
"""

from __future__ import annotations

from collections.abc import Iterator

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import changed_or_lent, only_reads
from chatmpi.analysis.restyle.respelling import removal
from chatmpi.analysis.source import Edit, Span
from chatmpi.analysis.tree import Program, Symbol, VarDecl


def merged_updates(program: Program) -> list[Edit]:
    """The edits for all such integers of helper functions."""
    edits: list[Edit] = []
    for f in program.functions:
        blocks = [n for n in tree.walk(f.body) if isinstance(n, tree.Block)] if f.symbol.name != "main" else []
        for block in blocks:
            for declared, update in zip(block.body, block.body[1:], strict=False):
                edits += _merged(declared, update, f, program)
    return edits


def _merged(declared: tree.Stmt, update: tree.Stmt, f: tree.Function, program: Program) -> Iterator[Edit]:
    match declared, update:
        case (
            tree.Declaration(variables=(VarDecl(symbol=symbol, init=tree.Expr() as first),), in_macro=False),
            tree.ExprStmt(
                expr=tree.Assign(op="*=" | "+=" | "-=" as op, target=tree.Name(symbol=changed), value=second),
                in_macro=False,
            ),
        ) if symbol == changed and symbol.storage == "local":
            pass
        case _:
            return
    kind = symbol.type
    plain = isinstance(kind, tree.Scalar) and kind.is_integer and not any(p.in_macro for p in (first, second))
    if not plain or not _is_last(symbol, f) or not all(map(only_reads, (first, second))):
        return
    if any(_names(n, symbol) for n in tree.walk(second)):
        return
    shown = program.source.shown_at
    name = program.source.shown_at(Span(declared.span.begin, declared.variables[0].name_span.begin)).strip()
    converted = " ".join(w for w in name.split() if w not in {"const", "register", "volatile"})
    yield Edit(first.span, f"({converted})({shown(first.span)}) {op[0]} ({shown(second.span)})")
    yield removal(update, program.source)


def _is_last(symbol: Symbol, f: tree.Function) -> bool:
    """Whether nothing else changes the variable."""
    return sum(1 for n in tree.walk(f.body) if changed_or_lent(n) == symbol) == 1


def _names(node: tree.Node, symbol: Symbol) -> bool:
    return isinstance(node, tree.Name) and node.symbol == symbol
