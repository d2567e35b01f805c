"""Offsets of pointers that a call could change, for all that is known, in variables of their own.

    e += dist(x + i*d, c + label[i]*d, d);        becomes        const int b_at = label[i]*d;
                                                                 e += dist(x + i*d, c + b_at, d);

The function can then be read as if its body stood there. The edits are of the text, which is parsed again.
"""

from __future__ import annotations

from collections.abc import Iterator

from chatmpi.analysis import tree
from chatmpi.analysis.calls.functions import Expandable, is_steady, pointer_offset
from chatmpi.analysis.calls.library import LIBRARY, Does
from chatmpi.analysis.expressions import bare, is_step
from chatmpi.analysis.numbers.values import type_text
from chatmpi.analysis.restyle.respelling import Fresh
from chatmpi.analysis.source import Edit, Source, Span
from chatmpi.analysis.tree import Call, Expr, Function, Stmt


def offsets_apart(s: Stmt, parent: tree.Node, possible: Expandable, source: Source, names: Fresh) -> Iterator[Edit]:
    """The edits for a statement that makes one call, and nothing that changes anything before it."""
    if s.in_macro or not isinstance(s, tree.ExprStmt | tree.Declaration):
        return
    call = _only_call(s, possible)
    f = None if call is None else possible.whole.get(call.name or "")
    if call is None or f is None or len(call.arguments) != len(f.parameters):
        return
    declared = ""
    indent = source.indentation(s.span.begin)
    for argument, p in zip(call.arguments, f.parameters, strict=True):
        offset = _unsteady(bare(argument), f)
        if offset is not None:
            name = names.take(f"{p.symbol.name}_at")
            declared += f"const {type_text(offset.type)} {name} = {source.shown_at(offset.span)};"
            declared += f"\n{indent}" if isinstance(parent, tree.Block) else " "
            yield Edit(offset.span, name)
    if declared and isinstance(parent, tree.Block):
        yield Edit(Span(s.span.begin, s.span.begin), declared)
    elif declared:
        yield Edit(Span(s.span.begin, s.span.begin), f"{{ {declared}")
        yield Edit(Span(s.span.end, s.span.end), " }")


def _only_call(s: tree.ExprStmt | tree.Declaration, possible: Expandable) -> Call | None:
    """The call of a statement that always makes it; nothing else there has effects but what becomes of its value."""
    value: Expr | None
    match s:
        case tree.ExprStmt(expr=tree.Assign(target=target, value=value)):
            if any(isinstance(n, Call) or is_step(n) or isinstance(n, tree.Assign) for n in tree.walk(target)):
                return None
        case tree.ExprStmt(expr=value):
            pass
        case tree.Declaration(variables=(tree.VarDecl(init=value),)):
            pass
        case _:
            return None
    if value is None:
        return None
    nodes = list(tree.walk(value))
    unsafe = (tree.Assign, tree.Conditional, tree.UnknownExpr)
    if any(isinstance(n, unsafe) or is_step(n) for n in nodes):
        return None
    if any(isinstance(n, tree.Binary) and n.op in ("&&", "||", ",") for n in nodes):
        return None
    harmless = {*possible.pure, *(name for name, does in LIBRARY.items() if does is Does.NOTHING)}
    calls = [n for n in nodes if isinstance(n, Call) and n.name not in harmless]
    return calls[0] if len(calls) == 1 and not calls[0].in_macro else None


def _unsteady(argument: Expr, f: Function) -> Expr | None:
    """The offset of an argument if a call might change it, and its text is one piece."""
    found = pointer_offset(argument)
    match argument:
        case tree.Binary(op="+", right=part) | tree.Unary(op="&", operand=tree.Index(subscript=part)):
            whole = found is not None and found[1] is part
            written = not any(n.in_macro or isinstance(n, Call) for n in tree.walk(part))
            number = isinstance(part.type, tree.Scalar) and part.type.is_integer
            return part if whole and written and number and not is_steady(part, f) else None
    return None
