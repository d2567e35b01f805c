"""Loops that count in another way, as for loops: `while (i < n) { …; i++; }`, `for (i = n; i-- > 0; )`, `i != n`.

Each rewriting is exact but for `!=` and `while (i--)`, whose counter passes the bound only if the program is undefined
(it overflows).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import changed, changed_or_lent, comma_parts
from chatmpi.analysis.loops import ways_out
from chatmpi.analysis.numbers.values import type_text
from chatmpi.analysis.restyle.first_iterations import surely_holds
from chatmpi.analysis.restyle.respelling import Fresh, as_compared, as_operand, removal
from chatmpi.analysis.restyle.webs import is_dead_after
from chatmpi.analysis.source import Edit, Span
from chatmpi.analysis.surroundings import (
    Surroundings,
    is_always_evaluated,
    is_counter,
    jumps_on,
    statements_of,
    stepping,
)
from chatmpi.analysis.tree import Expr, Program, Stmt, Symbol

Loop = tree.For | tree.While | tree.DoWhile


def counted_loops(program: Program) -> list[Edit]:
    """The edits for one loop more that becomes a counted one; none if there is none."""
    for f in program.functions:
        if f.in_macro:
            continue
        around = Surroundings(program, f)
        for loop in tree.statements(f.body):
            if not isinstance(loop, Loop) or loop.in_macro:
                continue
            edits = list(_Rewriting(around, loop).edits())
            if edits:
                return edits
    return []


class _Rewriting:
    def __init__(self, around: Surroundings, loop: Loop) -> None:
        self.around, self.loop, self.source = around, loop, around.program.source

    def edits(self) -> Iterator[Edit]:
        loop = self.loop
        match loop:
            case tree.For(condition=None) | tree.While(condition=tree.IntLiteral(value=1)):
                yield from self._break_first()
            case tree.For(condition=tree.Binary(op="!=") as condition, step=tree.Expr() as step):
                yield from self._unequal(loop, condition, step)
            case tree.For(step=None, condition=tree.Expr() as condition) | tree.While(condition=condition) if (
                down := _counting_down(condition, loop.body)
            ) is not None:
                yield from self._downward(down, condition)
            case tree.For(init=None, condition=tree.Binary() as condition, step=tree.Expr()):
                yield from self._without_init(condition)
            case tree.For(init=tree.Declaration() as init, condition=tree.Binary() as condition, step=tree.Expr()):
                yield from self._with_bounds_only(init, condition)
            case tree.While(condition=condition):
                yield from self._while(loop, condition)
            case tree.DoWhile():
                yield from self._do(loop)

    # ----------------------------------------------------------------------------- while (i < n) { …; i++; }

    def _while(self, loop: tree.While, condition: Expr) -> Iterator[Edit]:
        counter = _compared(condition)
        last = _stepping_statement(loop.body, counter)
        if counter is None or last is None or jumps_on(loop.body):
            return
        step = _step_in(last, counter)
        header = self._header()
        start = self._start(counter)
        if step is None or header is None or start is None or declares_any(tree.walk(loop.body), step):
            return
        yield Edit(Span(loop.span.begin, loop.span.begin + len("while")), "for")
        yield Edit(Span(header.begin + 1, header.begin + 1), f"{start.target} = {self._shown(start.value)}; ")
        yield Edit(Span(header.end - 1, header.end - 1), f"; {self._shown(step)}")
        yield from start.edits
        yield from self._without_step(last, step)

    def _without_init(self, condition: tree.Binary) -> Iterator[Edit]:
        """`i = 0; for (; i < n; i++)`: the counter's first value belongs into the header."""
        counter = _compared(condition)
        start = None if counter is None else self._start(counter)
        begin = self.source.text.find("(", self.loop.span.begin, condition.span.begin)
        if start is not None and self.source.text[begin + 1 : condition.span.begin].strip() == ";":
            yield Edit(Span(begin + 1, begin + 1), f"{start.target} = {self._shown(start.value)}")
            yield from start.edits

    def _with_bounds_only(self, init: tree.Declaration, condition: tree.Binary) -> Iterator[Edit]:
        """`i = 0; for (const long end = n; i < end; i++)`: the same, and what keeps the end is the end itself."""
        counter = _compared(condition)
        if counter is None or init.in_macro or any(v.symbol == counter or v.in_macro for v in init.variables):
            return
        nodes = list(tree.walk(self.loop))
        moved = {changed_or_lent(n) for n in nodes}
        values = {v.symbol: v.init for v in init.variables if v.init is not None}
        for v in init.variables:
            if v.init is None or v.symbol in moved or not {v.symbol.type, v.init.type} <= _SIGNED:
                return
            if not self.around.is_steady(v.init, nodes) or declares_any(tree.walk(self.loop.body), v.init):
                return
        start = self._start(counter)
        inside = {id(n) for n in tree.walk(init)}
        uses = [n for n in nodes if isinstance(n, tree.Name) and n.symbol in values and id(n) not in inside]
        if start is None or any(n.in_macro for n in uses):
            return
        end = ";" if self._shown(init).endswith(";") else ""
        yield Edit(init.span, f"{start.target} = {self._shown(start.value)}{end}")
        yield from start.edits
        for n in uses:
            yield Edit(n.span, as_operand(values[n.symbol], self._shown(values[n.symbol]), "-"))

    def _without_step(self, last: Stmt, step: Expr) -> Iterator[Edit]:
        """The body without its last statement's step."""
        if isinstance(last, tree.ExprStmt) and last.expr is step:
            if isinstance(self.loop.body, tree.Block):
                yield removal(last, self.source)
            else:
                yield Edit(last.span, ";")
        elif isinstance(last, tree.ExprStmt) and any(p is step for p in comma_parts(last.expr)):
            others = [self._shown(p) for p in comma_parts(last.expr) if p is not step]
            yield Edit(last.expr.span, ", ".join(others))
        else:
            assert isinstance(step, tree.Unary)
            yield Edit(step.span, self.source.shown_at(step.operand.span))

    def _shown(self, expr: tree.Node) -> str:
        return self.source.shown_at(expr.span)

    def _headed(self, head: str) -> Edit:
        """The loop with another header, its body where it is."""
        text, begin, body = self.source.text, self.loop.span.begin, self.loop.body.span.begin
        end = body
        while text[end - 1].isspace():
            end -= 1
        return Edit(Span(begin, end), head) if text[end - 1] == ")" else Edit(Span(begin, body), f"{head} ")

    def _header(self) -> Span | None:
        """The parentheses of a while, or None where comments stand in the way."""
        text, loop = self.source.text, self.loop
        assert loop.condition is not None
        begin = text.find("(", loop.span.begin, loop.condition.span.begin)
        end = text.rfind(")", loop.condition.span.end, loop.body.span.begin)
        keyword = text[loop.span.begin : begin].strip() if begin >= 0 else ""
        between = text[loop.condition.span.end : loop.body.span.begin] if end >= 0 else "/"
        if keyword != "while" or "/" in between or loop.condition.in_macro:
            return None
        return Span(begin, end + 1)

    # --------------------------------------------------------------------------------------- where it starts

    def _start(self, counter: Symbol) -> _Start | None:
        """The counter's last definition before the loop in the loop's block, to be moved into the header."""
        passed: list[Stmt] = []
        for s in self.around.before(self.loop):
            names = [n for n in tree.walk(s) if isinstance(n, tree.Name) and n.symbol == counter]
            variables = s.variables if isinstance(s, tree.Declaration) else ()
            declared = next((v for v in variables if v.symbol == counter), None)
            if not names and declared is None:
                passed.append(s)
                continue
            if s.in_macro or not self.around.is_private(counter):
                return None
            return self._moved(s, declared, names, counter, passed)
        return None

    def _moved(
        self, s: Stmt, declared: tree.VarDecl | None, names: list[tree.Name], counter: Symbol, passed: list[Stmt]
    ) -> _Start | None:
        between = [n for p in passed for n in tree.walk(p)]
        match s:
            case tree.ExprStmt(expr=tree.Assign(op="=", target=tree.Name(symbol=symbol), value=value)) if (
                symbol == counter and len(names) == 1 and self._may_move(value, between)
            ):
                return _Start([removal(s, self.source)], counter.name, value)
        if declared is None or declared.init is None or declared.in_macro or names:
            return None
        assert isinstance(s, tree.Declaration)
        if s.variables[-1] is not declared:
            between += [n for v in s.variables[s.variables.index(declared) + 1 :] for n in tree.walk(v)]
        if not self._may_move(declared.init, between):
            return None
        if len(s.variables) == 1 and self._is_only_here(counter):
            target = self.source.shown_at(Span(s.span.begin, declared.name_span.end))
            return _Start([removal(s, self.source)], target, declared.init)
        return _Start([Edit(Span(declared.name_span.end, declared.span.end), "")], counter.name, declared.init)

    def _may_move(self, value: Expr, between: list[tree.Node]) -> bool:
        """Whether a value is the same, and spelled the same, after the nodes between."""
        return self.around.is_steady(value, between) and not declares_any(between, value)

    def _is_only_here(self, counter: Symbol) -> bool:
        inside = {id(n) for n in tree.walk(self.loop)}
        return all(id(n) in inside for n in self.around.mentions(counter))

    # --------------------------------------------------------------------------------- do { … } while (i < n)

    def _do(self, loop: tree.DoWhile) -> Iterator[Edit]:
        condition, last = loop.condition, _last(loop.body)
        if not isinstance(condition, tree.Binary) or jumps_on(loop.body) or not isinstance(loop.body, tree.Block):
            return
        step = _step_before(condition.left)
        counter = _compared(condition) if step is None else changed(step)
        if step is None and last is not None:
            step = _step_in(last, counter)
        start = None if counter is None or not is_counter(counter) else self._start(counter)
        if counter is None or step is None or start is None or condition.in_macro:
            return
        if declares_any(tree.walk(loop.body), step):
            return
        first, bound = start.value, condition.right
        test = f"{counter.name} {condition.op} {as_compared(bound, self._shown(bound))}"
        if not surely_holds(first, condition.op, bound, self.around):
            once = self._at_least_once(loop, condition, counter, first, step)
            if once is None:
                return
            test = f"{counter.name} {condition.op} {once}"
        head = f"for ({start.target} = {self._shown(first)}; {test}; {self._shown(step)}) "
        yield Edit(Span(loop.span.begin, loop.body.span.begin), head)
        yield Edit(Span(loop.body.span.end, loop.span.end), "")
        yield from start.edits
        if last is not None and step is not condition.left:
            yield from self._without_step(last, step)

    def _at_least_once(
        self, loop: tree.DoWhile, condition: tree.Binary, counter: Symbol, first: Expr, step: Expr
    ) -> str | None:
        """The bound, or what lets just the first iteration run: the further one of the two."""
        bound, moved, body = condition.right, stepping(step), list(tree.walk(loop.body))
        up = condition.op in {"<", "<="}
        if condition.op not in _RELATIONS or moved is None or moved[2] == up:
            return None
        if not isinstance(moved[1], int) or moved[1] < 1:
            return None
        counts = isinstance(condition.left, tree.Name) and condition.left.symbol == counter
        if not counts and condition.left is not step:
            return None
        if any(e.type not in _SIGNED or not self.around.is_steady(e, [*body, step]) for e in (first, bound)):
            return None
        if counter.type not in _SIGNED or declares_any(body, first) or declares_any(body, bound):
            return None
        shown, least = as_compared(bound, self._shown(bound)), as_compared(first, self._shown(first))
        if condition.op in {"<", ">"}:
            least = f"{least} {'+' if up else '-'} 1"
            if isinstance(first, tree.IntLiteral) and first.macro is None:
                least = str(first.value + (1 if up else -1))
        return f"({shown} {'>' if up else '<'} {least} ? {self._shown(bound)} : {least})"

    # --------------------------------------------------------------------------- for (;;) { if (i >= n) break; … }

    def _break_first(self) -> Iterator[Edit]:
        """A loop that is left at its begin, by the condition that it is left by."""
        loop = self.loop
        first = statements_of(loop.body)[0] if statements_of(loop.body) else None
        match first:
            case tree.If(condition=tree.Binary() as left, then=then, otherwise=None) if (
                _compared(left, frozenset(_OPPOSITE)) is not None
            ):
                if not _is_break(then) or left.in_macro or first.in_macro or not isinstance(loop.body, tree.Block):
                    return
            case _:
                return
        shown = self.source.shown_at
        one, other = (as_compared(e, shown(e.span)) for e in (left.left, left.right))
        stays = f"{one} {_OPPOSITE[left.op]} {other}"
        if any(isinstance(k, tree.Scalar) and k.is_floating for k in (left.left.type, left.right.type)):
            return
        if isinstance(loop, tree.For) and (loop.init is not None or loop.step is not None):
            init = ";" if loop.init is None else shown(loop.init.span)
            init += "" if init.endswith(";") else ";"
            step = "" if loop.step is None else f" {shown(loop.step.span)}"
            head = f"for ({init} {stays};{step})"
        else:
            head = f"while ({stays})"
        yield self._headed(head)
        yield removal(first, self.source)

    # ------------------------------------------------------------------------------------------------ i != n

    def _unequal(self, loop: tree.For, condition: tree.Binary, step: Expr) -> Iterator[Edit]:
        for side, other in ((condition.left, condition.right), (condition.right, condition.left)):
            down = next((d for s, d in _unit_steps(step) if isinstance(side, tree.Name) and s == side.symbol), None)
            if not isinstance(side, tree.Name) or down is None or not self._passes_none(side.symbol, other, down):
                continue
            first = side is condition.left
            operator = "<" if down != first else ">"
            text = self.source.text[condition.left.span.end : condition.right.span.begin]
            place = condition.left.span.end + text.find("!=")
            if "!=" in text and not condition.in_macro:
                yield Edit(Span(place, place + 2), operator)
            return

    def _passes_none(self, counter: Symbol, bound: Expr, down: bool) -> bool:
        """Whether a counter that begins beyond its bound would overflow, and the bound stays."""
        body = list(tree.walk(self.loop.body))
        if not is_counter(counter):
            return False
        unsigned = _is_unsigned(counter.type) or _is_unsigned(bound.type)
        natural = not down and self._starts_at_zero(counter) and _is_unsigned(bound.type)
        natural |= down and _is_unsigned(counter.type) and isinstance(bound, tree.IntLiteral) and bound.value == 0
        overflows = not unsigned and not any(ways_out(self.loop.body)) and not self.around.may_end(body)
        return (
            (natural or overflows)
            and self.around.is_private(counter)
            and not any(changed(n) == counter for n in body)
            and self.around.is_steady(bound, tree.walk(self.loop))
        )

    def _starts_at_zero(self, counter: Symbol) -> bool:
        return isinstance(self.loop, tree.For) and any(
            symbol == counter and isinstance(value, tree.IntLiteral) and value.value == 0
            for symbol, value in starts(self.loop.init)
        )

    # ------------------------------------------------------------------------------------ while (i-- > 0) { … }

    def _downward(self, down: _Down, condition: Expr) -> Iterator[Edit]:
        """Counts from n - 1 down to 0; up, where nobody looks at the counter."""
        symbol, loop = down.counter, self.loop
        body = [n for s in statements_of(loop.body) if s is not down.first for n in tree.walk(s)]
        if not is_counter(symbol) or condition.in_macro or loop.body.in_macro:
            return
        if any(changed(n) == symbol for n in body) or not self.around.is_private(symbol):
            return
        if down.first is not None and (not isinstance(loop.body, tree.Block) or down.first.in_macro):
            return
        if not isinstance(down.least, tree.IntLiteral) and not self.around.is_steady(down.least, tree.walk(loop)):
            return
        if _is_unsigned(down.least.type) and not _is_unsigned(symbol.type):
            return
        unsigned = _is_unsigned(symbol.type)
        if not unsigned and not down.exact and (any(ways_out(loop.body)) or self.around.may_end(body)):
            return
        head = self._counted_head(down)
        edits = [] if head is None else [self._headed(f"for ({head[0]})"), *head[1]]
        if not edits and unsigned:
            edits = list(self._one_above(down, body))
        yield from edits
        if edits and down.first is not None:
            yield removal(down.first, self.source)

    def _one_above(self, down: _Down, body: list[tree.Node]) -> Iterator[Edit]:
        """A counter that is never negative counts from n down to 1, and one less stands where it is used."""
        symbol, loop = down.counter, self.loop
        uses = [n for n in body if isinstance(n, tree.Name) and n.symbol == symbol]
        found = self._for_start(symbol) if isinstance(loop, tree.For) else self._start(symbol)
        begun = isinstance(loop, tree.For) and loop.init is not None
        dead = is_dead_after(symbol, loop, self.around.function)
        if down.before or any(n.in_macro for n in uses) or not dead or (begun and found is None):
            return
        if not down.exact and not (isinstance(down.least, tree.IntLiteral) and down.least.value == 0):
            return
        if found is None:
            name = Fresh(self.source.text).take(f"{symbol.name}_left")
            start = f"{type_text(symbol.type)} {name} = {symbol.name}"
        else:
            name, start = symbol.name, f"{found.target} = {self._shown(found.value)}"
            yield from found.edits
        yield self._headed(f"for ({start}; {name} > {self._least(down)}; {name}--)")
        alone = {id(n.subscript) for n in body if isinstance(n, tree.Index)}
        yield from (Edit(n.span, f"{name} - 1" if id(n) in alone else f"({name} - 1)") for n in uses)

    def _least(self, down: _Down) -> str:
        return "0" if down.least.in_macro else self._shown(down.least)

    def _counted_head(self, down: _Down) -> tuple[str, list[Edit]] | None:
        """The header of the loop as it counts from now on, and the edits beside it."""
        symbol, name, least = down.counter, down.counter.name, self._least(down)
        found = self._for_start(symbol) if isinstance(self.loop, tree.For) else self._start(symbol)
        unused = is_dead_after(symbol, self.loop, self.around.function) and not any(
            isinstance(n, tree.Name) and n.symbol == symbol for n in tree.walk(self.loop.body)
        )
        if found is None or not _fits(found.value.type, symbol.type):
            if not unused and isinstance(self.loop, tree.While) and found is None and not _is_unsigned(symbol.type):
                return self._renamed(down)
            if not unused or least != "0" or (isinstance(self.loop, tree.For) and self.loop.init is not None):
                return None
            own = Fresh(self.source.text).take(f"{name}_done")
            return f"{type_text(symbol.type)} {own} = 0; {own} < {name}; {own}++", []
        value = as_operand(found.value, self._shown(found.value), "+")
        if unused and least == "0" and self.around.is_steady(found.value, tree.walk(self.loop.body)):
            return f"{found.target} = 0; {name} < {value}; {name}++", found.edits
        if _is_unsigned(symbol.type):
            return None  # is never less than 0
        plain = isinstance(found.value, tree.IntLiteral) and found.value.macro is None
        last = str(found.value.value - 1) if plain and isinstance(found.value, tree.IntLiteral) else f"{value} - 1"
        return f"{found.target} = {last}; {name} >= {least}; {name}--", found.edits

    def _renamed(self, down: _Down) -> tuple[str, list[Edit]] | None:
        """A loop with a counter of its own, where the one that it has began elsewhere and is not looked at any more."""
        symbol, parts = down.counter, [s for s in statements_of(self.loop.body) if s is not down.first]
        uses = [n for s in parts for n in tree.walk(s) if isinstance(n, tree.Name) and n.symbol == symbol]
        if not is_dead_after(symbol, self.loop, self.around.function) or any(n.in_macro for n in uses):
            return None
        own = Fresh(self.source.text).take(f"{symbol.name}_left")
        kind = type_text(symbol.type)
        head = f"{kind} {own} = {symbol.name} - 1; {own} >= {self._least(down)}; {own}--"
        return head, [Edit(n.span, own) for n in uses]

    def _for_start(self, symbol: Symbol) -> _Start | None:
        """What a for's header starts with, if that is the counter's value."""
        assert isinstance(self.loop, tree.For)
        match self.loop.init:
            case None:
                return self._start(symbol)
            case tree.ExprStmt(expr=tree.Assign(op="=", target=tree.Name(symbol=s), value=value)) if s == symbol:
                return _Start([], symbol.name, value)
            case tree.Declaration(variables=(tree.VarDecl(symbol=s, init=tree.Expr() as value) as v,)) if s == symbol:
                return _Start([], self.source.shown_at(Span(self.loop.init.span.begin, v.name_span.end)), value)
        return None


