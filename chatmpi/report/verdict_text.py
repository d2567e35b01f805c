"""A verdict as people read it: which stages hold, for what; or the counterexamples."""

from __future__ import annotations

from collections.abc import Iterator

from chatmpi.analysis.source import Source
from chatmpi.report.paint import Paint
from chatmpi.report.table import wrapped
from chatmpi.verify.refutation import as_diagnostic, warning_diagnostic
from chatmpi.verify.verdict import Check, Counterexample, Stage, Verdict, Word

_STAGES: tuple[Stage, ...] = ("static", "read", "proved", "simulated", "run")
_NARROWEST = 6
_MEANING: dict[Word, str] = {
    "PROVED": "for all sizes, numbers of ranks and data",
    "CHECKED": "for all data, at these sizes and numbers of ranks",
    "RUN": "for these runs",
    "UNKNOWN": "nothing can be said",
    "REFUTED": "there is a counterexample",
}


def verdict_text(verdict: Verdict, sources: tuple[Source, ...], paint: Paint) -> str:
    """All of it. `sources` hold the places that counterexamples name."""
    lines = [_word(verdict, paint)]
    for stage in _STAGES:
        lines += [*_stage(verdict, stage), *_claims(verdict, stage)]
    for reason in verdict.undecided:
        lines += wrapped(reason, "  unknown: ", "           ")
    for note in verdict.notes:
        lines += wrapped(note, "  note: ", "        ")
    return "\n".join([*lines, *_counterexamples(verdict, sources), *_warnings(verdict, sources)]) + "\n"


def verdict_summary(verdict: Verdict, paint: Paint) -> str:
    """A line for each stage: how much was shown, and for what it holds."""
    return "\n".join([_word(verdict, paint), *(line for stage in _STAGES for line in _stage(verdict, stage))])


def _word(verdict: Verdict, paint: Paint) -> str:
    word = verdict.word
    return f"verdict: {paint.good(word) if verdict.accepted else paint.bad(word)} ({_MEANING[word]})"


def _stage(verdict: Verdict, stage: Stage) -> list[str]:
    checks = [c for c in verdict.checks if c.stage == stage]
    if not checks:
        return []
    width = max(_NARROWEST, *(len(c.stage) for c in verdict.checks))
    return wrapped(f"{_counted(len(checks), 'check')}{_scopes(checks)}", f"  {stage:{width}} ", " " * (width + 3))


def _claims(verdict: Verdict, stage: Stage) -> list[str]:
    """Each claim, with its scope where the claims of the stage do not share one."""
    checks = [c for c in verdict.checks if c.stage == stage]
    shared = len({c.scope for c in checks}) == 1
    lines = []
    for check in checks:
        lines += wrapped(check.claim if shared else f"{check.scope}: {check.claim}", "    - ", "      ")
    return lines


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _scopes(checks: list[Check]) -> str:
    """What the checks hold for, each scope once."""
    scopes = [s for s in dict.fromkeys(c.scope for c in checks) if s]
    return f", for {'; '.join(scopes)}" if scopes else ""


def _counterexamples(verdict: Verdict, sources: tuple[Source, ...]) -> Iterator[str]:
    for counterexample in verdict.counterexamples:
        yield str(as_diagnostic(counterexample, sources))
        yield from _difference(counterexample)
        yield from (f"    {line}" for line in counterexample.timeline)


def _warnings(verdict: Verdict, sources: tuple[Source, ...]) -> Iterator[str]:
    for warned in verdict.warnings:
        yield str(warning_diagnostic(warned, sources))


def _difference(found: Counterexample) -> Iterator[str]:
    """What was expected and what came, where both are values."""
    if found.expected != found.came:
        yield f"    expected {found.expected or 'nothing'}"
        yield f"    came     {found.came or 'nothing'}"
