"""Styles of pointers and loops, and how the analysis reads them: before and after."""

from __future__ import annotations

import re

import pytest

from chatmpi.analysis.parse import ParseOptions, parse
from chatmpi.analysis.restyle.passes import restyled
from chatmpi.analysis.source import Source

FRAME = """#include <math.h>
#include <stdlib.h>
#include <stdio.h>
#include <time.h>
void use(double *p);
double **table;
#define SET(x) if ((n = (x)) != 0) goto out
#define FAIL(c) do {{ n = (c); goto out; }} while (0)
#define TRY(x) do {{ if (x) FAIL(#x[0]); }} while (0)
int f(int n, int m, double *a, double *b, double g[10][20]) {{
    {}
    return 0;
}}
"""


def spelled_anew(body: str) -> str:
    program = parse(Source.from_str("t.c", FRAME.format(body)), ParseOptions())
    text = restyled(program, ParseOptions()).source.shown
    found = re.search(r"g\[10\]\[20\]\) \{\n(.*)    return 0;", text, re.DOTALL)
    assert found is not None
    return " ".join(found.group(1).split())


APART = [
    ('printf("%d", n++);', 'const int n_value = n++; printf("%d", n_value);'),
    ('if (n) printf("%d", rand());', 'if (n) { const int rand_value = rand(); printf("%d", rand_value); }'),
    ('n ? puts("a") : puts("b");', 'if (n) { puts("a"); } else { puts("b"); }'),
    ('n > 1 || (puts("a"), exit(1), 0);', 'if (!(n > 1)) { puts("a"); exit(1); }'),
    # the order matters, or what has the effects is not a value
    ('printf("%d %d", rand(), rand());', None),
    ('printf("%d %d", n++, n);', None),
    ('printf("%g", clock() / 2.0);', None),
    ('printf("%g", sin(a[n]));', None),
    ("n ? use(a) : use(b);", None),
]


STEPS = [
    ("int q = m; for (int i = (int)a[0]; i < n; i++, q++) switch (q) { case 1: n++; break; default:; }", None),
    ("int q = 0; for (int i = 0; i < f(n, m, a, b, g); i++, q += i) a[i] = q;", None),  # q follows the counter
    (
        "int q = m; for (int i = (int)a[0]; i < n; i++, q++) { a[i] = b[q]; if (b[q] > 1) q = 0; }",
        "int q = m; for (int i = (int)a[0]; i < n; i++) { a[i] = b[q]; if (b[q] > 1) q = 0; q++; }",
    ),
    (
        "int q = m; for (int i = (int)a[0]; i < n; i++, q++) if (b[q] > 1) q = 0;",
        "int q = m; for (int i = (int)a[0]; i < n; i++) { if (b[q] > 1) q = 0; q++; }",
    ),
    (
        "int q = m; for (int i = (int)a[0]; i < n; i++, q++) { } n = q;",
        "int q = m; for (int i = (int)a[0]; i < n; i++) { q++; } n = q;",
    ),
    ("int q = m; for (int i = (int)a[0]; i < n; i++, q++) { if (b[q] > 1) continue; q = 0; }", None),
]


@pytest.mark.parametrize(("before", "after"), STEPS)
def test_steps_of_other_variables_in_a_header(before: str, after: str | None) -> None:
    assert spelled_anew(before) == (after or before)


COMPARED = [
    ("for (int i = 0; !(i >= (n & 7)); i++) a[i] = 1;", "for (int i = 0; i < (n & 7); i++) a[i] = 1;"),
    ("for (int i = 0; !(i >= n - 1); i++) a[i] = 1;", "for (int i = 0; i < n - 1; i++) a[i] = 1;"),
    (
        "int i = 0; for (;;) { if ((n & 7) <= i) break; a[i] = 1; i++; }",
        "for (int i = 0; (n & 7) > i; i++) { a[i] = 1; }",
    ),
    (
        "int i = 0; for (;;) { if (i >= (m ? n : 3)) break; a[i] = 1; i++; }",
        "for (int i = 0; i < (m ? n : 3); i++) { a[i] = 1; }",
    ),
]


@pytest.mark.parametrize(("before", "after"), COMPARED)
def test_comparisons_keep_their_parentheses(before: str, after: str) -> None:
    assert spelled_anew(before) == after


@pytest.mark.parametrize(("before", "after"), APART)
def test_effects_of_arguments_come_first(before: str, after: str | None) -> None:
    assert spelled_anew(before) == (after or before)


