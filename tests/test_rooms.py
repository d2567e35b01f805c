"""Allocations that ask for one element at least, or for some bytes more, have room for what the program uses."""

from __future__ import annotations

import pytest
from deciding import HEAD, array, facts_of, plan_of

from chatmpi.analysis.calls.specialise import read_program
from chatmpi.analysis.facts import analyze
from chatmpi.analysis.source import Source
from chatmpi.generate.from_template import generate
from chatmpi.plan.decide import decide

CODE = """
int main(int argc, char **argv) {
  int n = atoi(argv[1]);
  double *a = SIZE, s = 0;
  for (int t = 0; t < 99; t++) for (int i = 0; i < n; i++) a[i] = sin(a[i] + i);
  for (int i = 0; i < n; i++) s += a[i];
  USE
  printf("%g\\n", s);
}
"""


@pytest.mark.parametrize(
    ("size", "known"),
    [
        ("calloc(n ? n : 1, sizeof *a)", True),
        ("calloc(n > 0 ? n : 1, sizeof *a)", True),
        ("calloc(n == 0 ? 1 : n, sizeof *a)", True),
        ("malloc((n > 1 ? n : 1) * sizeof *a)", True),
        ("malloc(n * sizeof *a + 1)", True),
        ("malloc(n * sizeof *a + 8)", False),  # room for another one
        ("calloc(n > 5 ? n : 1, sizeof *a)", False),
        ("calloc(argc ? n : 1, sizeof *a)", False),
        ("calloc(n ? n : 2, sizeof *a)", False),
    ],
)
def test_the_size_that_is_needed_is_known(size: str, known: bool) -> None:
    extents = facts_of(HEAD + CODE.replace("SIZE", size).replace("USE", "")).extents
    assert any(s.name == "a" for s in extents) == known


@pytest.mark.parametrize("use", ["s += a[0];", "a[n - 1] = 2;", "memset(a, 0, 8);", "if (s > 0) s = *a;"])
def test_an_element_that_may_be_used_where_there_is_none_makes_the_size_unknown(use: str) -> None:
    code = "#include <string.h>\n" + HEAD + CODE.replace("USE", use)
    assert array(plan_of(code.replace("SIZE", "calloc(n ? n : 1, sizeof *a)")), "a").partition is None
    assert any(s.name == "a" for s in facts_of(code.replace("SIZE", "calloc(n, sizeof *a)")).extents)


def test_a_size_is_changed_where_it_is_said_first() -> None:
    own = """static void *xmalloc(size_t bytes) {
  void *p = malloc(bytes ? bytes : 1);
  if (!p) { fprintf(stderr, "no memory\\n"); exit(1); }
  return p;
}
"""
    code = HEAD + own + CODE.replace("SIZE", "xmalloc(n * sizeof *a)").replace("USE", "")
    facts = analyze(read_program(Source.from_str("rooms.c", code)))
    assert facts is not None
    text = generate(facts, decide(facts)).text
    assert "malloc(bytes ? bytes : 1)" in text
    assert "= xmalloc((my_count + 1) * sizeof *a)" in text  # never empty: the function takes NULL for a failure
