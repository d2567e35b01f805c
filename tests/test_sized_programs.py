"""Programs at sizes at which they are not read: just what reading them would give, or else they are read."""

from __future__ import annotations

import re

import pytest

from chatmpi.analysis.parse import ParseOptions, parse
from chatmpi.analysis.source import Source
from chatmpi.analysis.tree import Program
from chatmpi.verify.simulate import sized_programs
from chatmpi.verify.simulate.sized_programs import SizedPrograms

_SPAN = re.compile(r"Span\(begin=-?\d+, end=-?\d+\)")

_ALIKE = """
#include <stdio.h>
#include <stdlib.h>
#define N 40
#define M 30
#define AT(i, j) ((i) * (M + 2) + (j))
static double a[(N + 2) * (M + 2)];
static double b[N][M], c[17];
static void sweep(double to[][M], const double *from) {
    for (int i = 1; i <= N; i++)
        for (int j = 1; j <= M; j++)
            to[i - 1][j - 1] = from[AT(i, j)] + (N > 16 ? 1.0 : 2.0);
}
int main(int argc, char **argv) {
    const int steps = argc > 1 ? atoi(argv[1]) : 25;
    double (*row)[M] = malloc(N * sizeof *row), line[M] = {0};
    for (int t = 0; t < steps; t++)
        sweep(b, a);
    printf("%g %g %d\\n", b[N / 2][M - 1], c[3] + row[0][0] + line[0], (int)sizeof line);
    return 0;
}
"""


def _told(program: Program) -> str:
    return _SPAN.sub("", repr((program.functions, program.globals, program.layouts, program.enumerators)))


def _family(
    text: str, sizes: list[dict[str, int]], monkeypatch: pytest.MonkeyPatch
) -> tuple[list[bool], list[Program], list[Program]]:
    """Whether the program was read at each size, what it was there, and what it is when it is read."""
    options = ParseOptions()
    programs = SizedPrograms(parse(Source.from_str("p.c", text), options), options)
    read: list[str] = []

    def reading(source: Source, options: ParseOptions) -> Program:
        read.append(source.text)
        return parse(source, options)

    monkeypatch.setattr(sized_programs, "parse", reading)
    found, really, was_read = [], [], []
    for values in sizes:
        source, before = programs.text(values), len(read)
        assert source is not None
        found.append(programs.at(source, values))
        was_read.append(len(read) > before)
        really.append(parse(source, options))
    return was_read, found, really


def _sizes(*values: int) -> list[dict[str, int]]:
    return [{"N": n, "M": n + 1, "steps": 3} for n in values]


def test_a_program_is_what_reading_would_give(monkeypatch: pytest.MonkeyPatch) -> None:
    was_read, found, really = _family(_ALIKE, _sizes(7, 4, 11, 1, 17, 2, 26), monkeypatch)
    assert was_read == [True] * 3 + [False] * 4
    assert list(map(_told, found)) == list(map(_told, really))


def test_sizes_that_come_in_other_proportions_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """`M` might be `N + 1` until it is not."""
    sizes = [*_sizes(7, 4, 11), {"N": 6, "M": 6, "steps": 3}, {"N": 9, "M": 2, "steps": 3}]
    was_read, found, really = _family(_ALIKE, sizes, monkeypatch)
    assert was_read == [True] * 4 + [False]
    assert list(map(_told, found)) == list(map(_told, really))


def test_what_a_size_means_is_not_known_while_it_stays_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    was_read, found, really = _family(_ALIKE, [*_sizes(7, 4, 11), {"N": 6, "M": 7, "steps": 4}], monkeypatch)
    assert was_read == [True] * 4
    assert list(map(_told, found)) == list(map(_told, really))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("static double b[N][M], c[17];", "static double b[N][M], c[N > 16 ? 16 : N];"),
        ("static double b[N][M], c[17];", "static double b[N][M], c[(N + 1) / 2 + 9];"),
        ("static double b[N][M], c[17];", "static double b[N][M]; struct line { double of[N]; } lines; double c[17];"),
        (
            "static double b[N][M], c[17];",
            "static double b[N][M], c[17]; enum { HALF = N > 20 ? 10 : N }; int half = HALF;",
        ),
        ("static double b[N][M], c[17];", "static double b[N][M], c[17]; static int part = 100 / (N + 1);"),
        ("const int steps", "int k = 0; switch (k) { case N: k = 1; }\n    const int steps"),
        ("#define M 30", "#define M 30\n#if N > 20\n#define MANY 1\n#endif"),
    ],
)
def test_where_the_compiler_may_decide_it_is_read(old: str, new: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert old in _ALIKE
    was_read, found, really = _family(_ALIKE.replace(old, new), _sizes(7, 4, 11, 9, 17, 23), monkeypatch)
    assert all(was_read)
    assert list(map(_told, found)) == list(map(_told, really))


def test_an_array_without_elements_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    text = _ALIKE.replace("c[17]", "c[N - 1]").replace("c[3]", "c[0]")
    was_read, _, _ = _family(text, _sizes(7, 4, 11, 5, 1), monkeypatch)
    assert was_read == [True] * 3 + [False, True]


def test_what_is_compared_is_not_taken_for_what_was_there_before() -> None:
    """Lists that are made for a comparison come to lie where others lay."""
    programs = tuple(parse(Source.from_str("p.c", f"enum {{ N = {n} }};\n"), ParseOptions()) for n in (7, 9))
    common = sized_programs._Common([{"N": 7}, {"N": 9}], programs)
    for k in range(50):
        assert common.of(tuple(tuple({"M": k}.items()) for _ in programs)) is None
        assert common.of(tuple(tuple({"N": n}.items()) for n in (7, 9))) is not None
