"""A few vectors that pointers lead to (`double *v[K]`): each rank has a part of every one."""

from __future__ import annotations

from pathlib import Path

import pytest
from alike import assert_alike
from deciding import HEAD, array, exchanged, facts_of, plan_of

from chatmpi.analysis.calls.specialise import read_program
from chatmpi.analysis.facts import analyze
from chatmpi.analysis.source import Source
from chatmpi.generate.from_template import generate
from chatmpi.plan.decide import decide

ENUM = "enum { RHO, MOM, ENE, K };\n"
EACH = "for (int k = 0; k < K; k++) v[k] = malloc(n*sizeof(double));\n"
TESTED = EACH.replace("v[k] =", "{ v[k] =").replace(";\n", "; if (v[k] == NULL) exit(1); }\n")
MADE = {
    "in a loop": f"double *v[K];\n{EACH}",
    "one by one": "double *v[K]; v[ENE] = malloc(8*n); v[RHO] = malloc(8*n); v[MOM] = malloc(8*n);\n".replace(
        "8*n", "n*sizeof(double)"
    ),
    "tested and filled": f"double *v[K];\n{TESTED}".replace("exit(1);", "exit(1); v[k][0] = k;"),
    "behind a pointer": f"double **v = malloc(K*sizeof *v);\n{EACH}",
    "empty at first": f"double *v[K] = {{0}};\n{EACH}",
    "zeroed": f"double *v[K];\n{EACH}".replace("malloc(n*sizeof(double))", "calloc(n, sizeof *v[k])"),
}
WORK = """
for (int k = 0; k < K; k++) for (int i = 0; i < n; i++) v[k][i] = i % (k + 2);
for (int t = 0; t < 3; t++) for (int k = 1; k < K; k++) for (int i = 1; i < n; i++) v[k][i] += 0.5*v[k - 1][i - 1];
double s = 0; for (int i = 0; i < n; i++) s += v[ENE][i];
printf("%.12g\\n", s);
for (int k = 0; k < K; k++) free(v[k]);
"""


def program(body: str, more: str = "") -> str:
    return f"{HEAD}{ENUM}{more}int main(int argc, char **argv) {{\nint n = argc > 1 ? atoi(argv[1]) : 50;\n{body}}}\n"


@pytest.mark.parametrize("made", MADE.values(), ids=MADE)
def test_vectors_are_divided_however_they_are_made(made: str) -> None:
    facts = facts_of(program(made + WORK))
    plan = decide(facts)
    assert array(plan, "v").partition is not None
    assert exchanged(plan) == ["halo v", "reduce s"]
    text = generate(facts, plan).text
    assert "MPI_Sendrecv(&v[k - 1][rows], 1, MPI_DOUBLE, below, 0, &v[k - 1][0], 1" in text
    assert "v[k][i] += 0.5*v[k - 1][i - 1]" in text
    assert "alloc((rows + 1)*sizeof(double))" in text or "calloc((rows + 1), sizeof *v[k])" in text


def test_all_vectors_are_exchanged_where_a_loop_reads_several() -> None:
    both = WORK.replace("0.5*v[k - 1][i - 1]", "0.5*v[k - 1][i - 1] + 0.1*v[0][i - 1]").replace("k = 1;", "k = 2;")
    text = generate(facts := facts_of(program(MADE["in a loop"] + both)), decide(facts)).text
    assert "for (int vector = 0; vector < K; vector++) {" in text
    assert "MPI_Sendrecv(&v[vector][rows], 1" in text


def test_all_vectors_are_exchanged_where_another_loop_relies_on_it() -> None:
    again = "for (int i = 1; i < n; i++) w[i] = v[0][i - 1];\nfor (int i = 1; i < n; i++) w[i] += v[1][i - 1];\n"
    start = "double *w = calloc(n, sizeof *w);\n"
    last = 'double s = 0; for (int i = 0; i < n; i++) s += w[i]; printf("%g\\n", s);\n'
    fill = WORK.splitlines()[1] + "\n"
    plan = plan_of(program(MADE["in a loop"] + start + fill + again + last))
    assert [(c.kind, c.element) for c in plan.communications] == [("halo", ""), ("reduce", "")]


