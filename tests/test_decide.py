"""What is distributed how, and what is communicated where."""

from __future__ import annotations

import pytest
from deciding import HEAD, array, exchanged, loop_at, plan_of

from chatmpi.plan.plan import Halo

STENCIL = """
double *u = malloc(N*sizeof *u), *v = malloc(N*sizeof *v), *t, err;
for (int i = 0; i < N; i++) u[i] = v[i] = i;
do {
  err = 0;
  for (int i = 1; i < N - 1; i++) { v[i] = 0.5*(u[i-1] + u[i+1]); err = fmax(err, fabs(v[i] - u[i])); }
  t = u; u = v; v = t;
} while (err > 1e-3);
printf("%g\\n", err);
"""


def test_a_stencil_with_swapped_buffers_exchanges_one_halo_for_each_sweep() -> None:
    plan = plan_of(STENCIL)
    assert array(plan, "u").partition == array(plan, "v").partition == "item"
    assert exchanged(plan) == ["halo u", "allreduce err"]
    assert plan.communications[0].halo == Halo(1, 1)
    assert "stencil" in loop_at(plan, "i", 1).pattern


def test_an_asymmetric_stencil_exchanges_one_side() -> None:
    plan = plan_of(
        "double a[N], b[N]; for (int i = 0; i < N; i++) a[i] = i; for (int i = 2; i < N; i++) b[i] = a[i-2];"
    )
    assert [c.halo for c in plan.communications] == [Halo(2, 0)]


def test_the_size_of_a_type_of_variable_length_is_a_product() -> None:
    plan = plan_of(
        "int n = N + argc, m = M + argc; double (*a)[m] = malloc(sizeof(double[n][m])), s = 0;\n"
        "for (int i = 0; i < n; i++) for (int j = 0; j < m; j++) a[i][j] = i*sin(j);\n"
        'for (int i = 0; i < n; i++) s += a[i][i % m]; printf("%g", s);'
    )
    assert [(d.extent, d.partition) for d in array(plan, "a").dimensions] == [("N + argc", "row"), ("M + argc", None)]


def test_the_size_of_rows_of_something_else_does_not_count_ones_own() -> None:
    plan = plan_of(
        "int n = N + argc, m = M + argc; double (*b)[n] = malloc(n * sizeof *b), (*a)[m] = malloc(n * sizeof *b);\n"
        'double s = 0; for (int i = 0; i < n; i++) a[i][1] = i*sin(i); printf("%g %g", a[n - 1][1], b[0][0]);'
    )
    assert array(plan, "a").partition is None


def test_a_written_array_is_aligned_by_where_it_is_written() -> None:
    plan = plan_of(
        "double a[N], b[N]; for (int i = 0; i < N; i++) a[i] = i; for (int i = 0; i < N-1; i++) b[i+1] = a[i];"
    )
    assert loop_at(plan, "i", 1).shift == 1
    assert [c.halo for c in plan.communications] == [Halo(1, 0)]


def test_coefficients_that_do_not_change_are_exchanged_once_before_the_time_loop() -> None:
    plan = plan_of(
        "double k[N], u[N], v[N]; int i, t;\n"
        "for (i = 0; i < N; i++) { k[i] = i; u[i] = 2*i; v[i] = 0; }\n"
        "for (t = 0; t < 9; t++) {\n"
        "  for (i = 1; i < N - 1; i++) v[i] = (k[i-1] + k[i+1])*u[i];\n"
        "  for (i = 1; i < N - 1; i++) u[i] = v[i];\n"
        "}\n"
    )
    halo = next(c for c in plan.communications if c.kind == "halo")
    assert halo.subject == "k"
    assert halo.start.statement == loop_at(plan, "t").place.statement
    assert halo.times == "once"


def test_a_halo_that_is_fresh_is_not_exchanged_again() -> None:
    plan = plan_of(
        "double a[N], b[N], c[N];\n"
        "for (int i = 0; i < N; i++) a[i] = i;\n"
        "for (int i = 1; i < N; i++) b[i] = a[i-1];\n"
        "for (int i = 1; i < N; i++) c[i] = 2*a[i-1];\n"
    )
    assert exchanged(plan) == ["halo a"]


