"""Structs that are allocated once and for all are variables whose members are divided like others."""

from __future__ import annotations

import pytest
from deciding import HEAD, array, exchanged, plan_of

from chatmpi.analysis.calls.specialise import read_program
from chatmpi.analysis.facts import Facts, analyze
from chatmpi.analysis.source import Source
from chatmpi.generate.from_template import generate
from chatmpi.plan.decide import decide

MODEL = """
typedef struct { int n; double *at; } Vec;
typedef struct { Vec *x, *y; double energy; } Model;
static Vec *vec_new(int n) {
  Vec *v = malloc(sizeof *v);
  if (!v) exit(1);
  v->n = n; v->at = calloc(n, sizeof *v->at);
  return v;
}
static void vec_free(Vec *v) { if (v == NULL) return; free(v->at); free(v); }
static Model *model_new(int n) {
  Model *m = MAKE;
  m->x = vec_new(n); m->y = vec_new(n); m->energy = 0;
  return m;
}
static void smooth(Vec *to, const Vec *from) {
  for (int i = 1; i < to->n - 1; i++) to->at[i] = from->at[i - 1] + from->at[i + 1];
}
static void add(Vec *to, const Vec *x) { for (int i = 0; i < to->n; i++) to->at[i] += sin(x->at[i]); }
static void step(Model *m) {
  smooth(m->y, m->x);
  add(m->x, m->y);
  for (int i = 0; i < m->x->n; i++) m->energy += m->x->at[i];
}
int main(void) {
  Model *m = model_new(5000);
  for (int i = 0; i < m->x->n; i++) m->x->at[i] = i;
  USE
  for (int t = 0; t < 90; t++) step(m);
  printf("%g\\n", m->energy);
  vec_free(m->x); vec_free(m->y); free(m);
}
"""


def facts_of(make: str = "malloc(sizeof *m)", use: str = "") -> Facts:
    code = HEAD + MODEL.replace("MAKE", make).replace("USE", use)
    facts = analyze(read_program(Source.from_str("model.c", code)))
    assert facts is not None
    return facts


@pytest.mark.parametrize("make", ["malloc(sizeof *m)", "calloc(1, sizeof(Model))", "(Model *)malloc(sizeof(Model))"])
def test_members_of_structs_that_pointers_lead_to_are_divided(make: str) -> None:
    facts = facts_of(make)
    plan = decide(facts)
    assert array(plan, "m->x->at").partition == array(plan, "m->y->at").partition == "item"
    assert "halo m->x->at" in exchanged(plan)
    text = generate(facts, plan).text
    assert "MPI_Sendrecv(&from->at[1], 1, MPI_DOUBLE" in text
    assert "MPI_Allreduce(MPI_IN_PLACE, &m->energy" in text


@pytest.mark.parametrize(
    "use",
    [
        "Model *other = malloc(sizeof *other); *other = *m; other->energy = 3;",
        "if (m->energy > 0) m = model_new(3);",
        "Model **p = N ? &m : 0; (*p)->x = m->y;",
        "Model *all[2] = { m, m }; all[1]->energy = 1;",
        "m++;",
    ],
)
def test_a_struct_that_others_may_reach_is_no_variable(use: str) -> None:
    assert not any(a.partition for a in decide(facts_of(use=use)).arrays)


FIELDS = """
typedef struct { int n; double t, *u, *v; } Field;
static Field *field(int n) {
  Field *f = malloc(sizeof *f);
  f->n = n; f->t = 0.5 * n; f->u = calloc(n, sizeof(double)); f->v = calloc(n, sizeof(double));
  return f;
}
int main(int argc, char **argv) {
  int n = 5000 + argc;
  Field *a = field(n), *b = field(OTHER), *spare;
  for (int i = 0; i < n; i++) a->u[i] = i;
  for (int t = 0; t < 90; t++) {
    for (int i = 1; i < a->n - 1; i++) { b->u[i] = sin(a->u[i - 1]) + sin(a->u[i + 1]); b->v[i] = a->u[i]; }
    CHANGE
    spare = a; a = b; b = spare;
  }
  double s = 0;
  for (int i = 0; i < n; i++) s += sin(a->u[i] + a->v[i]);
  printf("%g\\n", s);
}
"""


def fields(other: str = "n", change: str = "") -> list[str]:
    code = HEAD + FIELDS.replace("OTHER", other).replace("CHANGE", change)
    facts = analyze(read_program(Source.from_str("fields.c", code)))
    assert facts is not None
    return [a.name for a in decide(facts).arrays if a.partition]