def test_a_vector_that_is_read_whole_is_gathered() -> None:
    dense = """double *w = calloc(n, sizeof *w);
for (int k = 0; k < K; k++) for (int i = 0; i < n; i++) v[k][i] = i % (k + 2);
for (int k = 0; k < K; k++) for (int i = 0; i < n; i++)
  for (int j = 0; j < n; j++) w[i] += v[k][j]/(1 + abs(i - j));
for (int i = 0; i < n; i++) v[0][i] += w[i];
printf("%g\\n", v[0][0]);
"""
    text = generate(facts := facts_of(program(MADE["in a loop"] + dense)), decide(facts)).text
    assert "/* every rank reads vector k of v */" in text
    assert "v_column[r] = v[k][r - row0];" in text
    assert "w[i] += v_column[j]/(1 + abs(i + row0 - j))" in text


def test_a_function_that_makes_vectors_is_told_how_many() -> None:
    maker = """static double **block(int k, int n) {
  double **p = malloc(k*sizeof *p);
  for (int i = 0; i < k; i++) p[i] = calloc(n, sizeof(double));
  return p;
}
"""
    facts = analyze(read_program(Source.from_str("p.c", program("double **v = block(K, n);\n" + WORK, maker))))
    assert facts is not None
    assert exchanged(decide(facts)) == ["halo v", "reduce s"]
    assert "double **v = block(K, (rows + 1));" in generate(facts, decide(facts)).text


def test_vectors_may_be_grids() -> None:
    grids = """for (int k = 0; k < K; k++) for (int i = 0; i < n; i++)
  for (int j = 0; j < n; j++) v[k][i*n + j] = i + j*k;
for (int t = 0; t < 9; t++) {
  for (int i = 1; i < n; i++) for (int j = 0; j < n; j++) v[MOM][i*n + j] += v[RHO][(i - 1)*n + j] + v[ENE][i*n + i];
  v[ENE][n + 1] = t;
  for (int l = 0; l < n*n; l++) v[RHO][l] = v[MOM][l]*v[ENE][l];
}
printf("%g\\n", v[RHO][n]);
"""
    facts = facts_of(program(MADE["in a loop"].replace("malloc(n*", "malloc(n*n*") + grids))
    text = generate(facts, decide(facts)).text
    assert "v[k] = malloc((rows + 1)*n*sizeof(double));" in text
    assert "MPI_Sendrecv(&v[0][rows*n], n, MPI_DOUBLE, below, 0, &v[0][0*n], n" in text
    assert "+= v[RHO][(i - 1)*n + j] + v[ENE][(i + row0)*n + (i + row0) - row0*n];" in text
    assert "v[ENE][n + 1 - row0*n] = t;" in text


OTHERWISE = {
    "one is not made": (MADE["in a loop"].replace("k < K", "k < K - 1"), WORK),
    "of different lengths": (MADE["in a loop"].replace("malloc(n*", "malloc((n + k)*"), WORK),
    "two are exchanged": (MADE["in a loop"], "double *t = v[0]; v[0] = v[1]; v[1] = t;" + WORK),
    "one is made anew": (MADE["in a loop"], WORK + "v[0] = malloc(n*sizeof(double)); v[0][n - 1] = 1;"),
    "the address of one is kept": (MADE["in a loop"], "double **p = &v[1]; *p = v[0];" + WORK),
    "two share memory": (MADE["one by one"].replace("v[MOM] = malloc(n*sizeof(double))", "v[MOM] = v[RHO]"), WORK),
    "many": (MADE["in a loop"], WORK),
}


