"""Random programs through the whole job: translated, accepted by the gate, run beside the sequential program.

`python tests/fuzz.py --seed 1 --programs 2000 --seconds 3600 --out fuzz.tsv` goes on until one of the two is used up;
each line is one program: what became of it, and why. What is wrong is kept beside the table as `fuzz-SEED.c`.
Every fifth program is of the kind that the model learns from, the others are of `nests`.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from comparing import difference
from nests.program import random_nest
from resizing import with_size
from running import BuildFailure, Hang, compile_c, run_ranks, run_sequential

from chatmpi.analysis.diagnostics import ChatmpiError, NothingDistributed, Refuted
from chatmpi.analysis.parse import ParseOptions
from chatmpi.analysis.source import Source
from chatmpi.model.dataset.random_programs import random_program
from chatmpi.translate import Translation, translate
from chatmpi.verify.gate import simulated_verdict

PLAIN = ("-std=c11", "-O0")
CLEAN = ("-std=c11", "-O0", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
_SETTINGS = {"MALLOC_PERTURB_": "165", "OMPI_MCA_mpi_yield_when_idle": "1"}  # memory that nobody wrote is not zero
_SIZES = (1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 13, 16)
_RANKS = (2, 3, 3, 4, 4, 5, 7)
_TOLERANCE, _COARSE = 1e-9, 1e-3
_UNKNOWN = "cannot be verified"


@dataclass(frozen=True)
class Trial:
    """Sizes, and how many ranks run at them."""

    sizes: tuple[tuple[str, int], ...]
    ranks: int

    def __str__(self) -> str:
        return f"{self.ranks} ranks, {', '.join(f'{n}={v}' for n, v in self.sizes)}"


@dataclass(frozen=True)
class Outcome:
    """`word`: the gate's; or "refused" with the reason, "not clean" where the program itself is at fault, and
    "WRONG", "DISAGREES" (proof and simulation), "TRIED" (a plan was made that the gate refuted), "CRASH"."""

    word: str
    why: str = ""


def program_of(seed: int) -> str:
    return random_program(seed) if seed % 5 == 0 else random_nest(seed)


def trials_of(seed: int, text: str) -> list[Trial]:
    """Fewer elements than ranks, or about as many, and more."""
    rng = random.Random(seed)
    names = [line.split()[1] for line in text.splitlines() if line.startswith("#define")]
    small = tuple((n, rng.choice(_SIZES[:6])) for n in names)
    large = tuple((n, rng.choice(_SIZES[5:])) for n in names)
    return [Trial(small, rng.choice(_RANKS)), Trial(large, rng.choice(_RANKS))]


def resized(text: str, trial: Trial) -> str:
    for name, value in trial.sizes:
        text = with_size(text, name, value)
    return text


def judged(seed: int, folder: Path, simulating: bool) -> Outcome:
    """One program; `simulating`: what is proved is simulated too."""
    text = program_of(seed)
    trials = trials_of(seed, text)
    try:
        made = translate(Source.from_str(f"p{seed}.c", text))
    except Refuted as error:
        return Outcome("TRIED", error.diagnostics[0].message)
    except NothingDistributed as error:
        return Outcome("refused", error.diagnostics[0].message)
    if "_Static_assert" in made.source.text:  # it is for its own sizes only
        trials = [Trial((), t.ranks) for t in trials]
    for trial in trials:
        if wrong := differs(made, trial, folder):
            unclean = not_clean(text, trial, folder)
            return Outcome("not clean", unclean) if unclean else Outcome("WRONG", f"{trial}: {wrong}")
    notes = [n for n in made.plan.notes if "was tried first" in n and _UNKNOWN not in n]
    if notes:
        return Outcome("TRIED", notes[0])
    if simulating and made.verdict.word == "PROVED":
        simulated = simulated_verdict(made.sequential, made.source, ParseOptions())
        if simulated.counterexamples:
            return Outcome("DISAGREES", simulated.counterexamples[0].message)
    return Outcome(made.verdict.word)


def differs(made: Translation, trial: Trial, folder: Path) -> str:
    """How a real run differs from the sequential one; empty if it does not."""
    text = resized(made.sequential.shown, trial)
    tolerance = _COARSE if "float " in text else _TOLERANCE
    alone = run_sequential(compile_c(text, folder, mpi=False, flags=PLAIN), settings=_SETTINGS)
    try:
        parallel = compile_c(resized(made.source.shown, trial), folder, mpi=True, flags=PLAIN)
        ran = run_ranks(parallel, trial.ranks, settings=_SETTINGS)
    except (BuildFailure, Hang) as error:
        return _line(str(error))
    if ran.status != alone.status:
        return _line(ran.stderr) or f"status {ran.status}"
    return difference(alone.stdout, ran.stdout, tolerance) or ""


def not_clean(text: str, trial: Trial, folder: Path) -> str:
    """What the sequential program itself does that C does not define; empty if nothing."""
    alone = run_sequential(compile_c(resized(text, trial), folder, mpi=False, flags=CLEAN), settings=_SETTINGS)
    return f"{trial}: {_line(alone.stderr)}" if alone.status != 0 else ""


def _line(text: str) -> str:
    said = [line for line in text.splitlines() if "error" in line.lower()] or text.splitlines()
    return said[0][:200] if said else ""


def outcome_of(seed: int, folder: Path, simulating: bool) -> Outcome:
    try:
        return judged(seed, folder, simulating)
    except ChatmpiError as error:
        return Outcome("refused", error.diagnostics[0].message)
    except Exception as error:  # whatever else is raised is a fault that is looked for
        return Outcome("CRASH", f"{type(error).__name__}: {error}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--programs", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=3600)
    parser.add_argument("--simulate", type=int, default=3, help="simulate each k-th proved program too; 0: none")
    parser.add_argument("--out", type=Path, default=Path("fuzz.tsv"))
    asked = parser.parse_args()
    words: Counter[str] = Counter()
    end = time.monotonic() + asked.seconds
    with asked.out.open("a") as out:
        for seed in range(asked.seed, asked.seed + asked.programs):
            if time.monotonic() > end:
                break
            begin = time.process_time()
            with tempfile.TemporaryDirectory() as folder:
                found = outcome_of(seed, Path(folder), asked.simulate > 0 and seed % asked.simulate == 0)
            words[found.word] += 1
            row = (seed, found.word, f"{time.process_time() - begin:.1f}", " ".join(found.why.split())[:300])
            print(*row, sep="\t", file=out, flush=True)
            if found.word.isupper() and found.word not in ("PROVED", "CHECKED"):
                asked.out.with_name(f"{asked.out.stem}-{seed}.c").write_text(program_of(seed))
    print(dict(words))


if __name__ == "__main__":
    main()
