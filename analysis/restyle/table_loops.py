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
from chatmpi.analysis.expressions import bare, changed_or_lent
from chatmpi.analysis.loops import index_step, starting, ways_out
from chatmpi.analysis.numbers.values import suffix
from chatmpi.analysis.restyle.known_tables import Tables, end_of_counting, known_tables
from chatmpi.analysis.restyle.respelling import Respelled, declares_static, end_of, removal
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
    tables = known_tables(program)
    for f in program.functions if any(t.is_reason for t in tables.values()) else ():
        for loop in tree.statements(f.body):
            if isinstance(loop, tree.For) and not loop.in_macro:
                over = _over(loop, tables, f)
                gone = None if over is None else _undeclared(loop, over, tables, program)
                if over is not None and gone is not None:
                    return [*gone, _unrolled(loop, over, tables, program)]
    return []


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


def _undeclared(loop: tree.For, over: _Over, tables: Tables, program: Program) -> list[Edit] | None:
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


def _over(loop: tree.For, tables: Tables, f: tree.Function) -> _Over | None:
    """The values of a loop's counter, where it takes functions from tables by it and can be written out."""
    begin, body = starting(loop.init), list(tree.walk(loop.body))
    if begin is None or index_step(loop.step) != (begin[0], 1) or not isinstance(begin[1], tree.IntLiteral):
        return None
    counter, start = begin[0], begin[1].value
    end = end_of_counting(loop.condition, counter, start, tables)
    if end is None or begin[1].macro is not None or start < 0:
        return None
    over = _Over(counter, range(start, end), _others(loop.body, counter))
    taken = [tables[s] for n in body if (s := _table_at(n, over)) is not None and s in tables]
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


def _unrolled(loop: tree.For, over: _Over, tables: Tables, program: Program) -> Edit:
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
            case tree.Binary() if (address := _table_at(node, over)) is not None and address in tables:
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
