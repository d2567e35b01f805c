"""How rows get and lose their memory, before and after it is spelled anew."""

from __future__ import annotations

import pytest
from deciding import HEAD
from test_restyle import spelled_anew

from chatmpi.analysis.calls.specialise import read_program
from chatmpi.analysis.facts import analyze
from chatmpi.analysis.source import Source
from chatmpi.generate.from_template import generate
from chatmpi.plan.decide import decide

MEMORY = [
    (
        "for (int i = 0; i < n; i++) if (!(table[i] = malloc(m))) exit(1);",
        "for (int i = 0; i < n; i++) { table[i] = malloc(m); if (!table[i]) exit(1); }",
    ),
    (
        'if ((table[0] = malloc(n)) == NULL || (table[1] = malloc(m)) == NULL) { puts(""); exit(1); }',
        'table[0] = malloc(n); if (table[0] == NULL) { puts(""); exit(1); }'
        ' table[1] = malloc(m); if (table[1] == NULL) { puts(""); exit(1); }',
    ),
    (
        "if (!((table[0] = malloc(n)) != NULL)) exit(1);",
        "table[0] = malloc(n); if (!(table[0] != NULL)) exit(1);",
    ),
    (
        "struct v { int k; } *p; if ((p = malloc(n * sizeof *p)) == NULL) exit(1);",
        "struct v { int k; } *p; p = malloc(n * sizeof *p); if (p == NULL) exit(1);",
    ),
    ("if ((a = malloc(n)) == NULL) exit(1);", None),
    # the second is made only where the first is there
    ("if (!(table[0] = malloc(n)) || !(table[1] = malloc(m))) n = 0;", None),
    ("if (n && !(table[0] = malloc(n))) exit(1);", None),
    ("if (!(table[n++] = malloc(m))) exit(1);", None),
    # an amount that is reckoned in two steps
    ("int k = n; k *= m + 1; table[0] = malloc(k);", "int k = (int)(n) * (m + 1); table[0] = malloc(k);"),
    ("int k = n; k *= m; k++; table[0] = malloc(k);", None),
    ("int k = n; k *= k; table[0] = malloc(k);", None),
    ("int k = n; k *= n++; table[0] = malloc(k);", None),
    ("int k = n; k *= (n = 3); table[0] = malloc(k);", None),
    # rows are freed in any order
    ("while (n--) free(table[n]);", "for (int n_left = 0; n_left < n; n_left++) free(table[n_left]);"),
    ("for (m = n - 1; m >= 0; m--) free(table[m]);", "for (m = n - 1; m >= 0; m--) free(table[m]);"),
    ("int k; for (k = n - 1; k >= 0; k--) free(table[k]);", "int k; for (k = 0; k < n; k++) free(table[k]);"),
    ("int k; for (k = n - 1; k >= 0; k--) free(table[k]); m = k;", None),
    ("for (int k = n - 1; k >= 0; k--) { free(table[k]); table[k] = 0; }", None),
    # a counter that is looked at afterwards
    ("while (--n >= 0) use(table[n]); m = n;", None),
]


@pytest.mark.parametrize(("before", "after"), MEMORY)
def test_rows_get_memory_in_statements_and_lose_it_upwards(before: str, after: str | None) -> None:
    assert spelled_anew(before) == (after or before)


def written(code: str) -> str:
    """The translation of a program by its first plan, in one line."""
    facts = analyze(read_program(Source.from_str("program.c", code)))
    assert facts is not None
    return " ".join(generate(facts, decide(facts)).shown.split())


def made_rows(test: str) -> str:
    """The program with a helper that makes rows and fills them, by its translation, in one line."""
    return written(f"""{HEAD}
    static double **zeros(int rows, int cols) {{
        double **p = malloc(rows * sizeof(double *));
        for (int i = 0; i < rows; i++) {{
            p[i] = malloc(cols * sizeof(double));
            {test}
            for (int j = 0; j < cols; j++) p[i][j] = 0.0;
        }}
        return p;
    }}
    int main(int argc, char **argv) {{
        int n = argc > 1 ? atoi(argv[1]) : 40;
        double **u = zeros(n, n), s = 0;
        for (int i = 0; i < n; i++) for (int j = 0; j < n; j++) u[i][j] += i * j;
        for (int i = 0; i < n; i++) for (int j = 0; j < n; j++) s += u[i][j];
        printf("%f\\n", s);
        return 0;
    }}
    """)


def test_a_helper_that_makes_rows_and_fills_them_names_its_own_counter() -> None:
    """Main has one of the same name."""
    made = made_rows("")
    assert "for (int i = 0; i < mpi_rows; i++) p[i] = malloc(cols * sizeof(double));" in made


