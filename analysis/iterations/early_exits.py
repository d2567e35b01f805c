"""Loops that look for something and are left when it is found: `for (…) if (a[i] != b[i]) return 0;`.

Where nothing but the way out comes of an iteration, it does not matter who finds it: iterations may run apart, and all
leave if one does. Some then run that would not have been reached, so these must be harmless: they read elements that
are there, do not divide whole numbers, and end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.calls.library import LIBRARY, Does
from chatmpi.analysis.loops import LoopInfo, LoopTable, ways_out
from chatmpi.analysis.memory.extents import Extents
from chatmpi.analysis.memory.subscripts import Access
from chatmpi.analysis.numbers.domains import Parameters, Space, isl_set
from chatmpi.analysis.numbers.polynomial import variable
from chatmpi.analysis.numbers.values import Naming
from chatmpi.analysis.touches import BareUse, CallTouch, ElementTouch, OpaqueTouch, ScalarTouch, Touches
from chatmpi.analysis.tree import Node, Stmt, Symbol


@dataclass(frozen=True, slots=True)
class Exit:
    """`branch` is what an `if` does that leaves the loop by `way`: behind the loop, `done` and, if it is a return, that
    too. `inner`: it stands in an inner loop."""

    branch: Stmt
    way: Stmt
    done: tuple[Stmt, ...]
    inner: bool


def exit_of(info: LoopInfo, touches: Touches) -> Exit | None:
    """The one way out of a loop, if what is done then does not depend on the iteration."""
    if not isinstance(info.stmt, tree.For):
        return None
    ways = list(ways_out(info.stmt.body))
    if len(ways) != 1 or not isinstance(ways[0], tree.Leave | tree.Break):
        return None
    for s in tree.statements(info.stmt.body):
        if not isinstance(s, tree.If) or s.otherwise is not None:
            continue
        *done, last = _flat(s.then)
        if (last is ways[0] and not s.then.in_macro) or (last is ways[0] and _is_return(s.then, last)):
            plain = all(_is_plain(d, info) for d in done)
            outside = frozenset(n.id for n in tree.statements(s.then))
            apart = plain and not any(
                isinstance(t, ScalarTouch) and t.symbol in _set(done) and t.context.statement.id not in outside
                for t in touches.of(info.stmt.id)
            )
            return Exit(s.then, last, tuple(done), _is_inner(info.stmt.body, last)) if apart else None
    return None


def _flat(s: Stmt) -> list[Stmt]:
    return [part for b in s.body for part in _flat(b)] if isinstance(s, tree.Block) and s.body else [s]


def _is_return(branch: Stmt, way: Stmt) -> bool:
    return isinstance(way, tree.Leave) and branch.span == way.span


def _set(done: list[Stmt]) -> set[Symbol]:
    return {s.expr.target.symbol for s in done if isinstance(s, tree.ExprStmt) and isinstance(s.expr, tree.Assign)
            and isinstance(s.expr.target, tree.Name)}  # fmt: skip


def _is_plain(s: Stmt, info: LoopInfo) -> bool:
    """Whether a variable gets a value that is the same in all iterations."""
    match s:
        case tree.ExprStmt(expr=tree.Assign(op="=", target=tree.Name(), value=value)):
            return all(
                isinstance(n, tree.IntLiteral | tree.FloatLiteral | tree.Cast)
                or (isinstance(n, tree.Unary) and n.op in {"-", "+", "!", "~"})
                or (isinstance(n, tree.Name) and n.symbol not in info.written and n.symbol.storage != "function")
                for n in tree.walk(value)
            )
    return False


def _is_inner(body: Stmt, way: Stmt) -> bool:
    loops = (s for s in tree.statements(body) if isinstance(s, tree.For | tree.While | tree.DoWhile))
    return any(n is way for s in loops for n in tree.statements(s))


# ------------------------------------------------------------------------------- iterations too many


@dataclass(frozen=True)
class Further:
    """What tells whether iterations behind the one that leaves may be run."""

    touches: Touches
    loops: LoopTable
    accesses: Mapping[int, Access]
    extents: Mapping[Symbol, Extents]
    naming: Naming

    def are_harmless(self, info: LoopInfo) -> bool:
        inner = [x for i, x in self.loops.items() if info.stmt.id in x.around[:-1]]
        if any(x.counted is None for x in inner) or any(_may_trap(n) for n in tree.walk(info.stmt.body)):
            return False
        return all(self._is_harmless(t, info) for t in self.touches.of(info.stmt.id))

    def _is_harmless(self, t: object, info: LoopInfo) -> bool:
        match t:
            case ScalarTouch():
                return True
            case CallTouch(call=call):
                return LIBRARY.get(call.name or "") is Does.NOTHING
            case ElementTouch(write=False, symbol=symbol):
                access = self.accesses.get(id(t))
                return access is not None and symbol in self.extents and self._is_inside(access, info)
            case BareUse(role=role):
                return role in {"test", "sizeof"}
            case OpaqueTouch():
                return False
        return False

    def _is_inside(self, access: Access, info: LoopInfo) -> bool:
        """Whether an access lies inside its array in all iterations."""
        dimensions = self.extents[access.touch.symbol].dimensions
        if len(dimensions) != len(access.subscripts):
            return False
        around = [c for i in access.touch.context.loops if (c := self.loops[i].counted) is not None]
        dims = {variable(c.variable): f"x{k}" for k, c in enumerate(around)}
        space = Space(dims, Parameters(), frozenset(), self.naming)
        outside = []
        for subscript, extent in zip(access.subscripts, dimensions, strict=True):
            here, limit = space.affine(subscript), space.affine(extent)
            if here is None or limit is None:
                return False
            outside.append(f"{here} < 0 or {here} >= {limit}")
        known = [*(space.range(c) for c in around), space.guards(access.touch.context.guards, info, self.loops)]
        points = isl_set(space.parameters, list(dims.values()), [*known, f"({' or '.join(outside)})"])
        return bool(points.is_empty())


def _may_trap(n: Node) -> bool:
    """Whether an operation may stop the program: a whole number divided by what may be 0, or shifted too far."""
    match n:
        case (
            tree.Binary(op="/" | "%" | "<<" | ">>", type=kind, right=right)
            | tree.Assign(op="/=" | "%=" | "<<=" | ">>=", type=kind, value=right)
        ):
            whole = isinstance(kind, tree.Scalar) and kind.is_integer
            return whole and not (isinstance(right, tree.IntLiteral) and right.value > 0)
    return False
