"""Tables of neighbours that a program fills once, read in subscripts, are spelled as what they hold:

    for (i = 0; i < n; i++) up[i] = i - 1;
    up[0] = 0;
    … a[up[i]*m + j] …              becomes              … a[(i == 0 ? 0 : i - 1)*m + j] …

Whoever divides the rows of `a` sees so that the neighbour is near.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import allocation, changed_or_lent, is_null, only_reads
from chatmpi.analysis.loops import index_step, starting, ways_out
from chatmpi.analysis.numbers.polynomial import Polynomial
from chatmpi.analysis.numbers.values import polynomial
from chatmpi.analysis.parents import Parents, is_in_sizeof, parents
from chatmpi.analysis.restyle.respelling import Respelled
from chatmpi.analysis.source import Edit
from chatmpi.analysis.tree import Expr, Function, Node, Program, Stmt, Symbol

_KINDS = frozenset({tree.Scalar("int"), tree.Scalar("long")})
_UNDEFINED = re.compile(r"^[ \t]*#[ \t]*undef\b", re.MULTILINE)
_READING = frozenset({"scanf", "sscanf", "fscanf"})
_MOST_NODES = 30  # of an entry's value

Value = Callable[[str], str]  # of an entry, by the text of its number


def index_tables(program: Program) -> list[Edit]:
    """The edits that spell the entries of such tables where they are read in subscripts; none where a macro does not
    mean the same everywhere."""
    if len({m.name for m in program.macros}) < len(program.macros) or _UNDEFINED.search(program.source.text):
        return []
    seen = _Seen(program)
    found = [t for f in program.functions if not f.in_macro for t in _tables(f, seen)]
    edits: list[Edit] = []
    for table in found:
        for read in seen.reads(table):
            shown = program.source.shown_at(read.subscript.span)
            edits.append(Edit(read.span, table.value(shown)))
    return [e for e in edits if not any(o.span != e.span and _inside(o, e) for o in edits)]


def _inside(inner: Edit, outer: Edit) -> bool:
    return outer.span.begin <= inner.span.begin and inner.span.end <= outer.span.end


@dataclass(frozen=True)
class _Table:
    """A table that `function` fills by the text's place `done`; `names` are what its entries are made of, which are
    `counted` in a type; those that are read have to be `below` a number, if there is one."""

    symbol: Symbol
    function: Function
    done: int
    value: Value
    names: frozenset[Symbol]
    counted: tree.CType
    below: Polynomial | None


class _Seen:
    """Where a program uses and changes its variables."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.around: Parents = parents([*program.globals, *program.functions])
        self.uses: dict[Symbol, list[tuple[Function, tree.Name]]] = {}
        self.changes: dict[Symbol, list[tuple[Function, Node]]] = {}
        self.calls: dict[str, list[tuple[Function, tree.Name]]] = {}
        for f in program.functions:
            for n in tree.walk(f.body):
                if isinstance(n, tree.Name):
                    self.uses.setdefault(n.symbol, []).append((f, n))
                    if n.symbol.storage == "function":
                        self.calls.setdefault(n.symbol.name, []).append((f, n))
                if (symbol := changed_or_lent(n)) is not None:
                    self.changes.setdefault(symbol, []).append((f, n))

    def reads(self, table: _Table) -> Iterator[tree.Index]:
        """The entries that are read in subscripts, where what they are made of is known by the same names."""
        own = any(s.storage not in {"global", "enumerator"} for s in table.names)
        for f, name in self.uses[table.symbol]:
            read = self._read(name)
            if read is None or read.in_macro or (own and f is not table.function) or _hides(f, table.names):
                continue
            if read.subscript.type != table.counted or not only_reads(read.subscript):
                continue
            if table.below is not None and not self._is_below(read, table.below):
                continue
            inner: Node = read
            while isinstance(outer := self.around.get(id(inner)), Expr) and not isinstance(outer, tree.Call):
                if isinstance(outer, tree.Index) and outer.subscript is inner:
                    yield read
                    break
                inner = outer

    def _is_below(self, read: tree.Index, bound: Polynomial) -> bool:
        """Whether an entry's number is the counter of a loop around it that stays below a number."""
        node: Node | None = read
        while (node := self.around.get(id(node))) is not None:
            if isinstance(node, tree.For) and isinstance(read.subscript, tree.Name) and _bound(node) == bound:
                begin = starting(node.init)
                mine = begin is not None and begin[0] == read.subscript.symbol
                if mine and not any(changed_or_lent(n) == read.subscript.symbol for n in tree.walk(node.body)):
                    return read.span.begin >= node.body.span.begin
        return False

    def _read(self, name: tree.Name) -> tree.Index | None:
        entry = self.around.get(id(name))
        if not isinstance(entry, tree.Index) or entry.base is not name:
            return None
        around = self.around.get(id(entry))
        written = isinstance(around, tree.Assign) and around.target is entry
        lent = isinstance(around, tree.Unary) and around.op in {"&", "++x", "x++", "--x", "x--"}
        return None if written or lent else entry

    def is_only_read(self, symbol: Symbol, fills: frozenset[int], function: Function, done: int) -> bool:
        """Whether all other uses of a table read its entries after it was filled, or make and free its memory."""
        for f, name in self.uses[symbol]:
            if id(name) in fills or self._is_kept(name):
                continue
            if self._read(name) is None or not self._is_after(f, name.span.begin, function, done):
                return False
        return True

    def _is_kept(self, name: tree.Name) -> bool:
        around = self.around.get(id(name))
        match around:
            case tree.Assign(op="=", target=target, value=value) if target is name:
                return allocation(value) is not None or is_null(value)
            case tree.Call(name="free") | tree.If() | tree.Unary(op="!"):
                return True
            case tree.Binary(op="==" | "!=" | "&&" | "||"):
                return True
        return is_in_sizeof(name, self.around)

    def is_settled(self, symbol: Symbol, function: Function, begin: int) -> bool:
        """Whether a variable has the value that it keeps, where the text of a function has come to `begin`."""
        for f, n in self.changes.get(symbol, []):
            lent = isinstance(n, tree.Unary) and n.op == "&"
            call = self.around.get(id(n)) if lent else None
            if lent and not (isinstance(call, tree.Call) and call.name in _READING):
                return False
            if not self._is_before(f, n.span.begin, function, begin):
                return False
        return symbol.storage != "static"

    def _is_after(self, f: Function, place: int, function: Function, done: int) -> bool:
        """Whether a place is only come to when `function` has come to `done`, from which no loop leads back."""
        if f is function:
            return place >= done
        entered = self.entered(function)
        if f.symbol.name == "main":
            return entered is not None and place >= entered[1]
        called = self._callers(f)
        return called is not None and all(self._is_after(g, n.span.begin, function, done) for g, n in called)

    def _is_before(self, f: Function, place: int, function: Function, begin: int) -> bool:
        if f is function:
            return place < begin
        entered = self.entered(function) if f.symbol.name == "main" else None
        return entered is not None and place < entered[0]

    def _callers(self, f: Function) -> list[tuple[Function, tree.Name]] | None:
        """Where a function is called; None where that cannot be told."""
        found = self.calls.get(f.symbol.name, [])
        for g, n in found:
            call = self.around.get(id(n))
            if g is f or not isinstance(call, tree.Call) or call.callee is not n:
                return None
        return found

    def entered(self, function: Function) -> tuple[int, int] | None:
        """The one call in main's own text, outside of loops, that leads to a function."""
        called = self._callers(function) or []
        if len(called) != 1 or called[0][0].symbol.name != "main":
            return None
        node: Node = called[0][1]
        call = self.around[id(node)]
        while (outer := self.around.get(id(node))) is not None:
            if isinstance(outer, tree.For | tree.While | tree.DoWhile | tree.If | tree.Conditional | tree.UnknownStmt):
                return None
            node = outer
        return call.span.begin, call.span.end


