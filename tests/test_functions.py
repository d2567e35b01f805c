"""Helper functions that take arrays: divided where they are called, written once where all calls agree."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from alike import assert_alike
from deciding import facts_of

from chatmpi.analysis.calls.functions import expandable
from chatmpi.analysis.calls.specialise import read_program
from chatmpi.analysis.diagnostics import NothingDistributed
from chatmpi.analysis.facts import analyze
from chatmpi.analysis.outside.obstacles import obstacles
from chatmpi.analysis.parse import ParseOptions, parse
from chatmpi.analysis.source import Source
from chatmpi.generate.from_template import generate
from chatmpi.generate.twins import unified
from chatmpi.plan.decide import decide
from chatmpi.translate import translate

FOLDER = Path(__file__).parent / "functions"
DIVIDED = {
    "boundaries": {"u", "v"},
    "cg": {"x", "r", "p", "Ap"},
    "csr": {"y"},
    "grid": {"g.u", "g.unew"},
    "heat2d": {"u", "v", "w"},
    "problems": {"y"},
    "schemes": {"u", "f"},
}

HEAD = "#include <stdio.h>\n#include <math.h>\n#define N 40\nstatic double x[N], y[N];\n"


@pytest.mark.parametrize("name", DIVIDED)
def test_arrays_of_helper_functions_are_divided(name: str, executables: Path) -> None:
    source = Source.read(FOLDER / f"{name}.c")
    translation = translate(source)
    assert {a.name for a in translation.plan.arrays if a.partition} >= DIVIDED[name]
    assert {c.stage for c in translation.verdict.checks} == {"proved", "simulated"}
    assert_alike(source.shown, translation.source.shown, executables, ranks=(1, 3, 4), tolerance=1e-9)


def translated(code: str) -> str:
    return translate(Source.from_str("program.c", HEAD + code)).source.shown


def test_a_function_is_written_once_where_all_calls_agree() -> None:
    text = translated(
        "static void fill(double *a, double v) { for (int i = 0; i < N; i++) a[i] = v * i; }\n"
        "int main(void) { fill(x, 1.0); fill(y, 2.0); double s = 0;\n"
        'for (int i = 0; i < N; i++) s += x[i] * y[i]; printf("%g\\n", s); return 0; }\n'
    )
    assert text.count("void fill") == 1
    assert "fill_2" not in text
    assert "chatmpi:copy" not in text


def test_a_function_whose_calls_differ_is_written_twice() -> None:
    text = translated(
        "static void fill(double *a, int n) { for (int i = 0; i < n; i++) a[i] = 2 * i; }\n"
        "int main(void) { double z[7]; fill(x, N); fill(z, 7); double s = 0;\n"
        'for (int i = 0; i < N; i++) s += x[i] + z[i % 7]; printf("%g\\n", s); return 0; }\n'
    )
    assert text.count("static void fill") == 2


def test_recursion_and_static_state_are_left_as_they_are() -> None:
    text = translated(
        "static int calls(void) { static int n; return ++n; }\n"
        "static double power(double b, int k) { return k == 0 ? 1.0 : b * power(b, k - 1); }\n"
        "int main(void) { for (int i = 0; i < N; i++) x[i] = power(0.5, i % 5);\n"
        "double s = 0; for (int i = 0; i < N; i++) s += x[i];\n"
        'const int count = calls(); printf("%d %g\\n", count, s); return 0; }\n'
    )
    assert text.count("int calls(void)") == 1
    assert text.count("double power(") == 1


def test_places_are_those_of_the_file_as_it_was_written() -> None:
    source = Source.from_str(
        "program.c",
        HEAD + "static double sum(const double *a) { double s = 0; for (int i = 0; i < N; i++) s += a[i]; return s; }\n"
        "int main(void) {\n"
        '    printf("%g %g\\n", sum(x), sum(y));\n'
        "    return 0;\n"
        "}\n",
    )
    program = read_program(source, ParseOptions())
    assert len(program.functions) == 3
    last = program.source.text.index("return 0;")
    assert program.source.location(last).line == source.location(source.text.index("return 0;")).line


def test_copies_that_call_different_copies_stay_apart() -> None:
    text = (
        "/*chatmpi:copy f*/int f(void) { return 1; }/*chatmpi:end*/\n"
        "/*chatmpi:copy f__2*/int f__2(void) { return 2; }/*chatmpi:end*/\n"
        "/*chatmpi:copy g*/int g(void) { return f(); }/*chatmpi:end*/\n"
        "/*chatmpi:copy g__2*/int g__2(void) { return f__2(); }/*chatmpi:end*/\n"
    )
    made = unified(text, {"f__2": "f#2", "g__2": "g#2"})
    assert "int g_2(void) { return f_2(); }" in made
    same = unified(text.replace("return 2", "return 1"), {"f__2": "f#2", "g__2": "g#2"})
    assert same.count("int g") == 1
    assert same.count("int f") == 1


def test_members_of_a_global_struct_are_named_by_the_parameter_that_points_to_it() -> None:
    text = translated(
        "struct grid { double u[N]; } g;\n"
        "static void fill(struct grid *p) { for (int t = 0; t < 9; t++) for (int i = 0; i < N; i++)\n"
        "    p->u[i] = sin(p->u[i] + i); }\n"
        'static void show(const struct grid *q) { for (int i = 0; i < N; i++) printf("%g\\n", q->u[i]); }\n'
        "int main(void) { fill(&g); show(&g); return 0; }\n"
    )
    assert "MPI_Sendrecv(q->u," in text
    assert "Sendrecv(g.u" not in text


def test_functions_that_pointers_lead_to_are_known() -> None:
    code = """#include <math.h>
    #include <stdio.h>
    static int calls; static double x[90];
    static double half(double v) { return v / 2; }
    static double counted(double v) { calls++; return v; }
    typedef double (*F)(double); static F chosen = %s;
    int main(void) { for (int t = 0; t < 90; t++) for (int i = 0; i < 90; i++) x[i] = chosen(x[i] + t);
    printf("%%g %%d\\n", x[3], calls); return 0; }"""
    pure, impure = (decide(facts_of(code % name)) for name in ("half", "counted"))
    assert pure.is_distributed
    assert not impure.is_distributed


def test_main_says_what_it_was_told_in_its_own_words() -> None:
    code = """#include <stdio.h>
    #define MOST 500
    static double x[MOST], y[MOST];
    static int ask(int low) { int v; do { printf("how many? "); if (scanf("%d", &v) != 1) return low; } while (v < low);
      return v; }
    int main(void) { int n = ask(3); for (int i = 0; i < n; i++) x[i] = i;
    for (int t = 0; t < 90; t++) {
      for (int i = 1; i < n; i++) y[i] = x[i - 1]; for (int i = 1; i < n; i++) x[i] = y[i]; }
    printf("%g\\n", x[n - 1]); return 0; }"""
    facts = facts_of(code)
    text = generate(facts, decide(facts)).shown
    assert "smaller(n, my_end)" in text


@pytest.mark.parametrize("name", ["puts", "exit", "rand", "getchar"])
def test_functions_that_some_ranks_call_are_called_by_name(name: str) -> None:
    code = f"""void *p = (void *){name}; double x[90]; (void)p;
    for (int t = 0; t < 90; t++) for (int i = 0; i < 90; i++) x[i] = t;
    int (*f)(const char *) = argc > 1 ? (int (*)(const char *)){name} : NULL; if (f) f("x"); printf("%g", x[3]);"""
    assert any("a function pointer" in o.reason for o in obstacles(facts_of(code)))


def test_a_function_that_reads_a_number_for_its_caller_is_read_there() -> None:
    facts = facts_of(
        '#include <stdio.h>\n#include <stdlib.h>\nstatic void ask(int *n) { if (scanf("%d", n) != 1) exit(1); }\n'
        "int main(void) { int n; ask(&n); double *u = malloc(n * sizeof *u);\n"
        'for (int i = 0; i < n; i++) u[i] = i; printf("%g\\n", u[0]); free(u); return 0; }\n'
    )
    assert all(not f.blockers for f in facts.loop_facts.values())
    assert [f.symbol.name for f in facts.program.functions] == ["main"]


ROWS = """
#include <stdlib.h>
typedef struct { double x[3], v[3]; } P;
static void push(P *p, double h) { for (int d = 0; d < 3; d++) p->x[d] += h * sin(p->v[d]); }
static void drift(P *p) { push(p, 0.1); p->v[0] = USE; }
int main(int argc, char **argv) {
  int n = argc + 4000;
  P *p = malloc(n * sizeof(P));
  for (int i = 0; i < n; i++) { p[i].x[0] = p[i].x[1] = p[i].x[2] = i; p[i].v[0] = p[i].v[1] = p[i].v[2] = 1; }
  for (int t = 0; t < 50; t++) for (int i = 0; i < n; i++) drift(&p[i]);
  double e = 0; for (int i = 0; i < n; i++) e += p[i].x[0] + p[i].v[1]; printf("%g\\n", e); return 0; }
