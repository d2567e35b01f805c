"""clang's types and declarations as the tree's types and symbols."""

from __future__ import annotations

from collections.abc import Iterator

from chatmpi.analysis.front_end.libclang import CXCursor, CXType, LibClang
from chatmpi.analysis.front_end.nesting import DEEPEST, NestsTooDeep
from chatmpi.analysis.tree import Array, CType, MemberLayout, OtherType, Pointer, Scalar, StructLayout, Symbol

# CXTypeKind
_SCALARS = {
    3: "_Bool",
    **{4: "char", 5: "unsigned char", 8: "unsigned short", 9: "unsigned int", 10: "unsigned long"},
    **{11: "unsigned long long", 12: "unsigned __int128", 13: "char", 14: "signed char", 16: "short"},
    **{17: "int", 18: "long", 19: "long long", 20: "__int128", 21: "float", 22: "double", 23: "long double"},
    106: "int",
}
_COMPLEX, _POINTER, _RECORD, _CONSTANT_ARRAY = 100, 101, 105, 112
_OPEN_ARRAYS = frozenset({114, 115, 116})  # of no, variable, or dependent size

# CXCursorKind
STRUCT_DECL, UNION_DECL, ENUM_DECL, FIELD_DECL = 2, 3, 5, 6
ENUM_CONSTANT, FUNCTION_DECL, VAR_DECL, PARM_DECL, TRANSLATION_UNIT = 7, 8, 9, 10, 350
_EXTERN, _STATIC = 2, 3  # CX_StorageClass


def decayed(type: CType) -> CType:
    """The type of an array's value: a pointer to its first element."""
    return Pointer(type.element) if isinstance(type, Array) else type


class Types:
    """Canonical types, each lowered once; `layouts` has all structures and unions met, by their names."""

    def __init__(self, lib: LibClang) -> None:
        self._lib = lib
        self.layouts: dict[str, StructLayout] = {}
        self._known: dict[int | None, CType] = {}
        self.records: dict[str, list[CXCursor]] = {}

    def of(self, cursor: CXCursor) -> CType:
        return self.lower(self._lib.type(cursor))

    def lower(self, type: CXType) -> CType:
        found = self._known.get(type.data0)
        if found is None:
            found = self._known[type.data0] = self._lower(self._lib.canonical_type(type))
        return found

    def _lower(self, type: CXType) -> CType:
        """Lower a canonical type, from its outermost pointer or array to its core, then build it up again."""
        layers: list[int | None] = []  # the extent of an array, -1 for a pointer
        while type.kind == _POINTER or type.kind == _CONSTANT_ARRAY or type.kind in _OPEN_ARRAYS:
            if type.kind == _POINTER:
                layers.append(-1)
                type = self._lib.pointee(type)
            else:
                layers.append(self._lib.array_size(type) if type.kind == _CONSTANT_ARRAY else None)
                type = self._lib.element(type)
            type = self._lib.canonical_type(type)
        if len(layers) > DEEPEST:
            raise NestsTooDeep(0)
        built: CType = self._core(type)
        for extent in reversed(layers):
            built = Pointer(built) if extent == -1 else Array(built, extent)
        return built

    def _core(self, type: CXType) -> CType:
        if (name := _SCALARS.get(type.kind)) is not None:
            return Scalar(name)
        name = self._lib.type_spelling(self._lib.unqualified_type(type))
        if type.kind == _COMPLEX:
            return Scalar(name)
        if type.kind == _RECORD:
            self.records.setdefault(name, []).append(self._lib.type_declaration(type))
            if name not in self.layouts:
                self._lay_out(name, type)
        return OtherType(name)

    def _lay_out(self, name: str, type: CXType) -> None:
        size = self._lib.size_of(type)
        self.layouts[name] = StructLayout(max(size, 0), ())  # it may point to itself
        if size >= 0:
            self.layouts[name] = StructLayout(size, tuple(self._members(type, 0)))

    def _members(self, type: CXType, base: int) -> Iterator[MemberLayout]:
        """The members with their places; those of unnamed structures count as the outer one's own."""
        for cursor in self._lib.fields(type):
            inner = self._lib.canonical_type(self._lib.type(cursor))
            bits, name = self._lib.field_offset(cursor), self._lib.spelling(cursor)
            if not name and inner.kind == _RECORD:
                yield from self._members(inner, base + bits // 8)
            else:
                yield MemberLayout(name, self.lower(inner), base + bits // 8, bool(self._lib.is_bit_field(cursor)))

    def is_const(self, cursor: CXCursor) -> bool:
        type = self._lib.canonical_type(self._lib.type(cursor))
        while not self._lib.is_const(type):  # an array is const by itself or by its elements
            if type.kind != _CONSTANT_ARRAY and type.kind not in _OPEN_ARRAYS:
                return False
            type = self._lib.element(type)
        return True


class Symbols:
    """Symbols by their declarations, numbered in the order in which they are met."""

    def __init__(self, lib: LibClang, types: Types) -> None:
        self._lib, self._types = lib, types
        self._by_declaration: dict[int | None, Symbol] = {}
        self._count = 0
        self.functions: set[str] = set()
        self.enumerators: dict[int, int] = {}
        self.inner_enumerators: set[int] = set()

    def of(self, declaration: CXCursor) -> Symbol:
        found = self._by_declaration.get(declaration.data0)
        if found is None:
            canonical = self._lib.canonical(declaration)
            found = self._by_declaration.get(canonical.data0)
            if found is None:
                found = self._make(declaration)
                self._by_declaration[canonical.data0] = found
            self._by_declaration[declaration.data0] = found
        return found

    def _make(self, declaration: CXCursor) -> Symbol:
        definition = self._lib.definition(declaration)
        best = declaration if self._lib.is_null(definition) else definition
        name, storage = self._lib.spelling(best), self._storage(best)
        if storage == "function":
            self.functions.add(name)
        type = self._types.of(best)
        if storage == "parameter":
            type = decayed(type)
        if storage == "enumerator":
            self.enumerators[self._count] = self._lib.enumerator_value(best)
            if self._lib.semantic_parent(self._lib.semantic_parent(best)).kind != TRANSLATION_UNIT:
                self.inner_enumerators.add(self._count)
        self._count += 1
        return Symbol(name, self._count - 1, type, storage, self._types.is_const(best))

    def _storage(self, declaration: CXCursor) -> str:
        if declaration.kind == FUNCTION_DECL:
            return "function"
        if declaration.kind == ENUM_CONSTANT:
            return "enumerator"
        if declaration.kind == PARM_DECL:
            return "parameter"
        if self._lib.semantic_parent(declaration).kind == TRANSLATION_UNIT:
            return "global"
        return {_EXTERN: "global", _STATIC: "static"}.get(self._lib.storage_class(declaration), "local")