@dataclass(frozen=True)
class _Start:
    """A counter's first value, and what its assignment in a header begins with (`i`, `int i`); the `edits` take away
    where it stood."""

    edits: list[Edit]
    target: str
    value: Expr


def starts(init: Stmt | None) -> Iterator[tuple[Symbol, Expr]]:
    """The variables that a for's header gives values to."""
    match init:
        case tree.Declaration(variables=variables):
            yield from ((v.symbol, v.init) for v in variables if v.init is not None)
        case tree.ExprStmt(expr=expr):
            yield from _assigned(expr)


def _assigned(expr: Expr) -> Iterator[tuple[Symbol, Expr]]:
    match expr:
        case tree.Binary(op=",", left=left, right=right):
            yield from _assigned(left)
            yield from _assigned(right)
        case tree.Assign(op="=", target=tree.Name(symbol=symbol), value=value):
            yield symbol, value


def _is_unsigned(kind: tree.CType) -> bool:
    return isinstance(kind, tree.Scalar) and kind.is_unsigned


def _fits(value: tree.CType, counter: tree.CType) -> bool:
    """Whether a counter takes each value of a signed type as it is."""
    return value == counter or (value == tree.Scalar("int") and not _is_unsigned(counter))


_SIGNED = frozenset(tree.Scalar(name) for name in ("int", "long", "long long"))
_RELATIONS = frozenset({"<", "<=", ">", ">="})
_OPPOSITE = {"<": ">=", ">=": "<", ">": "<=", "<=": ">", "==": "!=", "!=": "=="}


