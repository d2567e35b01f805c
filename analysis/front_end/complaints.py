"""What is wrong with a file that cannot be read, and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from chatmpi.analysis.diagnostics import Diagnostic, UnreadableInput, UsageError, diagnose
from chatmpi.analysis.front_end.libclang import Complaint
from chatmpi.analysis.front_end.removed_from_mpi import removed
from chatmpi.analysis.scan import mask
from chatmpi.analysis.source import Location, Source

_SHOWN = 5
_LONGEST_LINE = 200
_ERROR, _FATAL = 3, 4
_MPI_HANDLE = "struct chatmpi_"  # as headers/mpi/mpi.h calls them
_STANDARD = re.compile(r"(?:c|gnu)(?:89|90|99|9x|11|1x|17|18|2x|23)|iso9899:\d+")
_CPP_SUFFIXES = frozenset({".cc", ".cpp", ".cxx", ".c++", ".hpp", ".hh", ".hxx", ".cu"})
_CPP_HEADER = re.compile(r"^[ \t]*#[ \t]*include[ \t]*<\w+>", re.MULTILINE)
_CPP_CODE = re.compile(
    r"\b(?:class\s+\w+\s*[:{]|template\s*<|namespace\s+\w*\s*[{;]|std\s*::|(?:public|private|protected)\s*:)"
)
_NO_CPP = "this is C++, and chatmpi reads C, not C++"
_HINTS = (
    (r"file not found", "add its directory with -I"),
    (r"call to undeclared", "include the header that declares it, or declare it before its use"),
    (r"use of undeclared identifier", "declare it, include its header, or define it with -D NAME=VALUE"),
    (r"unknown type name", "include the header that declares the type, or add its directory with -I"),
    (_MPI_HANDLE, "pass the kind of handle that the MPI function wants"),
    (r"macro name must be", "write -D NAME or -D NAME=VALUE"),
    (r"bracket nesting level", "split the expression or the blocks: they nest too deep to be read"),
    (r"expected|extraneous|unterminated|missing", "mend the syntax here, or just before"),
)
_LAST_HINT = "the program must compile as C before it can be translated; try `cc -c` on it"


def check_text(source: Source) -> None:
    """Refuse what is not C before it is parsed; raises UnreadableInput."""
    if (nul := source.text.find("\0")) >= 0:
        line = source.location(nul)
        message = "this is not text: it holds a NUL byte"
        raise UnreadableInput(Diagnostic("error", message, line, hint="give chatmpi a C source file"))
    if not source.text.strip(" \t\r\n\f\v\xef\xbb\xbf"):
        raise UnreadableInput(
            Diagnostic("error", "the file is empty", Location(source.name, 1, 1), hint="give chatmpi a C source file")
        )
    if Path(source.name).suffix.lower() in _CPP_SUFFIXES:
        raise UnreadableInput(_not_cpp(source, 0))


def errors(complaints: Iterable[Complaint]) -> list[Complaint]:
    """The complaints that matter, once each: errors, and warnings that one MPI handle is taken for another."""
    mine = (c for c in complaints if c.severity >= _ERROR or _MPI_HANDLE in c.message)
    return list(dict.fromkeys(c for c in mine if "too many errors" not in c.message))


def refuse(source: Source, complaints: Sequence[Complaint]) -> None:
    """Raises UnreadableInput if there is an error among clang's complaints."""
    first = errors(complaints)
    if not first:
        return
    place = _looks_like_cpp(source)
    if place is not None:
        raise UnreadableInput(_not_cpp(source, place))
    fatal = [c for c in first if c.severity == _FATAL]
    if fatal:  # what came before it is kept; what clang says after it is nonsense
        first = first[: first.index(fatal[0]) + 1]
    shown = [_diagnostic(source, c) for c in first[:_SHOWN]]
    if len(first) > _SHOWN:
        shown.append(Diagnostic("note", "more errors follow; these are the first ones"))
    raise UnreadableInput(*shown)


def too_deep(source: Source, offset: int) -> UnreadableInput:
    """For a program that nests deeper than its tree can be built."""
    message = "statements or expressions nest too deep to be read"
    return UnreadableInput(_short(diagnose(source, offset, message, "split the expression, or the statements")))


def check_standard(standard: str | None) -> None:
    """Raises UsageError if there is no such version of C."""
    if standard is not None and not _STANDARD.fullmatch(standard):
        raise UsageError(
            Diagnostic(
                "error", f"there is no C standard '{standard}'", hint="use c99, c11 or c17, or gnu17 and the like"
            )
        )


def gave_up(source: Source) -> UnreadableInput:
    """For a program on which libclang fails."""
    return UnreadableInput(
        Diagnostic(
            "error",
            "libclang could not parse this file",
            Location(source.name, 1, 1),
            hint=_LAST_HINT,
        )
    )


def _not_cpp(source: Source, offset: int) -> Diagnostic:
    return diagnose(source, offset, _NO_CPP, "translate the C version of the program")


def _looks_like_cpp(source: Source) -> int | None:
    found = _CPP_HEADER.search(source.text) or _CPP_CODE.search(mask(source.text))
    if found is None:
        return None
    return found.start() + len(found.group()) - len(found.group().lstrip())


def _diagnostic(source: Source, complaint: Complaint) -> Diagnostic:
    message, hint = _said(complaint.message)
    if not complaint.file:
        return Diagnostic("error", message, hint=hint)
    location = Location(complaint.file, complaint.line, complaint.column)
    return _short(Diagnostic("error", message, location, _line(source, complaint), hint))


def _said(message: str) -> tuple[str, str]:
    """What is wrong, and what to do about it."""
    old = removed(message)
    if old is not None:
        name, instead = old
        return f"'{name}' was removed in MPI 3.0; {instead} takes its place", f"write {instead}"
    return message, next((text for pattern, text in _HINTS if re.search(pattern, message)), _LAST_HINT)


def _short(diagnostic: Diagnostic) -> Diagnostic:
    """Without its source line, if nobody wants to see that."""
    if len(diagnostic.source_line) <= _LONGEST_LINE:
        return diagnostic
    return replace(diagnostic, source_line="")


def _line(source: Source, complaint: Complaint) -> str:
    if complaint.file == source.name:
        return source.line_text(complaint.line)
    try:
        return Source.read(Path(complaint.file)).line_text(complaint.line)
    except OSError:
        return ""
