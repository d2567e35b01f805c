"""Pointers to rows that lie in one list (`double **rows`) as the numbers of the entries that they lead to.

    rows[i] = at; … *at++ = v; …        rows[i] = list + k; … list[k++] = v; …        rows[i][j]

Nothing but entries of the list is found by them, so `rows[i][j]` is `list[rows[i] + j]`. The text stays as it is: the
pointers are those of one rank, which neither they nor the list may leave (`Program.led_into`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import STEPS, allocation, is_null
from chatmpi.analysis.memory.pointer_places import Term, place_of
from chatmpi.analysis.parents import Parents, is_in_sizeof, out_of_casts, parents
from chatmpi.analysis.rewriting import rewritten
from chatmpi.analysis.tree import CType, Expr, Node, Program, Symbol

NUMBER = tree.Scalar("long")
_REPEATING = (tree.For, tree.While, tree.DoWhile, tree.UnknownStmt)


@dataclass
class _Rows:
    """A table of pointers: the values that it gets, and the list that all of them lead into."""

    values: list[Expr] = field(default_factory=list)
    lists: set[Symbol] = field(default_factory=set)
    makings: list[tree.Call] = field(default_factory=list)


def follow_lists(program: Program) -> Program:
    """The program with numbers for the pointers to rows of which every use is understood."""
    roots = [*program.globals, *program.functions]
    around = parents(roots)
    found = _tables(roots, around)
    steady = _steady({s for rows in found.values() for s in rows.lists}, roots)
    found = {s: rows for s, rows in found.items() if len(rows.lists) == 1 and rows.lists <= steady}
    return _with_numbers(program, {s: next(iter(rows.lists)) for s, rows in found.items()}, found) if found else program


# -------------------------------------------------------------------------------------------- what is done


def _tables(roots: list[Node], around: Parents) -> dict[Symbol, _Rows]:
    """The tables of pointers that are only filled with places in lists, and followed."""
    nodes = [n for root in roots for n in tree.walk(root)]
    declared = [n for n in nodes if isinstance(n, tree.VarDecl)]
    found = {v.symbol: _Rows() for v in declared if _is_table(v.symbol) and not v.in_macro}
    for v in declared:
        if v.symbol in found and v.init is not None and not _is_memory(v.init, found[v.symbol]):
            del found[v.symbol]
    for n in nodes:
        if isinstance(n, tree.Name) and n.symbol in found and not _understood(n, found[n.symbol], around):
            del found[n.symbol]
    return {s: rows for s, rows in found.items() if rows.values}


def _is_table(symbol: Symbol) -> bool:
    match symbol.type:
        case tree.Pointer(target=tree.Pointer(target=tree.Scalar())):
            return symbol.storage != "parameter"
        case tree.Array(element=tree.Pointer(target=tree.Scalar())):
            return symbol.storage != "parameter"
    return False


def _is_memory(value: Expr, rows: _Rows) -> bool:
    call = allocation(value)
    if call is not None:
        rows.makings.append(call)
    return call is not None or is_null(value)


def _understood(name: tree.Name, rows: _Rows, around: Parents) -> bool:
    """Whether a use of a table is one that numbers allow; the places that it keeps are noted."""
    node, above = out_of_casts(name, around)
    match above:
        case tree.Index(base=base) if base is node:
            return _row_use(above, rows, around)
        case tree.Unary(op="*"):
            return is_in_sizeof(above, around)
        case tree.Assign(op="=", target=target, value=value) if target is node and isinstance(
            around[id(above)], tree.ExprStmt
        ):
            return _is_memory(value, rows)
        case tree.Call(name="free"):
            return True
        case tree.Binary(op="==" | "!=", left=left, right=right):
            return is_null(right) or is_null(left)
        case tree.Unary(op="!") | tree.If():
            return True
    return False


def _row_use(row: tree.Index, rows: _Rows, around: Parents) -> bool:
    above = around[id(row)]
    match above:
        case tree.Index(base=base):
            return base is row
        case tree.Unary(op="*"):
            return True
        case tree.Assign(op="=", target=target, value=value) if target is row and isinstance(
            around[id(above)], tree.ExprStmt
        ):
            return _leads_into_list(value, row, rows)
        case tree.Binary(op="-" | "<" | "<=" | ">" | ">=" | "==" | "!=", left=left, right=right):
            other = right if left is row else left
            return _table(other) == _table(row) or _leads_into_list(other, row, rows)
    return is_in_sizeof(row, around)


def _leads_into_list(value: Expr, row: tree.Index, rows: _Rows) -> bool:
    """Whether a value is a place in a list; it is noted."""
    place = place_of(value)
    if place is None or place.rows or place.step is not None or not isinstance(place.root, tree.Name):
        return False
    rows.values.append(value)
    rows.lists.add(place.root.symbol)
    return place.root.type in {row.type, _array_of(place.root.type, row.type)}


def _array_of(kind: CType, pointer: CType) -> CType | None:
    """The type of an array of what a pointer leads to."""
    assert isinstance(pointer, tree.Pointer)
    return kind if isinstance(kind, tree.Array) and kind.element == pointer.target else None


def _steady(lists: set[Symbol], roots: list[Node]) -> set[Symbol]:
    """The lists that have one memory from first to last."""
    nodes = [n for root in roots for n in tree.walk(root)]
    repeated = {id(n) for loop in nodes if isinstance(loop, _REPEATING) for n in tree.walk(loop)}
    made: dict[Symbol, int] = dict.fromkeys(lists, 0)
    for n in nodes:
        match n:
            case tree.VarDecl(symbol=symbol, init=init) if symbol in made and isinstance(symbol.type, tree.Pointer):
                if symbol.storage == "parameter":
                    made[symbol] = 2
                elif init is not None and not is_null(init):
                    made[symbol] += 1 if allocation(init) is not None and id(n) not in repeated else 2
            case tree.Assign(target=tree.Name(symbol=symbol), op=op, value=value) if symbol in made:
                if op != "=" or not is_null(value):
                    made[symbol] += 1 if allocation(value) is not None and id(n) not in repeated else 2
            case tree.Unary(op=op, operand=tree.Name(symbol=symbol)) if symbol in made and (op in STEPS or op == "&"):
                made[symbol] = 2
    return {s for s, times in made.items() if times == (1 if isinstance(s.type, tree.Pointer) else 0)}


# -------------------------------------------------------------------------------------------- what comes of it


def _with_numbers(program: Program, lists: Mapping[Symbol, Symbol], found: Mapping[Symbol, _Rows]) -> Program:
    numbered = {s: replace(s, type=_numbers(s.type)) for s in lists}
    by_new = {numbered[s]: at for s, at in lists.items()}
    values = {id(v) for rows in found.values() for v in rows.values}
    makings = {id(call) for rows in found.values() for call in rows.makings}

    def filled(node: Node) -> Node:
        if id(node) in values and isinstance(node, Expr):
            return _number(node)
        return rewritten(node, _size_of_number) if id(node) in makings else node

    def change(node: Node) -> Node:
        match node:
            case tree.VarDecl(symbol=symbol) if symbol in numbered:
                return replace(node, symbol=numbered[symbol])
            case tree.Name(symbol=symbol) if symbol in numbered:
                return replace(node, symbol=numbered[symbol], type=numbered[symbol].type)
            case tree.Index(base=tree.Name(symbol=symbol)) if symbol in by_new:
                return replace(node, type=NUMBER)
            case tree.Index(base=base, subscript=subscript) if (at := _table(base)) in by_new:
                return replace(node, base=_name(by_new[at], base), subscript=_sum(base, "+", subscript, node))
            case tree.Unary(op="*", operand=operand) if (at := _table(operand)) in by_new:
                return tree.Index(
                    span=node.span, type=node.type, base=_name(by_new[at], operand), subscript=operand, in_macro=True
                )
        return node

    functions = tuple(rewritten(rewritten(f, filled), change) for f in program.functions)
    variables = tuple(rewritten(rewritten(v, filled), change) for v in program.globals)
    led = frozenset({*numbered.values(), *lists.values()})
    return replace(program, functions=functions, globals=variables, led_into=program.led_into | led)


def _numbers(kind: CType) -> CType:
    return replace(kind, element=NUMBER) if isinstance(kind, tree.Array) else tree.Pointer(NUMBER)


def _table(row: Expr) -> Symbol | None:
    """The table of `rows[i]`."""
    return row.base.symbol if isinstance(row, tree.Index) and isinstance(row.base, tree.Name) else None


def _name(symbol: Symbol, at: Expr) -> tree.Name:
    return tree.Name(span=at.span, type=symbol.type, symbol=symbol, in_macro=True)


def _sum(left: Expr, op: str, right: Expr, at: Expr) -> tree.Binary:
    return tree.Binary(span=at.span, type=NUMBER, op=op, left=left, right=right, in_macro=True)


def _number(value: Expr) -> Expr:
    """The number of the entry that a place in a list is."""
    place = place_of(value)
    assert place is not None
    parts: list[Term] = list(place.terms)
    total: Expr = tree.IntLiteral(span=value.span, type=tree.Scalar("int"), value=0, in_macro=True)
    if parts and not parts[0].negative:
        total = parts.pop(0).expr
    for part in parts:
        total = _sum(total, "-" if part.negative else "+", part.expr, value)
    return total


def _size_of_number(node: Node) -> Node:
    match node:
        case tree.Sizeof(operand=operand, of=of) if isinstance(of or (operand.type if operand else None), tree.Pointer):
            return replace(node, operand=None, of=NUMBER)
    return node