def declares_any(nodes: Iterable[tree.Node], expr: Expr) -> bool:
    """Whether the nodes declare a variable by a name that an expression has."""
    names = {n.symbol.name for n in tree.walk(expr) if isinstance(n, tree.Name)}
    return any(isinstance(n, tree.VarDecl) and n.symbol.name in names for n in nodes)


def _compared(condition: Expr, operators: frozenset[str] = _RELATIONS | {"!="}) -> Symbol | None:
    """The counter of `i < n` or `n > i`."""
    if not isinstance(condition, tree.Binary) or condition.op not in operators:
        return None
    for side in (condition.left, condition.right):
        if isinstance(side, tree.Name) and is_counter(side.symbol) and side.symbol.storage in {"local", "parameter"}:
            return side.symbol
    return None


def _last(body: Stmt) -> Stmt | None:
    statements = statements_of(body)
    return statements[-1] if statements and not statements[-1].in_macro else None


def _stepping_statement(body: Stmt, counter: Symbol | None) -> Stmt | None:
    """The statement with the counter's step: the last one that has the counter, which control then never leaves by."""
    for s in reversed(statements_of(body)):
        if s.in_macro or any(n.symbol == counter for n in tree.walk(s) if isinstance(n, tree.Name)):
            return None if s.in_macro else s
        if any(ways_out(s)):
            return None
    return None


