"""How an entry of compressed rows is found: by a loop from its row's start to the next, by a cursor, by counting.

    for (k = start[i]; k < start[i + 1]; k++) ... a[k] ...
    k = start[i]; ... a[k] = v; k++; ...
    c = 0; ... a[start[i] + c] = v; c++; ...        for (c = 0; c < count; c++) ... a[start[i] + c] ...

The first stays in row i. Of the others it is to be tested that they did, by what they have come to: for that, every
entry that is touched must be stepped over.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import bare
from chatmpi.analysis.loops import CanonicalLoop, ways_out
from chatmpi.analysis.memory.entries import Seen
from chatmpi.analysis.numbers.polynomial import ONE, Polynomial, of_atom, variable
from chatmpi.analysis.numbers.values import text
from chatmpi.analysis.surroundings import jumps_on, statements_of, stepping
from chatmpi.analysis.touches import ElementTouch, ScalarTouch
from chatmpi.analysis.tree import Expr, Stmt, Symbol


@dataclass(frozen=True, slots=True)
class RowCheck:
    """After the statement `after`, an entry must not lie past the end of the row that the loop `row` is at: `past`, or
    with `counted` the one so many behind the row's start; without `past`, the start itself. `touched`: that entry is
    the row's own, so it must not lie at the end either. `always`: it is tested in every iteration, of an entry that is
    not before the row's start."""

    row: int
    after: int
    past: Expr | None = None
    counted: bool = False
    touched: bool = False
    always: bool = True

    @property
    def key(self) -> tuple[int, int, str, bool, bool]:
        """What is the same for checks that test the same."""
        return self.row, self.after, "" if self.past is None else text(self.past), self.counted, self.touched


@dataclass(frozen=True, slots=True)
class Place:
    """Which loop over rows is at the row of an entry that is touched; what is to be checked, where no bounds tell. With
    `rows`, a loop over the entries of so many rows, from the first on."""

    loop: int
    check: RowCheck | None = None
    rows: Polynomial | None = None


@dataclass(frozen=True, slots=True)
class _Setting:
    """Each iteration of the loop `row` gives a variable `value`, by touch `at`, in `block`, and steps it up from there.
    Where nothing steps it, `steps` is empty."""

    row: int
    value: Expr
    at: int
    block: tuple[Stmt, ...]
    steps: tuple[int, ...]


