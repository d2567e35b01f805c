"""Variables that are declared together, before and after they are declared one by one."""

from __future__ import annotations

import pytest
from deciding import HEAD, exchanged

from chatmpi.analysis.calls.specialise import read_program
from chatmpi.analysis.facts import analyze
from chatmpi.analysis.parse import ParseOptions, parse
from chatmpi.analysis.restyle.declared_apart import declared_apart
from chatmpi.analysis.source import Source, edited
from chatmpi.plan.decide import decide

NORM = "static double norm(int n, const double *a) { double s = 0; for (int i = 0; i < n; i++) s += a[i]; return s; }\n"
MAIN = "int main(int argc, char **argv) { int n = argc + 40; double *a = malloc(n*sizeof *a);\n%s\nreturn 0; }\n"
PARTED = [
    ("double first = a[0], s = norm(n, a);", "double first = a[0];\ndouble s = norm(n, a);"),
    ("double s = norm(n, a), last = a[n - 1], t;", "double s = norm(n, a);\ndouble last = a[n - 1], t;"),
    ("const double s = norm(n, a),\n  t = norm(2, a);", "const double s = norm(n, a);\nconst double t = norm(2, a);"),
    # nothing else happens there, a comment stands between, a type is defined
    ("double s = norm(n, a), t = 0, *u;", None),
    ("double first = a[0], /* the first */ s = norm(n, a);", None),
    ("struct { double x; } p = {a[0]}, q = {norm(n, a)};", None),
]


@pytest.mark.parametrize(("before", "after"), PARTED)
def test_what_a_function_computes_is_declared_apart(before: str, after: str | None) -> None:
    code = HEAD + NORM + MAIN
    read = parse(Source.from_str("p.c", code % before), ParseOptions())
    assert edited(read.source, declared_apart(read)).text == code % (after or before)


SWAPPED = """static double *evolve(int n) {
  double *now = calloc(n, sizeof *now), *then = calloc(n, sizeof *then);
  for (int t = 0; t < 4; t++) {
    for (int i = 1; i < n; i++) then[i] = 0.5*now[i - 1] + i;
    double *swap = now; now = then; then = swap;
  }
  free(then);
  return now;
}
"""


def test_one_of_two_exchanged_arrays_is_returned() -> None:
    show = 'double *u = evolve(n), s = 0; for (int i = 0; i < n; i++) s += u[i]; printf("%g\\n", s); free(u); free(a);'
    facts = analyze(read_program(Source.from_str("p.c", HEAD + SWAPPED + MAIN % show)))
    assert facts is not None
    assert facts.arrays.is_tracked(next(s for s in facts.arrays.declared if s.name == "u"))
    assert exchanged(decide(facts)) == ["halo u", "reduce s"]
