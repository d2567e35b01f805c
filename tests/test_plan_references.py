"""An edited plan that names what is not there is a usage error, not a mistake of chatmpi's."""

import json
from typing import Any

import pytest

import chatmpi
from chatmpi.analysis.source import Source
from chatmpi.corpus.index import CorpusProgram, programs
from chatmpi.plan.decide import decide
from chatmpi.plan.references import check_references
from chatmpi.plan.serialize import plan_from_json, plan_to_json
from chatmpi.translate import plans

HEAT = """\
#include <stdio.h>
#define N 64
double u[N], v[N];
int main(void) {
  double s = 0.0;
  for (int i = 0; i < N; i++) u[i] = i % 5;
  for (int i = 1; i < N - 1; i++) v[i] = 0.5 * (u[i - 1] + u[i + 1]);
  for (int i = 1; i < N - 1; i++) s += v[i];
  u[0] = 1.0;
  printf("%g\\n", s);
  return 0;
}
"""


@pytest.mark.parametrize("program", programs(), ids=lambda p: p.name)
def test_chatmpis_own_plans_fit(program: CorpusProgram) -> None:
    facts, plan = next(plans(Source.read(program.path)))
    check_references(plan, facts.program)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("partitions", 0, "name"), "columns", "no partition"),
        (("partitions", 0, "extent"), "N + 1", "none of its arrays"),
        (("arrays", 0, "dimensions", 0, "partition"), "columns", "no partition 'columns'"),
        (("arrays", 0, "name"), "w", "no variable 'w' with uid"),
        (("arrays", 0, "uid"), 999, "no variable 'u' with uid 999"),
        (("loops", 1, "partition"), "columns", "no partition 'columns'"),
        (("loops", 1, "place", "statement"), 999, "no statement 999"),
        (("loops", 2, "reductions", 0, "variable"), "t", "no variable 't'"),
        (("loops", 2, "reductions", 0, "operation"), "AVERAGE", "'AVERAGE' is no reduction: BAND"),
        (("loops", 2, "reductions", 0, "element"), "int", "'s' is not of type 'int'"),
        (("loops", 2, "reductions"), [], "no loop at line 8 reduces 's' by 'SUM'"),
        (("guards", 0, "place", "statement"), 999, "no statement 999"),
        (("guards", 0, "partition"), "columns", "no partition 'columns'"),
        (("communications", 0, "uid"), 999, "no variable 'u' with uid 999"),
        (("communications", 0, "finish", "statement"), -1, "no statement -1"),
        (("communications", 1, "operation"), "MAX", "no loop at line 8 reduces 's' by 'MAX'"),
        (("communications", 1, "kind"), "allgather", "'s' is no array of the plan"),
        (("outputs", 0, "statement"), 999, "no statement 999"),
    ],
)
def test_what_is_not_there_is_named(path: tuple[str | int, ...], value: object, message: str) -> None:
    content: Any = json.loads(plan_to_json(chatmpi.explain(HEAT)))
    inner = content
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    with pytest.raises(chatmpi.UsageError, match=message):
        chatmpi.translate(HEAT, plan=plan_from_json(json.dumps(content)))


def test_plan_of_another_program() -> None:
    other = HEAT.replace("u[", "w[")
    with pytest.raises(chatmpi.UsageError, match="no variable 'u'"):
        chatmpi.translate(other, plan=chatmpi.explain(HEAT))


def test_a_plan_fits_the_order_of_loops_that_it_was_made_for() -> None:
    """Sums over rows of a symmetric matrix are taken apart where that is better; the order as written goes too."""
    source = Source.read(next(p for p in programs() if p.name == "row_block/symv").path)
    better = chatmpi.translate(source)
    own = decide(chatmpi.analyze(source))
    assert len(better.plan.loops) > len(own.loops)
    assert chatmpi.translate(source, plan=better.plan).source == better.source
    assert chatmpi.translate(source, plan=own).plan.loops == own.loops
