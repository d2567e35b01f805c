"""Short loops over a table of functions, of pointers or of texts, with a copy of the body for each entry.

    double (*f[2])(double) = {sin, cos};            { s += integral(sin, n); }
    for (k = 0; k < 2; k++)                         { s += integral(cos, n); }
        s += integral(f[k], n);

What a function is given then is a function that is known, and an element one of an array that is. The table is never
changed. Texts alone are no reason. Entries that are structs with functions are told by their numbers, `f[0].call`:
see `struct_tables.py`. A loop may end at the entry that has none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import bare, changed_or_lent, is_null
from chatmpi.analysis.loops import index_step, starting, ways_out
from chatmpi.analysis.numbers.values import suffix
from chatmpi.analysis.parents import is_in_sizeof, parents
from chatmpi.analysis.restyle.element_counts import measured
from chatmpi.analysis.restyle.pointer_tables import pointer_tables
from chatmpi.analysis.restyle.respelling import Respelled, declares_static, end_of, removal
from chatmpi.analysis.restyle.struct_tables import StructTable, struct_tables
from chatmpi.analysis.restyle.undeclaring import undeclared
from chatmpi.analysis.restyle.webs import is_dead_after
from chatmpi.analysis.source import Edit, Span
from chatmpi.analysis.surroundings import jumps_on
from chatmpi.analysis.tree import Expr, Node, Program, Symbol

_MOST_ENTRIES = 8
_MOST_NODES = 400  # of a body, times its copies
_MOST_WITH_FUNCTIONS = 1600  # where functions would not be known
_HOLDING = frozenset(tree.Scalar(name) for name in ("int", "unsigned int", "long", "unsigned long"))  # any counter


def table_loops(program: Program) -> list[Edit]:
    """The edits for one such loop; none if there is none."""
    tables = _tables(program)
    for f in program.functions if any(t.is_reason for t in tables.values()) else ():
        for loop in tree.statements(f.body):
            if isinstance(loop, tree.For) and not loop.in_macro:
                over = _over(loop, tables, f)
                gone = None if over is None else _undeclared(loop, over, tables, program)
                if over is not None and gone is not None:
                    return [*gone, _unrolled(loop, over, tables, program)]
    return []


@dataclass(frozen=True)
class _Table:
    """`extent`: what is written for the number of entries. Entries of `structs` stay: `list[0]`."""

    entries: tuple[Expr, ...]
    extent: Expr | None
    structs: StructTable | None = None

    @property
    def is_reason(self) -> bool:
        return not any(isinstance(e, tree.StringLiteral) for e in self.entries)

    @property
    def holds_functions(self) -> bool:
        return self.structs is not None or any(map(_is_function, self.entries))


_Tables = Mapping[Symbol, _Table]


@dataclass(frozen=True)
class _Over:
    """The counter of a loop, and its values; other names for it in the body, by where these are declared."""

    counter: Symbol
    values: range
    others: Mapping[Symbol, tree.Declaration]

    def is_number(self, expr: Expr) -> bool:
        """Whether an expression is the counter."""
        return isinstance(expr, tree.Name) and self.is_counter(expr.symbol)

    def is_counter(self, symbol: Symbol) -> bool:
        return symbol == self.counter or symbol in self.others


def _undeclared(loop: tree.For, over: _Over, tables: _Tables, program: Program) -> list[Edit] | None:
    """The edits that take away the tables of which nothing is left; None where their text does not allow it."""
    roots: list[Node] = [*program.globals, *program.functions]
    put = {s for s, t in tables.items() if t.structs is None}
    taken = {id(n.base) for n in tree.walk(loop.body) if isinstance(n, tree.Index) and over.is_number(n.subscript)
             and isinstance(n.base, tree.Name) and n.base.symbol in put}  # fmt: skip
    taken |= {id(n) for n in tree.walk(loop.condition)} if loop.condition is not None else set()
    counting = {id(n) for n in tree.walk(loop) if isinstance(n, tree.Name) and n.symbol == over.counter}
    inside = {n.symbol for n in tree.walk(loop) if isinstance(n, tree.Name)}
    own = isinstance(loop.init, tree.Declaration)
    nodes = (n for root in roots for n in tree.walk(root) if isinstance(n, tree.Name))
    symbols = inside & (tables.keys() | (frozenset() if own else {over.counter}))
    symbols -= {n.symbol for n in nodes if id(n) not in taken and id(n) not in counting}
    return undeclared(program, symbols) if symbols else []


def _tables(program: Program) -> _Tables:
    """Arrays of functions, pointers or texts that are given their entries where they are declared, and only read."""
    roots: list[Node] = [*program.globals, *program.functions]
    nodes = [n for root in roots for n in tree.walk(root)]
    pointers = {v.symbol: _Table(entries, _extent(v)) for v, entries in pointer_tables(program)}
    structs = {s: _Table(_items(t.declared), _extent(t.declared), t) for s, t in struct_tables(program).items()}
    found: dict[Symbol, _Table] = {}
    for v in (n for n in nodes if isinstance(n, tree.VarDecl)):
        kind = v.symbol.type
        if not isinstance(kind, tree.Array) or not isinstance(v.init, tree.InitList) or v.in_macro:
            continue
        entries = _items(v)
        known = all(_is_function(e) for e in entries) or all(isinstance(e, tree.StringLiteral) for e in entries)
        if entries and known and kind.extent == len(entries) and not any(e.in_macro for e in entries):
            found[v.symbol] = _Table(entries, _extent(v))
    around = parents(roots) if found else {}
    for n in nodes if found else ():
        if isinstance(n, tree.Name) and n.symbol in found and not _is_read(n, around):
            del found[n.symbol]
    return {**found, **pointers, **structs}


def _items(v: tree.VarDecl) -> tuple[Expr, ...]:
    return tuple(bare(e) for e in v.init.items) if isinstance(v.init, tree.InitList) else ()


def _extent(v: tree.VarDecl) -> Expr | None:
    return v.extents[0] if v.extents else None


def _is_function(expr: Expr) -> bool:
    return isinstance(expr, tree.Name) and expr.symbol.storage == "function"


def _is_read(name: tree.Name, around: Mapping[int, Node]) -> bool:
    """Whether a use of a table takes one of its entries, or its size."""
    above = around[id(name)]
    if not isinstance(above, tree.Index) or above.base is not name:
        return is_in_sizeof(name, around)
    entry, use = above, around[id(above)]
    while isinstance(use, tree.Cast):
        entry, use = use, around[id(use)]  # type: ignore[assignment]
    assigned = isinstance(use, tree.Assign) and use.target is entry
    text = isinstance(use, tree.Index | tree.Unary) and not isinstance(name.type, tree.Pointer)
    return not assigned and not (text and isinstance(use, tree.Unary) and use.op == "&")


def _over(loop: tree.For, tables: _Tables, f: tree.Function) -> _Over | None:
    """The values of a loop's counter, where it takes functions from tables by it and can be written out."""
    begin, body = starting(loop.init), list(tree.walk(loop.body))
    if begin is None or index_step(loop.step) != (begin[0], 1) or not isinstance(begin[1], tree.IntLiteral):
        return None
    counter, first = begin
    if (
        first.macro is not None
        or first.value < 0
        or (end := _end(loop.condition, counter, first.value, tables)) is None
    ):
        return None
    over = _Over(counter, range(first.value, end), _others(loop.body, counter))
    taken = [tables[symbol] for n in body if (symbol := _table_at(n, over)) in tables and symbol is not None]
    most = _MOST_WITH_FUNCTIONS if any(t.holds_functions for t in taken) else _MOST_NODES
    if not any(t.is_reason for t in taken) or any(len(t.entries) < end for t in taken):
        return None
    if not 0 < len(over.values) <= _MOST_ENTRIES or len(over.values) * len(body) > most:
        return None
    if any(changed_or_lent(n) == counter for n in body) or any(ways_out(loop.body)) or jumps_on(loop.body):
        return None
    if any(n.in_macro for n in body if isinstance(n, tree.Name) and (over.is_counter(n.symbol) or n.symbol in tables)):
        return None
    if declares_static(loop.body):
        return None
    dead = isinstance(loop.init, tree.Declaration) or is_dead_after(counter, loop, f)
    return over if dead and counter.storage == "local" else None