def _step_in(last: Stmt, counter: Symbol | None) -> Expr | None:
    """The counter's step that ends a body: the statement itself, or `i++` in it, where nothing else has the counter."""
    if counter is None or not isinstance(last, tree.ExprStmt):
        return None
    found = stepping(last.expr)
    if found is not None and found[0] == counter:
        return last.expr
    part = next((p for p in comma_parts(last.expr) if (m := stepping(p)) is not None and m[0] == counter), None)
    steps = [n for n in tree.walk(last) if changed(n) == counter]
    names = [n for n in tree.walk(last) if isinstance(n, tree.Name) and n.symbol == counter]
    if part is not None and len(names) == 1:
        return part
    if len(steps) != 1 or len(names) != 1 or steps[0].in_macro or not isinstance(steps[0], tree.Unary):
        return None
    embedded = steps[0].op in {"x++", "x--"} and is_always_evaluated(last.expr, steps[0])
    return steps[0] if embedded else None


@dataclass(frozen=True, slots=True)
class _Down:
    """A counter that goes down by one before each iteration, from one past its first value to `least`; `exact`: however
    it begins; `before`: its new value is compared; `first`: the statement that steps it, if that stands in the body."""

    counter: Symbol
    exact: bool
    least: Expr
    before: bool = False
    first: Stmt | None = None


