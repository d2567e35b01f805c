"""Definitions that are small themselves, and large to a power: told, and made small where the time else ends."""

from __future__ import annotations

import textwrap

import pytest

from chatmpi.analysis.parse import ParseOptions, parse
from chatmpi.analysis.source import Source
from chatmpi.verify import gate
from chatmpi.verify.simulate.powers import rooted
from chatmpi.verify.simulate.simulation import simulate
from chatmpi.verify.simulate.small_sizes import choose
from chatmpi.verify.simulate.trials import Wanted, trials

OPTIONS = ParseOptions()
BINS = "#define BINS 40\nstatic int bin[BINS];\n"
LOOPS = "for (int i = 0; i < {0}; i++) x[i] = i; for (int b = 0; b < BINS; b++) bin[b] = b; return x[0] + bin[0];"


def program(text: str) -> Source:
    return Source.from_str("x.c", textwrap.dedent(text))


@pytest.mark.parametrize(
    ("made", "bound", "powers"),
    [
        ("#define K 5\n#define N (K * K * K)\nstatic int x[N];", "N", (("K", 3),)),
        ("enum { K = 5 };\nstatic int x[K * K];", "K * K", (("K", 2),)),
        ("int *x;", "n", (("k", 2),)),
        ("#define K 5\nstatic int x[8 * K];", "8 * K", ()),  # no power
        ("#define K 12\n#define N (K * K)\nstatic int x[N];", "N", ()),  # a size
    ],
)
def test_the_power_of_a_small_definition_is_told(made: str, bound: str, powers: tuple[tuple[str, int], ...]) -> None:
    start = "int k = 6, n = k * k; x = malloc(n * sizeof *x);" if bound == "n" else ""
    text = f"#include <stdlib.h>\n{BINS}{made}\nint main(void) {{ {start} {LOOPS.format(bound)} }}"
    found = choose(parse(program(text), OPTIONS))
    assert found.powers == powers
    assert "BINS" in found.sizes


def test_what_is_made_of_it_is_about_a_size() -> None:
    assert [rooted({"n": n}, {"n": 3})["n"] for n in (1, 2, 4, 7, 11, 17, 30)] == [1, 1, 1, 2, 2, 2, 3]
    found = choose(parse(program(BINS + "#define K 5\nstatic int x[K * K];\nint main(void) { return 0; }"), OPTIONS))
    usual = [t.values[0] for t in trials(found, Wanted())]
    assert all("K" not in values for values in usual)
    small = [t.values[0] for t in trials(found.with_powers(), Wanted())]
    assert [values["K"] for values in small] == [3, 2, 3, 1, 4, 2]
    assert [{n: v for n, v in values.items() if n != "K"} for values in small] == usual


PAIRS = BINS + textwrap.dedent(
    """
    #include <stdio.h>
    #define K 6
    #define N (K * K * K)
    static double x[N];
    int main(void) {
        double s = 0.0;
        START
        for (int b = 0; b < BINS; b++) bin[b] = b;
        for (int i = 0; i < N; i++) x[i] = i;
        for (int i = FIRST; i < N; i += STEP) for (int j = 0; j < N; j++) s += x[i] * x[j];
        END
        return 0;
    }
    """
)
SEQUENTIAL = PAIRS.replace("START", "").replace("FIRST", "0").replace("STEP", "1")
SEQUENTIAL = SEQUENTIAL.replace("END", 'printf("%g %d\\n", s, bin[1]);')
PARALLEL = "#include <mpi.h>\n" + PAIRS.replace("START", "int r, p; double t = 0.0; MPI_Init(0, 0);"
    " MPI_Comm_rank(MPI_COMM_WORLD, &r); MPI_Comm_size(MPI_COMM_WORLD, &p);").replace("STEP", "p")  # fmt: skip
PARALLEL = PARALLEL.replace(
    "END",
    "MPI_Reduce(&s, &t, 1, MPI_DOUBLE, MPI_SUM, 0, MPI_COMM_WORLD);"
    ' if (r == 0) printf("%g %d\\n", t, bin[1]); MPI_Finalize();',
)


@pytest.mark.parametrize(("first", "word"), [("r", "CHECKED"), ("r < 2 ? r : r + p", "REFUTED")])
def test_it_is_made_small_where_the_time_else_ends(first: str, word: str) -> None:
    wanted = Wanted(seconds=0.6)
    candidate = program(PARALLEL.replace("FIRST", first))
    assert simulate(program(SEQUENTIAL), candidate, OPTIONS, wanted).result == "unknown"
    assert gate.simulated_verdict(program(SEQUENTIAL), candidate, OPTIONS, wanted).word == word


def test_it_stays_where_there_is_time() -> None:
    texts = SEQUENTIAL, PARALLEL.replace("FIRST", "r")
    before, after = (program(text.replace("K 6", "K 3")) for text in texts)
    found = gate.simulated_verdict(before, after, OPTIONS)
    assert found.word == "CHECKED"
    assert not any("K=" in str(check) for check in found.checks)
