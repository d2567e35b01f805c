"""Loops that only run where an earlier one did: `for (k = n - 2; k >= 0; k--)` behind `for (k = 1; k < n; k++)`."""

from __future__ import annotations

from chatmpi.analysis import tree
from chatmpi.analysis.numbers.polynomial import ONE, Polynomial
from chatmpi.analysis.numbers.values import polynomial
from chatmpi.analysis.rewriting import rewritten
from chatmpi.analysis.surroundings import Surroundings
from chatmpi.analysis.tree import Expr, Node, Symbol

Ends = tuple[Expr, Expr, bool]
"""Where a loop's counter is least and where it is greatest, and whether it comes to that end as well."""


def run_only_where_ordered(first: tree.For, ends: Ends, later: tree.For, others: Ends, around: Surroundings) -> bool:
    """Whether the ends of the first loop do not cross where the later one, behind it in its block, has an iteration."""
    outer = around.parent(first)
    if not isinstance(outer, tree.Block):
        return False
    above = [id(later), *(id(n) for n in around.above(later))]
    begin = next(k for k, s in enumerate(outer.body) if s is first)
    end = next((k for k, s in enumerate(outer.body) if id(s) in above), -1)
    if end <= begin:
        return False
    nodes = [n for s in outer.body[begin : end + 1] for n in tree.walk(s)]
    if not all(_is_signed(e) and around.is_steady(e, nodes) for e in (*ends[:2], *others[:2])):
        return False
    span, runs = _between(ends), _between(others)
    margin = None if span is None or runs is None else (span - runs).constant
    return margin is not None and margin >= -1  # the later one has at least one iteration


def _between(ends: Ends) -> Polynomial | None:
    """The number of iterations, if the ends do not cross."""
    low, high = (polynomial(_with_names(e)) for e in ends[:2])
    if low is None or high is None:
        return None
    count = high - low
    return count + ONE if ends[2] else count


def _with_names(expr: Expr) -> Expr:
    """The expression with a name for each member of a structure that has a name."""

    def change(node: Node) -> Node:
        match node:
            case tree.Member(base=tree.Name(symbol=s), field=field, arrow=arrow):
                symbol = Symbol(f"{s.name}{'->' if arrow else '.'}{field}", s.uid, node.type, "local")
                return tree.Name(span=node.span, in_macro=node.in_macro, type=node.type, symbol=symbol)
        return node

    return rewritten(expr, change)


def _is_signed(expr: Expr) -> bool:
    return isinstance(expr.type, tree.Scalar) and expr.type.is_integer and not expr.type.is_unsigned
