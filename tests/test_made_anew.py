"""Work space that a loop allocates in each iteration is an array like others, if its size stays the same."""

from __future__ import annotations

import pytest
from deciding import array, facts_of, plan_of

STEP = """
int n = atoi(argv[1]); double *u = malloc(n * sizeof *u);
for (int i = 0; i < n; i++) u[i] = i %% 7;
for (int t = 0; t < 9; t++) {
    int m = n%s;
    double *w = %s;
    for (int i = 0; i < n; i++) w[i] = 2 * u[i];
    for (int i = 0; i < n; i++) u[i] = w[i] + 1;
    free(w);
}
double s = 0; for (int i = 0; i < n; i++) s += u[i];
printf("%%g", s);
"""


def tracked(code: str) -> bool:
    facts = facts_of(code)
    return any(s.name == "w" for s in facts.arrays.allocations)


@pytest.mark.parametrize("call", ["malloc(n * sizeof *w)", "malloc(m * sizeof(double))", "calloc(m, sizeof *w)"])
def test_it_is_divided(call: str) -> None:
    code = STEP % ("", call)
    assert tracked(code)
    plan = plan_of(code)
    assert array(plan, "w").partition == array(plan, "u").partition is not None
    assert plan.communications[-1].kind == "reduce"


@pytest.mark.parametrize("more", [" + t", "; m += t", "; if (t > 3) m = 2 * n", " + rand() % 3"])
def test_its_size_stays_the_same(more: str) -> None:
    assert not tracked(STEP % (more, "malloc(m * sizeof *w)"))


def test_it_is_not_exchanged_with_what_lasts() -> None:
    code = STEP % ("", "malloc(n * sizeof *w)")
    assert not tracked(code.replace("free(w);", "double *v = u; u = w; w = v; free(w);"))


SUMS = """
int n = atoi(argv[1]), k = 5;
double *x = malloc(n * sizeof *x), *c = calloc(k, sizeof *c); int *b = malloc(n * sizeof *b);
for (int i = 0; i < n; i++) { x[i] = i; b[i] = i * i %% k; }
for (int t = 0; t < 9; t++) {
    double *w = calloc(k, sizeof *w);
    %s
    for (int j = 0; j < k; j++) c[j] += w[j];
    %s
}
printf("%%g", c[0]);
"""
ADD = "for (int i = 0; i < n; i++) for (int j = 0; j < n; j++) w[b[i]] += x[i] * x[j];"


def test_ranks_add_to_copies_of_it() -> None:
    plan = plan_of(SUMS % (ADD, "free(w);"))
    assert "w" in {r.variable for x in plan.loops for r in x.reductions}


def test_it_must_be_there_where_they_add() -> None:
    plan = plan_of(SUMS % (f"if (t == 3) {{ free(w); w = NULL; }} else {{ {ADD} }}", "free(w);"))
    assert "w" not in {r.variable for x in plan.loops for r in x.reductions}


def test_short_rows_are_long_enough() -> None:
    """A row needs no more elements than the subscripts say: three for the third."""
    facts = facts_of(
        "enum { D = 3 }; int n = atoi(argv[1]), d = atoi(argv[2]); double *c = malloc(n * d * sizeof *c);\n"
        "for (int i = 0; i < n; i++) for (int l = 0; l < d; l++) c[i*d + l] = i;\n"
        'for (int i = 0; i < n; i++) printf("%g", c[i*d + 2]);'
    )
    (shape,) = facts.shapes.values()
    assert [least for _, least in shape.assumed] == [3]
