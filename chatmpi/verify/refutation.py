"""A verdict's counterexamples as the error that is raised for them."""

from __future__ import annotations

from collections.abc import Iterable

from chatmpi.analysis.diagnostics import Diagnostic, Refuted
from chatmpi.analysis.source import Source
from chatmpi.verify.verdict import Counterexample


def refutation(counterexamples: Iterable[Counterexample], *sources: Source) -> Refuted:
    """`sources` are those that the locations may stand in, for the lines to show."""
    return Refuted(*(as_diagnostic(c, sources) for c in counterexamples))


def as_diagnostic(counterexample: Counterexample, sources: tuple[Source, ...]) -> Diagnostic:
    """The counterexample as compilers print errors, its witness as the note."""
    location = counterexample.location
    line = next((s.line_text(location.line) for s in sources if location and s.name == location.file), "")
    return Diagnostic("error", counterexample.message, location, line, counterexample.witness)