GOTOS = [
    # to the function's end
    ("if (!a) goto out; a[0] = n; out: use(b);", "if (!a) { use(b); return 0; } a[0] = n; use(b);"),
    (
        "if (n) { use(a); goto out; } if (m) goto end; use(a); out: use(b); end: use(a);",
        "if (n) { use(a); use(b); use(a); return 0; } if (m) { use(a); return 0; } use(a); use(b); use(a);",
    ),
    # out of loops
    (
        "for (int i = 0; i < n; i++) for (int j = 0; j < m; j++) if (g[i][j] > 1) goto out; out: use(a);",
        "int out_reached = 0; for (int i = 0; i < n; i++) { for (int j = 0; j < m; j++) if (g[i][j] > 1) "
        "{ out_reached = 1; break; } if (out_reached) break; } use(a);",
    ),
    (
        "for (int i = 0; i < n; i++) /* (all) */ for (int j = 0; j < m; j++) if (g[i][j] > 1) goto out; out: use(a);",
        "int out_reached = 0; for (int i = 0; i < n; i++) { /* (all) */ for (int j = 0; j < m; j++) if (g[i][j] > 1) "
        "{ out_reached = 1; break; } if (out_reached) break; } use(a);",
    ),
    # to the next iteration
    (
        "for (int i = 0; i < n; i++) { if (a[i] < 1) goto next; switch (n) { case 2: goto next; } a[i] = 2; next: ; }",
        "for (int i = 0; i < n; i++) { if (a[i] < 1) continue; switch (n) { case 2: continue; } a[i] = 2; ; }",
    ),
    (
        "for (int i = 0; i < n; i++) { for (int j = 0; j < m; j++) { if (g[i][j] < 1) goto next; } a[i] = 2; next:; }",
        "for (int i = 0; i < n; i++) { int next_reached = 0; for (int j = 0; j < m; j++) { if (g[i][j] < 1) "
        "{ next_reached = 1; break; } } if (next_reached) continue; a[i] = 2; ; }",
    ),
    (
        "for (int i = 0; i < n; i++) { if (a[i] < 1) goto next; a[i] = 2; next: a[i] += 1; }",
        "for (int i = 0; i < n; i++) { if (a[i] < 1) { a[i] += 1; continue; } a[i] = 2; a[i] += 1; }",
    ),
    (
        "for (int i = 0; i < n; i++) { if (a[i] < 1) goto add; if (a[i] > 9) goto next; use(a); add: n += i; next:; }",
        "for (int i = 0; i < n; i++) { if (a[i] < 1) { n += i; continue; } if (a[i] > 9) continue; use(a); n += i; ; }",
    ),
    ("for (;;) { switch (n) { case 1: goto out; } use(a); out: if (n) break; }", None),
    # what would be copied holds a variable of which there is one
    (
        "enum { K }; for (int i = 0; i < n; i++) { if (a[i] > 1) goto add; use(a); add:; static int k; m += k++; }",
        None,
    ),
    # backward
    ('if (n < 1) return fprintf(stderr, "no\\n"), 1;', 'if (n < 1) { fprintf(stderr, "no\\n"); return 1; }'),
    ('return (use(a), puts("no"), n);', 'use(a); puts("no"); return n;'),
    ("again: use(a); if (a[0] > 0) goto again;", "do { use(a); } while (a[0] > 0);"),
    (
        "again: ; int k = f(n, m, a, b, g); if (k) goto again;",
        "while (1) { int k = f(n, m, a, b, g); if (!(k)) break; }",
    ),
    ("again: if (n > m) goto out; use(a); goto again; out: use(b);", "while (n <= m) { use(a); } use(b);"),
    (
        "again: use(a); if (n) goto again; use(b); if (m) { use(b); goto again; } use(a);",
        "while (1) { use(a); if (n) continue; use(b); if (m) { use(b); continue; } break; } use(a);",
    ),
    ("again: use(a); for (;;) { if (n) goto again; }", None),
    ("for (;;) { again: use(a); if (n) break; if (m) goto again; }", None),
    ("again: ; int k = f(n, m, a, b, g); if (m) goto again; n = k;", None),
    ("if (n) goto in; again: use(a); in: use(b); if (m) goto again;", None),
    # in macros
    (
        "use(a); SET(m > 2); use(b); out: a[0] = n;",
        "use(a); if ((n = (m > 2)) != 0) { a[0] = n; return 0; } use(b); a[0] = n;",
    ),
    (
        "TRY(m > 2); use(b); out: a[0] = n;",
        '{ if (m > 2) { n = ("m > 2"[0]); a[0] = n; return 0; } } use(b); a[0] = n;',
    ),
    # past a variable that is used behind the label; where a name means another variable
    ("if (n) goto out; int k = 2; use(a); out: a[0] = k;", None),
]


CHOSEN = [
    (
        "int k[2]; for (int i = 0; i < 3; i++) *(i == 1 ? &n : i == 2 ? &m : &k[0]) = g[0][i];",
        "int k[2]; for (int i = 0; i < 3; i++) if (i == 1) n = g[0][i]; else if (i == 2) m = g[0][i]; "
        "else k[0] = g[0][i];",
    ),
    (
        "if (n) *(m ? (n > 2 ? &n : &m) : &n) += (use(a), 2); else use(b);",
        "if (n) if (m) { if (n > 2) n += (use(a), 2); else m += (use(a), 2); } else n += (use(a), 2); else use(b);",
    ),
    ("*(f(n, m, a, b, g) ? &n : &m) = 1;", None),
    ("*(n ? a : b) = 1;", None),
]


