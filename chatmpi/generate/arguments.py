"""Pointers into a divided array that a helper function is given, where all that it reads by them is a broadcast row.

    axpy(n, f, &a[k*n + k], &a[i*n + k]);     becomes     axpy(n, f, &a_row[k], &a[i*n + k]);

So the function stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping

from chatmpi.analysis import tree
from chatmpi.analysis.calls.functions import pointer_offset
from chatmpi.analysis.memory.subscripts import Access
from chatmpi.analysis.numbers.polynomial import Atom, Polynomial
from chatmpi.analysis.numbers.values import polynomial
from chatmpi.analysis.source import Edit, Span
from chatmpi.analysis.tree import Expr, Symbol
from chatmpi.generate.layout import Copy, Layout


def argument_edit(access: Access, copy: Copy, layout: Layout, local: Mapping[Symbol, str]) -> Edit | None:
    """The edit of the argument by which an element of a copied row is read; None if it is read otherwise, or not by
    all that reads through this argument."""
    node, row = access.touch.node, access.subscripts[0]
    argument = None if copy.base or copy.scalar else _argument(node, copy, layout)
    if argument is None or row is None or access.linear is None or not isinstance(node, tree.Index):
        return None
    assert isinstance(node.subscript, tree.Binary)
    inside = polynomial(node.subscript.right, layout.facts.naming_at(access.touch.context.loops))
    if inside is None or inside.symbols & local.keys():
        return None
    offset = access.linear - inside - row * layout.facts.extents[access.touch.symbol].row_words
    if any(s.name in layout.facts.shadowed for s in offset.symbols) or not _are_plain(offset.atoms, local):
        return None
    shown = offset.text(lambda a: next((f"({local[s]})" for s in a.symbols if s in local), a.text))
    return Edit(argument.span, _pointer(argument, copy.name, offset, shown))


def _argument(node: Expr, copy: Copy, layout: Layout) -> Expr | None:
    """What the function was given for the pointer that `node` reads by, if all reads by it take this copy."""
    if not isinstance(node, tree.Index) or not isinstance(node.subscript, tree.Binary):
        return None
    base, added = node.base.span, node.subscript.left.span
    for scope in layout.facts.scopes:
        for given in scope.given:
            found = pointer_offset(given)
            if found is not None and (found[0].span, found[1].span) == (base, added):
                return given if _all_take(base, copy, layout) else None
    return None


def _all_take(base: Span, copy: Copy, layout: Layout) -> bool:
    nodes = list(tree.walk(layout.facts.function.body))
    named = sum(isinstance(n, tree.Name) and n.span == base for n in nodes)
    taking = [n for n in nodes if isinstance(n, tree.Index) and n.base.span == base]
    return named == len(taking) and all(layout.copied.get(id(n)) == copy for n in taking)


def _are_plain(atoms: frozenset[Atom], local: Mapping[Symbol, str]) -> bool:
    return all(not a.symbols & local.keys() or a.text == next(iter(a.symbols)).name for a in atoms)


def _pointer(argument: Expr, name: str, offset: Polynomial, shown: str) -> str:
    if not offset.terms:
        return name
    return f"&{name}[{shown}]" if isinstance(argument, tree.Unary) else f"{name} + {shown}"