def test_exchanged_pointers_to_structs_exchange_what_the_members_point_at() -> None:
    assert fields() == ["a->u", "a->v", "b->u", "b->v"]


@pytest.mark.parametrize(
    ("other", "change"),
    [
        ("n + 1", ""),  # the sizes go with the pointers
        ("n", "b->t = a->t + 1;"),
        ("n", "n++;"),
        ("n", "if (spare) spare->u[0] = 1;"),
        ("n", "if (t % 2) a = b;"),
    ],
)
def test_structs_that_differ_or_are_reached_otherwise_stay_behind_their_pointers(other: str, change: str) -> None:
    assert not any(name.startswith(("a->", "b->")) for name in fields(other, change))


VALUES = """
typedef struct { int n; double t, *u, *v; } Field;
static Field field(int n, double t) {
  Field f = {n, t, calloc(n, sizeof(double)), calloc(n, sizeof(double))};
  return f;
}
int main(int argc, char **argv) {
  int n = 5000 + argc;
  Field a = field(n, 0.5), b = field(OTHER), *f = &a;
  for (int i = 0; i < n; i++) f->u[i] = i;
  for (int t = 0; t < 90; t++) {
    for (int i = 1; i < f->n - 1; i++) { b.u[i] = sin(a.u[i - 1]) + sin(a.u[i + 1]); b.v[i] = a.u[i]; }
    Field c = a; a = b; b = c;
    CHANGE
  }
  double s = 0;
  for (int i = 0; i < n; i++) s += sin(a.u[i] + a.v[i]);
  printf("%g %g\\n", s, a.t);
}
"""


@pytest.mark.parametrize(
    ("other", "change", "divided"),
    [
        ("n, 0.5", "", ["a.u", "a.v", "b.u", "b.v"]),
        ("n, 0.25", "", []),
        ("n + 1, 0.5", "", []),
        ("n, 0.5", "if (t == 5) b.t += 1;", []),
        ("n, 0.5", "if (t == 5) n--;", []),
        ("n, 0.5", "if (t == 5) a = b;", []),
        ("n, 0.5", 'printf("%d", c.n);', []),
    ],
)
def test_structs_of_the_same_numbers_exchange_what_their_members_point_at(
    other: str, change: str, divided: list[str]
) -> None:
    facts = analyze(
        read_program(Source.from_str("fields.c", HEAD + VALUES.replace("OTHER", other).replace("CHANGE", change)))
    )
    assert facts is not None
    assert [a.name for a in decide(facts).arrays if a.partition] == divided


VECTORS = r"""#include <stdio.h>
#include <stdlib.h>
#define Q 3
typedef struct { int n; double *f[Q]; double *g[Q]; } Lat;
static void fill(Lat *L) {
    for (int i = 0; i < L->n; i++) for (int q = 0; q < Q; q++) { L->f[q][i] = i * 0.5 + q; L->g[q][i] = 0; }
}
static void step(Lat *L) {
    for (int i = 1; i < L->n - 1; i++)
        for (int q = 0; q < Q; q++) L->g[q][i] = 0.5 * (L->f[q][i - 1] + L->f[q][i + 1]);
    for (int q = 0; q < Q; q++) for (int i = 0; i < L->n; i++) L->f[q][i] = L->g[q][i];
}
int main(int argc, char **argv) {
    Lat *L = malloc(sizeof *L);
    if (!L) return 1;
    L->n = atoi(argv[1]);
    for (int q = 0; q < Q; q++) L->f[q] = malloc(L->n * sizeof(double));
    for (int q = 0; q < Q; q++) L->g[q] = malloc(L->n * sizeof(double));
    fill(L);
    for (int t = 0; t < 10; t++) step(L);
    double s = 0;
    for (int i = 0; i < L->n; i++) for (int q = 0; q < Q; q++) s += L->f[q][i];
    printf("%.10g\n", s);
    for (int q = 0; q < Q; q++) { free(L->f[q]); free(L->g[q]); }
    free(L);
    return 0;
}
"""


def test_vectors_that_members_of_a_struct_on_the_heap_lead_to_are_divided() -> None:
    plan = plan_of(VECTORS)
    assert {a.name for a in plan.arrays if a.partition} == {"L->f", "L->g"}
    assert "halo" in {c.kind for c in plan.communications}