FLAGS = [
    (
        "double **q = malloc(n * sizeof *q); int ok = 1; for (int i = 0; i < n; i++) { q[i] = malloc(m);"
        ' if (!q[i]) ok = 0; } if (!ok) { free(q); fprintf(stderr, "none for %d", n); return 1; } use(q[0]);',
        "double **q = malloc(n * sizeof *q); for (int i = 0; i < n; i++) { q[i] = malloc(m);"
        ' if (!q[i]) { fprintf(stderr, "none for %d", n); return 1; } } use(q[0]);',
    ),
    # what is done in between would not be done, or the flag says something else
    (
        "double *q = malloc(n); int ok = 1; if (!q) ok = 0; use(a); if (!ok) return 1; use(q);",
        None,
    ),
    ("double *q = malloc(n); int ok = 1; if (!q || n > 3) ok = 0; if (!ok) return 1; use(q);", None),
    ('double *q = malloc(n); int ok = 1; if (!q) ok = 0; if (!ok) puts("none"); use(q);', None),
]


@pytest.mark.parametrize(("before", "after"), FLAGS)
def test_flags_of_missing_memory_end_the_program_at_once(before: str, after: str | None) -> None:
    assert spelled_anew(before) == (after or before)


@pytest.mark.parametrize(("before", "after"), CHOSEN)
def test_conditions_that_choose_a_variable_are_branches(before: str, after: str | None) -> None:
    assert spelled_anew(before) == (after or before)


WALKS = [
    # a pointer that goes on by way of another one, and back: the way back is only gone where there was one forth
    (
        "double *p = a; for (int k = 1; k < n; k++) { double *q = p + m; *q -= *p; p = q; } "
        "for (int k = n - 2; k >= 0; k--) { double *q = p - m; *q -= *p; p = q; }",
        "for (int k = 1; k < n; k++) { const long q_at = (long)(k - 1) * m + m; a[q_at] -= a[(long)(k - 1) * m]; } "
        "for (int k = n - 2; k >= 0; k--) { "
        "const long q_at = (long)(n - 1) * m - (long)(n - 2 - k) * m - m; "
        "a[q_at] -= a[(long)(n - 1) * m - (long)(n - 2 - k) * m]; }",
    ),
    # the second loop may run where the first did not
    (
        "double *p = a; for (int k = 2; k < n; k++) { p[m] -= *p; p += m; } "
        "for (int k = n; k >= 0; k--) { p[-m] -= *p; p -= m; }",
        "long p_at = 0; for (int k = 2; k < n; k++) { a[p_at + m] -= a[p_at]; p_at += m; } "
        "for (int k = n; k >= 0; k--) { a[p_at - (long)(n - k) * m - m] -= a[p_at - (long)(n - k) * m]; }",
    ),
    # somebody else looks at what the first has left, or its bound has changed
    (
        "int p = 0; for (int k = 1; k < n; k++) { a[p] = k; p += m; } a[p] = 1; "
        "for (int k = n - 2; k >= 0; k--) a[p] -= k;",
        None,
    ),
    (
        "int p = 0; for (int k = 1; k < n; k++) { a[p] = k; p += m; } n = 9; "
        "for (int k = n - 2; k >= 0; k--) a[p] -= k;",
        None,
    ),
    # what lies ahead is not where the step leads
    ("int p = 0; while (a[p] > 1) { int q = p + m; if (a[q] > 2) q++; p = q; }", None),
    ("int p = 0; while (a[p] > 1) { int q = p + m; m = a[q] > 2; p = q; }", None),
    ("int p = 0; while (a[p] > 1) { int q = p + m; if (a[q] > 2) p++; p = q; }", None),
    (
        "int p = 0; while (a[p] > 1) { int q = p - m * 2; use(a + q); p = q; }",
        "int p = 0; while (a[p] > 1) { int q = p - m * 2; use(a + q); p -= m * 2; }",
    ),
]


@pytest.mark.parametrize(("before", "after"), WALKS)
def test_walks_forth_and_back(before: str, after: str | None) -> None:
    assert spelled_anew(before) == (after or before)


@pytest.mark.parametrize(("before", "after"), GOTOS)
def test_gotos_are_spelled_without(before: str, after: str | None) -> None:
    assert spelled_anew(before) == (after or before)


