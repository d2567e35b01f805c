"""One rank's way through a program, in a straight line: what integer variables hold where loops begin.

Branches are merged; what a loop may change is unknown in it and after it. Calls of the program's own functions are
followed, with pointers to variables (`blocks(n, rank, size, &begin, &end)`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import islpy as isl

from chatmpi.analysis import tree
from chatmpi.analysis.tree import Assign, Call, Expr, Function, Name, Node, Program, Stmt, Unary
from chatmpi.verify.parametric.quantities import Evaluator, Space, Unfit, Variables, arithmetic, chosen

_DEPTH = 3
_LEAVING = frozenset({"exit", "abort", "MPI_Abort", "_Exit"})


@dataclass(frozen=True)
class Bounds:
    """`low <= i < high` in steps; `where`: the sizes at which the loop is reached."""

    low: isl.PwAff
    high: isl.PwAff
    step: int
    where: isl.Set


@dataclass
class Walk:
    """Of rank `rank` of `ranks`. `loops`: the bounds by the loop and the calls that lead to it; None: not known.

    `defined` gives the sizes by the place of their value in the text; `unsure` variables are never known; `memory` is
    what statements change, kept for all ranks.
    """

    program: Program
    space: Space
    rank: int
    ranks: int
    defined: dict[int, str]
    unsure: set[int]
    memory: dict[int, set[int]]
    loops: dict[tuple[int, ...], Bounds | None] = field(default_factory=dict)
    variables: Variables = field(default_factory=dict)
    pointed: dict[int, int] = field(default_factory=dict)
    calls: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        self.evaluator = Evaluator(self.program, self.space)
        self.where = self.space.whole()

    def main(self) -> None:
        function = self.program.function("main")
        for v in self.program.globals:
            self._define(v)
        if function is not None:
            self._run(function.body.body)

    # ------------------------------------------------------------------------------- statements

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
                self._inside([body])
                self._forget(self._changed(s))
            case _:
                self._forget(self._changed(s))

    def _define(self, v: tree.VarDecl) -> None:
        self._forget(self._changed(v))
        if v.init is not None:
            self._store(v.symbol.uid, self._settled(v.init))

    def _store(self, uid: int, value: isl.PwAff | None) -> None:
        self.variables[uid] = None if uid in self.unsure else value

    def _settled(self, value: Expr) -> isl.PwAff | None:
        if name := self.defined.get(value.span.begin):
            return self.space.size(name)
        return self._value(value)

    def _value(self, e: Expr) -> isl.PwAff | None:
        try:
            return self.evaluator.value(e, self.variables)
        except Unfit:
            return None

    def _expression(self, e: Expr) -> None:
        match e:
            case Assign(op=op, target=target, value=value) if (uid := self._target(target)) is not None:
                self._forget(self._changed(value))
                self._store(uid, self._settled(value) if op == "=" else self._updated(op[:-1], target, value))
            case Unary(op="++x" | "x++", operand=Name(symbol=symbol)):
                old = self.variables.get(symbol.uid)
                self._store(symbol.uid, None if old is None else old.add(self.space.quantity("1")))
            case Call(arguments=(_, Unary(op="&", operand=Name(symbol=symbol)))) if e.name == "MPI_Comm_rank":
                self._store(symbol.uid, self._of_world(e, self.rank))
            case Call(arguments=(_, Unary(op="&", operand=Name(symbol=symbol)))) if e.name == "MPI_Comm_size":
                self._store(symbol.uid, self._of_world(e, self.ranks))
            case Call() if self._followed(e):
                pass
            case tree.Binary(op=",", left=left, right=right):
                self._expression(left)
                self._expression(right)
            case _:
                self._forget(self._changed(e))

    def _of_world(self, call: Call, value: int) -> isl.PwAff | None:
        of = self.program.source.at(call.arguments[0].span)
        return self.space.quantity(str(value)) if of == "MPI_COMM_WORLD" else None

    def _target(self, target: Expr) -> int | None:
        match target:
            case Name(symbol=symbol):
                return symbol.uid
            case Unary(op="*", operand=Name(symbol=symbol)):
                return self.pointed.get(symbol.uid)
        return None

    def _updated(self, op: str, target: Expr, value: Expr) -> isl.PwAff | None:
        old, by = self._value(target), self._value(value)
        if old is None or by is None or op not in "+-*/%":
            return None
        try:
            return arithmetic(op, old, by)
        except Unfit:
            return None

    def _branch(self, s: tree.If) -> None:
        self._forget(self._changed(s.condition))
        try:
            holds = self.evaluator.holds(s.condition, self.variables)
        except Unfit:
            self._unknown_branch(s)
            return
        before, where = dict(self.variables), self.where
        self.where = where.intersect(holds)
        self._statement(s.then)
        then, self.variables = self.variables, before
        left = leaves(s.then)
        self.where = where.subtract(holds)
        if s.otherwise is not None:
            self._statement(s.otherwise)
        if left:
            return  # only the other ones go on
        self.where = where
        for uid in self._changed(s):
            a, b = then.get(uid), self.variables.get(uid)
            self.variables[uid] = chosen(holds, a, b) if a is not None and b is not None else None

    def _unknown_branch(self, s: tree.If) -> None:
        """What is in it is not known to be reached; that it leaves is an error, at which the ranks end."""
        for inner in (s.then, s.otherwise):
            if inner is not None:
                self._inside([inner])
                self._unsure(inner)
        self._forget(self._changed(s))

    def _unsure(self, s: Node) -> None:
        for n in tree.walk(s):
            if isinstance(n, tree.For):
                self.loops[(*self.calls, n.id)] = None

    def _loop(self, s: tree.For) -> None:
        if s.init is not None:
            self._statement(s.init)
        begins = self.variables.copy()
        self._forget(self._changed(s))
        self.loops[(*self.calls, s.id)] = self._bounds(s, begins)
        self._inside([s.body])
        self._forget(self._changed(s))

    def _bounds(self, s: tree.For, begins: Variables) -> Bounds | None:
        """Of a loop that counts up and is not left early."""
        match s.condition:
            case tree.Binary(op="<" | "<=" as op, left=Name(symbol=symbol), right=right):
                step, low, high = _step(s.step, symbol.uid), begins.get(symbol.uid), self._value(right)
            case _:
                return None
        if isinstance(s.step, Assign) and s.step.op == "+=" and step is None:
            by = self._value(s.step.value)
            step = by.max_val().to_python() if by is not None and by.is_cst() else None
        if low is None or high is None or not step or symbol.uid in self._changed(s.body):
            return None
        if op == "<=":
            high = high.add(self.space.quantity("1"))
        return Bounds(low, high, step, self.where)

    def _inside(self, body: Sequence[Stmt]) -> None:
        before = dict(self.variables)
        self._run(body)
        self.variables = before

    def _forget(self, uids: set[int]) -> None:
        for uid in uids:
            self.variables[self.pointed.get(uid, uid)] = None

    def _changed(self, node: Node) -> set[int]:
        if id(node) not in self.memory:
            self.memory[id(node)] = changed(node)
        return self.memory[id(node)]

    # ------------------------------------------------------------------------------------ calls

    def _followed(self, call: Call) -> bool:
        """Whether a call of one of the program's functions could be gone through."""
        function = self.program.function(call.name) if call.name else None
        if function is None or len(self.calls) >= _DEPTH or len(call.arguments) != len(function.parameters):
            return False
        names = {p.symbol.uid: a for p, a in zip(function.parameters, call.arguments, strict=True)}
        for uid, a in names.items():
            self.variables[uid] = None
            match a:
                case Unary(op="&", operand=Name(symbol=symbol)) if _only_pointed_to(function, uid):
                    self.pointed[uid] = symbol.uid
                case Unary(op="&", operand=Name(symbol=symbol)):
                    self.variables[symbol.uid] = None
                case _:
                    self._forget(self._changed(a))
                    self.variables[uid] = self._value(a)
        calls, self.calls = self.calls, (*self.calls, call.span.begin)
        self._run(function.body.body)
        self.calls = calls
        return True


