"""Parts of variables that are structs: reading or writing one reads or writes the variable."""

from __future__ import annotations

from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.tree import Expr, Node, Symbol


@dataclass(frozen=True, slots=True)
class Part:
    """`s.x`, `s.grid.a[i]`: a part of the variable `symbol`, which is a struct."""

    symbol: Symbol
    subscripts: tuple[Expr, ...]


def part_of_struct(expr: Expr) -> Part | None:
    """The part of a variable that an expression names, if no pointer leads there and the part is none."""
    subscripts: list[Expr] = []
    base = expr
    while not isinstance(base, tree.Name):
        match base:
            case tree.Member(base=inner, arrow=False):
                base = inner
            case tree.Index(base=inner, subscript=subscript) if isinstance(inner.type, tree.Array):
                subscripts.insert(0, subscript)
                base = inner
            case _:
                return None
    if base is expr or not isinstance(base.symbol.type, tree.OtherType) or isinstance(expr.type, tree.Pointer):
        return None
    return Part(base.symbol, tuple(subscripts))


def changing_a_part(update: Node) -> Expr:
    """An update as one of the whole struct: its new value is not told."""
    return tree.UnknownExpr(span=update.span, type=tree.VOID, kind="change of a member", children=(update,))
