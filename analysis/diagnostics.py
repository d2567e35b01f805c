"""What chatmpi says when it cannot go on: one message, one place, one next step."""

from __future__ import annotations

from dataclasses import dataclass

from chatmpi.analysis.source import Location, Source


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A message as compilers print it.

    `location` is None where no file is concerned; `hint` is the next step that a person can take.
    """

    severity: str  # "error", "warning" or "note"
    message: str
    location: Location | None = None
    source_line: str = ""
    hint: str = ""

    def __str__(self) -> str:
        place = f"{self.location}: " if self.location else "chatmpi: "
        lines = [f"{place}{self.severity}: {self.message}"]
        if self.location and self.source_line:
            lines.append(f"  {self.source_line.expandtabs(1)}")
            lines.append("  " + " " * (self.location.column - 1) + "^")
        if self.hint:
            lines.append(f"  note: {self.hint}")
        return "\n".join(lines)


def diagnose(source: Source, offset: int, message: str, hint: str = "", severity: str = "error") -> Diagnostic:
    """A diagnostic about a place in `source`."""
    location = source.location(offset)
    return Diagnostic(severity, message, location, source.line_text(location.line), hint)


class ChatmpiError(Exception):
    """Root of everything chatmpi raises on purpose; `diagnostics` holds at least one error."""

    exit_status = 1

    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__("\n".join(map(str, diagnostics)))
        self.diagnostics = diagnostics


class UnreadableInput(ChatmpiError):
    """The input is missing, is not C, or does not parse."""

    exit_status = 1


class UsageError(ChatmpiError):
    """The request makes no sense (an option, a plan file, an output path)."""

    exit_status = 2


class NothingDistributed(ChatmpiError):
    """The program was understood, and nothing in it can be distributed."""

    exit_status = 3


class Refuted(ChatmpiError):
    """A candidate program does not do what the sequential one does, or cannot be shown to."""

    exit_status = 4


UNKNOWN_STATUS = 5
"""Exit status of `verify` where nothing can be said of the candidate."""
