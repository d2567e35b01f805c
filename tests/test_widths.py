"""Numbers that are wider in the program than the variables that they are computed from."""

from __future__ import annotations

from pathlib import Path

import pytest
from alike import assert_alike
from deciding import HEAD

from chatmpi.analysis.source import Source
from chatmpi.translate import translate

SMOOTHED = """static double quantile(const double *a, long n, long p) { return a[n * p / 100000]; }
int main(int argc, char **argv) {
  int n = argc > 1 ? atoi(argv[1]) : 60000;
  double *a = malloc(n*sizeof *a), *b = malloc(n*sizeof *b);
  for (int i = 0; i < n; i++) a[i] = 0.5*i;
  for (int t = 0; t < 5; t++) {
    for (int i = 1; i < n - 1; i++) b[i] = 0.5*(a[i - 1] + a[i + 1]);
    for (int i = 1; i < n - 1; i++) a[i] = b[i];
  }
  printf("%.9g\\n", READ);
  free(a); free(b);
  return 0;
}
"""


@pytest.mark.parametrize("read", ["a[(long)n*95000/100000]", "a[n*95000L/100000]", "quantile(a, n, 95000)"])
def test_an_element_whose_number_is_computed_in_64_bits(read: str, executables: Path) -> None:
    code = HEAD + SMOOTHED.replace("READ", read)
    text = translate(Source.from_str("p.c", code)).source.shown
    assert "MPI_Bcast(&a_copy, 1" in text
    assert_alike(code, text, executables)


SQUARE = """int main(int argc, char **argv) {
  int n = argc > 1 ? atoi(argv[1]) : 40;
  BEFORE
  double *a = malloc((COUNT)*sizeof *a), s = 0;
  for (long k = 0; k < COUNT; k++) a[k] = k % 7;
  for (long k = 0; k < COUNT; k++) s += a[k];
  printf("%g\\n", s);
  free(a);
  return 0;
}
"""


@pytest.mark.parametrize(
    ("before", "count", "extent"),
    [
        ("", "(size_t)n*n", "(long)n*n"),
        ("", "((long)n - 1)*(n + 1)", "(long)n*n - 1"),
        ("long wide = n;", "wide*n", "(long)n*n"),
        ("long count = 3L*n;", "count", "3*(long)n"),
        ("long wide = atoi(argv[0]);", "wide*n*n", "(long)n*n*wide"),
        ("int m = atoi(argv[0]);", "(size_t)n + m", "(long)m + n"),
        ("", "(size_t)n", "n"),  # no product, none of 64 bits in the program
    ],
)
def test_an_extent_that_is_computed_in_64_bits(before: str, count: str, extent: str) -> None:
    code = HEAD + SQUARE.replace("BEFORE", before).replace("COUNT", count)
    text = translate(Source.from_str("p.c", code)).source.shown
    assert f"= block_begin({extent}, rank, size)" in text


def test_an_extent_that_is_computed_in_32_bits_stays_so() -> None:
    code = HEAD + SQUARE.replace("BEFORE", "").replace("COUNT", "n*n").replace("long k", "int k")
    assert "= block_begin(n*n, rank, size)" in translate(Source.from_str("p.c", code)).source.shown
