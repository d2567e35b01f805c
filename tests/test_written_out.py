"""Calls that are written out where their function has no names for what has to be said in it."""

from __future__ import annotations

import pytest

from chatmpi.analysis.calls.specialise import read_program
from chatmpi.analysis.facts import analyze
from chatmpi.analysis.source import Source
from chatmpi.generate.from_template import generate
from chatmpi.plan.decide import decide
from chatmpi.translate import first_plan, translate

HEAD = "#include <stdio.h>\n#include <stdlib.h>\n#include <math.h>\n"


def written_out(functions: str, body: str, *calls: str) -> str:
    code = f"{HEAD}{functions}int main(void) {{\n{body}}}\n"
    return read_program(Source.from_str("program.c", code), in_full=frozenset(calls)).source.text


SCALE = "static void scale(double *v, int n, double s) { for (int i = 0; i < n; i++) v[i] *= s; }\n"
DOT = """static double dot(int n, const double *x, const double *y) {
    double s = 0.0;  /* the sum */
    for (int i = 0; i < n; i++)
        s += x[i] * y[i];
    return s;
}
"""


def test_the_statements_of_a_function_stand_in_the_place_of_its_call() -> None:
    text = written_out(SCALE, "  int n = 8, k = 2; double a[64];\n  scale(a + k*n, n, 2.0 / k);\n", "scale")
    assert "scale" not in text
    assert "const double s = 2.0 / k;\n      for (int i = 0; i < n; i++) a[k*n + i] *= s;" in text


def test_a_value_goes_to_the_variable_that_takes_it() -> None:
    text = written_out(DOT, "  int n = 8, k = 2; double a[64];\n  double r = sqrt(dot(n - k, &a[k], a));\n", "dot")
    assert "  double dot_value = 0.0;  /* the sum */\n  for (int i = 0; i < n - k; i++)\n" in text
    assert "      dot_value += a[k + i] * a[i];\n" in text
    assert "  double r = sqrt(dot_value);" in text


def test_names_that_are_taken_are_changed() -> None:
    text = written_out(DOT, "  int i = 1; double a[8][8], s = 2;\n  s = s * 2; s = dot(8, a[i], a[2]);\n", "dot")
    assert "for (int i2 = 0; i2 < 8; i2++)" in text
    assert "s += a[i][i2] * a[2][i2];" in text


@pytest.mark.parametrize(
    "function",
    [
        "static void f(double *v, int n) { if (n < 1) return; for (int i = 0; i < n; i++) v[i] *= 2; }\n",
        "static double f(double *v, int n) { for (int i = 0; i < n; i++) v[i] *= 2; return atan(v[0]); }\n",
        "#define V(i) v[i]\nstatic void f(double *v, int n) { for (int i = 0; i < n; i++) V(i) *= 2; }\n",
    ],
    ids=["returns early", "value not used", "a macro's body"],
)
def test_calls_that_cannot_be_written_out_stay(function: str) -> None:
    body = "  int n = 8, k = 2; double t = 3, a[64];\n  f(a + k*n, n); a[0] = t;\n"
    assert "f(a + k*n, n);" in written_out(function, body, "f")


LU = """static void eliminate(int n, double f, const double *x, double *y) {
    for (int j = 0; j < n; j++)
        y[j] -= f * x[j];
}
int main(int argc, char **argv) {
    int n = atoi(argv[1]);
    double *a = malloc(n * n * sizeof *a), s = 0;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            a[i*n + j] = i == j ? n : 1.0 / (1 + i + j);
    for (int k = 0; k < n - 1; k++) {
        SCALE
        for (int i = k + 1; i < n; i++)
            eliminate(n - k, a[i*n + k], &a[k*n + k], &a[i*n + k]);
    }
    for (int i = 0; i < n; i++)
        s += a[i*n + i];
    printf("%g\\n", s);
}
"""


def test_a_function_gets_the_broadcast_row_in_place_of_its_argument() -> None:
    text = translate(Source.from_str("lu.c", HEAD + LU.replace("SCALE", ""))).source.shown
    assert "y[j] -= f * x[j];" in text
    assert "&a_row[k], &a[i*n + k]);" in text


