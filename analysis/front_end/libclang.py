"""A thin, typed view of the libclang functions that the front end uses.

clang.cindex wraps every cursor, type and place in objects that cost more than the parse itself, and its version 18
has no operator kinds. These are the C functions themselves, on plain structures.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from ctypes import (
    CDLL,
    CFUNCTYPE,
    POINTER,
    Structure,
    byref,
    c_char_p,
    c_int,
    c_longlong,
    c_uint,
    c_ulong,
    c_void_p,
    py_object,
)
from dataclasses import dataclass
from typing import Any


class CXString(Structure):
    _fields_ = [("data", c_void_p), ("flags", c_uint)]


class CXCursor(Structure):
    """`data0` points at the declaration for declarations, `data1` at the statement or expression for these."""

    _fields_ = [("kind", c_int), ("xdata", c_int), ("data0", c_void_p), ("data1", c_void_p), ("data2", c_void_p)]
    kind: int
    data0: int | None
    data1: int | None


class CXType(Structure):
    _fields_ = [("kind", c_int), ("data0", c_void_p), ("data1", c_void_p)]
    kind: int
    data0: int | None


class CXSourceLocation(Structure):
    """`raw` is clang's own number of the place; the top bit tells that a macro's expansion wrote it."""

    _fields_ = [("ptr0", c_void_p), ("ptr1", c_void_p), ("raw", c_uint)]
    ptr0: int | None
    ptr1: int | None
    raw: int


class CXSourceRange(Structure):
    _fields_ = [("ptr0", c_void_p), ("ptr1", c_void_p), ("begin", c_uint), ("end", c_uint)]
    ptr0: int | None
    ptr1: int | None
    begin: int
    end: int


class CXToken(Structure):
    _fields_ = [("ints", c_uint * 4), ("ptr", c_void_p)]


class CXUnsavedFile(Structure):
    _fields_ = [("name", c_char_p), ("contents", c_char_p), ("length", c_ulong)]


_VISITOR = CFUNCTYPE(c_int, CXCursor, CXCursor, py_object)
_CONTINUE = 1


def _collect(cursor: CXCursor, _parent: CXCursor, found: list[CXCursor]) -> int:
    found.append(cursor)
    return _CONTINUE


_COLLECT = _VISITOR(_collect)
_FIELD_VISITOR = CFUNCTYPE(c_int, CXCursor, py_object)


def _collect_field(cursor: CXCursor, found: list[CXCursor]) -> int:
    found.append(cursor)
    return _CONTINUE


_COLLECT_FIELD = _FIELD_VISITOR(_collect_field)
_DETAILED_PREPROCESSING_RECORD = 1

_PROTOTYPES: dict[str, tuple[Any, ...]] = {
    "clang_createIndex": (c_void_p, c_int, c_int),
    "clang_disposeIndex": (None, c_void_p),
    "clang_parseTranslationUnit2": (
        *(c_int, c_void_p, c_char_p, POINTER(c_char_p), c_int),
        *(POINTER(CXUnsavedFile), c_uint, c_uint, POINTER(c_void_p)),
    ),
    "clang_disposeTranslationUnit": (None, c_void_p),
    "clang_getTranslationUnitCursor": (CXCursor, c_void_p),
    "clang_getFile": (c_void_p, c_void_p, c_char_p),
    "clang_getIncludedFile": (c_void_p, CXCursor),
    "clang_getFileName": (CXString, c_void_p),
    "clang_getLocationForOffset": (CXSourceLocation, c_void_p, c_void_p, c_uint),
    "clang_getFileLocation": (
        *(None, CXSourceLocation, POINTER(c_void_p)),
        *(POINTER(c_uint), POINTER(c_uint), POINTER(c_uint)),
    ),
    "clang_Location_isInSystemHeader": (c_int, CXSourceLocation),
    "clang_visitChildren": (c_uint, CXCursor, _VISITOR, py_object),
    "clang_getCursorExtent": (CXSourceRange, CXCursor),
    "clang_getCursorLocation": (CXSourceLocation, CXCursor),
    "clang_getCursorSpelling": (CXString, CXCursor),
    "clang_getCursorReferenced": (CXCursor, CXCursor),
    "clang_getCanonicalCursor": (CXCursor, CXCursor),
    "clang_getCursorDefinition": (CXCursor, CXCursor),
    "clang_getCursorSemanticParent": (CXCursor, CXCursor),
    "clang_isCursorDefinition": (c_uint, CXCursor),
    "clang_Cursor_isNull": (c_int, CXCursor),
    "clang_Cursor_getStorageClass": (c_int, CXCursor),
    "clang_Cursor_getVarDeclInitializer": (CXCursor, CXCursor),
    "clang_Cursor_isMacroFunctionLike": (c_uint, CXCursor),
    "clang_getCursorBinaryOperatorKind": (c_int, CXCursor),
    "clang_getCursorUnaryOperatorKind": (c_int, CXCursor),
    "clang_Cursor_Evaluate": (c_void_p, CXCursor),
    "clang_EvalResult_getKind": (c_int, c_void_p),
    "clang_EvalResult_isUnsignedInt": (c_uint, c_void_p),
    "clang_EvalResult_getAsLongLong": (c_longlong, c_void_p),
    "clang_EvalResult_dispose": (None, c_void_p),
    "clang_getCursorType": (CXType, CXCursor),
    "clang_getCursorResultType": (CXType, CXCursor),
    "clang_Cursor_getNumArguments": (c_int, CXCursor),
    "clang_Cursor_getArgument": (CXCursor, CXCursor, c_uint),
    "clang_getCanonicalType": (CXType, CXType),
    "clang_getUnqualifiedType": (CXType, CXType),
    "clang_getPointeeType": (CXType, CXType),
    "clang_getArrayElementType": (CXType, CXType),
    "clang_getArraySize": (c_longlong, CXType),
    "clang_isConstQualifiedType": (c_uint, CXType),
    "clang_isVolatileQualifiedType": (c_uint, CXType),
    "clang_getTypeDeclaration": (CXCursor, CXType),
    "clang_Cursor_isBitField": (c_uint, CXCursor),
    "clang_getTypeSpelling": (CXString, CXType),
    "clang_Type_getSizeOf": (c_longlong, CXType),
    "clang_Type_visitFields": (c_uint, CXType, _FIELD_VISITOR, py_object),
    "clang_Cursor_getOffsetOfField": (c_longlong, CXCursor),
    "clang_getEnumConstantDeclValue": (c_longlong, CXCursor),
    "clang_tokenize": (None, c_void_p, CXSourceRange, POINTER(POINTER(CXToken)), POINTER(c_uint)),
    "clang_disposeTokens": (None, c_void_p, POINTER(CXToken), c_uint),
    "clang_getTokenSpelling": (CXString, c_void_p, CXToken),
    "clang_getTokenLocation": (CXSourceLocation, c_void_p, CXToken),
    "clang_getNumDiagnostics": (c_uint, c_void_p),
    "clang_getDiagnostic": (c_void_p, c_void_p, c_uint),
    "clang_disposeDiagnostic": (None, c_void_p),
    "clang_getDiagnosticSeverity": (c_int, c_void_p),
    "clang_getDiagnosticSpelling": (CXString, c_void_p),
    "clang_getDiagnosticLocation": (CXSourceLocation, c_void_p),
    "clang_getCString": (c_char_p, CXString),
    "clang_disposeString": (None, CXString),
}


@dataclass(frozen=True, slots=True)
class Token:
    """A token as the file, or a macro's body, spells it; `raw` is its place."""

    text: str
    raw: int


