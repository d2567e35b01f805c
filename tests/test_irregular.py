"""Loops whose iterations take times that nobody knows are dealt in chunks, in turn."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from alike import assert_alike
from deciding import HEAD, facts_of, loop_at

from chatmpi.analysis.facts import analyze
from chatmpi.analysis.parse import parse
from chatmpi.analysis.source import Source
from chatmpi.generate.from_template import generate
from chatmpi.plan.decide import Wishes, decide
from chatmpi.plan.irregular import is_irregular
from chatmpi.plan.plan import LoopPlan
from chatmpi.verify.prove import prove

IS_PRIME = "static int is_prime(int n) { for (int d = 2; d * d <= n; d++) if (n % d == 0) return 0; return n > 1; }\n"
STEPS = "int s = 0; for (long x = i; x != 1; x = x % 2 ? 3*x + 1 : x/2) s++;"
LOOPS = {
    "left by a test": f"int most = 0; for (int i = 1; i < M; i++) {{ {STEPS} if (s > most) most = s; }}",
    "a call that loops": "int most = 0; for (int i = 3; i <= M; i += 2) most += is_prime(i);",
    "an unsigned counter": (
        "int most = 0; for (unsigned i = 3; i + 2 <= M; i += 2) most += is_prime((int)i) && is_prime((int)i + 2);"
    ),
    "a counter of sizes": "size_t n = M; int most = 0; for (size_t i = 0; i < n; i++) most += is_prime((int)i);",
    "a bound just computed": (
        "int most = 0; for (int i = 2; i < M; i++) { int e = sqrt(i); for (int d = 2; d <= e; d++) most += d; }"
    ),
    "work under a condition on data": (
        "int most = 0; int w[N]; for (int i = 0; i < N; i++) w[i] = i % 3;\n"
        "for (int i = 2; i < N; i++) if (w[i]) for (int d = 2; d <= i; d++) most += d;"
    ),
    "a histogram": f"int most[9] = {{0}}; for (int i = 1; i < M; i++) {{ {STEPS} most[s % 9]++; }}",
    "rows that every rank gets": (
        f"int most[M]; for (int i = 5; i < M; i++) {{ {STEPS} most[i - 1] = s; }} most[2] = 7;\n"
        'int far = 0; for (int i = 4; i < M/2; i++) far += most[2*i] * i; printf("%d\\n", far);'
    ),
    "rows of a matrix, by steps": (
        "static int most[M + 1][5]; int n = M; for (int i = 0; i < n; i += 3) for (int j = 0; j < 5; j++) {\n"
        "int x = i*5 + j + 1; while (x % 7) x += 3; most[i][j] = x; }\n"
        'for (int i = 0; i < n; i++) printf("%d ", most[(i*i) % M][i % 5]);'
    ),
}


def _program(loop: str) -> str:
    shown = "most[0] + most[3]" if "most[9]" in loop else "most[0][1]" if "[5]" in loop else "most[2]"
    shown = "(int)most" if " most = 0" in loop else shown
    return f'{HEAD}{IS_PRIME}int main(void) {{\n{loop}\nprintf("%d %d\\n", {shown}, is_prime(7));\nreturn 0;\n}}\n'


def _irregular(plan_loops: tuple[LoopPlan, ...]) -> list[LoopPlan]:
    return [loop for loop in plan_loops if loop.chunks]


@pytest.mark.parametrize("name", LOOPS)
def test_its_range_is_dealt_in_chunks_and_the_program_prints_what_it_printed(name: str, executables: Path) -> None:
    facts = facts_of(_program(LOOPS[name]))
    plan = decide(facts)
    assert len(_irregular(plan.loops)) == 1
    assert prove(facts, plan)[1] == ()
    assert_alike(facts.program.source.shown, generate(facts, plan).shown, executables, ranks=(1, 3, 5))


@pytest.mark.parametrize(
    "loop",
    [
        "double most = 0; for (int i = 0; i < N; i++) for (int j = 0; j < i; j++) most += i*j;",
        "double most = 0, x[N]; int w[N]; for (int i = 0; i < N; i++) { x[i] = i; w[i] = i % 4; }\n"
        "for (int i = 0; i < N - 1; i++) for (int j = w[i]; j < w[i + 1]; j++) most += x[j];",
        "int most = 0; for (int i = 0; i < N; i++) if (i % 2 == 0) for (int j = 0; j < N; j++) most += j;",
        f"int most = 0, at = 0; for (int i = 1; i < M; i++) {{ {STEPS} if (s > most) {{ most = s; at = i; }} }}"
        'printf("%d", at);',
        f"int most = 0, kept[M]; for (int i = 1; i < M; i++) {{ {STEPS} most += s; kept[i] = most; }}"
        'for (int i = 1; i < M; i++) printf("%d", kept[i]);',
    ],
    ids=[
        "triangle",
        "rows of a sparse matrix",
        "a condition on the index",
        "the place of a maximum",
        "running values that are kept",
    ],
)
def test_what_is_known_or_needs_its_order_stays_in_blocks(loop: str) -> None:
    assert _irregular(decide(facts_of(_program(loop))).loops) == []


def test_a_plain_plan_has_blocks() -> None:
    facts = facts_of(_program(LOOPS["left by a test"]))
    assert _irregular(decide(facts, Wishes(plain=True)).loops) == []


def test_a_plan_with_chunks_where_the_order_counts_is_refuted() -> None:
    facts = facts_of('double x[N]; for (int i = 0; i < N; i++) x[i] = i; printf("%g", x[3]);')
    plan = decide(facts)
    loop = replace(loop_at(plan, "i"), chunks=True)
    wrong = replace(plan, loops=tuple(loop if p.place == loop.place else p for p in plan.loops))
    assert "in chunks" in prove(facts, wrong)[1][0].message


@pytest.mark.parametrize(
    ("function", "argument", "chunks"),
    [
        ("int f(int n) { int s = 0; for (int k = 0; k < 9; k++) s += n % (k + 1); return s; }", "i", False),
        ("int f(int n) { int s = 0; for (int k = 0; k < n; k++) s += k; return s; }", "M", False),
        ("int f(int n) { int s = 0; for (int k = 0; k < n; k++) for (int j = k; j < 9; j++) s++; return s; }", "M", 0),
        ("int f(int n) { int s = 0; for (int k = 0; k < n; k++) s += k; return s; }", "i", True),
        ("int f(int n) { for (int k = 0; k < 9; k++) if (n % (k + 2) == 0) return k; return 0; }", "i", True),
        ("int f(int n) { int s = 0; while (n > s) s += 3; return s; }", "M", True),
        ("int f(int n) { int s = 0; if (n % 7 == 0) for (int k = 0; k < 99; k++) s += k; return s; }", "i", True),
        ("int f(int n) { int s = 0; for (int k = 0; k < 9; k++) s += is_prime(n + k); return s; }", "M", True),
    ],
)  # fmt: skip
def test_calls_of_functions_that_loop_equally_often_are_even(function: str, argument: str, chunks: bool) -> None:
    body = f"int most = 0; for (int i = 0; i < M; i++) if (most < f({argument})) most = f({argument});"
    text = f'{HEAD}{IS_PRIME}{function}\nint main(void) {{\n{body}\nprintf("%d\\n", most);\nreturn 0;\n}}\n'
    facts = analyze(parse(Source.from_str("t.c", text)), expanding=False)
    assert facts is not None
    (info,) = facts.loops.values()
    assert is_irregular(info, facts) == chunks