def _counting_down(condition: Expr, body: Stmt) -> _Down | None:
    """The counter of `i-- > 0`, `--i >= 0`, `i > 0` before `--i;` (exact), and `i--`, `i-- != 0` (never below zero)."""
    match condition:
        case tree.Unary(op="x--", operand=tree.Name(symbol=symbol)):
            zero = tree.IntLiteral(span=condition.span, in_macro=True, type=tree.Scalar("int"), value=0)
            return _Down(symbol, False, zero)
        case tree.Binary(op=op, left=tree.Unary(op=step, operand=tree.Name(symbol=symbol)), right=right) if (
            step,
            op,
        ) in {("x--", ">"), ("--x", ">="), ("x--", "!=")} and _is_plain_bound(right):
            return _Down(symbol, op != "!=", right, step == "--x")
        case tree.Binary(op=">" | "!=" as op, left=tree.Name(symbol=symbol), right=right) if _is_plain_bound(right):
            first = statements_of(body)[0] if statements_of(body) else None
            if isinstance(first, tree.ExprStmt) and stepping(first.expr) == (symbol, 1, True):
                return _Down(symbol, op != "!=", right, first=first)
    return None


def _is_plain_bound(bound: Expr) -> bool:
    """Whether it is a number or a variable, of a signed type or never negative."""
    if isinstance(bound, tree.IntLiteral):
        return bound.value >= 0
    return isinstance(bound, tree.Name) and is_counter(bound.symbol)


def _unit_steps(step: Expr) -> Iterator[tuple[Symbol, bool]]:
    """The variables that a for's step moves by one, and whether downward."""
    if isinstance(step, tree.Binary) and step.op == ",":
        yield from _unit_steps(step.left)
        yield from _unit_steps(step.right)
        return
    found = stepping(step)
    if found is not None and found[1] == 1:
        yield found[0], found[2]


def _is_break(s: Stmt) -> bool:
    return isinstance(s, tree.Break) or (isinstance(s, tree.Block) and len(s.body) == 1 and _is_break(s.body[0]))


def _step_before(value: Expr) -> Expr | None:
    """`++i`, whose value is the new one."""
    return value if isinstance(value, tree.Unary) and value.op in {"++x", "--x"} and changed(value) else None
