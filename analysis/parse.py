"""From C text to the C tree, by libclang.

The text is handed over in memory. The standard headers are chatmpi's own at first: they are small, so a program is
read in milliseconds and the same way everywhere. Where they do not do (another header, a function that they lack),
the system compiler's headers are taken instead, all of them, so that the two never mix. `mpi.h` is always our own.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import re
from collections.abc import Iterable, Iterator

import clang.cindex

from chatmpi.analysis import include_paths
from chatmpi.analysis.front_end.complaints import check_standard, check_text, errors, gave_up, refuse, too_deep
from chatmpi.analysis.front_end.libclang import CXCursor, LibClang, TranslationUnit
from chatmpi.analysis.front_end.lower_expressions import Expressions
from chatmpi.analysis.front_end.lower_statements import Statements
from chatmpi.analysis.front_end.macros import Definition, MacroTable, definition, literal_macros
from chatmpi.analysis.front_end.nesting import NestsTooDeep, chain_too_long
from chatmpi.analysis.front_end.places import Inclusion, Places
from chatmpi.analysis.front_end.records import Records
from chatmpi.analysis.front_end.symbols import ENUM_DECL, FUNCTION_DECL, VAR_DECL, Symbols, Types
from chatmpi.analysis.options import AS_USUAL, ParseOptions
from chatmpi.analysis.scan import mask
from chatmpi.analysis.source import Source, Span
from chatmpi.analysis.tree import Constant, Function, Include, Macro, Program, VarDecl

__all__ = ["ParseOptions", "parse"]

_ENUM = re.compile(r"\benum\b")
_LONGEST_CHAIN = 1000  # libclang's stack holds about twice as many levels
_MACRO_DEFINITION, _MACRO_USE, _INCLUSION = 501, 502, 503  # CXCursorKind


def parse(source: Source, options: ParseOptions = AS_USUAL) -> Program:
    """Read a C program; raises UnreadableInput, and UsageError for a standard that does not exist."""
    check_standard(options.standard)
    check_text(source)
    masked = mask(source.text)
    if (place := chain_too_long(masked, _LONGEST_CHAIN)) is not None:
        raise too_deep(source, place)
    unit = _translation_unit(source, options)
    try:
        refuse(source, unit.complaints())
        with _no_collection():
            return _Lowering(source, masked, unit, options).program()
    except NestsTooDeep as found:
        raise too_deep(source, found.offset) from None
    finally:
        unit.close()


@contextlib.contextmanager
def _no_collection() -> Iterator[None]:
    """A tree of 100,000 nodes grows here and none of it is garbage: to look for some costs a third of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@functools.cache
def _library() -> LibClang:
    return LibClang(clang.cindex.conf.lib)


def _translation_unit(source: Source, options: ParseOptions) -> TranslationUnit:
    """Parse with our own headers; if that does not do, with the system's."""
    try:
        unit = _parse_with(source, options, (include_paths.STANDARD,))
        if errors(unit.complaints()) and include_paths.system_directories():
            unit.close()
            unit = _parse_with(source, options, include_paths.system_directories())
    except RuntimeError:
        raise gave_up(source) from None
    return unit


def _parse_with(source: Source, options: ParseOptions, system: Iterable[str]) -> TranslationUnit:
    arguments = [
        *("-x", "c", f"-std={options.standard or 'gnu17'}", "-nostdinc", "-D_DEFAULT_SOURCE"),
        *("-I", include_paths.MPI, "--system-header-prefix=mpi.h"),
        *(word for directory in options.include_dirs for word in ("-I", directory)),
        *(word for directory in system for word in ("-isystem", directory)),
        *(f"-D{define}" for define in options.defines),
    ]
    return TranslationUnit(_library(), source.name, source.content, arguments)


