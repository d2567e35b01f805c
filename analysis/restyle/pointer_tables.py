"""Tables of a few pointers whose entries are told where they are declared, with the arrays in the place of the entries.

    double *f[2] = {g->a, g->b};
    s += f[0][i] * f[1][i];                  s += g->a[i] * g->b[i];

Nobody changes the table, and each entry is the same memory wherever the table can be seen.
"""

from __future__ import annotations

from collections.abc import Iterator

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import is_step
from chatmpi.analysis.memory.pointer_places import element, is_zero, place_of
from chatmpi.analysis.parents import Parents, is_in_sizeof, out_of_casts, parents
from chatmpi.analysis.restyle.aliases import stays
from chatmpi.analysis.restyle.undeclaring import undeclared
from chatmpi.analysis.source import Edit
from chatmpi.analysis.tree import Expr, Program, Stmt, Symbol, VarDecl

_MOST_ENTRIES = 8
Table = tuple[VarDecl, tuple[Expr, ...]]


def without_pointer_tables(program: Program) -> list[Edit]:
    """The edits that put arrays in the place of the entries of tables that are only used by numbers."""
    edits: list[Edit] = []
    gone: set[Symbol] = set()
    for v, entries in pointer_tables(program):
        uses = [n for f in program.functions for n in tree.walk(f.body)
                if isinstance(n, tree.Index) and _is(n.base, v.symbol)]  # fmt: skip
        numbers = [_number(n.subscript, len(entries)) for n in uses]
        if _mentions(program, v.symbol) != len(uses) or None in numbers or any(n.in_macro for n in uses):
            continue
        gone.add(v.symbol)
        edits += [Edit(n.span, program.source.shown_at(entries[k].span)) for n, k in zip(uses, numbers, strict=True)
                  if k is not None]  # fmt: skip
    without = undeclared(program, gone) if gone else None
    return [] if without is None else [*without, *edits]


def pointer_tables(program: Program) -> list[Table]:
    """The tables, each with its entries."""
    return [t for f in program.functions if not f.in_macro for t in _in_function(f, program)]


def _in_function(f: tree.Function, program: Program) -> Iterator[Table]:
    around: Parents | None = None
    for block in (n for n in tree.walk(f.body) if isinstance(n, tree.Block)):
        for k, s in enumerate(block.body):
            for v in s.variables if isinstance(s, tree.Declaration) else ():
                entries = _entries(v)
                if entries and _stay(entries, block.body[k:], f, program):
                    around = around or parents([f])
                    if all(_is_read(n, around) for n in tree.walk(f.body) if _is(n, v.symbol)):
                        yield v, entries


def _entries(v: VarDecl) -> tuple[Expr, ...]:
    """The entries of a table of pointers to numbers; none if it is no such table."""
    kind, init = v.symbol.type, v.init
    if not isinstance(kind, tree.Array) or not isinstance(kind.element, tree.Pointer) or v.in_macro:
        return ()
    target = kind.element.target
    if not isinstance(target, tree.Scalar) or not isinstance(init, tree.InitList) or v.symbol.storage != "local":
        return ()
    if kind.extent != len(init.items) or len(init.items) > _MOST_ENTRIES:
        return ()
    return init.items if all(not e.in_macro and element(e.type) == target for e in init.items) else ()


def _stay(entries: tuple[Expr, ...], part: tuple[Stmt, ...], f: tree.Function, program: Program) -> bool:
    places = [place_of(e) for e in entries]
    return all(p is not None and is_zero(p) and not p.terms and stays(p, part, f, program) for p in places)


def _is_read(name: tree.Node, around: Parents) -> bool:
    """Whether a use of a table takes the value of one of its entries, or the table's size."""
    above = around[id(name)]
    if not isinstance(above, tree.Index) or above.base is not name:
        return is_in_sizeof(name, around)
    entry, use = out_of_casts(above, around)
    if isinstance(use, tree.Unary) and (use.op == "&" or is_step(use)):
        return False
    return not (isinstance(use, tree.Assign) and use.target is entry)


def _is(node: tree.Node, symbol: Symbol) -> bool:
    return isinstance(node, tree.Name) and node.symbol == symbol


def _number(subscript: Expr, many: int) -> int | None:
    match subscript:
        case tree.IntLiteral(value=value, macro=None) if 0 <= value < many:
            return value
    return None


def _mentions(program: Program, symbol: Symbol) -> int:
    return sum(_is(n, symbol) for f in program.functions for n in tree.walk(f.body))
