"""`do { … } while (0);`, as macros of statements have it, is the block in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeGuard

from chatmpi.analysis import tree
from chatmpi.analysis.restyle.respelling import with_semicolon
from chatmpi.analysis.source import Edit, Span
from chatmpi.analysis.tree import Program


def blocks_done_once(program: Program) -> list[Edit]:
    """The edits for one such block; the inner ones later."""
    for f in program.functions:
        for s in tree.statements(f.body):
            if not (s.in_macro or f.in_macro) and is_done_once(s) and not s.body.in_macro:
                end = with_semicolon(s, program.source).end
                return [Edit(Span(s.span.begin, s.body.span.begin), ""), Edit(Span(s.body.span.end, end), "")]
    return []


def is_done_once(s: tree.Stmt) -> TypeGuard[tree.DoWhile]:
    """Whether it is such a block, is left at its end alone, and the analysis has to look into it: for loops, elements,
    pointers that are exchanged."""
    match s:
        case tree.DoWhile(condition=tree.IntLiteral(value=0, macro=None), body=tree.Block() as body):
            leaves = any(isinstance(n, tree.Break | tree.Continue) for n in _of_itself(body))
            return not leaves and any(map(_matters, tree.walk(body)))
    return False


def _matters(n: tree.Node) -> bool:
    match n:
        case tree.For() | tree.While() | tree.Index() | tree.Unary(op="*"):
            return True
        case tree.Assign(target=target):
            return isinstance(target.type, tree.Pointer)
    return False


def _of_itself(node: tree.Node) -> Iterator[tree.Node]:
    """The nodes below, but for those of loops inside."""
    yield node
    for part in tree.children(node):
        if not isinstance(part, tree.For | tree.While | tree.DoWhile):
            yield from _of_itself(part)
