"""Sums over the rows of a matrix, one for each column, that can be had before all else in the loop over the columns.

    for (j = k; j < n; j++) {
        double s = 0.0;
        for (i = k; i < m; i++) s += v[i]*a[i][j];      the first part
        for (i = k; i < m; i++) a[i][j] -= s*v[i];      the second part
    }

They can where no iteration's first part needs what an earlier one's second part does, or the other way round.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.iterations import scalars
from chatmpi.analysis.iterations.dependence import carried_between, may_meet
from chatmpi.analysis.iterations.updates import same
from chatmpi.analysis.loops import LoopInfo
from chatmpi.analysis.memory.subscripts import Access
from chatmpi.analysis.numbers.polynomial import of_atom, variable
from chatmpi.analysis.restyle.reordering import JUMPS, accesses_of, conflict, is_understood, written_in
from chatmpi.analysis.surroundings import statements_of
from chatmpi.analysis.tree import Expr, Node, Stmt, Symbol


@dataclass(frozen=True)
class Sum:
    """`inner`, a statement of the body of `outer`, adds up a variable, or the element `target` of an array."""

    outer: LoopInfo
    inner: LoopInfo
    symbol: Symbol
    target: Expr | None
    in_place: bool = False  # the elements have room for the sums of all iterations

    @property
    def body(self) -> tuple[Stmt, ...]:
        return statements_of(self.outer.stmt.body)

    @property
    def place(self) -> int:
        """Where the loop that adds up stands in the body."""
        return next(k for k, s in enumerate(self.body) if s is self.inner.stmt)

    @property
    def before(self) -> tuple[Stmt, ...]:
        return self.body[: self.place]

    @property
    def behind(self) -> tuple[Stmt, ...]:
        return self.body[self.place + 1 :]

    @property
    def start(self) -> Stmt | None:
        """The statement that gives the sum its first value."""
        return next((s for s in self.before if begins(s, self)), None)

    @property
    def is_alone(self) -> bool:
        """Whether only the loop that adds up is had before, and its sum added in its place: there is more in it."""
        if self.in_place:
            return False
        if self.start is None or _goes_on(self.start, self):
            return True
        return any(_touches_target(s, self) for s in self.before if s is not self.start)

    @property
    def first(self) -> tuple[Stmt, ...]:
        return (self.inner.stmt,) if self.is_alone else (*self.before, self.inner.stmt)

    @property
    def second(self) -> tuple[Stmt, ...]:
        return (*self.before, *self.behind) if self.is_alone else self.behind


def sums_over_rows(facts: Facts) -> tuple[Sum, ...]:
    """The sums that can be had before all else in the loop around theirs; the first in each such loop."""
    found: dict[int, Sum] = {}
    for info in facts.loops.values():
        outer = facts.loops[info.around[-2]] if len(info.around) > 1 else None
        if outer is None or outer.stmt.id in found or not _are_plain(outer, info):
            continue
        for one in _sums(outer, info, facts):
            if _runs_down_columns(one, facts) and _is_separable(one, facts):
                found[outer.stmt.id] = one
                break
    return tuple(found.values())


# ---------------------------------------------------------------------------------------- which sums there are


def _are_plain(outer: LoopInfo, inner: LoopInfo) -> bool:
    """Whether both are counted loops whose text can be had twice, one a statement of the other's body."""
    stmt, body = outer.stmt, outer.stmt.body
    if outer.canonical is None or inner.canonical is None or abs(outer.canonical.step) != 1:
        return False
    if not isinstance(stmt, tree.For) or stmt.in_macro or body.in_macro or inner.stmt.in_macro:
        return False
    if all(s is not inner.stmt for s in statements_of(body)):
        return False
    return not any(isinstance(n, JUMPS) for n in tree.walk(body))


def _sums(outer: LoopInfo, inner: LoopInfo, facts: Facts) -> Iterator[Sum]:
    judged = facts.loop_facts[inner.stmt.id]
    if not judged.is_free_of_order:
        target = _target_in_place(inner, facts)
        if target is not None:
            yield Sum(outer, inner, target.touch.symbol, target.touch.node)
        return
    if len(judged.reductions) == 1 and not judged.accumulated and judged.reductions[0].operation == "SUM":
        yield Sum(outer, inner, judged.reductions[0].symbol, None)
    if len(judged.accumulated) == 1 and not judged.reductions and judged.accumulated[0].operation == "SUM":
        element = judged.accumulated[0].element
        if element is not None:
            symbol = judged.accumulated[0].symbol
            in_place = symbol in facts.extents and len(facts.extents[symbol].dimensions) == 1
            yield Sum(outer, inner, symbol, element, in_place)


def _target_in_place(inner: LoopInfo, facts: Facts) -> Access | None:
    """The element that a loop adds up from others of the same array: `a[i][j] -= a[i][k]*a[k][j]`."""
    match statements_of(inner.stmt.body):
        case (tree.ExprStmt(expr=tree.Assign(op="+=" | "-=", target=tree.Index() as target)),):
            pass
        case _:
            return None
    own = next((a for many in facts.accesses_in(inner.stmt.id).values() for a in many if a.touch.node is target), None)
    if own is None or len(own.subscripts) < 2:
        return None
    others = [a for a in facts.accesses_in(inner.stmt.id)[own.touch.symbol] if a is not own]
    named = {n.symbol for n in tree.walk(target) if isinstance(n, tree.Name)} - {own.touch.symbol}
    naming = facts.naming_at(inner.around)
    moves = any(may_meet(inner, own, a, facts.loops, naming) or a.touch.write for a in others)
    steps = written_in((inner.stmt.body,), facts)
    return None if moves or named & inner.written or steps else own