def _hides(f: Function, names: frozenset[Symbol]) -> bool:
    """Whether a function has variables of its own by these names."""
    own = {n.symbol for n in tree.walk(f) if isinstance(n, tree.VarDecl)} - names
    return bool({s.name for s in own} & {s.name for s in names})


def _tables(f: Function, seen: _Seen) -> Iterator[_Table]:
    """The tables that a function fills in its outermost block, by a loop and statements behind it."""
    if any(isinstance(n, tree.UnknownStmt) for n in tree.walk(f.body)):
        return
    for at, s in enumerate(f.body.body):
        counted = _counted(s)
        if counted is not None:
            for symbol in _filled(counted.body):
                table = _table(symbol, counted, f.body.body[at + 1 :], f, seen)
                if table is not None:
                    yield table


def _counted(s: Stmt) -> tree.For | None:
    if not isinstance(s, tree.For) or s.in_macro or isinstance(s, tree.BlockLoop):
        return None
    begin, step = starting(s.init), index_step(s.step)
    if begin is None or step is None or step != (begin[0], 1) or any(True for _ in ways_out(s.body)):
        return None
    return None if any(changed_or_lent(n) == begin[0] for n in tree.walk(s.body)) else s


def _filled(body: Stmt) -> list[Symbol]:
    """The tables to which the statements of a loop's body give an entry."""
    entries = (_entry(s) for s in tree.statements(body))
    return list(dict.fromkeys(e[0] for e in entries if e is not None and _kind(e[0]) is not None))


