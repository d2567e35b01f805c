"""The uses of arrays in an expression, with what is known where it stands."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from chatmpi.analysis import tree
from chatmpi.analysis.numbers.pieces import Condition, negated
from chatmpi.analysis.numbers.polynomial import Polynomial
from chatmpi.analysis.tree import Assign, Call, Expr, Name, Node, Program
from chatmpi.verify.parametric.changes import changed
from chatmpi.verify.parametric.memory import Memory, Object, factors_of, inner_extents, made_by, root_of
from chatmpi.verify.parametric.messages import Part, parts_of
from chatmpi.verify.parametric.met import Access, Transfer, Where
from chatmpi.verify.parametric.persistent import prepared, started
from chatmpi.verify.parametric.quantities import Evaluator, Unfit, Variables


@dataclass
class Looks:
    """`accesses`, `transfers` and `objects` in the order of the program; `passed`: functions of the program called in
    places where they are not gone through. `variables` hold what is known at the place that is looked at, where the
    conditions of `where` hold; `within`: the loops around it, `sure`: see `Access`."""

    program: Program
    evaluator: Evaluator
    memory: Memory
    accesses: list[Access] = field(default_factory=list)
    transfers: list[Transfer] = field(default_factory=list)
    objects: list[Object] = field(default_factory=list)
    passed: set[str] = field(default_factory=set)
    variables: Variables = field(default_factory=dict)
    changes: dict[int, set[int]] = field(default_factory=dict)
    within: tuple[int, ...] = ()
    where: Where = ()
    sure: int = 0

    def _value(self, e: Expr) -> Polynomial | None:
        try:
            return self.evaluator.value(e, self.variables)
        except Unfit:
            return None

    def _holds(self, e: Expr) -> Condition | None:
        try:
            return self.evaluator.holds(e, self.variables)
        except Unfit:
            return None

    def _forget(self, uids: set[int]) -> None:
        for uid in uids:
            self._lose(self.evaluator.pointed.get(uid, uid))

    def _lose(self, uid: int) -> None:
        """Nothing is known of a variable any more."""
        self.variables[uid] = None

    def _changed(self, node: Node) -> set[int]:
        if id(node) not in self.changes:
            self.changes[id(node)] = changed(node)
        return self.changes[id(node)]

    def _seen(self, e: Expr) -> None:
        """All accesses in an expression, where what it changes itself is not known."""
        before = dict(self.variables)
        self._forget(self._changed(e))
        self._look(e, False)
        self.variables = before

    def _look(self, e: Expr, writes: bool) -> None:
        match e:
            case tree.Index():
                self._accessed(e, writes)
                return
            case Assign(op=op, target=target, value=value):
                self._look(value, False)
                self._look(target, True)
                if op != "=":
                    self._look(target, False)
            case tree.Binary(op="&&" | "||" as op, left=left, right=right):
                self._look(left, False)
                self._where(self._holds(left), op == "&&", right)
            case tree.Conditional(condition=c, then=then, otherwise=otherwise):
                self._look(c, False)
                holds = self._holds(c)
                self._where(holds, True, then)
                self._where(holds, False, otherwise)
            case tree.Member(base=base, arrow=False):
                self._look(base, writes)
            case tree.Sizeof():
                pass
            case Call():
                self._called(e)
            case _:
                for child in tree.children(e):
                    if isinstance(child, Expr):
                        self._look(child, False)

    def _where(self, holds: Condition | None, true: bool, e: Expr) -> None:
        where, sure = self.where, self.sure
        if holds is None:
            self.sure = len(self.within) + 1
        else:
            self.where = (*where, holds if true else negated(holds))
        self._look(e, False)
        self.where, self.sure = where, sure

    def _accessed(self, e: tree.Index, writes: bool) -> None:
        uid, subscripts = root_of(e)
        for s in subscripts:
            self._look(s, False)
        if uid is None:
            for child in tree.children(e):
                if isinstance(child, Expr):
                    self._look(child, False)
            return
        values = tuple(map(self._value, subscripts))
        self.accesses.append(Access(uid, values, writes, self.where, self.sure, self.within, e.span))

    def _called(self, e: Call) -> None:
        parts = parts_of(e)
        buffers = {p.buffer for p in parts}
        for k, a in enumerate(e.arguments):
            if k not in buffers:
                self._look(a, False)
        for p in parts:
            self._transferred(e, p)
        for request in started(e):
            waiting = [t for t in self.transfers if t.request == request]
            self.transfers += (
                replace(t, where=(*t.where, *self.where), sure=self.sure, within=self.within, span=e.span, request=None)
                for t in waiting
            )
        if e.name is not None and self.program.function(e.name) is not None:
            self.passed.add(e.name)

    def _transferred(self, call: Call, part: Part) -> None:
        buffer = call.arguments[part.buffer]
        place = self.memory.place(buffer)
        if place is None:
            self._look(buffer, part.writes)
            return
        uid, subscripts = place
        values = [part.count, part.peer, part.tag]
        count, peer, tag = (None if k is None else self._value(call.arguments[k]) for k in values)
        if not is_world(call.arguments[part.communicator]):
            peer = None
        start = tuple(map(self._value, subscripts))
        self.transfers.append(
            Transfer(uid, start, count, part, peer, tag, self.where, self.sure, self.within, call.span, prepared(call))
        )

    def _allocated(self, symbol: tree.Symbol, value: Expr, where: Where) -> None:
        """Memory that a pointer is given."""
        if not isinstance(symbol.type, tree.Pointer):
            return
        match value:
            case tree.Conditional(condition=c, then=then, otherwise=otherwise):
                holds = self._holds(c)
                if holds is not None:
                    self._allocated(symbol, then, (*where, holds))
                    self._allocated(symbol, otherwise, (*where, negated(holds)))
                return
            case tree.Cast(operand=operand):
                self._allocated(symbol, operand, where)
                return
        if isinstance(value, Call) and value.name is not None and (sizes := made_by(value)) is not None:
            extents = inner_extents(self.memory.declared.get(symbol.uid), self._value)
            outer = self.memory.elements(symbol, [self._value(s) for s in sizes])
            factors = [f for f in map(self._value, factors_of(sizes)) if f is not None and f.constant is None]
            self.objects.append(Object(symbol.uid, (outer, *extents), where, tuple(factors)))


def is_world(e: Expr) -> bool:
    return isinstance(e, Name) and e.symbol.name == "MPI_COMM_WORLD"
