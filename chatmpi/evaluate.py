"""Evaluation by execution: every answer of a model through the gate, by workload family.

pass@k is the unbiased estimator of Chen et al. 2021, as HPC-Coder-v2 has it in equation 1; an answer passes where the
gate accepts it, and builds where the compiler takes it, once the gate has read and simulated it.
"""

from __future__ import annotations

import math
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from chatmpi.analysis.diagnostics import ChatmpiError
from chatmpi.analysis.options import AS_USUAL
from chatmpi.analysis.parse import parse
from chatmpi.analysis.source import Source
from chatmpi.by_model import Attempt, Tries, attempts_of, judged, mended_attempts
from chatmpi.model.proposing import Proposal, Proposer
from chatmpi.model.results import same_text
from chatmpi.model.tuples import Tuple
from chatmpi.translate import Translation, translate
from chatmpi.verify.volume import volume

_COMPILER_SECONDS = 60


@dataclass(frozen=True)
class Outcome:
    """One candidate for one item; `traffic` is its communication by the cost model, the template's being 1."""

    item: int
    family: str
    attempt: Attempt
    matches: bool
    builds: bool | None
    traffic: float | None

    @property
    def reads(self) -> bool:
        return self.attempt.stage not in ("answer", "screen", "parse")


@dataclass(frozen=True)
class Score:
    """Of one family, or of all: means over its items. `refused` counts candidates by the stage that refused them.

    `own_edits`: the share of the edits of accepted candidates that are the model's; None if it makes no edits.
    """

    family: str
    items: int
    candidates: int
    matches: float
    reads: float
    build_at_1: float | None
    pass_at: tuple[tuple[int, float], ...]
    refused: tuple[tuple[str, int], ...]
    traffic: float | None
    tokens_per_second: float
    own_edits: float | None = None


def pass_at_k(n: int, c: int, k: int) -> float:
    """Of n candidates c pass: the chance that one of k drawn from them does."""
    return 1.0 if n - c < k else 1.0 - math.prod((n - c - i) / (n - i) for i in range(k))


def evaluate(
    items: Sequence[Tuple], proposer: Proposer, tries: Tries, told: Callable[[Outcome], None], mended: bool = False
) -> Iterator[Outcome]:
    """Every item's candidates; of repaired ones the last counts. Items without a program or a plan are passed over.

    With `mended`, templates make the edits that the model is in doubt of where its candidate is refused.
    """
    for index, item in enumerate(items):
        template = template_of(item, index)
        if template is None:
            continue
        for number in range(tries.candidates):
            attempts = list(attempts_of(proposer, template, tries, number, AS_USUAL))
            if mended and not attempts[-1].accepted:
                attempts += mended_attempts(proposer, template, tries, AS_USUAL)
            attempt = attempts[-1]
            outcome = _outcome(index, item, attempt, template)
            told(outcome)
            yield outcome


def judge_answers(items: Sequence[Tuple], answers: Iterable[Proposal]) -> Iterator[Outcome]:
    """Answers that were given already, one for each item."""
    for index, (item, proposal) in enumerate(zip(items, answers, strict=True)):
        template = template_of(item, index)
        if template is not None:
            yield _outcome(index, item, judged(proposal, template, AS_USUAL), template)


def template_of(item: Tuple, index: int) -> Translation | None:
    """The generator's own translation of the item's program; None if it has none."""
    program = item.others.get("program")
    if not isinstance(program, str):
        return None
    try:
        return translate(Source.from_str(f"item{index}.c", program), AS_USUAL)
    except ChatmpiError:
        return None


def _outcome(index: int, item: Tuple, attempt: Attempt, template: Translation) -> Outcome:
    expected = item.answer or template.source.shown
    matches = same_text(attempt.proposal.code, expected)
    own = volume(parse(template.source, AS_USUAL)).seconds
    traffic = attempt.volume.seconds / own if attempt.accepted and attempt.volume is not None and own else None
    readable = attempt.source is not None and attempt.stage not in ("answer", "screen", "parse")
    builds = _builds(attempt.source) if readable and attempt.source is not None else False
    return Outcome(index, str(item.others.get("family", "")), attempt, matches, builds, traffic)


def _builds(candidate: Source) -> bool | None:
    """Whether mpicc takes it; None where there is no mpicc."""
    compiler = shutil.which("mpicc")
    if compiler is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "candidate.c"
        file.write_bytes(candidate.content)
        command = [compiler, "-std=gnu11", "-c", file.name, "-o", "candidate.o"]
        try:
            done = subprocess.run(command, cwd=folder, capture_output=True, timeout=_COMPILER_SECONDS)
        except (subprocess.TimeoutExpired, OSError):
            return False
        return done.returncode == 0


def scores(outcomes: Sequence[Outcome]) -> list[Score]:
    """By family in the order met, and of all at last; pass@k for as many draws as every item has candidates."""
    if not outcomes:
        return []
    families = list(dict.fromkeys(o.family for o in outcomes))
    least = min(Counter(o.item for o in outcomes).values())
    draws = sorted({k for k in (1, 5, 10, 100) if k < least} | {least})
    found = [_score(family, [o for o in outcomes if o.family == family], draws) for family in families]
    return [*found, _score("all", list(outcomes), draws)]


def _score(family: str, outcomes: list[Outcome], draws: Sequence[int]) -> Score:
    by_item: dict[int, list[Outcome]] = {}
    for o in outcomes:
        by_item.setdefault(o.item, []).append(o)
    passes = tuple(
        (k, _mean(pass_at_k(len(os), sum(o.attempt.accepted for o in os), k) for os in by_item.values())) for k in draws
    )
    built = [o.builds for o in outcomes if o.builds is not None]
    refused: dict[str, int] = {}
    for o in outcomes:
        if not o.attempt.accepted:
            refused[o.attempt.stage] = refused.get(o.attempt.stage, 0) + 1
    seconds = sum(o.attempt.proposal.seconds for o in outcomes)
    traffic = [o.traffic for o in outcomes if o.traffic is not None]
    return Score(
        family,
        len(by_item),
        len(outcomes),
        _mean(float(o.matches) for o in outcomes),
        _mean(float(o.reads) for o in outcomes),
        _mean(map(float, built)) if built else None,
        passes,
        tuple(sorted(refused.items())),
        _mean(traffic) if traffic else None,
        sum(o.attempt.proposal.tokens for o in outcomes) / seconds if seconds else 0.0,
        _own_edits([o.attempt.proposal for o in outcomes if o.attempt.accepted]),
    )


def _own_edits(accepted: Sequence[Proposal]) -> float | None:
    edits = sum(p.edits for p in accepted)
    return 1.0 - sum(p.by_template for p in accepted) / edits if edits else None


def _mean(values: Iterable[float]) -> float:
    known = list(values)
    return sum(known) / len(known) if known else 0.0
