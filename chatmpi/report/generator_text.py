"""Who made a program: the model, or the templates since nothing of the model's passed; and what became of the rest."""

from __future__ import annotations

from collections.abc import Sequence

from chatmpi.by_model import TEMPLATE, Attempt, ModelTranslation
from chatmpi.report.table import wrapped

_STAGES = {
    "answer": "had no program",
    "screen": "may not be read",
    "parse": "did not parse",
    "read": "not those of the plan, and not simulated",
    "proved": "refuted by the proof",
    "simulated": "refuted by simulation",
    "none": "could not be decided",
}


def generator_text(translation: ModelTranslation) -> str:
    """A few lines, each refuted candidate with the first line of why."""
    attempts, passed = translation.attempts, sum(a.accepted for a in translation.attempts)
    made = (
        f"{len(attempts)} candidate{'s' if len(attempts) > 1 else ''} of {translation.model}, {passed} passed the gate"
    )
    if translation.generator == TEMPLATE:
        made = f"template; {made}: this is the program of the templates"
    else:
        tokens, seconds = sum(a.proposal.tokens for a in attempts), sum(a.proposal.seconds for a in attempts)
        made = f"model; {made} ({tokens} tokens in {seconds:.1f} s)" + _mended(attempts)
    lines = wrapped(made, f"  {'generator':12} ", " " * 15)
    for a in attempts:
        if not a.accepted:
            lines += wrapped(
                f"{attempt_name(a)}: {_STAGES.get(a.stage, a.stage)}: {first_line(a.why)}", " " * 15, " " * 17
            )
    return "\n".join(lines) + "\n"


def _mended(attempts: Sequence[Attempt]) -> str:
    """What the templates did to the candidate that passed, if the model was unsure of a part of it."""
    proposal = next((a.proposal for a in attempts if a.accepted), None)
    if proposal is None or not proposal.by_template:
        return ""
    return f"; {proposal.by_template} of its {proposal.edits} edits are the templates', of which the model was unsure"


def attempt_name(attempt: Attempt) -> str:
    return f"candidate {attempt.number + 1}" + (f", repair {attempt.repair}" if attempt.repair else "")


def first_line(text: str) -> str:
    return text.split("\n", 1)[0]
