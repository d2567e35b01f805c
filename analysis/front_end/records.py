"""The structs of a translation unit: their members, and whether each has memory of its own."""

from __future__ import annotations

from chatmpi.analysis.front_end.libclang import CXCursor, CXType, LibClang
from chatmpi.analysis.front_end.lower_statements import Statements
from chatmpi.analysis.front_end.symbols import FIELD_DECL, STRUCT_DECL, UNION_DECL, Types
from chatmpi.analysis.tree import Record


class Records:
    """Lowers the structs whose types have been met."""

    def __init__(self, lib: LibClang, types: Types, statements: Statements) -> None:
        self._lib, self._types, self._statements = lib, types, statements

    def all(self) -> dict[str, Record]:
        """By canonical name; a name that several structs have (in different functions) stands for none."""
        found: dict[str, Record] = {}
        pending = list(self._types.records)
        while pending:
            name = pending.pop()
            declarations = {d.data0: d for d in map(self._definition, self._types.records[name])}
            if name in found or len(declarations) != 1:
                continue
            (declaration,) = declarations.values()
            if declaration.kind == STRUCT_DECL and not self._lib.in_system_header(self._lib.location(declaration)):
                found[name] = self._record(name, declaration)
                pending += [n for n in self._types.records if n not in found]  # what its members brought up
        return found

    def _definition(self, declaration: CXCursor) -> CXCursor:
        definition = self._lib.definition(declaration)
        return declaration if self._lib.is_null(definition) else definition

    def _record(self, name: str, declaration: CXCursor) -> Record:
        parts = self._lib.children(declaration)
        fields = [p for p in parts if p.kind == FIELD_DECL]
        lowered = tuple(self._statements.variable(f) for f in fields)
        named = {self._lib.type_declaration(self._core(f)).data0 for f in fields}
        inner = [p for p in parts if p.kind in (STRUCT_DECL, UNION_DECL)]
        is_plain = (
            bool(fields)
            and all(v.symbol.name for v in lowered)
            and not any(self._lib.is_bit_field(f) or self._is_volatile(f) for f in fields)
            and all(i.data0 in named or self._lib.spelling(i).isidentifier() for i in inner)
        )
        return Record(name, lowered, is_plain)

    def _core(self, field: CXCursor) -> CXType:
        """The type of a member's elements."""
        type = self._lib.canonical_type(self._lib.type(field))
        while (inner := self._lib.element(type)).kind:
            type = self._lib.canonical_type(inner)
        found: CXType = type
        return found

    def _is_volatile(self, field: CXCursor) -> bool:
        return bool(self._lib.is_volatile(self._lib.type(field)) or self._lib.is_volatile(self._core(field)))
