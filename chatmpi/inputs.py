"""What people hand in, as a Source: C text, a file, or a Source already."""

from __future__ import annotations

import re
from pathlib import Path

from chatmpi.analysis.diagnostics import Diagnostic, UnreadableInput, UsageError
from chatmpi.analysis.source import Source

TEXT_NAME = "program.c"  # what a program handed in as text is called in messages
_LIMIT = 64 * 1024 * 1024  # bytes; more is no C source


def source_of(code: str | Path | Source, name: str = TEXT_NAME) -> Source:
    """A `str` is C source text (called `name`), a `Path` a file, a `Source` is itself.

    Raises UnreadableInput for a file that cannot be read, UsageError for a `str` that is a file name.
    """
    if isinstance(code, Source):
        return code
    if isinstance(code, Path):
        return read_source(code)
    if re.fullmatch(r"\S+\.[chCH]", code):
        message = f"a str is C source text, and {code!r} looks like a file name"
        raise UsageError(Diagnostic("error", message, hint=f"for the file, pass pathlib.Path({code!r})"))
    return Source.from_str(name, code)


def read_source(path: Path) -> Source:
    """Raises UnreadableInput."""
    try:
        with path.open("rb") as file:
            content = file.read(_LIMIT + 1)
    except FileNotFoundError:
        raise _unreadable(path, "no such file", "is the path right, seen from here?") from None
    except IsADirectoryError:
        raise _unreadable(path, "is a directory", "chatmpi reads one C file") from None
    except (OSError, ValueError) as error:
        raise _unreadable(path, f"cannot be read: {_reason(error)}") from None
    if len(content) > _LIMIT:
        raise _unreadable(path, f"is larger than {_LIMIT // 1024**2} MiB", "chatmpi reads C source files")
    return Source.from_bytes(str(path), content)


def _reason(error: OSError | ValueError) -> str:
    return error.strerror or str(error) if isinstance(error, OSError) else str(error)


def _unreadable(path: Path, message: str, hint: str = "") -> UnreadableInput:
    return UnreadableInput(Diagnostic("error", f"{str(path)!r} {message}", hint=hint))