@pytest.mark.parametrize(("made", "work"), OTHERWISE.values(), ids=OTHERWISE)
def test_what_else_happens_to_the_pointers_leaves_them_as_they_are(made: str, work: str) -> None:
    code = program(made + work)
    if made == MADE["in a loop"] and work == WORK:
        code = code.replace("ENE, K }", "ENE, K = 100 }")
    facts = facts_of(code)
    assert all(v.rows is None or not v.rows.vectors for v in facts.arrays.declared.values())


BASIS = """typedef struct { int n; double *v[K + 1]; } Basis;
static double dot(int n, const double *x, const double *y) {
  double s = 0; for (int i = 0; i < n; i++) s += x[i]*y[i]; return s;
}
static void grow(Basis *b) {
  for (int k = 0; k < K; k++) {
    for (int i = 0; i < b->n; i++) {
      b->v[k + 1][i] = 3*b->v[k][i];
      if (i > 0) b->v[k + 1][i] -= b->v[k][i - 1];
      if (i < b->n - 1) b->v[k + 1][i] -= 1.1*b->v[k][i + 1];
    }
    for (int l = 0; l <= k; l++) {
      double h = dot(b->n, b->v[l], b->v[k + 1]);
      for (int i = 0; i < b->n; i++) b->v[k + 1][i] -= h*b->v[l][i];
    }
    double s = sqrt(dot(b->n, b->v[k + 1], b->v[k + 1]));
    for (int i = 0; i < b->n; i++) b->v[k + 1][i] /= s;
  }
}
"""
SHOWN = """Basis b; b.n = n;
for (int k = 0; k <= K; k++) b.v[k] = malloc(b.n*sizeof *b.v[k]);
for (int i = 0; i < n; i++) b.v[0][i] = 0;
b.v[0][0] = 0.6; b.v[0][n - 1] = 0.8;
grow(&b);
for (int k = 0; k <= K; k++) printf("%.9f %.9f\\n", b.v[k][0], dot(n, b.v[k], b.v[0]));
for (int k = 0; k <= K; k++) free(b.v[k]);
"""


def test_a_basis_in_a_struct_runs_as_before(tmp_path: Path) -> None:
    code = program(SHOWN, BASIS)
    read = read_program(Source.from_str("basis.c", code))
    facts = analyze(read)
    assert facts is not None
    plan = decide(facts)
    assert array(plan, "b.v").partition is not None
    assert_alike(code, generate(facts, plan).text, tmp_path, tolerance=1e-8)


MAKER = """typedef struct { int n; double *f[3], *g[3]; } Fields;
static Fields *fields_new(int n) {
  Fields *v = GIVEN;
  if (!v) return NULL;
  v->n = n;
  for (int q = 0; q < 3; q++) {
    v->f[q] = malloc(n*sizeof(double)); v->g[q] = malloc(n*sizeof(double));
    if (!v->f[q] || !v->g[q]) exit(3);
  }
  return v;
}
"""
FIELDS = """int n = argc > 1 ? atoi(argv[1]) : 5000;
Fields *v = fields_new(n);
if (v == NULL) return 3;
for (int q = 0; q < 3; q++) for (int i = 0; i < n; i++) v->f[q][i] = i + q;
for (int q = 0; q < 3; q++) for (int i = 1; i < n; i++) v->g[q][i] = v->f[q][i - 1];
double s = 0; for (int i = 1; i < n; i++) s += v->g[1][i];
printf("%.12g\\n", s);
"""


@pytest.mark.parametrize("given", ["malloc(sizeof *v)", "calloc(1, sizeof *v)"])
def test_vectors_of_a_struct_that_a_maker_makes_and_tests(given: str) -> None:
    code = f"{HEAD}{MAKER.replace('GIVEN', given)}int main(int argc, char **argv) {{\n{FIELDS}}}\n"
    facts = analyze(read_program(Source.from_str("t.c", code)))
    assert facts is not None
    plan = decide(facts)
    assert array(plan, "v->f").partition == array(plan, "v->g").partition is not None
