"""Parameters that hold one function, and contexts of type `void *`: named and typed where that is the same."""

from __future__ import annotations

import pytest

from chatmpi.analysis.calls.specialise import read_program
from chatmpi.analysis.facts import analyze
from chatmpi.analysis.parse import ParseOptions, parse
from chatmpi.analysis.restyle.member_functions import member_functions
from chatmpi.analysis.restyle.one_function import one_function
from chatmpi.analysis.restyle.typed_contexts import typed_contexts
from chatmpi.analysis.source import Source, edited
from chatmpi.plan.decide import decide

HEAD = """#include <stdlib.h>
typedef double (*map_t)(double x, void *c);
struct par { double k; int n; };
struct other { double k; };
"""
MAIN = "int main(int argc, char **argv) { struct par p = {1, argc}; struct other o = {2}; map_t h; "
USER = "static double g(double x, void *c) { struct par *q = c; return x + q->k; } "


def spelled_anew(text: str, one_pass: object) -> str:
    program = parse(Source.from_str("t.c", HEAD + text), ParseOptions())
    assert callable(one_pass)
    return edited(program.source, one_pass(program)).text[len(HEAD) :]


NAMED = [
    (
        USER + "static double f(map_t m, double x, void *c) { return m(x, c) + (*m)(2*x, c); } "
        + MAIN + "return f(g, 1, &p) + f(&g, f(g, 2, &p), &p); }",
        USER + "static double f(double x, void *c) { return g(x, c) + (g)(2*x, c); } "
        + MAIN + "return f(1, &p) + f(f(2, &p), &p); }",
    ),
    (
        "double k(double, void *); double f(double (*m)(double, void *));\n"
        "double f(double (*m)(double, void *)) { return m(1, 0); } "
        + MAIN + "return f(k); } double k(double x, void *c) { return x; }",
        "double k(double, void *); double f(void);\ndouble f(void) { return k(1, 0); } "
        + MAIN + "return f(); } double k(double x, void *c) { return x; }",
    ),
]  # fmt: skip

POINTERS = [
    # several functions, another use of the parameter or of the function itself, a later declaration
    "static double k(double x, void *c) { return x; } static double f(map_t m) { return m(1, 0); } "
    + MAIN + "return f(g) + f(k); }",
    "static double f(map_t m) { return m ? m(1, 0) : 0; } " + MAIN + "return f(g); }",
    "static double f(map_t m) { m = g; return m(1, 0); } " + MAIN + "return f(g); }",
    "static double f(map_t m) { return m(1, 0); } " + MAIN + "double (*r)(map_t) = f; return f(g) + r(g); }",
    "static double f(map_t m) { return m(1, 0); } " + MAIN + "h = g; return f(h); }",
    "static double f(map_t m) { return m(1, 0); } double k(double x, void *c); "
    "double k(double x, void *c) { return x; } " + MAIN + "return f(k); }",
    "static double f(map_t m) { double g = 1; return m(g, 0); } " + MAIN + "return f(g); }",
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), NAMED)
def test_the_one_function_is_named(before: str, after: str) -> None:
    assert spelled_anew(before, one_function) == after


def test_other_pointers_to_functions_stay() -> None:
    for text in POINTERS:
        assert spelled_anew(USER + text, one_function) == USER + text


def test_contexts_get_the_type_of_what_they_lead_to() -> None:
    before = (
        USER + "static double f(double x, const void *c) { return g(x, (void *)c); } " + MAIN + "return f(1, &p); }"
    )
    after = before.replace("g(double x, void *c)", "g(double x, struct par *c)")
    assert spelled_anew(before, typed_contexts) == after.replace("const void *c", "const struct par *c")


UNTYPED = [
    # two types, another use, an address of the function, another argument
    "static double f(void *c) { struct par *q = c; struct other *r = c; return q->k + r->k; } "
    + MAIN + "return f(&p); }",
    "static double f(void *c) { struct par *q = c; return c == 0 ? 0 : q->k; } " + MAIN + "return f(&p); }",
    "static double f(double x, void *c) { struct par *q = c; return q->k; } " + MAIN + "h = f; return h(1, &p); }",
    "static double f(void *c) { struct par *q = c; return q->k; } " + MAIN + "return f(&o); }",
    "static double g(void *c) { return c != 0; } static double f(void *c) { return g(c); } "
    + MAIN + "return f(&p) + f(&o); }",
]  # fmt: skip


def test_other_contexts_stay() -> None:
    for text in UNTYPED:
        assert spelled_anew(text, typed_contexts) == text


