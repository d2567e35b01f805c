"""Elements that are reached by sums of a pointer and numbers, with subscripts.

    *(a + i*n + j) = (b + j*n)[i];        becomes        a[i*n + j] = b[j*n + i];

The edits are of the text, which is parsed again. `*p` and `*(p + i)` are read as they stand.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import is_narrow_unsigned
from chatmpi.analysis.memory.pointer_places import Place, Term, place_of
from chatmpi.analysis.restyle.respelling import Respelled, as_operand
from chatmpi.analysis.source import Edit
from chatmpi.analysis.touches import is_memory
from chatmpi.analysis.tree import Expr, Node, Program


def pointer_sums(program: Program) -> list[Edit]:
    """The edits that write such elements with subscripts."""

    def edits(node: Node) -> Iterator[Edit]:
        place = _place(node)
        if place is not None and not any(n.in_macro for n in tree.walk(node)):
            yield Edit(node.span, _element(place, shown))
            return
        for part in tree.children(node):
            yield from edits(part)

    shown = Respelled(program.source, edits)
    return [e for f in program.functions if not f.in_macro for e in edits(f.body)]


def _place(node: Node) -> Place | None:
    """Where the element lies that a node is, if it is written as a sum."""
    match node:
        case tree.Index(base=tree.Binary() as base, subscript=subscript):
            found = place_of(base)
            moved = None if found is None else replace(found, terms=(*found.terms, Term(subscript)))
        case tree.Unary(op="*", operand=tree.Binary(op="+", left=tree.Name() as name, right=row)) if is_memory(
            node.type
        ):
            return Place(name, terms=(Term(row),))
        case tree.Unary(op="*", operand=tree.Binary() as sum_):
            moved = place_of(sum_)
            if moved is not None and not moved.rows and len(moved.terms) < 2:
                return None
        case _:
            return None
    return moved if moved is not None and moved.step is None else None


def _element(place: Place, shown: Respelled) -> str:
    text = shown(place.root) + "".join(f"[{shown(r)}]" for r in place.rows)
    first = next((k for k, t in enumerate(place.terms) if not t.negative), None)
    terms = list(place.terms)
    if first is not None:  # a sum does not begin with a minus if it need not
        terms.insert(0, terms.pop(first))
    return f"{text}[{_sum(terms, shown)}]"


def _sum(terms: list[Term], shown: Respelled) -> str:
    text = ""
    narrow = {id(t) for t in terms if is_narrow_unsigned(t.expr)}
    widened = narrow if any(t.negative or _may_be_negative(t.expr) for t in terms) else set()
    for term in terms:
        op = "-" if term.negative else "+"
        operand = as_operand(term.expr, shown(term.expr), op)
        if id(term) in widened:
            operand = f"(long)({shown(term.expr)})"
        text = f"{text} {op} {operand}" if text else _first(term.expr, operand, op)
    return text


def _first(expr: Expr, operand: str, op: str) -> str:
    return operand if op == "+" else f"-{operand if not isinstance(expr, tree.Binary) else f'({operand})'}"


def _may_be_negative(expr: Expr) -> bool:
    unsigned = isinstance(expr.type, tree.Scalar) and expr.type.is_unsigned
    return not unsigned and not isinstance(expr, tree.IntLiteral)
