"""Where in which array a pointer's value leads: `a + i*n`, `&a[i][2]`, `g.u` as a root, rows and an offset."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from chatmpi.analysis import tree
from chatmpi.analysis.tree import CType, Expr, Symbol


@dataclass(frozen=True, slots=True)
class Term:
    """A part of an offset, in elements. `negative`: it is taken away."""

    expr: Expr
    negative: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """`root[rows…] + terms`. `root` is a variable or a member of one; `step` is the `p++` around the root, if any."""

    root: Expr
    rows: tuple[Expr, ...] = ()
    terms: tuple[Term, ...] = ()
    step: tree.Unary | None = None


def place_of(value: Expr) -> Place | None:
    """The place that a value of a pointer type points to, None if it is not written as one."""
    match value:
        case tree.Name() | tree.Member() if _leads_to_elements(value.type) and root_name(value) is not None:
            return Place(value)
        case tree.Unary(op="x++" | "++x" | "x--" | "--x", operand=tree.Name() as name):
            return Place(name, step=value) if _leads_to_elements(value.type) else None
        case tree.Binary(op="+" | "-" as op, left=left, right=right):
            if isinstance(right.type, tree.Scalar) and (found := place_of(left)) is not None:
                return _moved(found, Term(right, op == "-"))
            if op == "+" and isinstance(left.type, tree.Scalar) and (found := place_of(right)) is not None:
                return _moved(found, Term(left))
            return None
        case tree.Unary(op="&", operand=tree.Index(base=base, subscript=subscript)):
            found = place_of(base)
            return None if found is None else _moved(found, Term(subscript))
        case tree.Unary(op="&", operand=tree.Unary(op="*", operand=operand)):
            return place_of(operand)
        case tree.Index() if _leads_to_elements(value.type):
            return _row(value)
        case tree.Cast(operand=operand) if element(operand.type) == element(value.type):
            return place_of(operand)
    return None


def _row(value: tree.Index) -> Place | None:
    rows: list[Expr] = []
    base: Expr = value
    while isinstance(base, tree.Index):
        rows.insert(0, base.subscript)
        base = base.base
    return Place(base, tuple(rows)) if root_name(base) is not None else None


def _moved(place: Place, term: Term) -> Place | None:
    if not isinstance(term.expr.type, tree.Scalar) or not term.expr.type.is_integer:
        return None
    return replace(place, terms=(*place.terms, term))


def element(kind: CType) -> CType | None:
    """What a pointer or an array leads to."""
    if isinstance(kind, tree.Pointer):
        return kind.target
    return kind.element if isinstance(kind, tree.Array) else None


def _leads_to_elements(kind: CType) -> bool:
    """Whether one subscript leads to something that holds values."""
    inner = element(kind)
    return isinstance(inner, tree.Scalar) or (isinstance(inner, tree.OtherType) and inner != tree.VOID)


def root_name(root: Expr) -> tree.Name | None:
    """The variable that a root is, or is a member of."""
    while isinstance(root, tree.Member):
        root = root.base
    return root if isinstance(root, tree.Name) else None


def symbols_in(expr: tree.Node) -> Iterator[Symbol]:
    return (n.symbol for n in tree.walk(expr) if isinstance(n, tree.Name))


def is_zero(place: Place) -> bool:
    return place.step is None and all(isinstance(t.expr, tree.IntLiteral) and t.expr.value == 0 for t in place.terms)