def test_matrix_times_vector_divides_the_rows_and_keeps_the_vector_whole() -> None:
    plan = plan_of(
        "static double A[N][M], x[M], y[N];\n"
        "for (int j = 0; j < M; j++) x[j] = j;\n"
        "for (int i = 0; i < N; i++) for (int j = 0; j < M; j++) A[i][j] = i + j;\n"
        "for (int i = 0; i < N; i++) { y[i] = 0; for (int j = 0; j < M; j++) y[i] += A[i][j]*x[j]; }\n"
    )
    assert [array(plan, name).partition for name in "Axy"] == ["row", None, "row"]
    assert exchanged(plan) == []


def test_the_middle_loop_of_a_product_is_divided_where_the_outer_carries_the_sum() -> None:
    plan = plan_of(
        "static double A[N][N], B[N][N], C[N][N]; int i, j, k;\n"
        "for (i = 0; i < N; i++) for (j = 0; j < N; j++) { A[i][j] = i; B[i][j] = j; C[i][j] = 0; }\n"
        "for (k = 0; k < N; k++) for (i = 0; i < N; i++) for (j = 0; j < N; j++) C[i][j] += A[i][k]*B[k][j];\n"
    )
    assert [array(plan, name).partition for name in "ABC"] == ["row", "row", "row"]
    assert exchanged(plan) == ["row_broadcast B"]
    assert loop_at(plan, "k").treatment == "control"
    assert loop_at(plan, "i", 1).treatment == "distributed"


def test_boundary_rows_are_left_to_their_owners() -> None:
    plan = plan_of(
        "static double u[N][M]; int i, j;\n"
        "for (i = 0; i < N; i++) for (j = 0; j < M; j++) u[i][j] = i*j;\n"
        "for (j = 0; j < M; j++) { u[0][j] = u[1][j]; u[N-1][j] = 0; }\n"
    )
    assert [g.row for g in plan.guards] == ["0", "N - 1"]
    assert plan.partitions[0].min_block == 2  # rows 0 and 1 have one owner
    assert exchanged(plan) == []


def test_a_chain_of_assignments_is_one_for_each_owner() -> None:
    plan = plan_of("double x[N]; x[0] = x[N-1] = 1; for (int i = 1; i < N-1; i++) x[i] = 0;")
    assert {g.row for g in plan.guards} == {"0", "N - 1"}
    assert len({g.place.statement for g in plan.guards}) == 1


def test_a_scalar_that_is_only_printed_is_reduced_to_rank_0() -> None:
    loop = "double x[N], s = 0; for (int i = 0; i < N; i++) x[i] = i; for (int i = 0; i < N; i++) s += x[i];"
    assert exchanged(plan_of(loop + 'printf("%g", s);')) == ["reduce s"]
    assert exchanged(plan_of(loop + 'if (s > 1) printf("%g", s);')) == ["allreduce s"]
    assert exchanged(plan_of(loop + "return s > 1;")) == ["allreduce s"]


def test_an_element_read_outside_loops_is_broadcast() -> None:
    plan = plan_of('double x[N]; for (int i = 0; i < N; i++) x[i] = i; printf("%g", x[N/2]);')
    assert exchanged(plan) == ["broadcast x"]
    assert plan.communications[0].element == "x[N / 2]"


def test_an_array_that_a_function_may_keep_is_replicated_with_the_reason() -> None:
    plan = plan_of(
        HEAD + "double *kept; void keep(double *p) { kept = p; }\n"
        "int main(void) { double x[N], y[N]; keep(x);\n"
        "for (int i = 0; i < N; i++) x[i] = i; for (int i = 0; i < N; i++) y[i] = 2*i; return 0; }"
    )
    assert array(plan, "x").partition is None
    assert array(plan, "x").reason == "its address is used as a value, so other names may reach its memory"
    assert array(plan, "y").partition == "item"


def test_arrays_of_different_lengths_that_meet_share_the_longer_range() -> None:
    plan = plan_of("double a[N], b[N+1]; for (int i = 0; i < N; i++) { a[i] = i; b[i+1] = a[i]; }")
    assert {a.partition for a in plan.arrays} in ({"item"}, {None, "item"})


def test_a_recurrence_stays_whole_and_the_loops_around_it_are_divided() -> None:
    plan = plan_of(
        "double x[N], p[N]; x[0] = p[0] = 0;\n"
        "for (int i = 0; i < N; i++) x[i] = sqrt(i);\n"
        "for (int i = 1; i < N; i++) p[i] = 0.5*p[i-1] + x[i];\n"
    )
    stopped = loop_at(plan, "i", 1)
    assert stopped.treatment != "distributed"
    assert stopped.dependence is not None
    assert (stopped.dependence.source, stopped.dependence.target) == ("i = 1", "i = 2")


