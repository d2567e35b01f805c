"""Translation by a model, which is never trusted: every candidate passes the gate, or is not there.

What a candidate is refuted for goes back to the model. Of those that pass, the one that communicates least is taken;
where none passes, the program of the templates is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath

from chatmpi.analysis.diagnostics import UnreadableInput
from chatmpi.analysis.parse import ParseOptions, parse
from chatmpi.analysis.source import Source
from chatmpi.generate.mark import GENERATED_MARK, is_generated
from chatmpi.model.proposing import Mending, Proposal, Proposer
from chatmpi.translate import Translation, check_candidate
from chatmpi.verify.refutation import as_diagnostic
from chatmpi.verify.screen import screen
from chatmpi.verify.verdict import Verdict
from chatmpi.verify.volume import Volume, volume

TEMPLATE = "template"
_SHOWN = 3  # counterexamples that a model is told


@dataclass(frozen=True, slots=True)
class Tries:
    """How many candidates, and how often each may be repaired; whether the model is told the plan."""

    candidates: int = 1
    repairs: int = 0
    with_plan: bool = True


@dataclass(frozen=True)
class Attempt:
    """One candidate. `stage` is the strongest that holds of it, or the one that refuted it; `why` says more."""

    number: int
    repair: int
    proposal: Proposal
    accepted: bool
    stage: str
    why: str
    source: Source | None = None
    verdict: Verdict | None = None
    volume: Volume | None = None


@dataclass(frozen=True)
class ModelTranslation(Translation):
    """`generator` made the program: the model's name, or "template"; `attempts` are all that the model made."""

    generator: str = TEMPLATE
    model: str = ""
    attempts: tuple[Attempt, ...] = ()


def translate_by(proposer: Proposer, template: Translation, tries: Tries, options: ParseOptions) -> ModelTranslation:
    """The best of the model's candidates that pass the gate, or else the program of the templates.

    Raises ChatmpiError if the model cannot be asked.
    """
    attempts: list[Attempt] = []
    for number in range(tries.candidates):
        attempts += attempts_of(proposer, template, tries, number, options)
    if not any(a.accepted for a in attempts):
        attempts += mended_attempts(proposer, template, tries, options)
    passed = [a for a in attempts if a.accepted]
    if not passed:
        kept = (template.sequential, template.plan, template.source, template.verdict)
        return ModelTranslation(*kept, TEMPLATE, proposer.name, tuple(attempts))
    best = min(passed, key=lambda a: a.volume or Volume(0.0, 0))
    assert best.source is not None
    assert best.verdict is not None
    marked = _marked(best.source, template.sequential, proposer.name)
    found = (template.sequential, template.plan, marked, best.verdict)
    return ModelTranslation(*found, proposer.name, proposer.name, tuple(attempts))


def mended_attempts(
    proposer: Proposer, template: Translation, tries: Tries, options: ParseOptions
) -> Iterator[Attempt]:
    """Candidates in which the edits that the model is unsure of are the templates', until one passes."""
    if isinstance(proposer, Mending) and tries.with_plan:
        for proposal in proposer.mended(template.sequential, template.plan, template.source):
            attempt = judged(proposal, template, options, tries.candidates)
            yield attempt
            if attempt.accepted:
                return


def attempts_of(
    proposer: Proposer, template: Translation, tries: Tries, number: int, options: ParseOptions
) -> Iterator[Attempt]:
    """A candidate, and its repairs until one passes."""
    plan = template.plan if tries.with_plan else None
    proposal = proposer.propose(template.sequential, plan, number)
    for repair in range(tries.repairs + 1):
        attempt = judged(proposal, template, options, number, repair)
        yield attempt
        if attempt.accepted or repair == tries.repairs:
            return
        proposal = proposer.repair(template.sequential, plan, proposal, attempt.why, number)


def judged(
    proposal: Proposal, template: Translation, options: ParseOptions, number: int = 0, repair: int = 0
) -> Attempt:
    """A candidate through the gate. Nothing of it is compiled or run here."""
    if not proposal.code.strip():
        return Attempt(number, repair, proposal, False, "answer", proposal.problem or "there is no program")
    path = PurePath(template.sequential.name)
    candidate = Source.from_str(str(path.with_name(f"{path.stem}_model{path.suffix or '.c'}")), proposal.code)
    cut = f"; {proposal.problem}" if proposal.problem else ""
    refused = screen(candidate, template.sequential)
    if refused:
        return Attempt(
            number, repair, proposal, False, "screen", _told(Verdict((), tuple(refused)), candidate), candidate
        )
    try:
        program = parse(candidate, options)
        verdict = check_candidate(template, candidate, options)
    except UnreadableInput as error:
        why = "\n".join(str(d) for d in error.diagnostics[:_SHOWN]) + cut
        return Attempt(number, repair, proposal, False, "parse", why, candidate)
    if verdict.accepted:
        how = (verdict.stage_reached(), "", candidate, verdict, volume(program))
        return Attempt(number, repair, proposal, True, *how)
    stage = verdict.counterexamples[0].stage if verdict.counterexamples else "none"
    why = _told(verdict, candidate, template.sequential) + cut
    return Attempt(number, repair, proposal, False, stage, why, candidate, verdict)


def _told(verdict: Verdict, *sources: Source) -> str:
    """The counterexamples that say most: what a simulated run showed, before what was not understood when read."""
    simulated = [c for c in verdict.counterexamples if c.stage == "simulated"]
    chosen = simulated or list(verdict.counterexamples)
    return "\n".join([str(as_diagnostic(c, sources)) for c in chosen[:_SHOWN]] + list(verdict.notes[:1]))


def _marked(candidate: Source, sequential: Source, name: str) -> Source:
    path = PurePath(sequential.name)
    named = str(path.with_name(f"{path.stem}_mpi{path.suffix or '.c'}"))
    if is_generated(candidate.text):
        return Source(named, candidate.text)
    label = " ".join(name.replace("*/", "").split())
    mark = f"/* {GENERATED_MARK} from {path.name}, by the model {label} */\n"
    return Source(named, mark.encode().decode("latin-1") + candidate.text)