@dataclass(frozen=True, slots=True)
class Complaint:
    """A diagnostic of clang: `severity` 3 is an error, 4 a fatal one; `file` is empty where there is no place."""

    severity: int
    message: str
    file: str
    line: int
    column: int


class LibClang:
    """The functions, bound once. `lib` is the loaded library, such as `clang.cindex.conf.lib`."""

    def __init__(self, lib: CDLL) -> None:
        # Own function objects, so that clang.cindex's view of the same library is left as it is.
        bound = {name: CFUNCTYPE(*proto)((name, lib)) for name, proto in _PROTOTYPES.items()}
        self.extent = bound["clang_getCursorExtent"]
        self.location = bound["clang_getCursorLocation"]
        self.referenced = bound["clang_getCursorReferenced"]
        self.canonical = bound["clang_getCanonicalCursor"]
        self.definition = bound["clang_getCursorDefinition"]
        self.semantic_parent = bound["clang_getCursorSemanticParent"]
        self.is_definition = bound["clang_isCursorDefinition"]
        self.is_null = bound["clang_Cursor_isNull"]
        self.storage_class = bound["clang_Cursor_getStorageClass"]
        self.initializer = bound["clang_Cursor_getVarDeclInitializer"]
        self.is_function_like = bound["clang_Cursor_isMacroFunctionLike"]
        self.binary_operator = bound["clang_getCursorBinaryOperatorKind"]
        self.unary_operator = bound["clang_getCursorUnaryOperatorKind"]
        self.type = bound["clang_getCursorType"]
        self.result_type = bound["clang_getCursorResultType"]
        self.canonical_type = bound["clang_getCanonicalType"]
        self.unqualified_type = bound["clang_getUnqualifiedType"]
        self.pointee = bound["clang_getPointeeType"]
        self.element = bound["clang_getArrayElementType"]
        self.array_size = bound["clang_getArraySize"]
        self.is_const = bound["clang_isConstQualifiedType"]
        self.is_volatile = bound["clang_isVolatileQualifiedType"]
        self.type_declaration = bound["clang_getTypeDeclaration"]
        self.is_bit_field = bound["clang_Cursor_isBitField"]
        self.in_system_header = bound["clang_Location_isInSystemHeader"]
        self.size_of = bound["clang_Type_getSizeOf"]
        self.field_offset = bound["clang_Cursor_getOffsetOfField"]
        self.enumerator_value = bound["clang_getEnumConstantDeclValue"]
        self._bound = bound

    def children(self, cursor: CXCursor) -> list[CXCursor]:
        found: list[CXCursor] = []
        if self._bound["clang_visitChildren"](cursor, _COLLECT, py_object(found)):
            raise RecursionError("the visitor could not be called")
        return found

    def parameters(self, function: CXCursor) -> list[CXCursor]:
        """Its own, and not those of a function that a pointer which it returns leads to."""
        count = self._bound["clang_Cursor_getNumArguments"](function)
        return [self._bound["clang_Cursor_getArgument"](function, k) for k in range(count)]

    def fields(self, type: CXType) -> list[CXCursor]:
        """The members of a structure or union, in order."""
        found: list[CXCursor] = []
        self._bound["clang_Type_visitFields"](type, _COLLECT_FIELD, py_object(found))
        return found

    def _string(self, string: CXString) -> str:
        content: bytes | None = self._bound["clang_getCString"](string)
        self._bound["clang_disposeString"](string)
        return (content or b"").decode("utf-8", "replace")

    def spelling(self, cursor: CXCursor) -> str:
        return self._string(self._bound["clang_getCursorSpelling"](cursor))

    def type_spelling(self, type: CXType) -> str:
        return self._string(self._bound["clang_getTypeSpelling"](type))

    def evaluate_integer(self, cursor: CXCursor) -> int | None:
        """The value of a constant integer expression."""
        result = self._bound["clang_Cursor_Evaluate"](cursor)
        if not result:
            return None
        try:
            if self._bound["clang_EvalResult_getKind"](result) != 1:
                return None
            value: int = self._bound["clang_EvalResult_getAsLongLong"](result)
            unsigned = self._bound["clang_EvalResult_isUnsignedInt"](result)
            return value % (1 << 64) if unsigned and value < 0 else value
        finally:
            self._bound["clang_EvalResult_dispose"](result)


