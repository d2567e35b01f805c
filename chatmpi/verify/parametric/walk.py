"""The way of any rank through a program, in a straight line: what integer variables hold at loops and accesses.

Rank and number of ranks are symbols. Branches are merged; what a loop may change is unknown in it and after it.
Calls of the program's own functions are followed, with pointers to variables (`blocks(n, rank, size, &begin, &end)`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from chatmpi.analysis import tree
from chatmpi.analysis.numbers.pieces import Comparison, Condition, negated
from chatmpi.analysis.numbers.polynomial import ONE, ZERO, Atom, Polynomial, of_atom
from chatmpi.analysis.tree import Assign, Call, Expr, Name, Node, Stmt, Unary
from chatmpi.verify.parametric.changes import changed, is_given, is_left_early, is_only_pointed_to, leaves
from chatmpi.verify.parametric.looks import Looks, is_world
from chatmpi.verify.parametric.memory import Object
from chatmpi.verify.parametric.met import Bounds, Where, in_range
from chatmpi.verify.parametric.quantities import (
    RANK,
    RANKS,
    Iteration,
    Unfit,
    Variables,
    arithmetic,
    chosen,
    size,
    with_rank,
)

_DEPTH = 3
_IS_FIRST = Comparison("==", of_atom(RANK))


@dataclass
class Walk(Looks):
    """`defined` gives the sizes by the place of their value in the text; `unsure` variables are never known. `loops`:
    the bounds by the loop and the calls that lead to it; None: not known. `entered`: what holds in a loop. `of_first`:
    what variables are at rank 0, where it alone sets them."""

    defined: dict[int, str] = field(default_factory=dict)
    unsure: set[int] = field(default_factory=set)
    loops: dict[tuple[int, ...], Bounds | None] = field(default_factory=dict)
    entered: dict[int, Where] = field(default_factory=dict)
    calls: tuple[int, ...] = ()
    depth: int = 0
    of_first: Variables = field(default_factory=dict)

    def main(self) -> None:
        function = self.program.function("main")
        for v in self.program.globals:
            self._define(v)
        if function is not None:
            self._run(function.body.body)

    def _run(self, body: Sequence[Stmt]) -> None:
        for s in body:
            self._statement(s)

    def _statement(self, s: Stmt) -> None:
        match s:
            case tree.Declaration(variables=variables):
                for v in variables:
                    self._define(v)
            case tree.ExprStmt(expr=e):
                self._expression(e)
            case tree.Block(body=body):
                self._run(body)
            case tree.If():
                self._branch(s)
            case tree.For():
                self._loop(s)
            case tree.While(body=body) | tree.DoWhile(body=body):
                self._forget(self._changed(s))
                self._seen(s.condition)
                sure, self.sure = self.sure, len(self.within) + 1
                self._inside([body], s.id)
                self.sure = sure
                self._forget(self._changed(s))
            case tree.Return(value=value) if value is not None:
                self._seen(value)
            case _:
                self._forget(self._changed(s))
                self._unknown(tree.children(s))

    def _define(self, v: tree.VarDecl) -> None:
        self._forget(self._changed(v))
        if isinstance(v.symbol.type, tree.Array) and v.symbol.storage != "parameter":
            self.objects.append(Object(v.symbol.uid, tuple(map(self._extent, v.extents)), self.where))
        if v.init is not None:
            self._seen(v.init)
            if _is_integer(v.symbol):
                self._store(v.symbol.uid, self._settled(v.init))
            self._allocated(v.symbol, v.init, self.where)

    def _extent(self, e: Expr | None) -> Polynomial | None:
        return None if e is None else self._value(e)

    def _store(self, uid: int, value: Polynomial | None) -> None:
        self.of_first.pop(uid, None)
        self.variables[uid] = None if uid in self.unsure else value

    def _lose(self, uid: int) -> None:
        super()._lose(uid)
        self.of_first.pop(uid, None)

    def _settled(self, value: Expr) -> Polynomial | None:
        if name := self.defined.get(value.span.begin):
            return size(name)
        return self._value(value)

    def _expression(self, e: Expr) -> None:
        if isinstance(e, Call) and self._followed(e):
            return
        sent = self._broadcast(e)
        self._seen(e)
        match e:
            case Assign(op=op, target=target, value=value) if (uid := self._target(target)) is not None:
                self._forget(self._changed(value))
                self._store(uid, self._settled(value) if op == "=" else self._updated(op[:-1], target, value))
            case Assign(op="=", target=Name(symbol=symbol), value=value):
                self._allocated(symbol, value, self.where)
            case Unary(op="++x" | "x++", operand=Name(symbol=symbol)):
                old = self.variables.get(symbol.uid)
                self._store(symbol.uid, None if old is None else old + ONE)
            case Call(arguments=(_, Unary(op="&", operand=Name(symbol=symbol)))) if e.name == "MPI_Comm_rank":
                self._store(symbol.uid, self._of_world(e, RANK))
            case Call(arguments=(_, Unary(op="&", operand=Name(symbol=symbol)))) if e.name == "MPI_Comm_size":
                self._store(symbol.uid, self._of_world(e, RANKS))
            case Call(arguments=(Unary(op="&", operand=Name(symbol=symbol)), *_)) if sent is not None:
                self._store(symbol.uid, sent)
            case tree.Binary(op=",", left=left, right=right):
                self._expression(left)
                self._expression(right)
            case _:
                self._forget(self._changed(e))

    def _broadcast(self, e: Expr) -> Polynomial | None:
        """What an integer is after it came from a root to all ranks: what it is there."""
        match e:
            case Call(name="MPI_Bcast", arguments=(Unary(op="&", operand=Name(symbol=symbol)), many, _, at, among)):
                if not _is_integer(symbol) or not is_world(among):
                    return None
            case _:
                return None
        root, count = self._value(at), self._value(many)
        if root is None or root.constant is None or count != ONE or self.within or self.where or self.sure:
            return None
        value = self.variables.get(symbol.uid)
        if value is None and root == ZERO:
            value = self.of_first.get(symbol.uid)
        try:
            return None if value is None else with_rank(value, root)
        except Unfit:
            return None

    def _of_world(self, call: Call, value: Atom) -> Polynomial | None:
        return of_atom(value) if is_world(call.arguments[0]) else None

    def _target(self, target: Expr) -> int | None:
        match target:
            case Name(symbol=symbol) if _is_integer(symbol):
                return symbol.uid
            case Unary(op="*", operand=Name(symbol=symbol)):
                return self.evaluator.pointed.get(symbol.uid)
        return None

    def _updated(self, op: str, target: Expr, value: Expr) -> Polynomial | None:
        old, by = self._value(target), self._value(value)
        if old is None or by is None or op not in "+-*/%":
            return None
        try:
            return arithmetic(op, old, by)
        except Unfit:
            return None

    def _branch(self, s: tree.If) -> None:
        self._seen(s.condition)
        self._forget(self._changed(s.condition))
        holds = self._holds(s.condition)
        if holds is None:
            self._unknown_branch(s)
            return
        before, where = dict(self.variables), self.where
        self.where = (*where, holds)
        self._statement(s.then)
        then, self.variables = self.variables, before
        left = leaves(s.then)
        self.where = (*where, negated(holds))
        if s.otherwise is not None:
            self._statement(s.otherwise)
        for uid in self._changed(s):
            self.of_first.pop(uid, None)
        if left:
            return  # only the other ones go on
        self.where = where
        for uid in self._changed(s):
            self.variables[uid] = _merged(holds, then.get(uid), self.variables.get(uid))
            if holds == _IS_FIRST and (value := then.get(uid)) is not None:
                self.of_first[uid] = value

    def _unknown_branch(self, s: tree.If) -> None:
        """What is in it is not known to be reached; that it leaves is an error, at which the ranks end."""
        sure, self.sure = self.sure, len(self.within) + 1
        for inner in (s.then, s.otherwise):
            if inner is not None:
                self._inside([inner])
                self._unsure(inner)
        self.sure = sure
        kept = {uid: self.variables.get(uid) for uid in self._changed(s) if self._is_given_again(uid, s)}
        self._forget(self._changed(s))
        self.variables.update(kept)

    def _is_given_again(self, uid: int, s: Node) -> bool:
        """Whether it is a size, which is one still where the command line says another: `if (argc > 1) n = …`."""
        main = self.program.function("main")
        given = {p.symbol.uid for p in main.parameters} if main else set()
        assigned = [n for n in tree.walk(s) if isinstance(n, Assign) and uid in changed(n)]
        return (
            self.variables.get(uid) in [size(name) for name in self.evaluator.sizes]
            and all(isinstance(a.target, Name) and a.op == "=" and is_given(a.value, given) for a in assigned)
            and not any(
                isinstance(n, Unary) and n.op in ("&", "++x", "--x", "x++", "x--") and uid in changed(n)
                for n in tree.walk(s)
            )
        )

    def _unknown(self, parts: Sequence[Node]) -> None:
        """What is in a statement that is not gone through."""
        sure, self.sure = self.sure, len(self.within) + 1
        for part in parts:
            if isinstance(part, Expr):
                self._seen(part)
            elif isinstance(part, Stmt):
                self._inside([part])
                self._unsure(part)
        self.sure = sure

    def _unsure(self, s: Node) -> None:
        for n in tree.walk(s):
            if isinstance(n, tree.For):
                self.loops[(*self.calls, n.id)] = None

    def _loop(self, s: tree.For) -> None:
        if s.init is not None:
            self._statement(s.init)
        begins = self.variables.copy()
        self._forget(self._changed(s))
        for e in (s.condition, s.step):
            if e is not None:
                self._seen(e)
        key = (*self.calls, s.id)
        bounds = self._bounds(s, begins)
        self.loops[key] = bounds if bounds is not None and bounds.step > 0 else None
        where, sure = self.where, self.sure
        counter = _counter(s.condition)
        if bounds is not None and counter is not None:
            made = of_atom(Atom(f"i{key}", counter.name, origin=Iteration(self.depth)))
            self.where = (*where, *in_range(made, bounds))
            if abs(bounds.step) != 1 or is_left_early(s.body):
                self.sure = len(self.within) + 1
            before = dict(self.variables)
            self._store(counter.uid, made)
            self.depth += 1
            self._inside([s.body], s.id)
            self.depth -= 1
            self.variables = before
        else:
            self.sure = len(self.within) + 1
            self._inside([s.body], s.id)
        self.where, self.sure = where, sure
        self._forget(self._changed(s))

    def _bounds(self, s: tree.For, begins: Variables) -> Bounds | None:
        """Of a loop that counts and is not left by its counter being set; downwards the step is negative."""
        match s.condition:
            case tree.Binary(op="<" | "<=" | ">" | ">=" as op, left=Name(symbol=symbol), right=right):
                step, first, last = self._step(s.step, symbol.uid), begins.get(symbol.uid), self._value(right)
            case _:
                return None
        if first is None or last is None or not step or symbol.uid in self._changed(s.body):
            return None
        if symbol.uid in self.unsure or (step > 0) != (op in ("<", "<=")):
            return None
        if step > 0:
            return Bounds(first, last + ONE if op == "<=" else last, step, self.where)
        low = last if op == ">=" else last + ONE
        return Bounds(low, first + ONE, step, self.where) if step == -1 else None

    def _step(self, step: Expr | None, uid: int) -> int | None:
        match step:
            case Unary(op="++x" | "x++", operand=Name(symbol=symbol)) if symbol.uid == uid:
                return 1
            case Unary(op="--x" | "x--", operand=Name(symbol=symbol)) if symbol.uid == uid:
                return -1
            case Assign(op="+=", target=Name(symbol=symbol), value=value) if symbol.uid == uid:
                by = self._value(value)
                return by.constant if by is not None and (by.constant or 0) > 0 else None
        return None

    def _inside(self, body: Sequence[Stmt], loop: int | None = None) -> None:
        before, within, where = dict(self.variables), self.within, self.where
        if loop is not None:
            self.within = (*within, loop)
            self.entered[loop] = where
        self._run(body)
        self.variables, self.within, self.where = before, within, where

    def _followed(self, call: Call) -> bool:
        """Whether a call of one of the program's functions could be gone through."""
        function = self.program.function(call.name) if call.name else None
        if function is None or len(self.calls) >= _DEPTH or len(call.arguments) != len(function.parameters):
            return False
        for a in call.arguments:
            self._seen(a)
        names = {p.symbol.uid: a for p, a in zip(function.parameters, call.arguments, strict=True)}
        for uid, a in names.items():
            self.variables[uid] = None
            match a:
                case Unary(op="&", operand=Name(symbol=symbol)) if is_only_pointed_to(function, uid):
                    self.evaluator.pointed[uid] = symbol.uid
                case Unary(op="&", operand=Name(symbol=symbol)):
                    self.variables[symbol.uid] = None
                case _:
                    self._forget(self._changed(a))
                    self.variables[uid] = self._value(a)
        calls, self.calls = self.calls, (*self.calls, call.span.begin)
        where, sure = self.where, self.sure
        if any(isinstance(n, tree.Return) for s in function.body.body[:-1] for n in tree.walk(s)):
            self.sure = len(self.within) + 1
        self._run(function.body.body)
        self.calls, self.where, self.sure = calls, where, sure
        return True


def _is_integer(symbol: tree.Symbol) -> bool:
    return isinstance(symbol.type, tree.Scalar) and symbol.type.is_integer


def _merged(holds: Condition, a: Polynomial | None, b: Polynomial | None) -> Polynomial | None:
    try:
        return chosen(holds, a, b) if a is not None and b is not None else None
    except Unfit:
        return None


def _counter(condition: Expr | None) -> tree.Symbol | None:
    match condition:
        case tree.Binary(left=Name(symbol=symbol)):
            return symbol
    return None
