"""Which loops can be divided, and what is said of the others."""

from __future__ import annotations

import pytest
from deciding import facts_of, loop_of, plan_of

ARRAYS = "double a[N], b[N], s = 0, m = -1; int i, j, k = 0, f = 0, w = 1, z;\n"
AFTER = 'printf("%g %d %d %d %d", s, k, f, w, z); w = 5;'


def blocker(body: str, number: int = 0) -> str:
    blockers = loop_of(ARRAYS + body, number).blockers
    return f"{blockers[0].kind} {blockers[0].variable}" if blockers else ""


@pytest.mark.parametrize(
    "body",
    [
        "for (i = 0; i < N; i++) a[i] = b[i];",
        "for (i = 0; i <= N - 1; ++i) a[i] = b[N - 1 - i];",
        "for (i = N - 1; i >= 0; i--) a[i] = 2 * a[i];",
        "for (i = 1; i < N; i += 2) a[i] = a[i - 1];",
        "for (i = 0; i < N / 2; i++) a[2*i] = a[2*i + 1];",
        "for (i = 0; i < N; i++) { double t = a[i]; a[i] = b[i]; b[i] = t; }",
        "double t; for (i = 0; i < N; i++) { t = a[i]; a[i] = b[i]; b[i] = t; }",
        "for (i = 0; i < N; i++) { if (i > 0 && i < 1) a[i] = a[i - 1]; }",
        "for (i = 0; i < N; i++) { a[i] = 0; for (j = 0; j < i; j++) a[i] += b[j]; }",
        "char word[N][M] = {{0}}; for (i = 0; i < N; i++) a[i] = atof(word[i]) + atof(word[N - 1 - i]);",
        "for (i = 0; i < N; i++) { double w[3]; for (j = 0; j < 3; j++) w[j] = b[i]; a[i] = w[0] + w[2]; }",
    ],
)
def test_these_iterations_are_independent(body: str) -> None:
    assert blocker(body) == ""


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("for (i = 1; i < N; i++) a[i] = a[i - 1];", "flow a"),
        ("for (i = 0; i < N - 1; i++) a[i] = a[i + 1];", "anti a"),
        ("for (i = 0; i < N; i++) a[0] = b[i];", "output a"),
        ("for (i = 0; i < N; i++) a[k] = b[i];", "output a"),
        ("for (i = 0; i < N; i++) { b[i] = s; s = a[i]; }", "flow s"),
        ('for (i = 0; i < N; i++) scanf("%lg", &s);\nprintf("%g", s);', "call scanf"),
        ('for (i = 0; i < N; i += 3) a[i] = i;\nprintf("%d", i);', "output i"),
        ('for (i = 0; i < N; i++) printf("%g", a[i]);', "call printf"),
        ("for (i = 0; i < N; i++) a[i] = rand();", "call rand"),
        ("for (i = 0; i < N; i++) { if (a[i] < 0) break; a[i] = 1; }", "control "),
        ("for (i = 0; i < N; i++) { a[i] = 1; i++; }", "form "),
        ("double *p = a; for (i = 0; i < N; i++) p[i] = b[i];", "alias p"),
        ("double *p = N ? &s : 0; for (i = 0; i < N; i++) s += a[i];\nif (*p > 1) return 1;", "alias s"),
        ("for (i = 0; i < N; i++) b[i] = 2 * (s += a[i]);", "flow s"),
        ("for (i = 0; i < N; i++) b[i] = k++;", "flow k"),
        ("for (i = 0; i < N; i++) { static double last; b[i] = a[i] - last; last = a[i]; }", "flow last"),
        ('for (i = 0; i < N; i++) k += 0.5 * a[i];\nprintf("%d", k);', "flow k"),
        ('for (i = 0; i < N; i++) if (a[i] > m) { m = a[i]; k++; }\nprintf("%d", k);', "flow m"),
        ("for (i = 0; i < 0.5 * N; i++) a[i] = 1;", "form "),
    ],
)
def test_these_are_not(body: str, expected: str) -> None:
    assert blocker(body) == expected


def test_a_dependence_comes_with_two_iterations() -> None:
    found = loop_of(ARRAYS + "for (i = 3; i < N; i++) a[i] = a[i - 3];").blockers[0]
    assert found.message == "'a[i - 3]' reads what 'a[i]' writes in an earlier iteration"
    assert found.witness == (3, 6)


