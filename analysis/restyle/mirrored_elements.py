"""Whether one half of a matrix can be filled behind the loop that fills the other, as sets of elements.

In iteration (i, j) the loop sets `kept`, element (i, j), and `mirrored`, element (j, i), to one value. The second can
be set later if nothing else in the loop touches the elements (j, i) off the diagonal, and nothing changes an element
(i, j) again. On the diagonal the two are one element.
"""

from __future__ import annotations

from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.calls.library import LIBRARY
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.iterations.dependence import may_meet
from chatmpi.analysis.loops import LoopInfo
from chatmpi.analysis.memory.subscripts import Access
from chatmpi.analysis.numbers.polynomial import Polynomial, variable
from chatmpi.analysis.touches import BareUse, CallTouch, ElementTouch
from chatmpi.analysis.tree import Expr, Symbol


@dataclass(frozen=True)
class Mirror:
    """`kept` and `mirrored` get one value in each iteration of `inner`, which stands in the body of `outer`."""

    outer: tree.For
    inner: tree.For
    kept: Expr
    mirrored: Expr


def fills_later(mirror: Mirror, facts: Facts) -> bool:
    """Whether `mirrored` can be filled behind the outer loop, wherever the loop is read in main."""
    loops = [s for s in tree.statements(facts.function.body) if isinstance(s, tree.For)]
    copies = [s for s in loops if s.span == mirror.outer.span]
    return bool(copies) and all(_in_copy(mirror, c, facts) for c in copies)


def _in_copy(mirror: Mirror, outer: tree.For, facts: Facts) -> bool:
    inner = next((s for s in tree.statements(outer) if s.span == mirror.inner.span), None)
    if inner is None or inner.id not in facts.loops:
        return False
    out, in_ = facts.loops[outer.id], facts.loops[inner.id]
    touches = facts.touches.of(outer.id)
    elements = [t for t in touches if isinstance(t, ElementTouch)]
    second = [t for t in elements if t.node.span == mirror.mirrored.span]
    if out.canonical is None or in_.canonical is None or len(second) != 1 or not second[0].write:
        return False
    array = second[0].symbol
    mine = [t for t in elements if t.symbol == array]
    if not facts.arrays.is_tracked(array) or any(id(t) not in facts.accesses or t.context.opaque for t in mine):
        return False
    if array in facts.shapes and facts.shapes[array].assumed:
        return False
    if any(isinstance(t, BareUse) and t.symbol == array for t in touches) or any(
        isinstance(t, CallTouch) and t.call.name not in LIBRARY for t in touches
    ):
        return False
    first = [facts.accesses[id(t)] for t in mine if t.node.span == mirror.kept.span]
    return bool(first) and _apart(first[0], facts.accesses[id(second[0])], mine, out, in_, facts)


def _apart(
    kept: Access, mirrored: Access, touches: list[ElementTouch], outer: LoopInfo, inner: LoopInfo, facts: Facts
) -> bool:
    place = _place(mirrored, outer, inner)
    if place is None or kept.subscripts != place[::-1]:
        return False
    naming = facts.naming_at(outer.around)
    behind = False
    for t in touches:
        if t is mirrored.touch:
            behind = True
            continue
        access = facts.accesses[id(t)]
        if may_meet(outer, mirrored, access, facts.loops, naming, unequal=place):
            return False
        same = inner.stmt.id in t.context.loops and access.subscripts == kept.subscripts
        before = same and (not behind or t.node.span == kept.touch.node.span)
        if t.write and not before and may_meet(outer, kept, access, facts.loops, naming):
            return False
    return True


def _place(mirrored: Access, outer: LoopInfo, inner: LoopInfo) -> tuple[Polynomial, Polynomial] | None:
    """The row and the column of an element whose row follows the inner loop and whose column the outer one."""
    assert outer.canonical is not None
    assert inner.canonical is not None
    if len(mirrored.subscripts) != 2:
        return None
    row, column = mirrored.subscripts
    if row is None or column is None:
        return None
    i, j = outer.canonical.variable, inner.canonical.variable
    changing: frozenset[Symbol] = outer.written
    follows = row.coefficient(variable(j)).constant and column.coefficient(variable(i)).constant
    alone = row.symbols & changing == {j} and column.symbols & changing == {i}
    return (row, column) if follows and alone else None