POINTERS = [
    # rows
    (
        "for (int i = 0; i < n; i++) { const double *r = a + i*m; for (int j = 0; j < m; j++) b[i] += r[j]; }",
        "for (int i = 0; i < n; i++) { const long r_at = i*m; for (int j = 0; j < m; j++) b[i] += a[r_at + j]; }",
    ),
    (
        "double *r; for (int i = 0; i < n; i++) { r = &a[i*m]; r[0] = *(r + 1) - r[-1]; }",
        "long r_at; for (int i = 0; i < n; i++) { r_at = i*m; a[r_at] = a[r_at + 1] - a[r_at - 1]; }",
    ),
    (
        "size_t w = n; for (size_t y = 0; y < w; y++) { double *r = a + y*w, *q = r + n; r[1] = q[0]; }",
        "size_t w = n; for (size_t y = 0; y < w; y++) { const unsigned long r_at = y*w, q_at = r_at + n;"
        " a[r_at + 1] = a[q_at]; }",
    ),
    (
        "size_t w = n; double *r = a + w, *e = r + w; r++; while (r < e) r[0] = 1;",
        "size_t w = n; long r_at = w, e_at = r_at + w; r_at++; while (r_at < e_at) a[r_at] = 1;",
    ),
    (
        "size_t w = n; double *r = a + w, *e = b + 1; if (r > a) r[0] = *e;",
        "size_t w = n; const long r_at = w, e_at = 1; if (r_at > 0) a[r_at] = b[e_at];",
    ),
    (
        "for (int i = 0; i < 10; i++) { double *r = g[i]; r[2] = 1.0; use(r); }",
        "for (int i = 0; i < 10; i++) { g[i][2] = 1.0; use(g[i]); }",
    ),
    # one more name
    ("double *p = a; p[n] = 0; use(p);", "a[n] = 0; use(a);"),
    # two arrays in turn
    ("double *p = a; use(p); p = b; p[1] = 2;", "use(a); b[1] = 2;"),
    # walks
    ("double *p = a; for (int i = 0; i < n; i++) *p++ = i;", "for (int i = 0; i < n; i++) a[i] = i;"),
    (
        "double s = 0; for (double *p = a, *q = b; p != a + n; ++p, ++q) s += *p * *q; use(&s);",
        "double s = 0; for (long p_at = 0; p_at < n; ++p_at) s += a[p_at] * b[p_at]; use(&s);",
    ),
    (
        "double *end = a + n; for (; a < end; a++) *a = 1;",
        "const long end_at = n; for (long a_at = 0; a_at < end_at; a_at++) a[a_at] = 1;",
    ),
    # what no offset stands for
    ("double *p = a; if (n) p = b; p[0] = 1;", None),
    ("double *p = a; if (p) p[0] = 1;", None),
    ("double *p = a; use((double *)&p);", None),
    ("double *p = a; a = malloc(8); p[0] = 1; use(a);", None),
    ("for (int i = 0; i < n; i++) { double *p = a; double *t = a; a = b; b = t; p[0] = 1; }", None),
    ("double *p = table[n]; table[n] = b; p[0] = 1;", None),
    ("double *t[5], *p = t[n]; t[n] = b; p[0] = 1;", None),
    ("double *t[5], *p = t[n % 5]; p[0] = 1;", "double *t[5]; t[n % 5][0] = 1;"),
    ("double *two[2]; two[0] = a; two[1] = b; double *p = two[0]; two[0] = two[1]; two[1] = p;", None),
    ("double *p = a; for (int i = 0; i < n; i++) { p[i] = 1; p = b; }", None),
    ("double *p = malloc(8); p[0] = 1; free(p);", None),
]

