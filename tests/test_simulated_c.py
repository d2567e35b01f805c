"""The simulation knows C: what programs print is what C says, where they go astray it is said."""

from __future__ import annotations

import pytest

from chatmpi.analysis.parse import ParseOptions, parse
from chatmpi.analysis.source import Source
from chatmpi.verify.simulate.as_python.compiled import compile_program
from chatmpi.verify.simulate.errors import Fault, Kind, OutOfBudget
from chatmpi.verify.simulate.formats import shown
from chatmpi.verify.simulate.inputs import Input
from chatmpi.verify.simulate.outcome import run_alone
from chatmpi.verify.simulate.process import Process
from chatmpi.verify.simulate.terms import Term, Terms
from chatmpi.verify.simulate.work import Limits, Work

_HEAD = "".join(
    f"#include <{name}.h>\n" for name in ("complex", "errno", "math", "stdio", "stdlib", "string", "unistd")
)


def printed(text: str) -> str:
    whole = text if "int main(" in text else f"int main(void) {{ {text} return 0; }}"
    program, terms = parse(Source.from_str("a.c", _HEAD + whole), ParseOptions()), Terms()
    process = Process(terms, Limits(Work(), 10**8), Input("stdin", terms, 7))
    return "".join(map(shown, run_alone(compile_program(program, terms), process).output))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "static int one(void) { return 1; } static int (*const table[])(void) = {one}; "
            'int main(void) { printf("%d", table[0]()); return 0; }',
            "1",
        ),
        ('int i = 0; again: i++; if (i < 3) goto again; printf("%d", i);', "3"),
        (
            'for (int i = 0; i < 9; i++) for (int j = 0; j < 9; j++) if (i * j == 12) goto out; out: puts("out");',
            "out\n",
        ),
        (
            "for (int i = 0; i < 9; i++) { for (int j = 0; j < 9; j++) { if (j == 2) break; if (i * j == 3) goto next; "
            '} if (i == 5) continue; if (i == 7) break; printf("%d", i); next:; }',
            "01246",
        ),
        (
            "for (int i = 0; i < 5; i++) { int k = 0; more: switch (i) { case 1: break; case 2: if (k++ < 2) goto more;"
            ' continue; case 3: goto end; } printf("%d%d ", i, k); end: if (i == 3) break; }',
            "00 10 ",
        ),
        (
            "\n#define STOP_IF(x) do { if (x) goto stop; } while (0)\n#define STOP stop:\n"
            'int i = 0; for (;; i++) STOP_IF(i == 4); puts("no"); STOP printf("%d", i);',
            "4",
        ),
        ('int a[2] = {0}; if (a[1] == 0) goto fail; puts("no"); return 1; fail: fputs("x", stdout);', "x"),
        ('int k = 2; switch (k) { case 1: k = 5; case 2:; int y = 4; printf("%d", y); break; default: break; }', "4"),
        ('struct { int a; double b; } x = {.b = 2, .a = 1}; printf("%d %g", x.a, x.b);', "1 2"),
        ('int a[5] = {[3] = 7, 8}; printf("%d %d %d", a[0], a[3], a[4]);', "0 7 8"),
        ('int *r = (int[]){4, 5}; printf("%d", r[1]);', "5"),
        (
            "typedef struct { double re, im; } Z; static Z sum(Z a, Z b) { return (Z){a.re + b.re, a.im + b.im}; }"
            ' int main(void) { Z z = sum((Z){1, 2}, (Z){3, 4}); printf("%g %g", z.re, z.im); return 0; }',
            "4 6",
        ),
        ('struct { char name[4]; int n; } t[2] = {{"ab", 1}, {"cd", 2}}; printf("%s %d", t[1].name, t[1].n);', "cd 2"),
        ('char s[32]; strcpy(s, "abc"); strcat(s, "de"); sprintf(s + 5, "%03d", 7); printf("%s", s);', "abcde007"),
        ('char t[4]; int n = snprintf(t, 4, "%s", "abcdef"); printf("%s %d", t, n);', "abc 6"),
        (
            'const char *s = "a/b/c"; printf("%s %ld %d", strrchr(s, 47), strchr(s, 47) - s, strstr(s, "x") == NULL);',
            "/c 1 1",
        ),
        ('int a[2] = {1, 256}, b[2] = {1, 2}; printf("%d %d", memcmp(a, b, 4), memcmp(a, b, 8) < 0);', "0 1"),
        (
            "static int up(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }"
            " int main(void) { int a[5] = {3, 1, 2, 5, 4}, k = 4; qsort(a, 5, sizeof *a, up);"
            ' int *f = bsearch(&k, a, 5, sizeof *a, up); printf("%d%d %d", a[0], a[4], (int)(f - a)); return 0; }',
            "15 3",
        ),
        (
            "typedef double (*F)(double); static double half(double x) { return x / 2; }"
            ' int main(void) { F f[2] = {half, sqrt}; printf("%g %g", f[0](8), (*f[1])(16)); return 0; }',
            "4 4",
        ),
        ('int e; double w; printf("%g %g %d %g", modf(2.5, &w), frexp(8, &e), e, ldexp(1, 3));', "0.5 0.5 4 8"),
        (
            "static double (*one(int k))(double) { return k ? sin : cos; }"
            ' int main(void) { printf("%g", one(0)(0)); return 0; }',
            "1",
        ),
        (
            "static int first(const unsigned char *p) { return *p; }"
            ' int main(void) { char s[] = "\\xe9x"; printf("%d %d", first((unsigned char *)s), s[0]); return 0; }',
            "233 -23",
        ),
        ('printf("%d %d", getenv("HOME") == NULL, ilogb(9.0));', "1 3"),
        (
            'char *e; long n = strtol(" -42ab", &e, 10); printf("%ld %s %ld", n, e, strtol("0x1F", NULL, 0));',
            "-42 ab 31",
        ),
        (
            'printf("%llu %lu", strtoull("18446744073709551615", NULL, 10), strtoul("-1", NULL, 10) % 97);',
            f"{2**64 - 1} 60",
        ),
        ('char *e; double x = strtod("3.5e2z", &e); printf("%g%s %.2f", x, e, strtof("0.25", NULL));', "350z 0.25"),
        ('ldiv_t q = ldiv(-7, 2); printf("%ld %ld %d", q.quot, q.rem, div(9, 4).rem);', "-3 -1 1"),
        (
            'char s[] = "a,b;;c", *r; for (char *p = strtok_r(s, ",;", &r); p; p = strtok_r(NULL, ",;", &r)) puts(p);',
            "a\nb\nc\n",
        ),
        (
            'char s[] = "a-b"; puts(strtok(s, "-")); puts(strtok(NULL, "-")); printf("%d", strtok(NULL, "-") == NULL);',
            "a\nb\n1",
        ),
        ('printf("%d %d %d", __builtin_popcount(255u), __builtin_clz(1u), (int)__builtin_expect(3 > 2, 1));', "8 31 1"),
        (
            'char s[40]; int n = sprintf(s, "%d:%.2f", 3, 0.5); strcat(s, "|"); printf("%s[%9s]%d", s, s, n);',
            "3:0.50|[  3:0.50|]6",
        ),
        ('double *p; posix_memalign((void **)&p, 64, 16); p[1] = 2; printf("%g %.5f", p[1], j0(1.5));', "2 0.51183"),
        ('printf("%d %d %d", isnormal(1.0), isless(2.0, 1.0), fpclassify(0.0) == FP_ZERO);', "1 0 1"),
        (
            'double complex z = 1 + 2.0 * I; z *= z; printf("%g %g %g", creal(z), cimag(z), cabs(3 - 4.0 * I));',
            "-3 4 5",
        ),
        (
            "double _Complex w[2] = {CMPLX(1, 2)}, q = conj(w[0]) / (1 + I); float complex f = q;"
            ' printf("%g %g %g %d", creal(q), cimagf(f), creal(w[1] += 2), w[1] == 2);',
            "-0.5 -1.5 2 1",
        ),
        (
            'char *v[] = {"p", "x", "-n5", "-vw", "8", "--", "-z", NULL}; int c;'
            ' while ((c = getopt(7, v, "n:vw:")) != -1) printf("%c%s ", c, c == 118 ? "" : optarg);'
            ' printf("%d %s %s", optind, v[optind], v[optind + 1]);',
            "n5 v w8 5 x -z",
        ),
        (
            "#include <stdarg.h>\nstatic int say(char *to, const char *f, ...) { va_list a; va_start(a, f);"
            " int n = vsnprintf(to, 9, f, a); va_end(a); return n; }"
            ' int main(void) { char t[9]; int n = say(t, "%d-%s", 4, "x"); printf("%d %s", n, t); return 0; }',
            "3 4-x",
        ),
        (
            'errno = 0; long n = strtol("99999999999999999999", NULL, 10); printf("%ld %d", n, errno);',
            f"{2**63 - 1} 34",
        ),
        ('printf("%.6f %.6f", cimag(cexp(I * 0.5)), creal(csqrt(-4.0)));', "0.479426 0.000000"),
        (
            "struct { double u[2], v[2]; int n, k; } s = {{1, 2}, {3, 4}, 5, 6}; double w[2] = {7, 8};"
            " memcpy(s.u, w, sizeof s.u); memcpy(w, s.v, sizeof w); memset(s.v, 0, sizeof s.v); memset(&s.n, 0, 4);"
            ' printf("%g %g %g %g %d %d %g", s.u[0], s.u[1], s.v[0], s.v[1], s.n, s.k, w[1]);',
            "7 8 0 0 0 6 4",
        ),
        (  # up to the padding at the struct's end
            "struct { double x; int k[3]; } s = {1, {2, 3, 4}}; memset(s.k, 0, sizeof s.k);"
            ' printf("%g %d %d", s.x, s.k[0], s.k[2]);',
            "1 0 0",
        ),
        (  # a size that no machine has
            "int n = -1; double *p = malloc(n * sizeof *p), *q = malloc(8); q = realloc(q, n * sizeof *q);"
            ' printf("%d %d", p == NULL, q == NULL); free(p);',
            "1 1",
        ),
    ],
)
def test_c(text: str, expected: str) -> None:
    assert printed(text) == expected


