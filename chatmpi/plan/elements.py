"""Single statements outside distributed loops that touch distributed arrays: the owner writes, all may read."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.effects import effects_of
from chatmpi.analysis.extents import Extents
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.polynomial import ONE, Polynomial
from chatmpi.analysis.subscripts import Access
from chatmpi.analysis.touches import CallTouch, ElementTouch, ScalarTouch
from chatmpi.analysis.tree import Symbol
from chatmpi.analysis.values import text
from chatmpi.plan.fit import Misfit
from chatmpi.plan.plan import Halo


@dataclass(frozen=True, slots=True)
class Guarded:
    """A statement that the owner of `row` executes alone; `needs` are halos that it reads there."""

    statement: tree.ExprStmt
    array: Symbol
    row: Polynomial
    needs: Mapping[Symbol, Halo]


@dataclass(frozen=True, slots=True)
class Fetched:
    """An element that its owner broadcasts before `statement`; `row` is its row as C text."""

    statement: tree.Stmt
    access: Access
    row: str


def guard(s: tree.Stmt, distributed: Set[Symbol], facts: Facts) -> tuple[Guarded, list[Access]] | Misfit:
    """How `s`, which writes distributed arrays, is left to the owner; with the reads that must be fetched."""
    touched = [t for t in facts.touches.of(s.id) if isinstance(t, ElementTouch | ScalarTouch) and t.write]
    if not isinstance(s, tree.ExprStmt) or any(t.symbol not in distributed for t in touched):
        return Misfit("it also writes something that every rank holds")
    if any(isinstance(t, CallTouch) and not effects_of(t.call, facts.summaries).is_pure for t in facts.touches.of(s.id)):
        return Misfit("it calls a function with effects, which every rank must call")
    accesses = [a for many in facts.accesses_in(s.id).values() for a in many if a.touch.symbol in distributed]
    rows = {a.subscripts[0] for a in accesses if a.touch.write}
    row = rows.pop() if len(rows) == 1 else None
    if row is None:
        return Misfit("the row that it writes is not one known row")
    if any(a.touch.context.sometimes for a in accesses if a.touch.write):
        return Misfit("it writes under a condition of its own")
    written = next(a.touch.symbol for a in accesses if a.touch.write)
    needs: dict[Symbol, Halo] = {}
    fetched: list[Access] = []
    for a in accesses:
        distance = None if a.subscripts[0] is None else (a.subscripts[0] - row).constant
        near = distance is not None and abs(distance) <= 4 and _same_rows(a.touch.symbol, written, facts)
        if not a.touch.read:
            continue
        if near and distance is not None:
            known = needs.get(a.touch.symbol, Halo())
            needs[a.touch.symbol] = known.union(Halo(max(0, -distance), max(0, distance)))
        else:
            fetched.append(a)
    return Guarded(s, written, row, {k: h for k, h in needs.items() if h.width}), fetched


def _same_rows(a: Symbol, b: Symbol, facts: Facts) -> bool:
    mine: Extents = facts.extents[a]
    theirs: Extents = facts.extents[b]
    return (mine.dimensions[0] - theirs.dimensions[0]).constant is not None


def fetch(s: tree.Stmt, access: Access, facts: Facts) -> Fetched | Misfit:
    """How an element that `s` reads comes to every rank before `s`."""
    if not isinstance(s, tree.ExprStmt | tree.Declaration | tree.If | tree.Return):
        return Misfit("a loop's condition reads it")
    if access.touch.context.sometimes:
        return Misfit("it is read only under a condition inside an expression")
    names = {n.symbol for e in access.touch.subscripts for n in tree.walk(e) if isinstance(n, tree.Name)}
    if any(isinstance(n, tree.Assign | tree.Call) or _steps(n) for e in access.touch.subscripts for n in tree.walk(e)):
        return Misfit("its subscript has side effects")
    if any(_writes_early(t, names, s) for t in facts.touches.of(s.id)):
        return Misfit("its subscript changes in the same statement")
    return Fetched(s, access, _row_text(access, facts))


def _steps(node: tree.Node) -> bool:
    return isinstance(node, tree.Unary) and "x" in node.op


def _writes_early(t: object, names: set[Symbol], s: tree.Stmt) -> bool:
    """Whether a touch writes a name of the subscript otherwise than by the statement's own assignment."""
    if not isinstance(t, ScalarTouch) or not t.write or t.symbol not in names or t.context.statement is not s:
        return False
    return not (isinstance(s, tree.ExprStmt) and t.update is s.expr)


def _row_text(access: Access, facts: Facts) -> str:
    row = access.subscripts[0]
    if row is not None:
        return row.text()
    subscript = text(access.touch.subscripts[0])
    words = facts.extents[access.touch.symbol].row_words
    if len(access.touch.subscripts) > 1 or words == ONE:
        return subscript
    return f"({subscript}) / ({words.text()})"
