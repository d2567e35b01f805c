"""Elements that are added up one after the other are combined together, behind the loop that runs through them."""

from __future__ import annotations

from pathlib import Path

import pytest
from alike import assert_alike
from deciding import facts_of

from chatmpi.generate.from_template import generate
from chatmpi.plan.decide import decide
from chatmpi.plan.plan import Communication, Plan
from chatmpi.plan.references import check_references
from chatmpi.verify.prove import prove

START = (
    "int n = N - 1 + argc; double (*A)[n] = malloc(n * sizeof *A), *w = malloc(n * sizeof *w);\n"
    "double *z = malloc(n * sizeof *z); int i, j;\n"
    "for (i = 0; i < n; i++) { w[i] = i % 4 + 1; for (j = 0; j < n; j++) A[i][j] = (3*i + 7*j) % 5; }\n"
    "for (i = 0; i < n; i++) z[i] = i;\n"
)
SHOW = (
    "double s = 0; for (i = 0; i < n; i++) for (j = 0; j < n; j++) s += A[i][j]*w[i];\n"
    'for (i = 0; i < n; i++) printf("%g ", z[i]); printf("%g\\n", s); free(A); free(w); free(z);'
)
LATE = {
    "all": "for (i = 0; i < n; i++) for (j = 0; j < n; j++) z[i] += A[j][i]*w[j];",
    "set before": "for (i = 0; i < n; i++) { z[i] = 0.5*z[i]; for (j = 0; j < n; j++) z[i] += A[j][i]*w[j]; }",
    "some, shifted, downwards": "for (i = n - 3; i > 0; i--) for (j = 1; j < n; j++) z[i + 2] += A[j][i]*w[j];",
    "a product": "for (i = 0; i < n; i++) for (j = 0; j < n; j++) z[i] *= 1 + A[j][i]*w[j]/99;",
}
AT_ONCE = {
    "used in the same iteration": (
        "for (i = 0; i < n; i++) { for (j = 0; j < n; j++) z[i] += A[j][i]*w[j]; if (z[i] > 3) z[i] = 3; }"
    ),
    "used in the next": ("for (i = 1; i < n; i++) { z[i] = z[i - 1]; for (j = 0; j < n; j++) z[i] += A[j][i]*w[j]; }"),
    "under a condition": "for (i = 0; i < n; i++) if (i % 3) for (j = 0; j < n; j++) z[i] += A[j][i]*w[j];",
    "left out": "for (i = 0; i < n; i++) { if (i == 4) continue; for (j = 0; j < n; j++) z[i] += A[j][i]*w[j]; }",
    "by steps": "for (i = 0; i < n; i += 2) for (j = 0; j < n; j++) z[i] += A[j][i]*w[j];",
}


def _combined(plan: Plan) -> list[Communication]:
    return [c for c in plan.communications if c.kind == "allreduce" and c.subject == "z"]


def _runs_alike(code: str, executables: Path) -> Plan:
    facts = facts_of(START + code + SHOW)
    plan = decide(facts)
    check_references(plan, facts.program)
    assert prove(facts, plan)[1] == ()
    assert_alike(facts.program.source.shown, generate(facts, plan).shown, executables)
    return plan


@pytest.mark.parametrize("name", LATE)
def test_one_call_combines_them_all(name: str, executables: Path) -> None:
    plan = _runs_alike(LATE[name], executables)
    (combined,) = _combined(plan)
    outer = next(x for x in plan.loops if x.place == combined.start)
    assert (outer.variable, outer.treatment) == ("i", "control")
    assert combined.times == "once"


def test_nothing_is_combined_where_no_iteration_runs(executables: Path) -> None:
    code = "for (i = n; i < n - 4; i++) for (j = 0; j < n; j++) z[i] += A[j][i]*w[j];"
    assert _combined(_runs_alike(code, executables)) == []


@pytest.mark.parametrize("name", AT_ONCE)
def test_each_is_combined_at_once_where_it_is_used_or_left_out(name: str, executables: Path) -> None:
    plan = _runs_alike(AT_ONCE[name], executables)
    assert all(c.times == "each 'i'" for c in _combined(plan))
