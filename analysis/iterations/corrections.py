"""Scalars set in steps: `im = i - 1; if (im < 0) im += n;`, `if (i == 0) im = n - 1; else im = i - 1;`.

All steps come before all uses, so what the uses see is one value, affine in pieces.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chatmpi.analysis import tree
from chatmpi.analysis.numbers.pieces import Combined, Condition, choice, negated
from chatmpi.analysis.numbers.polynomial import ONE, Polynomial
from chatmpi.analysis.numbers.values import Naming, condition, polynomial
from chatmpi.analysis.touches import Guard, ScalarTouch, Touch
from chatmpi.analysis.tree import Symbol

Placed = tuple[int, ScalarTouch]  # with its position among the touches


def settled(mine: Sequence[Placed], slice_: Sequence[Touch], naming: Naming) -> Polynomial | None:
    """The value of a scalar once all its writes (`mine`: all its touches in an outermost loop) are done; None if it
    is not the same for all uses or not known."""
    writes = [(k, t) for k, t in mine if t.write]
    base = _common([t.context.guards for _, t in writes])
    around = writes[0][1].context.loops
    steps = _Steps(writes[0][1].symbol, naming)
    for _, t in writes:
        odd = t.context.loops != around or t.context.sometimes or t.context.opaque or t.passed_on
        if odd or not steps.step(t, t.context.guards[len(base) :]):
            return None
    last = writes[-1][0]
    tests = [c for c, _ in steps.tested.values()]
    inside = {id(n) for _, t in writes if t.update is not None for n in tree.walk(t.update)}
    inside |= {id(n) for c in tests for n in tree.walk(c)}
    uses = [(k, t) for k, t in mine if t.read and not t.write and id(t.node) not in inside]
    follow = all(
        k > last and t.context.loops[: len(around)] == around and t.context.guards[: len(base)] == base for k, t in uses
    )
    return steps.value if follow and steps.defined and not _tested_early(steps, slice_) else None


def _common(many: Sequence[tuple[Guard, ...]]) -> tuple[Guard, ...]:
    shared = min(many, key=len)
    while any(g[: len(shared)] != shared for g in many):
        shared = shared[:-1]
    return shared


def _tested_early(steps: _Steps, slice_: Sequence[Touch]) -> bool:
    """Whether something else depends on a test of the scalar made before its last step."""
    early = {
        id(c) for c, _ in steps.tested.values() if any(getattr(n, "symbol", None) == steps.symbol for n in tree.walk(c))
    }
    return any(
        not isinstance(t, ScalarTouch) or (t.write and t.symbol != steps.symbol)
        for t in slice_
        if any(id(g.condition) in early for g in t.context.guards)
    )


class _Steps:
    """The value after the writes so far. `open`: values under guards that do not cover all cases yet."""

    def __init__(self, symbol: Symbol, naming: Naming) -> None:
        self.symbol, self.naming = symbol, naming
        self.derived = {s: p for s, p in naming.derived.items() if s != symbol}
        self.value: Polynomial | None = None
        self.open: list[tuple[tuple[Guard, ...], Polynomial]] = []
        self.tested: dict[int, tuple[tree.Expr, Condition | None]] = {}

    @property
    def defined(self) -> bool:
        return self.value is not None and not self.open

    def step(self, t: ScalarTouch, guards: tuple[Guard, ...]) -> bool:
        """Take a write into account; False if its value is not known."""
        holds = self._condition(guards)
        new = self._assigned(t)
        if new is None or (guards and holds is None):
            return False
        if not guards:
            self.value, self.open = new, []
        elif self.value is not None and holds is not None:
            self.value = choice(holds, new, self.value)
        else:
            self.open.append((guards, new))
            self._join()
        return True

    def _join(self) -> None:
        """Two branches of one test are one value, as long as the last two are such."""
        while len(self.open) > 1:
            (first, one), (second, other) = self.open[-2:]
            *around, test = first
            complete = tuple(around) == second[:-1] and test.condition is second[-1].condition
            holds = self._condition((test,))
            if not complete or test.holds == second[-1].holds or holds is None:
                return
            joined = choice(holds, one, other)
            self.open[-2:] = [(tuple(around), joined)] if around else []
            if not around:
                self.value = joined
                return

    def _condition(self, guards: tuple[Guard, ...]) -> Condition | None:
        """What the guards say, each with the value that the scalar had when it was tested."""
        parts: list[Condition] = []
        for g in guards:
            if id(g.condition) not in self.tested:
                self.tested[id(g.condition)] = g.condition, condition(g.condition, self._naming())
            found = self.tested[id(g.condition)][1]
            if found is None:
                return None
            parts.append(found if g.holds else negated(found))
        return parts[0] if len(parts) == 1 else Combined(True, tuple(parts)) if parts else None

    def _naming(self) -> Naming:
        known = self.derived if self.value is None or self.open else {**self.derived, self.symbol: self.value}
        return replace(self.naming, derived=known, choices=True)

    def _assigned(self, t: ScalarTouch) -> Polynomial | None:
        match t.update:
            case tree.VarDecl(init=tree.Expr() as value) | tree.Assign(op="=", value=value) if self._fits(value):
                return polynomial(value, self._naming())
            case tree.Assign(op="+=" | "-=" as op, value=value) if self._fits(value):
                by = polynomial(value, self._naming())
                if self.value is None or self.open:
                    return None
                return None if by is None else self.value + (by if op == "+=" else by.scaled(-1))
            case tree.Unary(op=op) if self.value is not None and not self.open:
                return self.value + (ONE if "++" in op else ONE.scaled(-1))
        return None

    def _fits(self, value: tree.Expr) -> bool:
        return value.type == self.symbol.type
