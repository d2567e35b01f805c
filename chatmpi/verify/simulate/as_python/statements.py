"""C statements as lines of Python; each line knows the line of C that it stands for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import changed
from chatmpi.analysis.tree import Array, CType, Expr, OtherType, Pointer, Stmt, VarDecl
from chatmpi.verify.simulate.as_python.expressions import Expressions
from chatmpi.verify.simulate.as_python.initialisers import Initialisers
from chatmpi.verify.simulate.as_python.scope import Scope, is_aggregate, python_name
from chatmpi.verify.simulate.errors import Unsupported
from chatmpi.verify.simulate.labels import cases, segments
from chatmpi.verify.simulate.variadic import REST, is_argument_list, takes_more
from chatmpi.verify.simulate.work import operations


@dataclass(frozen=True)
class _Loop:
    """Where `continue` goes: `step` writes what a `for` does then; a switch hands it to the loop around by a flag. So
    does a block with labels, and `break` by the flag `left`."""

    step: Callable[[], None] | None
    flag: str = ""
    left: str = ""


class Statements:
    """Writes the statements of one program."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self.expressions = Expressions(scope)
        self._initialisers = Initialisers(scope, self.expressions)
        self._labels: list[tuple[str, ...]] = []
        self.lines: list[str] = []
        self.c_lines: list[int] = []
        self._depth = 0
        self._line = 0
        self._loops: list[_Loop] = []
        self._returns: CType | None = None
        self._end: Stmt | None = None

    def begin(self, code: str) -> None:
        """What follows stands inside of this line."""
        self.put(code)
        self._depth += 1

    def put(self, code: str) -> None:
        self.lines.append(" " * self._depth + code)
        self.c_lines.append(self._line)

    # ---------------------------------------------------------------------------------- functions

    def function(self, f: tree.Function, outer: set[int]) -> None:
        """A function; `outer` are variables of the program that it may assign."""
        self._line = self._scope.line(f)
        names = [python_name(p.symbol) for p in f.parameters]
        if takes_more(f.symbol):
            names.append(f"*{REST}")
        self.put(f"def f_{f.symbol.name}({', '.join(names)}):")
        self._depth += 1
        assigned = sorted(
            {
                python_name(s)
                for n in tree.walk(f)
                if (s := changed(n)) is not None and s.uid in outer and not self._scope.in_memory(s)
            }
        )
        self.put(f"nonlocal {', '.join(['_n', *assigned])}")
        self._spend(operations(f.body))
        if f.symbol.name in self._scope.coroutines:
            self.put("if False: yield")
        for p in f.parameters:
            self._parameter(p)
        ending = [] if f.symbol.name == "main" else self._in_memory(f)
        if ending:
            self.put(f"{' = '.join(ending)} = None")
            self.begin("try:")
        self._goes(None, f.body)
        self._returns = f.returns
        self._end = (
            f.body.body[-1] if f.symbol.name == "main" and isinstance(f.body, tree.Block) and f.body.body else None
        )
        self.statement(f.body)
        if f.symbol.name == "main":
            self.put("return 0")
        elif f.returns != OtherType("void"):
            self.put("return POISON")
        if ending:
            self._depth -= 1
            self._line = self._scope.end(f)
            self.put(f"finally: over({', '.join(ending)})")
        self._depth -= 1

    def _in_memory(self, f: tree.Function) -> list[str]:
        """The local variables of a function that are objects, which end with it."""
        declared = (n for n in tree.walk(f.body) if isinstance(n, tree.VarDecl))
        return [
            python_name(v.symbol)
            for v in declared
            if v.symbol.storage == "local" and self._scope.in_memory(v.symbol) and not is_argument_list(v.symbol.type)
        ]

    def _parameter(self, p: VarDecl) -> None:
        name = python_name(p.symbol)
        if isinstance(p.symbol.type, Pointer):
            self._dims(p, p.symbol.type.target)
        if isinstance(p.symbol.type, OtherType):
            self.put(f"{name} = temporary({name}, {self._scope.layout(p.symbol.type)})")
        elif self._scope.in_memory(p.symbol):
            self.put(f"{name} = boxed({name}, {self._scope.layout(p.symbol.type)}, {p.symbol.name!r})")

    # --------------------------------------------------------------------------------- statements

    def statement(self, s: Stmt) -> None:
        """Write a statement; one that is not understood becomes an error where it would run."""
        self._line = self._scope.line(s)
        start, depth, loops, labels = len(self.lines), self._depth, len(self._loops), len(self._labels)
        try:
            self._statement(s)
        except Unsupported as error:
            del self.lines[start:], self.c_lines[start:], self._loops[loops:], self._labels[labels:]
            self._depth = depth
            self._line = error.line or self._line
            self.put(f"unsupported({error.what!r}, {self._line})")

    def _statement(self, s: Stmt) -> None:
        match s:
            case tree.ExprStmt():
                self.effect(s.expr)
            case tree.Declaration():
                for variable in s.variables:
                    if variable.symbol.storage in ("local",):
                        self.variable(variable)
                self.put("pass")
            case tree.Block():
                self._block(s)
            case tree.If():
                self._if(s)
            case tree.For():
                self._for(s)
            case tree.While():
                self._while(s)
            case tree.DoWhile():
                self._do(s)
            case tree.Return():
                if self._end is not None:
                    self.put(f"leaves({self._scope.place(s)}, {s is self._end})")
                if s.value is None or self._returns is None:
                    self.put("return")
                else:
                    self.put(f"return {self.expressions.converted(s.value, self._returns)}")
            case tree.Break():
                self._break()
            case tree.Continue():
                self._continue()
            case tree.Empty():
                self.put("pass")
            case tree.UnknownStmt(kind="goto"):
                self._goto(s)
            case tree.UnknownStmt(kind="switch"):
                self._switch(s)
            case _:
                raise Unsupported(getattr(s, "kind", "a statement of this form"), self._scope.line(s))

    def effect(self, e: Expr) -> None:
        """An expression whose value nobody uses."""
        x = self.expressions
        match e:
            case tree.Binary(op=","):
                self.effect(e.left)
                self.effect(e.right)
            case tree.Assign(target=tree.Name(symbol=symbol)) if not self._scope.in_memory(symbol):
                name = x.value(e.target)
                self.put(f"{name} = {x.assignments.new_value(e, name)}")
            case tree.Assign(op="=") if isinstance(e.target.type, OtherType):
                target, index = x.places.of(e.target)
                self.put(f"copied({target}, {index}, {x.value(e.value)})")
            case tree.Assign(op="="):
                target, index = x.places.of(e.target)
                self.put(f"{target}[{index}] = {x.assignments.new_value(e, '')}")
            case tree.Assign():
                target, index = x.places.of(e.target)
                o, k = self._scope.temporary(), self._scope.temporary()
                self.put(f"{o} = {target}")
                self.put(f"{k} = {index}")
                self.put(f"{o}[{k}] = {x.assignments.new_value(e, f'{o}[{k}]')}")
            case tree.Unary(op="++x" | "--x" | "x++" | "x--", operand=tree.Name(symbol=symbol)) if (
                not self._scope.in_memory(symbol)
            ):
                name = x.value(e.operand)
                self.put(f"{name} = {x.assignments.step_value(e, name)}")
            case tree.Cast(type=OtherType(name="void"), operand=operand):
                self.effect(operand)
            case _:
                self.put(x.value(e))

    def _block(self, s: tree.Block) -> None:
        self.put("pass")
        parts = segments(s)
        if parts is None:
            for inner in s.body:
                self.statement(inner)
        elif not self._loops:
            self._labelled(parts)
        else:
            flag, left = self._scope.temporary(), self._scope.temporary()
            self.put(f"{flag} = {left} = False")
            self._loops.append(_Loop(None, flag, left))
            self._labelled(parts)
            self._loops.pop()
            self._where(flag, self._continue)
            self._where(left, self._break)

    def _where(self, flag: str, then: Callable[[], None]) -> None:
        self.put(f"if {flag}:")
        self._depth += 1
        then()
        self._depth -= 1

    def _labelled(self, parts: list[tuple[str, list[Stmt]]]) -> None:
        """Begin with the segment that a goto chose, the first one else; again after each goto."""
        chosen = self._scope.temporary()
        labels = tuple(label for label, _ in parts)
        self.put(f"{chosen} = 0")
        self.put("while True:")
        self.put(" try:")
        self._depth += 2
        self._labels.append(labels)
        for i, (_, inner) in enumerate(parts):
            self.put(f"if {chosen} <= {i}:")
            self._depth += 1
            self.put("pass")
            for statement in inner:
                self.statement(statement)
            self._depth -= 1
        self._labels.pop()
        self.put("break")
        self._depth -= 2
        self.put(f" except Goto as _g: {chosen} = _g.among({labels!r})")
        self._depth += 1
        self._spend(sum(operations(statement) for _, inner in parts for statement in inner))
        self._depth -= 1

    def _goto(self, s: tree.UnknownStmt) -> None:
        if s.label is None or not any(s.label in known for known in self._labels):
            raise Unsupported("this goto", self._line)
        self.put(f"raise Goto({s.label!r})")

    def _body(self, s: Stmt) -> None:
        self._depth += 1
        self.statement(s)
        self._depth -= 1

    def _goes(self, condition: Expr | None, body: Stmt | None = None) -> None:
        """Note that a run comes here."""
        self.put(f"_w[{self._scope.ways.of(condition, self._line, body)}] = 1")

    def _if(self, s: tree.If) -> None:
        line = self._line
        for head, body in ((f"if {self.expressions.test(s.condition)}:", s.then), ("else:", s.otherwise)):
            self._line = line
            self.begin(head)
            self._goes(s.condition, body)
            if body is not None:
                self.statement(body)
            self._depth -= 1

    def _for(self, s: tree.For) -> None:
        if s.init is not None:
            self.statement(s.init)
        condition = "True" if s.condition is None else self.expressions.test(s.condition)

        def step() -> None:
            if s.step is not None:
                self.effect(s.step)

        self.put(f"while {condition}:")
        self._loop(s, step)

    def _while(self, s: tree.While) -> None:
        self.put(f"while {self.expressions.test(s.condition)}:")
        self._loop(s, lambda: None)

    def _do(self, s: tree.DoWhile) -> None:
        def test() -> None:
            self._line = self._scope.line(s.condition)
            self.put(f"if not {self.expressions.test(s.condition)}: break")

        self.put("while True:")
        self._loop(s, test)

    def _loop(self, loop: tree.For | tree.While | tree.DoWhile, step: Callable[[], None]) -> None:
        line = self._line
        self._depth += 1
        step_of = loop.step if isinstance(loop, tree.For) else None
        self._spend(sum(map(operations, (loop.condition, loop.body, step_of))))
        self._goes(loop.condition, loop.body)
        self._loops.append(_Loop(step))
        self.statement(loop.body)
        self._loops.pop()
        self._line = line
        step()
        self._depth -= 1

    def _spend(self, done: int) -> None:
        """Say how many operations are done here, and end the run if they are too many."""
        self.put(f"_n -= {1 + done}")
        self.put("if _n < 0: _n += tick()")

    def _continue(self) -> None:
        innermost = self._loops[-1]
        if innermost.step is None:
            self.put(f"{innermost.flag} = True")
            self.put("break")
        else:
            innermost.step()
            self.put("continue")

    def _break(self) -> None:
        if self._loops and self._loops[-1].left:
            self.put(f"{self._loops[-1].left} = True")
        self.put("break")

    def _switch(self, s: tree.UnknownStmt) -> None:
        """`while True` so that `break` leaves it; `_k` is the number of the statement to begin with."""
        if len(s.children) != 2 or not isinstance(s.children[0], Expr) or not isinstance(s.children[1], tree.Block):
            raise Unsupported("this switch", self._line)
        parts = list(cases(s.children[1]))
        chosen, flag = self._scope.temporary(), self._scope.temporary()
        labels = {self.expressions.value(label): i for i, (own, _) in enumerate(parts) for label in own if label}
        default = next((i for i, (own, _) in enumerate(parts) if None in own), len(parts))
        table = ", ".join(f"{label}: {i}" for label, i in labels.items())
        self.put(f"{chosen} = {{{table}}}.get(int({self.expressions.value(s.children[0])}), {default})")
        self.put(f"{flag} = False")
        self.put("while True:")
        self._depth += 1
        self._loops.append(_Loop(None, flag))
        for i, (_, inner) in enumerate(parts):
            self.put(f"if {chosen} <= {i}:")
            self._body(inner)
        self._loops.pop()
        self.put("break")
        self._depth -= 1
        if self._loops:
            self._where(flag, self._continue)

    # ------------------------------------------------------------------------------- declarations

    def variable(self, v: VarDecl, static: bool = False) -> None:
        """A variable's declaration; of a static one everything is zero that is not set."""
        symbol = v.symbol
        name, kind = python_name(symbol), symbol.type
        if is_argument_list(kind):
            self.put(f"{name} = argument_list()")
            return
        if isinstance(kind, Pointer):
            self._dims(v, kind.target)
        if not is_aggregate(kind):
            self._scalar(v, name, kind, static)
            return
        layout, count = self._scope.layout(kind), "1"
        if isinstance(kind, Array):
            count = self._count(v, kind)
        zero = static or v.init is not None
        self.put(f"{name} = new({layout}, {count}, {symbol.name!r}, {zero})")
        if v.init is not None:
            self._initialise(v.init, kind, name)

    def static(self, v: VarDecl) -> None:
        """A variable of the program, or a static one of a function."""
        self._line = self._scope.line(v)
        self.variable(v, static=True)

    def _scalar(self, v: VarDecl, name: str, kind: CType, static: bool) -> None:
        start = "POISON"
        if v.init is not None:
            init = v.init.items[0] if isinstance(v.init, tree.InitList) and v.init.items else v.init
            start = self.expressions.converted(init, kind, name=v.symbol.name)
        elif static:
            start = "NULL" if isinstance(kind, Pointer) else f"{self._scope.layout(kind)}.zeros[0]"
        if self._scope.in_memory(v.symbol):
            start = f"boxed({start}, {self._scope.layout(kind)}, {v.symbol.name!r})"
        self.put(f"{name} = {start}")

    def _count(self, v: VarDecl, kind: Array) -> str:
        try:
            return str(self._scope.layouts.elements(kind))
        except Unsupported:
            return f"extent({', '.join(self._dims(v, kind))})"

    def _dims(self, v: VarDecl, kind: CType) -> list[str]:
        """Keep the extents of an array of variable length, or of one that is pointed to."""
        layers = 0
        inner, variable = kind, False
        while isinstance(inner, Array):
            layers, variable, inner = layers + 1, variable or inner.extent is None, inner.element
        if not variable:
            return []
        written = v.extents[len(v.extents) - layers :] if layers <= len(v.extents) else ()
        if len(written) != layers or any(e is None for e in written):
            raise Unsupported(f"the extents of '{v.symbol}'", self._line)
        names = []
        for k, e in enumerate(written):
            assert e is not None
            names.append(f"d{v.symbol.uid}_{k}")
            self.put(f"{names[-1]} = {self.expressions.value(e)}")
        self._scope.dims[v.symbol.uid] = names
        return names

    def _initialise(self, init: Expr, kind: CType, name: str) -> None:
        if isinstance(init, tree.StringLiteral):
            self.put(f"spell({name}, {init.value!r})")
            return
        if not isinstance(init, tree.InitList):
            self.put(f"copied({name}, 0, {self.expressions.value(init)})")
            return
        for cell, code in self._initialisers.items(init, kind, 0):
            self.put(f"{name}[{cell}] = {code}")
