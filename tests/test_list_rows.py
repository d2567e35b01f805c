"""Pointers to rows that lie in one list are numbers of its entries: what is found by them can be divided."""

from __future__ import annotations

import pytest
from deciding import HEAD, array, facts_of, loop_at, plan_of

from chatmpi.analysis.calls.specialise import read_program
from chatmpi.analysis.facts import analyze
from chatmpi.analysis.source import Source
from chatmpi.translate import translate

MADE = """
double **rows = malloc(N * sizeof(double *)), *list = malloc(3 * N * sizeof(double));
int **cols = malloc(N * sizeof *cols), *all = malloc(3 * N * sizeof *all), *count = malloc(N * sizeof *count);
double x[N], y[N], s = 0;
double *at = list;
int *number = all;
for (int i = 0; i < N; i++) {
    int k = 0;
    rows[i] = at;
    cols[i] = number;
    for (int j = i - 1; j <= i + 1; j++)
        if (j >= 0 && j < N) { *at++ = i + 2 * j; *number++ = j; k++; }
    count[i] = k;
    x[i] = i;
}
"""
USED = """
for (int i = 0; i < N; i++) {
    const double *v = rows[i];
    const int *c = cols[i];
    double sum = 0;
    for (int j = 0; j < count[i]; j++) sum += v[j] * x[c[j]];
    y[i] = sum;
}
for (int i = 0; i < N; i++) s += y[i];
printf("%g\\n", s);
"""


def written(code: str) -> str:
    return f"{HEAD}int main(void) {{\n{code}\nreturn 0;\n}}\n"


def led_into(code: str) -> set[str]:
    facts = analyze(read_program(Source.from_str("rows.c", written(code))))
    assert facts is not None
    return {s.name for s in facts.program.led_into}


def test_products_with_rows_behind_pointers_are_divided() -> None:
    done = translate(Source.from_str("rows.c", written(MADE + USED)))
    assert loop_at(done.plan, "i", 1).treatment == "distributed"
    assert array(done.plan, "y").partition == "item"
    assert array(done.plan, "rows").partition is None
    assert led_into(MADE + USED) == {"rows", "cols", "list", "all"}


def changed(old: str, new: str) -> str:
    assert old in MADE + USED
    return (MADE + USED).replace(old, new, 1)


@pytest.mark.parametrize(
    "code",
    [
        changed("double x[N]", "list = malloc(99); double x[N]"),  # the list may be another one then
        changed("double x[N]", "double more[N], x[N]").replace("rows[i] = at;", "rows[i] = i % 2 ? more : list;"),
        changed("printf", 'if (rows[1] != NULL) printf("up"); printf'),
        changed("printf", "rows[0]++; printf"),
        changed("printf", 'printf("%p", (void *) rows[0]); printf'),
        changed("printf", "double **other = rows; other[1] = &s; s += rows[1][0]; printf"),
    ],
)
def test_other_uses_of_the_pointers(code: str) -> None:
    assert "rows" not in led_into(code)


def test_what_a_loop_makes_them_lead_to_is_no_other_ranks() -> None:
    plan = plan_of("""
        static double list[N * M]; double *rows[N], s = 0;
        for (int i = 0; i < N; i++) rows[i] = &list[i * M];
        for (int i = 0; i < N; i++) for (int j = 0; j < M; j++) rows[i][j] = i + j;
        for (int i = 0; i < N; i++) for (int j = 0; j < M; j++) s += rows[i][j];
        printf("%g", s);
    """)
    assert loop_at(plan, "i", 0).treatment == "replicated"
    assert loop_at(plan, "i", 1).treatment == "replicated"
    assert loop_at(plan, "i", 2).treatment == "distributed"
    assert all(array(plan, name).partition is None for name in ("rows", "list"))


def test_rows_are_as_long_as_pointers_lie_apart() -> None:
    code = changed("count[i] = k;", "count[i] = (int) (at - rows[i]);")
    assert led_into(code) == {"rows", "cols", "list", "all"}
    assert loop_at(translate(Source.from_str("rows.c", written(code))).plan, "i", 1).treatment == "distributed"


def test_numbers_stand_where_pointers_stood() -> None:
    facts = facts_of(MADE.replace("*at++", "list[at_at++]").replace("double *at = list", "long at_at = 0")
                     .replace("= at;", "= list + at_at;") + "printf(\"%g\", rows[1][0] + *rows[2]);")  # fmt: skip
    (rows,) = (s for s in facts.accesses_in(facts.function.body.id) if s.name == "rows")
    assert str(rows.type) == "Pointer(target=Scalar(name='long'))"
