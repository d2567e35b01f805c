"""Entries that a loop appends: when each rank can keep its own, and count them from 0."""

from __future__ import annotations

from dataclasses import replace

import pytest
from deciding import HEAD, loop_at

from chatmpi.analysis.calls.specialise import read_program
from chatmpi.analysis.facts import Facts, analyze
from chatmpi.analysis.parse import parse
from chatmpi.analysis.source import Source
from chatmpi.plan.decide import decide
from chatmpi.plan.kept_apart import not_kept
from chatmpi.verify.prove import prove

MAKE = """
for (int i = 0; i < N; i++) {
  for (int j = 0; j < N; j++) if ((i*j) % 7 == 1) { col[nnz] = j; val[nnz] = i + j; nnz++; }
  start[i + 1] = nnz;
}
"""
USE = """
for (int t = 0; t < 9; t++) {
  for (int i = 0; i < N; i++) { y[i] = 0; for (int k = start[i]; k < start[i + 1]; k++) y[i] += val[k]*x[col[k]]; }
  for (int i = 0; i < N; i++) x[i] = y[i]/9;
}
for (int i = 0; i < N; i++) s += x[i];
printf("%g", s);
"""
DECLARED = "static double x[N], y[N], val[N*N]; static int col[N*N], start[N + 1]; double s = 0; int nnz = 0;"
CSR = DECLARED + MAKE + USE


def facts_of(code: str) -> Facts:
    text = f"{HEAD}int main(int argc, char **argv) {{\n{code}\nreturn 0;\n}}\n"
    facts = analyze(parse(Source.from_str("program.c", text)), appending=True)
    assert facts is not None
    return facts


def test_rows_are_gone_through_where_their_entries_were_appended() -> None:
    facts = facts_of(CSR)
    (found,) = facts.appended
    assert found.counter.name == "nnz"
    assert found.starts is not None
    assert found.starts.name == "start"
    assert {a.name for a in found.arrays} == {"col", "val"}
    plan = decide(facts)
    assert not_kept(plan, facts) == ""
    assert [loop_at(plan, "i", k).treatment for k in (0, 1)] == ["distributed"] * 2


def change(old: str, new: str, code: str = CSR) -> str:
    assert old in code
    return code.replace(old, new, 1)


PLAIN_START = (
    MAKE,
    MAKE.replace("start[i + 1] = nnz;", "").replace("{\n", "{\n start[i] = nnz;", 1) + "start[N] = nnz;",
)


@pytest.mark.parametrize(
    "code",
    [
        change(*PLAIN_START),
        change("col[nnz] = j; val[nnz] = i + j; nnz++;", "col[nnz] = j; val[nnz++] = i + j;"),
        change("for (int k = start[i]; k < start[i + 1]; k++)",
               "const int a = start[i], b = start[i + 1]; for (int k = a; k < b; k++)"),
        change('printf("%g", s)', 'printf("%g %d", s, nnz)'),
        change(USE, "for (int r = 0; r < N; r++) for (int k = start[r]; k < start[r + 1]; k++) val[k] /= 2;" + USE),
        change("for (int t", "for (int k = 0; k < nnz; k++) s += val[k];\nfor (int t"),
    ],
)  # fmt: skip
def test_styles_of_appending(code: str) -> None:
    assert len(facts_of(code).appended) == 1