def _entry(s: Stmt) -> tuple[Symbol, Expr, Expr, tree.Name] | None:
    """`up[i] = value;`: the table, the number, the value, and where the table is named."""
    match s:
        case tree.ExprStmt(
            in_macro=False, expr=tree.Assign(op="=", target=tree.Index(base=base) as target, value=value)
        ):
            return (base.symbol, target.subscript, value, base) if isinstance(base, tree.Name) else None
    return None


def _kind(symbol: Symbol) -> tree.CType | None:
    """The type of a table's entries; None if it is no table of integers."""
    match symbol.type:
        case tree.Pointer(target=kind) | tree.Array(element=kind) if kind in _KINDS:
            return kind
    return None


def _table(symbol: Symbol, loop: tree.For, behind: tuple[Stmt, ...], f: Function, seen: _Seen) -> _Table | None:
    begin = starting(loop.init)
    assert begin is not None
    fills: set[int] = set()
    made = _Made(symbol, begin[0], seen.program, fills)
    value = made.by(loop.body, None)
    covered, below = _covers(symbol, loop, seen)
    if value is None or symbol.storage == "parameter" or not covered:
        return None
    if symbol.storage != "local" and f.symbol.name != "main" and seen.entered(f) is None:
        return None
    done = loop.span.end
    for s in behind:
        entry = _entry(s)
        if entry is None or entry[0] != symbol:
            continue
        single = made.single(entry, value)
        if single is None:
            return None
        value, done = single, s.span.end
    if made.count > _MOST_NODES or not made.names <= _visible(f, loop, seen.program):
        return None
    asked = made.names | (below.symbols if below is not None else frozenset())
    settled = all(seen.is_settled(s, f, loop.span.begin) for s in asked)
    if not settled or not seen.is_only_read(symbol, frozenset(fills), f, done):
        return None
    return _Table(symbol, f, done, value, frozenset(made.names), begin[0].type, below)


def _visible(f: Function, loop: tree.For, program: Program) -> set[Symbol]:
    """What is called by the same name before a loop of a function's outermost block, and everywhere behind it."""
    before = [s for s in f.body.body if isinstance(s, tree.Declaration) and s.span.end <= loop.span.begin]
    declared = [*(v for s in before for v in s.variables), *f.parameters, *program.globals]
    names = {n.symbol for root in program.functions for n in tree.walk(root) if isinstance(n, tree.Name)}
    constants = {s for s in names if s.storage == "enumerator" and s.uid not in program.inner_enumerators}
    return {v.symbol for v in declared} | constants


