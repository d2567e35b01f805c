"""A right MPI program beside its sequential one, with its mutants and what is said of them."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from comparing import difference
from resizing import sized
from running import SANITISED, BuildFailure, Hang, compile_c, run_ranks, run_sequential

import mutation.communication
import mutation.places  # noqa: F401  its operators
from chatmpi.analysis.diagnostics import UnreadableInput
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.parse import ParseOptions, parse
from chatmpi.analysis.source import Source
from chatmpi.corpus.index import CorpusProgram, programs
from chatmpi.plan.plan import Plan
from chatmpi.translate import plans, translate
from chatmpi.verify.gate import follows_plan, simulated_verdict
from chatmpi.verify.simulate.trials import Wanted
from chatmpi.verify.verdict import Verdict, Word
from mutation.subject import Mutant, mutants

OPTIONS = ParseOptions()
WANTED = Wanted(thorough=True, seconds=20.0)  # as `chatmpi verify` asks
BASELINES = Path(__file__).parents[2] / "corpus" / "baselines"
_RUNS = ((3, 2), (1, 0), (4, 1), (7, 3), (2, 2))  # ranks, and which of the program's sizes


@dataclass(frozen=True)
class Judged:
    """A mutant with the gate's word; `named`: see `names`."""

    program: str
    mutant: Mutant
    word: Word
    named: str
    told: str


@dataclass(frozen=True)
class Bench:
    """`plans` are those that reading compares candidates with; `size` is a name in the text with its values."""

    name: str
    sequential: Source
    candidate: Source
    plans: tuple[tuple[Facts, Plan], ...]
    size: str
    sizes: tuple[int, ...]
    tolerance: float

    def mutants(self, chance: random.Random, per_operator: int) -> Iterator[Mutant]:
        """Some of each operator; what is no C any more is no mutant."""
        found: dict[str, list[Mutant]] = {}
        for m in mutants(parse(self.candidate, OPTIONS)):
            found.setdefault(m.operator, []).append(m)
        for same in found.values():
            yield from filter(_is_c, chance.sample(same, min(per_operator, len(same))))

    def judged(self, mutant: Mutant) -> Judged:
        verdict = self._verdict(mutant.source)
        told = "; ".join([*(c.message for c in verdict.counterexamples[:1]), *verdict.undecided[:1]])
        return Judged(self.name, mutant, verdict.word, names(verdict, mutant), told)

    def _verdict(self, candidate: Source) -> Verdict:
        for facts, plan in self.plans:
            verdict = follows_plan(facts, plan, candidate, OPTIONS)
            if verdict.accepted:
                return verdict
        return simulated_verdict(self.sequential, candidate, OPTIONS, WANTED)

    def runs_differ(self, candidate: Source, folder: Path) -> str:
        """How real runs differ from the sequential program's; empty if none does."""
        for ranks, place in _RUNS:
            n = self.sizes[place % len(self.sizes)] if self.sizes else 0
            before, arguments = self._sized(self.sequential.shown, n)
            after, _ = self._sized(candidate.shown, n)
            where = f"{ranks} ranks{f', {self.size}={n}' if n else ''}"
            alone = run_sequential(compile_c(before, folder, mpi=False), *arguments)
            try:
                parallel = compile_c(after, folder, mpi=True, flags=SANITISED)
                ran = run_ranks(parallel, ranks, *arguments, timeout=20)
            except (BuildFailure, Hang) as error:
                return f"{where}: {str(error).splitlines()[0]}"
            if ran.status != alone.status:
                return f"{where}: ends with {ran.status}"
            if found := difference(alone.stdout, ran.stdout, max(self.tolerance, 1e-9)):
                return f"{where}: {found}"
        return ""

    def _sized(self, text: str, n: int) -> tuple[str, tuple[str, ...]]:
        return sized(text, self.size, n) if n else (text, ())


def _is_c(mutant: Mutant) -> bool:
    try:
        parse(mutant.source, OPTIONS)
    except UnreadableInput:
        return False
    return True


def of_corpus(program: CorpusProgram) -> Bench:
    """The translation of a program. Raises ChatmpiError."""
    sequential = Source.from_str(program.path.name, program.text)
    made = translate(sequential, OPTIONS)
    known = tuple(plans(sequential, OPTIONS))
    return Bench(program.name, sequential, made.source, known, program.size, program.sizes, program.tolerance)


def of_baseline(name: str) -> Bench:
    sequential, candidate = (Source.read(BASELINES / f"{name}{end}.c") for end in ("", "_mpi"))
    size = next((s for s in ("N", "n") if _has_size(sequential.shown, s) and _has_size(candidate.shown, s)), "")
    sizes = (5, 12, 16, 24) if size else ()
    return Bench(f"baselines/{name}", sequential, candidate, tuple(plans(sequential, OPTIONS)), size, sizes, 1e-9)


def _has_size(text: str, name: str) -> bool:
    try:
        sized(text, name, 8)
    except ValueError:
        return False
    return True


def baselines() -> list[str]:
    return sorted(p.stem.removesuffix("_mpi") for p in BASELINES.glob("*_mpi.c"))


def chosen(chance: random.Random, number: int) -> list[CorpusProgram]:
    """Some of the short programs of each family."""
    families: dict[str, list[CorpusProgram]] = {}
    for p in sorted(programs(), key=lambda p: len(p.text)):
        families.setdefault(p.family, []).append(p)
    families.pop("sequential", None)
    each = -(-number // len(families))
    return [p for f in sorted(families) for p in chance.sample(families[f][:8], min(each, len(families[f][:8])))]


_LACKS = re.compile(
    r"between (?:the \w+ of )?line (\d+) and (?:the \w+ of )?line (\d+)(?: of the next iteration of line (\d+))?"
)
_REMOVED = frozenset({"exchange dropped", "collective dropped", "not waited for", "once only", "under a rank test"})


def _lies(line: int, first: int, last: int, loop: int) -> bool:
    """Whether a line lies between two, or between one and another in the next iteration of a loop."""
    return first <= line <= last or (loop > 0 and (line >= first or loop <= line <= last))


def names(verdict: Verdict, mutant: Mutant) -> str:
    """ "line" if a counterexample names the line that was broken (or one beside it), or where a statement that was
    moved is now, or lies under a guard that is lost; "message" if a call was taken away and it says what is lacking,
    between two lines around the place, or around a call of its function; else "".
    """
    lacks = False
    for c in verdict.counterexamples:
        told = " ".join((c.message, c.witness, *c.timeline))
        lines = {int(n) for n in re.findall(r"\bline (\d+)(?! of the (?:sequential|output))", told)}
        place = c.location.line if c.location else 0
        if any(abs(line - broken) <= 1 for line in (*lines, place) for broken in (mutant.line, *mutant.also)):
            return "line"
        if place and mutant.inside[0] <= place <= mutant.inside[1]:
            return "line"
        between = [(int(a), int(b), int(again or 0)) for a, b, again in _LACKS.findall(told)]
        places = (mutant.line, *mutant.called_in)
        lacks |= mutant.operator in _REMOVED and any(_lies(at, *found) for found in between for at in places)
    return "message" if lacks else ""
