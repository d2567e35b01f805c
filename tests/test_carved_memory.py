"""Vectors that lie in one block of memory, before and after each has memory of its own."""

from __future__ import annotations

import pytest
from deciding import HEAD, array

from chatmpi.analysis.calls.specialise import read_program
from chatmpi.analysis.facts import analyze
from chatmpi.analysis.source import Source
from chatmpi.plan.decide import decide

FRAME = """static double dot(int n, const double *x, const double *y) {
  double s = 0;
  for (int i = 0; i < n; i++) s += x[i]*y[i];
  return s;
}
static double walk(const double *x) { double s = 0; for (int k = 0; k < 99; k++) s += *x++; return s; }
static double work(int n, const double *b) {
CARVED
  for (int i = 0; i < n; i++) { r[i] = b[i]; p[i] = USE; q[i] = 0; }
  for (int t = 0; t < 3; t++) for (int i = 0; i < n; i++) q[i] += r[i]*p[i];
  double s = dot(n, q, r) + dot(n, p, r);
FREED
  return s;
}
int main(int argc, char **argv) {
  int n = 40 + argc;
  double *b = malloc(n*sizeof *b);
  for (int i = 0; i < n; i++) b[i] = i % 3;
  printf("%g\\n", work(n, b));
  return 0;
}
"""
CARVED = "double *buf = malloc(3*n*sizeof(double)); double *r = buf, *p = r + n, *q = p + n;"
APART = [
    (CARVED, "free(buf);"),
    ("double *r = malloc(3*(size_t)n*sizeof *r), *p = r + n, *q = &r[2*n];", "free(r);"),
    ("double *r = malloc(n*5*sizeof *r), *p, *q; q = r + n; p = q + n;", "if (s > 1) free(r);"),
    ("double *r = calloc(3*n, sizeof *r); if (!r) exit(1); double *p = r + 2*n, *q = r + n;", "free(r);"),
]
TOGETHER = [  # one reaches into another, a part is shorter, a pointer moves on, the block is too small, another use
    (CARVED, "r[n] = 1; free(buf);"),
    (CARVED.replace("*q = p + n", "*q = p + n - 1"), "free(buf);"),
    (CARVED, "for (int k = 0; k < 9; k++) { double *row = r + k*n; s += row[3]; } free(buf);"),
    (CARVED, "s += walk(p); free(buf);"),
    (CARVED, "p++; s += p[0]; free(buf);"),
    (CARVED.replace("3*n", "2*n"), "free(buf);"),
    (CARVED, "s += p - r; free(buf);"),
    (CARVED, "free(buf); buf = NULL;"),
    (CARVED.replace("double *r", "if (n > 90) n = n - 1; double *r"), "free(buf);"),  # n of the block is another
    (CARVED.replace("double *r", "if (n > 90) { free(buf); exit(1); } double *r"), ""),
]


def read(carved: str, freed: str, use: str = "1") -> str:
    code = HEAD + FRAME.replace("CARVED", carved).replace("FREED", freed).replace("USE", use)
    return read_program(Source.from_str("p.c", code)).source.text


@pytest.mark.parametrize(("carved", "freed"), APART)
def test_vectors_in_one_block_have_memory_of_their_own(carved: str, freed: str) -> None:
    code = HEAD + FRAME.replace("CARVED", carved).replace("FREED", freed).replace("USE", "i")
    program = read_program(Source.from_str("p.c", code))
    facts = analyze(program)
    assert facts is not None
    plan = decide(facts)
    assert all(array(plan, f"work::{name}").partition for name in ("p", "q"))
    assert "free(p); free(q);" in program.source.text or "free(q); free(p);" in program.source.text


@pytest.mark.parametrize(("carved", "freed"), TOGETHER)
def test_what_may_reach_another_part_stays_in_one_block(carved: str, freed: str) -> None:
    assert "free(p)" not in read(carved, freed)
    assert "*p = malloc" not in read(carved, freed)


def test_statements_that_only_sometimes_free_are_kept_together() -> None:
    assert "if (s > 1) { free(r); free(q); free(p); }" in read(*APART[2])


def test_each_part_is_tested_where_the_block_is() -> None:
    assert "if (!p || !q) exit(1);" in read(*APART[3])