def test_rows_that_functions_work_on_are_divided_too() -> None:
    code = HEAD + SCALE + LU.replace("SCALE", "scale(&a[k*n], n, 1 / a[k*n + k]);")
    text = translate(Source.from_str("lu.c", code)).source.shown
    assert "for (int i = 0; i < n; i++) a[(k / size)*n + i] *= s2;" in text
    assert "scale(" not in text


def test_a_row_number_that_is_given_to_a_function_as_a_value_is_no_obstacle_to_rows_in_turn() -> None:
    code = (
        LU.replace("SCALE", "")
        .replace("(int n, double f", "(int k, int n, double f")
        .replace("int j = 0", "int j = k", 1)
    )
    code = code.replace("n - k, a[i*n + k], &a[k*n + k], &a[i*n + k]", "i, n, a[k*n + i], &a[k*n], &a[i*n]")
    plan = first_plan(Source.from_str("cholesky.c", HEAD + code))
    assert [p.kind for p in plan.partitions] == ["cyclic"]


@pytest.mark.parametrize("macro", ["", "#define OF_ROW(j) (row_at + (j))\n"])
def test_a_place_that_is_read_no_more_beside_the_copy_of_a_row_goes(macro: str) -> None:
    eliminate = "eliminate(n - k, a[i*n + k], &a[k*n + k], &a[i*n + k]);"
    code = LU.replace(eliminate, "for (int j = k; j < n; j++) a[i*n + j] -= a[row_at + j];")
    code = HEAD + macro + code.replace("SCALE", "long row_at = k*n;")
    facts = analyze(read_program(Source.from_str("lu.c", code)))
    assert facts is not None
    text = generate(facts, decide(facts)).text
    assert "-= a_row[j];" in text
    assert ("long row_at = k*n;" in text) == bool(macro)


MADE = """typedef struct { int n, m, half; } sizes;
static int make(int n, sizes *s, double **u) {
    s->n = n;
    (*s).m = n + 1;
    s->half = s->n / 2;
    double first = 0.5;
    *u = malloc(s->n * s->m * sizeof **u);
    if (*u == NULL) exit(1);
    for (int i = 0; i < s->n; i++)
        for (int j = 0; j < s->m; j++) (*u)[i * s->m + j] = first * i + j;
    return 0;
}
static double total(const sizes s, const double *u) {
    double sum = 0;
    (void)s;
    for (int i = 0; i < s.n; i++) sum += u[(i * 7) % s.n * s.m];
    return sum;
}
"""


def test_variables_stand_for_pointers_to_them() -> None:
    body = '  sizes s; double *u; int first = 3;\n  make(first, &s, &u);\n  printf("%g\\n", total(s, u));\n'
    text = written_out(MADE, body, "make")
    assert "  s.n = first;\n  s.m = first + 1;\n  s.half = s.n / 2;\n  double first2 = 0.5;\n" in text
    assert "  u = malloc(s.n * s.m * sizeof *u);\n  if (u == NULL) exit(1);\n" in text
    assert "u[i * s.m + j] = first2 * i + j;" in text


def test_half_of_a_size_is_not_the_size() -> None:
    body = 'sizes s; double *u; make(40, &s, &u); printf("%g %d\\n", total(s, u), s.half); free(u);'
    plan_and_text = translate(Source.from_str("half.c", f"{HEAD}{MADE}int main(void) {{ {body} }}\n"))
    assert "block_begin(s.n," in plan_and_text.source.shown
    assert "half," not in plan_and_text.source.shown


def test_macros_are_not_used_before_they_are_defined() -> None:
    code = (
        "static double y[4000];\nstatic double total(int n, double *v) {\n    double s = 0;\n"
        "    for (int i = 0; i < n; i++)\n        for (int j = i + 1; j < n; j++) s += v[i] / (v[j] + 1);\n"
        "    return s;\n}\n#define COUNT 4000\nint main(void) {\n"
        '    for (int i = 0; i < COUNT; i++) y[i] = i;\n    printf("%g\\n", total(COUNT, y));\n    return 0;\n}\n'
    )
    text = translate(Source.from_str("late.c", HEAD + code)).source.shown
    assert "COUNT" not in text[: text.index("#define COUNT")]
    assert "work_begin(COUNT, rank, size, COUNT - 1, -1)" in text
