"""clang's expressions as the tree's expressions."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from chatmpi.analysis import tree
from chatmpi.analysis.front_end.libclang import CXCursor, TranslationUnit
from chatmpi.analysis.front_end.literals import floating_value, integer_value, number_at, string_value
from chatmpi.analysis.front_end.macros import MacroTable
from chatmpi.analysis.front_end.nesting import DEEPEST, NestsTooDeep
from chatmpi.analysis.front_end.places import Extent, Places
from chatmpi.analysis.front_end.symbols import Symbols, Types, decayed
from chatmpi.analysis.front_end.type_names import type_name, variable_extents
from chatmpi.analysis.scan import closing, skip_space
from chatmpi.analysis.source import Source, Span
from chatmpi.analysis.tree import Array, CType, Expr, Node, Pointer, Scalar

# CXCursorKind
UNEXPOSED, DECL_REF, MEMBER_REF, CALL, INTEGER, FLOATING, STRING, CHARACTER = 100, 101, 102, 103, 106, 107, 109, 110
PAREN, UNARY, SUBSCRIPT, BINARY, COMPOUND_ASSIGN, CONDITIONAL, CAST = 111, 112, 113, 114, 115, 116, 117
COMPOUND_LITERAL, INIT_LIST, STATEMENT_EXPRESSION, SIZEOF = 118, 119, 121, 136
_TYPE_REFERENCE = 43
_EXPRESSIONS = range(100, 200)
_STATEMENTS = range(200, 300)

_BINARY = {
    **{3: "*", 4: "/", 5: "%", 6: "+", 7: "-", 8: "<<", 9: ">>", 11: "<", 12: ">", 13: "<=", 14: ">="},
    **{15: "==", 16: "!=", 17: "&", 18: "^", 19: "|", 20: "&&", 21: "||", 33: ","},
}
_ASSIGN = {
    **{22: "=", 23: "*=", 24: "/=", 25: "%=", 26: "+=", 27: "-=", 28: "<<=", 29: ">>="},
    **{30: "&=", 31: "^=", 32: "|="},
}
_UNARY = {1: "x++", 2: "x--", 3: "++x", 4: "--x", 5: "&", 6: "*", 7: "+", 8: "-", 9: "~", 10: "!"}
_EXTENSION = 13
_FORMS = {
    **dict.fromkeys((DECL_REF, INTEGER, FLOATING, STRING, CHARACTER), "atom"),
    **{PAREN: "paren", SUBSCRIPT: "index", CALL: "call", MEMBER_REF: "member"},
}
_LEAVES = frozenset({DECL_REF, INTEGER, FLOATING, CHARACTER})
_ENDS_WITH_OPERAND = frozenset({UNEXPOSED, UNARY, BINARY, COMPOUND_ASSIGN, CONDITIONAL, CAST})
_LVALUES = frozenset({SUBSCRIPT, MEMBER_REF, STRING, INIT_LIST, COMPOUND_LITERAL, UNEXPOSED})
_UNKNOWN_KINDS = {
    **{100: "other", 108: "imaginary literal", 118: "compound literal", 120: "label address"},
    **{121: "statement expression", 122: "generic selection"},
}
_WORD = re.compile(r"[A-Za-z_]\w*")


def is_expression(cursor: CXCursor) -> bool:
    return cursor.kind in _EXPRESSIONS


class _Unwrapped(NamedTuple):
    """An expression out of its parentheses and implicit conversions.

    `outer` is its extent with those parentheses that the same macro's body wrote, `form` the shape of that, `parent`
    the span of what stands around.
    """

    cursor: CXCursor
    children: list[CXCursor]
    inner: Extent
    outer: Extent
    form: str
    parent: Span


class Expressions:
    """Lowers expressions of one translation unit; set `statement` before the first."""

    statement: Callable[[CXCursor, Span, int], Node]

    def __init__(
        self,
        source: Source,
        unit: TranslationUnit,
        places: Places,
        macros: MacroTable,
        literal_names: Mapping[int, str],
        types: Types,
        symbols: Symbols,
    ) -> None:
        self._source, self._unit, self._lib = source, unit, unit.lib
        self._places, self._macros, self._literal_names = places, macros, literal_names
        self._types, self._symbols = types, symbols

    def lower(self, cursor: CXCursor, parent: Span, depth: int) -> Expr:
        """The expression; `parent` is the span of the node above, `depth` the number of nodes above."""
        found = self._unwrap(cursor, parent)
        if depth > DEEPEST:
            raise NestsTooDeep(found.inner.begin)
        parts: list[Node] = []
        if found.children:
            around = found.inner.span
            for child in found.children:
                if is_expression(child):
                    parts.append(self.lower(child, around, depth + 1))
                elif child.kind in _STATEMENTS:
                    parts.append(self.statement(child, around, depth + 1))
        span, in_macro = self._text(found, parts)
        return self._build(found.cursor, found.inner, parts, span, in_macro)

    # ------------------------------------------------------------------------------------ places

    def _unwrap(self, cursor: CXCursor, parent: Span) -> _Unwrapped:
        extent = self._places.extent(cursor)
        kind = cursor.kind
        outer, form = extent, _FORMS.get(kind, "")
        while True:
            children = [] if kind in _LEAVES else self._lib.children(cursor)
            if kind not in (PAREN, UNEXPOSED) or len(children) != 1 or not is_expression(children[0]):
                break
            inside = self._places.extent(children[0])
            if kind == UNEXPOSED and inside != extent:  # not an implicit conversion
                break
            cursor = children[0]
            kind = cursor.kind
            if inside.begin != extent.begin or inside.end != extent.end:
                outer, form, parent = inside, _FORMS.get(kind, ""), extent.span
            form = form or _FORMS.get(kind, "")
            extent = inside
        return _Unwrapped(cursor, children, extent, outer, form, parent)

    def _text(self, found: _Unwrapped, parts: list[Node]) -> tuple[Span, bool]:
        """The node's span, and whether a macro's body wrote it."""
        extent = found.inner
        if not extent.expanded:
            return extent.span, False
        use = self._macros.by_begin.get(extent.begin)
        tail = None
        if use is not None and use.span == found.outer.span:
            tail = self._tail(found.cursor) if found.outer == extent else None
            if self._places.is_exact(extent, found.outer, found.parent, found.form, tail):
                self._places.exact.add(use)
                return extent.span, False
        if parts:
            extent = self._checked(extent, parts)
        return extent.span, not self._places.is_editable(extent, False)

    def _checked(self, extent: Extent, parts: list[Node]) -> Extent:
        """Torn if the parts do not stand one behind the other inside: then a body's text is between them."""
        begin, end = min(p.span.begin for p in parts), max(p.span.end for p in parts)
        use = self._macros.by_begin.get(extent.begin)
        in_order = all(a.span.end <= b.span.begin for a, b in itertools.pairwise(parts))
        whole_use = use is not None and use.span == extent.span
        if begin >= extent.begin and end <= extent.end and (in_order or whole_use):
            return extent
        return self._places.tear(extent, begin, end)

    def _tail(self, cursor: CXCursor) -> int | None:
        """Where the last token of an expression is spelled, where it is a word or a number."""
        if cursor.kind in _LEAVES:
            return self._places.extent(cursor).first
        if cursor.kind == PAREN:
            extent = self._places.extent(cursor)
            use = self._macros.by_begin.get(extent.begin)
            return self._macros.partner(use, extent.first) if use else None
        children = self._lib.children(cursor)
        if cursor.kind not in _ENDS_WITH_OPERAND or not children or not is_expression(children[-1]):
            return None
        if cursor.kind == UNARY and self._lib.unary_operator(cursor) in (1, 2):
            return None
        return self._tail(children[-1])

    # ------------------------------------------------------------------------------------- nodes

    def _build(self, cursor: CXCursor, extent: Extent, parts: list[Node], span: Span, in_macro: bool) -> Expr:
        kind = cursor.kind
        if kind == DECL_REF:
            symbol = self._symbols.of(self._lib.referenced(cursor))
            return tree.Name(span=span, in_macro=in_macro, type=symbol.type, symbol=symbol)
        if kind in (INTEGER, FLOATING, CHARACTER, STRING):
            return self._literal(cursor, extent, span, in_macro)
        type = self._types.of(cursor)
        if kind not in _LVALUES:
            type = decayed(type)
        expressions = [p for p in parts if isinstance(p, Expr)]
        if len(expressions) == len(parts):
            if kind in (BINARY, COMPOUND_ASSIGN, UNARY):
                made = self._operator(cursor, expressions, type, span, in_macro)
            elif kind == SIZEOF:
                made = self._sizeof(cursor, extent, expressions, type, span, in_macro)
            else:
                made = self._simple(cursor, expressions, type, span, in_macro)
            if made is not None:
                return made
        return self._unknown(cursor, parts, type, span, in_macro)

    def _unknown(self, cursor: CXCursor, parts: list[Node], type: CType, span: Span, in_macro: bool) -> Expr:
        kind = _UNKNOWN_KINDS.get(cursor.kind, "other")
        if cursor.kind == UNEXPOSED and not parts and isinstance(type, Scalar):  # offsetof
            value = self._lib.evaluate_integer(cursor)
            if value is not None:
                return tree.IntLiteral(span=span, in_macro=in_macro, type=type, value=value)
        if cursor.kind == UNEXPOSED and type == tree.VOID:
            kind = "designated initializer"
        return tree.UnknownExpr(span=span, in_macro=in_macro, type=type, kind=kind, children=tuple(parts))

    def _simple(self, cursor: CXCursor, parts: list[Expr], type: CType, span: Span, in_macro: bool) -> Expr | None:
        match cursor.kind, parts:
            case 113, [base, subscript]:
                if not isinstance(base.type, Array | Pointer):  # `2[u]`
                    base, subscript = subscript, base
                return tree.Index(span=span, in_macro=in_macro, type=type, base=base, subscript=subscript)
            case 103, [callee, *arguments]:
                return tree.Call(span=span, in_macro=in_macro, type=type, callee=callee, arguments=tuple(arguments))
            case 102, [base]:
                return self._member(cursor, base, type, span, in_macro)
            case 117, [*_, operand]:
                return tree.Cast(span=span, in_macro=in_macro, type=type, operand=operand)
            case 116, [condition, then, otherwise]:
                return tree.Conditional(
                    span=span,
                    in_macro=in_macro,
                    type=type,
                    condition=condition,
                    then=then,
                    otherwise=otherwise,
                )
            case 119, _:
                return tree.InitList(span=span, in_macro=in_macro, type=type, items=tuple(parts))
        return None

    def _operator(self, cursor: CXCursor, parts: list[Expr], type: CType, span: Span, in_macro: bool) -> Expr | None:
        if cursor.kind == UNARY:
            return self._unary(cursor, parts, type, span, in_macro)
        kind = self._lib.binary_operator(cursor)
        if len(parts) != 2:
            return None
        left, right = parts
        if kind in _ASSIGN:
            return tree.Assign(span=span, in_macro=in_macro, type=type, op=_ASSIGN[kind], target=left, value=right)
        if kind in _BINARY:
            return tree.Binary(span=span, in_macro=in_macro, type=type, op=_BINARY[kind], left=left, right=right)
        return None

    def _unary(self, cursor: CXCursor, parts: list[Expr], type: CType, span: Span, in_macro: bool) -> Expr | None:
        kind = self._lib.unary_operator(cursor)
        if len(parts) != 1:
            return None
        if kind == _EXTENSION:
            return parts[0]
        if kind not in _UNARY:
            return None
        if kind == 6:  # an array that an array of arrays holds keeps its type
            type = self._types.of(cursor)
        return tree.Unary(span=span, in_macro=in_macro, type=type, op=_UNARY[kind], operand=parts[0])

    def _member(self, cursor: CXCursor, base: Expr, type: CType, span: Span, in_macro: bool) -> Expr:
        field = self._lib.spelling(cursor)
        if not field:  # the way through an unnamed struct or union
            return base
        arrow = isinstance(base.type, Pointer | Array)
        return tree.Member(span=span, in_macro=in_macro, type=type, base=base, field=field, arrow=arrow)

    def _literal(self, cursor: CXCursor, extent: Extent, span: Span, in_macro: bool) -> Expr:
        type = self._types.of(cursor)
        macro = self._literal_names.get(extent.first)
        if cursor.kind == STRING:
            characters = string_value(self._lib.spelling(cursor))
            return tree.StringLiteral(span=span, in_macro=in_macro, type=type, value=characters)
        if cursor.kind == CHARACTER:
            code = self._lib.evaluate_integer(cursor) or 0
            return tree.IntLiteral(span=span, in_macro=in_macro, type=type, value=code)
        text = self._number(extent.first)
        if cursor.kind == FLOATING:
            return tree.FloatLiteral(
                span=span, in_macro=in_macro, type=type, value=floating_value(text), text=text, macro=macro
            )
        value = integer_value(text)
        if value is None:
            value = self._lib.evaluate_integer(cursor) or 0
        return tree.IntLiteral(span=span, in_macro=in_macro, type=type, value=value, macro=macro)

    def _number(self, first: int) -> str:
        """The number token that is spelled at `first`."""
        offset = self._places.offset(first)
        if offset is not None and (text := number_at(self._source.text, offset)):
            return text
        tokens = self._unit.tokens(first, first)
        return tokens[0].text if tokens else ""

    def _sizeof(
        self, cursor: CXCursor, extent: Extent, parts: list[Expr], type: CType, span: Span, in_macro: bool
    ) -> Expr | None:
        begin = self._places.offset(extent.first)
        text = self._source.text
        if begin is None or not text.startswith("sizeof", begin):
            return None
        opening = skip_space(text, begin + len("sizeof"))
        children = self._lib.children(cursor)
        whole = [c for c in children if is_expression(c)]
        if whole and self._places.extent(whole[0]).first == self._unit.base + opening:
            return tree.Sizeof(span=span, in_macro=in_macro, type=type, operand=parts[0], of=None)
        end = closing(text, opening)
        if end is None:
            return None
        written = self._with_arguments(text[opening + 1 : end - 1], extent)
        named = next((self._types.of(c) for c in children if c.kind == _TYPE_REFERENCE), None)
        of = type_name(self._macros.written_out(written), named)
        extents = () if in_macro else variable_extents(text, Span(opening, end), of, parts)
        return tree.Sizeof(span=span, in_macro=in_macro, type=type, operand=None, of=of, extents=extents)

    def _with_arguments(self, text: str, extent: Extent) -> str:
        """The text of a macro's body with the arguments of its use."""
        use = extent.left
        if use is None or use.definition is None:
            return text

        def argument(match: re.Match[str]) -> str:
            span = self._macros.argument(use, match.group())
            return self._source.at(span) if span else match.group()

        return _WORD.sub(argument, text)
