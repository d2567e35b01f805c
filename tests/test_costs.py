"""What the sizes that are reckoned with come to: counts stay counts, and what has no number is large."""

from __future__ import annotations

import pytest
from deciding import HEAD, array, loop_at, plan_of

from chatmpi.analysis.source import Source
from chatmpi.report.gain import gain_text
from chatmpi.translate import first_plan

BINS = """DEFINED
int main(int argc, char **argv) {
    int n = argc > 1 ? atoi(argv[1]) : 1000003, count[BINS] = {0};
    unsigned *key = malloc(n * sizeof *key);
    for (int i = 0; i < n; i++) key[i] = (unsigned)i * 2654435761u >> 8;
    for (int i = 0; i < n; i++) count[key[i] % BINS]++;
    for (int b = 0; b < BINS; b++) printf("%d\\n", count[b]);
    return 0;
}
"""
CENTRES = """double c[K], *x = malloc(n * sizeof *x); int *label = malloc(n * sizeof *label);
    for (int i = 0; i < n; i++) { x[i] = i % 91; label[i] = -1; }
    for (int k = 0; k < K; k++) c[k] = 2.0 * k;
    for (int t = 0; t < 20; t++) {
        double s[K] = {0};
        for (int i = 0; i < n; i++) {
            double best = 1e30; int arg = -1;
            for (int k = 0; k < K; k++) if (fabs(x[i] - c[k]) < best) { best = fabs(x[i] - c[k]); arg = k; }
            label[i] = arg; s[arg] += x[i];
        }
        for (int k = 0; k < K; k++) c[k] += s[k] / n;
    }
    for (int k = 0; k < K; k++) printf("%g %d\\n", c[k], label[k]); return 0; }
"""


@pytest.mark.parametrize("defined", ["#define BINS 32", "#define BINS 256", "enum { BINS = 40 };"])
def test_bins_are_few_beside_data_of_any_length(defined: str) -> None:
    plan = plan_of(HEAD + BINS.replace("DEFINED", defined))
    assert array(plan, "key").partition is not None
    assert loop_at(plan, "i", 1).treatment == "distributed"


def test_a_few_centres_are_not_divided_beside_points_whose_memory_is_not_followed() -> None:
    """One message for each point would be the price."""
    other = "int *old = malloc(n * sizeof *old); for (int i = 0; i < n; i++) old[i] = i;"
    lost = CENTRES.replace("for (int t", "if (argc > 1) { free(label); label = old; } for (int t")
    lost = lost.replace("double c[K], *x = malloc(n * sizeof *x)", "double c[K], *x = argc > 1 ? rows(n) : rows(9)")
    plan = plan_of(
        f"{HEAD}#define K 5\ndouble *rows(int n);\nint main(int argc, char **argv) {{ int n = 9 + argc; {other} {lost}"
    )
    assert array(plan, "c").partition is None
    assert all(c.kind not in {"locate", "allgather"} for c in plan.communications)


def test_a_helper_may_be_told_a_size_of_file_scope() -> None:
    code = (
        "static int n; static double *x;\n"
        "static double *room(int k) { double *p = malloc(k * sizeof *p); if (!p) exit(1); return p; }\n"
        "int main(int argc, char **argv) { n = argc > 1 ? atoi(argv[1]) : 900; x = room(n);\n"
        "for (int t = 0; t < 9; t++) for (int i = 0; i < n; i++) x[i] = sin(x[i] + i);\n"
        'printf("%g", x[3]); return 0; }\n'
    )
    plan = first_plan(Source.from_str("t.c", HEAD + code))
    assert array(plan, "x").dimensions[0].extent == "n"
    assert array(plan, "x").partition is not None


def test_bounds_by_remainders_and_quotients_have_sizes() -> None:
    plan = plan_of(
        "double a[N], s = 0; for (int i = 0; i < N; i++) a[i] = i;\n"
        "for (int i = 0; i < N; i++) for (int k = 0; k < 1 + i % 6; k++) s += k;\n"
        "for (int i = 1; i < N; i++) for (int k = 0; k < N / 2; k++) a[i] = a[i] + a[i - 1] * k;\n"
        'printf("%g %g", s, a[3]);'
    )
    assert plan.undivided is not None
    assert plan.undivided.share > 0.9  # the last loop has N*N/2 iterations, the second 4*N


RECURRENCE = (
    "double a[N], s = 0; for (int i = 0; i < N; i++) a[i] = i;\n"
    "for (int t = 0; t < 500; t++) { for (int i = 1; i < N; i++) a[i] = sin(a[i - 1]) + a[i]; OTHER }\n"
    'for (int i = 0; i < N; i++) s += a[i]; printf("%g", s);'
)


def test_what_every_rank_does_whole_is_said_with_the_loop_that_it_is_in() -> None:
    plan = plan_of(RECURRENCE.replace("OTHER", ""))
    assert gain_text(plan) == (
        "nearly all of the work stays whole on every rank: expect no speed-up; "
        "most of it is in the loop of line 8 ('a[i - 1]' reads what 'a[i]' writes in an earlier iteration)"
    )


def test_half_of_the_work_whole_is_half_of_the_gain() -> None:
    plan = plan_of(RECURRENCE.replace("OTHER", "for (int i = 0; i < N; i++) s += sin(i) * cos(i) + sin(2 * i);"))
    assert "stays whole" in gain_text(plan)
    assert "a speed-up of at most" in gain_text(plan)


def test_nothing_is_said_where_all_is_divided() -> None:
    assert gain_text(plan_of('double a[N]; for (int i = 0; i < N; i++) a[i] = sin(i); printf("%g", a[3]);')) == ""


def test_a_loop_of_another_form_runs_along_what_it_subscripts() -> None:
    """One message for each element would be the price of dividing what it reads."""
    plan = plan_of(
        f"{HEAD}int main(int argc, char **argv) {{ int n = argc > 1 ? atoi(argv[1]) : 100; double s = 0;\n"
        "double *x = malloc(n * sizeof *x); for (int i = 0; i < n; i++) x[i] = 1.0 / (i + 1);\n"
        'int i = 0; while (s < 2) { s = 0.5 * s + x[i]; if (s > 1) i++; i++; }\nprintf("%g\\n", s); return 0; }'
    )
    assert not [c for c in plan.communications if c.kind == "broadcast"]


def test_sums_by_a_function_of_the_program() -> None:
    plan = plan_of(
        "static double add(double a, double b) { return a + b; }\n"
        f"{HEAD}int main(int argc, char **argv) {{ int n = argc > 1 ? atoi(argv[1]) : 100; double s = 0;\n"
        "double *x = malloc(n * sizeof *x); for (int i = 0; i < n; i++) x[i] = 1.0 / (i + 1);\n"
        'for (int i = 0; i < n; i++) s = add(s, x[i]);\nprintf("%g\\n", s); return 0; }'
    )
    assert array(plan, "x").partition is not None
    assert loop_at(plan, "i", 1).treatment == "distributed"