@pytest.mark.parametrize(
    ("update", "operation"),
    [
        ("s += a[i];", "SUM"),
        ("s -= a[i];", "SUM"),
        ("s = s + a[i] * b[i];", "SUM"),
        ("s = a[i] + s;", "SUM"),
        ("s = s + a[i] + b[i];", "SUM"),
        ("s *= a[i];", "PROD"),
        ("if (a[i] > s) s = a[i];", "MAX"),
        ("if (s > a[i]) s = a[i];", "MIN"),
        ("if (fabs(a[i]) > s) { s = fabs(a[i]); }", "MAX"),
        ("s = fmax(s, a[i]);", "MAX"),
        ("s = fmin(a[i], s);", "MIN"),
        ("s = a[i] > s ? a[i] : s;", "MAX"),
        ("s = s < a[i] ? s : a[i];", "MIN"),
        ("if (a[i] > 0) k++;", "SUM"),
        ("k |= i;", "BOR"),
        ("f = f && a[i] > 0;", "LAND"),
        ("f = a[i] > 0 || f;", "LOR"),
        ("if (a[i] > 0) f = 1;", "LOR"),
        ("if (!f && a[i] > 0) { f = 1; }", "LOR"),
        ("if (a[i] > 0) f = 0;", "LAND"),
        ("f = f && a[i] > 0; if (b[i] > 0) f = 0;", "LAND"),
        ("if (a[i] > 0) w = 9;", "MAX"),
        ("if (i > 2 && a[i] > s) s = a[i];", "MAX"),
    ],
)
def test_reductions_in_every_form(update: str, operation: str) -> None:
    found = loop_of(ARRAYS + f"for (i = 0; i < N; i++) {{ {update} }}\n{AFTER}")
    assert [r.operation for r in found.reductions] == [operation]
    assert found.is_parallel


@pytest.mark.parametrize(
    "update",
    ["s = a[i] - s;", "s = s * a[i] + b[i];", "s = s / a[i];", "s += a[i]; s *= 2;", "if (a[i] > s) { s = a[i]; k++; }",
     "s += s * a[i];", "s += a[i]; b[i] = 2*s;", "w = w && a[i] > 0;", "if (a[i] > 0) w = 3;", "if (a[i] > 0) f = i;",
     "if (a[i] > 0) f = 1; if (b[i] > 0) f = 0;",
     "if (a[i] > 0) z = 3;", "if (a[i] > 0) f = 1; b[i] = f;", "if (!f && k++ > 3) f = 1;",
     "while (!f) f = 1;", "if (a[i] > 0) f = 1; else if (f) k++;"],
)  # fmt: skip
def test_what_only_looks_like_a_reduction(update: str) -> None:
    found = loop_of(ARRAYS + f"for (i = 0; i < N; i++) {{ {update} }}\n{AFTER}")
    assert not found.is_parallel or (found.lasting and not found.reductions)


def test_linearised_subscripts_are_split_in_three_dimensions() -> None:
    facts = facts_of(
        "int n = atoi(argv[1]), m = atoi(argv[2]), l = atoi(argv[3]); double *u = malloc(n*m*l*sizeof(double));\n"
        "for (int i = 1; i < n; i++) for (int j = 0; j < m; j++) for (int k = 1; k < l; k++)\n"
        "  { int c = (i*m + j)*l + k; u[c] = u[c - 1] + u[c - m*l]; }"
    )
    found = [[p.text() if p else None for p in a.subscripts] for a in facts.accesses.values()]
    assert found == [["i", "j", "k - 1"], ["i - 1", "j", "k"], ["i", "j", "k"]]


def test_a_subscript_that_may_leave_its_row_asks_for_a_longer_row() -> None:
    plan = plan_of(
        "int n = atoi(argv[1]), m = atoi(argv[2]); double *u = malloc(n*m*sizeof(double));\n"
        "for (int i = 0; i < n; i++) for (int j = 0; j < m; j++) u[i*m + j] = i;\n"
        "for (int i = 0; i < n; i++) u[i*m + m - 1] = u[i*m + m - 2];\n"
    )
    assert plan.partitions[0].requires == ("m >= 2",)


def test_where_the_loops_around_stand_tells_elements_apart() -> None:
    body = """double c[N][N]; int i, j, k;
        for (k = 0; k < N; k++)
            for (j = k + 1; j < N; j++)
                for (i = j; i < N; i++)
                    c[i][j] -= c[i][k] * c[j][k];"""
    assert not loop_of(body, 2).blockers
    assert loop_of(body.replace("j = k + 1", "j = k"), 2).blockers
    # j begins at a value that w no longer has
    assert loop_of("""double a[N]; int i, j, w = 3;
        for (j = w; j < N; j++) {
            w = N;
            for (i = 0; i < N - j; i++) a[i + j] = a[w - 1];
        }""", 1).blockers  # fmt: skip


EARLY = """
static void get(double *x, int i, double *y)
{
    for (int j = 0; j < 3; j++)
        if (x[i * 3 + j] > 1) { %s return; }
    *y = x[i * 3];
}
int main(void)
{
    double a[300], b[100], last = 0;
    for (int i = 0; i < 300; i++) a[i] = i;
    for (int i = 0; i < 100; i++) { get(a, i, &last); b[i] = last; }
    printf("%%g", b[7]);
    return 0;
}
"""


@pytest.mark.parametrize(("before", "divided"), [("*y = 0;", True), ("", False)])
def test_what_a_helper_writes_before_each_of_its_returns_is_private(before: str, divided: bool) -> None:
    facts = loop_of("#include <stdio.h>\n" + EARLY % before, 2)
    assert facts.is_parallel == divided
    assert {b.variable for b in facts.blockers} == (set() if divided else {"last"})