class TranslationUnit:
    """A parsed file, held in memory as `content` under the name `name`; close it after use."""

    def __init__(self, lib: LibClang, name: str, content: bytes, arguments: Sequence[str]) -> None:
        """Raises RuntimeError where libclang itself gives up."""
        self.lib = lib
        # libclang reads standard input for "-", and takes another leading dash for an option.
        encoded_name = os.fsencode(f"./{name}" if name.startswith("-") else name)
        self._call = lib._bound
        self._index = self._call["clang_createIndex"](0, 0)
        self._keep = content  # libclang reads the bytes in place
        unsaved = CXUnsavedFile(encoded_name, content, len(content))
        encoded = [a.encode() for a in arguments]
        handle = c_void_p()
        status = self._call["clang_parseTranslationUnit2"](
            *(self._index, encoded_name, (c_char_p * len(encoded))(*encoded), len(encoded)),
            *(byref(unsaved), 1, _DETAILED_PREPROCESSING_RECORD, byref(handle)),
        )
        self.handle = handle
        if status or not handle:
            self._call["clang_disposeIndex"](self._index)
            raise RuntimeError(f"libclang gave up with status {status}")
        self._token, self._count = POINTER(CXToken)(), c_uint()
        self._token_out, self._count_out = byref(self._token), byref(self._count)
        self._file = self._call["clang_getFile"](handle, encoded_name)
        origin = self._call["clang_getLocationForOffset"](handle, self._file, 0)
        self._pointers = origin.ptr0, origin.ptr1
        self.base: int = origin.raw

    def close(self) -> None:
        self._call["clang_disposeTranslationUnit"](self.handle)
        self._call["clang_disposeIndex"](self._index)

    def top(self) -> list[CXCursor]:
        """Preprocessing entities, then declarations."""
        return self.lib.children(self._call["clang_getTranslationUnitCursor"](self.handle))

    def file_offset(self, raw: int) -> tuple[int | None, int]:
        """The file (None is not a file) and the offset where the place stands, out of macros' expansions."""
        file, line, column, offset = c_void_p(), c_uint(), c_uint(), c_uint()
        place = CXSourceLocation(*self._pointers, raw)
        self._call["clang_getFileLocation"](place, byref(file), byref(line), byref(column), byref(offset))
        return file.value, offset.value

    def included_file_begin(self, inclusion: CXCursor) -> int | None:
        """The place of the first character of a file that a directive includes."""
        file = self._call["clang_getIncludedFile"](inclusion)
        if not file:
            return None
        begin: int = self._call["clang_getLocationForOffset"](self.handle, file, 0).raw
        return begin

    @property
    def main_file(self) -> int | None:
        file: int | None = self._file
        return file

    def tokens(self, begin: int, end: int) -> list[Token]:
        """The tokens between two places as spelled; with `end` equal to `begin`, the one that begins there."""
        found, count = POINTER(CXToken)(), c_uint()
        extent = CXSourceRange(*self._pointers, begin, end)
        self._call["clang_tokenize"](self.handle, extent, byref(found), byref(count))
        if not count.value:
            return []
        result = []
        for i in range(count.value):
            text = self.lib._string(self._call["clang_getTokenSpelling"](self.handle, found[i]))
            result.append(Token(text, self._call["clang_getTokenLocation"](self.handle, found[i]).raw))
        self._call["clang_disposeTokens"](self.handle, found, count)
        return result

    def spelled(self, raw: int) -> int:
        """Where the token at a place in a macro's expansion is spelled."""
        extent = CXSourceRange(*self._pointers, raw, raw)
        self._call["clang_tokenize"](self.handle, extent, self._token_out, self._count_out)
        if not self._count.value:
            return raw
        place: int = self._call["clang_getTokenLocation"](self.handle, self._token[0]).raw
        self._call["clang_disposeTokens"](self.handle, self._token, self._count)
        return place

    def complaints(self) -> list[Complaint]:
        return [self._complaint(i) for i in range(self._call["clang_getNumDiagnostics"](self.handle))]

    def _complaint(self, index: int) -> Complaint:
        diagnostic = self._call["clang_getDiagnostic"](self.handle, index)
        file, line, column, offset = c_void_p(), c_uint(), c_uint(), c_uint()
        place = self._call["clang_getDiagnosticLocation"](diagnostic)
        self._call["clang_getFileLocation"](place, byref(file), byref(line), byref(column), byref(offset))
        severity = self._call["clang_getDiagnosticSeverity"](diagnostic)
        message = self.lib._string(self._call["clang_getDiagnosticSpelling"](diagnostic))
        name = self.lib._string(self._call["clang_getFileName"](file)) if file else ""
        self._call["clang_disposeDiagnostic"](diagnostic)
        return Complaint(severity, message, name, line.value, column.value)


__all__ = ["CXCursor", "CXType", "Complaint", "LibClang", "Token", "TranslationUnit"]