def leaves(s: Stmt) -> bool:
    """Whether what follows is not reached."""
    last = s.body[-1] if isinstance(s, tree.Block) and s.body else s
    match last:
        case tree.Return():
            return True
        case tree.ExprStmt(expr=Call() as call):
            return call.name in _LEAVING
    return False


def changed(node: Node) -> set[int]:
    """Variables that are set there, or whose address is given away."""
    found: set[int] = set()
    for n in tree.walk(node):
        match n:
            case Assign(target=Name(symbol=symbol)) | Unary(op="&", operand=Name(symbol=symbol)):
                found.add(symbol.uid)
            case Unary(op="++x" | "--x" | "x++" | "x--", operand=Name(symbol=symbol)):
                found.add(symbol.uid)
            case Assign(target=Unary(op="*", operand=Name(symbol=symbol))):
                found.add(symbol.uid)
    return found


def unsure(program: Program) -> set[int]:
    """Global variables that other functions than `main` set, and variables whose address is kept."""
    outside = {uid for f in program.functions if f.symbol.name != "main" for uid in changed(f.body)}
    found = outside & {v.symbol.uid for v in program.globals}
    for f in program.functions:
        given = {id(a) for n in tree.walk(f) if isinstance(n, Call) for a in n.arguments}
        for n in tree.walk(f):
            if isinstance(n, Unary) and n.op == "&" and isinstance(n.operand, Name) and id(n) not in given:
                found.add(n.operand.symbol.uid)
    return found


def _step(step: Expr | None, uid: int) -> int | None:
    match step:
        case Unary(op="++x" | "x++", operand=Name(symbol=symbol)) if symbol.uid == uid:
            return 1
        case Assign(op="+=", target=Name(symbol=symbol), value=tree.IntLiteral(value=value, macro=None)):
            return value if symbol.uid == uid else None
    return None


def _only_pointed_to(function: Function, uid: int) -> bool:
    """Whether a pointer is used for nothing but `*p`."""
    uses = list(_uses(function.body, uid))
    pointed = [
        n
        for n in tree.walk(function.body)
        if isinstance(n, Unary) and n.op == "*" and isinstance(n.operand, Name) and n.operand.symbol.uid == uid
    ]
    return len(uses) == len(pointed)


def _uses(node: Node, uid: int) -> Iterator[Name]:
    return (n for n in tree.walk(node) if isinstance(n, Name) and n.symbol.uid == uid)