def test_where_a_row_is_missing_all_ranks_end() -> None:
    made = made_rows('if (p[i] == NULL) { printf("no memory\\n"); exit(1); }')
    ending = 'if (p[i] == NULL) { printf("no memory\\n"); MPI_Abort(MPI_COMM_WORLD, 1); exit(1); }'
    assert f"p[i] = malloc(cols * sizeof(double)); {ending} }}" in made
    assert made.count("no memory") == 1


def test_an_end_without_braces_gets_both_of_them() -> None:
    made = made_rows("if (p[i] == NULL)\n return NULL;")
    ending = "if (p[i] == NULL) { MPI_Abort(MPI_COMM_WORLD, 1); return NULL; }"
    assert f"p[i] = malloc(cols * sizeof(double)); {ending} }}" in made


def test_a_size_that_the_rows_need_too_stays_what_the_helper_is_given() -> None:
    """One parameter is both the number of the rows and their length."""
    code = f"""{HEAD}
    static double **square(int n) {{
        double **p = malloc(n * sizeof(double *));
        for (int i = 0; i < n; i++)
            p[i] = calloc(n, sizeof(double));
        return p;
    }}
    int main(int argc, char **argv) {{
        int n = argc > 1 ? atoi(argv[1]) : 40;
        double **u = square(n), s = 0;
        for (int i = 0; i < n; i++) for (int j = 0; j < n; j++) u[i][j] += i * j;
        for (int i = 0; i < n; i++) for (int j = 0; j < n; j++) s += u[i][j];
        printf("%f\\n", s);
        return 0;
    }}
    """
    made = written(code)
    assert "malloc(rows * sizeof(double *)); for (int i = 0; i < rows; i++) p[i] = calloc(n, sizeof(double));" in made
    assert "square(n)" in made


def test_rows_that_one_loop_makes_are_made_apart_where_ranks_have_other_numbers_of_them() -> None:
    """Of a product's matrices every rank holds the second one whole."""
    code = f"""{HEAD}
    int main(int argc, char **argv) {{
        int n = argc > 1 ? atoi(argv[1]) : 40;
        double **a = malloc(n * sizeof(double *)), **b = malloc(n * sizeof(double *));
        for (int i = 0; i < n; i++) {{
            a[i] = malloc(n * sizeof(double));
            b[i] = malloc(n * sizeof(double));
        }}
        for (int i = 0; i < n; i++) for (int j = 0; j < n; j++) b[i][j] = i - j;
        for (int i = 0; i < n; i++) for (int j = 0; j < n; j++) {{
            a[i][j] = 0;
            for (int k = 0; k < n; k++) a[i][j] += b[k][i] * b[k][j];
        }}
        double s = 0;
        for (int i = 0; i < n; i++) for (int j = 0; j < n; j++) s += a[i][j];
        printf("%f\\n", s);
        for (int i = 0; i < n; i++) {{
            free(a[i]);
            free(b[i]);
        }}
        return 0;
    }}
    """
    facts = analyze(read_program(Source.from_str("program.c", code)))
    assert facts is not None
    plan = decide(facts)
    assert [a.name for a in plan.arrays if a.partition] == ["a"]
    made = " ".join(generate(facts, plan).shown.split())
    assert "for (int i = 0; i < rows; i++) a[i] = malloc(n * sizeof(double));" in made
    assert "for (int i = 0; i < n; i++) { b[i] = malloc(n * sizeof(double)); }" in made
    assert "for (int i = 0; i < rows; i++) free(a[i]);" in made
    assert "for (int i = 0; i < n; i++) { free(b[i]); }" in made


def test_rows_that_one_test_sees_to_are_made_together() -> None:
    code = f"""{HEAD}int main(void) {{
  double **a = malloc(N*sizeof *a), **b = malloc(N*sizeof *b), s = 0;
  for (int i = 0; i < N; i++) {{
    a[i] = malloc(M*sizeof **a);
    b[i] = calloc(M, sizeof **b);
    if (a[i] == NULL || b[i] == NULL) exit(3);
    for (int j = 0; j < M; j++) a[i][j] = i + j;
  }}
  for (int t = 0; t < 9; t++) {{
    for (int i = 1; i < N - 1; i++) for (int j = 0; j < M; j++) b[i][j] = a[i - 1][j] + a[i + 1][j];
    for (int i = 1; i < N - 1; i++) for (int j = 0; j < M; j++) a[i][j] = 0.4*b[i][j];
  }}
  for (int i = 0; i < N; i++) for (int j = 0; j < M; j++) s += a[i][j];
  printf("%g\\n", s);
  return 0;
}}
"""
    text = written(code)
    assert text.count("a[i] == NULL || b[i] == NULL") == 1
    assert "a[i] = malloc(M*sizeof **a); b[i] = calloc(M, sizeof **b); if (a[i] == NULL || b[i] == NULL)" in text