def test_numbers_printed_into_memory_are_still_terms() -> None:
    body = 'char s[40], t[40]; snprintf(s, 40, "x=%g;", 0.1 + 0.2); strcpy(t, s); puts(t); return 0;'
    program = parse(Source.from_str("a.c", f"{_HEAD}int main(void) {{ {body} }}"), ParseOptions())
    terms = Terms()
    process = Process(terms, Limits(Work(), 10**6), Input("stdin", terms, 7))
    items = [i for i in run_alone(compile_program(program, terms), process).output if not isinstance(i, str)]
    assert [(spec, term.op) for spec, term in items if isinstance(term, Term)] == [("%g", "+")]


def test_memory_that_is_allocated_counts_as_work() -> None:
    rows = "for (int i = 0; i < 100; i++) { double *row = malloc(100000 * sizeof(double)); row[0] = 1; free(row); }"
    program, terms = parse(Source.from_str("a.c", f"{_HEAD}int main(void) {{ {rows} }}"), ParseOptions()), Terms()
    process = Process(terms, Limits(Work(), 10**6), Input("stdin", terms, 7))
    with pytest.raises(OutOfBudget):
        run_alone(compile_program(program, terms), process)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('char s[3]; strcpy(s, "abc");', Kind.MEMORY),
        ('char s[4] = "abc"; strcat(s, "d");', Kind.MEMORY),
        ("char s[4]; puts(s);", Kind.UNINITIALISED),
        ("double (*f)(double) = NULL; f(1);", Kind.MEMORY),
        ("double (*f)(double); f(1);", Kind.UNINITIALISED),
        ("int x; switch (x) { default: break; }", Kind.UNINITIALISED),
        ('int x; printf("%d", x);', Kind.UNINITIALISED),
        ('double x; printf("%g", x);', Kind.UNINITIALISED),
        ("int *p = malloc(8); int *q = p; free(p); free(q);", Kind.MEMORY),
        ("int n = -2; int *p = malloc(n * sizeof *p); p[0] = 1;", Kind.MEMORY),
        ("int a = 1 << 30; a *= 4;", Kind.ARITHMETIC),
    ],
)
def test_what_c_does_not_allow_has_a_kind(text: str, kind: Kind) -> None:
    with pytest.raises(Fault) as caught:
        printed(text)
    assert caught.value.kind is kind
    assert caught.value.line == _HEAD.count("\n") + 1
