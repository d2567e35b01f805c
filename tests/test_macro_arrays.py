"""Arrays that macros declare and hand over (as PolyBench does), and pointers to whole arrays."""

from __future__ import annotations

import pytest
from deciding import HEAD

from chatmpi.analysis.calls.specialise import read_program
from chatmpi.analysis.facts import analyze
from chatmpi.analysis.parse import parse
from chatmpi.analysis.restyle.array_pointers import array_pointers
from chatmpi.analysis.restyle.macro_uses import declarations_of_macros
from chatmpi.analysis.source import Source, edited
from chatmpi.plan.decide import decide

MACROS = """#define BOUND(x, y) y
#define LAST BOUND(N, n)
#define MATRIX(var, d1, d2) var[d1][d2]
#define DECLARE(var, type, d1, d2) static type MATRIX(var, d1, d2);
#define MAKE(var, type, d1, d2) type (*var)[d1][d2]; var = (type (*)[d1][d2])make((d1) * (d2), sizeof(type));
#define REF(x) *x
#define RELEASE(x) free((void *)x);
#define HALF 0.5
#define SAID(L, d) static int d[(int)(10L * L)]; puts("a  // b"); /* said */
"""


def written_out(code: str) -> str:
    program = parse(Source.from_str("program.c", f"{HEAD}{MACROS}void *make(int n, int size);\n{code}\n"))
    return edited(program.source, declarations_of_macros(program)).text.splitlines()[-1]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("void f(int n, double MATRIX(u, n, N));", "void f(int n, double MATRIX(u, n, N));"),  # no body
        ("void f(double MATRIX(u, 2, N)) { u[0][1] = HALF; }", "void f(double u[2][N]) { u[0][1] = HALF; }"),
        (
            "void f(int n) { for (int i = 0; i < LAST - 1; i++) n--; }",
            "void f(int n) { for (int i = 0; i < n - 1; i++) n--; }",
        ),
        (
            "void f(void) { DECLARE(u, double, N, M); u[0][1] = 1; }",
            "void f(void) { static double u[N][M]; u[0][1] = 1; }",
        ),
        (
            "void f(void) { SAID(2, w) w[0] = 10L; }",
            'void f(void) { static int w[(int)(10L * 2)]; puts("a  // b"); w[0] = 10L; }',
        ),
        (
            "void g(double (*u)[M]); void f(void) { MAKE(u, double, N, M) g(REF(u)); RELEASE(u); }",
            "void g(double (*u)[M]); void f(void) { double (*u)[N][M]; u = (double (*)[N][M])make((N) * (M),"
            " sizeof(double)); g(*u); free((void *)u); }",
        ),
    ],
)  # fmt: skip
def test_macros_that_declare_are_written_out(before: str, after: str) -> None:
    assert written_out(before) == after


def after(body: str) -> str:
    code = f"{HEAD}void g(double (*u)[M]); void h(double *x); void k(void *p);\nvoid f(int n) {{ {body} }}\n"
    program = parse(Source.from_str("program.c", code))
    return edited(program.source, array_pointers(program)).text.splitlines()[-1].split("{ ", 1)[1][:-2]


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (
            "double (*u)[N][M] = malloc(sizeof *u); (*u)[0][n] = 1; g(*u); free(u);",
            "double (*u)[M] = malloc((N) * sizeof *u); (u)[0][n] = 1; g(u); free(u);",
        ),
        (
            "double (*x)[n]; x = (double (*)[n])malloc(n * sizeof(double)); if (x == NULL) return; h(*x);",
            "double *x; x = malloc(n * sizeof(double)); if (x == NULL) return; h(x);",
        ),
        ("double (*x)[N] = calloc(1, sizeof *x / 2); h(*x);", "double *x = calloc(1, ((N) * sizeof *x) / 2); h(x);"),
    ],
)
def test_pointers_to_a_whole_array_lead_to_its_first_row(before: str, expected: str) -> None:
    assert after(before) == expected


@pytest.mark.parametrize(
    "body",
    [
        "double (*u)[M] = malloc(n * sizeof *u); u[n - 1][0] = 1; h(*u);",  # rows
        "double (*x)[N] = malloc(sizeof *x), (*y)[N] = x; h(*x); h(*y);",
        "double (*x)[N] = malloc(2 * sizeof *x); h(*x); x++; h(*x);",
        "double (*x)[N] = malloc(sizeof *x); h(*x); k(x);",
        "static double w[N]; double (*x)[N] = &w; h(*x);",
    ],
)
def test_pointers_that_are_used_otherwise_stay(body: str) -> None:
    assert after(body) == body


@pytest.mark.parametrize("declared", ["DECLARE(u, double, N, N) DECLARE(v, double, N, N)",
                                      "MAKE(u, double, N, N) MAKE(v, double, N, N)"])  # fmt: skip
def test_programs_of_macros_are_divided(declared: str) -> None:
    call = "u, v" if declared.startswith("DECLARE") else "REF(u), REF(v)"
    code = f"""{HEAD}{MACROS}
    static void *make(unsigned long long n, int size) {{
        void *p = malloc(n * size);
        if (p == NULL) exit(1);
        return p;
    }}
    static void init(int n, double MATRIX(u, n, n), double MATRIX(v, n, n)) {{
        for (int i = 0; i < n; i++) for (int j = 0; j < n; j++) u[i][j] = v[i][j] = (double)i * j / n;
    }}
    static void step(int n, double MATRIX(u, n, n), double MATRIX(v, n, n)) {{
        for (int t = 0; t < 9; t++) {{
            for (int i = 1; i < LAST - 1; i++)
                for (int j = 1; j < LAST - 1; j++) v[i][j] = HALF * (u[i-1][j] + u[i+1][j]);
            for (int i = 1; i < LAST - 1; i++)
                for (int j = 1; j < LAST - 1; j++) u[i][j] = HALF * (v[i-1][j] + v[i+1][j]);
        }}
    }}
    static void show(int n, double MATRIX(u, n, n)) {{
        for (int i = 0; i < n; i++) for (int j = 0; j < n; j++) printf("%0.2f ", u[i][j]);
    }}
    int main(void) {{
        int n = N;
        {declared}
        init(n, {call});
        step(n, {call});
        show(n, {call.split(",")[0]});
        return 0;
    }}
    """
    facts = analyze(read_program(Source.from_str("program.c", code)))
    assert facts is not None
    plan = decide(facts)
    assert [a.partition for a in plan.arrays] == ["row", "row"]
    assert "halo" in {c.kind for c in plan.communications}
