"""Short loops over a table of functions, of pointers or of texts, with a copy of the body for each entry.

    double (*f[2])(double) = {sin, cos};            { s += integral(sin, n); }
    for (k = 0; k < 2; k++)                         { s += integral(cos, n); }
        s += integral(f[k], n);

What a function is given then is a function that is known, and an element one of an array that is. The table is never
changed. Texts alone are no reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import bare, changed_or_lent
from chatmpi.analysis.loops import index_step, starting, ways_out
from chatmpi.analysis.numbers.values import suffix
from chatmpi.analysis.parents import is_in_sizeof, parents
from chatmpi.analysis.restyle.pointer_tables import pointer_tables
from chatmpi.analysis.restyle.respelling import Respelled, declares_static, end_of
from chatmpi.analysis.restyle.undeclaring import undeclared
from chatmpi.analysis.restyle.webs import is_dead_after
from chatmpi.analysis.source import Edit, Span
from chatmpi.analysis.surroundings import jumps_on
from chatmpi.analysis.tree import Expr, Node, Program, Symbol

_MOST_ENTRIES = 8
_MOST_NODES = 400  # of a body, times its copies


def table_loops(program: Program) -> list[Edit]:
    """The edits for one such loop; none if there is none."""
    tables = _tables(program)
    for f in program.functions if any(map(_is_reason, tables.values())) else ():
        for loop in tree.statements(f.body):
            if isinstance(loop, tree.For) and not loop.in_macro:
                over = _over(loop, tables, f)
                gone = None if over is None else _undeclared(loop, over, tables, program)
                if over is not None and gone is not None:
                    return [*gone, _unrolled(loop, over, tables, program)]
    return []


def _undeclared(
    loop: tree.For, over: _Over, tables: Mapping[Symbol, tuple[Expr, ...]], program: Program
) -> list[Edit] | None:
    """The edits that take away the tables of which nothing is left; None where their text does not allow it."""
    roots: list[Node] = [*program.globals, *program.functions]
    taken = {id(n.base) for n in tree.walk(loop.body) if isinstance(n, tree.Index) and _is(n.subscript, over.counter)}
    taken |= {id(n) for n in tree.walk(loop.condition)} if loop.condition is not None else set()
    counting = {id(n) for n in tree.walk(loop) if isinstance(n, tree.Name) and n.symbol == over.counter}
    inside = {n.symbol for n in tree.walk(loop) if isinstance(n, tree.Name)}
    own = isinstance(loop.init, tree.Declaration)
    nodes = (n for root in roots for n in tree.walk(root) if isinstance(n, tree.Name))
    symbols = inside & (tables.keys() | (frozenset() if own else {over.counter}))
    symbols -= {n.symbol for n in nodes if id(n) not in taken and id(n) not in counting}
    return undeclared(program, symbols) if symbols else []


def _is(expr: Expr, symbol: Symbol) -> bool:
    return isinstance(expr, tree.Name) and expr.symbol == symbol


@dataclass(frozen=True)
class _Over:
    """The counter of a loop, and its values."""

    counter: Symbol
    values: range


def _is_reason(entries: tuple[Expr, ...]) -> bool:
    return not any(isinstance(e, tree.StringLiteral) for e in entries)


def _tables(program: Program) -> Mapping[Symbol, tuple[Expr, ...]]:
    """Arrays of functions, pointers or texts that are given their entries where they are declared, and only read."""
    roots: list[Node] = [*program.globals, *program.functions]
    nodes = [n for root in roots for n in tree.walk(root)]
    pointers = {v.symbol: entries for v, entries in pointer_tables(program)}
    found: dict[Symbol, tuple[Expr, ...]] = {}
    for v in (n for n in nodes if isinstance(n, tree.VarDecl)):
        kind = v.symbol.type
        if not isinstance(kind, tree.Array) or not isinstance(v.init, tree.InitList) or v.in_macro:
            continue
        entries = tuple(bare(e) for e in v.init.items)
        known = all(_is_function(e) for e in entries) or all(isinstance(e, tree.StringLiteral) for e in entries)
        if entries and known and kind.extent == len(entries) and not any(e.in_macro for e in entries):
            found[v.symbol] = entries
    if not found:
        return pointers
    around = parents(roots)
    for n in nodes:
        if isinstance(n, tree.Name) and n.symbol in found and not _is_read(n, around):
            del found[n.symbol]
    return {**found, **pointers}


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


def _over(loop: tree.For, tables: Mapping[Symbol, tuple[Expr, ...]], f: tree.Function) -> _Over | None:
    """The values of a loop's counter, where it takes functions from tables by it and can be written out."""
    begin, body = starting(loop.init), list(tree.walk(loop.body))
    if begin is None or index_step(loop.step) != (begin[0], 1):
        return None
    counter, first = begin
    match loop.condition, first:
        case (
            tree.Binary(op="<" | "<=" as op, left=tree.Name(symbol=tested), right=bound),
            tree.IntLiteral(value=start, macro=None),
        ) if tested == counter and (last := _number(bound, tables)) is not None:
            values = range(start, last + (op == "<="))
        case _:
            return None
    taken = [n for n in body if isinstance(n, tree.Index) and isinstance(n.base, tree.Name)
             and n.base.symbol in tables]  # fmt: skip
    by_counter = [n for n in taken if isinstance(n.subscript, tree.Name) and n.subscript.symbol == counter]
    if not any(_is_reason(tables[n.base.symbol]) for n in by_counter if isinstance(n.base, tree.Name)):
        return None
    if not 0 < len(values) <= _MOST_ENTRIES or len(values) * len(body) > _MOST_NODES:
        return None
    if any(len(tables[n.base.symbol]) < values.stop for n in by_counter if isinstance(n.base, tree.Name)):
        return None
    if any(changed_or_lent(n) == counter for n in body) or any(ways_out(loop.body)) or jumps_on(loop.body):
        return None
    if any(n.in_macro for n in body if isinstance(n, tree.Name) and n.symbol in {counter, *tables}):
        return None
    if declares_static(loop.body) or values.start < 0:
        return None
    dead = isinstance(loop.init, tree.Declaration) or is_dead_after(counter, loop, f)
    return _Over(counter, values) if dead and counter.storage == "local" else None


def _number(bound: Expr, tables: Mapping[Symbol, tuple[Expr, ...]]) -> int | None:
    """A number without a name (one that has a name may be another), or `sizeof table / sizeof table[0]`."""
    match bare(bound):
        case tree.IntLiteral(value=value, macro=None):
            return value
        case tree.Binary(
            op="/",
            left=tree.Sizeof(operand=tree.Name(symbol=table)),
            right=tree.Sizeof(
                operand=tree.Index(base=tree.Name(symbol=other)) | tree.Unary(operand=tree.Name(symbol=other))
            ),
        ) if table == other and table in tables:
            return len(tables[table])
    return None


def _unrolled(loop: tree.For, over: _Over, tables: Mapping[Symbol, tuple[Expr, ...]], program: Program) -> Edit:
    source = program.source

    def edits(value: int, node: Node) -> Iterator[Edit]:
        match node:
            case tree.Index(base=tree.Name(symbol=table), subscript=tree.Name(symbol=s)) if (
                s == over.counter and table in tables
            ):
                yield Edit(node.span, source.shown_at(tables[table][value].span))
            case tree.Index(base=base, subscript=tree.Name(symbol=s) as subscript) if s == over.counter:
                yield from edits(value, base)
                yield Edit(subscript.span, str(value))
            case tree.Name(symbol=s, type=kind) if s == over.counter:
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
