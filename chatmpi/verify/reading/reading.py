"""What all parts of the reading share: both programs, the plan, and which names correspond."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from chatmpi.analysis import tree
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.numbers.polynomial import Polynomial, of_atom, variable
from chatmpi.analysis.numbers.values import Naming
from chatmpi.analysis.tree import Expr, Symbol
from chatmpi.plan.plan import LoopPlan
from chatmpi.verify.reading.evaluate import Evaluator, Names, unknown
from chatmpi.verify.reading.findings import Findings
from chatmpi.verify.reading.intent import Intent
from chatmpi.verify.reading.laws import Laws
from chatmpi.verify.reading.piecewise import Alternatives, Piecewise
from chatmpi.verify.reading.ranges import Header
from chatmpi.verify.reading.roles import Roles, Share
from chatmpi.verify.reading.state import RootOnly, Shifted, State
from chatmpi.verify.reading.terms import NOBODY, Terms

Copies = Mapping[Symbol, tuple[int, str]]  # a copy's variable → the array's uid and the element's text


@dataclass(frozen=True)
class Where:
    """The surroundings of a pair of statements: the loops of the sequential program around it, the distributed one
    among them with its share (None where it deals out its own range), and who executes it.

    `owner` executes alone where `owned` holds, as `guard` says. `varies`: why ranks may disagree on coming here, "" if
    they do not; `failing`: because an allocation failed. `fetched`: copies of elements that every rank has here.
    """

    in_main: bool
    naming: Naming
    loops: tuple[int, ...] = ()
    distributed: LoopPlan | None = None
    share: Share | None = None
    root: bool = False
    owner: Share | None = None
    owned: Alternatives = ()
    guard: tree.Node | None = None
    varies: str = ""
    failing: bool = False
    fetched: Copies = field(default_factory=dict)

    def owns(self, partition: str) -> bool:
        """Whether what is executed here touches rows of the rank's own block."""
        return any(s is not None and s.partition.name == partition for s in (self.share, self.owner))


@dataclass
class Pairs:
    """Variables of the candidate and their counterparts."""

    source: dict[Symbol, Symbol] = field(default_factory=dict)
    target: dict[Symbol, Symbol] = field(default_factory=dict)

    def add(self, sequential: Symbol, candidate: Symbol) -> None:
        self.source[candidate] = sequential
        self.target[sequential] = candidate


@dataclass(frozen=True)
class Reading:
    """`functions`: those that only the candidate defines; `changed`: its variables that are assigned after their
    declaration; `addressed`: those whose address is taken; `enumerators` of the sequential program, by name."""

    facts: Facts
    candidate: tree.Program
    candidate_main: tree.Function
    intent: Intent
    pairs: Pairs
    terms: Terms
    laws: Laws
    evaluator: Evaluator
    roles: Roles
    findings: Findings
    functions: Mapping[str, tree.Function]
    changed: frozenset[Symbol]
    addressed: Mapping[Symbol, int]
    enumerators: Mapping[str, Symbol]
    headers: dict[int, Header] = field(default_factory=dict)

    def names(self, where: Where, state: State) -> Names:
        """What the candidate's names stand for here."""
        return Names(lambda symbol: self._look_up(symbol, where, state))

    def value(self, expr: Expr, where: Where, state: State) -> Piecewise | None:
        return self.evaluator.value(expr, self.names(where, state))

    def plain(self, expr: Expr, where: Where, state: State) -> Polynomial | None:
        """The value as one polynomial."""
        return self.evaluator.plain(expr, self.names(where, state))

    def _look_up(self, symbol: Symbol, where: Where, state: State) -> Polynomial:
        apart = state.apart.get(symbol)
        if apart is not None and not isinstance(apart, Shifted) and not (where.root and isinstance(apart, RootOnly)):
            return unknown(symbol)
        if symbol in self.roles.values:
            return self.roles.values[symbol]
        sequential = self.pairs.source.get(symbol)
        if symbol.storage == "enumerator":
            if symbol.name == "MPI_PROC_NULL":
                return of_atom(NOBODY)
            sequential = self.enumerators.get(symbol.name)
        if sequential is None:
            return unknown(symbol)
        known = None if symbol in state.unset else where.naming.derived.get(sequential)
        base = of_atom(variable(sequential)) if known is None else known
        return base + apart.by if isinstance(apart, Shifted) else base


@dataclass
class Position:
    """How far the walk has come: `state` is what holds here."""

    reading: Reading
    state: State
