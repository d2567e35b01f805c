"""How the candidate's variables relate to the sequential program's at one point of both.

A variable that is not mentioned holds, on every rank, the value that its counterpart holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from chatmpi.analysis.numbers.polynomial import Polynomial
from chatmpi.analysis.tree import Symbol


@dataclass(frozen=True, slots=True)
class Shifted:
    """It holds its counterpart's value plus `by`: a local index."""

    by: Polynomial


@dataclass(frozen=True, slots=True)
class RootOnly:
    """Only rank 0 holds the counterpart's value."""

    why: str


@dataclass(frozen=True, slots=True)
class Partial:
    """Each rank holds its part of a reduction that loop `loop` computed (None: it is about to)."""

    loop: int | None
    why: str


@dataclass(frozen=True, slots=True)
class Lost:
    """Nothing is known of it."""

    why: str


Apart = Shifted | RootOnly | Partial | Lost


@dataclass(frozen=True)
class State:
    """`numbers`: variables known to hold a number; `unset`: variables that may not have got their value yet (in this
    iteration), so that nothing is known of it; `memory`: local arrays that have been allocated; `phase`: of MPI, one
    of "before", "running", "finalized", "aborted"; `reachable`: whether control comes here."""

    apart: Mapping[Symbol, Apart] = field(default_factory=dict)
    numbers: Mapping[Symbol, float] = field(default_factory=dict)
    unset: frozenset[Symbol] = frozenset()
    memory: frozenset[Symbol] = frozenset()
    phase: str = "before"
    reachable: bool = True

    def with_apart(self, symbol: Symbol, apart: Apart | None) -> State:
        rest = {s: a for s, a in self.apart.items() if s != symbol}
        return replace(self, apart=rest if apart is None else {**rest, symbol: apart})

    def with_number(self, symbol: Symbol, number: float | None) -> State:
        if number is None and symbol not in self.numbers:
            return self
        rest = {s: v for s, v in self.numbers.items() if s != symbol}
        return replace(self, numbers=rest if number is None else {**rest, symbol: number})

    def without_numbers(self, symbols: Iterable[Symbol]) -> State:
        gone = set(symbols)
        kept = {s: v for s, v in self.numbers.items() if s not in gone}
        return self if len(kept) == len(self.numbers) else replace(self, numbers=kept)

    def ended(self) -> State:
        return replace(self, reachable=False)


def join(a: State, b: State) -> State:
    """What holds whichever way control came."""
    if not a.reachable or not b.reachable:
        return a if a.reachable else b
    apart: dict[Symbol, Apart] = {}
    for symbol in {**a.apart, **b.apart}:
        apart[symbol] = _weaker(a.apart.get(symbol), b.apart.get(symbol), symbol)
    numbers = {s: v for s, v in a.numbers.items() if b.numbers.get(s) == v}
    phase = a.phase if a.phase == b.phase else "mixed"
    return State(apart, numbers, a.unset | b.unset, a.memory & b.memory, phase)


def _weaker(a: Apart | None, b: Apart | None, symbol: Symbol) -> Apart:
    if a == b and a is not None:
        return a
    either = {type(x) for x in (a, b) if x is not None}
    if either == {RootOnly}:
        return next(x for x in (a, b) if x is not None)
    lost = next((x for x in (a, b) if isinstance(x, Lost)), None)
    return lost or Lost(f"what '{symbol}' holds depends on the way that control took")
