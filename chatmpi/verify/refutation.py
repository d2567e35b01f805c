"""A verdict's counterexamples as the error that is raised for them."""

from __future__ import annotations

from collections.abc import Iterable

from chatmpi.analysis.diagnostics import Diagnostic, Refuted
from chatmpi.analysis.source import Location, Source
from chatmpi.verify.verdict import Counterexample, Warned


def refutation(counterexamples: Iterable[Counterexample], *sources: Source) -> Refuted:
    """`sources` are those that the locations may stand in, for the lines to show."""
    return Refuted(*(as_diagnostic(c, sources) for c in counterexamples))


def as_diagnostic(counterexample: Counterexample, sources: tuple[Source, ...]) -> Diagnostic:
    """The counterexample as compilers print errors, its class at the end, its witness as the note."""
    location, message = counterexample.location, _classed(counterexample.message, counterexample.kind)
    return Diagnostic("error", message, location, _line(location, sources), counterexample.witness)


def warning_diagnostic(warned: Warned, sources: tuple[Source, ...]) -> Diagnostic:
    """The same for a warning."""
    message = _classed(warned.message, warned.kind)
    return Diagnostic("warning", message, warned.location, _line(warned.location, sources))


def _classed(message: str, kind: str) -> str:
    return f"{message} [{kind}]" if kind else message


def _line(location: Location | None, sources: tuple[Source, ...]) -> str:
    return next((s.line_text(location.line) for s in sources if location and s.name == location.file), "")
