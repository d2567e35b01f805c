"""`do { … } while (0);`, as macros of statements have it, is the block in it."""

from __future__ import annotations

from collections.abc import Iterator

from chatmpi.analysis import tree
from chatmpi.analysis.restyle.respelling import with_semicolon
from chatmpi.analysis.source import Edit, Span
from chatmpi.analysis.tree import Program


def blocks_done_once(program: Program) -> list[Edit]:
    """The edits for all such blocks that hold loops and are left at their end alone; the inner ones later."""
    for f in program.functions:
        for s in tree.statements(f.body):
            match s:
                case tree.DoWhile(condition=tree.IntLiteral(value=0, macro=None), body=tree.Block() as body) if (
                    not s.in_macro and not body.in_macro and not f.in_macro
                ):
                    loops = any(isinstance(n, tree.For | tree.While) for n in tree.walk(body))
                    if loops and not any(isinstance(n, tree.Break | tree.Continue) for n in _of_itself(body)):
                        end = with_semicolon(s, program.source).end
                        return [Edit(Span(s.span.begin, body.span.begin), ""), Edit(Span(body.span.end, end), "")]
    return []


def _of_itself(node: tree.Node) -> Iterator[tree.Node]:
    """The nodes below, but for those of loops inside."""
    yield node
    for part in tree.children(node):
        if not isinstance(part, tree.For | tree.While | tree.DoWhile):
            yield from _of_itself(part)
