"""Values that are known without running: literals, enumerators, and variables that are set once, where they are
declared."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import INT_MAX, bare, changed_or_lent
from chatmpi.analysis.tree import Expr, Program

_OPERATIONS: dict[str, Callable[[int, int], int]] = {
    **{"+": operator.add, "-": operator.sub, "*": operator.mul, "|": operator.or_, "&": operator.and_},
}


@dataclass(frozen=True)
class Constants:
    """`fixed`: the initialisers of variables that nothing else sets, by uid."""

    enumerators: Mapping[int, int]
    fixed: Mapping[int, Expr]

    def resolved(self, e: Expr) -> Expr:
        """What a name stands for, if it is a variable that is set once; conversions are looked through."""
        while True:
            if isinstance(e, tree.Cast):
                e = e.operand
            elif isinstance(e, tree.Name) and e.symbol.uid in self.fixed:
                e = self.fixed[e.symbol.uid]
            else:
                return e

    def value(self, e: Expr) -> int | None:
        """An int's value; None if it is not known."""
        match self.resolved(e):
            case tree.IntLiteral(value=value):
                return value
            case tree.Name(symbol=symbol):
                return self.enumerators.get(symbol.uid)
            case tree.Unary(op="-", operand=operand):
                inner = self.value(operand)
                return None if inner is None else -inner
            case tree.Binary(op=op, left=left, right=right) if op in _OPERATIONS:
                a, b = self.value(left), self.value(right)
                if a is None or b is None:
                    return None
                found = _OPERATIONS[op](a, b)
                return found if abs(found) <= INT_MAX else None
        return None

    def named(self, e: Expr) -> str:
        """The name of the predefined object that an expression is, as `MPI_COMM_NULL`; else nothing."""
        found = self.resolved(e)
        return found.symbol.name if isinstance(found, tree.Name) and found.symbol.name.startswith("MPI_") else ""


def constants_of(program: Program) -> Constants:
    declared = {
        v.symbol.uid: v.init
        for root in (*program.globals, *program.functions)
        for v in tree.walk(root)
        if isinstance(v, tree.VarDecl) and v.init is not None and not isinstance(v.symbol.type, tree.Array)
    }
    changed = {s.uid for f in program.functions for n in tree.walk(f.body) if (s := changed_or_lent(n)) is not None}
    fixed = {uid: init for uid, init in declared.items() if uid not in changed}
    return Constants(program.enumerators, {uid: e for uid, e in fixed.items() if not _in_circle(uid, fixed)})


def _in_circle(uid: int, fixed: Mapping[int, Expr]) -> bool:
    """`int x = x;`"""
    seen: set[int] = set()
    while uid in fixed:
        if uid in seen:
            return True
        seen.add(uid)
        e = bare(fixed[uid])
        if not isinstance(e, tree.Name):
            return any(isinstance(n, tree.Name) and n.symbol.uid in seen for n in tree.walk(e))
        uid = e.symbol.uid
    return False
