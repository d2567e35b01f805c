"""Numbers in a candidate that stand for a size are found, though no smaller size tells."""

from __future__ import annotations

import pytest

from chatmpi.analysis.source import Source
from chatmpi.translate import Translation, check_candidate, translate

PROGRAM = """#include <stdio.h>
#define N 300
static double a[N], b[N];
int main(void) {
    for (int i = 0; i < N; i++) a[i] = i * 0.5;
    for (int i = 1; i < N - 1; i++) b[i] = a[i - 1] + a[i + 1];
    double s = 300;
    for (int i = 0; i < N; i++) s += b[i];
    printf("%g\\n", s);
    return 0;
}
"""


@pytest.fixture(scope="module")
def translation() -> Translation:
    return translate(Source.from_str("a.c", PROGRAM))


@pytest.mark.parametrize(
    ("before", "after", "word"),
    [
        ("i < my_count + 1; i++) s +=", "i < smaller(N, my_end) - my_offset; i++) s +=", "PROVED"),
        ("i < my_count + 1; i++) s +=", "i < smaller(300, my_end) - my_offset; i++) s +=", "UNKNOWN"),
        ("calloc(my_count", "calloc(300", "UNKNOWN"),
        ("MPI_SUM, 0,", "MPI_SUM, 300 - 300,", "CHECKED"),
    ],
)
def test_a_number_for_a_size(translation: Translation, before: str, after: str, word: str) -> None:
    text = translation.source.shown
    assert before in text
    verdict = check_candidate(translation, Source.from_str("a_mpi.c", text.replace(before, after)))
    assert verdict.word == word
    assert (word != "UNKNOWN") or "stands for N" in verdict.undecided[0]
