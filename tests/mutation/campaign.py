"""Judge many mutants: `python -m mutation.campaign --per-operator 1 --seconds 3600 --out mutants.tsv`, in `tests/`.

A line is a program, the operator, the line broken, the verdict, whether the counterexample names that line or what is
lacking, what real runs say (of what is not refuted), the text before and after, and what the verdict says.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from chatmpi.analysis.diagnostics import ChatmpiError
from mutation.bench import Bench, baselines, chosen, of_baseline, of_corpus
from mutation.subject import Mutant


def benches(chance: random.Random, number: int) -> Iterator[Bench]:
    """The baselines and translations by turns; what is not translated has no mutants."""
    makers = [partial(of_baseline, n) for n in baselines()] + [partial(of_corpus, p) for p in chosen(chance, number)]
    chance.shuffle(makers)
    for make in makers:
        try:
            yield make()
        except ChatmpiError as error:
            print(error.diagnostics[0].message, file=sys.stderr)


def _real(bench: Bench, mutant: Mutant, folder: Path) -> str:
    """What differs is run twice: a machine that is busy may end a run."""
    return (bench.runs_differ(mutant.source, folder) and bench.runs_differ(mutant.source, folder)) or "same"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--per-operator", type=int, default=1)
    parser.add_argument("--per-program", type=int, default=0, help="no more than so many of each; 0: all")
    parser.add_argument("--without", default="", help="programs that are left out, with commas")
    parser.add_argument("--translations", type=int, default=16)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=3600)
    parser.add_argument("--out", type=Path, default=Path("mutants.tsv"))
    asked = parser.parse_args()
    chance, end = random.Random(asked.seed), time.monotonic() + asked.seconds
    words: Counter[str] = Counter()
    with asked.out.open("w") as out, tempfile.TemporaryDirectory() as folder:
        for bench in benches(chance, asked.translations):
            if bench.name in asked.without.split(","):
                continue
            own = random.Random(f"{asked.seed} {bench.name}")  # the same, whatever is left out
            made = list(bench.mutants(own, asked.per_operator))
            for mutant in own.sample(made, min(asked.per_program or len(made), len(made))):
                if time.monotonic() > end:
                    break
                begin = time.process_time()
                j = bench.judged(mutant)
                taken = f"{time.process_time() - begin:.1f}"
                real = "" if j.word == "REFUTED" else _real(bench, mutant, Path(folder))
                differs = " differs" if real not in ("", "same") else ""
                words[f"{j.word} {j.named}{differs}"] += 1
                row = (j.program, mutant.operator, mutant.line, j.word, j.named, real, taken, mutant.about, j.told)
                print(*row, sep="\t", file=out, flush=True)
    print(dict(words))


if __name__ == "__main__":
    main()
