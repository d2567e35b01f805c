"""Triangular loops are dealt by equal work, rectangular ones by equal rows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from alike import assert_alike
from deciding import facts_of, loop_at, plan_of

from chatmpi.generate.from_template import generate
from chatmpi.plan.balance import work_text
from chatmpi.plan.decide import Wishes, decide
from chatmpi.plan.serialize import plan_from_json, plan_to_json
from chatmpi.verify.prove import prove

ROWS = "static double L[N][N], x[N], y[N]; int i, j, k; for (i = 0; i < N; i++) x[i] = i % 7;\n"
USE = "\ndouble s = 0; for (i = 0; i < N; i++) s += y[i] * L[i][i / 2];\n"
FILL = "for (i = 0; i < N; i++) for (j = 0; j < N; j++) L[i][j] = i + j;\n"

TRIANGLES = {
    "lower": ("for (i = 0; i < N; i++) for (j = 0; j <= i; j++) y[i] += L[i][j]*x[j];", ("1", "1")),
    "strictly lower": ("for (i = 0; i < N; i++) for (j = 0; j < i; j++) y[i] += L[i][j]*x[j];", ("0", "1")),
    "upper": ("for (i = 0; i < N; i++) for (j = i; j < N; j++) y[i] += L[i][j]*x[j];", ("N", "-1")),
    "downwards": ("for (i = N - 1; i >= 0; i--) for (j = N - 1; j >= i; j--) y[i] += L[i][j]*x[j];", ("N", "-1")),
    "three deep": (
        "for (i = 0; i < N; i++) for (j = 0; j <= i; j++) for (k = 0; k < N; k++) L[i][j] += x[k]*x[j];",
        ("1", "1"),
    ),
    "tetrahedron": (
        "for (i = 0; i < N; i++) for (j = 0; j <= i; j++) for (k = 0; k <= j; k++) y[i] += L[i][j]*x[k];",
        ("2", "3", "1"),
    ),
    "shifted rows": ("for (i = 1; i <= N; i++) for (j = 0; j < i; j++) y[i - 1] += L[i - 1][j]*x[j];", ("1", "1")),
}


@pytest.mark.parametrize("shape", TRIANGLES)
def test_rows_are_weighed_by_the_iterations_of_the_inner_loops(shape: str) -> None:
    loop, work = TRIANGLES[shape]
    (partition,) = plan_of(ROWS + loop).partitions
    assert (partition.kind, partition.work) == ("balanced", work)


def test_a_loop_that_touches_no_divided_array_deals_its_own_range_by_work() -> None:
    plan = plan_of(
        "double x[N], e = 0; for (int i = 0; i < N; i++) x[i] = sin(i);\n"
        'for (int i = 0; i < N - 1; i++) for (int j = i + 1; j < N; j++) e += x[i]*x[j]; printf("%g", e);'
    )
    assert loop_at(plan, "i", 1).work == ("N - 1", "-1")


def test_a_triangle_is_weighed_together_with_the_rectangles_that_take_as_long() -> None:
    (partition,) = plan_of(ROWS + FILL + TRIANGLES["lower"][0]).partitions
    factor, row = partition.work
    assert "N" in factor  # what the rectangle takes for each row
    assert int(row) > 0


def test_loops_that_are_run_once_count_beside_one_that_is_run_often() -> None:
    often = "for (k = 0; k < m; k++) for (i = 0; i < N; i++) for (j = 0; j <= i; j++) y[i] += L[i][j]*x[j];"
    start = "int m = atoi(argv[1]);" + ROWS.replace("static ", "")
    (partition,) = plan_of(start + 5 * FILL + often + USE + PRINT).partitions
    assert all("m" in factor for factor in partition.work)
    assert "N" in partition.work[0]


@pytest.mark.parametrize(
    "loop",
    [
        FILL,
        "for (i = 0; i < N; i++) for (j = 0; j < N; j++) if (j <= i) y[i] += L[i][j];",
        "for (i = 0; i < N; i++) for (j = i; j < i + 9; j++) y[i] += x[j % N]*L[i][0];",
        TRIANGLES["lower"][0].replace("+=", "=") + TRIANGLES["upper"][0].replace("j = i", "j = i + 1"),
        TRIANGLES["lower"][0] + "for (i = 1; i < N; i++) y[i] += L[i - 1][0];",
    ],
    ids=["rectangle", "triangle by a condition", "band", "lower and upper", "halo"],
)
def test_what_is_even_or_needs_wide_blocks_stays_in_equal_blocks(loop: str) -> None:
    assert {p.kind for p in plan_of(ROWS + loop).partitions} == {"block"}


def test_a_size_that_is_set_after_the_array_is_made_weighs_nothing() -> None:
    late = ROWS + "int m = 0; if (x[0] > 0) m = 9;\nfor (i = 0; i < N; i++) for (j = i; j < m; j++) y[i] += L[i][j];"
    assert {p.kind for p in plan_of(late).partitions} == {"block"}


def test_a_plan_with_other_weights_than_the_rows_have_is_refuted() -> None:
    facts = facts_of(ROWS + TRIANGLES["lower"][0])
    plan = decide(facts)
    assert prove(facts, plan)[1] == ()
    assert plan_from_json(plan_to_json(plan)) == plan
    other = replace(plan, partitions=(replace(plan.partitions[0], work=("1", "5")),))
    assert "is not that of its rows" in prove(facts, other)[1][0].message


def test_work_is_written_as_a_polynomial_in_i() -> None:
    assert work_text(("N", "-1")) == "N - i"
    assert work_text(("0", "3", "N - 1")) == "3*i + (N - 1)*i*i"


PRINT = 'printf("%.12g %.12g %.12g %.12g\\n", s, y[0], y[N - 1], y[N / 2]);'
PAIRS = (
    "double e = 0; int n[N]; for (i = 2; i < N; i++) for (j = 2; j < i; j++) e += x[i]*x[j];\n"
    "for (i = 0; i < N; i++) { n[i] = 0; for (j = i; j < N; j++) n[i] += j; }\n"
    'for (k = 0; k < 2; k++) printf("%g %d\\n", e, n[N - 1 - k]);'
)


@pytest.mark.parametrize("shape", ["lower", "upper", "tetrahedron"])
def test_programs_in_blocks_of_equal_work_print_what_they_printed(shape: str, executables: Path) -> None:
    facts = facts_of(ROWS + FILL + TRIANGLES[shape][0] + USE + PRINT + PAIRS)
    plan = decide(facts)
    assert plan.partitions[0].kind == "balanced"
    assert any(loop.work for loop in plan.loops)
    assert_alike(facts.program.source.shown, generate(facts, plan).shown, executables, ranks=(1, 3, 5))


def test_a_plain_plan_has_equal_blocks() -> None:
    plan = decide(facts_of(ROWS + TRIANGLES["lower"][0]), Wishes(plain=True))
    assert [p.kind for p in plan.partitions] == ["block"]


def test_what_owners_do_alone_weighs_too() -> None:
    """Rows are filled in a loop that every rank runs, each row by its owner."""
    (partition,) = plan_of(
        "int n = atoi(argv[1]), k = 24; double **a = malloc(n * sizeof *a), **c = malloc(n * sizeof *c);\n"
        "for (int i = 0; i < n; i++) { a[i] = malloc(k * sizeof **a); c[i] = malloc(n * sizeof **c); }\n"
        "for (int i = 0; i < n; i++) { for (int l = 0; l < k; l++) a[i][l] = i + l;\n"
        "for (int j = 0; j < n; j++) c[i][j] = i - j; }\n"
        "for (int i = 0; i < n; i++) for (int j = 0; j <= i; j++) for (int l = 0; l < k; l++)\n"
        'c[i][j] += a[i][l]*a[j][l];\nprintf("%g", c[n - 1][0]);'
    ).partitions
    fixed, _ = partition.work
    assert "n" in fixed
