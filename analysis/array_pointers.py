"""Arrays that only pointers lead to, as memory that these pointers get: their blocks can then be exchanged.

    static double u[N], v[N];                   double *a = calloc(N, sizeof *a), *b = calloc(N, sizeof *b);
    double *a = u, *b = v, *t;                  double *t;
    … t = a; a = b; b = t; …

The array is named once, where main begins; it holds zeros or nothing yet.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.pointer_places import element
from chatmpi.analysis.scan import mask, skip_space
from chatmpi.analysis.source import Edit, Span
from chatmpi.analysis.touches import is_zero
from chatmpi.analysis.tree import Expr, Program, Stmt, Symbol, VarDecl


@dataclass(frozen=True)
class _Holder:
    """`array` is what `pointer` gets by `value`."""

    array: VarDecl
    pointer: Symbol
    value: Expr


def owning_pointers(program: Program) -> list[Edit]:
    """The edits that let pointers own the arrays that they alone lead to."""
    main = program.function("main")
    if main is None or main.in_macro:
        return []
    masked = mask(program.source.text)
    groups = list(_groups(program, main, masked))
    whole = {v.name_span for span, variables in groups for v in variables if span.begin < variables[0].span.begin}
    found = [h for h in _holders(program, main) if h.array.name_span in whole]
    if not found:
        return []
    gone = {h.array.name_span for h in found}
    edits = [e for group in groups for e in _without(group, gone, masked)]
    for h in found:
        extent = h.array.extents[0]
        assert extent is not None
        zeros = h.array.symbol.storage != "local" or h.array.init is not None
        sizes = f"{program.source.shown_at(extent.span)}, " if zeros else f"({program.source.shown_at(extent.span)}) * "
        edits.append(Edit(h.value.span, f"{'calloc' if zeros else 'malloc'}({sizes}sizeof *{h.pointer.name})"))
    if all(i.name != "stdlib.h" for i in program.includes):
        place = program.includes[-1].span.end if program.includes else 0
        edits.append(Edit(Span(place, place), "\n#include <stdlib.h>" if place else "#include <stdlib.h>\n"))
    return edits


def _holders(program: Program, main: tree.Function) -> Iterator[_Holder]:
    roots = (*program.globals, *program.functions)
    named = Counter(n.symbol for root in roots for n in tree.walk(root) if isinstance(n, tree.Name))
    local = [v for s in main.body.body if isinstance(s, tree.Declaration) and not s.in_macro for v in s.variables]
    arrays = {v.symbol: v for v in (*program.globals, *local) if _is_plain(v) and named[v.symbol] == 1}
    exchanged = _exchanged(program)
    for s in main.body.body:
        for pointer, value in _given(s):
            first = _first_element(value)
            array = None if first is None else arrays.get(first.symbol)
            same = array is not None and element(pointer.type) == element(array.symbol.type)
            if array is not None and same and pointer in exchanged and not value.in_macro:
                yield _Holder(array, pointer, value)


def _is_plain(v: VarDecl) -> bool:
    """Whether an array's declaration says all there is to know of it."""
    if not isinstance(v.symbol.type, tree.Array) or v.in_macro or v.symbol.const or not v.brackets:
        return False
    complete = bool(v.extents) and v.extents[0] is not None and not v.extents[0].in_macro
    return complete and (v.init is None or is_zero(v.init))


def _exchanged(program: Program) -> frozenset[Symbol]:
    """The pointers that are given what other pointers hold."""
    nodes = (n for f in program.functions for n in tree.walk(f.body))
    return frozenset(
        n.target.symbol
        for n in nodes
        if isinstance(n, tree.Assign)
        and isinstance(n.target, tree.Name)
        and isinstance(n.value, tree.Name)
        and isinstance(n.value.symbol.type, tree.Pointer)
    )


def _given(s: Stmt) -> Iterator[tuple[Symbol, Expr]]:
    """The variables that a statement gives values to, each by an expression of its own."""
    match s:
        case tree.Declaration(variables=variables, in_macro=False):
            yield from ((v.symbol, v.init) for v in variables if v.init is not None and v.symbol.storage == "local")
        case tree.ExprStmt(expr=tree.Assign(op="=", target=tree.Name(symbol=symbol), value=value)):
            yield symbol, value


def _first_element(value: Expr) -> tree.Name | None:
    """The array whose first element, or row, a value points to."""
    match value:
        case tree.Name():
            return value
        case tree.Unary(op="&", operand=tree.Index(base=tree.Name() as name, subscript=tree.IntLiteral(value=0))):
            return name
    return None


# --------------------------------------------------------------------------------------- declarations


def _groups(program: Program, main: tree.Function, masked: str) -> Iterator[tuple[Span, list[VarDecl]]]:
    """The declarations that arrays may be taken out of, each with its place."""
    for s in main.body.body:
        if isinstance(s, tree.Declaration) and s.variables:
            yield s.span, list(s.variables)
    group: list[VarDecl] = []
    for v in program.globals:
        if group and masked[skip_space(masked, group[-1].span.end)] != ",":
            yield _whole(group, masked), group
            group = []
        group.append(v)
    if group:
        yield _whole(group, masked), group


def _whole(group: list[VarDecl], masked: str) -> Span:
    """A declaration outside of functions, from its first word to its semicolon."""
    begin = max(masked.rfind(c, 0, group[0].span.begin) for c in ";}\n") + 1
    return Span(skip_space(masked, begin), skip_space(masked, group[-1].span.end) + 1)


def _without(group: tuple[Span, list[VarDecl]], gone: set[Span], masked: str) -> Iterator[Edit]:
    whole, variables = group
    if not any(v.name_span in gone for v in variables):
        return
    kept = [v for v in variables if v.name_span not in gone]
    if not kept:
        line = masked.rfind("\n", 0, whole.begin) + 1
        alone = not masked[line : whole.begin].strip() and masked[whole.end : whole.end + 1] == "\n"
        yield Edit(Span(line, whole.end + 1) if alone else whole, "")
        return
    for k, v in enumerate(variables):
        if v.name_span not in gone:
            continue
        if any(w in kept for w in variables[:k]):  # with the comma before it
            yield Edit(Span(variables[k - 1].span.end, v.span.end), "")
        else:
            yield Edit(Span(v.span.begin, variables[k + 1].span.begin), "")
