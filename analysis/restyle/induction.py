"""Variables that a counted loop moves along with its counter, in closed form: `a[k++]` in a loop over i becomes `a[i]`.

See Muchnick, Advanced Compiler Design and Implementation, 14.1; here the variable goes and the counter stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import changed, changed_or_lent, comma_parts, only_reads
from chatmpi.analysis.loops import ways_out
from chatmpi.analysis.restyle.counted_loops import declares_any, starts
from chatmpi.analysis.restyle.later_loops import Ends, run_only_where_ordered
from chatmpi.analysis.restyle.respelling import as_operand, removal
from chatmpi.analysis.restyle.webs import AT_ENTRY, Reaching, Unfollowed, Web, webs_of
from chatmpi.analysis.source import Edit, Span
from chatmpi.analysis.surroundings import (
    Surroundings,
    is_always_evaluated,
    is_counter,
    jumps_on,
    statements_of,
    stepping,
)
from chatmpi.analysis.tree import Expr, Node, Program, Stmt, Symbol


def closed_forms(program: Program) -> list[Edit]:
    """The edits for one variable more in closed form; none if there is none."""
    for f in program.functions:
        if f.in_macro:
            continue
        around = Surroundings(program, f)
        for loop in tree.statements(f.body):
            if not isinstance(loop, tree.For) or loop.in_macro or (counted := _counted(loop, around)) is None:
                continue
            for symbol, step in _steps(loop, counted.variable):
                edits = list(_Replacement(around, counted, symbol, step).edits())
                if edits:
                    return edits
    return []


@dataclass(frozen=True)
class _Counted:
    """`for (variable = start; variable relation bound; variable ± 1)`."""

    loop: tree.For
    variable: Symbol
    start: Expr
    bound: Expr
    inclusive: bool
    down: bool

    @property
    def is_unsigned(self) -> bool:
        return _is_unsigned(self.variable.type)

    @property
    def low(self) -> Expr:
        return self.bound if self.down else self.start

    @property
    def high(self) -> Expr:
        return self.start if self.down else self.bound

    @property
    def ends(self) -> Ends:
        return self.low, self.high, self.inclusive


@dataclass(frozen=True)
class _Step:
    """The one place in a loop that moves a variable: `node`, by `amount`; `statement` is that of the body around it,
    None if it stands in the header."""

    node: Expr
    amount: Expr | int
    down: bool
    statement: Stmt | None


def _counted(loop: tree.For, around: Surroundings) -> _Counted | None:
    condition, body = loop.condition, list(tree.walk(loop.body))
    if not isinstance(condition, tree.Binary) or loop.step is None or any(ways_out(loop.body)):
        return None
    mirrored = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
    if condition.op not in mirrored:
        return None
    for side, bound in ((condition.left, condition.right), (condition.right, condition.left)):
        if not isinstance(side, tree.Name) or not is_counter(side.symbol):
            continue
        op = condition.op if side is condition.left else mirrored[condition.op]
        start = next((v for s, v in starts(loop.init) if s == side.symbol), None)
        moves = [m for e in comma_parts(loop.step) if (m := stepping(e)) is not None and m[0] == side.symbol]
        if start is None or len(moves) != 1 or moves[0][1] != 1 or moves[0][2] == (op in {"<", "<="}):
            continue
        if any(changed(n) == side.symbol for n in body) or not around.is_private(side.symbol):
            continue
        if start.type not in {side.type, tree.Scalar("int")} or not around.is_steady(start, _after_start(loop)):
            continue
        return _Counted(loop, side.symbol, start, bound, op in {"<=", ">="}, moves[0][2])
    return None


def _after_start(loop: tree.For) -> Iterator[Node]:
    """What is carried out after a loop's begin."""
    for part in (loop.condition, loop.step, loop.body):
        if part is not None:
            yield from tree.walk(part)


def _sets(node: Node, symbol: Symbol) -> bool:
    """Whether a node gives a variable another value, or may let others do so."""
    if isinstance(node, tree.VarDecl | tree.UnknownStmt):
        return isinstance(node, tree.UnknownStmt) or node.symbol == symbol
    return changed_or_lent(node) == symbol


def _is_in(node: Node, around: Node) -> bool:
    return any(n is node for n in tree.walk(around))


