"""A few of the mutants of the campaign in `mutation`: each is refuted, or is known to do the same."""

from __future__ import annotations

import csv
import random
from pathlib import Path

import pytest
from mutation.bench import of_baseline
from mutation.subject import OPERATORS, Mutant

from chatmpi.analysis.parse import ParseOptions
from chatmpi.analysis.source import Source
from chatmpi.verify.gate import simulated_verdict
from chatmpi.verify.simulate.trials import Wanted

SURVIVORS = Path(__file__).parent / "mutation" / "survivors.tsv"


def survivors() -> dict[tuple[str, ...], str]:
    """Mutants that do the same, each with the reason."""
    with SURVIVORS.open() as file:
        _, *rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
    return {(program, operator, line, about): why for program, operator, line, about, why in rows}


def test_there_are_enough_operators() -> None:
    assert len(OPERATORS) >= 25


def test_each_survivor_has_a_reason() -> None:
    assert all(survivors().values())


@pytest.mark.parametrize("name", ["prefix_scan", "nearest_operation"])
def test_mutants_are_refuted(name: str) -> None:
    bench, chance, known = of_baseline(name), random.Random(7), survivors()

    def key(m: Mutant) -> tuple[str, ...]:
        return bench.name, m.operator, str(m.line), m.about

    made = [m for m in bench.mutants(chance, 1) if key(m) not in known]
    for mutant in chance.sample(made, 5):
        judged = bench.judged(mutant)
        assert judged.word == "REFUTED", judged


def test_an_operation_is_tried_on_any_two_ranks() -> None:
    """Only where two ranks have no element are their values the same."""
    bench = of_baseline("nearest_operation")
    other = bench.candidate.shown.replace("a[k].index < b[k].index", "a[k].index < b[k + 1].index")
    mutant = Mutant("subscript + 1", 17, "", Source.from_str("other.c", other))
    assert bench.judged(mutant).word == "REFUTED"


def test_a_fault_in_the_definition_of_a_size_is_not_hidden() -> None:
    """The simulation makes sizes small by writing others in both programs."""
    bench = of_baseline("prefix_scan")
    other = bench.candidate.shown.replace("#define N ", "#define N 1")
    assert other != bench.candidate.shown
    mutant = Mutant("another size", 1, "", Source.from_str("other.c", other))
    assert bench.judged(mutant).word == "REFUTED"


@pytest.mark.parametrize(
    ("loop", "word", "said"),
    [
        ("while (size == 1)\n    ;", "REFUTED", "rank 0: a loop never ends"),
        ("for (unsigned k = 0; size == 1; k++)\n    ;", "UNKNOWN", "does not end"),  # it is another state each time
    ],
)
def test_a_candidate_that_never_ends_is_not_accepted(loop: str, word: str, said: str) -> None:
    bench = of_baseline("prefix_scan")
    text = bench.candidate.shown.replace("  MPI_Finalize();", f"  {loop}\n  MPI_Finalize();")
    verdict = simulated_verdict(
        bench.sequential, Source.from_str("endless.c", text), ParseOptions(), Wanted(seconds=2.0)
    )
    assert verdict.word == word
    assert said in "".join((*verdict.undecided, *(c.message for c in verdict.counterexamples)))