class _Lowering:
    """One translation unit on its way to a Program."""

    def __init__(self, source: Source, masked: str, unit: TranslationUnit, options: ParseOptions) -> None:
        self._source, self._masked, self._unit, self._lib = source, masked, unit, unit.lib
        self._options = options
        self._limit = unit.base + len(source.text)
        self._definitions: dict[str, list[CXCursor]] = {}
        self._read: dict[int, Definition] = {}
        self._own_definitions: list[Definition] = []
        self._uses: list[CXCursor] = []
        self._inclusions: list[CXCursor] = []
        self._declarations: list[CXCursor] = []
        self._sort(unit.top())
        self._macros = MacroTable(self._masked, unit.base, [self._use(c) for c in self._uses], self._definition_named)
        self.includes = tuple(self._include(c) for c in self._inclusions)
        self._places = Places(unit, len(source.text), self._macros, self._included_files())
        self._make_lowerers()

    def _make_lowerers(self) -> None:
        types = self._types = Types(self._lib)
        self._symbols = Symbols(self._lib, types)
        given = [self._definition_named(d.partition("=")[0]) for d in self._options.defines]
        literals = literal_macros([*self._own_definitions, *(d for d in given if d)])
        expressions = Expressions(self._source, self._unit, self._places, self._macros, literals, types, self._symbols)
        self._statements = Statements(
            self._source,
            self._masked,
            self._lib,
            self._places,
            self._macros,
            expressions,
            types,
            self._symbols,
        )

    def program(self) -> Program:
        functions: list[Function] = []
        variables: list[VarDecl] = []
        system: set[str] = set()
        declared: set[str] = set()
        for cursor in self._declarations:
            if cursor.kind == VAR_DECL and self._is_own(cursor):
                variables.append(self._statements.variable(cursor))
            if cursor.kind != FUNCTION_DECL:
                continue
            if self._is_own(cursor) and self._lib.is_definition(cursor):
                function = self._statements.function(cursor)
                if function is not None:
                    functions.append(function)
                    continue
            place = self._lib.location(cursor)
            (system if self._lib.in_system_header(place) else declared).add(self._lib.spelling(cursor))
        defined = {f.symbol.name for f in functions}
        declared |= self._statements.prototypes
        system |= self._symbols.functions - defined - declared  # those that nobody declares are built in
        return Program(
            source=self._source,
            functions=tuple(functions),
            globals=tuple(variables),
            includes=self.includes,
            macros=tuple(self._macro(d) for d in self._own_definitions),
            system_functions=frozenset(system - defined),
            declared_functions=frozenset(declared - defined - system),
            records=Records(self._lib, self._types, self._statements).all(),
            layouts=self._types.layouts,
            enumerators=self._symbols.enumerators,
            inner_enumerators=frozenset(self._symbols.inner_enumerators),
            constants=tuple(self._constants()),
            options=self._options,
        )

    def _constants(self) -> Iterator[Constant]:
        """The enumerators that are given a value, in the main file."""
        for declaration in (e for d in self._declarations if self._is_own(d) for e in self._enums(d)):
            for enumerator in self._lib.children(declaration):
                value = next(iter(self._lib.children(enumerator)), None)
                if value is not None:
                    extent = self._lib.extent(value)
                    if self._unit.base <= extent.begin and extent.end <= self._limit:
                        span = Span(extent.begin - self._unit.base, extent.end - self._unit.base)
                        yield Constant(self._lib.spelling(enumerator), span, self._lib.enumerator_value(enumerator))

    def _enums(self, declaration: CXCursor) -> Iterator[CXCursor]:
        """The enumerations that a declaration is, or that a function has in it."""
        if declaration.kind == ENUM_DECL:
            yield declaration
            return
        extent = self._lib.extent(declaration)
        text = self._source.text[max(extent.begin - self._unit.base, 0) : extent.end - self._unit.base]
        if declaration.kind == FUNCTION_DECL and _ENUM.search(text):
            pending = [declaration]
            while pending:
                for part in self._lib.children(pending.pop()):
                    if part.kind == ENUM_DECL:
                        yield part
                    else:
                        pending.append(part)

    def _is_own(self, cursor: CXCursor) -> bool:
        """Whether a declaration stands in the main file."""
        raw: int = self._lib.location(cursor).raw
        if self._unit.base <= raw <= self._limit:
            return True
        return raw >= 1 << 31 and self._unit.file_offset(raw)[0] == self._unit.main_file

    # ------------------------------------------------------------------------------ preprocessing

    def _sort(self, cursors: list[CXCursor]) -> None:
        for cursor in cursors:
            if cursor.kind == _MACRO_DEFINITION:
                self._definitions.setdefault(self._lib.spelling(cursor), []).append(cursor)
                if self._is_own(cursor):
                    self._own_definitions.append(self._definition(cursor))
            elif cursor.kind == _MACRO_USE:
                if self._is_own(cursor):
                    self._uses.append(cursor)
            elif cursor.kind == _INCLUSION:
                if self._is_own(cursor):
                    self._inclusions.append(cursor)
            else:
                self._declarations.append(cursor)

    def _definition(self, cursor: CXCursor) -> Definition:
        extent = self._lib.extent(cursor)
        found = self._read.get(extent.begin)
        if found is None:
            tokens = self._unit.tokens(extent.begin, extent.end)
            found = definition(tokens, extent.end, bool(self._lib.is_function_like(cursor)))
            self._read[extent.begin] = found
        return found

    def _definition_named(self, name: str) -> Definition | None:
        cursors = self._definitions.get(name, [])
        if len(cursors) > 1:
            raise LookupError(name)
        return self._definition(cursors[0]) if cursors else None

    def _use(self, cursor: CXCursor) -> tuple[Span, Definition | None]:
        extent = self._lib.extent(cursor)
        defined = self._lib.referenced(cursor)
        known = None if self._lib.is_null(defined) else self._definition(defined)
        return Span(extent.begin - self._unit.base, extent.end - self._unit.base), known

    def _include(self, cursor: CXCursor) -> Include:
        begin = self._lib.extent(cursor).begin - self._unit.base
        return Include(self._lib.spelling(cursor), Span(begin, self._line_end(begin)))

    def _line_end(self, offset: int) -> int:
        end = self._source.text.find("\n", offset)
        return len(self._source.text) if end < 0 else end

    def _included_files(self) -> list[Inclusion]:
        found = []
        for cursor, include in zip(self._inclusions, self.includes, strict=True):
            begin = self._unit.included_file_begin(cursor)
            if begin is not None:
                found.append(Inclusion(begin, include.span))
        return sorted(found, key=lambda i: i.begin)

    def _macro(self, defined: Definition) -> Macro:
        begin, end = defined.begin - self._unit.base, defined.end - self._unit.base
        body = defined.body[0].raw - self._unit.base if defined.body else end
        directive = self._source.text.rfind("#", 0, begin)
        return Macro(defined.name, Span(directive, end), Span(body, end), defined.parameters)


__all__ = ["ParseOptions", "parse"]