def _is_signed(expr: Expr) -> bool:
    return isinstance(expr.type, tree.Scalar) and expr.type.is_integer and not expr.type.is_unsigned


def _is_unsigned(kind: tree.CType) -> bool:
    return isinstance(kind, tree.Scalar) and kind.is_integer and kind.is_unsigned


def _steps(loop: tree.For, counter: Symbol) -> Iterator[tuple[Symbol, _Step]]:
    """The variables, beside the counter, that a loop moves in just one place, once in each iteration."""
    assert loop.step is not None
    found: list[tuple[Symbol, _Step]] = []
    for e in comma_parts(loop.step):
        if (move := stepping(e)) is not None:
            found.append((move[0], _Step(e, move[1], move[2], None)))
    for s in statements_of(loop.body):
        if not isinstance(s, tree.ExprStmt | tree.Declaration) or s.in_macro:
            continue
        for n in tree.walk(s):
            if isinstance(n, Expr) and (move := stepping(n)) is not None and not n.in_macro:
                whole = isinstance(s, tree.ExprStmt) and s.expr is n
                if whole or (isinstance(n, tree.Unary) and _stands_alone(s, n)):
                    found.append((move[0], _Step(n, move[1], move[2], s)))
    every = [changed(n) for n in _after_start(loop)]
    for symbol, step in found:
        if symbol != counter and every.count(symbol) == 1 and not (step.statement is not None and jumps_on(loop.body)):
            yield symbol, step


def _stands_alone(s: tree.ExprStmt | tree.Declaration, step: tree.Unary) -> bool:
    """Whether a step inside a statement is taken whenever it is carried out, and no other part sees the variable."""
    symbol = changed(step)
    names = [n for n in tree.walk(s) if isinstance(n, tree.Name) and n.symbol == symbol]
    return len(names) == 1 and is_always_evaluated(s.expr if isinstance(s, tree.ExprStmt) else s, step)