def _table_at(node: Node, over: _Over) -> Symbol | None:
    """The array of which a node is the entry that the counter tells, `f[k]`, or its address, `f + k`."""
    match node:
        case tree.Index(base=tree.Name(symbol=symbol), subscript=number) if over.is_number(number):
            return symbol
        case tree.Binary(op="+", left=tree.Name(symbol=symbol), right=number) if over.is_number(number):
            return symbol
    return None


def _others(body: tree.Stmt, counter: Symbol) -> dict[Symbol, tree.Declaration]:
    """Constants that are the counter by another name, `const long at = k;`."""
    found = {}
    for s in body.body if isinstance(body, tree.Block) else ():
        match s:
            case tree.Declaration(variables=(tree.VarDecl(symbol=symbol, init=tree.Expr() as init),), in_macro=False):
                value = bare(init)
                same = isinstance(value, tree.Name) and value.symbol == counter
                if same and symbol.const and symbol.storage == "local" and symbol.type in _HOLDING:
                    found[symbol] = s
    lent = {n.operand.symbol for n in tree.walk(body) if isinstance(n, tree.Unary) and n.op == "&"
            and isinstance(n.operand, tree.Name)}  # fmt: skip
    return {symbol: s for symbol, s in found.items() if symbol not in lent}


def _end(condition: Expr | None, counter: Symbol, start: int, tables: _Tables) -> int | None:
    """The first number that the counter does not reach."""
    match condition:
        case tree.Binary(op="<" | "<=" | "!=" as op, left=tree.Name(symbol=tested), right=bound) if tested == counter:
            number = _number(bound, tables)
            if number is None or (op == "!=" and number < start):
                return None
            return number + (op == "<=")
        case tree.Binary(op="!=", left=left, right=right) if is_null(right):
            return _end_of_entries(left, counter, start, tables)
    return None if condition is None else _end_of_entries(condition, counter, start, tables)