def _runs_down_columns(one: Sum, facts: Facts) -> bool:
    """Whether the loop that adds up reads a matrix, one row in each iteration, in the column that the loop around it
    counts."""
    assert one.inner.canonical is not None
    assert one.outer.canonical is not None
    row, column = (of_atom(variable(c.variable)) for c in (one.inner.canonical, one.outer.canonical))
    for symbol, many in facts.accesses_in(one.inner.stmt.id).items():
        for a in many if one.target is not None or symbol != one.symbol else ():
            first, *others = a.subscripts
            by_row = first is not None and (first - row).constant is not None
            if by_row and any(p is not None and (p - column).constant is not None for p in others):
                return True
    return False


# ------------------------------------------------------------------------------------ whether the parts can be


def _is_separable(one: Sum, facts: Facts) -> bool:
    """Whether all first parts can run before all second ones."""
    return _target_is_its_own(one, facts) and _scalars_stay(one, facts) and _arrays_stay(one, facts)


def _target_is_its_own(one: Sum, facts: Facts) -> bool:
    """Whether each iteration has a sum of its own, that begins with a value."""
    if not one.second and not one.is_alone:
        return False
    if one.target is None:
        return one.symbol in facts.loop_facts[one.outer.stmt.id].private
    counter = one.outer.canonical
    assert counter is not None
    own = next(a for a in facts.accesses.values() if a.touch.node is one.target)
    last = own.subscripts[-1]
    fixed = {n.symbol for n in tree.walk(one.target) if isinstance(n, tree.Name)} - {counter.variable, one.symbol}
    apart = last is not None and (last - of_atom(variable(counter.variable))).constant is not None
    beside = [a for s in one.first for a in facts.accesses_in(s.id).get(one.symbol, ()) if not _is_target(a, one)]
    naming = facts.naming_at(one.outer.around)
    alone = not any(may_meet(one.outer, own, a, facts.loops, naming) for a in beside)
    return apart and alone and not fixed & one.outer.written and not (one.in_place and beside)


def _is_target(a: Access, one: Sum) -> bool:
    return one.target is not None and same(a.touch.node, one.target)


def _touches_target(s: Node, one: Sum) -> bool:
    return any(isinstance(n, tree.Name) and n.symbol == one.symbol for n in tree.walk(s))


def begins(s: Stmt, one: Sum) -> bool:
    """Whether a statement is what gives the sum its first value."""
    match s:
        case tree.Declaration(variables=(tree.VarDecl(symbol=symbol, init=tree.Expr()),)):
            return symbol == one.symbol and not s.in_macro
        case tree.ExprStmt(expr=tree.Assign(op="=", target=target)):
            named = isinstance(target, tree.Name) and target.symbol == one.symbol
            return (named if one.target is None else same(target, one.target)) and not s.in_macro
    return False


def _goes_on(s: Stmt, one: Sum) -> bool:
    """Whether the first value of a sum is made of what was there before."""
    return isinstance(s, tree.ExprStmt) and isinstance(s.expr, tree.Assign) and _touches_target(s.expr.value, one)


def _scalars_stay(one: Sum, facts: Facts) -> bool:
    """Whether no variable but the sum leads from one part to the other."""
    judged = facts.loop_facts[one.outer.stmt.id]
    assert one.outer.canonical is not None
    counter = one.outer.canonical.variable
    parts = [_block(one, part) for part in (one.first, one.second)]
    exposed = [scalars.flow(part, facts.touches).exposed for part in parts]
    written = [written_in(part.body, facts) for part in parts]
    sums = {one.symbol, counter}
    if (written[0] & exposed[1] | written[1] & exposed[0]) - sums or not written[0] - sums <= judged.private:
        return False
    inside = [n for s in one.first for n in tree.walk(s)]
    declared = {v.symbol for n in inside if isinstance(n, tree.Declaration) for v in n.variables}
    return not (declared - sums) & {n.symbol for n in tree.walk(parts[1]) if isinstance(n, tree.Name)}


def _block(one: Sum, body: tuple[Stmt, ...]) -> tree.Block:
    whole = one.outer.stmt.body
    return tree.Block(span=whole.span, in_macro=whole.in_macro, id=whole.id, body=body)


def _arrays_stay(one: Sum, facts: Facts) -> bool:
    """Whether no first part touches what an earlier second part writes, nor the other way round."""
    if not is_understood(one.outer.stmt, facts):
        return False
    naming = facts.naming_at(one.outer.around)
    first = [a for a in accesses_of(one.first, facts) if one.in_place or not _is_target(a, one)]
    earlier = accesses_of(one.before, facts) if one.is_alone else []
    later = accesses_of(one.behind, facts)
    if any(conflict(a, b) and may_meet(one.outer, a, b, facts.loops, naming) for a in earlier for b in first):
        return False
    return not any(
        conflict(a, b) and carried_between(one.outer, a, b, facts.loops, naming) for a in later for b in first
    )