LOOPS = [
    (
        "struct { size_t k; double *at; } v = {n, a}; for (size_t i = 0; i != v.k; i++) { a[i] = 1; use(&v.at[i]); }",
        "struct { size_t k; double *at; } v = {n, a}; for (size_t i = 0; i < v.k; i++) { a[i] = 1; use(&v.at[i]); }",
    ),
    ("struct { size_t k; } v = {n}; for (size_t i = 0; i != v.k; i++) { a[i] = 1; v.k = m; }", None),
    ("struct { size_t k; } v = {n}, *w = &v; for (size_t i = 0; i != v.k; i++) { a[i] = 1; w->k++; }", None),
    ("int i = 0; while (i < n) { a[i] = 1; i++; }", "for (int i = 0; i < n; i++) { a[i] = 1; }"),
    ("int i; i = 2; while (i <= n) a[i++] = 1;", "int i; for (i = 2; i <= n; i++) a[i] = 1;"),
    ("int i = 0; for (;;) { if (i >= n) break; a[i] = 1; ++i; }", "for (int i = 0; i < n; ++i) { a[i] = 1; }"),
    ("for (int i = 0; i != n; i++) a[i] = 1;", "for (int i = 0; i < n; i++) a[i] = 1;"),
    ("for (int i = n; i-- > 0; ) a[i] = 1;", "for (int i = n - 1; i >= 0; i--) a[i] = 1;"),
    ("for (size_t i = n; i-- > 0; ) a[i] = i;", "for (size_t i = n; i > 0; i--) a[i - 1] = (i - 1);"),
    ("size_t i = n; while (i--) a[i] = 1;", "for (size_t i = n; i > 0; i--) a[i - 1] = 1;"),
    ("size_t i = n; while (i != 0) { i--; a[i] = 1; }", "for (size_t i = n; i > 0; i--) { a[i - 1] = 1; }"),
    ("size_t l = 2, i = n; while (i-- > l) a[i] = 1;", "size_t l = 2, i; for (i = n; i > l; i--) a[i - 1] = 1;"),
    ("for (int i = n - 1; i-- > 2; ) a[i] = 1;", "for (int i = n - 1 - 1; i >= 2; i--) a[i] = 1;"),
    ("int i = n; while (i > 0) { --i; a[i] = i; }", "for (int i = n - 1; i >= 0; i--) { a[i] = i; }"),
    ("size_t i = n; while (i-- != 2) a[i] = 1;", None),  # it may begin below
    ("size_t i = n; while (i-- > 0) a[i] = 1; n = i;", None),
    ("size_t i = n; while (i-- > 0) { a[i] = 1; if (a[0]) i++; }", None),
    ("unsigned l = 0; for (int i = n; i-- > l; ) a[i] = 1;", None),
    ("int i = 0; do { a[i] = 1; } while (++i < 10);", "for (int i = 0; i < 10; ++i) { a[i] = 1; }"),
    (
        "int i = 2; for (const long last = n - 1; i <= last; i++) a[i] = last;",
        "for (int i = 2; i <= (n - 1); i++) a[i] = (n - 1);",
    ),
    ("int i = 0; for (long end = n; i < end; i++) a[end--] = 1;", None),
    ("int i = 0; for (long end = n; i < end; i++) { a[i] = 1; n--; }", None),
    ("int i = 0; for (unsigned end = n; i < end; i++) a[i] = 1;", None),
    # an iteration is done in any case
    ("int i = 0; do { a[i] = 1; } while (++i < n);", "for (int i = 0; i < (n > 1 ? n : 1); ++i) { a[i] = 1; }"),
    (
        "int i = n - 1; do { a[i] = 1; i--; } while (i >= n / 2);",
        "for (int i = n - 1; i >= (n / 2 < n - 1 ? n / 2 : n - 1); i--) { a[i] = 1; }",
    ),
    (
        "int i; i = n; do { a[i] = 1; i -= 2; } while (i > 0);",
        "int i; for (i = n; i > (0 < n - 1 ? 0 : n - 1); i -= 2) { a[i] = 1; }",
    ),
    # the counter changes elsewhere, or the step is not always taken
    ("int i = 0; while (i < n) { if (a[i] > 0) continue; a[i] = 1; i++; }", None),
    ("int i = 0; while (i < n) { a[i] = 1; if (a[i] > b[i]) i++; }", None),
    ("unsigned i = 0; do { a[i] = 1; } while (++i < n);", None),
    ("int i = 0; do { a[i] = 1; n--; } while (++i < n);", None),
    ("int i = n; do { a[i] = 1; n--; } while (--i > 5);", None),
    ("int i = 0; do { a[i] = 1; } while (--i < n);", None),
    ("int i = 0; do { a[i] = 1; if (a[i] > b[i]) continue; } while (++i < n);", None),
    # a bound that moves; a way out
    ("for (int i = 0; i != n; i++) { a[i] = 1; n = 5; }", None),
    ("for (int i = 0; i != n; i++) { if (a[i] > 0) exit(1); }", None),
    ("for (unsigned i = 3; i != (unsigned)n; i++) a[i] = 1;", None),
    # a member of a struct that nothing else can change, whatever is called
    (
        "struct { size_t n; } s = {n}; for (size_t i = 0; i != s.n; ++i) { a[i] = 1; use(b); }",
        "struct { size_t n; } s = {n}; for (size_t i = 0; i < s.n; ++i) { a[i] = 1; use(b); }",
    ),
    ("struct { size_t n; } s = {n}; for (size_t i = 0; i != s.n; ++i) { a[i] = 1; s.n = 5; }", None),
    ("struct { size_t n; } s = {n}; use((double *)&s); for (size_t i = 0; i != s.n; ++i) { a[i] = 1; use(b); }", None),
]

CLOSED = [
    (
        "int p = m; for (int i = 0; i < n; i++) { a[p++] = b[i]; m++; }",
        "int p = m; for (int i = 0; i < n; i++) { a[p + i] = b[i]; m++; }",
    ),
    (
        "for (int i = 0, j = n - 1; i < n; i++, j--) a[i] = b[j];",
        "for (int i = 0; i < n; i++) a[i] = b[n - 1 - i];",
    ),
    (
        "int k = 0; for (int i = 0; i < n; i++) for (int j = 0; j < m; j++) a[k++] = j;",
        "for (int i = 0; i < n; i++) for (int j = 0; j < m; j++) a[i * m + j] = j;",
    ),
    (
        "int k = 1; for (int i = 0; i < n; i++) { a[k] = 1; k += 2; b[k] = 2; }",
        "for (int i = 0; i < n; i++) { a[2 * i + 1] = 1; b[2 * i + 3] = 2; }",
    ),
    (
        "int j = n - 1; for (int i = 0; i < n; i++) { a[i] = 0.5 * b[i] + j; j--; }",
        "for (int i = 0; i < n; i++) { a[i] = 0.5 * b[i] + (n - 1 - i); }",
    ),
    # how often the inner loop goes round changes, or is seen though it may be less than zero
    ("int k = 0; for (int i = 0; i < n; i++) for (int j = 0; j < i; j++) a[k++] = j;", None),
    ("int k = 0; for (int i = 0; i < n; i++) a[k++] = i; b[k] = 1;", None),
    # not in each iteration
    ("int k = 0; for (int i = 0; i < n; i++) { if (b[i] > 0) a[k++] = i; }", None),
    ("int k = 0; for (int i = 0; i < n; i++) { a[i] = n > 2 ? b[k++] : 0; }", None),
]


