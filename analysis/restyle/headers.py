"""Loop headers in the form `for (i = start; i < bound; i++)`, where they say the same in another way.

    for (i = 0; i + 3 <= n; i++)      i <= n - 3
    for (i = 0; i + l - 1 <= n; i++)  i <= n + 1 - l
    for (i = 0; !(i >= n); i++)       i < n
    for (i = 0; i < n && i < m; i++)  i < (n < m ? n : m)
    for (s = 0, i = 0; i < n; i++)    s = 0 stands before the loop

Sums of unsigned numbers stay as they are: they may wrap.
"""

from __future__ import annotations

from collections.abc import Iterator

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import is_step
from chatmpi.analysis.loops import index_step, is_index
from chatmpi.analysis.numbers.values import text, type_text
from chatmpi.analysis.restyle.respelling import as_compared
from chatmpi.analysis.source import Edit, Source, Span
from chatmpi.analysis.tree import Expr, Program, Stmt, Symbol

_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_SIMPLE = tree.Name | tree.IntLiteral | tree.Call | tree.Index | tree.Member


def plain_headers(program: Program) -> list[Edit]:
    """The edits that bring loop headers into that form; one header is changed in one way at a time."""
    edits: list[Edit] = []
    for f in program.functions:
        for s, parent in _loops(f.body, f.body):
            if not s.in_macro:
                edits += _initialiser(s, parent, program.source) or _condition(s, program.source)
    return edits


def _loops(s: tree.Node, parent: tree.Node) -> Iterator[tuple[tree.For, tree.Node]]:
    if isinstance(s, tree.For):
        yield s, parent
    for part in tree.children(s):
        if isinstance(part, Stmt):
            yield from _loops(part, s)


# ------------------------------------------------------------------------------------------ conditions


def _condition(loop: tree.For, source: Source) -> list[Edit]:
    counted = index_step(loop.step)
    if counted is None:
        return []
    variable, _ = counted
    condition = loop.condition
    if condition is None or condition.in_macro or not _is_plain(condition) or not is_index(variable):
        return []
    if isinstance(condition, tree.Binary) and condition.op == "&&":
        shown = _both(condition.left, condition.right, variable, source)
        return [] if shown is None else [Edit(condition.span, shown)]
    compared = _compared(condition, True)
    if compared is None:
        return []
    left, op, right = compared
    for near, far, relation in ((left, right, op), (right, left, _MIRRORED[op])):
        if _mentions(near, variable) and not _mentions(far, variable):
            if isinstance(near, tree.Name) and isinstance(condition, tree.Binary):
                return []
            shown = _bound(near, relation, far, variable, source)
            return [] if shown is None else [Edit(condition.span, shown)]
    return []


def _both(one: Expr, other: Expr, variable: Symbol, source: Source) -> str | None:
    """Two conditions that end a count, as one: the nearer end."""
    ends = []
    for c in (one, other):
        match c:
            case tree.Binary(op="<" | "<=" | ">" | ">=", left=tree.Name(symbol=symbol), right=end):
                plain = symbol == variable and not _mentions(end, variable) and not c.in_macro
                whole = all(isinstance(n, tree.Name | tree.IntLiteral | tree.Binary) for n in tree.walk(end))
                if not plain or not whole or not _is_signed(end.type):
                    return None
                ends.append((c.op, end))
            case _:
                return None
    (op, first), (same, second) = ends
    if op != same or first.type != second.type or first.type != variable.type:
        return None
    a, b = _text(first, source), _text(second, source)
    return f"{variable.name} {op} ({a} {op[0]} {b} ? {a} : {b})"


def _compared(condition: Expr, holds: bool) -> tuple[Expr, str, Expr] | None:
    match condition:
        case tree.Unary(op="!", operand=operand):
            return _compared(operand, not holds)
        case tree.Binary(op=op, left=left, right=right) if holds and op in _MIRRORED:
            return left, op, right
        case tree.Binary(op=op, left=left, right=right) if not holds and op in _OPPOSITE:
            return left, _OPPOSITE[op], right
    return None


def _bound(near: Expr, relation: str, far: Expr, variable: Symbol, source: Source) -> str | None:
    """The comparison with nothing but the variable on its left side."""
    if isinstance(near, tree.Name):
        return f"{variable.name} {relation} {as_compared(far, _text(far, source))}"
    if not all(map(_is_signed, (near.type, far.type, variable.type))):
        return None
    shown = _shown(far, source, _SIMPLE)
    while not isinstance(near, tree.Name):
        match near:
            case tree.Binary(op="+", left=inner, right=added) if not _mentions(added, variable):
                sign = "-"
            case tree.Binary(op="+", left=added, right=inner) if not _mentions(added, variable):
                sign = "-"
            case tree.Binary(op="-", left=inner, right=added) if not _mentions(added, variable):
                sign = "+"
            case _:
                return None
        if not _is_signed(added.type) or not _is_signed(inner.type) or near.in_macro:
            return None
        shown, near = f"{shown} {sign} {_shown(added, source, _SIMPLE)}", inner
    return f"{variable.name} {relation} {shown}"