class _Replacement:
    """One variable's closed form in one loop."""

    def __init__(self, around: Surroundings, counted: _Counted, symbol: Symbol, step: _Step) -> None:
        self.around, self.counted, self.symbol, self.step = around, counted, symbol, step
        self.loop, self.source = counted.loop, around.program.source
        self.inside = {id(n) for n in tree.walk(self.loop)}

    def edits(self) -> Iterator[Edit]:
        web = self._web()
        if web is None or not self._is_possible(web):
            return
        first = self._first(web)
        if not self._wraps_alike(first):
            return
        dead = self._is_dead()
        leaving = None if dead else self._leaving(web, first)
        if not dead and leaving is None:
            return
        uses = [n for n in self.around.mentions(self.symbol) if id(n) in web.uses and id(n) in self.inside]
        own = {id(n) for n in tree.walk(self.step.node)}
        if all(id(n) in own for n in uses) and not self._is_embedded():
            return  # nothing in the loop looks at it
        gone: list[Node] = [self.step.node]
        for name in uses:
            if id(name) not in own:
                whole, more = self._with_number(name)
                yield Edit(whole.span, self._fitted(whole, self._value(first, self._is_after(name), more)))
        yield from self._without_step(first)
        if leaving is not None:
            yield self._left(leaving)
        if first is not None and dead and not (web.uses - self.inside):
            yield from self._without_start(first)
            gone.append(first.node)
        yield from self._without_declaration(gone, uses, dead and first is not None)

    # ------------------------------------------------------------------------------------ what is possible

    def _web(self) -> Web | None:
        try:
            webs = webs_of(self.symbol, self.around.function.body)
        except Unfollowed:
            return None
        return next((w for w in webs if id(self.step.node) in w.definitions), None)

    def _is_possible(self, web: Web) -> bool:
        step, loop = self.step, self.loop
        names = [n for n in self.around.mentions(self.symbol) if id(n) in self.inside]
        if not is_counter(self.symbol) or not self.around.is_private(self.symbol) or any(n.in_macro for n in names):
            return False
        if not isinstance(step.amount, int) and not self._is_steady_amount(step.amount):
            return False
        seen_in = {id(n) for part in (loop.body, step.node) for n in tree.walk(part)}
        if any(id(n) in web.uses and id(n) not in seen_in for n in names):
            return False
        body = list(tree.walk(loop.body))
        if any(isinstance(n, tree.VarDecl) and n.symbol == self.symbol for n in body):
            return False
        counter = tree.Name(span=loop.span, type=self.counted.variable.type, symbol=self.counted.variable)
        return not (declares_any(body, counter) or declares_any(body, self.counted.start))

    def _wraps_alike(self, first: _First | None) -> bool:
        """Whether the closed form is the same number where something in it is unsigned: sums of 64 bits are the same
        up to 2^64, as subscripts are, and narrower ones where they are never negative, nor too large."""
        counted, kind = self.counted, self.symbol.type
        if not counted.is_unsigned and not _is_unsigned(kind):
            return True
        if _is_unsigned(kind) and not isinstance(self.step.amount, int):
            return False
        if tree.is_long(counted.variable.type if counted.is_unsigned else kind):
            return not _is_unsigned(kind) or tree.is_long(kind)
        number = None if first is None else _number(first.value)
        upward = not counted.down and not self.step.down and _number(counted.start) is not None
        return upward and number is not None and not (_is_unsigned(kind) and tree.is_long(counted.variable.type))

    def _is_steady_amount(self, amount: Expr) -> bool:
        return (
            amount.type in {self.symbol.type, tree.Scalar("int")}
            and self.around.is_steady(amount, tree.walk(self.loop))
            and not declares_any(tree.walk(self.loop), amount)
        )

    def _is_embedded(self) -> bool:
        s = self.step.statement
        return s is not None and not (isinstance(s, tree.ExprStmt) and s.expr is self.step.node)

    def _is_dead(self) -> bool:
        """Whether nobody sees what the step has left when the loop is over, nor when it begins again."""
        reaching = Reaching(self.symbol)
        reaching.run(self.around.function.body, frozenset({AT_ENTRY}))
        left = id(self.step.node)
        outside = any(left in seen for use, seen in reaching.uses.items() if use not in self.inside)
        return not outside and left not in reaching.loops[id(self.loop)]

    # ----------------------------------------------------------------------------------------- the start

    def _first(self, web: Web) -> _First | None:
        """What the variable holds when the loop begins, if it is written just before or in the header."""
        for s, value in starts(self.loop.init):
            if s == self.symbol:
                return self._kept(_First(self.loop.init or self.loop, value), list(_after_start(self.loop)))
        passed: list[Stmt] = []
        for before in self.around.before(self.loop):
            found = self._defined_by(before)
            if found is not None:
                return self._kept(found, [n for p in (*passed, self.loop) for n in tree.walk(p)])
            if any(_sets(n, self.symbol) for n in tree.walk(before)):
                return None
            passed.append(before)
        return None

    def _kept(self, first: _First, later: list[Node]) -> _First | None:
        """The first value, if it is the same, and spelled the same, in the loop."""
        steady = self.around.is_steady(first.value, later) and not declares_any(later, first.value)
        return first if steady and self._converts(first.value) else None

    def _converts(self, value: Expr) -> bool:
        """Whether the variable holds the value as it is."""
        return value.type in {self.symbol.type, tree.Scalar("int")}

    def _defined_by(self, s: Stmt) -> _First | None:
        match s:
            case tree.ExprStmt(expr=tree.Assign(op="=", target=tree.Name(symbol=symbol), value=value)):
                return _First(s, value) if symbol == self.symbol and not s.in_macro else None
            case tree.Declaration(variables=variables):
                v = next((v for v in variables if v.symbol == self.symbol), None)
                if v is not None and v.init is not None and not v.in_macro:
                    return _First(s, v.init)
        return None

    # -------------------------------------------------------------------------------------- closed forms

    def _with_number(self, name: tree.Name) -> tuple[Expr, int]:
        """A use, with the number that is added to it: `k + 1`."""
        around = self.around.parent(name)
        match around:
            case _ if self._is_narrow():
                pass
            case tree.Binary(op="+" | "-" as op, left=left, right=tree.IntLiteral(value=value, macro=None)) if (
                left is name and not around.in_macro and around.type == name.type
            ):
                return around, value if op == "+" else -value
        return name, 0

    def _value(self, first: _First | None, after: bool, more: int = 0) -> _Value:
        """The variable's value in an iteration, before or after its step, and `more`."""
        number = _number(first.value) if first is not None else None
        begin = self.symbol.name if first is None else as_operand(first.value, self._text(first.value), "+")
        amount, sign = self.step.amount, -1 if self.step.down else 1
        constant = (number or 0) + more
        terms = [] if number is not None else [("+", begin)]
        start = _number(self.counted.start)
        if amount == 1 and start is not None:
            negative = self.counted.down != self.step.down
            constant += start if negative else -start
            shown = self._widened() if constant else self.counted.variable.name
        else:
            shown, negative = self._moved(self._iterations())
        terms.append(("-" if negative else "+", shown))
        if after and isinstance(amount, int):
            constant += sign * amount
        elif after and not isinstance(amount, int):
            terms.append(("-" if self.step.down else "+", as_operand(amount, self._text(amount), "-")))
        own = first is None or first.value.type == self.symbol.type or (amount != 1 and self._is_wide())
        same = self.symbol.type == self.counted.variable.type or "(long)" in shown
        return _Value(_sum(terms, constant), same or (own and not self.counted.is_unsigned))

    def _widened(self) -> str:
        """The counter, in the variable's type where that is the wider one and has a sign."""
        name = self.counted.variable.name
        return f"(long){name}" if self._is_narrow() and self._is_wide() else name

    def _iterations(self) -> tuple[str, bool]:
        """How often the loop has gone round, and whether that is a sum."""
        name, start = self.counted.variable.name, self.counted.start
        zero = isinstance(start, tree.IntLiteral) and start.value == 0
        if self.counted.down:
            return f"{as_operand(start, self._text(start), '+')} - {name}", True
        return (name, False) if zero else (f"{name} - {as_operand(start, self._text(start), '-')}", True)

    def _moved(self, iterations: tuple[str, bool]) -> tuple[str, bool]:
        """By how much the variable has moved, and whether that is to be taken away."""
        shown, is_sum = iterations
        amount, down = self.step.amount, self.step.down
        if amount == 1:
            return (f"({shown})" if is_sum and down else shown), down
        factor = str(amount) if isinstance(amount, int) else as_operand(amount, self._text(amount), "*")
        wide = "(long)" if self._is_wide() else ""
        shown = f"({shown})" if is_sum else shown
        product = f"{factor} * {wide}{shown}" if isinstance(amount, int) else f"{wide}{shown} * {factor}"
        return product, down

    def _is_wide(self) -> bool:
        return self.symbol.type != self.counted.variable.type and self.symbol.type == tree.Scalar("long")

    def _fitted(self, node: Expr, closed: _Value) -> str:
        """A value in the place of a name or a step: in brackets and of the same type, where that matters."""
        around, value = self.around.parent(node), closed.text
        simple = value.replace("_", "").isalnum()
        if not closed.has_type and not (self._is_subscript(node) if self._is_narrow() else self._is_in_subscript(node)):
            return f"({_type(self.symbol)}){value if simple else f'({value})'}"
        left = isinstance(around, tree.Binary) and around.left is node and around.op in {"+", "-"}
        right = isinstance(around, tree.Binary) and around.op == "+" and _is_integer(around.type)
        whole = isinstance(around, tree.Index | tree.Call) or (isinstance(around, tree.Assign) and around.value is node)
        return value if simple or left or right or whole else f"({value})"

    def _is_narrow(self) -> bool:
        """Whether the counter's sums could be negative in the variable's type, and not in its own."""
        kind = self.counted.variable.type
        return self.counted.is_unsigned and not tree.is_long(kind) and self.symbol.type != kind

    def _is_subscript(self, node: Node) -> bool:
        above = self.around.parent(node)
        return isinstance(above, tree.Index) and above.base is not node

    def _is_in_subscript(self, node: Node) -> bool:
        """Whether a name is a subscript, or is added to numbers and to what is as wide, so that its type does not
        matter."""
        for above in self.around.above(node):
            if isinstance(above, tree.Index):
                return above.base is not node
            if not isinstance(above, tree.Binary) or above.op not in {"+", "-"}:
                return False
            other = above.right if above.left is node else above.left
            if not isinstance(other, tree.IntLiteral) and other.type != self.symbol.type:
                return False
            node = above
        return False

    def _is_after(self, name: tree.Name) -> bool:
        """Whether a use in the body sees the step of the same iteration."""
        if self.step.statement is None:
            return False
        statements = statements_of(self.loop.body)
        place = next(k for k, s in enumerate(statements) if s is self.step.statement)
        own = next((k for k, s in enumerate(statements) if any(n is name for n in tree.walk(s))), place)
        return own > place

    # --------------------------------------------------------------------------------- after the loop

    def _leaving(self, web: Web, first: _First | None) -> str | None:
        """The statement that gives the variable what it holds after the loop."""
        counted = self.counted
        low, high = counted.low, counted.high
        outer = self.around.parent(self.loop)
        has_step = isinstance(outer, tree.For) and outer.step is not None and not outer.step.in_macro
        if not (isinstance(outer, tree.Block) or has_step) or not self._has_ordered_ends():
            return None
        header = [] if self.loop.init is None else list(tree.walk(self.loop.init))
        if declares_any(header, low) or declares_any(header, high):
            return None
        if not self._goes_round_or_is_not_seen(low, high, web):
            return None
        zero = isinstance(low, tree.IntLiteral) and low.value == 0
        count = as_operand(high, self._text(high), "+")
        count = count if zero else f"{count} - {as_operand(low, self._text(low), '-')}"
        count = f"{count} + 1" if counted.inclusive else count
        shown, _ = self._moved((count, not count.replace("_", "").isalnum()))
        sign = "-" if self.step.down else "+"
        number = None if first is None else _number(first.value)
        if first is None or not isinstance(outer, tree.Block):
            return f"{self.symbol.name} {sign}= {shown}"
        terms = [] if number is not None else [("+", as_operand(first.value, self._text(first.value), "+"))]
        return f"{self.symbol.name} = {_sum([*terms, (sign, shown)], number or 0)}"

    def _has_ordered_ends(self) -> bool:
        """Whether the number of iterations is the difference of the ends where these do not cross."""
        counted = self.counted
        if counted.is_unsigned or _is_unsigned(counted.bound.type):
            return counted.is_unsigned and _is_unsigned(counted.bound.type) and _number(counted.low) == 0
        return _is_signed(counted.bound)

    def _left(self, leaving: str) -> Edit:
        """Where the variable gets what it holds after the loop: behind it, or in the header of the loop around it."""
        outer, end = self.around.parent(self.loop), self.loop.span.end
        if isinstance(outer, tree.For) and outer.step is not None:
            end = outer.step.span.end
            return Edit(Span(end, end), f", {leaving}")
        return Edit(Span(end, end), f"\n{self.source.indentation(self.loop.span.begin)}{leaving};")

    def _goes_round_or_is_not_seen(self, low: Expr, high: Expr, web: Web) -> bool:
        """Whether the loop's ends do not cross, wherever somebody looks at the variable afterwards."""
        if isinstance(low, tree.IntLiteral) and isinstance(high, tree.IntLiteral):
            return low.value <= high.value
        if self.counted.is_unsigned and not self.counted.inclusive:
            return True  # from zero
        outermost: Node = self.loop
        for above in self.around.above(self.loop):
            if isinstance(above, tree.For | tree.While | tree.DoWhile):
                outermost = above
        steady = all(self.around.is_steady(e, tree.walk(outermost)) for e in (low, high))
        return (steady and web.uses <= self.inside) or self._is_seen_after_iterations(low, high)

    def _is_seen_after_iterations(self, low: Expr, high: Expr) -> bool:
        """Whether what the loop leaves is only looked at in later loops that do not run where this one has no range."""
        reaching = Reaching(self.symbol)
        reaching.run(self.around.function.body, frozenset({AT_ENTRY}))
        left = id(self.step.node)
        if left in reaching.loops[id(self.loop)]:
            return False
        seen = {use for use, reached in reaching.uses.items() if use not in self.inside and left in reached}
        ends = (low, high, self.counted.inclusive)
        for name in self.around.mentions(self.symbol):
            if id(name) in seen:
                bodies = [n for n in self.around.above(name) if isinstance(n, tree.For) and _is_in(name, n.body)]
                found = ((n, c) for n in bodies if (c := _counted(n, self.around)) is not None and not c.is_unsigned)
                if not any(run_only_where_ordered(self.loop, ends, n, c.ends, self.around) for n, c in found):
                    return False
        return True

    # ------------------------------------------------------------------------------------ what goes away

    def _without_step(self, first: _First | None) -> Iterator[Edit]:
        step = self.step
        if step.statement is None:
            assert self.loop.step is not None
            kept = [self._text(e) for e in comma_parts(self.loop.step) if e is not step.node]
            yield Edit(self.loop.step.span, ", ".join(kept))
        elif self._is_embedded():
            assert isinstance(step.node, tree.Unary)
            value = self._value(first, step.node.op in {"++x", "--x"})
            yield Edit(step.node.span, self._fitted(step.node, value))
        elif isinstance(self.loop.body, tree.Block):
            yield removal(step.statement, self.source)
        else:
            yield Edit(step.statement.span, ";")

    def _without_start(self, first: _First) -> Iterator[Edit]:
        if first.node is self.loop.init:
            yield from self._without_part_of_header()
        elif isinstance(first.node, tree.ExprStmt):
            yield removal(first.node, self.source)

    def _without_part_of_header(self) -> Iterator[Edit]:
        match self.loop.init:
            case tree.ExprStmt(expr=expr):
                kept = [self._text(e) for e in comma_parts(expr) if changed(e) != self.symbol]
                yield Edit(expr.span, ", ".join(kept))
            case tree.Declaration(variables=variables) as d:
                begin = self.source.shown_at(Span(d.span.begin, min(v.span.begin for v in variables)))
                kept = [self._text(v) for v in variables if v.symbol != self.symbol]
                end = ";" if self.source.text[d.span.end - 1] == ";" else ""
                yield Edit(d.span, f"{begin}{', '.join(kept)}{end}")

    def _without_declaration(self, gone: list[Node], uses: list[tree.Name], unseen: bool) -> Iterator[Edit]:
        """The variable's declaration goes with its last use; its value, if nobody looks at it. `unseen`: nor at what
        the loop leaves, and no use names it any more."""
        declared = next(
            (d for d in tree.statements(self.around.function.body) if isinstance(d, tree.Declaration)
             and any(v.symbol == self.symbol for v in d.variables)), None,
        )  # fmt: skip
        if declared is None or declared is self.loop.init or declared.in_macro:
            return
        handled = {id(n) for g in gone for n in tree.walk(g)} | {id(n) for n in uses}
        v = next(v for v in declared.variables if v.symbol == self.symbol)
        start_goes = v.init is None or only_reads(v.init) or any(g is declared for g in gone)
        if unseen and start_goes and all(id(n) in handled for n in self.around.mentions(self.symbol)):
            kept = [o for o in declared.variables if o is not v]
            if not kept:
                yield removal(declared, self.source)
                return
            begin = self.source.shown_at(Span(declared.span.begin, min(o.span.begin for o in declared.variables)))
            yield Edit(declared.span, f"{begin}{', '.join(self._text(o) for o in kept)};")
        elif v.init is not None and any(g is declared for g in gone):
            yield Edit(Span(v.name_span.end, v.span.end), "")

    def _text(self, node: Node) -> str:
        return self.source.shown_at(node.span)


