"""A verdict for programs to read."""

from __future__ import annotations

import json

from chatmpi.analysis.source import Location
from chatmpi.verify.verdict import Counterexample, Verdict, Warned

VERDICT_VERSION = 3


def verdict_json(verdict: Verdict, sequential: str | None, candidate: str) -> str:
    """The same as the text: the `verdict` in one word, `accepted`, the strongest `stage` that holds, `checks`,
    `counterexamples`, `warnings`, `undecided` (why nothing more can be said), `notes`. `sequential` is null for an MPI
    program that is judged by itself."""
    content = {
        "version": VERDICT_VERSION,
        "sequential": sequential,
        "candidate": candidate,
        "verdict": verdict.word,
        "accepted": verdict.accepted,
        "stage": verdict.stage_reached(),
        "checks": [
            {"stage": c.stage, "claim": c.claim, "scope": c.scope, "equivalence": c.equivalence} for c in verdict.checks
        ],
        "counterexamples": [_counterexample(c) for c in verdict.counterexamples],
        "warnings": [_warned(w) for w in verdict.warnings],
        "undecided": list(verdict.undecided),
        "notes": list(verdict.notes),
    }
    return json.dumps(content, indent=2) + "\n"


def _counterexample(found: Counterexample) -> dict[str, object]:
    return {
        "stage": found.stage,
        "kind": found.kind or None,
        "message": found.message,
        **_place(found.location),
        "witness": found.witness,
        "sizes": dict(found.sizes),
        "ranks": found.ranks or None,
        "rank": found.rank if found.rank >= 0 else None,
        "expected": found.expected,
        "came": found.came,
        "timeline": list(found.timeline),
    }


def _warned(found: Warned) -> dict[str, object]:
    return {
        "stage": found.stage,
        "kind": found.kind or None,
        "message": found.message,
        **_place(found.location),
    }


def _place(place: Location | None) -> dict[str, object]:
    return {
        "file": place.file if place else None,
        "line": place.line if place else None,
        "column": place.column if place else None,
    }
