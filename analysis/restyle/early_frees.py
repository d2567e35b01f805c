"""Loops that free memory right before the program ends early, left to its end.

    if (norm == 0) { free_rows(a, n); return 3; }        if (norm == 0) { return 3; }

A rank has rows of its own, and the loop would have to know them in each such place. What follows the last statement of
main is not early.
"""

from __future__ import annotations

from collections.abc import Iterator, Set

from chatmpi.analysis import tree
from chatmpi.analysis.calls.library import LIBRARY, Does
from chatmpi.analysis.lowering.frees import freed_in, freeing_functions
from chatmpi.analysis.restyle.respelling import removal
from chatmpi.analysis.source import Edit
from chatmpi.analysis.tree import Call, Expr, Program, Stmt


def early_frees(program: Program) -> list[Edit]:
    """The edits that take all of them away."""
    main = program.function("main")
    if main is None or main.in_macro:
        return []
    freeing = freeing_functions(program)
    return [removal(s, program.source) for s in _early(main.body, freeing) if not s.in_macro and _loops(s, program)]


def _early(body: tree.Block, freeing: Set[str]) -> Iterator[Stmt]:
    """What does nothing but free memory in a block inside main that ends the program."""
    for block in tree.statements(body):
        if block is not body and isinstance(block, tree.Block) and block.body and _ends(block.body[-1]):
            others = [s for s in block.body if freed_in([s], freeing) is None]
            for s in block.body:
                freed = freed_in([s], freeing)
                if freed is not None and not _looked_at(freed, others):
                    yield s


def _looked_at(freed: list[Expr], others: list[Stmt]) -> bool:
    """Whether other statements name what is freed, which may be NULL from then on."""
    named = {n.symbol for e in freed for n in tree.walk(e) if isinstance(n, tree.Name)}
    return any(isinstance(n, tree.Name) and n.symbol in named for s in others for n in tree.walk(s))


def _ends(s: Stmt) -> bool:
    calls = isinstance(s, tree.ExprStmt) and isinstance(s.expr, Call)
    return isinstance(s, tree.Return) or (calls and LIBRARY.get(s.expr.name or "") is Does.EXITS)  # type: ignore[attr-defined]


def _loops(node: tree.Node, program: Program) -> bool:
    """Whether a loop is in it, or in a function that it calls."""
    for n in tree.walk(node):
        if isinstance(n, tree.For | tree.While | tree.DoWhile):
            return True
        f = program.function(n.name) if isinstance(n, Call) and n.name is not None else None
        if f is not None and _loops(f.body, program):
            return True
    return False