def test_floating_point_sums_are_named_in_the_notes() -> None:
    plan = plan_of('double s = 0; int k = 0; for (int i = 0; i < N; i++) { s += i; k += i; } printf("%g %d", s, k);')
    assert any("'s' is a floating-point sum" in n for n in plan.notes)
    assert not any("'k'" in n for n in plan.notes)


def test_rows_that_a_typedef_makes_are_left_whole() -> None:
    plan = plan_of(
        "typedef double row[N]; row *a = malloc(N * sizeof(row)), s = {0};\n"
        "for (int i = 0; i < N; i++) for (int j = 0; j < N; j++) a[i][j] = i + j;\n"
        'for (int i = 0; i < N; i++) for (int j = 0; j < N; j++) s[i] += a[i][j]; printf("%g\\n", s[3]);'
    )
    assert array(plan, "a").partition is None


ROWS_OF_A_FLAT_ARRAY = """
void fill(%s m, %s n, double *a) {
  for (%s i = 0; i < m; i++) for (%s j = 0; j < n; j++) a[i*n + j] = i*sin(j);
}
int main(int argc, char **argv) {
  int m = %s, n = M + argc; %s double *a = malloc(sizeof(double)*m*n), s = 0;
  fill(m, n, a);
  for (int i = 0; i < m; i++) for (int j = 0; j < n; j++) s += a[i*n + j];
  printf("%%g\\n", s);
}
"""


@pytest.mark.parametrize(
    ("kind", "rows", "check", "divided"),
    [
        ("int", "N + argc", "", True),
        ("int", "N + argc", "if (m < 1 || n < 1) return 1;", True),
        ("size_t", "N + argc", "if (m < 1 || n < 1) return 1;", True),
        ("size_t", "N + argc", "if (!(m > 0 && n > 0)) return 1;", True),
        ("size_t", "N + argc", "", False),  # -1 would be the largest of all
        ("size_t", "N + argc", "if (m < -5 || n < -5) return 1;", False),
        ("size_t", "N + argc", "if (m < 1 && n < 1) return 1;", False),
        ("size_t", "N + argc", "if (m < 1 || n < 1) return 1; n -= argc;", False),
    ],
)
def test_sizes_behind_a_test_and_of_another_type(kind: str, rows: str, check: str, divided: bool) -> None:
    plan = plan_of(HEAD + ROWS_OF_A_FLAT_ARRAY % (kind, kind, kind, kind, rows, check))
    assert (len(array(plan, "a").dimensions) == 2) == divided


@pytest.mark.parametrize(
    ("initialiser", "divided"), [("", True), (" = {0}", True), (" = {0.0, 0.0}", True), (" = {1.0}", False)]
)
def test_an_array_that_its_initialiser_clears_is_divided(initialiser: str, divided: bool) -> None:
    plan = plan_of(
        f"double a[N]{initialiser}; for (int t = 0; t < 50; t++) for (int i = 0; i < N; i++) a[i] = sin(a[i] + i);\n"
        'printf("%g", a[3]);'
    )
    assert bool(array(plan, "a").partition) == divided
    reason = array(plan, "a").reason
    assert divided or reason == "its initialiser lists values"


def test_a_cheap_table_is_not_divided_for_the_time_that_other_parts_take() -> None:
    plan = plan_of(
        "double u[N], s = 0; int t[M][M]; char a[M], b[M];\n"
        "for (int i = 0; i < M; i++) for (int j = 0; j < M; j++) t[i][j] = 0;\n"
        "for (int i = 0; i < M; i++) { a[i] = i % 4; b[i] = i * i % 4; }\n"
        "for (int i = 0; i < N; i++) u[i] = i;\n"
        "for (int k = 0; k < 20000000; k++) for (int i = 0; i < N; i++) u[i] = sin(u[i]) + cos(u[i]);\n"
        "for (int i = 1; i < M; i++) for (int j = 1; j < M; j++)\n"
        "  if (a[i-1] == b[j-1]) t[i][j] = t[i-1][j-1] + 1;\n"
        "  else t[i][j] = t[i-1][j] > t[i][j-1] ? t[i-1][j] : t[i][j-1];\n"
        'for (int i = 0; i < N; i++) s += u[i]; printf("%g %d", s, t[M-1][M-1]);'
    )
    assert array(plan, "u").partition is not None
    assert array(plan, "t").partition is None