"""


@pytest.mark.parametrize(("use", "divided"), [("p->x[1]", {"p_x", "p_v"}), ("p[1].x[1]", set[str]())])
def test_functions_that_are_given_one_struct_of_an_array(use: str, divided: set[str]) -> None:
    facts = analyze(read_program(Source.from_str("program.c", HEAD + ROWS.replace("USE", use))))
    assert facts is not None
    assert {a.name for a in decide(facts).arrays if a.partition} == divided


@pytest.mark.parametrize(
    ("declared", "followed"),
    [
        ("double first = 1, s = grow(a);", True),
        ("double first = a[0], s = grow(a);", True),  # which the call changes: they are declared apart
        ("double first = a[0], /* before */ s = grow(a);", False),
        ("int q = 3; double first = q, s = grow(a);", True),
        ("double first = 3, s = grow(&first);", False),
        ("double t = grow(a), s = grow(a);", True),
        ("double s = grow(a), t = a[0];", True),
        ("double t = grow(a) + 1, s = 2 * grow(a);", True),
        ("double t = a[0], s = 2 * grow(a);", True),
    ],
)
def test_a_call_among_declarations_is_made_where_the_order_makes_no_difference(declared: str, followed: bool) -> None:
    code = f"{HEAD}double grow(double *x) {{ for (int i = 0; i < 9; i++) x[i]++; return x[0]; }}\n"
    code += f"int main(void) {{ double a[N]; for (int i = 0; i < N; i++) a[i] = i; {declared} return a[1] > s; }}\n"
    facts = analyze(read_program(Source.from_str("program.c", code)))
    assert facts is not None
    assert any("grow" in s.prefix for s in facts.scopes) == followed


def test_a_comment_above_the_first_function_stays_whole() -> None:
    text = translated(
        "/* before */\n\nint a;  // beside\n/*\n  several lines\n*/\n// and one\n"
        "static void fill(int n) { for (int i = 0; i < n; i++) x[i] = i; }\n"
        "int main(void) { fill(N); double s = 0;\n"
        'for (int i = 0; i < N; i++) s += x[i]; printf("%g\\n", s); return 0; }\n'
    )
    before, _, after = text.partition("static int block_begin")
    assert "/* before */\n\nint a;  // beside\n" in before
    assert "several lines" not in before
    assert "/*\n  several lines\n*/\n// and one\nstatic void fill" in after


def test_declarations_of_copies_stand_outside_of_other_copies() -> None:
    code = (
        "void twice(double *a, int n); void add(double *a, int n);\n"
        'int main(void) { double z[7]; twice(x, N); twice(z, 7); printf("%g %g\\n", x[3], z[4]); return 0; }\n'
        "void twice(double *a, int n) { add(a, n); add(a, n - 1); }\n"
        "void add(double *a, int n) { for (int i = 0; i < n; i++) a[i] += i; }\n"
    )
    shown = read_program(Source.from_str("program.c", HEAD + code)).source.text
    marks = [m[0] for m in re.finditer(r"/\*chatmpi:(copy|end)", shown)]
    assert marks == ["/*chatmpi:copy", "/*chatmpi:end"] * (len(marks) // 2)


STREAMED = """
static const int c[3] = { 0, 1, -1 }, opp[3] = { 0, 2, 1 };
static size_t at(int n, int y, int q) { return (size_t)y * n + q; }
int main(int argc, char **argv) {
  int n = argc + 400, m = 3;
  double *f = malloc(n * m * sizeof(double)), *g = malloc(n * m * sizeof(double));
  for (int y = 0; y < n; y++) for (int q = 0; q < m; q++) f[at(m, y, q)] = y + q;
  for (int t = 0; t < 50; t++) {
    for (int y = 0; y < n; y++) for (int q = 0; q < m; q++) f[at(m, y, q)] *= 0.5;
    for (int y = 0; y < n; y++) for (int q = 0; q < m; q++) {
      int from = FROM;
      g[at(m, y, q)] = from % 7 ? f[at(m, from, q)] : f[at(m, y, opp[q])];
    }
    double *s = f; f = g; g = s;
  }
  double e = 0; for (int y = 0; y < n; y++) for (int q = 0; q < m; q++) e += f[at(m, y, q)];
  printf("%g\\n", e); return 0; }
