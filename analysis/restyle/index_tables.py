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
from chatmpi.analysis.parents import is_in_sizeof
from chatmpi.analysis.restyle.respelling import Respelled
from chatmpi.analysis.restyle.text_order import TextOrder
from chatmpi.analysis.source import Edit
from chatmpi.analysis.tree import Expr, Function, Node, Program, Stmt, Symbol

_KINDS = frozenset({tree.Scalar("int"), tree.Scalar("long")})
_UNDEFINED = re.compile(r"^[ \t]*#[ \t]*undef\b", re.MULTILINE)
_COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">="})
_MOST_NODES = 30  # of an entry's value

Value = Callable[[str], str]  # of an entry, by the text of its number


def index_tables(program: Program) -> list[Edit]:
    """The edits that spell the entries of such tables where they are read in subscripts; none where a macro does not
    mean the same everywhere."""
    if has_changing_macros(program):
        return []
    filling = [place for f in program.functions if not f.in_macro for place in _filling(f)]
    if not filling:
        return []
    order = TextOrder(program)
    edits: list[Edit] = []
    for table in (t for place in filling if (t := _table(*place, order)) is not None):
        for read in _reads(table, order):
            edits.append(Edit(read.span, table.value(program.source.shown_at(read.subscript.span))))
    return [e for e in edits if not any(o.span != e.span and _inside(o, e) for o in edits)]


def has_changing_macros(program: Program) -> bool:
    """Whether a macro may not mean the same everywhere."""
    return len({m.name for m in program.macros}) < len(program.macros) or bool(_UNDEFINED.search(program.source.text))


def _inside(inner: Edit, outer: Edit) -> bool:
    return outer.span.begin <= inner.span.begin and inner.span.end <= outer.span.end


@dataclass(frozen=True)
class _Table:
    """A table that `function` fills by the text's place `done`; `names` are what its entries are made of, which are
    `counted` in a type; those that are read have to be `below` a number, if there is one. What the number of an entry
    is `compared` with is not read by that name: compilers warn of what is compared with itself."""

    symbol: Symbol
    function: Function
    done: int
    value: Value
    names: frozenset[Symbol]
    counted: tree.CType
    below: Polynomial | None
    compared: frozenset[str]


def _reads(table: _Table, order: TextOrder) -> Iterator[tree.Index]:
    """The entries that are read in subscripts, where what they are made of is known by the same names."""
    own = any(s.storage not in {"global", "enumerator"} for s in table.names)
    for f, name in order.uses[table.symbol]:
        read = _read(name, order)
        if read is None or read.in_macro or (own and f is not table.function) or _hides(f, table.names):
            continue
        if read.subscript.type != table.counted or not only_reads(read.subscript):
            continue
        if _bare(order.program.source.shown_at(read.subscript.span)) in table.compared:
            continue
        if table.below is None or _is_below(read, table.below, order):
            yield from (read,) if _is_in_subscript(read, order) else ()


def _is_in_subscript(read: tree.Index, order: TextOrder) -> bool:
    inner: Node = read
    while isinstance(outer := order.around.get(id(inner)), Expr) and not isinstance(outer, tree.Call):
        if isinstance(outer, tree.Index) and outer.subscript is inner:
            return True
        inner = outer
    return False


def _is_below(read: tree.Index, bound: Polynomial, order: TextOrder) -> bool:
    """Whether an entry's number is the counter of a loop around it that stays below a number."""
    node: Node | None = read
    while (node := order.around.get(id(node))) is not None:
        if isinstance(node, tree.For) and isinstance(read.subscript, tree.Name) and _bound(node) == bound:
            begin = starting(node.init)
            mine = begin is not None and begin[0] == read.subscript.symbol
            if mine and not any(changed_or_lent(n) == read.subscript.symbol for n in tree.walk(node.body)):
                return read.span.begin >= node.body.span.begin
    return False


def _read(name: tree.Name, order: TextOrder) -> tree.Index | None:
    """The entry that is read where a table is named; None if something else is done with it."""
    entry = order.around.get(id(name))
    if not isinstance(entry, tree.Index) or entry.base is not name:
        return None
    around = order.around.get(id(entry))
    written = isinstance(around, tree.Assign) and around.target is entry
    lent = isinstance(around, tree.Unary) and around.op in {"&", "++x", "x++", "--x", "x--"}
    return None if written or lent else entry


def _is_only_read(symbol: Symbol, fills: frozenset[int], function: Function, done: int, order: TextOrder) -> bool:
    """Whether all other uses of a table read its entries after it was filled, or make and free its memory."""
    return all(
        id(name) in fills
        or _is_kept(name, order)
        or (_read(name, order) is not None and order.is_after(f, name.span.begin, function, done))
        for f, name in order.uses[symbol]
    )


