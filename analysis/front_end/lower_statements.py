"""clang's statements and declarations as the tree's statements, variables and functions."""

from __future__ import annotations

import itertools
from dataclasses import replace

from chatmpi.analysis import tree
from chatmpi.analysis.front_end.libclang import CXCursor, LibClang
from chatmpi.analysis.front_end.lower_expressions import Expressions, is_expression
from chatmpi.analysis.front_end.macros import MacroTable
from chatmpi.analysis.front_end.nesting import DEEPEST, NestsTooDeep
from chatmpi.analysis.front_end.places import Extent, Places
from chatmpi.analysis.front_end.symbols import FUNCTION_DECL, VAR_DECL, Symbols, Types
from chatmpi.analysis.scan import (
    after_closing_parentheses,
    bracket_spans,
    declarator_begin,
    for_header,
    skip_space,
)
from chatmpi.analysis.source import Source, Span
from chatmpi.analysis.tree import Array, CType, Expr, Node, Pointer, Stmt, VarDecl

# CXCursorKind
LABEL, COMPOUND, CASE, DEFAULT, IF, SWITCH, WHILE, DO, FOR = 201, 202, 203, 204, 205, 206, 207, 208, 209
GOTO, INDIRECT_GOTO, CONTINUE, BREAK, RETURN, ASM, NULL, DECLARATION = 210, 211, 212, 213, 214, 215, 230, 231
LABEL_REF = 48
_KINDS = {
    **{LABEL: "label", CASE: "case", DEFAULT: "default", SWITCH: "switch", FOR: "for"},
    **{GOTO: "goto", INDIRECT_GOTO: "goto", ASM: "asm"},
}
_FORMS = {COMPOUND: "block", DO: "do"}
_END_WITH_SEMICOLON = frozenset({DO, GOTO, INDIRECT_GOTO, CONTINUE, BREAK, RETURN, ASM})
_END_WITH_STATEMENT = frozenset({LABEL, CASE, DEFAULT, IF, SWITCH, WHILE, FOR})