@dataclass(frozen=True)
class _First:
    """The statement that gives a variable its first value, and that value."""

    node: Stmt
    value: Expr


@dataclass(frozen=True)
class _Value:
    """The text of a closed form; `has_type`: it has the variable's own type."""

    text: str
    has_type: bool


def _number(expr: Expr) -> int | None:
    """The value of what is written as a number."""
    return expr.value if isinstance(expr, tree.IntLiteral) and expr.macro is None else None


def _sum(terms: list[tuple[str, str]], constant: int) -> str:
    """A sum with what is added first, if anything is."""
    ordered = sorted(terms, key=lambda t: t[0] == "-")
    if constant > 0 and ordered[0][0] == "-":
        ordered, constant = [("+", str(constant)), *ordered], 0
    shown = ordered[0][1] if ordered[0][0] == "+" else f"-{ordered[0][1]}"
    shown += "".join(f" {sign} {text}" for sign, text in ordered[1:])
    return f"{shown} {'+' if constant > 0 else '-'} {abs(constant)}" if constant else shown


def _is_integer(kind: tree.CType) -> bool:
    return isinstance(kind, tree.Scalar) and kind.is_integer


def _type(symbol: Symbol) -> str:
    assert isinstance(symbol.type, tree.Scalar)
    return symbol.type.name
