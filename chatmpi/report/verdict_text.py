"""A verdict as people read it: which stages hold, for what; or the counterexamples."""

from __future__ import annotations

from collections.abc import Iterator

from chatmpi.analysis.source import Source
from chatmpi.report.paint import Paint
from chatmpi.report.table import wrapped
from chatmpi.verify.refutation import as_diagnostic
from chatmpi.verify.verdict import Check, Stage, Verdict

_STAGES: tuple[Stage, ...] = ("read", "proved", "run")
_INDENT = " " * 9


def verdict_text(verdict: Verdict, sources: tuple[Source, ...], paint: Paint) -> str:
    """All of it. `sources` hold the places that counterexamples name."""
    return "\n".join([verdict_summary(verdict, paint), *_claims(verdict), *_counterexamples(verdict, sources)]) + "\n"


def verdict_summary(verdict: Verdict, paint: Paint) -> str:
    """A line for each stage: how much was shown, and for what it holds."""
    word = paint.good("accepted") if verdict.accepted else paint.bad("refuted")
    lines = [f"verdict: {word}"]
    for stage in _STAGES:
        checks = [c for c in verdict.checks if c.stage == stage]
        if checks:
            lines += wrapped(f"{_counted(len(checks), 'check')}{_scopes(checks)}", f"  {stage:6} ", _INDENT)
    return "\n".join(lines)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _scopes(checks: list[Check]) -> str:
    """What the checks hold for, each scope once."""
    scopes = [s for s in dict.fromkeys(c.scope for c in checks) if s]
    return f", for {'; '.join(scopes)}" if scopes else ""


def _claims(verdict: Verdict) -> Iterator[str]:
    for stage in _STAGES:
        for check in (c for c in verdict.checks if c.stage == stage):
            scope = f" [{check.scope}]" if check.scope else ""
            yield from wrapped(f"{check.claim}{scope}", f"  {stage:6} ", _INDENT)


def _counterexamples(verdict: Verdict, sources: tuple[Source, ...]) -> Iterator[str]:
    for counterexample in verdict.counterexamples:
        yield str(as_diagnostic(counterexample, sources))
