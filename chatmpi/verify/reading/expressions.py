"""Whether an expression of the candidate has the value and the effects of its counterpart."""

from __future__ import annotations

from dataclasses import dataclass, replace

from chatmpi.analysis import tree
from chatmpi.analysis.numbers.polynomial import Polynomial, variable
from chatmpi.analysis.numbers.values import polynomial
from chatmpi.analysis.tree import Expr, Symbol
from chatmpi.verify.reading.findings import Mismatch
from chatmpi.verify.reading.kinds import is_integer, is_narrow
from chatmpi.verify.reading.numbers import held, number_of
from chatmpi.verify.reading.reading import Reading
from chatmpi.verify.reading.state import Lost, Shifted, State
from chatmpi.verify.reading.values import Values


@dataclass
class Comparison(Values):
    """Compares the expressions of one pair of statements; `state` follows what they assign."""

    def assign(self, s: tree.Assign, c: tree.Assign) -> None:
        self.same(s.value, c.value)
        self._types(s, c)
        if isinstance(s.target, tree.Name) and isinstance(c.target, tree.Name):
            if s.op != "=":
                self.name(s.target, c.target)
            self.set(s.target, c.target)
            if s.op == "=":
                self._hold(s.target.symbol, c.target.symbol, c.value)
        else:
            self.same(s.target, c.target)

    def step(self, s: tree.Unary, c: tree.Unary) -> None:
        if isinstance(s.operand, tree.Name) and isinstance(c.operand, tree.Name):
            apart = self.state.apart.get(c.operand.symbol)
            if not isinstance(apart, Shifted):
                self.name(s.operand, c.operand)
            self.set(s.operand, c.operand)
            if isinstance(apart, Shifted):
                self.state = self.state.with_apart(c.operand.symbol, apart)
        else:
            self.same(s.operand, c.operand)

    def set(self, s: tree.Name, c: tree.Name) -> None:
        """A variable takes the value that its counterpart takes."""
        if self.reading.pairs.target.get(s.symbol) != c.symbol:
            raise self.different(s, c)
        if self.where.root:
            raise Mismatch(c, f"'{c.symbol}' is set on rank 0 alone")
        if s.symbol in self.reading.intent.partition_of and id(s) not in self.reading.intent.bare:
            raise Mismatch(c, f"'{c.symbol}' is set as a whole, but each rank has only a part of it")
        self.state = written(s.symbol, c.symbol, self.state, self.reading)

    def take(self, s: Symbol, c: Symbol, wanted: Expr, value: Expr) -> None:
        """`c = value` beside `s = wanted` as statements of their own: a private index may become a local one."""
        shift = self._local_shift(s, wanted, value)
        if shift is None:
            self.same(wanted, value)
        self.state = written(s, c, self.state, self.reading)
        self._hold(s, c, value)
        if shift is not None:
            self.state = self.state.with_apart(c, Shifted(shift))

    def _hold(self, s: Symbol, c: Symbol, value: Expr) -> None:
        """Remember the number that a variable is set to, unless it can be reached by other names."""
        number = None if s in self.reading.facts.unstable else held(number_of(value), c)
        self.state = self.state.with_number(c, number)

    def _local_shift(self, s: Symbol, wanted: Expr, value: Expr) -> Polynomial | None:
        """By how much the candidate's value differs, where a variable private to an iteration may hold that."""
        loop = self.where.distributed
        if loop is None or not is_integer(s.type) or is_narrow(s.type) or s.storage != "local":
            return None
        facts = self.reading.facts
        private = s in facts.loop_facts[loop.place.statement].private
        if not private or s in facts.unstable:
            return None
        a = polynomial(wanted, self.where.naming)
        b = self.reading.plain(value, self.where, self.state) if a is not None else None
        if a is None or b is None or a == b or any(atom.key.startswith("?") for atom in b.atoms):
            return None
        shift = b - a
        if variable(s) in shift.atoms or self.where.share is None or shift.divided(self.where.share.offset)[1].terms:
            return None
        return shift


def written(s: Symbol, c: Symbol, state: State, reading: Reading) -> State:
    """The state once both variables have taken the same new value."""
    state = replace(state.with_apart(c, None).with_number(c, None), unset=state.unset - {c})
    for other, apart in list(state.apart.items()):
        if isinstance(apart, Shifted) and s in apart.by.symbols:
            state = state.with_apart(other, Lost(f"'{s}' has changed since '{other}' was computed"))
    for other in reading.roles.computed_from.get(s, ()):
        state = state.with_apart(other, Lost(f"'{s}' has changed since '{other}' was computed"))
    return state