# Unsigned counters, and unsigned variables beside them: what wraps is the same number either way, or stays.
UNSIGNED = [
    (
        "size_t w = n, k = 0; for (size_t i = 0; i < w; i++) a[k++] = 1; n = (int)k;",
        "size_t w = n, k = 0; for (size_t i = 0; i < w; i++) a[i] = 1; k = w; n = (int)k;",
    ),
    (
        "double *p = a; unsigned w = n; for (unsigned i = 0; i < w; i++) *p++ = 1;",
        "unsigned w = n; for (unsigned i = 0; i < w; i++) a[i] = 1;",
    ),
    (
        "int k = 0; unsigned w = n; for (unsigned i = 1; i < w; i++) { k++; b[k - 1] = a[k]; }",
        "unsigned w = n; for (unsigned i = 1; i < w; i++) { b[(int)i - 1] = a[i]; }",
    ),
    (
        "long k = 5; unsigned w = n; for (unsigned i = 0; i < w; i++) { a[k] = k / 2; k += 3; }",
        "unsigned w = n; for (unsigned i = 0; i < w; i++) { a[3 * (long)i + 5] = (3 * (long)i + 5) / 2; }",
    ),
    (
        "size_t w = n; double *p = a, *q = b; while (w--) *p++ += 2 * *q++;",
        "size_t w = n; for (unsigned long w_done = 0; w_done < w; w_done++) a[w_done] += 2 * b[w_done];",
    ),
    (
        "size_t w = n; double *p = a; for (; w > 0; w--) { *p = 1; p++; }",
        "for (size_t w = n; w > 0; w--) { a[n - w] = 1; }",
    ),
    # the sum would have 32 bits where the counter has 64, or the other way round, and may be too large for them
    ("unsigned k = 0; size_t w = n; for (size_t i = 0; i < w; i++) a[k++] = 1;", None),
    ("int k = m; unsigned w = n; for (unsigned i = 0; i < w; i++) a[k++] = 1;", None),
    ("unsigned w = n, k = 0; for (unsigned i = w; i > 0; i--) a[k++] = 1;", None),
    # the ends may cross
    ("size_t w = n, k = 0, x = m; for (size_t i = x; i < w; i++) a[k++] = 1; n = (int)k;", None),
]


@pytest.mark.parametrize(("before", "after"), POINTERS + LOOPS + CLOSED + UNSIGNED)
def test_spelled_anew(before: str, after: str | None) -> None:
    assert spelled_anew(before) == (after or before)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("for (i = 0; i + 3 <= n; i++) a[i] = 0;", "for (i = 0; i <= n - 3; i++) a[i] = 0;"),
        ("for (i = 0; m > 2 + i; i++) a[i] = 0;", "for (i = 0; i < m - 2; i++) a[i] = 0;"),
        ("for (i = 1; i - 1 < 2 * n; i++) a[i] = 0;", "for (i = 1; i < (2 * n) + 1; i++) a[i] = 0;"),
        ("for (i = 1; i + j - 1 <= n; i++) a[i] = 0;", "for (i = 1; i <= n + 1 - j; i++) a[i] = 0;"),
        ("for (i = 0; !(i >= n); i++) a[i] = 0;", "for (i = 0; i < n; i++) a[i] = 0;"),
        ("for (i = 0; i < n && i < m - 1; i++) a[i] = 0;", "for (i = 0; i < (n < m - 1 ? n : m - 1); i++) a[i] = 0;"),
        ("for (s = a[0], i = 1; i < n; i++) s += a[i];", "s = a[0]; for (i = 1; i < n; i++) s += a[i];"),
        ("if (n) for (i = 1, s = 0; i < n; i++) s += a[i];", "if (n) { s = 0; for (i = 1; i < n; i++) s += a[i]; }"),
        (
            "for (int k = 0, e = n - 1; k < e; k++) s += a[k];",
            "{ int e = n - 1; for (int k = 0; k < e; k++) s += a[k]; }",
        ),
        # left as they are: what may wrap, what the counter's start depends on
        ("for (u = 0; u + 3 <= n; u++) a[u] = 0;", "for (u = 0; u + 3 <= n; u++) a[u] = 0;"),
        ("for (i = j, j = 0; i < n; i++) a[i] = j;", "for (i = j, j = 0; i < n; i++) a[i] = j;"),
        ("for (i = 0; i < n && i <= m; i++) a[i] = 0;", "for (i = 0; i < n && i <= m; i++) a[i] = 0;"),
        ("for (i = 0; i < n && a[i] < m; i++) a[i] = 0;", "for (i = 0; i < n && a[i] < m; i++) a[i] = 0;"),
    ],
)
def test_headers_that_say_the_same_in_another_way(before: str, after: str) -> None:
    start = "int i, j = 2; unsigned u; double s = 0;"
    assert spelled_anew(f"{start} {before}") == f"{start} {after}"


TYPEDEFS = """enum {{ M = 5 }};
#define N 7
typedef double vec[N];
typedef vec matrix[M];
static matrix a, *b;
vec v = {{1}}, w[3];
int f(const matrix c, vec d, int n) {{ vec *e = 0; return sizeof(vec); }}
"""


