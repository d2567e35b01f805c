"""Unsigned counters that run up to a last value, which in a block without iterations would be -1, or downwards; and
steps downwards."""

from __future__ import annotations

from pathlib import Path

import pytest
from alike import assert_alike
from deciding import HEAD, facts_of, plan_of

from chatmpi.analysis.source import Source
from chatmpi.generate.from_template import generate
from chatmpi.plan.decide import decide
from chatmpi.translate import translate

PROGRAM = (
    HEAD + "int main(int argc, char **argv) { (void)argv; const unsigned n = 2 + 3*argc, m = n / 2;\n"
    "int *a = malloc((n + 1) * sizeof *a); unsigned i; long s = 0;\n"
    "for (i = 0; i <= n; i++) a[i] = (int)i + 1;\n"
    "for (%s) a[i] += 100;\n"
    "for (i = 0; i <= n; i++) s += (long)(i + 1) * a[i];\n"
    'for (i = 0; i <= n; ++i) printf("%%d\\n", a[i]);\n'
    'printf("%%ld\\n", s); free(a); return 0; }\n'
)


@pytest.mark.parametrize("header", ["i = 0; i <= m; i++", "i = 1; m >= i; i++", "i = 0; i <= n; i++"])
def test_ranks_beyond_the_last_value_run_nothing(header: str, executables: Path) -> None:
    facts = facts_of(PROGRAM % header)
    plan = decide(facts)
    assert [x.treatment for x in plan.loops][1] == "distributed"
    assert_alike(facts.program.source.shown, generate(facts, plan).shown, executables, ranks=(3, 7))


@pytest.mark.parametrize(
    "header",
    [
        "size_t k = n; k > 0; k--",
        "size_t k = n; k >= 1; k--",
        "size_t k = n; k != 0; --k",
    ],
)
def test_a_part_of_a_loop_that_runs_downwards_runs_upwards(header: str) -> None:
    code = "double *a = malloc(n*sizeof(double)), s = 0;\n"
    code += f'for ({header}) a[k - 1] = k;\nfor ({header}) s += a[k - 1]*k;\nprintf("%g\\n", s);\n'
    made = translate(Source.from_str("down.c", f"{HEAD}int main(int n, char **v) {{\n{code}return 0;\n}}\n"))
    assert "k = 1; k < k_end; k++) a[k - 1] = k + my_offset;" in made.source.text
    assert made.verdict.word == "PROVED"


def test_a_loop_that_runs_downwards_in_order_stays_whole() -> None:
    found = plan_of('double a[N], s = 0; for (size_t k = N; k > 0; k--) { s += k; a[k - 1] = s; } printf("%g", a[3]);')
    assert all(x.treatment != "distributed" for x in found.loops)


@pytest.mark.parametrize(
    ("loop", "counted"),
    [
        ("for (size_t i = n - 1; i > 0; i--) a[i] = 1;", True),  # from 2^64 - 1 it would not end
        ("for (unsigned int i = n - 1; i > 0; i--) a[i] = 1;", False),
        ("for (size_t i = n - 1; i > 0; i--) { if (i > 99) exit(1); a[i] = 1; }", False),
        ("for (size_t i = n - 1; i > 0; i--) { if (i > 99) break; a[i] = 1; }", False),
    ],
)
def test_a_counter_does_not_begin_where_it_would_never_end(loop: str, counted: bool) -> None:
    facts = facts_of(f"{HEAD}int main(int n, char **v) {{ double a[N]; {loop} return 0; }}")
    (info,) = facts.loops.values()
    assert (info.counted is not None) == counted


def test_steps_downwards_begin_with_the_last_of_a_part() -> None:
    code = "double *u = malloc(n*sizeof(double));\nfor (int i = n - 1; i >= 0; i--) u[i] = i;\n"
    code += "for (int t = 0; t < 9; t++) {\n"
    code += "for (int i = n - 2; i > 0; i -= 2) u[i] = 0.5*(u[i - 1] + u[i + 1]);\n"
    code += 'for (int i = n - 3; i > 0; i -= 2) u[i] = 0.5*(u[i - 1] + u[i + 1]);\n}\nprintf("%g\\n", u[n / 2]);\n'
    made = translate(Source.from_str("steps.c", f"{HEAD}int main(int n, char **v) {{\n{code}return 0;\n}}\n"))
    assert "const int i_begin = last_step(n - 2, my_end - 1, 2) - my_offset;" in made.source.text
    assert "for (int i = i_begin; i > i_end; i -= 2)" in made.source.text
    assert made.verdict.word == "PROVED"


WALKS = """
int main(int argc, char **argv) {
    (void)argv;
    const unsigned n = 20 + 3 * (unsigned)argc;
    double *a = malloc(n * sizeof *a), *b = malloc(n * sizeof *b), s = 0;
    double *p = a, *q = b;
    for (size_t i = 0; i < n; i++) *p++ = (double)i;
    size_t left = n;
    p = a;
    while (left-- > 0) *q++ = 2 * *p++;
    unsigned k = 0;
    for (unsigned i = 0; i < n; i++) a[k++] += b[i];
    long j = 0;
    for (size_t i = 0; i < n; i++) { s += a[j] * b[i]; j++; }
    printf("%g %ld %u\\n", s, j, k);
    free(a);
    free(b);
    return 0;
}
"""


def test_what_walks_beside_unsigned_counters_is_divided(executables: Path) -> None:
    made = translate(Source.from_str("walks.c", HEAD + WALKS))
    assert {a.name for a in made.plan.arrays if a.partition} == {"a", "b"}
    assert [x.treatment for x in made.plan.loops] == 4 * ["distributed"]
    assert_alike(HEAD + WALKS, made.source.text, executables, ranks=(3, 7))
