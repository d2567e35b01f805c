"""A subscript that runs through rows, `u[0][j + i*n]`, reaches elements of these rows."""

from __future__ import annotations

import pytest
from deciding import HEAD, array, exchanged, facts_of, loop_at, loop_of, plan_of

from chatmpi.analysis.source import Source
from chatmpi.translate import translate

SWEEP = """
int n = atoi(argv[1]); double (*u)[n] = malloc(n * sizeof *u); double s = 0;
for (int i = 0; i < n; i++) for (int j = 0; j < n; j++) u[i][j] = i * j;
for (int j = 0; j < n; j++) for (int i = 1; i < n; i++) u[0][j + i*n] += 0.5 * u[0][j + (i - 1)*n];
for (int i = 0; i < n; i++) for (int j = 0; j < n; j++) s += u[i][j];
printf("%g", s);
"""


def test_the_element_is_in_the_row_that_is_reached() -> None:
    facts = facts_of(SWEEP)
    found = [a for a in facts.accesses.values() if a.runs_over]
    shown = {tuple("?" if p is None else p.text() for p in a.subscripts) for a in found}
    assert shown == {("i", "j"), ("i - 1", "j")}


def test_columns_are_independent_and_rows_are_not() -> None:
    assert loop_of(SWEEP, 2).is_parallel
    assert not loop_of(SWEEP, 3).is_parallel
    assert array(plan_of(SWEEP), "u").partition is None


@pytest.mark.parametrize("row", ["u[0][j + i*(n + 1)]", "u[0][i*n + i*j]"])
def test_what_is_not_known_to_be_in_a_row_may_be_anywhere(row: str) -> None:
    facts = facts_of(SWEEP.replace("u[0][j + i*n] +=", f"{row} +="))
    assert all(a.subscripts == (None, None) for a in facts.accesses.values() if a.runs_over and a.touch.write)
    assert not loop_of(SWEEP.replace("u[0][j + i*n] +=", f"{row} +="), 2).is_parallel


def test_rows_of_a_number_of_elements() -> None:
    facts = facts_of("static double a[N][4]; for (int i = 0; i < N; i++) for (int j = 0; j < 3; j++) "
                     "{ a[0][4*i + j] = 1; a[i][3 - j] = 2; a[i][j] = 3; }")  # fmt: skip
    shown = [tuple(p.text() for p in a.subscripts if p) for a in facts.accesses.values()]
    assert shown == [("i", "j"), ("i", "3 - j"), ("i", "j")]


def test_ends_of_rows_are_not_the_next_rows() -> None:
    facts = facts_of(SWEEP.replace("u[0][j + i*n] += 0.5 * u[0][j + (i - 1)*n]", "u[i][n - 1 - j] += 2*n"))
    assert not any(a.runs_over for a in facts.accesses.values())


ROWS = """
int n = atoi(argv[1]), m = atoi(argv[2]), off = atoi(argv[3]); static double a[N][9], s[N]; double b[n][m];
for (int i = 0; i < N; i++) for (int j = 0; j < 9; j++) a[i][j] = i + j;
for (int i = 0; i < n; i++) for (int j = 0; j < m; j++) b[i][j] = i - j;
for (int i = 1; i < N; i++) { s[i] = 0; for (int j = 0; j < 9; j++) { LOOP } }
for (int i = 1; i < N; i++) printf("%g", s[i]);
"""


@pytest.mark.parametrize(
    ("loop", "leaves"),
    [
        ("s[i] += a[i][j - 1];", True),
        ("s[i] += a[i][j + 9];", True),
        ("if (j > 0) s[i] += a[i][j - 1];", False),
        ("s[i] += a[i][j + off];", False),  # with an offset of 0 it does not
        ("for (int k = 0; k < m; k++) s[i] += a[i][k];", False),  # few columns
        ("for (int k = 0; k < N * 9; k++) s[i] += a[0][k];", True),
        ("for (int k = 0; k < n * m; k++) s[i] += b[0][k];", True),
        ("for (int k = 0; k < m; k++) s[i] += b[0][k];", False),
        ("for (int k = 0; s[i] < 5; k++) s[i] += a[i][k];", False),  # nobody knows how far
        ("if (s[i] < 5) s[i] += a[i][9];", False),
    ],
)
def test_a_subscript_of_a_declared_array_stays_in_its_row_unless_it_never_does(loop: str, leaves: bool) -> None:
    facts = facts_of(ROWS.replace("LOOP", loop))
    assert any(a.runs_over for a in facts.accesses.values()) == leaves


OFFSET = f"""{HEAD}
static double a[N][9], s[N];
int main(int argc, char **argv) {{
    int off = argc > 1 ? atoi(argv[1]) : 9;
    for (int i = 0; i < N; i++) for (int j = 0; j < 9; j++) a[i][j] = sin(i + 2 * j);
    for (int i = 0; i < N - 1; i++) for (int j = 0; j < 9; j++) s[i] += a[i][j + off];
    for (int i = 0; i < N; i++) printf("%g\\n", s[i]);
}}
"""


def test_rows_that_only_some_sizes_leave_are_not_divided_where_a_run_finds_it() -> None:
    """The proof takes subscripts of a declared array to stay in their rows; the run beside it does not."""
    done = translate(Source.from_str("rows.c", OFFSET))
    assert done.verdict.accepted
    assert array(done.plan, "a").partition is None


def test_elements_of_all_rows_through_a_pointer() -> None:
    text = f"""{HEAD}
int main(int argc, char **argv) {{
    int n = argc > 1 ? atoi(argv[1]) : 31, m = 9;
    double a[n][m], s[n], *p = &a[0][0];
    for (int k = 0; k < n * m; k++) p[k] = sin(k);
    for (int i = 0; i < n; i++) {{ s[i] = 0; for (int j = 0; j < m; j++) s[i] += a[i][j]; }}
    for (int i = 0; i < n; i++) printf("%g\\n", s[i]);
}}
"""
    done = translate(Source.from_str("flat.c", text))
    assert done.verdict.accepted
    assert array(done.plan, "a").partition is None


ADI = f"""{HEAD}
static double u[N][N];
static void solve(int n, double *x, int stride) {{
    double c[N];
    c[0] = 0.5;
    for (int i = 1; i < n; i++) {{ c[i] = 1 / (4 - c[i - 1]); x[i * stride] += c[i] * x[(i - 1) * stride]; }}
    for (int i = n - 2; i >= 0; i--) x[i * stride] += c[i] * x[(i + 1) * stride];
}}
int main(void) {{
    for (int i = 0; i < N; i++) for (int j = 0; j < N; j++) u[i][j] = sin(i + 2 * j);
    for (int t = 0; t < 9; t++) {{
        for (int i = 0; i < N; i++) solve(N, u[i], 1);
        for (int j = 0; j < N; j++) solve(N, &u[0][j], N);
    }}
    printf("%.9g %.9g\\n", u[1][2], u[N - 1][N / 2]);
}}
"""


def test_sweeps_along_rows_and_columns_are_divided() -> None:
    done = translate(Source.from_str("adi.c", ADI))
    assert exchanged(done.plan) == ["allgather u", "allgather u"]
    assert [loop_at(done.plan, name, k).treatment for name, k in (("i", 1), ("j", 1))] == ["distributed"] * 2
    assert done.verdict.accepted