class Statements:
    """Lowers the statements of one translation unit, numbering them as they come."""

    def __init__(
        self,
        source: Source,
        masked: str,
        lib: LibClang,
        places: Places,
        macros: MacroTable,
        expressions: Expressions,
        types: Types,
        symbols: Symbols,
    ) -> None:
        self._source, self._masked, self._lib, self._places = source, masked, lib, places
        self._macros, self._expressions, self._types, self._symbols = macros, expressions, types, symbols
        self._ids = itertools.count()
        self.prototypes: set[str] = set()
        expressions.statement = self.lower

    def lower(self, cursor: CXCursor, parent: Span, depth: int) -> Stmt:
        """The statement; `parent` is the span of the node above, `depth` the number of nodes above."""
        if is_expression(cursor):
            return self._expression(cursor, parent, depth)
        extent = self._places.extent(cursor)
        if depth > DEEPEST:
            raise NestsTooDeep(extent.begin)
        number = next(self._ids)
        if cursor.kind == DECLARATION:
            return self._declaration(cursor, extent, number, depth)
        children = [c for c in self._lib.children(cursor) if is_expression(c) or 200 <= c.kind < 300]
        if cursor.kind == FOR:
            return self._for(cursor, children, extent, number, parent, depth)
        parts: list[Node] = []
        for index, child in enumerate(children):
            wants_value = is_expression(child) and _wants_value(cursor, index, len(children))
            lower = self._expressions.lower if wants_value else self.lower
            parts.append(lower(child, extent.span, depth + 1))
        span, in_macro = self._text(cursor, extent, parts, parent)
        made = _make(cursor, parts, span, in_macro, number)
        return replace(made, label=self._label(cursor)) if isinstance(made, tree.UnknownStmt) else made

    def _label(self, cursor: CXCursor) -> str | None:
        """The name of a label, or of the one that a goto names."""
        named = cursor if cursor.kind == LABEL else None
        if cursor.kind == GOTO:
            named = next((c for c in self._lib.children(cursor) if c.kind == LABEL_REF), None)
        return None if named is None else self._lib.spelling(named) or None

    # ------------------------------------------------------------------------------------- parts

    def _expression(self, cursor: CXCursor, parent: Span, depth: int) -> tree.ExprStmt:
        number = next(self._ids)
        outer = self._places.extent(cursor)
        expr = self._expressions.lower(cursor, parent, depth + 1)
        begin, end = min(outer.begin, expr.span.begin), max(outer.end, expr.span.end)
        in_macro = not self._places.is_whole_statement(outer)
        if not in_macro:
            semicolon = self._past_semicolon(end)
            in_macro = semicolon is None
            end = semicolon or end
        return tree.ExprStmt(span=Span(begin, end), in_macro=in_macro, id=number, expr=expr)

    def _past_semicolon(self, end: int) -> int | None:
        """The position behind the semicolon that follows `end`; None if a macro wrote that."""
        semicolon = skip_space(self._masked, end)
        return semicolon + 1 if self._masked.startswith(";", semicolon) else None

    def _text(self, cursor: CXCursor, extent: Extent, parts: list[Node], parent: Span) -> tuple[Span, bool]:
        """The statement's span, and whether a macro's body wrote it."""
        in_macro = False
        last = parts[-1] if parts else None
        if isinstance(last, Stmt) and not last.in_macro and last.span.end >= extent.end:
            extent = extent._replace(end=last.span.end, right=None)
        if extent.expanded:
            exact = self._places.is_exact(extent, extent, parent, _FORMS.get(cursor.kind, ""), None)
            use = self._macros.by_begin.get(extent.begin)
            if exact and use is not None:
                self._places.exact.add(use)
            in_macro = not self._places.is_editable(extent, exact)
            if cursor.kind in (RETURN, DECLARATION):
                in_macro = not self._places.is_whole_statement(extent)
        begin = min([extent.begin, *(p.span.begin for p in parts)])
        end = max([extent.end, *(p.span.end for p in parts)])
        if cursor.kind in _END_WITH_SEMICOLON and not in_macro:
            semicolon = self._past_semicolon(end)
            in_macro = semicolon is None
            end = semicolon or end
        if isinstance(last, Stmt) and cursor.kind in _END_WITH_STATEMENT:
            in_macro = in_macro or last.in_macro
        return Span(begin, end), in_macro

    def _for(
        self, cursor: CXCursor, children: list[CXCursor], extent: Extent, number: int, parent: Span, depth: int
    ) -> Stmt:
        roles = self._for_parts(children, extent)
        init: Stmt | None = None
        values: list[Expr | None] = [None, None]
        parts: list[Node] = []
        for child, role in zip(children, roles or range(len(children)), strict=False):
            if roles is None or role in (0, 3) or not is_expression(child):
                parts.append(self.lower(child, extent.span, depth + 1))
            else:
                parts.append(self._expressions.lower(child, extent.span, depth + 1))
            part = parts[-1]
            if role == 0 and isinstance(part, Stmt):
                init = part
            elif role in (1, 2) and isinstance(part, Expr):
                values[role - 1] = part
        span, in_macro = self._text(cursor, extent, parts, parent)
        body = parts[-1] if parts else None
        if roles is None or not isinstance(body, Stmt):
            return tree.UnknownStmt(span=span, in_macro=in_macro, id=number, kind="for", children=tuple(parts))
        return tree.For(
            span=span,
            in_macro=in_macro,
            id=number,
            init=init,
            condition=values[0],
            step=values[1],
            body=body,
        )

    def _for_parts(self, children: list[CXCursor], extent: Extent) -> list[int] | None:
        """For each child its place in `for (0; 1; 2) 3`; clang leaves out what is missing."""
        if len(children) in (1, 4):
            return [3] if len(children) == 1 else [0, 1, 2, 3]
        header = for_header(self._masked, extent.begin) if extent.left is None else None
        if header is None:
            return None
        first, second, _end = header
        roles = []
        for child in children[:-1]:
            begin = self._places.extent(child).begin
            roles.append(0 if begin < first else 1 if begin < second else 2)
        return [*roles, 3] if len(set(roles)) == len(roles) else None

    # ------------------------------------------------------------------------------ declarations

    def _declaration(self, cursor: CXCursor, extent: Extent, number: int, depth: int) -> tree.Declaration:
        variables = []
        for child in self._lib.children(cursor):
            if child.kind == VAR_DECL:
                variables.append(self.variable(child, depth + 1))
            elif child.kind == FUNCTION_DECL:
                self.prototypes.add(self._lib.spelling(child))
        span, in_macro = self._text(cursor, extent, [], Span(-1, -1))
        return tree.Declaration(span=span, in_macro=in_macro, id=number, variables=tuple(variables))

    def variable(self, cursor: CXCursor, depth: int = 0) -> VarDecl:
        """A variable's or parameter's declarator."""
        extent = self._places.extent(cursor)
        symbol = self._symbols.of(cursor)
        name, name_in_macro = self._name(cursor, symbol.name)
        children = [c for c in self._lib.children(cursor) if is_expression(c)]
        init_cursor = self._lib.initializer(cursor) if cursor.kind == VAR_DECL else None
        has_init = init_cursor is not None and not self._lib.is_null(init_cursor) and bool(children)
        init = self._expressions.lower(children.pop(), extent.span, depth + 1) if has_init else None
        end = max(extent.end, init.span.end if init else 0)
        if name_in_macro or (extent.left and name.begin < extent.left.span.end):
            span, in_macro = Span(min(extent.begin, name.begin), max(end, name.end)), True
        else:
            begin = declarator_begin(self._masked, name.begin)
            whole = extent._replace(left=None)
            span, in_macro = Span(begin, max(end, name.end)), not self._places.is_whole_statement(whole)
        brackets = () if name_in_macro else self._brackets(name.end, self._types.of(cursor))
        return VarDecl(
            span=span,
            in_macro=in_macro,
            symbol=symbol,
            name_span=name,
            extents=self._extents(children, brackets, extent.span, self._types.of(cursor)),
            brackets=brackets,
            init=init,
        )

    def _name(self, cursor: CXCursor, name: str) -> tuple[Span, bool]:
        """The span of a declared name, and whether a macro's body wrote it."""
        place = self._places.place(self._lib.location(cursor).raw)
        if place.use is not None:
            return place.use.span, True
        return Span(place.offset, place.offset + len(name.encode())), False

    def _brackets(self, name_end: int, type: CType) -> tuple[Span, ...]:
        if isinstance(type, Pointer):  # `double (*a)[n]`
            inside = after_closing_parentheses(self._masked, name_end)
            return bracket_spans(self._masked, inside) if isinstance(type.target, Array) else ()
        return bracket_spans(self._masked, name_end) if isinstance(type, Array) else ()

    def _extents(
        self, sizes: list[CXCursor], brackets: tuple[Span, ...], parent: Span, type: CType
    ) -> tuple[Expr | None, ...]:
        """The sizes as written, outermost first; clang gives the innermost first, and none for `[]`."""
        lowered = [self._expressions.lower(c, parent, 0) for c in reversed(sizes)]
        if not brackets:
            layers = 0
            while isinstance(type, Array):
                layers, type = layers + 1, type.element
            return tuple(lowered) if len(lowered) == layers else ()
        return tuple(
            next((e for e in lowered if b.begin <= e.span.begin and e.span.end <= b.end), None) for b in brackets
        )

    def function(self, cursor: CXCursor) -> tree.Function | None:
        """A function's definition."""
        children = self._lib.children(cursor)
        if not children or children[-1].kind != COMPOUND:
            return None
        extent = self._places.extent(cursor)
        symbol = self._symbols.of(cursor)
        name, _ = self._name(cursor, symbol.name)
        parameters = tuple(self.variable(c) for c in self._lib.parameters(cursor))
        body = self.lower(children[-1], extent.span, 0)
        span, in_macro = self._text(cursor, extent, [body], Span(-1, -1))
        if not isinstance(body, tree.Block):
            return None
        return tree.Function(
            span=span,
            in_macro=in_macro,
            symbol=symbol,
            name_span=name,
            parameters=parameters,
            body=body,
            returns=self._types.lower(self._lib.result_type(cursor)),
        )


