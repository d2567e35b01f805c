"""A verdict for programs to read."""

from __future__ import annotations

import json

from chatmpi.verify.verdict import Counterexample, Verdict

VERDICT_VERSION = 2


def verdict_json(verdict: Verdict, sequential: str, candidate: str) -> str:
    """The same as the text: the `verdict` in one word, `accepted`, the strongest `stage` that holds, `checks`,
    `counterexamples`, `undecided` (why nothing more can be said), `notes`."""
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
        "undecided": list(verdict.undecided),
        "notes": list(verdict.notes),
    }
    return json.dumps(content, indent=2) + "\n"


def _counterexample(found: Counterexample) -> dict[str, object]:
    place = found.location
    return {
        "stage": found.stage,
        "message": found.message,
        "file": place.file if place else None,
        "line": place.line if place else None,
        "column": place.column if place else None,
        "witness": found.witness,
        "sizes": dict(found.sizes),
        "ranks": found.ranks or None,
        "rank": found.rank if found.rank >= 0 else None,
        "expected": found.expected,
        "came": found.came,
        "timeline": list(found.timeline),
    }
