"""Where the program goes: never over its input, all or nothing, and not over somebody's own work."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
import sys
from dataclasses import dataclass
from pathlib import Path

from chatmpi.analysis.diagnostics import Diagnostic, UsageError
from chatmpi.generate.mark import is_generated

STANDARD_OUTPUT = "-"


@dataclass(frozen=True, slots=True)
class Destination:
    """`path` None is standard output. `force` allows to overwrite a file that chatmpi did not generate."""

    path: Path | None
    force: bool = False

    def check(self, source: Path) -> None:
        """Raises UsageError if the program cannot or may not be written there."""
        if self.path is None:
            return
        try:
            mode = self.path.stat().st_mode
        except FileNotFoundError:
            if not self.path.resolve().parent.is_dir():
                raise _refused(self.path, f"there is no folder '{self.path.parent}'") from None
            return
        except OSError as error:
            raise _refused(self.path, error.strerror or str(error)) from None
        if os.path.samefile(self.path, source):
            raise _refused(self.path, "it is the input itself", "choose another name with -o")
        if stat.S_ISDIR(mode):
            raise _refused(self.path, "it is a directory", f"for example -o {self.path / default_path(source).name}")
        if stat.S_ISREG(mode) and not self.force and not _is_ours(self.path):
            raise _refused(self.path, "it exists and chatmpi did not generate it", "use --force, or -o another name")
        if not os.access(self.path, os.W_OK):
            raise _refused(self.path, "it is read-only")

    def write(self, content: bytes) -> None:
        """Raises UsageError; then nothing has changed."""
        try:
            if self.path is None:
                sys.stdout.buffer.write(content)
                sys.stdout.flush()
            elif self.path.exists() and not self.path.is_file():
                self.path.write_bytes(content)  # a device or a pipe is written to, not replaced
            else:
                _replace(self.path.resolve(), content)
        except OSError as error:
            raise _refused(self.path or "standard output", error.strerror or str(error)) from None


def default_path(source: Path) -> Path:
    """`heat_mpi.c` beside `heat.c`."""
    return source.with_name(f"{source.stem}_mpi{source.suffix or '.c'}")


def destination(source: Path, output: str | None, force: bool) -> Destination:
    """Where `-o output` says, standard output for `-`, beside the source without it.

    Raises UsageError if it is not said and the source is no regular file (`/dev/stdin`, a pipe).
    """
    if output == STANDARD_OUTPUT:
        return Destination(None, force)
    if output is not None:
        return Destination(Path(output), force)
    if source.exists() and not source.is_file():
        raise UsageError(Diagnostic("error", f"'{source}' is no file to write beside", hint="say where with -o FILE"))
    return Destination(default_path(source), force)


def _is_ours(path: Path) -> bool:
    """An empty file is nobody's work."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _refused(path, error.strerror or str(error)) from None
    return not content or is_generated(content.decode("latin-1"))


def _replace(path: Path, content: bytes) -> None:
    """All of the content or none: a file beside it takes its place. It keeps the mode of the file that was there."""
    beside = path.with_name(f".chatmpi-{secrets.token_hex(4)}.tmp")
    try:
        with beside.open("xb") as file:
            if path.exists():
                os.fchmod(file.fileno(), stat.S_IMODE(path.stat().st_mode))
            file.write(content)
        beside.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise


def _refused(path: Path | str, reason: str, hint: str = "") -> UsageError:
    return UsageError(Diagnostic("error", f"cannot write {str(path)!r}: {reason}", hint=hint))