@pytest.mark.parametrize(
    "code",
    [
        change("val[nnz] = i + j", "val[nnz] = nnz"),  # the number of an entry is a value
        change("y[i] += val[k]", "y[i] += k*val[k]"),
        change("val[k]*x", "val[k + 1]*x"),  # an entry of another row
        change("k < start[i + 1]", "k < start[i + 2]"),
        change('printf("%g", s)', 'printf("%g %d", s, start[3])'),
        change("int nnz = 0", "int nnz = 1"),
        change("if ((i*j) % 7 == 1)", "if (nnz < 50)"),
        change("nnz++;", "nnz += 2;"),
        change("start[i + 1] = nnz;", "if (i % 2) start[i + 1] = nnz;"),
        change("for (int t", "val[0] = 3;\nfor (int t"),
        change("for (int i = 0; i < N; i++) { y[i] = 0;", "for (int i = 1; i < N; i++) { y[i] = 0;"),
        change("for (int t", "nnz = 4;\nfor (int t"),
        change(MAKE, f"for (int r = 0; r < 2; r++) {{ {MAKE} }}"),
        change("for (int t", "for (int k = 0; k < nnz; k++) s += k;\nfor (int t"),  # as many as there are in all
        change("col[N*N]", "col[N*N] = {3, 4}"),
        change("i < N; i++) { y[i] = 0;", "i < n; i++) { y[i] = 0;",
               change(MAKE, "int n = N; " + MAKE.replace("i < N", "i < n") + "n = n/2;")),  # other rows
    ],
)  # fmt: skip
def test_what_entries_are_not_kept_for(code: str) -> None:
    assert facts_of(code).appended == ()


COUNTED = """
static double x[N], y[N], val[N*N]; static int col[N*N], start[N], count[N]; double s = 0; int nnz = 0;
for (int i = 0; i < N; i++) {
  int c = 0;
  start[i] = nnz;
  for (int j = 0; j < N; j++) { if ((i*j) % 7 != 1) continue; col[nnz] = j; val[nnz++] = i + j; c++; }
  count[i] = c;
}
for (int t = 0; t < 9; t++) {
  for (int i = 0; i < N; i++) {
    const int many = count[i];
    y[i] = 0;
    for (int k = 0; k < many; k++) y[i] += val[start[i] + k]*x[col[start[i] + k]];
  }
  for (int i = 0; i < N; i++) x[i] = y[i]/9;
}
for (int i = 0; i < N; i++) s += x[i];
printf("%g", s);
"""


@pytest.mark.parametrize(
    "code",
    [
        COUNTED,
        change("count[i] = c", "count[i] = nnz - start[i]", COUNTED),
        change("if ((i*j) % 7 != 1) continue;", "if (j % 2) { col[nnz] = 0; val[nnz++] = 1; c++; continue; }", COUNTED),
        change("k < many", "k < count[i]", COUNTED),
    ],
)
def test_rows_by_how_many_entries_they_have(code: str) -> None:
    facts = facts_of(code)
    (found,) = facts.appended
    assert {a.name for a in found.apart} == {"col", "val", "nnz", "start"}
    assert not_kept(decide(facts), facts) == ""


@pytest.mark.parametrize(
    "code",
    [
        change("c++; }", "} c++;", COUNTED),
        change("val[nnz++] = i + j; c++;", "val[nnz++] = i + j; if (j == 3) continue; c++;", COUNTED),
        change("continue; col", "c++; col", COUNTED),
        change("count[i] = c;", "count[i] = c + 1;", COUNTED),
        change("count[i] = c;", "if (c) count[i] = c;", COUNTED),
        change("start[i] = nnz;", "", change("count[i] = c;", "start[i] = nnz; count[i] = c;", COUNTED)),
        change("for (int t", "count[3] = 5; for (int t", COUNTED),
        change("k < many", "k <= many", COUNTED),
        change("val[start[i] + k]", "val[start[i] + k + 1]", COUNTED),
        change("x[col[start[i] + k]]", "start[i]", COUNTED),
        change("int c = 0;", "", change("int nnz = 0;", "int nnz = 0, c = 0;", COUNTED)),
    ],
)
def test_counts_that_are_not_those_of_the_rows_entries(code: str) -> None:
    assert facts_of(code).appended == ()


