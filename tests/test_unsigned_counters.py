"""Unsigned counters that run up to a last value: in a block without iterations that value would be -1."""

from __future__ import annotations

from pathlib import Path

import pytest
from alike import assert_alike
from deciding import HEAD, facts_of

from chatmpi.generate.from_template import generate
from chatmpi.plan.decide import decide

PROGRAM = (
    HEAD + "int main(int argc, char **argv) { (void)argv; const unsigned n = 2 + 3*argc, m = n / 2;\n"
    "int *a = malloc((n + 1) * sizeof *a); unsigned i; long s = 0;\n"
    "for (i = 0; i <= n; i++) a[i] = (int)i + 1;\n"
    "for (%s) a[i] += 100;\n"
    "for (i = 0; i <= n; i++) s += (long)(i + 1) * a[i];\n"
    'for (i = 0; i <= n; ++i) printf("%%d\\n", a[i]);\n'
    'printf("%%ld\\n", s); free(a); return 0; }\n'
)


@pytest.mark.parametrize("header", ["i = 0; i <= m; i++", "i = 1; m >= i; i++", "i = 0; i <= n; i++"])
def test_ranks_beyond_the_last_value_run_nothing(header: str, executables: Path) -> None:
    facts = facts_of(PROGRAM % header)
    plan = decide(facts)
    assert [x.treatment for x in plan.loops][1] == "distributed"
    assert_alike(facts.program.source.shown, generate(facts, plan).shown, executables, ranks=(3, 7))
