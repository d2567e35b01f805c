"""Pointers to a whole array, used as that array only: pointers to its first row.

double (*a)[n][m] = malloc(sizeof *a);        double (*a)[m] = malloc((n) * sizeof *a);
(*a)[i][j] = 0;                               a[i][j] = 0;
sum(n, m, *a);                                sum(n, m, a);
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import bare, is_null
from chatmpi.analysis.parents import Parents, out_of_casts, parents
from chatmpi.analysis.source import Edit, Span
from chatmpi.analysis.tree import Program, VarDecl


def array_pointers(program: Program) -> list[Edit]:
    """The edits for all such variables of functions."""
    around = parents(program.functions)
    edits: list[Edit] = []
    for f in program.functions:
        for v in (n for n in tree.walk(f.body) if isinstance(n, VarDecl)):
            if _leads_to_array(v) and (found := _edits(v, f, program, around)) is not None:
                edits += found
    return edits


def _leads_to_array(v: VarDecl) -> bool:
    kind = v.symbol.type
    return (
        isinstance(kind, tree.Pointer)
        and isinstance(kind.target, tree.Array)
        and len(v.brackets) == len(v.extents) > 0
        and v.extents[0] is not None
        and not v.in_macro
    )


def _edits(v: VarDecl, f: tree.Function, program: Program, around: Parents) -> list[Edit] | None:
    """None where the pointer is used otherwise."""
    uses = [n for n in tree.walk(f.body) if isinstance(n, tree.Name) and n.symbol == v.symbol]
    followed = [_used(n, v, program, around) for n in uses]
    if not any(isinstance(around[id(n)], tree.Unary) for n in uses):
        return None
    found = [e for edits in followed for e in edits or ()]
    if v.init is not None:
        value = _given(v.init)
        if value is None:
            return None
        found += value
    declared = _declared(v, program)
    return None if declared is None or None in followed else [*declared, *found]


def _declared(v: VarDecl, program: Program) -> Iterator[Edit] | None:
    """Without its first extent; of a vector, as a plain pointer."""
    if len(v.brackets) > 1:
        return iter([Edit(v.brackets[0], "")])
    text = program.source.text
    declarator = re.compile(rf"\(\s*\*\s*{v.symbol.name}\s*\)\s*").match(text, v.span.begin)
    if declarator is None or declarator.end() != v.brackets[0].begin:
        return None
    return iter([Edit(Span(v.span.begin, v.brackets[0].end), f"*{v.symbol.name}")])


def _used(n: tree.Name, v: VarDecl, program: Program, around: Parents) -> list[Edit] | None:
    """The edits for one use; None if it is none of those that are followed."""
    above = around[id(n)]
    match above:
        case tree.Unary(op="*"):
            if n.in_macro or above.in_macro:
                return None
            size = around[id(above)]
            if not isinstance(size, tree.Sizeof):
                return [Edit(above.span, n.symbol.name)]
            first = v.extents[0]
            assert first is not None
            if size.in_macro or first.in_macro:
                return None
            shown = f"({program.source.shown_at(first.span)}) * {program.source.shown_at(size.span)}"
            return [Edit(size.span, shown if isinstance(around[id(size)], tree.Call) else f"({shown})")]
        case tree.Assign(op="=", target=target, value=value) if target is n:
            return _given(value)
        case tree.Binary(op="==" | "!=") | tree.Unary(op="!"):
            return []
    _, outer = out_of_casts(n, around)
    return [] if isinstance(outer, tree.Call) and outer.name == "free" else None


def _given(value: tree.Expr) -> list[Edit] | None:
    """Without the conversion to the pointer's type, where the value is memory without a type."""
    if is_null(value):
        return []
    call = bare(value)
    if not isinstance(call, tree.Call) or call.type != tree.Pointer(tree.OtherType("void")):
        return None
    return [] if call is value else None if value.in_macro else [Edit(Span(value.span.begin, call.span.begin), "")]
