"""Statements of which control comes to only one: they are in different branches of one `if`."""

from __future__ import annotations

from chatmpi.analysis import tree


def exclusive(body: tree.Stmt, one: int, other: int) -> bool:
    """Whether two statements, by their ids, are in different branches of one `if` in `body`."""
    for s in tree.statements(body):
        if isinstance(s, tree.If) and s.otherwise is not None:
            then, otherwise = ({p.id for p in tree.statements(b)} for b in (s.then, s.otherwise))
            if (one in then and other in otherwise) or (other in then and one in otherwise):
                return True
    return False
