"""Tables that nobody changes, whose entries a loop may have in the place of `table[k]`, and where such a loop ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import bare, is_null
from chatmpi.analysis.parents import is_in_sizeof, parents
from chatmpi.analysis.restyle.element_counts import measured
from chatmpi.analysis.restyle.pointer_tables import pointer_tables
from chatmpi.analysis.restyle.struct_tables import StructTable, struct_tables
from chatmpi.analysis.tree import Expr, Node, Program, Symbol


@dataclass(frozen=True)
class KnownTable:
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


Tables = Mapping[Symbol, KnownTable]


def known_tables(program: Program) -> Tables:
    """Arrays of functions, pointers or texts that are given their entries where they are declared, and only read."""
    roots: list[Node] = [*program.globals, *program.functions]
    nodes = [n for root in roots for n in tree.walk(root)]
    pointers = {v.symbol: KnownTable(entries, _extent(v)) for v, entries in pointer_tables(program)}
    structs = {s: KnownTable(_items(t.declared), _extent(t.declared), t) for s, t in struct_tables(program).items()}
    found: dict[Symbol, KnownTable] = {}
    for v in (n for n in nodes if isinstance(n, tree.VarDecl)):
        kind = v.symbol.type
        if not isinstance(kind, tree.Array) or not isinstance(v.init, tree.InitList) or v.in_macro:
            continue
        entries = _items(v)
        known = all(_is_function(e) for e in entries) or all(isinstance(e, tree.StringLiteral) for e in entries)
        if entries and known and kind.extent == len(entries) and not any(e.in_macro for e in entries):
            found[v.symbol] = KnownTable(entries, _extent(v))
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


def end_of_counting(condition: Expr | None, counter: Symbol, start: int, tables: Tables) -> int | None:
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


def _end_of_entries(condition: Expr, counter: Symbol, start: int, tables: Tables) -> int | None:
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


def _number(bound: Expr, tables: Tables) -> int | None:
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
        case _:
            array = measured(number)
            return len(tables[array].entries) if array is not None and array in tables else None
    return next((len(t.entries) for t in same), None)