def _end_of_entries(condition: Expr, counter: Symbol, start: int, tables: _Tables) -> int | None:
    """The first entry that has no function or text in the member that a condition looks at."""
    match condition:
        case tree.Member(
            base=tree.Index(base=tree.Name(symbol=symbol), subscript=tree.Name(symbol=tested)), field=field
        ):
            table = tables.get(symbol)
            if tested == counter and table is not None and table.structs is not None:
                held = [entry.get(field) for entry in table.structs.entries[start:]]
                missing = [value is None or is_null(value) for value in held]
                plain = all(gone or _is_there(value) for gone, value in zip(missing, held, strict=True))
                return start + missing.index(True) if plain and True in missing else None
    return None


def _is_there(value: Expr | None) -> bool:
    """Whether a value is the address of something."""
    return value is not None and (isinstance(value, tree.StringLiteral) or _is_function(value))


def _number(bound: Expr, tables: _Tables) -> int | None:
    """A number without a name (one that has a name may be another), the name that is written for the extent of a table,
    or `sizeof table / sizeof table[0]`."""
    number = bare(bound)
    match number:
        case tree.IntLiteral(value=value, macro=None):
            return value
        case tree.IntLiteral(macro=macro):
            same = (t for t in tables.values() if isinstance(t.extent, tree.IntLiteral) and t.extent.macro == macro)
        case tree.Name(symbol=tree.Symbol(storage="enumerator") as symbol):
            same = (t for t in tables.values() if isinstance(t.extent, tree.Name) and t.extent.symbol == symbol)
        case _ if (measured_table := measured(number)) in tables:
            return len(tables[measured_table].entries)
        case _:
            return None
    return next((len(t.entries) for t in same), None)


def _unrolled(loop: tree.For, over: _Over, tables: _Tables, program: Program) -> Edit:
    source = program.source
    declared = {id(s) for s in over.others.values()}

    def edits(value: int, node: Node) -> Iterator[Edit]:
        match node:
            case tree.Declaration() if id(node) in declared:
                yield removal(node, source)
            case tree.Index(base=tree.Name(symbol=table), subscript=subscript) if (
                over.is_number(subscript) and table in tables and tables[table].structs is None
            ):
                yield Edit(node.span, source.shown_at(tables[table].entries[value].span))
            case tree.Binary() if (address := _table_at(node, over)) in tables and address is not None:
                yield Edit(node.span, f"&{address.name}[{value}]")
            case tree.Index(base=base, subscript=subscript) if over.is_number(subscript):
                yield from edits(value, base)
                yield Edit(subscript.span, str(value))
            case tree.Name(symbol=s, type=kind) if over.is_counter(s):
                yield Edit(node.span, f"{value}{suffix(kind).lower()}")
            case _:
                for part in tree.children(node):
                    yield from edits(value, part)

    copies = []
    for value in over.values:
        shown = Respelled(source, lambda n, v=value: edits(v, n))(loop.body)  # type: ignore[misc]
        if not isinstance(loop.body, tree.Block):
            shown = shown if shown.endswith((";", "}")) else f"{shown};"
            shown = f"{{ {shown} }}"
        copies.append(shown)
    indent = source.indentation(loop.span.begin)
    return Edit(Span(loop.span.begin, end_of(loop, source)),
                "{ " + f"\n{indent}".join(copies) + " }")  # fmt: skip
