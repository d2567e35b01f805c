"""Reductions of every kind: what is found, and programs divided wherever they can be, beside the sequential ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from alike import assert_alike
from deciding import facts_of, loop_of, plan_of

from chatmpi.analysis.facts import analyze
from chatmpi.analysis.parse import parse
from chatmpi.analysis.source import Source
from chatmpi.generate.from_template import generate
from chatmpi.plan.decide import Wishes, decide
from chatmpi.plan.references import check_references
from chatmpi.plan.serialize import plan_from_json, plan_to_json
from chatmpi.verify.prove import prove

PROGRAMS = sorted((Path(__file__).parent / "reductions").glob("*.c"))


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda p: p.stem)
def test_all_ranks_together_compute_what_one_computes(path: Path, executables: Path) -> None:
    """Every loop that can be divided is, however small."""
    source = Source.read(path)
    facts = analyze(parse(source))
    assert facts is not None
    copied = {r.symbol for f in facts.loop_facts.values() for r in f.accumulated}
    plan = decide(facts, Wishes(tuple((s, "a copy on every rank") for s in copied), distributed=frozenset(facts.loops)))
    assert {c.uid for c in plan.communications if c.kind == "allreduce"} >= {s.uid for s in copied}
    assert prove(facts, plan)[1] == ()
    check_references(plan_from_json(plan_to_json(plan)), facts.program)
    assert_alike(source.shown, generate(facts, plan).shown, executables, ranks=(1, 4), tolerance=1e-9)


ARRAYS = (
    "double a[N][M], x[N], y[N], m[M], s[3], total = 0, best = 0; int h[M], row[N], key[N], i, j, k, p = 0, out[N];\n"
    "unsigned char c[M]; short w[M];\n"
)


def accumulated(body: str, number: int = 0) -> list[str]:
    found = loop_of(ARRAYS + body, number)
    if found.blockers:
        return []
    return [f"{r.operation} {r.symbol}{'' if r.element is None else ' one'}" for r in found.accumulated]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("for (i = 0; i < N; i++) h[key[i]]++;", "SUM h"),
        ("for (i = 0; i < N; i++) h[key[i]] = h[key[i]] + 1;", "SUM h"),
        ("for (i = 0; i < N; i++) { h[key[i]]++; h[row[i]] -= 2; }", "SUM h"),
        ("for (k = 0; k < N; k++) y[row[k]] += x[k] * m[key[k]];", "SUM y"),
        ("for (i = 0; i < N; i++) for (j = 0; j < M; j++) m[j] += a[i][j];", "SUM m"),
        ("for (i = 0; i < N; i++) for (j = 0; j < M; j++) m[j] = fmax(m[j], a[i][j]);", "MAX m"),
        ("for (i = 0; i < N; i++) for (j = 0; j < M; j++) if (a[i][j] < m[j]) m[j] = a[i][j];", "MIN m"),
        ("for (i = 0; i < N; i++) if (row[i] > 0 && x[i] > m[key[i]]) m[key[i]] = x[i];", "MAX m"),
        ("for (i = 0; i < N; i++) s[1] += x[i];", "SUM s one"),
        ("for (i = 0; i < N; i++) s[p + 1] *= x[i];", "PROD s one"),
        ("for (i = 0; i < N; i++) c[key[i]] |= 1 << row[i];", "BOR c"),
        ("if (h[0] > 2) return 1; for (i = 0; i < N; i++) h[key[i]]++;", "SUM h"),  # known before the loop
    ],
)
def test_arrays_that_are_only_added_to(body: str, expected: str) -> None:
    assert accumulated(body) == [expected]


@pytest.mark.parametrize(
    "body",
    [
        "for (i = 0; i < N; i++) out[h[key[i]]++] = i;",  # counting sort
        "for (i = 0; i < N; i++) out[i] = ++h[key[i]];",
        "for (i = 0; i < N; i++) h[h[i]]++;",
        "for (i = 0; i < N; i++) { h[key[i]]++; p += h[0]; }",
        "for (i = 0; i < N; i++) { h[key[i]]++; h[0] *= 2; }",
        "for (i = 0; i < N; i++) if (h[key[i]] < 5) h[key[i]]++;",
        "for (i = 0; i < N; i++) { if (h[0] > 2) continue; h[key[i]]++; }",
        "for (i = 0; i < N; i++) if (h[key[i]]++ < 5) p++;",
        "for (i = 0; i < N; i++) h[key[i]] += 0.5 * x[i];",
        "for (i = 0; i < N; i++) m[key[i]] = x[i] - m[key[i]];",
        "for (i = 0; i < N; i++) m[key[i]] = x[i];",
        "for (i = 0; i < N; i++) { k = key[i]; if (x[i] > m[k]) { k = 0; m[k] = x[i]; } }",
        "for (i = 0; i < N; i++) if (x[i] > m[key[i]]) { m[key[i]] = x[i]; p++; }",
        "for (i = 0; i < N; i++) if (key[i] > w[i % M]) w[i % M] = key[i];",  # cut off
        "for (i = h[0]; i < N; i++) h[key[i]]++;",  # the start is read where the old contents are set aside
    ],
)
def test_arrays_that_are_more_than_added_to(body: str) -> None:
    assert accumulated(body) == []


def test_what_was_tested_must_be_what_is_kept() -> None:
    body = 'for (i = 0; i < N; i++) { k = i / 2; if (x[k] > best) { k = 0; best = x[k]; } }\nprintf("%g", best);'
    assert not loop_of(ARRAYS + body).is_parallel


def test_rows_of_a_product_are_better_owned_than_added_up() -> None:
    plan = plan_of(
        "static double a[N][M], x[M], y[N];\n"
        "for (int i = 0; i < N; i++) { y[i] = i; for (int j = 0; j < M; j++) a[i][j] = i + j; }\n"
        "for (int i = 0; i < N; i++) for (int j = 0; j < M; j++) y[i] += a[i][j]*x[j];\n"
    )
    assert plan.communications == ()


def test_only_the_element_is_combined_where_it_is_surely_there() -> None:
    body = (
        "double y[N]; for (int i = 0; i < N; i++) { for (int j = 0; j < M; j++) y[i] += j; y[i] = -y[i]; }\n"
        "for (int i = -1; i < N; i++) for (int j = 0; j < i; j++) y[i] += j;\n"
    )
    facts = facts_of(body)
    inner = frozenset(i for i, info in facts.loops.items() if len(info.around) == 2)
    outer = frozenset(facts.loops) - inner
    whole = tuple((s, "a copy on every rank") for s in facts.extents)
    plan = decide(facts, Wishes(whole, serial=outer, distributed=inner))
    assert [(c.element, c.words) for c in plan.communications] == [("y[i]", "1"), ("", "N")]


PLACES = (
    "double a[N][M], x[N], best = -1, bx = 0, low = 9; float bf = 0; int i, j, where = -1, bi = 0, c[N], n = 0;\n"
    "long bl = 0; unsigned u = 0;\n"
)
USED = '\nprintf("%g %g %g %g %d %d %d %ld %u", best, bx, low, bf, where, bi, n, bl, u);'


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("for (i = 0; i < N; i++) if (x[i] > best) { best = x[i]; where = i; }", "MAX best first: where"),
        ("for (i = 0; i < N; i++) if (best <= fabs(x[i])) { where = i; best = fabs(x[i]); bx = x[i]; }",
         "MAX best last: where bx"),
        ("for (i = 0; i < N; i++) for (j = 0; j < M; j++) if (c[i] && a[i][j] < low) { low = a[i][j]; bi = i; n = j; }",
         "MIN low first: bi n"),
        ("for (i = 0; i < N; i++) { double v = -x[i]; if (!(i == 3) && v > best) { best = v; where = i; } }",
         "MAX best first: where"),
        ("for (i = 0; i < N; i++) if (c[i] > bl) { bl = c[i]; where = 2 * i; }", "MAX bl first: where"),
    ],
)  # fmt: skip
def test_extrema_with_their_places(body: str, expected: str) -> None:
    found = loop_of(PLACES + body + USED)
    assert found.is_parallel
    (x,) = found.located
    order = "first" if x.first_wins else "last"
    assert f"{x.operation} {x.symbol} {order}: {' '.join(s.name for s in x.companions)}" == expected


@pytest.mark.parametrize(
    "body",
    [
        "if (x[i] > best) { best = x[i]; where = i; n++; }",
        "int h = 0; if (x[i] > best) { best = x[i]; where = i; h = 1; } n += h;",
        "if (x[i] > bf) { bf = x[i]; where = i; }",  # what is kept is rounded
        "if (x[i] > best) { best = x[i]; where = i; } else n++;",
        "if (x[i] > best) { best = x[i]; where = i; } c[i] = where;",
        "if (x[i] > best) { where = i; if (c[i]) bi = i; best = x[i]; }",
        "if (x[i] > best) { x[i] = 0; best = x[i]; where = i; }",
        "if (x[i] > best || c[i]) { best = x[i]; where = i; }",
        "if (x[i] > best) { best = x[i]; where = i; } if (x[i] > 2 * best) n = i;",
        "if (x[i] > best) { best = x[i]; where = i; bx = best; }",
        "if (x[i] > x[where]) where = i;",
        "if (c[i] > u) { u = c[i]; where = i; }",
    ],
)
def test_places_that_depend_on_the_order(body: str) -> None:
    assert not loop_of(f"{PLACES}for (i = 0; i < N; i++) {{ {body} }}{USED}").is_parallel


def test_of_equals_the_rank_is_taken_that_the_sequential_loop_meets_first() -> None:
    body = PLACES + "for (i = {0}) if (x[i] {1} best) {{ best = x[i]; where = i; }}" + USED
    for header, relation, pair in [
        ("0; i < N; i++", ">", "{ best, rank }"),
        ("N - 1; i >= 0; i--", ">", "{ best, size - 1 - rank }"),
        ("0; i < N; i++", ">=", "{ best, best_set ? size - 1 - rank : size }"),
        ("N - 1; i >= 0; i--", ">=", "{ best, best_set ? rank : size }"),
    ]:
        facts = facts_of(body.format(header, relation))
        plan = decide(facts, Wishes(distributed=frozenset(facts.loops)))
        assert pair in generate(facts, plan).shown


SERIES = "double x[N], s[N + 1], run = 0; float f[N]; int i, j, c[N], p[N + 1], n = 0;\n"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("for (i = 1; i < N; i++) s[i] = s[i-1] + x[i];", "SUM s: s"),
        ("for (i = 1; i < N; i++) s[i] = x[i] * s[i-1];", "PROD s: s"),
        ("for (i = 1; i < N; i++) s[i] += s[i-1];", "SUM s: s"),
        ("for (i = 0; i < N; i++) p[i+1] = p[i] + c[i];", "SUM p: p"),
        ("for (i = 1; i < N; i++) s[i] = s[i-1] > x[i] ? s[i-1] : x[i];", "MAX s: s"),
        ("for (i = 0; i < N; i++) { run += x[i]; s[i] = run; }", "SUM run: s"),
        ("for (i = 0; i < N; i++) { s[i] = run; run -= x[i]; }", "SUM run: s"),
        ("for (i = 0; i < N; i++) s[i] = run += x[i];", "SUM run: s"),
        ("for (i = 0; i < N; i++) { run += s[i]; s[i] = run; }", "SUM run: s"),
        ("for (i = 0; i < N; i++) { for (j = 0; j < 3; j++) run += x[i] * j; s[i] = run; }", "SUM run: s"),
        ("for (i = 0; i < N; i++) { if (x[i] > run) run = x[i]; s[i] = run; }", "MAX run: s"),
        ("for (i = 0; i < N; i++) { if (x[i] > 0) n++; p[i] = n; c[i] = n; }", "SUM n: p c"),
    ],
)
def test_running_values_that_are_kept(body: str, expected: str) -> None:
    found = loop_of(SERIES + body + '\nprintf("%g %d", run, n);')
    assert found.is_parallel
    (scan,) = found.scans
    assert f"{scan.operation} {scan.carrier}: {' '.join(a.touch.symbol.name for a in scan.kept)}" == expected


@pytest.mark.parametrize(
    "body",
    [
        "for (i = 1; i < N; i++) s[i] = x[i] - s[i-1];",
        "for (i = 1; i < N; i++) s[i] -= s[i-1];",
        "for (i = 1; i < N; i++) s[i] = 0.5 * s[i-1] + x[i];",
        "for (i = 2; i < N; i++) s[i] = s[i-1] + s[i-2];",
        "for (i = 2; i < N; i++) s[i] = s[i-2] + x[i];",
        "for (i = 1; i < N; i++) if (x[i] > 0) s[i] = s[i-1] + x[i];",
        "for (i = 1; i < N; i++) { if (x[i] > 0) continue; s[i] = s[i-1] + x[i]; }",
        "for (i = 1; i < N; i++) { s[i] = s[i-1] + x[i]; x[i] = s[i]; }",
        "for (i = 1; i < N; i++) p[i] = p[i-1] + x[i];",  # cut to an integer at each step
        "for (i = N - 2; i >= 0; i--) s[i] = s[i+1] + x[i];",
        "for (i = 0; i < N; i++) { run += x[i]; s[i] = run / 2; }",
        "for (i = 0; i < N; i++) { run += x[i]; if (x[i] > 0) s[i] = run; }",
        "for (i = 0; i < N; i++) { run += x[i]; f[i] = run; }",
        "for (i = 0; i < N; i++) { n += c[i]; p[n] = n; }",
        "for (i = 0; i < N; i++) { run += s[i]; s[i] = run; x[i] = s[i]; }",
        "for (i = 0; i < N; i++) { run += x[i]; s[i] = run; s[i+1] += 1; }",
        "for (i = 0; i < N; i++) { run += x[i]; s[i] = run; if (s[i] > 3) n++; }",
    ],
)
def test_recurrences_that_are_no_scans(body: str) -> None:
    assert not loop_of(SERIES + body + '\nprintf("%g %d", run, n);').is_parallel


@pytest.mark.parametrize(
    "body",
    [
        "int h[5] = {0}; for (int i = 0; i < N; i++) h[key[i]] += 1;",
        "for (int i = 0; i < N; i++) if (x[i] > best) { best = x[i]; where = i; }",
        "for (int i = 1; i < N; i++) x[i] += x[i-1];",
        "for (int i = 0; i < N; i++) { best += x[i]; x[i] = best; }",
        "for (int i = 0; i < N; i++) if (x[i] > 3) where = 7;",
    ],
)
def test_what_a_plan_leaves_out_or_changes_is_missed(body: str) -> None:
    facts = facts_of(f'double x[N], best = 0; int key[N], where = 2;\n{body}\nprintf("%g %d", best, where);')
    plan = decide(facts, Wishes(distributed=frozenset(facts.loops)))
    assert prove(facts, plan)[1] == ()
    assert plan.communications
    for k, c in enumerate(plan.communications):
        other = replace(c, operation="PROD")
        for changed in ((), (other,)):
            less = (*plan.communications[:k], *changed, *plan.communications[k + 1 :])
            assert prove(facts, replace(plan, communications=less))[1]


def test_an_array_just_filled_with_zeros_counts_once_already() -> None:
    body = "int h[5], key[N]; for (int b = 0; b < {0}; b++) h[b] = {1};{2} for (int i = 0; i < N; i++) h[key[i]]++;"
    for end, value, between, clears in [
        ("5", "0", "", False),
        ("4", "0", "", True),
        ("5", "1", "", True),
        ("5", "0", " h[2] = 7;", True),
    ]:
        facts = facts_of(body.format(end, value, between))
        assert ("memset(h" in generate(facts, decide(facts)).shown) is clears


OWN = """#include <stdio.h>
double larger_of(double a, double b) {{ {0} }}
int main(void) {{
  double x[40], m = -1, s[40]; int k[40];
  for (int i = 0; i < 40; i++) {{ {1} }}
  printf("%g %g", m, s[3]);
}}
"""


@pytest.mark.parametrize(
    ("body", "update", "operation"),
    [
        ("return a > b ? a : b;", "m = larger_of(m, x[i]);", "MAX"),
        ("if (a < b) return b; return a;", "m = larger_of(x[i], m);", "MAX"),
        ("if (a <= b) { return a; } else { return b; }", "m = larger_of(m, 2 * x[i]);", "MIN"),
        ("return a > b ? a : b;", "s[k[i]] = larger_of(s[k[i]], x[i]);", "MAX"),
        ("return a > b ? a : a;", "m = larger_of(m, x[i]);", ""),
        ("return a > b ? a : b + 1;", "m = larger_of(m, x[i]);", ""),
        ("return a > 0 ? a : b;", "m = larger_of(m, x[i]);", ""),
        ("return a > b ? a : b;", "m = larger_of(m, m + x[i]);", ""),
    ],
)
def test_functions_of_the_program_that_select(body: str, update: str, operation: str) -> None:
    found = loop_of(OWN.format(body, update))
    operations = [r.operation for r in found.reductions] + [r.operation for r in found.accumulated]
    assert "".join(operations) == operation
    assert found.is_parallel is bool(operation)


RANGE = """double x[N], lo{0}, hi{1}; int i, n = 0;
{2} for (i = 1; i < N; i++) {{ {3} }} printf("%g %g %d", lo, hi, n);
"""
CHAIN = "if (x[i] > hi) hi = x[i]; else if (x[i] < lo) lo = x[i];"


@pytest.mark.parametrize(
    ("parts", "parallel"),
    [
        ((" = x[0]", " = x[0]", "", CHAIN), True),
        (("", "", "lo = hi = x[0];", CHAIN), True),
        (("", "", "lo = 3; hi = 3;", "if (lo >= x[i]) lo = x[i]; else if (hi < x[i]) { hi = x[i]; }"), True),
        ((" = 1e30", " = -1e30", "", CHAIN), False),  # the first value would be the largest only
        (("", "", "lo = x[0]; x[0] = 3; hi = x[0];", CHAIN), False),
        (("", "", "lo = hi = x[0]; if (x[1] > 0) lo = 9;", CHAIN), False),
        ((" = x[0]", " = x[0]", "", CHAIN + " if (x[i] > hi) n++;"), False),
        ((" = x[0]", " = x[0]", "", "if (x[i] > hi) hi = x[i]; else if (-x[i] < lo) lo = -x[i];"), False),
        ((" = x[0]", " = x[0]", "", "if (x[i] > hi) hi = x[i]; else if (x[i] < lo) { lo = x[i]; n++; }"), False),
        ((" = x[0]", " = x[0]", "", "if (x[i] > hi) { hi = x[i]; n++; } else if (x[i] < lo) lo = x[i];"), False),
    ],
)
def test_both_ends_of_a_range_in_one_chain(parts: tuple[str, str, str, str], parallel: bool) -> None:
    found = loop_of(RANGE.format(*parts))
    assert found.is_parallel is parallel
    assert not parallel or {(r.symbol.name, r.operation) for r in found.reductions} == {("lo", "MIN"), ("hi", "MAX")}