def _wants_value(above: CXCursor, index: int, count: int) -> bool:
    """Whether the statement `above` takes its child as an expression, not as a statement."""
    kind, last = above.kind, index == count - 1
    return (
        kind in (RETURN, INDIRECT_GOTO, ASM)
        or (kind in (IF, WHILE, SWITCH) and index == 0)
        or (kind == DO and last)
        or (kind == CASE and not last)
    )


def _make(cursor: CXCursor, parts: list[Node], span: Span, in_macro: bool, number: int) -> Stmt:
    match cursor.kind, parts:
        case 202, _:
            body = tuple(p for p in parts if isinstance(p, Stmt))
            return tree.Block(span=span, in_macro=in_macro, id=number, body=body)
        case 205, [Expr() as condition, Stmt() as then]:
            return tree.If(span=span, in_macro=in_macro, id=number, condition=condition, then=then, otherwise=None)
        case 205, [Expr() as condition, Stmt() as then, Stmt() as otherwise]:
            return tree.If(span=span, in_macro=in_macro, id=number, condition=condition, then=then, otherwise=otherwise)
        case 207, [Expr() as condition, Stmt() as body_of]:
            return tree.While(span=span, in_macro=in_macro, id=number, condition=condition, body=body_of)
        case 208, [Stmt() as body_of, Expr() as condition]:
            return tree.DoWhile(span=span, in_macro=in_macro, id=number, body=body_of, condition=condition)
        case 214, []:
            return tree.Return(span=span, in_macro=in_macro, id=number, value=None)
        case 214, [Expr() as value]:
            return tree.Return(span=span, in_macro=in_macro, id=number, value=value)
        case 213, _:
            return tree.Break(span=span, in_macro=in_macro, id=number)
        case 212, _:
            return tree.Continue(span=span, in_macro=in_macro, id=number)
        case 230, _:
            return tree.Empty(span=span, in_macro=in_macro, id=number)
    kind = _KINDS.get(cursor.kind, "other")
    return tree.UnknownStmt(span=span, in_macro=in_macro, id=number, kind=kind, children=tuple(parts))
