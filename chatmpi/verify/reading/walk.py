"""The lock-step walk: every statement of the sequential program and its counterpart in the candidate, in order.

What stands between counterparts must be an insertion that the plan calls for (insertions.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from chatmpi.analysis import tree
from chatmpi.analysis.polynomial import ONE, of_atom, variable
from chatmpi.analysis.source import Source
from chatmpi.analysis.tree import Stmt, Symbol
from chatmpi.verify.reading import allocations, bounds, guards, reductions
from chatmpi.verify.reading.expressions import Comparison, written
from chatmpi.verify.reading.findings import LostTrack, Mismatch
from chatmpi.verify.reading.insertions import accept
from chatmpi.verify.reading.kinds import same_type
from chatmpi.verify.reading.piecewise import Condition
from chatmpi.verify.reading.reading import Position, Where
from chatmpi.verify.reading.row import Row, in_short, resembles
from chatmpi.verify.reading.state import Apart, Lost, RootOnly, State, join

_ENDS = frozenset({"exit", "_exit", "_Exit", "quick_exit"})
_MOST_ROUNDS = 4


@dataclass
class Jumps:
    """The states in which control leaves a loop's body early."""

    breaks: list[State] = field(default_factory=list)
    continues: list[State] = field(default_factory=list)


@dataclass
class Walk(Position):
    """A walk through one function. `jumps`: of the loops and switches around, outermost first; `entries`: what held
    at the heads of the switches around."""

    jumps: list[Jumps] = field(default_factory=list)
    entries: list[State] = field(default_factory=list)

    # -------------------------------------------------------------------------------------------- rows

    def body(self, s: Stmt, c: Stmt, where: Where, outermost: bool = False) -> None:
        """The body of a loop, branch or function: braces around a single statement make no difference."""
        source = s.body if isinstance(s, tree.Block) else (s,)
        candidate = c.body if isinstance(c, tree.Block) else (c,)
        row = Row(tuple(source), outermost)
        for part in candidate:
            self.follow(row, part, where)
        self._finish(row, c, where)

    def follow(self, row: Row, c: Stmt, where: Where) -> None:
        """One statement of the candidate: an insertion, a group, or the counterpart of the row's next statement."""
        depth, heads = len(self.jumps), len(self.entries)
        try:
            accepted = accept(row, c, where, self)
            if accepted is not None:
                for part in accepted.body:
                    self.follow(row, part, accepted.inside or where)
                if accepted.completes:
                    self._arrive(row, c)
                return
            if isinstance(c, tree.Block) and not isinstance(row.next, tree.Block):
                for part in c.body:
                    self.follow(row, part, where)
                return
            self._advance(row, c, where)
        except Mismatch as found:
            del self.jumps[depth:], self.entries[heads:]
            self.reading.findings.record(found)

    def _finish(self, row: Row, c: Stmt, where: Where) -> None:
        """The end of a row: nothing of it is left, and all that belongs behind it has been done."""
        self._communicated(row, row.after(self.reading.intent), c, "after")
        for s in row.source[row.at :]:
            if not isinstance(s, tree.Empty):
                self.reading.findings.refute(c, f"the statement at {self._place(s)} is missing here: '{in_short(s)}'")

    def _communicated(self, row: Row, wanted: Sequence[int], c: tree.Node, side: str) -> None:
        """Every communication that belongs here has been found."""
        intent = self.reading.intent
        for number in wanted:
            planned = intent.communication(number)
            for part in sorted(row.parts(planned)):
                if (number, part) not in row.found and not row.found_alike(planned, part, intent):
                    self.reading.findings.refute(
                        c,
                        f"{row.describe(planned, part)} is missing {side} line {planned.start.line}",
                        row.loss(planned, part),
                    )

    def _advance(self, row: Row, c: Stmt, where: Where) -> None:
        """Pair the candidate's statement with the row's next."""
        s = row.next
        if s is None or not resembles(s, c, self.reading):
            s = self._realign(row, c)
        where = replace(where, fetched=dict(row.copies))
        self._arrive(row, c)
        guards.check_executed(s, c, where, self.reading)
        self.pair(s, c, where)

    def _arrive(self, row: Row, c: Stmt) -> None:
        """The row's next statement is reached: what belongs before it has been done."""
        self._communicated(row, row.after(self.reading.intent), c, "after")
        self._communicated(row, row.before(self.reading.intent), c, "before")
        row.step()

    def _realign(self, row: Row, c: Stmt) -> Stmt:
        """The statement that `c` is the counterpart of, where it is not the next; what is skipped is missing."""
        later = next((k for k in range(row.at + 1, len(row.source)) if resembles(row.source[k], c, self.reading)), None)
        if later is not None:
            for s in row.source[row.at : later]:
                self.reading.findings.refute(
                    c, f"the statement at {self._place(s)} is missing before this: '{in_short(s)}'"
                )
            row.at = later
            return row.source[later]
        self.reading.findings.record(self._surplus(row, c))
        raise LostTrack

    def _surplus(self, row: Row, c: Stmt) -> Mismatch:
        if row.at and resembles(row.source[row.at - 1], c, self.reading):
            return Mismatch(c, f"this is done once more than at {self._place(row.source[row.at - 1])}")
        if row.next is None:
            return Mismatch(c, "the sequential program has no such statement here")
        return Mismatch(c, f"this stands where '{in_short(row.next)}' stands at {self._place(row.next)}")

    def _place(self, s: tree.Node) -> str:
        return self.reading.findings.place(s)

    # ------------------------------------------------------------------------------------------- pairs

    def comparison(self, where: Where) -> Comparison:
        return Comparison(self.reading, where, self.state, where.fetched)

    def pair(self, s: Stmt, c: Stmt, where: Where) -> None:
        """Two statements that should do the same."""
        match s, c:
            case tree.Block(), tree.Block():
                self.body(s, c, where)
            case tree.Declaration(), tree.Declaration():
                self._declaration(s, c, where)
            case tree.ExprStmt(), tree.ExprStmt():
                self._expression(s, c, where)
            case tree.If(), tree.If():
                self._if(s, c, where)
            case tree.For(), tree.For():
                self._for(s, c, where)
            case tree.While(), tree.While():
                inside = self._inside(s, where)
                self._loop(s, lambda: self._while(s, c, inside))
            case tree.DoWhile(), tree.DoWhile():
                inside = self._inside(s, where)
                self._loop(s, lambda: self._do_while(s, c, inside))
            case tree.Return(), tree.Return():
                self._return(s, c, where)
            case tree.Break(), tree.Break():
                if self.jumps:
                    self.jumps[-1].breaks.append(self.state)
                self.state = self.state.ended()
            case tree.Continue(), tree.Continue():
                if self.jumps:
                    self.jumps[-1].continues.append(self.state)
                self.state = self.state.ended()
            case tree.Empty(), tree.Empty():
                pass
            case tree.UnknownStmt(), tree.UnknownStmt():
                self._unknown(s, c, where)
            case _:
                raise Mismatch(c, f"this stands where '{in_short(s)}' stands at {self._place(s)}")

    def values(self, s: tree.Expr | None, c: tree.Expr | None, where: Where, at: tree.Node) -> None:
        """Two expressions of one value, or none at all."""
        if s is None and c is None:
            return
        if s is None or c is None:
            raise Mismatch(at, "a part of the sequential program's statement is missing here, or one is added")
        compared = self.comparison(where)
        compared.same(s, c)
        self.state = compared.state

    def _expression(self, s: tree.ExprStmt, c: tree.ExprStmt, where: Where) -> None:
        match s.expr, c.expr:
            case tree.Assign(op="=", target=tree.Name() as a, value=x), tree.Assign(
                op="=", target=tree.Name() as b, value=y
            ):
                self._taken(a, b, x, y, where)
            case _:
                self.values(s.expr, c.expr, where, c)
        call = s.expr.name if isinstance(s.expr, tree.Call) else None
        if call == "free" and isinstance(c.expr, tree.Call):
            self.state = allocations.freed(c.expr, self.state)
        if any(isinstance(n, tree.Call) and n.name in _ENDS for n in tree.walk(s.expr)):
            self._must_be_final(c)
            self.state = self.state.ended()

    def _taken(self, a: tree.Name, b: tree.Name, x: tree.Expr, y: tree.Expr, where: Where) -> None:
        """`a = x` and `b = y`."""
        if self.reading.pairs.target.get(a.symbol) != b.symbol:
            raise Mismatch(b, f"'{b.symbol}' is set where '{a.symbol}' is set at {self._place(a)}")
        if allocations.is_allocation(a.symbol, x, self.reading):
            allocations.allocated(a.symbol, b.symbol, y, where, self)
            return
        compared = self.comparison(where)
        if where.root or isinstance(a.symbol.type, tree.Pointer | tree.Array):
            compared.same(x, y)
            compared.set(a, b)
        else:
            compared.take(a.symbol, b.symbol, x, y)
        self.state = compared.state

    def _declaration(self, s: tree.Declaration, c: tree.Declaration, where: Where) -> None:
        if len(s.variables) != len(c.variables):
            raise Mismatch(c, f"this declares other variables than {self._place(s)}")
        if not s.variables:
            self.comparison(where).same_text(s, c)
        elif _head(s, self.reading.findings.sequential) != _head(c, self.reading.findings.candidate):
            raise Mismatch(c, f"this defines another type than {self._place(s)}")
        for v, w in zip(s.variables, c.variables, strict=True):
            self._variable(v, w, where)

    def _variable(self, v: tree.VarDecl, w: tree.VarDecl, where: Where) -> None:
        if v.symbol.name != w.symbol.name or (v.symbol.storage, v.symbol.const) != (w.symbol.storage, w.symbol.const):
            raise Mismatch(w, f"'{w.symbol}' is declared where '{v.symbol}' is at {self._place(v)}")
        self.reading.pairs.add(v.symbol, w.symbol)
        self.state = written(v.symbol, w.symbol, self.state, self.reading)
        if v.init is None:
            self.state = replace(self.state, unset=self.state.unset | {w.symbol})
        if v.symbol in self.reading.intent.partition_of:
            allocations.declared(v, w, where, self)
            return
        if not same_type(v.symbol.type, w.symbol.type) or len(v.extents) != len(w.extents):
            raise Mismatch(w, f"'{w.symbol}' has another type than at {self._place(v)}")
        for x, y in zip(v.extents, w.extents, strict=True):
            self.values(x, y, where, w)
        if v.init is None or w.init is None or isinstance(v.symbol.type, tree.Array | tree.Pointer):
            self.values(v.init, w.init, where, w)
            return
        compared = self.comparison(where)
        compared.take(v.symbol, w.symbol, v.init, w.init)
        self.state = compared.state

    def _return(self, s: tree.Return, c: tree.Return, where: Where) -> None:
        self.values(s.value, c.value, where, c)
        if where.in_main:
            self._must_be_final(c)
        elif self.state.phase in {"finalized", "aborted", "mixed"}:
            raise Mismatch(c, "MPI has ended here, but the program has not")
        self.state = self.state.ended()

    def _must_be_final(self, c: tree.Node) -> None:
        if self.state.reachable and self.state.phase not in {"finalized", "aborted"}:
            raise Mismatch(c, "the program ends here without MPI_Finalize")

    def _unknown(self, s: tree.UnknownStmt, c: tree.UnknownStmt, where: Where) -> None:
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
            raise Mismatch(c, f"the label is not that of {self._place(s)}")

    def _arrive_by_goto(self, where: Where) -> None:
        """At a label nothing is known of what any distributed loop leaves behind."""
        phase = self.state.phase if self.state.reachable else "running"
        widened = self._widened(self.reading.facts.function.body) if where.in_main else self.state
        self.state = replace(widened, phase=phase, reachable=True)

    def _label(self, body: Stmt, other: Stmt, where: Where) -> None:
        self.state = join(self.state, self.entries[-1])
        self.body(body, other, where)

    def _if(self, s: tree.If, c: tree.If, where: Where) -> None:
        self.values(s.condition, c.condition, where, c)
        entry = self.state
        self.body(s.then, c.then, self._branch(s.condition, True, where))
        then, self.state = self.state, entry
        otherwise = self._branch(s.condition, False, where)
        if s.otherwise is not None and c.otherwise is not None:
            self.body(s.otherwise, c.otherwise, otherwise)
        elif s.otherwise is not None or c.otherwise is not None:
            raise Mismatch(c, f"one of this and {self._place(s)} has an else, the other has none")
        self.state = join(then, self.state)

    def _branch(self, condition: tree.Expr, holds: bool, where: Where) -> Where:
        if guards.allocation_failed(condition, holds):
            return replace(
                where, varies="its condition tests an allocation, which may fail on one rank alone", failing=True
            )
        return where

    # ----------------------------------------------------------------------------------------- loops

    def _inside(self, s: Stmt, where: Where) -> Where:
        """The surroundings inside a loop of the sequential program."""
        info = self.reading.facts.loops.get(s.id)
        if info is None or not where.in_main:
            return where
        return replace(where, loops=info.around, naming=self.reading.facts.naming_at(info.around))

    def _for(self, s: tree.For, c: tree.For, where: Where) -> None:
        inside = self._inside(s, where)
        plan = self.reading.intent.loops.get(s.id) if where.in_main else None
        if plan is not None:
            self._distributed(s, c, inside)
            return
        if (s.init is None) != (c.init is None):
            raise Mismatch(c, f"the loop starts otherwise than at {self._place(s)}")
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

        self._loop(s, once)

    def _ranged(self, s: tree.For, holds: bool = True) -> None:
        """Remember what values a loop's variable takes while its body is walked."""
        info = self.reading.facts.loops.get(s.id)
        if info is None or info.canonical is None:
            return
        own, ranges = variable(info.canonical.variable), self.reading.terms.ranges
        ranges.pop(own, None)
        lower, upper = info.canonical.lower, info.canonical.upper
        if holds:
            here = of_atom(own)
            ends = ([here - lower] if lower is not None else []) + ([upper - ONE - here] if upper is not None else [])
            ranges[own] = tuple(Condition(end, ">=") for end in ends)

    def _begin(self, s: Stmt) -> None:
        """An iteration begins: what the loop sets has not been set in it."""
        self.state = replace(self.state, unset=self.state.unset | self._assigned(s))

    def _while(self, s: tree.While, c: tree.While, where: Where) -> None:
        self._begin(s)
        self.values(s.condition, c.condition, where, c)
        self.jumps.append(Jumps())
        self.body(s.body, c.body, where)
        self._continue()

    def _do_while(self, s: tree.DoWhile, c: tree.DoWhile, where: Where) -> None:
        self._begin(s)
        self.jumps.append(Jumps())
        self.body(s.body, c.body, where)
        self._continue()
        self.values(s.condition, c.condition, where, c)

    def _continue(self) -> None:
        for state in self.jumps[-1].continues:
            self.state = join(self.state, state)

    def _loop(self, s: Stmt, once: Callable[[], None]) -> None:
        """A loop that every rank runs whole: walked until what holds at its start holds at its end too."""
        entry = self._widened(s)
        for _ in range(_MOST_ROUNDS):
            self.state = entry
            once()
            left = self.jumps.pop()
            again = join(entry, self.state) if self.state.reachable else entry
            stable = again.apart == entry.apart and again.memory == entry.memory and again.phase == entry.phase
            if stable:
                break
            entry = replace(again, numbers=entry.numbers, reachable=True)
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
                    before = state.apart.get(symbol)
                    state = join(state, state.with_apart(symbol, apart)) if before is None else state
        return state

    def _assigned(self, s: Stmt) -> set[Symbol]:
        target = self.reading.pairs.target
        names = set()
        for n in tree.walk(s):
            place = (
                n.target
                if isinstance(n, tree.Assign)
                else n.operand
                if isinstance(n, tree.Unary) and "x" in n.op
                else None
            )
            if isinstance(place, tree.Name) and place.symbol in target:
                names.add(target[place.symbol])
        return names

    def _left_behind(self, loop: tree.For) -> list[tuple[Symbol, Apart]]:
        """What a distributed loop leaves in the variables declared before it."""
        facts, target = self.reading.facts, self.reading.pairs.target
        judged = facts.loop_facts[loop.id]
        assert judged.info.canonical is not None
        where = self._place(loop)
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


def _head(s: tree.Declaration, source: Source) -> list[str]:
    """The type that a declaration defines, as text."""
    head = source.text[s.span.begin : min(v.span.begin for v in s.variables)]
    return head.split() if "{" in head else []


def _leaves(s: Stmt) -> bool:
    return any(isinstance(n, tree.Return) or (isinstance(n, tree.Call) and n.name in _ENDS) for n in tree.walk(s))
