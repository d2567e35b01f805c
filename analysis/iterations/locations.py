"""Extrema with what belongs to them: `if (x[i] > best) { best = x[i]; where = i; }`, the location of a maximum.

What the iterations leave, in order: the extremum of the old value and all candidates; and, of the iteration that the
comparison prefers among equals (`>` the first, `>=` the last), what it set beside. Nothing of it may be read inside
the loop but by the comparison itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.iterations.updates import comparison, depends_on, ids, undisturbed
from chatmpi.analysis.touches import ElementTouch, Guard, ScalarTouch, Touch
from chatmpi.analysis.tree import Expr, Symbol


@dataclass(frozen=True, slots=True)
class Location:
    """`operation` is MAX or MIN; `first_wins` among equal values, else the last; `companions` are set with `symbol`,
    in the branch that begins with the statement `begins`."""

    symbol: Symbol
    operation: str
    first_wins: bool
    companions: tuple[Symbol, ...]
    begins: tree.Stmt


def locations(
    body: tree.Stmt, by_symbol: Mapping[Symbol, Sequence[ScalarTouch]], everything: Sequence[Touch]
) -> Iterator[Location]:
    """The extrema with companions that the iterations of a loop with this body look for."""
    branches = {id(s.condition): s for s in tree.statements(body) if isinstance(s, tree.If)}
    for symbol, touched in by_symbol.items():
        writes = [t for t in touched if t.write]
        guard = writes[0].context.guards[-1] if len(writes) == 1 and writes[0].context.guards else None
        branch = branches.get(id(guard.condition)) if guard is not None else None
        if guard is None or branch is None or branch.otherwise is not None or not guard.holds:
            continue
        found = comparison(writes[0], guard)
        if found is None or not undisturbed(guard, writes[0], everything) or not _keeps_order(symbol, found.value):
            continue
        companions = _companions(symbol, guard, by_symbol, everything)
        reads = all(id(t.node) in ids(guard.condition) for t in touched if t.read)
        if companions and reads and _decides_here_only(symbol, guard, branch, everything):
            yield Location(symbol, found.operation, found.strict, companions, _first(branch.then))


def _companions(
    symbol: Symbol, guard: Guard, by_symbol: Mapping[Symbol, Sequence[ScalarTouch]], everything: Sequence[Touch]
) -> tuple[Symbol, ...]:
    """The variables that the branch sets beside the extremum; none, if it does anything else."""
    found = []
    for t in everything:
        if not isinstance(t, ScalarTouch | ElementTouch) or not t.write or not _under(guard, t):
            continue
        if not isinstance(t, ScalarTouch) or not _is_set_once(t, guard):
            return ()
        if t.symbol != symbol:
            found.append(t.symbol)
            if len(by_symbol[t.symbol]) > 1:
                return ()
    return tuple(found)


def _is_set_once(t: ScalarTouch, guard: Guard) -> bool:
    """Whether a write is an assignment of its own, made each time that the branch is entered."""
    context = t.context
    number = isinstance(t.symbol.type, tree.Scalar)
    plain = number and isinstance(t.update, tree.Assign) and t.update.op == "=" and not t.passed_on
    directly = context.guards[-1].condition is guard.condition and context.loops == guard.loops
    return plain and directly and not context.sometimes and isinstance(context.statement, tree.ExprStmt)


def _decides_here_only(symbol: Symbol, guard: Guard, branch: tree.If, everything: Sequence[Touch]) -> bool:
    """Whether all that depends on the running extremum stands in the branch."""
    tested = ids(guard.condition)
    for t in everything:
        if depends_on(t, symbol, everything) and not _under(guard, t):
            writes = isinstance(t, ScalarTouch | ElementTouch) and t.write
            if writes or id(getattr(t, "node", None) or getattr(t, "call", None)) not in tested:
                return False
    return all(isinstance(s, tree.Block | tree.ExprStmt | tree.Empty) for s in tree.statements(branch.then))


def _under(guard: Guard, t: Touch) -> bool:
    return any(g.condition is guard.condition and g.holds for g in t.context.guards)


def _keeps_order(symbol: Symbol, value: Expr) -> bool:
    """Whether the variable holds the value exactly: rounded, what was larger may be equal to what is kept."""
    mine, theirs = symbol.type, value.type
    if mine == theirs:
        return True
    widening = {"double": {"float", "int", "short", "char", "signed char", "unsigned char", "unsigned short"}}
    widening |= {"long": {"int", "short"}, "int": {"short", "signed char", "char"}, "float": {"short", "char"}}
    return (
        isinstance(mine, tree.Scalar) and isinstance(theirs, tree.Scalar) and theirs.name in widening.get(mine.name, ())
    )


def _first(branch: tree.Stmt) -> tree.Stmt:
    return _first(branch.body[0]) if isinstance(branch, tree.Block) else branch
