"""Branches, switches and loops of both programs: which states meet where control does."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from chatmpi.analysis import tree
from chatmpi.analysis.numbers.polynomial import ONE, of_atom, variable
from chatmpi.analysis.tree import Stmt, Symbol
from chatmpi.verify.reading import bounds, guards, reductions
from chatmpi.verify.reading.findings import Mismatch
from chatmpi.verify.reading.piecewise import Condition
from chatmpi.verify.reading.reading import Where
from chatmpi.verify.reading.state import Apart, Lost, RootOnly, State, join
from chatmpi.verify.reading.statements import ENDS, Statements

_MOST_ROUNDS = 4


@dataclass
class Jumps:
    """The states in which control leaves a loop's body early."""

    breaks: list[State] = field(default_factory=list)
    continues: list[State] = field(default_factory=list)


@dataclass
class Control(Statements):
    """Pairs statements that hold others. `jumps`: of the loops and switches around, outermost first; `entries`: what
    held at the heads of the switches around."""

    jumps: list[Jumps] = field(default_factory=list)
    entries: list[State] = field(default_factory=list)

    @abstractmethod
    def body(self, s: Stmt, c: Stmt, where: Where, outermost: bool = False) -> None:
        """Walk what a statement holds."""

    @abstractmethod
    def pair(self, s: Stmt, c: Stmt, where: Where) -> None:
        """Two statements that should do the same."""

    def jump(self, out: bool) -> None:
        """A break, or a continue."""
        if self.jumps:
            (self.jumps[-1].breaks if out else self.jumps[-1].continues).append(self.state)
        self.state = self.state.ended()

    # -------------------------------------------------------------------------------------- branches

    def _switch(self, x: tree.Expr, y: tree.Expr, body: Stmt, other: Stmt, where: Where) -> None:
        """Control comes to every case from the head, and perhaps from the case before."""
        self.values(x, y, where, y)
        entry = self.state
        self.entries.append(entry)
        self.jumps.append(Jumps())
        self.state = entry.ended()
        self.body(body, other, where)
        self.entries.pop()
        left = self.jumps.pop()
        if self.jumps:
            self.jumps[-1].continues += left.continues
        for state in [entry, *left.breaks]:
            self.state = join(self.state, state)

    def _same_head(self, s: Stmt, body: Stmt, c: Stmt, other: Stmt) -> None:
        """The text before the labelled statements is the same."""
        mine, theirs = self.reading.findings.sequential, self.reading.findings.candidate
        label = theirs.text[c.span.begin : other.span.begin].split(":")[0].strip()
        if mine.text[s.span.begin : body.span.begin].split(":")[0].strip() != label:
            raise Mismatch(c, f"the label is not that of {self.place(s)}")

    def _arrive_by_goto(self, where: Where) -> None:
        """At a label nothing is known of what any distributed loop leaves behind."""
        phase = self.state.phase if self.state.reachable else "running"
        widened = self._widened(self.reading.facts.function.body) if where.in_main else self.state
        self.state = replace(widened, phase=phase, reachable=True)

    def _label(self, body: Stmt, other: Stmt, where: Where) -> None:
        self.state = join(self.state, self.entries[-1])
        self.body(body, other, where)

    def branch(self, s: tree.If, c: tree.If, where: Where) -> None:
        self.values(s.condition, c.condition, where, c)
        entry = self.state
        self.body(s.then, c.then, self._side(s.condition, True, where))
        then, self.state = self.state, entry
        otherwise = self._side(s.condition, False, where)
        if s.otherwise is not None and c.otherwise is not None:
            self.body(s.otherwise, c.otherwise, otherwise)
        elif s.otherwise is not None or c.otherwise is not None:
            raise Mismatch(c, f"one of this and {self.place(s)} has an else, the other has none")
        self.state = join(then, self.state)

    def _side(self, condition: tree.Expr, holds: bool, where: Where) -> Where:
        if guards.allocation_failed(condition, holds):
            return replace(
                where, varies="its condition tests an allocation, which may fail on one rank alone", failing=True
            )
        return where

    def other(self, s: tree.UnknownStmt, c: tree.UnknownStmt, where: Where) -> None:
        """A switch and a labelled statement are walked; what else there is must have the same text."""
        if s.kind == c.kind:
            match s.kind, s.children, c.children:
                case "switch", (tree.Expr() as x, Stmt() as body), (tree.Expr() as y, Stmt() as other):
                    self._switch(x, y, body, other, where)
                    return
                case "case", (tree.Expr() as x, Stmt() as body), (tree.Expr() as y, Stmt() as other) if self.entries:
                    self.values(x, y, where, c)
                    self._label(body, other, where)
                    return
                case "default", (Stmt() as body,), (Stmt() as other,) if self.entries:
                    self._label(body, other, where)
                    return
                case "label", (Stmt() as body,), (Stmt() as other,) if where.distributed is None:
                    self._same_head(s, body, c, other)
                    self._arrive_by_goto(where)
                    self.body(body, other, where)
                    return
        if where.distributed is not None:
            raise Mismatch(c, "control flow that is not understood in a distributed loop")
        self.comparison(where).same_text(s, c)
        if s.kind == "goto":
            self.state = self.state.ended()
            return
        inside = {n.symbol for n in tree.walk(s) if isinstance(n, tree.Name)}
        if any(n in self.reading.intent.partition_of for n in inside) or _leaves(s):
            raise Mismatch(c, "control flow that is not understood touches a distributed array, or leaves the function")
        touched = {self.reading.pairs.target[n] for n in inside if n in self.reading.pairs.target}
        self.state = self.state.without_numbers(touched)

    # ----------------------------------------------------------------------------------------- loops

    def inside(self, s: Stmt, where: Where) -> Where:
        """The surroundings inside a loop of the sequential program."""
        info = self.reading.facts.loops.get(s.id)
        if info is None or not where.in_main:
            return where
        return replace(where, loops=info.around, naming=self.reading.facts.naming_at(info.around))

    def counted(self, s: tree.For, c: tree.For, where: Where) -> None:
        inside = self.inside(s, where)
        plan = self.reading.intent.loops.get(s.id) if where.in_main else None
        if plan is not None:
            self._distributed(s, c, inside)
            return
        if (s.init is None) != (c.init is None):
            raise Mismatch(c, f"the loop starts otherwise than at {self.place(s)}")
        if s.init is not None and c.init is not None:
            self.pair(s.init, c.init, inside)

        def once() -> None:
            self._ranged(s)
            self._begin(s)
            self.values(s.condition, c.condition, inside, c)
            self.jumps.append(Jumps())
            self.body(s.body, c.body, inside)
            self._continue()
            self.values(s.step, c.step, inside, c)
            self._ranged(s, False)

        self.loop(s, once)

    def _ranged(self, s: tree.For, holds: bool = True) -> None:
        """Remember what values a loop's variable takes while its body is walked."""
        info = self.reading.facts.loops.get(s.id)
        if info is None or info.counted is None:
            return
        own, ranges = variable(info.counted.variable), self.reading.terms.ranges
        ranges.pop(own, None)
        lower, upper = info.counted.lower, info.counted.upper
        if holds:
            here = of_atom(own)
            ends = ([here - lower] if lower is not None else []) + ([upper - ONE - here] if upper is not None else [])
            ranges[own] = tuple(Condition(end, ">=") for end in ends)

    def _begin(self, s: Stmt) -> None:
        """An iteration begins: what the loop sets has not been set in it."""
        self.state = replace(self.state, unset=self.state.unset | self._assigned(s))

    def repeat(self, s: tree.While, c: tree.While, where: Where) -> None:
        self._begin(s)
        self.values(s.condition, c.condition, where, c)
        self.jumps.append(Jumps())
        self.body(s.body, c.body, where)
        self._continue()

    def repeat_after(self, s: tree.DoWhile, c: tree.DoWhile, where: Where) -> None:
        self._begin(s)
        self.jumps.append(Jumps())
        self.body(s.body, c.body, where)
        self._continue()
        self.values(s.condition, c.condition, where, c)

    def _continue(self) -> None:
        for state in self.jumps[-1].continues:
            self.state = join(self.state, state)

    def loop(self, s: Stmt, once: Callable[[], None]) -> None:
        """A loop that every rank runs whole: walked until what holds at its start holds at its end too."""
        entry = self._widened(s)
        for _ in range(_MOST_ROUNDS):
            self.state = entry
            once()
            left = self.jumps.pop()
            again = join(entry, self.state) if self.state.reachable else entry
            if replace(again, unset=entry.unset) == entry:
                break
            entry = replace(again, reachable=True)
        else:
            raise Mismatch(s, "what the loop's variables hold is not understood")
        out = entry if not isinstance(s, tree.DoWhile) else self.state
        for state in left.breaks:
            out = join(out, state)
        self.state = replace(out, reachable=True)

    def _widened(self, s: Stmt) -> State:
        """The state at the start of any iteration: what the loop's own distributed loops leave behind is lost."""
        state = self.state.without_numbers(self._assigned(s))
        for inner in tree.statements(s):
            if inner.id in self.reading.intent.loops and isinstance(inner, tree.For):
                for symbol, apart in self._left_behind(inner):
                    state = join(state, state.with_apart(symbol, apart))
        return state

    def _assigned(self, s: Stmt) -> set[Symbol]:
        target = self.reading.pairs.target
        names = set()
        for n in tree.walk(s):
            match n:
                case tree.Assign(target=tree.Name(symbol=symbol)) if symbol in target:
                    names.add(target[symbol])
                case tree.Unary(op="++x" | "--x" | "x++" | "x--", operand=tree.Name(symbol=symbol)) if symbol in target:
                    names.add(target[symbol])
        return names

    def _left_behind(self, loop: tree.For) -> list[tuple[Symbol, Apart]]:
        """What a distributed loop leaves in the variables declared before it."""
        facts, target = self.reading.facts, self.reading.pairs.target
        judged = facts.loop_facts[loop.id]
        assert judged.info.canonical is not None
        where = self.place(loop)
        own = {judged.info.canonical.variable, *judged.private}
        found: list[tuple[Symbol, Apart]] = [
            (target[v], Lost(f"the loop at {where} leaves another value of '{v}' on each rank"))
            for v in own
            if v in target and loop.id not in facts.touches.scopes.get(v, ())
        ]
        reduced = {
            c.uid
            for k in self.reading.intent.after.get(loop.id, ())
            if (c := self.reading.intent.communication(k)).kind == "reduce"
        }
        found += [
            (target[r.symbol], RootOnly(f"only rank 0 has the result of the loop at {where}"))
            for r in judged.reductions
            if r.symbol in target and r.symbol.uid in reduced
        ]
        return found

    def _distributed(self, s: tree.For, c: tree.For, where: Where) -> None:
        plan = self.reading.intent.loops[s.id]
        header = bounds.check_header(s, c, plan, where, self)
        for symbol, apart in self._left_behind(s):
            if not isinstance(apart, RootOnly):
                self.state = self.state.with_apart(symbol, apart)
        reductions.check_start(c, plan, self)
        self.state = self.state.with_apart(header.variable, header.relation)
        inside = replace(where, distributed=plan, share=header.share, varies="it stands in a distributed loop")
        self._begin(s)
        self.state = replace(self.state, unset=self.state.unset - {header.variable})
        self.jumps.append(Jumps())
        self.body(s.body, c.body, inside)
        self._continue()
        self.jumps.pop()
        self.state = replace(self.state, reachable=True)
        for symbol, apart in self._left_behind(s):
            if not isinstance(apart, RootOnly):
                self.state = self.state.with_apart(symbol, apart)
        self.state = self.state.with_apart(
            header.variable, Lost(f"'{header.variable}' ends the loop on each rank elsewhere")
        )
        self.state = reductions.after_loop(s, plan, self.state, self.reading)
        self.state = self.state.without_numbers(self._assigned(s))


def _leaves(s: Stmt) -> bool:
    return any(isinstance(n, tree.Return) or (isinstance(n, tree.Call) and n.name in ENDS) for n in tree.walk(s))
