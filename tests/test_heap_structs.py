"""Structs that are allocated once and for all are variables whose members are divided like others."""

from __future__ import annotations

import pytest
from deciding import HEAD, array, exchanged

from chatmpi.analysis.facts import Facts, analyze
from chatmpi.analysis.source import Source
from chatmpi.analysis.specialise import read_program
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
