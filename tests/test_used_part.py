"""Arrays with more room than the program uses: what is dealt out is what the loops run through."""

from __future__ import annotations

from dataclasses import replace

import pytest
from deciding import array, facts_of, loop_at, plan_of

from chatmpi.plan.decide import Wishes, decide
from chatmpi.verify.prove import prove

SMOOTH = """
for (int i = 0; i < n; i++) a[i] = sin(i);
for (int t = 0; t < 100; t++) {{
  for (int i = 1; i < n - 1; i++) b[i] = a[i - 1] + a[i + 1];
  for (int i = 1; i < n - 1; i++) a[i] = b[i];
}}
{after}
for (int i = 0; i < n; i++) printf("%g ", a[i]);
"""


def smooth(before: str, after: str = "") -> str:
    return before + SMOOTH.format(after=after)


@pytest.mark.parametrize(
    "before",
    [
        "static double a[4000], b[4000]; int n = atoi(argv[1]);",
        'double a[4000], b[4000] = { 0 }; int n; scanf("%d", &n);',
        "int n = atoi(argv[1]); double *a = malloc(4000 * sizeof *a), *b = malloc(4000 * sizeof *b);",
    ],
)
def test_rows_that_no_loop_reaches_are_left_to_the_last_rank(before: str) -> None:
    (partition,) = plan_of(smooth(before)).partitions
    assert (partition.extent, partition.used) == ("4000", "n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("static double a[4000], b[4000]; int n = atoi(argv[1]); a[0] = 1;", "n = 3;"),
        ("int n; double *a = calloc(4000, sizeof *a), *b = calloc(4000, sizeof *b); n = atoi(argv[1]);", ""),
        ("static double a[4000], b[4000]; const int n = 4000;", ""),
    ],
)
def test_all_rows_are_dealt_out_where_the_number_is_not_known_in_time_or_is_all(before: str, after: str) -> None:
    assert [p.used for p in plan_of(smooth(before, after)).partitions] == [""]


def test_the_proof_refutes_another_number_of_rows() -> None:
    facts = facts_of(smooth("static double a[4000], b[4000]; int n = atoi(argv[1]);"))
    plan = decide(facts, Wishes())
    other = replace(plan, partitions=tuple(replace(p, used="n + 7") for p in plan.partitions))
    assert prove(facts, plan)[1] == ()
    assert any("not how many the loops run through" in c.message for c in prove(facts, other)[1])


SUM = """
static double a[40][30]; int n = atoi(argv[1]), m = atoi(argv[2]);
{test}
for (int i = 0; i < n; i++) for (int j = 0; j < m; j++) a[i][j] = sin(i*j);
double s = 0; int rows = 0;
for (int i = 0; i < n; i++) {{ for (int j = 0; j < m; j++) {each} }}
printf("%g %d", s, rows);
"""


def test_iterations_without_a_row_are_not_missed_if_what_they_add_is_read_from_their_row() -> None:
    plan = plan_of(SUM.format(test="", each="s += a[i][j];"))
    assert loop_at(plan, "i", 1).partition == "row"


def test_iterations_without_a_row_are_missed_if_they_count() -> None:
    plan = plan_of(SUM.format(test="", each="{ s += a[i][j]; rows++; }"))
    assert loop_at(plan, "i", 1).partition is None


@pytest.mark.parametrize(
    ("test", "divided"),
    [
        ("if (n > 40 || m > 30) return 1;", True),
        ("if (!(n <= 40)) return 1;", True),
        ("if (n > 41) return 1;", False),
        ("if (n > 40) return 1; n = atoi(argv[2]);", False),
        ("if (n > 40) s0(); ", False),
    ],
)
def test_what_ended_the_program_otherwise_is_known(test: str, divided: bool) -> None:
    code = SUM.format(test=test.replace("s0()", 'printf("large")'), each="{ s += a[i][j]; rows++; }")
    assert (loop_at(plan_of(code), "i", 1).partition == "row") == divided


def test_a_width_that_a_constant_names_is_no_range_to_divide() -> None:
    plan = plan_of(
        "int n = atoi(argv[1]); const int w = 5; double *v = malloc(w*n*sizeof *v), *y = malloc(n*sizeof *y), s = 0;\n"
        "for (int k = 0; k < w; k++) for (int i = 0; i < n; i++) v[k*n + i] = sin(i + k);\n"
        "for (int t = 0; t < 100; t++) for (int k = 0; k < w; k++) for (int i = 0; i < n; i++) y[i] += v[k*n + i];\n"
        'for (int i = 0; i < n; i++) s += y[i]; printf("%g", s);'
    )
    assert array(plan, "v").partition is None
    assert array(plan, "y").partition is not None


def test_entries_that_are_counted_while_they_are_made_are_as_many_as_there_is_room_for() -> None:
    plan = plan_of(
        "static int row[9*N]; static double val[9*N], y[N]; int nnz = 0; double s = 0;\n"
        "for (int i = 0; i < N; i++) for (int j = 0; j < 9; j++) if ((i + j) % 3) { row[nnz] = i; val[nnz++] = j; }\n"
        "for (int t = 0; t < 100; t++) for (int k = 0; k < nnz; k++) y[row[k]] += val[k];\n"
        'for (int i = 0; i < N; i++) s += y[i]; printf("%g", s);'
    )
    assert loop_at(plan, "k").treatment == "distributed"
