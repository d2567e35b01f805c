"""Several expressions in one statement, `a = b, c = d;`: made of parts, and without some of them."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import replace

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import comma_parts
from chatmpi.analysis.source import Span
from chatmpi.analysis.tree import Expr, Stmt


def in_one(parts: Sequence[Expr], span: Span) -> Expr:
    """The parts, one after the other."""
    total = parts[0]
    for one in parts[1:]:
        total = tree.Binary(span=span, in_macro=True, type=one.type, op=",", left=total, right=one)
    return total


def without_parts(s: tree.ExprStmt, gone: Set[int]) -> Stmt:
    """A statement without those of its parts whose id() is in `gone`."""
    parts = list(comma_parts(s.expr))
    left = [e for e in parts if id(e) not in gone]
    if len(left) == len(parts):
        return s
    if not left:
        return tree.Empty(span=s.span, id=s.id, in_macro=s.in_macro)
    return replace(s, expr=in_one(left, s.expr.span))