def _covers(symbol: Symbol, loop: tree.For, seen: _Seen) -> tuple[bool, Polynomial | None]:
    """Whether no entry that is read has a value that the loop does not give: other memory has none. Memory that begins
    with zeros is filled from its first entry on up to a bound, below which the entries that are read have to be."""
    nodes = [n for root in (*seen.program.globals, *seen.program.functions) for n in tree.walk(root)]
    mine = next((n for n in nodes if isinstance(n, tree.VarDecl) and n.symbol == symbol), None)
    if mine is None:
        return False, None
    if isinstance(symbol.type, tree.Pointer):
        sets = [n for n in nodes if isinstance(n, tree.Assign) and isinstance(n.target, tree.Name)]
        given = [mine.init, *(n.value for n in sets if isinstance(n.target, tree.Name) and n.target.symbol == symbol)]
        calls = [allocation(v) for v in given if v is not None and not is_null(v)]
        return len(calls) == 1 and calls[0] is not None and calls[0].name == "malloc", None
    if mine.init is not None or symbol.storage == "local":
        return mine.init is None, None
    begin, last = starting(loop.init), _bound(loop)
    first = polynomial(begin[1]) if begin is not None else None
    if first is None or first.constant != 0 or last is None or len(mine.extents) != 1:
        return False, None
    extent = polynomial(mine.extents[0]) if mine.extents[0] is not None else None
    return True, None if last == extent else last


def _bound(loop: tree.For) -> Polynomial | None:
    """The number below which a loop's counter stays."""
    match loop.condition:
        case tree.Binary(op="<", left=tree.Name(symbol=counter), right=right):
            begin = starting(loop.init)
            return polynomial(right) if begin is not None and begin[0] == counter else None
    return None


@dataclass
class _Made:
    """The value of an entry, as statements make it; `names`: the variables in it; `fills`: where the table is named."""

    symbol: Symbol
    counter: Symbol
    program: Program
    fills: set[int]

    def __post_init__(self) -> None:
        self.names: set[Symbol] = set()
        self.count = 0

    def by(self, s: Stmt, before: Value | None) -> Value | None:
        """The value after a statement; None where it is not plainly one."""
        entry = _entry(s)
        match s:
            case tree.Block(body=body):
                for inner in body:
                    if any(isinstance(n, tree.Name) and n.symbol == self.symbol for n in tree.walk(inner)):
                        before = self.by(inner, before)
                        if before is None:
                            return None
                return before
            case tree.ExprStmt() if entry is not None and entry[0] == self.symbol:
                named = isinstance(entry[1], tree.Name) and entry[1].symbol == self.counter
                self.fills.add(id(entry[3]))
                return self._text(entry[2]) if named else None
            case tree.If(condition=condition, then=then, otherwise=otherwise):
                yes = self.by(then, before)
                no = before if otherwise is None else self.by(otherwise, before)
                holds = self._text(condition, test=True)
                if yes is None or no is None or holds is None:
                    return None
                return _chosen(holds, yes, no)
        return None

    def single(self, entry: tuple[Symbol, Expr, Expr, tree.Name], before: Value) -> Value | None:
        """The value after a statement behind the loop gave one entry another."""
        _, at, given, name = entry
        self.fills.add(id(name))
        if any(isinstance(n, tree.Name) and n.symbol == self.counter for e in (at, given) for n in tree.walk(e)):
            return None
        place, value = self._text(at), self._text(given)
        if place is None or value is None:
            return None
        return lambda number: f"({_operand(number)} == {place(number)} ? {value(number)} : {before(number)})"

    def _text(self, expr: Expr, test: bool = False) -> Value | None:
        """The text of an expression of the counter and of variables; None where it is another."""
        nodes = list(tree.walk(expr))
        kinds = tree.IntLiteral | tree.Name | tree.Binary | tree.Conditional | tree.Unary
        counters = [n for n in nodes if isinstance(n, tree.Name) and n.symbol == self.counter]
        plain = all(isinstance(n, kinds) for n in nodes) and not any(n.in_macro for n in counters) and only_reads(expr)
        names = {n.symbol for n in nodes if isinstance(n, tree.Name)} - {self.counter}
        if not plain or any(not isinstance(s.type, tree.Scalar) for s in names):
            return None
        if not test and expr.type != _kind(self.symbol):
            return None
        self.names |= names
        self.count += len(nodes)
        source = self.program.source

        def value(number: str) -> str:
            edits = [Edit(n.span, _operand(number)) for n in counters]
            return f"({Respelled(source, lambda _: edits)(expr)})"

        return value


def _chosen(holds: Value, yes: Value, no: Value) -> Value:
    return lambda number: f"({holds(number)} ? {yes(number)} : {no(number)})"


def _operand(shown: str) -> str:
    return shown if shown.isidentifier() or shown.isdigit() else f"({shown})"