NESTED = """
int n = atoi(argv[1]), all = n*n, nnz = 0; double s = 0;
int *start = malloc((all + 1)*sizeof *start), *col = malloc(3*all*sizeof *col);
double *val = malloc(3*all*sizeof *val), *x = malloc(all*sizeof *x), *y = malloc(all*sizeof *y);
start[0] = 0;
for (int i = 0; i < n; i++) for (int j = 0; j < n; j++) {
  int row = i*n + j;
  if (j > 0) { col[nnz] = row - 1; val[nnz++] = 0.25; }
  if (i > 0) { col[nnz] = row - n; val[nnz++] = 0.5; }
  x[row] = i - j;
  start[row + 1] = nnz;
}
for (int t = 0; t < 500; t++) {
  for (int r = 0; r < all; r++) { y[r] = 1; for (int k = start[r]; k < start[r + 1]; k++) y[r] += val[k]*x[col[k]]; }
  for (int r = 0; r < all; r++) x[r] = y[r]/9;
}
for (int r = 0; r < all; r++) s += x[r];
printf("%d %.9g", nnz, s);
"""


def test_rows_are_those_of_nested_loops() -> None:
    facts = facts_of(NESTED)
    (found,) = facts.appended
    assert found.words.text() == "n"
    plan = decide(facts)
    assert not_kept(plan, facts) == ""
    assert {(x.scale, x.partition) for x in plan.loops if x.variable == "r"} == {("n", "row")}
    assert prove(facts, plan)[1] == ()
    other = replace(plan, loops=tuple(replace(x, partition=None) if x.variable == "r" else x for x in plan.loops))
    assert "not dealt out alike" in not_kept(other, facts)


@pytest.mark.parametrize(
    "code",
    [
        change("j < n; j++) {", "j < i; j++) {", NESTED),
        change("j = 0; j < n", "j = 1; j < n", NESTED),
        change("int row = i*n + j;", "int row = j*n + i;", NESTED),
        change("r < all; r++) { y[r] = 1;", "r < all - n; r++) { y[r] = 1;", NESTED),
    ],
)
def test_rows_in_another_order_are_not(code: str) -> None:
    assert facts_of(code).appended == ()


def test_a_plan_that_leaves_one_of_the_loops_whole_is_refuted() -> None:
    facts = facts_of(CSR)
    plan = decide(facts)
    whole = replace(loop_at(plan, "i", 0), treatment="replicated")
    other = replace(plan, loops=tuple(whole if x.place == whole.place else x for x in plan.loops))
    assert prove(facts, plan)[1] == ()
    assert any("is not divided" in c.message for c in prove(facts, other)[1])
    (partition,) = plan.partitions
    shifted = replace(plan, partitions=(replace(partition, kind="cyclic"),))
    assert any("not dealt out alike" in c.message for c in prove(facts, shifted)[1])


def test_a_counter_may_be_a_member_that_helper_functions_step() -> None:
    code = f"""{HEAD}
typedef struct {{ int nnz, start[N + 1], col[N*N]; double val[N*N]; }} Matrix;
static Matrix m;
static double x[N], y[N];
static void add(Matrix *a, int j, double v) {{ a->col[a->nnz] = j; a->val[a->nnz] = v; a->nnz++; }}
static void make(Matrix *a) {{
  a->nnz = 0;
  for (int i = 0; i < N; i++) {{ a->start[i] = a->nnz; for (int j = i; j < N; j += 3) add(a, j, i - j); }}
  a->start[N] = a->nnz;
}}
static void apply(const Matrix *a, const double *in, double *out) {{
  for (int i = 0; i < N; i++) {{
    out[i] = 0;
    for (int k = a->start[i]; k < a->start[i + 1]; k++) out[i] += a->val[k]*in[a->col[k]];
  }}
}}
int main(void) {{ make(&m); for (int i = 0; i < N; i++) x[i] = i; apply(&m, x, y); printf("%d %g", m.nnz, y[3]); }}
"""
    facts = analyze(read_program(Source.from_str("matrix.c", code)), appending=True)
    assert facts is not None
    (found,) = facts.appended
    assert (found.counter.name, len(found.rows), len(found.totals)) == ("m.nnz", 1, 1)