"""


@pytest.mark.parametrize(
    ("row", "read"),
    [
        ("(y * 5 + 1) % n", "f_all[at(m, from, q)] : f_all[at(m, (y + row0), opp[q])]"),  # of a whole copy
        ("(y - c[q] + n) % n", "f[at(m, (y - c[q]), q)] : f[at(m, y, opp[q])]"),  # of the halo
    ],
)
def test_a_row_that_a_function_is_given_is_named_as_where_it_lies(row: str, read: str) -> None:
    code = f"#include <stdio.h>\n#include <stdlib.h>{STREAMED.replace('FROM', row)}"
    facts = analyze(read_program(Source.from_str("program.c", code)))
    assert facts is not None
    assert f"g[at(m, y, q)] = from % 7 ? {read};" in generate(facts, decide(facts)).shown


@pytest.mark.parametrize(("number", "followed"), [("3", True), ("-1", False)])
def test_a_number_passes_for_a_parameter_of_another_integer_type(number: str, followed: bool) -> None:
    code = (
        "static double entry(const double *a, size_t k) { return a[k + 1]; }\n"
        "int main(void) { for (int i = 0; i < N; i++) x[i] = sqrt(i);\n"
        f'    printf("%g\\n", entry(x, {number})); return 0; }}\n'
    )
    if followed:
        assert "entry(" not in translated(code).partition("int main")[2]
    else:
        with pytest.raises(NothingDistributed):
            translated(code)


@pytest.mark.parametrize(
    ("statement", "apart"),
    [
        ("e += dist(x + i, y + label[i] * 2);", "const int b_at = label[i] * 2;"),
        ("double one = sqrt(dist(&x[label[i]], y)); e += one;", "const int a_at = label[i];"),
        ("if (i > 3) e += dist(x + i, y + width); else e += 1;", "{ const int b_at = width;"),
        ("e += dist(x + i, y + (k = label[i]));", None),  # what has effects stays where it is
        ("e += i > 3 ? dist(x + i, y + label[i]) : 0;", None),
    ],
)
def test_offsets_that_a_call_might_change_are_kept_before_it(statement: str, apart: str | None) -> None:
    code = (
        "static int label[N], width = 2;\n"
        "static double dist(const double *a, const double *b) {\n"
        "    double s = 0; for (int d = 0; d < 2; d++) s += (a[d] - b[d]) * (a[d] - b[d]); return s; }\n"
        "int main(void) { double e = 0; int k = 0;\n"
        f"    for (int i = 0; i < N - 2; i++) {{ {statement} }}\n"
        '    printf("%g %d\\n", e, k); return 0; }\n'
    )
    shown = read_program(Source.from_str("program.c", HEAD + code)).source.text
    assert ("_at =" in shown) == (apart is not None)
    assert apart is None or apart in shown


@pytest.mark.parametrize(
    ("loop", "opened"),
    [
        ("for (int k = 0; k < 9; k++) x -= f(x, n);", True),
        ("for (int k = 0; k < 9; k++) { double y = x / 2; if (f(y, n) > 0) x = y; }", True),
        ("while (n < 5000) { x += f(0.5, n); n *= 10; }", True),
        ("for (int k = 0; k < 9; k++) { x += 0.1; s += f(x, n); }", True),
        # what iterations hand on is not in the arguments, or nothing is
        ("for (int k = 0; k < 9; k++) s += f(k * 0.1, n);", False),
        ("for (int k = 0; k < 9; k++) { double y = k * x; s += f(y, n + k); }", False),
        ("for (int k = 0; k < 9; k++) { x = f(0.5, n); s += x; }", False),
    ],
)
def test_loops_of_functions_that_are_called_one_after_the_other(loop: str, opened: bool) -> None:
    code = f"""#include <stdlib.h>
{HEAD}
    static double f(double x, int n) {{ double s = 0; for (int i = 1; i <= n; i++) s += sin(x * i); return s; }}
    int main(int argc, char **argv) {{ int n = atoi(argv[1]); double x = 1, s = 0; {loop} printf("%g %g", x, s); }}
    """
    assert ("f" in expandable(parse(Source.from_str("f.c", code))).whole) == opened


def test_counts_in_an_array_of_the_caller_begin_from_nothing_in_full() -> None:
    code = """#include <stdio.h>
    #include <stdlib.h>
    #include <math.h>
    static void count(const double *x, int n, unsigned long hist[16]) {
        for (int i = 0; i < n; i++) hist[(int)(x[i] * 16) % 16] += 2;
    }
    int main(int argc, char **argv) {
        int n = 99 + argc;
        double *x = malloc(n * sizeof *x);
        unsigned long hist[16] = {1, 2};
        for (int t = 0; t < 4; t++) {
            for (int i = 0; i < n; i++) x[i] = fabs(sin(i * 0.7 + t));
            count(x, n, hist);
        }
        for (int b = 0; b < 16; b++) printf("%lu ", hist[b]);
        free(x);
        return 0;
    }
    """
    facts = analyze(read_program(Source.from_str("count.c", code)))
    assert facts is not None
    assert "memset(hist, 0, 16 * sizeof(unsigned long));" in generate(facts, decide(facts)).text
