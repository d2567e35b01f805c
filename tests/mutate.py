"""How the gate judges mutants: each is refuted, or listed, with what real runs say of it.

`python tests/mutate.py --per-operator 2 --seconds 1200 --out mutants.tsv` runs over the corpus; each line is
the verdict on one mutant. Survivors are run with the real MPI beside the sequential program, where there is one.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from mutants import Mutant, mutants

from chatmpi.analysis.facts import Facts
from chatmpi.analysis.parse import ParseOptions, parse
from chatmpi.analysis.source import Source
from chatmpi.corpus.index import programs
from chatmpi.plan.plan import Plan
from chatmpi.translate import plans, translate
from chatmpi.verify.gate import follows_plan, simulated_verdict
from chatmpi.verify.simulate.trials import Wanted
from chatmpi.verify.verdict import Verdict, Word

OPTIONS = ParseOptions()
WANTED = Wanted(thorough=True, seconds=15.0)


@dataclass(frozen=True)
class Judged:
    """A mutant with the gate's word; `named`: the counterexample tells of the line that was broken."""

    program: str
    mutant: Mutant
    word: Word
    named: bool
    told: str


class Bench:
    """A sequential program with its translation and the plans that reading compares candidates with."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.sequential = Source.from_str(f"{Path(name).name}.c", text)
        self.candidate = translate(self.sequential, OPTIONS).source
        self._plans: list[tuple[Facts, Plan]] = list(plans(self.sequential, OPTIONS))

    def mutants(self, chance: random.Random, per_operator: int) -> Iterator[Mutant]:
        """Some of each operator."""
        found: dict[str, list[Mutant]] = {}
        for m in mutants(parse(self.candidate, OPTIONS)):
            found.setdefault(m.operator, []).append(m)
        for same in found.values():
            yield from chance.sample(same, min(per_operator, len(same)))

    def judged(self, mutant: Mutant) -> Judged:
        verdict = self._verdict(mutant.source)
        told = "; ".join([*(c.message for c in verdict.counterexamples[:1]), *verdict.undecided[:1]])
        return Judged(self.name, mutant, verdict.word, names(verdict, mutant), told)

    def _verdict(self, candidate: Source) -> Verdict:
        for facts, plan in self._plans:
            verdict = follows_plan(facts, plan, candidate, OPTIONS)
            if verdict.accepted:
                return verdict
        return simulated_verdict(self.sequential, candidate, OPTIONS, WANTED)


def names(verdict: Verdict, mutant: Mutant) -> bool:
    """Whether a counterexample names the line, or says which message, or shows the line in what the ranks did."""
    for c in verdict.counterexamples:
        told = " ".join((c.message, c.witness, *c.timeline))
        if (c.location and abs(c.location.line - mutant.line) <= 1) or f"line {mutant.line}" in told:
            return True
    return False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--per-operator", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=1200)
    parser.add_argument("--out", type=Path, default=Path("mutants.tsv"))
    parser.add_argument("--programs", default="", help="names that begin like this")
    asked = parser.parse_args()
    chance, end = random.Random(asked.seed), time.monotonic() + asked.seconds
    words: Counter[str] = Counter()
    named = 0
    with asked.out.open("w") as out:
        chosen = [p for p in programs() if p.name.startswith(asked.programs)]
        chance.shuffle(chosen)
        for program in chosen:
            if time.monotonic() > end:
                break
            try:
                bench = Bench(program.name, program.text)
            except Exception as error:  # what is not translated has no mutants
                print(f"{program.name}: {type(error).__name__}", file=sys.stderr)
                continue
            for mutant in bench.mutants(chance, asked.per_operator):
                if time.monotonic() > end:
                    break
                j = bench.judged(mutant)
                words[j.word] += 1
                named += j.named
                row = (j.program, mutant.operator, mutant.line, j.word, int(j.named), mutant.about, j.told)
                print(*row, sep="\t", file=out, flush=True)
    print(dict(words), f"{named} of the refuted named", file=sys.stderr)


if __name__ == "__main__":
    main()