def test_types_of_arrays_are_written_out_where_variables_have_them() -> None:
    program = restyled(parse(Source.from_str("t.c", TYPEDEFS.format())), ParseOptions())
    assert program.source.shown.split("matrix[M];\n")[1] == (
        "static double a[M][N], (*b)[M][N];\n"
        "double v[N] = {1}, w[3][N];\n"
        "int f(const double c[M][N], double d[N], int n) { double (*e)[N] = 0; return sizeof(vec); }\n"
    )


def test_types_whose_sizes_have_other_meanings_elsewhere_are_left() -> None:
    text = "enum { M = 5 };\ntypedef double vec[M];\nint f(int M) { vec v; return sizeof v > M; }\n"
    assert restyled(parse(Source.from_str("t.c", text)), ParseOptions()).source.shown == text


SIZES = """struct sizes {{ int w, h; }};
void f(const struct sizes *s, {0}) {{
    int at = 0;
    for (int y = 0; y < s->h; y++)
        for (int x = 0; x < s->w; x++)
            {1}
}}
"""


@pytest.mark.parametrize(
    ("parameter", "before", "after"),
    [
        ("double *p", "p[at++] = x;", "p[y * s->w + x] = x;"),
        ("int *p", "p[at++] = x;", None),  # it may be s->w that is written
        ("unsigned char *p", "p[at++] = x;", None),
    ],
)
def test_members_keep_their_values_unless_their_type_is_stored(parameter: str, before: str, after: str | None) -> None:
    program = parse(Source.from_str("t.c", SIZES.format(parameter, before)), ParseOptions())
    shown = restyled(program, ParseOptions()).source.shown
    assert (after or before).replace(" ", "") in shown.replace(" ", "").replace("(s->w)", "s->w").replace(
        "(y*s->w)", "y*s->w"
    )


WALKING = [
    # the counter's step stands before another's
    (
        "double *p = a + 1, *q = b + 1; while (p < a + n - 1) { *q = p[-1] + p[1]; p++; q++; }",
        "long p_at; for (p_at = 1; p_at < n - 1; p_at++) { b[p_at] = a[p_at - 1] + a[p_at + 1]; }",
    ),
    (
        "double *p = a, *q = b; while (p < a + n) { *q = *p; p++, q++; }",
        "long p_at; for (p_at = 0; p_at < n; p_at++) { b[p_at] = a[p_at]; }",
    ),
    # not where control may leave between them, or the counter is looked at
    ("int i = 0, k; while (i < n) { i++; if (a[k = i] > 0) break; }", None),
    ("int i = 0; while (i < n) { a[i] = 0; i++; if (m) break; }", None),
    # a row's pointer in a loop without braces
    (
        "double *p; for (int i = 0; i < 10; i++) for (p = g[i]; p < g[i] + 20; ++p) *p = 0;",
        "long p_at; for (int i = 0; i < 10; i++) for (p_at = 0; p_at < 20; ++p_at) g[i][p_at] = 0;",
    ),
    # values that are put together on the spot
    (
        "for (double *p = a; p != a + n; ++p) { "
        "struct tm t = (struct tm){ .tm_sec = (int)*p, .tm_min = m }; b[0] = t.tm_sec; }",
        "for (long p_at = 0; p_at < n; ++p_at) { "
        "struct tm t = (struct tm){ .tm_sec = (int)a[p_at], .tm_min = m }; b[0] = t.tm_sec; }",
    ),
    (
        "for (double *p = a; p != a + n; ++p) { struct { double *at; } t = { p }; b[0] = t.at[1]; }",
        "for (long p_at = 0; p_at < n; ++p_at) { struct { double *at; } t = { (a + p_at) }; b[0] = t.at[1]; }",
    ),
]


@pytest.mark.parametrize(("before", "after"), WALKING)
def test_pointers_walk_beside_each_other(before: str, after: str | None) -> None:
    assert spelled_anew(before) == (after or before)


def test_arrays_that_pointers_exchange_become_theirs() -> None:
    code = """#include <stdio.h>
static double u[20], keep[20], v[20];
int main(void) {
    float f[20][3], g[20][3];
    double *a = u, *b = v, *t; float (*p)[3] = f, (*q)[3] = g, (*r)[3];
    for (int s = 0; s < 3; s++) { b[s] = a[s] + keep[s]; t = a; a = b; b = t; r = p; p = q; q = r; }
    return 0;
}
"""
    shown = restyled(parse(Source.from_str("t.c", code), ParseOptions()), ParseOptions()).source.shown
    assert "#include <stdlib.h>\nstatic double keep[20];\nint main" in shown
    assert "double *a = calloc(20, sizeof *a), *b = calloc(20, sizeof *b), *t;" in shown
    assert "float (*p)[3] = malloc(20 * sizeof *p), (*q)[3] = malloc(20 * sizeof *q), (*r)[3];" in shown
    for other in (
        "keep[0] = u[1];",
        "b = keep;",
    ):  # the array is named elsewhere, or what the pointer gets is another's
        named = code.replace("for (int", f"{other} for (int")
        shown = restyled(parse(Source.from_str("t.c", named), ParseOptions()), ParseOptions()).source.shown
        assert ("u[20]" in shown) == (other == "keep[0] = u[1];")