def test_functions_that_two_calls_hand_over_are_known_in_each() -> None:
    text = """#include <stdio.h>
#include <stdlib.h>
typedef void (*rhs_t)(const double y[3], double dy[3]);
static void decay(const double y[3], double dy[3])
{
    for (int d = 0; d < 3; d++)
        dy[d] = -0.25 * y[d];
}
static void grow(const double y[3], double dy[3])
{
    for (int d = 0; d < 3; d++)
        dy[d] = 0.5 * y[d];
}
static void step(rhs_t f, double y[3])
{
    double k[3], w[3];
    f(y, k);
    for (int d = 0; d < 3; d++)
        w[d] = y[d] + k[d];
    f(w, k);
    for (int d = 0; d < 3; d++)
        y[d] += k[d];
}
int main(int argc, char **argv)
{
    int n = atoi(argv[1]);
    double (*y)[3] = malloc(n * sizeof *y), s = 0.0;
    for (int m = 0; m < n; m++) {
        for (int d = 0; d < 3; d++)
            y[m][d] = m + d;
        for (int t = 0; t < 10; t++) {
            step(decay, y[m]);
            step(grow, y[m]);
        }
    }
    for (int m = 0; m < n; m++)
        s += y[m][0] + y[m][2];
    printf("%g\\n", s);
    return 0;
}
"""
    facts = analyze(read_program(Source.from_str("t.c", text)))
    assert facts is not None
    plan = decide(facts)
    assert [loop.treatment for loop in plan.loops if loop.variable == "m"] == ["distributed", "distributed"]


OPERATOR = (
    "typedef struct op { const void *c; map_t apply; int k; } op; static double g(double x, void *c) { return x; } "
)
CALLED = [
    (MAIN + "op a = {&p, g, 1}, *q = &a; return a.apply(1, &p) + (*q->apply)(2, &p); }", "g(1, &p) + (g)(2, &p)"),
    (MAIN + "op a = {.apply = &g, .c = &p}, b = a; b.apply = 0; b = a; return b.apply(1, &p); }", "g(1, &p)"),
    (MAIN + "op *a = malloc(sizeof *a); a->apply = g; return a->apply(1, &p); }", "g(1, &p)"),
    ("static op t[2] = {{0, g, 1}, {0, g, 2}}; " + MAIN + "return t[1].apply(1, &p); }", "g(1, &p)"),
]

STAY = [
    # two functions, a pointer to the member, a value that may be any, braces left out, other memory, a name that hides
    "static double k(double x, void *c) { return x; } "
    + MAIN + "op a = {&p, g}, b = {&p, k}; return a.apply(1, &p) + b.apply(1, &p); }",
    MAIN + "op a = {&p, g}; map_t *m = &a.apply; return a.apply(1, &p) + (m != 0); }",
    MAIN + "op a = {&p, g}; a.apply = h; return a.apply(1, &p); }",
    "static op t[2] = {0, g, 1, 0, g, 2}; " + MAIN + "return t[1].apply(1, &p); }",
    MAIN + "op a = {&p, g}; char m[64]; op *q = (op *)m; return a.apply(1, &p) + q->apply(1, &p); }",
    MAIN + "op a = {&p, g}; double g = 1; return a.apply(g, &p); }",
]  # fmt: skip


@pytest.mark.parametrize(("text", "called"), CALLED)
def test_the_one_function_of_a_member_is_named(text: str, called: str) -> None:
    assert f"return {called};" in spelled_anew(OPERATOR + text, member_functions)


def test_other_members_stay() -> None:
    for text in STAY:
        assert spelled_anew(OPERATOR + text, member_functions) == OPERATOR + text


def test_what_the_context_of_an_operator_leads_to_is_known() -> None:
    text = """#include <stdio.h>
#include <stdlib.h>
typedef struct { int n; double h; } grid;
typedef struct { const void *ctx; void (*apply)(const void *ctx, const double *x, double *y); } operation;
static void difference(const void *ctx, const double *x, double *y)
{
    const grid *g = ctx;
    for (int i = 1; i < g->n - 1; i++)
        y[i] = (x[i + 1] - x[i - 1]) / g->h;
}
static void smooth(const operation *a, int n, double *x, double *y)
{
    for (int t = 0; t < 100; t++) {
        a->apply(a->ctx, x, y);
        for (int i = 0; i < n; i++)
            x[i] += y[i];
    }
}
int main(int argc, char **argv)
{
    grid g = { atoi(argv[1]), 0.5 };
    operation a = { &g, difference };
    double *x = calloc(g.n, sizeof *x), *y = calloc(g.n, sizeof *y);
    for (int i = 0; i < g.n; i++)
        x[i] = i % 7;
    smooth(&a, g.n, x, y);
    printf("%g\\n", x[g.n / 2]);
    return 0;
}
"""
    facts = analyze(read_program(Source.from_str("t.c", text)))
    assert facts is not None
    assert {a.name: a.partition is not None for a in decide(facts).arrays} == {"x": True, "y": True}
