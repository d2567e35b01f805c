"""Memory that a function's pointer gets, and a member of its caller's struct keeps."""

from __future__ import annotations

import pytest
from deciding import HEAD, array

from chatmpi.analysis.calls.specialise import read_program
from chatmpi.analysis.facts import Facts, analyze
from chatmpi.analysis.source import Source
from chatmpi.generate.from_template import generate
from chatmpi.plan.decide import decide

FIELD = """
#include <string.h>
typedef struct { int n; double *v; } Field;
static int field_init(Field *f, int n) {
  BEFORE
  double *p = malloc(n * sizeof *p);
  if (!p) return -1;
  memset(p, 0, n * sizeof *p);
  f->n = n;
  MOVE
  return 0;
}
int main(void) {
  Field a;
  if (field_init(&a, 5000) != 0) return 1;
  for (int t = 0; t < 99; t++) for (int i = 0; i < a.n; i++) a.v[i] += sin(i);
  double s = 0;
  for (int i = 0; i < a.n; i++) s += a.v[i];
  printf("%g\\n", s);
  free(a.v);
}
"""


def facts_of(before: str, move: str) -> Facts:
    code = HEAD + FIELD.replace("BEFORE", before).replace("MOVE", move)
    facts = analyze(read_program(Source.from_str("field.c", code)))
    assert facts is not None
    return facts


def test_the_member_keeps_the_memory_and_the_function_its_own_name() -> None:
    facts = facts_of("f->v = NULL;", "f->v = p;")
    plan = decide(facts)
    assert array(plan, "a.v").partition == "item"
    text = generate(facts, plan).text
    assert "double *p = malloc((my_count + 1) * sizeof *p);" in text
    assert "memset(p, 0, my_count * sizeof *p);" in text


@pytest.mark.parametrize(
    "move",
    [
        "f->v = p; p = malloc(8);",
        "if (n > 3) f->v = p;",
        "f->v = p; if (n > 9) f->v = malloc(n * sizeof *p);",
        "f->v = NULL; memset(p, 1, 8); f->v = p + 1;",
    ],
)
def test_what_may_be_other_memory_is_not_followed(move: str) -> None:
    assert not any(x.partition for x in decide(facts_of("", move)).arrays)
