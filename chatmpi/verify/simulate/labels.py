"""`goto` and `switch`: the statements of a block with labels, and what is raised to come to one of them."""

from __future__ import annotations

from collections.abc import Iterator

from chatmpi.analysis import tree
from chatmpi.analysis.tree import Expr, Stmt
from chatmpi.verify.simulate.errors import Unsupported


class Goto(Exception):
    """Control goes to a label of the same function."""

    def __init__(self, label: str) -> None:
        super().__init__(label)
        self.label = label

    def among(self, labels: tuple[str, ...]) -> int:
        """The number of the segment that the label begins; raised again if it is another block's."""
        if self.label not in labels:
            raise self
        return labels.index(self.label)


def segments(block: tree.Block) -> list[tuple[str, list[Stmt]]] | None:
    """The statements of a block, each list with the label before it, "" for the first; None if it has no labels."""
    found: list[tuple[str, list[Stmt]]] = [("", [])]
    for statement in block.body:
        s: Stmt = statement
        while isinstance(s, tree.UnknownStmt) and s.kind == "label":
            inner = s.children[-1] if s.children else None
            if s.label is None or not isinstance(inner, Stmt):
                return None
            found.append((s.label, []))
            s = inner
        found[-1][1].append(s)
    return found if len(found) > 1 else None


def cases(body: tree.Block) -> Iterator[tuple[list[Expr | None], Stmt]]:
    """The statements of a switch, each with the labels that stand before it; None is `default`."""
    for s in body.body:
        labels: list[Expr | None] = []
        while isinstance(s, tree.UnknownStmt) and s.kind in ("case", "default"):
            inner = s.children[-1]
            if s.kind == "default":
                labels.append(None)
            else:
                if len(s.children) != 2 or not isinstance(s.children[0], Expr):
                    raise Unsupported("this case")
                labels.append(s.children[0])
            if not isinstance(inner, Stmt):
                raise Unsupported("this case")
            s = inner
        yield labels, s
