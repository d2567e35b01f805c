"""What a function of the candidate gathers: its body followed for one rank, the calling one.

The function fills arrays with the count and the place of each rank's part, then calls MPI_Allgatherv. As every rank
fills them alike, what they say of rank r is what a rank finds of itself with r for its own number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import allocation, is_null
from chatmpi.analysis.numbers.polynomial import Polynomial
from chatmpi.analysis.numbers.values import polynomial
from chatmpi.analysis.tree import Expr, Stmt, Symbol
from chatmpi.verify.reading.counts import aborts
from chatmpi.verify.reading.environment import address_of, is_constant, is_world
from chatmpi.verify.reading.evaluate import Names, unknown
from chatmpi.verify.reading.findings import Mismatch
from chatmpi.verify.reading.guards import allocation_failed
from chatmpi.verify.reading.kinds import is_integer
from chatmpi.verify.reading.piecewise import Condition, Piecewise, single
from chatmpi.verify.reading.reading import Position
from chatmpi.verify.reading.roles import RANK_VALUE, SIZE_VALUE
from chatmpi.verify.reading.terms import Question, witness


@dataclass(frozen=True, slots=True)
class Gathered:
    """`count` elements from element `place` on are the calling rank's; `array` and `kind` are the call's arguments."""

    call: tree.Call
    array: Expr
    kind: Expr
    count: Piecewise
    place: Piecewise


@dataclass(frozen=True, slots=True)
class Memory:
    """`offset` elements behind the beginning of an allocation of `size` elements."""

    allocation: int
    offset: Polynomial
    size: Polynomial


@dataclass
class Follower:
    """Follows the body of one function for the arguments of one call. Raises Mismatch."""

    at: Position
    function: tree.Function
    values: dict[Symbol, Polynomial]
    handed: dict[Symbol, Expr]
    pointers: dict[Symbol, Memory] = field(default_factory=dict)
    filled: dict[tuple[int, Polynomial], Piecewise] = field(default_factory=dict)
    allocations: int = 0
    result: Gathered | None = None

    def follow(self) -> Gathered:
        self._row(self.function.body.body, None)
        if self.result is None:
            raise Mismatch(self.function, f"'{self.function.symbol}' gathers nothing")
        return self.result

    # ------------------------------------------------------------------------------------ statements

    def _row(self, body: Sequence[Stmt], running: Symbol | None) -> None:
        for s in body:
            self._statement(s, running)

    def _statement(self, s: Stmt, running: Symbol | None) -> None:
        match s:
            case tree.Block(body=body):
                self._row(body, running)
            case tree.Declaration(variables=variables):
                for v in variables:
                    self._variable(v)
            case tree.ExprStmt(expr=tree.Assign(op="=", target=tree.Index() as target, value=value)) if running:
                self._fill(target, value, running)
            case tree.For(body=body) if running is None:
                self._row([body], self._all_ranks(s))
            case tree.ExprStmt(expr=tree.Call() as call) if running is None:
                self._call(call)
            case tree.If(condition=condition, then=then, otherwise=None) if allocation_failed(condition, True):
                if not all(aborts(part) for part in _statements(then)):
                    raise self._strange(s)
            case tree.Return(value=None) if running is None and s is self.function.body.body[-1]:
                pass
            case _:
                raise self._strange(s)

    def _strange(self, node: tree.Node) -> Mismatch:
        return Mismatch(node, f"what '{self.function.symbol}' does here is not understood")

    def _variable(self, v: tree.VarDecl) -> None:
        if isinstance(v.symbol.type, tree.Pointer) and v.init is not None:
            self.pointers[v.symbol] = self._pointer(v.init, v.symbol)
        elif is_integer(v.symbol.type) and v.init is not None and v.symbol not in self.at.reading.changed:
            value = self._value(v.init)
            one = single(value) if len(value) == 1 else None
            terms = self.at.reading.terms
            self.values[v.symbol] = one if one is not None else terms.define(v.symbol.name, v.symbol.uid, value)
        elif v.init is not None:
            raise self._strange(v)

    def _all_ranks(self, s: tree.For) -> Symbol:
        """The variable of a loop over all ranks; here it is this rank."""
        match s.init, s.condition, s.step:
            case (
                tree.Declaration(variables=(tree.VarDecl(symbol=r, init=Expr() as start),)),
                tree.Binary(op="<", left=tree.Name(symbol=a), right=bound),
                tree.Unary(op="x++" | "++x", operand=tree.Name(symbol=b)),
            ) if r == a == b:
                if self._one(start).constant == 0 and self._one(bound) == SIZE_VALUE:
                    self.values[r] = RANK_VALUE
                    return r
        raise Mismatch(s, f"this loop of '{self.function.symbol}' does not run over all ranks")

    # ---------------------------------------------------------------------------------------- values

    def _value(self, expr: Expr) -> Piecewise:
        names = Names(lambda s: self.values[s] if s in self.values else unknown(s))
        value = self.at.reading.evaluator.value(expr, names)
        if value is None:
            raise self._strange(expr)
        return value

    def _one(self, expr: Expr) -> Polynomial:
        value = single(self._value(expr))
        if value is None:
            raise self._strange(expr)
        return value

    def _pointer(self, expr: Expr, target: Symbol) -> Memory:
        call = allocation(expr)
        if call is not None:
            self.allocations += 1
            return Memory(self.allocations, Polynomial(), self._elements(call, target))
        match expr:
            case tree.Name(symbol=symbol) if symbol in self.pointers:
                return self.pointers[symbol]
            case tree.Binary(op="+", left=tree.Name(symbol=symbol), right=right) if symbol in self.pointers:
                base = self.pointers[symbol]
                return Memory(base.allocation, base.offset + self._one(right), base.size)
        raise self._strange(expr)

    def _elements(self, call: tree.Call, target: Symbol) -> Polynomial:
        size = Polynomial((((), 1),))
        for argument in call.arguments:
            size = size * self._one(argument)
        element = target.type.target if isinstance(target.type, tree.Pointer) else target.type
        unit = polynomial(tree.Sizeof(span=call.span, type=element, operand=None, of=element))
        if unit is None:
            raise self._strange(call)
        elements, rest = size.divided(unit)
        if rest.terms:
            raise self._strange(call)
        return elements

    def _fill(self, target: tree.Index, value: Expr, running: Symbol) -> None:
        """`counts[r] = …`"""
        base = target.base
        own = isinstance(target.subscript, tree.Name) and target.subscript.symbol == running
        if not own or not isinstance(base, tree.Name) or base.symbol not in self.pointers:
            raise self._strange(target)
        memory = self.pointers[base.symbol]
        terms = self.at.reading.terms
        question = Question(terms)
        missing = Condition(memory.size - memory.offset - SIZE_VALUE, ">=").negated()
        point = question.point([question.condition(missing)])
        if point is not None:
            room = terms.text(memory.size - memory.offset)
            raise Mismatch(target, f"'{base.symbol}' has room for {room} ranks", witness(point))
        for filled, offset in self.filled:
            apart = offset - memory.offset
            if filled == memory.allocation and apart.terms and (apart.divided(SIZE_VALUE)[1]).terms:
                raise Mismatch(target, "what is filled for the ranks overlaps")
        if (memory.allocation, memory.offset) in self.filled:
            raise Mismatch(target, f"'{base.symbol}' is filled twice")
        self.filled[memory.allocation, memory.offset] = self._value(value)

    # ----------------------------------------------------------------------------------------- calls

    def _call(self, call: tree.Call) -> None:
        match call.name:
            case "MPI_Comm_size" | "MPI_Comm_rank":
                place = address_of(call.arguments[1])
                if not is_world(call.arguments[0], self.at) or place is None:
                    raise self._strange(call)
                self.values[place.symbol] = SIZE_VALUE if call.name == "MPI_Comm_size" else RANK_VALUE
            case "MPI_Allgatherv":
                self._gather(call)
            case "free":
                self._free(call)
            case _:
                raise self._strange(call)

    def _free(self, call: tree.Call) -> None:
        """An allocation is given back; what pointed into it points nowhere."""
        match call.arguments:
            case (tree.Name(symbol=symbol),) if symbol in self.pointers and not self.pointers[symbol].offset.terms:
                gone = self.pointers[symbol].allocation
                self.pointers = {s: m for s, m in self.pointers.items() if m.allocation != gone}
            case _:
                raise self._strange(call)

    def _gather(self, call: tree.Call) -> None:
        if len(call.arguments) != 8 or self.result is not None:
            raise self._strange(call)
        send, n, none, array, counts, places, kind, world = call.arguments
        if not is_constant(send, "MPI_IN_PLACE", self.at) or (not is_null(n) and self._one(n).constant != 0):
            raise Mismatch(send, "each rank's part is to be taken from the array itself, by MPI_IN_PLACE")
        if not is_world(world, self.at):
            raise Mismatch(world, "this is not MPI_COMM_WORLD")
        _ = none  # not looked at by MPI where the part is in place
        self.result = Gathered(
            call, self._argument(array), self._argument(kind), self._list(counts), self._list(places)
        )

    def _argument(self, expr: Expr) -> Expr:
        if isinstance(expr, tree.Name) and expr.symbol in self.handed:
            return self.handed[expr.symbol]
        raise self._strange(expr)

    def _list(self, expr: Expr) -> Piecewise:
        whole = tree.Pointer(tree.Scalar("int"))
        if isinstance(expr, tree.Name) and expr.symbol in self.pointers and expr.symbol.type == whole:
            memory = self.pointers[expr.symbol]
            found = self.filled.get((memory.allocation, memory.offset))
            if found is not None:
                return found
        raise self._strange(expr)


def follower(at: Position, function: tree.Function, arguments: Sequence[tuple[Expr, Piecewise | None]]) -> Follower:
    """With the arguments of a call: those that are integers by their values."""
    values: dict[Symbol, Polynomial] = {}
    handed: dict[Symbol, Expr] = {}
    for p, (expr, value) in zip(function.parameters, arguments, strict=True):
        if p.symbol in at.reading.changed or p.symbol in at.reading.addressed:
            raise Mismatch(p, f"'{function.symbol}' changes its parameter '{p.symbol}'")
        handed[p.symbol] = expr
        if value is not None:
            one = single(value) if len(value) == 1 else None
            values[p.symbol] = one if one is not None else at.reading.terms.define(p.symbol.name, p.symbol.uid, value)
    return Follower(at, function, values, handed)


def _statements(s: Stmt) -> tuple[Stmt, ...]:
    return s.body if isinstance(s, tree.Block) else (s,)