def _is_kept(name: tree.Name, order: TextOrder) -> bool:
    """Whether a pointer is given its memory there, tested, or frees it."""
    match order.around.get(id(name)):
        case tree.Assign(op="=", target=target, value=value) if target is name:
            return allocation(value) is not None or is_null(value)
        case tree.Call(name="free") | tree.If() | tree.Unary(op="!") | tree.Binary(op="==" | "!=" | "&&" | "||"):
            return True
    return is_in_sizeof(name, order.around)


def _hides(f: Function, names: frozenset[Symbol]) -> bool:
    """Whether a function has variables of its own by these names."""
    own = {n.symbol for n in tree.walk(f) if isinstance(n, tree.VarDecl)} - names
    return bool({s.name for s in own} & {s.name for s in names})


def _filling(f: Function) -> Iterator[tuple[Symbol, tree.For, tuple[Stmt, ...], Function]]:
    """The tables to which a function gives entries in its outermost block, by a loop and by statements behind it."""
    if any(isinstance(n, tree.UnknownStmt) for n in tree.walk(f.body)):
        return
    for at, s in enumerate(f.body.body):
        if (counted := _counted(s)) is not None:
            yield from ((symbol, counted, f.body.body[at + 1 :], f) for symbol in _filled(counted.body))


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


def _table(symbol: Symbol, loop: tree.For, behind: tuple[Stmt, ...], f: Function, order: TextOrder) -> _Table | None:
    begin = starting(loop.init)
    assert begin is not None
    fills: set[int] = set()
    made = _Made(symbol, begin[0], order.program, fills)
    value = made.by(loop.body, None)
    covered, below = _covers(symbol, loop, order)
    if value is None or symbol.storage == "parameter" or not covered:
        return None
    if symbol.storage != "local" and f.symbol.name != "main" and order.entered(f) is None:
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
    if made.count > _MOST_NODES or not made.names <= _visible(f, loop, order.program):
        return None
    asked = made.names | (below.symbols if below is not None else frozenset())
    settled = all(order.is_settled(s, f, loop.span.begin) for s in asked)
    if not settled or not _is_only_read(symbol, frozenset(fills), f, done, order):
        return None
    return _Table(symbol, f, done, value, frozenset(made.names), begin[0].type, below, frozenset(made.compared))


def _visible(f: Function, loop: tree.For, program: Program) -> set[Symbol]:
    """What is called by the same name before a loop of a function's outermost block, and everywhere behind it."""
    before = [s for s in f.body.body if isinstance(s, tree.Declaration) and s.span.end <= loop.span.begin]
    declared = [*(v for s in before for v in s.variables), *f.parameters, *program.globals]
    names = {n.symbol for root in program.functions for n in tree.walk(root) if isinstance(n, tree.Name)}
    constants = {s for s in names if s.storage == "enumerator" and s.uid not in program.inner_enumerators}
    return {v.symbol for v in declared} | constants


def _covers(symbol: Symbol, loop: tree.For, order: TextOrder) -> tuple[bool, Polynomial | None]:
    """Whether no entry that is read has a value that the loop does not give: other memory has none. Memory that begins
    with zeros is filled from its first entry on up to a bound, below which the entries that are read have to be."""
    nodes = [n for root in (*order.program.globals, *order.program.functions) for n in tree.walk(root)]
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
        self.compared: set[str] = set()
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

        def read(number: str) -> str:
            if _bare(place(number)) == _bare(number):  # this very entry
                return value(number)
            return f"({_operand(number)} == {place(number)} ? {value(number)} : {before(number)})"

        return read

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
        for n in nodes:
            if isinstance(n, tree.Binary) and n.op in _COMPARISONS:
                for one, other in ((n.left, n.right), (n.right, n.left)):
                    if isinstance(one, tree.Name) and one.symbol == self.counter:
                        self.compared.add(_bare(source.shown_at(other.span)))

        def value(number: str) -> str:
            edits = [Edit(n.span, _operand(number)) for n in counters]
            return f"({Respelled(source, lambda _: edits)(expr)})"

        return value


def _chosen(holds: Value, yes: Value, no: Value) -> Value:
    return lambda number: f"({holds(number)} ? {yes(number)} : {no(number)})"


def _bare(shown: str) -> str:
    """The text without blanks, and without parentheses around the whole of it."""
    inner = re.sub(r"\s+", "", shown)
    while inner.startswith("(") and inner.endswith(")") and inner[1:-1].count("(") == inner[1:-1].count(")") == 0:
        inner = inner[1:-1]
    return inner


def _operand(shown: str) -> str:
    return shown if shown.isidentifier() or shown.isdigit() else f"({shown})"