@dataclass(frozen=True)
class Rows:
    """What is found by the row starts `starts`; `index`: the position of each touch, by id."""

    p: Seen
    starts: Symbol
    index: dict[int, int]

    def place(self, t: ElementTouch) -> Place | None:
        """The row in which a touch is; None if that is not known."""
        if t.context.opaque or not t.subscripts:
            return None
        return self._by_bounds(t) or self._by_number(t) or self._by_all(t)

    # ------------------------------------------------------------------------------------------- by bounds

    def _by_bounds(self, t: ElementTouch) -> Place | None:
        for inner in t.context.loops:
            form = self.p.loops[inner].counted
            if form is None or form.step != 1 or form.relation != "<" or not self._is_found_by(t, form.variable):
                continue
            at = self.p.touches.ranges[inner][0]
            first, past = (self._start(e, t.context.loops, at) for e in (form.start, form.bound))
            if first is not None and past is not None and first + ONE == past:
                row = next((i for i in t.context.loops if self._row(i) == first), None)
                return Place(row) if row is not None else None
        return None

    def _by_all(self, t: ElementTouch) -> Place | None:
        """`for (k = 0; k < start[n]; k++) ... a[k] ...`; perhaps up to a variable that is only ever given this."""
        for inner in t.context.loops:
            form = self.p.loops[inner].canonical
            if form is not None and _from_zero(form) and self._is_found_by(t, form.variable):
                rows = self._past(form.bound, self.p.touches.ranges[self.p.loops[inner].around[0]][0])
                if rows is not None:
                    return Place(inner, rows=rows)
        return None

    def _past(self, expr: Expr, at: int) -> Polynomial | None:
        """How many rows there are before the entry that an expression is."""
        inner = bare(expr)
        if not isinstance(inner, tree.Name):
            return self._start(inner, (), at)
        items = self.p.touches.items
        writes = [
            (k, t) for k, t in enumerate(items) if isinstance(t, ScalarTouch) and t.write and t.symbol == inner.symbol
        ]
        if len(writes) != 1 or inner.symbol in self.p.unstable:
            return None
        k, t = writes[0]
        value, plain = _value(t), not (t.context.loops or t.context.guards or t.context.sometimes)
        filled = any(isinstance(s, ElementTouch) and s.symbol == self.starts and s.write for s in items[k:])
        return self._start(value, (), k) if value is not None and plain and k < at and not filled else None

    def _is_found_by(self, t: ElementTouch, symbol: Symbol) -> bool:
        """Whether a variable is the entry that is touched, and nothing else."""
        access = self.p.accesses.get(id(t))
        if access is None or access.subscripts[0] != of_atom(variable(symbol)):
            return False
        return all(s is not None and symbol not in s.symbols for s in access.subscripts[1:])

    def _row(self, loop: int) -> Polynomial | None:
        form = self.p.loops[loop].canonical
        return None if form is None else of_atom(variable(form.variable))

    def _start(self, expr: Expr, loops: tuple[int, ...], at: int) -> Polynomial | None:
        """The row whose start an expression is; perhaps by a variable that holds just that at a position."""
        inner = bare(expr)
        if isinstance(inner, tree.Name):
            held = self._setting(inner.symbol, loops, at)
            if held is None or held.steps:
                return None
            around = loops[: loops.index(held.row) + 1]
            first = self._start(held.value, around, held.at)
            return first if first is not None and first.symbols <= self._variables(around) else None
        for t in self.p.touches.items:
            if isinstance(t, ElementTouch) and t.node is inner and t.symbol == self.starts and t.read and not t.write:
                row = self.p.accesses[id(t)].subscripts if id(t) in self.p.accesses else ()
                return row[0] if len(row) == 1 else None
        return None

    def _variables(self, loops: tuple[int, ...]) -> frozenset[Symbol]:
        return frozenset(f.variable for i in loops if (f := self.p.loops[i].canonical) is not None)

    # ------------------------------------------------------------------------------------------- by number

    def _by_number(self, t: ElementTouch) -> Place | None:
        """By a cursor, or by a number that is added to the start."""
        entry, at = bare(t.subscripts[0]), self.index[id(t)]
        if self._has_words(t):
            return self._by_cursor(t, self._cursor(t), at)
        if isinstance(entry, tree.Unary) and entry.op == "x++":
            entry = bare(entry.operand)
        if isinstance(entry, tree.Name):
            by_cursor = self._by_cursor(t, entry, at)
            held = self._setting(entry.symbol, t.context.loops, at)
            if by_cursor is not None or held is None or held.steps:
                return by_cursor
            entry, at = bare(held.value), held.at
        if isinstance(entry, tree.Binary) and entry.op == "+":
            for base, number in ((entry.left, entry.right), (entry.right, entry.left)):
                row = self._start(base, t.context.loops, at)
                loop = next((i for i in t.context.loops if row is not None and self._row(i) == row), None)
                if loop is not None:
                    return self._by_count(t, bare(number), at, loop)
        return None

    def _has_words(self, t: ElementTouch) -> bool:
        """Whether one subscript finds an entry and a word of it."""
        access = self.p.accesses.get(id(t))
        return access is not None and len(access.subscripts) > len(t.subscripts)

    def _cursor(self, t: ElementTouch) -> tree.Name | None:
        """The variable that alone finds an entry of several words."""
        names = (n for n in tree.walk(t.subscripts[0]) if isinstance(n, tree.Name))
        return next((n for n in names if self._is_found_by(t, n.symbol)), None)

    def _by_cursor(self, t: ElementTouch, cursor: tree.Name | None, at: int) -> Place | None:
        held = self._setting(cursor.symbol, t.context.loops, at) if cursor is not None else None
        if cursor is None or held is None or self._start(held.value, t.context.loops, held.at) != self._row(held.row):
            return None
        return Place(held.row, self._check(held, cursor, t, at))

    def _by_count(self, t: ElementTouch, number: Expr, at: int, row: int) -> Place | None:
        if isinstance(number, tree.Unary) and number.op == "x++":
            number = bare(number.operand)
        if not isinstance(number, tree.Name):
            return None
        inner = t.context.loops[t.context.loops.index(row) + 1 :]
        forms = {i: f for i in inner if (f := self.p.loops[i].canonical) is not None}
        for i, form in forms.items():
            if form.variable == number.symbol:
                check = RowCheck(row, i, form.bound, counted=True, always=False)
                return Place(row, check) if _from_zero(form) else None
        held = self._setting(number.symbol, t.context.loops, at)
        if held is None or held.row != row or not _is_zero(held.value):
            return None
        return Place(row, replace(self._check(held, number, t, at), counted=True))

    def _check(self, held: _Setting, number: tree.Name, t: ElementTouch, at: int) -> RowCheck:
        """The check of what a variable comes to; of what it is right behind a touch that it may not be stepped over."""
        after = self._last_step(held, at)
        if after is None:
            return RowCheck(held.row, t.context.statement.id, number, touched=True, always=False)
        return RowCheck(held.row, after, number)

    def _last_step(self, held: _Setting, at: int) -> int | None:
        """The statement after which a variable has been stepped over all that it found: the last of its block that
        steps it. None if what is found at a position may not be stepped over."""
        if not any(self._steps_over(k, at, held.row) for k in held.steps):
            return None
        ranges = [(s.id, self.p.touches.ranges[s.id]) for s in held.block]
        return next((i for i, (begin, end) in ranges if begin <= held.steps[-1] < end), None)

    def _steps_over(self, step: int, at: int, row: int) -> bool:
        """Whether a step is taken whenever something was found at a position: `a[k++]`, or in a statement behind it, or
        in the header of a loop around it that is run in full."""
        if step in {at - 1, at + 1} and self.p.touches.items[step].context == self.p.touches.items[at].context:
            return step == at - 1
        taken = self.p.touches.items[step].context
        if step < at or taken.sometimes or taken.opaque:
            return False
        if isinstance(taken.statement, tree.For):
            begin, end = self.p.touches.ranges[taken.statement.body.id]
            return begin <= at < end and not any(ways_out(taken.statement.body))
        for block in tree.statements(self.p.loops[row].stmt.body):
            if isinstance(block, tree.Block) and any(s is taken.statement for s in block.body):
                ends = [self.p.touches.ranges[s.id][1] for s in block.body]
                between = [s for s, end in zip(block.body, ends, strict=True) if at < end <= step]
                return self.p.touches.ranges[block.id][0] <= at and not any(_jumps_out(s) for s in between)
        return False

    # ------------------------------------------------------------------------------------------- variables

    def _setting(self, symbol: Symbol, loops: tuple[int, ...], at: int) -> _Setting | None:
        """How the innermost loop in which a variable is set gives it a value, if it does so in every iteration."""
        if symbol in self.p.unstable:
            return None
        for i in reversed(loops):
            begin, end = self.p.touches.ranges[i]
            writes = [
                (k, t)
                for k, t in enumerate(self.p.touches.items[begin:end], begin)
                if isinstance(t, ScalarTouch) and t.symbol == symbol and t.write
            ]
            sets = [(k, t, value) for k, t in writes if (value := _value(t)) is not None]
            if sets:
                k, t, value = sets[0]
                steps = tuple(n for n, _ in writes if n != k)
                rising = len(sets) == 1 and all(n > k and _is_step(s) for n, s in writes if n != k)
                block = self._block(t.context.statement, i)
                return _Setting(i, value, k, block, steps) if rising and k < at and block else None
        return None

    def _block(self, s: Stmt, loop: int) -> tuple[Stmt, ...]:
        """The statements beside `s`, which each iteration of a loop carries out in turn; () if it may not."""
        body: Stmt = self.p.loops[loop].stmt.body
        if jumps_on(body) or any(isinstance(n, tree.Leave) for n in tree.walk(body)):
            return ()
        waiting = [body]
        while waiting:
            here = statements_of(waiting.pop())
            if any(x is s for x in here):
                return here
            waiting += [x for x in here if isinstance(x, tree.Block)]
        return ()


def _value(t: ScalarTouch) -> Expr | None:
    """What a variable is set to, whatever it was."""
    match t.update:
        case tree.VarDecl(init=tree.Expr() as value):
            return value
        case tree.Assign(op="=", value=value) if stepping(t.update) is None and not t.context.sometimes:
            return value
    return None


def _is_step(t: ScalarTouch) -> bool:
    return t.update is not None and stepping(t.update) == (t.symbol, 1, False)


def _jumps_out(s: Stmt) -> bool:
    """Whether control may leave a statement for the end of a loop around it, or that loop."""
    if isinstance(s, tree.For | tree.While | tree.DoWhile):
        return False
    if isinstance(s, tree.Continue | tree.Break | tree.UnknownStmt):
        return True
    return any(_jumps_out(part) for part in tree.children(s) if isinstance(part, Stmt))


def _from_zero(form: CanonicalLoop) -> bool:
    start = form.start_poly
    return start is not None and start.constant == 0 and form.step == 1 and form.relation == "<"


def _is_zero(expr: Expr) -> bool:
    inner = bare(expr)
    return isinstance(inner, tree.IntLiteral) and inner.value == 0
