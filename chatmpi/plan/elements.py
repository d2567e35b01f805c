"""Single statements outside distributed loops that touch distributed arrays: the owner writes, all may read."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field, replace

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import is_step
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.memory.extents import Extents
from chatmpi.analysis.memory.subscripts import Access
from chatmpi.analysis.numbers.polynomial import ONE, Polynomial
from chatmpi.analysis.numbers.values import quotient, text
from chatmpi.analysis.touches import ScalarTouch
from chatmpi.analysis.tree import Symbol
from chatmpi.plan.alignment import number_range
from chatmpi.plan.fit import Misfit
from chatmpi.plan.plan import Halo
from chatmpi.plan.stored import has_effects, value_apart

NEAR = 4  # rows from the one written that a halo may reach; elements farther away are broadcast
EDGE = 8  # rows at an end of an array that one rank may be asked to hold


@dataclass(frozen=True, slots=True)
class End:
    """`rows` at the end of an array: its first ones, or its last."""

    rows: int
    last: bool


@dataclass(frozen=True, slots=True)
class Guarded:
    """A statement that the owner of `row` executes alone. `arrays`: those it touches there, which must share one
    partition; `needs`: the halos that it reads. `ends`: how many of the first (or the last) rows of each array
    must lie in one block, where it reads near an end what the same rank then owns. `target` is the element
    written, where `a[0] = a[n] = value` falls apart into one assignment for each owner. `value` is what every rank
    computes before, where computing it has effects."""

    statement: tree.ExprStmt
    arrays: frozenset[Symbol]
    row: Polynomial
    needs: Mapping[Symbol, Halo]
    ends: Mapping[Symbol, End] = field(default_factory=dict)
    target: tree.Expr | None = None
    value: tree.Expr | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """An element that its owner broadcasts before `statement`; `row` is its row as C text."""

    statement: tree.Stmt
    access: Access
    row: str


def guard(s: tree.Stmt, distributed: Set[Symbol], facts: Facts) -> tuple[list[Guarded], list[Access]] | Misfit:
    """How `s`, which writes distributed arrays, is left to the owners; with the reads that must be fetched."""
    if not isinstance(s, tree.ExprStmt):
        return Misfit("it also writes something that every rank holds")
    if s.id in facts.headers:
        return Misfit("it is the start of a loop")
    apart = value_apart(s, distributed, facts) if has_effects(s, distributed, facts) else None
    if isinstance(apart, Misfit):
        return apart
    accesses = [a for many in facts.accesses_in(s.id).values() for a in many if a.touch.symbol in distributed]
    writes = [a for a in accesses if a.touch.write]
    if any(a.touch.context.sometimes for a in writes):
        return Misfit("it writes under a condition of its own")
    rows = {row_of(a, facts) for a in writes}
    if any(symbol.name in facts.shadowed for row in rows if row is not None for symbol in row.symbols):
        return Misfit("the row that it writes depends on a name that stands for several variables")
    if len(rows) > 1:
        return Misfit("it writes to several rows") if apart is not None else _chain(s, accesses)
    row = rows.pop()
    if row is None:
        return Misfit("the row that it writes is not known")
    owned, fetched = _one_owner(s, row, accesses, facts)
    return [replace(g, value=apart) for g in owned], fetched


def row_of(access: Access, facts: Facts) -> Polynomial | None:
    """The row of an element: that of word w of the array, w / words per row, where it is not known otherwise."""
    extents = facts.extents.get(access.touch.symbol)
    if access.subscripts[0] is not None or access.linear is None or extents is None:
        return access.subscripts[0]
    return None if extents.packed is not None else quotient(access.linear, extents.line_words)


def _one_owner(
    s: tree.ExprStmt, row: Polynomial, accesses: list[Access], facts: Facts
) -> tuple[list[Guarded], list[Access]]:
    """All elements written are in one row: its owner executes the statement, reading what is near at home."""
    written = next(a.touch.symbol for a in accesses if a.touch.write)
    arrays = {a.touch.symbol for a in accesses if a.touch.write}
    needs: dict[Symbol, Halo] = {}
    ends: dict[Symbol, End] = {}
    fetched: list[Access] = []
    for a in accesses:
        own = row_of(a, facts) if a.touch.write else a.subscripts[0]
        distance = None if own is None else _numbers(own - row, a, facts)
        if facts.extents[a.touch.symbol].packed is not None and distance != (0, 0):
            distance = None  # no rank has copies of neighbouring rows
        if not a.touch.read:
            continue
        end = _at_end(row, a, facts)
        if distance is not None and end is not None and _same_rows(a.touch.symbol, written, facts):
            rows = max(end.rows, ends[a.touch.symbol].rows if a.touch.symbol in ends else 0)
            ends[a.touch.symbol] = End(rows, end.last)
            arrays.add(a.touch.symbol)
        elif distance is not None and _is_near(distance) and _same_rows(a.touch.symbol, written, facts):
            known = needs.get(a.touch.symbol, Halo())
            needs[a.touch.symbol] = known.union(Halo(max(0, -distance[0]), max(0, distance[1])))
            arrays.add(a.touch.symbol)
        else:
            fetched.append(a)
    return [Guarded(s, frozenset(arrays), row, {k: h for k, h in needs.items() if h.width}, ends)], fetched


def _numbers(value: Polynomial, access: Access, facts: Facts) -> tuple[int, int] | None:
    """The least and the most of a value in the loops of a few iterations around an access (`u[1 - k] = u[k + 2]`)."""
    return number_range(value, access.touch.context.loops, facts)


def _is_near(distance: tuple[int, int]) -> bool:
    return distance[0] >= -NEAR and distance[1] <= NEAR


def _at_end(row: Polynomial, access: Access, facts: Facts) -> End | None:
    """The end of the array where both the row written and the row read lie, if they do."""
    read = access.subscripts[0]
    extent = facts.extents[access.touch.symbol].dimensions[0]
    if read is None:
        return None
    for last in (False, True):
        both = [_numbers(extent - r if last else r, access, facts) for r in (row, read)]
        ends = [e for e in both if e is not None]
        if len(ends) == len(both):
            rows = max(most for _, most in ends) + (0 if last else 1)
            if min(least for least, _ in ends) >= (1 if last else 0) and rows <= EDGE:
                return End(rows, last)
    return None


def _chain(s: tree.ExprStmt, accesses: list[Access]) -> tuple[list[Guarded], list[Access]] | Misfit:
    """`a[0] = a[n] = value;` where the value touches no distributed array: one assignment for each owner."""
    targets: list[tree.Expr] = []
    value: tree.Expr = s.expr
    while isinstance(value, tree.Assign) and value.op == "=":
        targets.append(value.target)
        value = value.value
    by_node = {id(a.touch.node): a for a in accesses}
    found = [by_node.get(id(t)) for t in targets]
    kinds = {t.type for t in targets}
    if len(kinds) > 1 or len(found) != len(accesses) or s.in_macro:
        return Misfit("it writes to several rows")
    guards = []
    for access in found:
        row = access.subscripts[0] if access is not None else None
        if access is None or row is None:
            return Misfit("a row that it writes is not known")
        guards.append(Guarded(s, frozenset({access.touch.symbol}), row, {}, {}, access.touch.node))
    return guards, []


def _same_rows(a: Symbol, b: Symbol, facts: Facts) -> bool:
    mine: Extents = facts.extents[a]
    theirs: Extents = facts.extents[b]
    return (mine.dimensions[0] - theirs.dimensions[0]).constant is not None


def fetch(s: tree.Stmt, access: Access, distributed: Set[Symbol], facts: Facts) -> Fetched | Misfit:
    """How an element that `s` reads comes to every rank before `s`."""
    if not isinstance(s, tree.ExprStmt | tree.Declaration | tree.If | tree.Return):
        return Misfit("a loop's condition reads it")
    if s.id in facts.headers:
        return Misfit("it is the start of a loop")
    if access.touch.context.sometimes:
        return Misfit("it is read only under a condition inside an expression")
    names = {n.symbol for e in access.touch.subscripts for n in tree.walk(e) if isinstance(n, tree.Name)}
    if names & distributed:
        return Misfit("its subscript is itself an element of a distributed array")
    row = access.subscripts[0]
    if row is not None and any(symbol.name in facts.shadowed for symbol in row.symbols):
        return Misfit("its row depends on a name that stands for several variables")
    if any(isinstance(n, tree.Assign | tree.Call) or _steps(n) for e in access.touch.subscripts for n in tree.walk(e)):
        return Misfit("its subscript has side effects")
    if any(_writes_early(t, names, s) for t in facts.touches.of(s.id)):
        return Misfit("its subscript changes in the same statement")
    if row is None and facts.extents[access.touch.symbol].packed is not None:
        return Misfit("it is not known which of the rows of different lengths it is in")
    return Fetched(s, access, _row_text(access, facts))


def _steps(node: tree.Node) -> bool:
    return is_step(node)


def _writes_early(t: object, names: set[Symbol], s: tree.Stmt) -> bool:
    """Whether a touch writes a name of the subscript otherwise than by the statement's own assignment."""
    if not isinstance(t, ScalarTouch) or not t.write or t.symbol not in names or t.context.statement is not s:
        return False
    return not (isinstance(s, tree.ExprStmt) and t.update is s.expr)


def _row_text(access: Access, facts: Facts) -> str:
    row = access.subscripts[0]
    if row is not None:
        return row.text()
    subscript = text(access.touch.subscripts[facts.place_of_row(access.touch.symbol)])
    words = facts.extents[access.touch.symbol].row_words
    if len(access.touch.subscripts) > 1 or words == ONE:
        return f"({subscript})"
    return f"({subscript}) / ({words.text()})"
