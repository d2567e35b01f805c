"""A verdict for programs to read."""

from __future__ import annotations

import json

from chatmpi.verify.verdict import Counterexample, Verdict

VERDICT_VERSION = 1


def verdict_json(verdict: Verdict, sequential: str, candidate: str) -> str:
    """The same as the text: `accepted`, the strongest `stage` that holds, `checks`, `counterexamples`, `notes`."""
    content = {
        "version": VERDICT_VERSION,
        "sequential": sequential,
        "candidate": candidate,
        "accepted": verdict.accepted,
        "stage": verdict.stage_reached(),
        "checks": [{"stage": c.stage, "claim": c.claim, "scope": c.scope} for c in verdict.checks],
        "counterexamples": [_counterexample(c) for c in verdict.counterexamples],
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
    }