def test_a_place_that_a_macro_writes_is_written_out() -> None:
    text = (
        "#define B(i, j) b[(i) * n + (j)]\n"
        "double f(int n, const double *b) { double s = 0; for (int k = 0; k < n; k++) {\n"
        "const double *row = &B(k, 0); for (int j = 0; j < n; j++) s += row[j]; } return s; }\n"
        "int main(void) { double x[4] = {0}; return f(2, x) > 0; }\n"
    )
    shown = restyled(parse(Source.from_str("t.c", text), ParseOptions()), ParseOptions()).source.shown
    assert "row_at = ((k*n) + 0);" in shown


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("*(a + n*m + 1) = (b + n)[m];", "a[n*m + 1] = b[n + m];"),
        ("*(a + n - (m - 1)) = *(a - 1 + n);", "a[n - (m - 1)] = a[n - 1];"),
        ("*(*(table + n) + m) = *(a + (int)*(b + n + m));", "table[n][m] = *(a + (int)b[n + m]);"),
        ("*(a + n) += *b;", "*(a + n) += *b;"),
        ("*(g[n] + m) = ROW(a, n)[m];", "g[n][m] = a[(n) * m + m];"),
    ],
)
def test_elements_that_sums_of_pointers_reach_get_subscripts(before: str, after: str) -> None:
    code = "#define ROW(x, i) ((x) + (i) * m)\n" + FRAME.format(before)
    text = restyled(parse(Source.from_str("t.c", code), ParseOptions()), ParseOptions()).source.shown
    assert after in text


@pytest.mark.parametrize(
    ("body", "gives_way"),
    [("s += p[0];", True), ("t[1] = b; s += p[0];", False), ("memcpy(t, &b, sizeof b); s += p[0];", False)],
)
def test_a_name_of_a_row_gives_way_where_no_function_called_exchanges_rows(body: str, gives_way: bool) -> None:
    code = f"""#include <string.h>
static double s, b[9];
static void add(double *p, double **t) {{ {body} }}
int f(int n, double **table) {{
    for (int k = 0; k < n; k++) {{
        double *row = table[k];
        add(row, table);
        row[0] = s;
    }}
    return 0;
}}
"""
    text = restyled(parse(Source.from_str("t.c", code), ParseOptions()), ParseOptions()).source.shown
    assert ("add(table[k], table);" in text) == gives_way
    assert ("table[k][0] = s;" in text) == gives_way


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("for (int i = 0; i < sizeof w / sizeof w[0]; i++) w[i] = 1;", "for (int i = 0; i < 3 * N; i++) w[i] = 1;"),
        ("for (size_t i = 1; i < LEN(w); i++) w[i] = 1;", "for (size_t i = 1; i < 3 * N; i++) w[i] = 1;"),
        ("n = (int)LEN(w) - 1;", "n = (int)(size_t)(3 * N) - 1;"),
        ("VEC(u); u[0] = 1;", "double u[N]; u[0] = 1;"),
        # other sizes: of a pointer, in bytes, in other elements
        ("for (int i = 0; i < sizeof a / sizeof a[0]; i++) a[i] = 1;", None),
        ("n = sizeof w / sizeof(int);", None),
        ("memset(w, 0, sizeof w);", None),
    ],
)  # fmt: skip
def test_numbers_of_elements_are_those_declared(before: str, after: str | None) -> None:
    head = "#include <string.h>\n#include <stddef.h>\n#define N 7\n#define LEN(x) (sizeof(x) / sizeof((x)[0]))\n"
    code = head + "#define VEC(x) double x[N]\nvoid f(double *a, int n) {{ double w[3 * N]; {} }}\n"
    code += "int main(void) {{ return 0; }}\n"
    found = restyled(parse(Source.from_str("t.c", code.format(before))), ParseOptions()).source.text
    assert "".join(found.split()) == "".join(code.format(after or before).split())


@pytest.mark.parametrize(
    ("extent", "after"),
    [("", "enum { K = 3, L = 5 };"), ("N", "enum { K = sizeof t / sizeof t[0], L = 5 };")],
)
def test_enumerators_count_what_initialisers_list(extent: str, after: str) -> None:
    code = f"#define N 3\nstatic double t[{extent}] = {{1, 2, 3}};\nenum {{ K = sizeof t / sizeof t[0], L = 5 }};\n"
    text = restyled(parse(Source.from_str("t.c", f"{code}int main(void) {{ return t[0] > K; }}\n"), ParseOptions()),
                    ParseOptions()).source.shown  # fmt: skip
    assert after in text


def test_a_macro_that_is_written_between_statements_and_says_nothing_of_pointers_stays() -> None:
    code = """
    int main(void) {
#define HH(i, j) H[(i) * 3 + (j)]
        double V[40], H[40] = {0}, *w = V + 5;
        w[1] = 1; HH(1, 2) = H[1];
#undef HH
        return 0;
    }
    """
    assert (
        "V[w_at + 1] = 1; HH(1, 2) = H[1];" in restyled(parse(Source.from_str("m.c", code)), ParseOptions()).source.text
    )
