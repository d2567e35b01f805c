"""Initialisers in braces: which cells they set, in C's order, with designators."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chatmpi.analysis import tree
from chatmpi.analysis.tree import Array, CType, Expr, OtherType, Pointer, Scalar
from chatmpi.verify.simulate.as_python.scope import Scope, is_aggregate
from chatmpi.verify.simulate.as_python.writer import Writer
from chatmpi.verify.simulate.errors import Unsupported

_MEMBER = re.compile(r"\.\s*(\w+)\s*=")


class Initialisers:
    """Writes what initialisers of one program's types set."""

    def __init__(self, scope: Scope, expressions: Writer) -> None:
        self._scope, self._expressions = scope, expressions

    def items(self, init: tree.InitList, kind: CType, at: int) -> Iterator[tuple[int, str]]:
        """The cells that an initialiser sets, with code for their values; inner braces may be left out."""
        items, slots = list(init.items), list(self._slots(kind, at))
        if (
            items
            and isinstance(kind, Array)
            and not any(isinstance(i, tree.InitList | tree.UnknownExpr) for i in items)
        ):
            slots = list(self._leaves(kind, at))
        number = 0
        for item in items:
            if isinstance(item, tree.UnknownExpr) and item.kind == "designated initializer":
                number, item = self._designated(item, kind)
            if number >= len(slots):
                raise Unsupported("this initialiser", self._scope.line(init))
            yield from self._set(item, *slots[number])
            number += 1

    def _set(self, item: Expr, cell: int, kind: CType) -> Iterator[tuple[int, str]]:
        if isinstance(item, tree.InitList) and is_aggregate(kind):
            yield from self.items(item, kind, cell)
        elif isinstance(item, tree.StringLiteral) and isinstance(kind, Array):
            for k in range(kind.extent or 0):
                yield cell + k, str(_code(item.value[k]) if k < len(item.value) else 0)
        elif isinstance(kind, OtherType) and item.type == kind:
            for k in range(self._scope.layouts.cells(kind)):
                yield cell + k, f"{self._expressions.value(item)}[{k}]"
        elif is_aggregate(kind):
            raise Unsupported("this initialiser", self._scope.line(item))
        else:
            value = item.items[0] if isinstance(item, tree.InitList) and item.items else item
            yield cell, self._expressions.converted(value, kind)

    def _designated(self, item: tree.UnknownExpr, kind: CType) -> tuple[int, Expr]:
        """The number of the slot that `.name = …` or `[number] = …` means, and the value."""
        value = item.children[-1] if item.children else None
        member = _MEMBER.match(self._scope.program.source.at(item.span))
        if isinstance(value, Expr) and not item.in_macro:
            if isinstance(kind, Array) and len(item.children) == 2 and isinstance(item.children[0], tree.IntLiteral):
                return item.children[0].value, value
            if isinstance(kind, OtherType) and member is not None and len(item.children) == 1:
                names = [m.name for m in self._scope.layouts.record(kind).fields]
                if member[1] in names:
                    return names.index(member[1]), value
        raise Unsupported("this designated initialiser", self._scope.line(item))

    def _slots(self, kind: CType, at: int) -> Iterator[tuple[int, CType]]:
        """The parts of an aggregate, each with its first cell."""
        layouts = self._scope.layouts
        if isinstance(kind, Array):
            for i in range(kind.extent or 0):
                yield at + i * layouts.cells(kind.element), kind.element
        else:
            for member in layouts.record(kind).fields:
                yield at + layouts.member(kind, member.name)[0], member.type

    def _leaves(self, kind: CType, at: int) -> Iterator[tuple[int, CType]]:
        if isinstance(kind, Scalar | Pointer):
            yield at, kind
            return
        for cell, inner in self._slots(kind, at):
            yield from self._leaves(inner, cell)

    def compound(self, e: tree.UnknownExpr) -> str:
        """A compound literal as an object."""
        init = e.children[-1] if e.children else None
        if not isinstance(init, tree.InitList) or not is_aggregate(e.type):
            raise Unsupported("this compound literal", self._scope.line(e))
        layout, count = self._scope.layout(e.type), self._scope.layouts.elements(e.type)
        cells = "".join(f"({cell}, {code}), " for cell, code in self.items(init, e.type, 0))
        return f"compound({layout}, {count}, ({cells}))"


def _code(c: str) -> int:
    return ord(c) if ord(c) < 128 else ord(c) - 256