def _is_plain(expr: Expr) -> bool:
    """Whether it gives a value and does nothing else."""
    kinds = tree.Assign | tree.Call | tree.UnknownExpr | tree.Conditional
    return not any(isinstance(n, kinds) or is_step(n) for n in tree.walk(expr))


def _mentions(expr: Expr, symbol: Symbol) -> bool:
    return any(isinstance(n, tree.Name) and n.symbol == symbol for n in tree.walk(expr))


def _is_signed(kind: tree.CType) -> bool:
    return isinstance(kind, tree.Scalar) and kind.is_integer and not kind.is_unsigned


def _is_unsigned(symbol: Symbol) -> bool:
    return isinstance(symbol.type, tree.Scalar) and symbol.type.is_unsigned


def _text(expr: Expr, source: Source) -> str:
    return text(expr) if expr.in_macro else source.shown_at(expr.span)


def _shown(expr: Expr, source: Source, simple: object) -> str:
    """An expression's text, in parentheses unless it is of a simple kind."""
    shown = _text(expr, source)
    return shown if isinstance(expr, simple) else f"({shown})"  # type: ignore[arg-type]


# ---------------------------------------------------------------------------------------- initialisers


def _initialiser(loop: tree.For, parent: tree.Node, source: Source) -> list[Edit]:
    """What a header sets beside the variable that it counts, put before the loop."""
    counted = index_step(loop.step)
    if counted is None or loop.init is None or loop.init.in_macro:
        return []
    parts = list(_parts(loop.init))
    own = [k for k, (symbol, _, _) in enumerate(parts) if symbol == counted[0]]
    if len(parts) < 2 or len(own) != 1 or any(node.in_macro or symbol is None for symbol, _, node in parts):
        return []
    (k,) = own
    _, start, node = parts[k]
    later = parts[k + 1 :]
    if start is None or not all(_may_precede(symbol, value, counted[0], start) for symbol, value, _ in later):
        return []
    moved = [p for p in parts if p[2] is not node]
    others = [_statement(symbol, value, other, loop.init, source) for symbol, value, other in moved]
    if any(o is None for o in others):
        return []
    before = " ".join(o for o in others if o is not None)
    indent = source.indentation(loop.span.begin)
    head = Edit(loop.init.span, _alone(counted[0], node, loop.init, source))
    if isinstance(parent, tree.Block) and isinstance(loop.init, tree.ExprStmt):
        return [Edit(Span(loop.span.begin, loop.span.begin), f"{before}\n{indent}"), head]
    around = Span(loop.span.begin, loop.span.begin), Span(loop.span.end, loop.span.end)
    return [Edit(around[0], f"{{ {before}\n{indent}"), head, Edit(around[1], " }")]


def _parts(init: Stmt) -> Iterator[tuple[Symbol | None, Expr | None, tree.Node]]:
    """What an initialiser sets, in order: the variable, its value, the node."""
    match init:
        case tree.Declaration(variables=variables):
            for v in variables:
                yield (v.symbol if isinstance(v.symbol.type, tree.Scalar) else None), v.init, v
        case tree.ExprStmt(expr=expr):
            yield from _assigned(expr)


def _assigned(expr: Expr) -> Iterator[tuple[Symbol | None, Expr | None, tree.Node]]:
    match expr:
        case tree.Binary(op=",", left=left, right=right):
            yield from _assigned(left)
            yield from _assigned(right)
        case tree.Assign(op="=", target=tree.Name(symbol=symbol), value=value):
            yield symbol, value, expr
        case _:
            yield None, None, expr


def _may_precede(symbol: Symbol | None, value: Expr | None, counted: Symbol, start: Expr) -> bool:
    """Whether a variable may as well be set before the one that is counted."""
    if symbol is None or value is None or not _is_plain(value) or not _is_plain(start):
        return False
    return not _mentions(value, counted) and not _mentions(start, symbol)


def _statement(symbol: Symbol | None, value: Expr | None, node: tree.Node, init: Stmt, source: Source) -> str | None:
    if symbol is None:
        return None
    if not isinstance(init, tree.Declaration):
        return f"{source.shown_at(node.span)};"
    if value is None:
        return None
    return f"{type_text(symbol.type)} {symbol.name} = {source.shown_at(value.span)};"


def _alone(counted: Symbol, node: tree.Node, init: Stmt, source: Source) -> str:
    shown = source.shown_at(node.span)
    return f"{type_text(counted.type)} {shown};" if isinstance(init, tree.Declaration) else f"{shown};"
