"""Tests around what only frees memory, and what is freed where memory is missing."""

import pytest
from deciding import HEAD

from chatmpi.analysis import tree
from chatmpi.analysis.calls.specialise import read_program
from chatmpi.analysis.facts import analyze
from chatmpi.analysis.lowering.frees import plain_frees
from chatmpi.analysis.parse import ParseOptions, parse
from chatmpi.analysis.restyle.passes import restyled
from chatmpi.analysis.source import Source
from chatmpi.generate.from_template import generate
from chatmpi.plan.decide import decide

FREES = [
    ("if (!g) return; free(g);", "Empty Free"),
    ("if (g == NULL) { return; } for (int i = 0; i < n; i++) free(g[i]); free(g);", "Empty For Free"),
    ("if (g) { for (int i = 0; i < n; i++) free(g[i]); free(g); }", "For Free"),
    ("if (g != NULL && g[0] != NULL) free(g[0]); free(g);", "Free Free"),
    ("if (h) drop(h); if (!g) return; free(g);", "Drop Empty Free"),
    # something else is done, tested or freed
    ('if (!g) return; printf("%d", n); free(g);', "If Printf Free"),
    ("if (!g) return; free(g); free(h);", "If Free Free"),
    ("if (n < 1) return; free(g);", "If Free"),
    ("if (g) free(h);", "If"),
    ("if (g) free(g); else n = 1;", "If"),
    ("if (g) { free(g); n = f(h); }", "If"),
]


@pytest.mark.parametrize(("body", "expected"), FREES)
def test_what_is_read_of_it(body: str, expected: str) -> None:
    code = f"""{HEAD}
    int f(double *x);
    void drop(double *x) {{ if (x) free(x); }}
    void done(double **g, double *h, int n) {{ {body} }}
    int main(void) {{ return 0; }}
    """
    done = plain_frees(parse(Source.from_str("f.c", code))).function("done")
    assert done is not None
    assert " ".join(map(_kind, done.body.body)) == expected


def _kind(s: tree.Stmt) -> str:
    if isinstance(s, tree.ExprStmt) and isinstance(s.expr, tree.Call):
        return (s.expr.name or "").capitalize()
    return type(s).__name__


ROWS = (
    HEAD
    + """
static double **made(int n, int m) {
    double **g = malloc(n * sizeof *g);
    if (!g) return NULL;
    for (int i = 0; i < n; i++) {
        g[i] = calloc(m, sizeof(double));
        if (!g[i]) {
            while (--i >= 0) free(g[i]);
            free(g);
            return NULL;
        }
    }
    return g;
}
static void drop(double **g, int n) {
    if (!g) return;
    for (int i = 0; i < n; i++) free(g[i]);
    free(g);
}
int main(int argc, char **argv) {
    int n = atoi(argv[1]), m = 2 * n, code = 1;
    double **a = NULL, **b = NULL, s = 0;
    a = made(n, m);
    if (!a) { perror("a"); goto out; }
    b = made(n, m);
    if (!b) { perror("b"); goto out; }
    for (int t = 0; t < 30; t++) {
        for (int i = 1; i < n - 1; i++)
            for (int j = 1; j < m - 1; j++) b[i][j] = sqrt(a[i - 1][j] + a[i + 1][j] + i * j);
        double **c = a; a = b; b = c;
    }
    for (int i = 0; i < n; i++) for (int j = 0; j < m; j++) s += a[i][j];
    printf("%g\\n", s);
    code = 0;
out:
    drop(a, n);
    drop(b, n);
    return code;
}
"""
)


def test_rows_that_are_freed_where_they_could_not_be_made() -> None:
    facts = analyze(read_program(Source.from_str("rows.c", ROWS)))
    assert facts is not None
    plan = decide(facts)
    assert [a.partition for a in plan.arrays] == ["row", "row"]
    lines = [line.strip() for line in generate(facts, plan).text.splitlines()]
    places = [k for k, line in enumerate(lines) if line == "MPI_Abort(MPI_COMM_WORLD, 1);"]
    assert lines[places[0] + 1] == "return NULL;"
    assert "free(g[" in lines[places[1] + 1]


def test_rows_are_not_freed_where_the_program_ends_early() -> None:
    begin = f"{HEAD}static void drop(double **g, int n) {{ for (int i = 0; i < n; i++) free(g[i]); free(g); }}\n"
    code = f"""{begin}int main(void) {{
    double **g = malloc(9 * sizeof *g), *x = malloc(9);
    for (int i = 0; i < 9; i++) g[i] = malloc(72);
    if (!x) {{ drop(g, 9); return 1; }}
    if (x[0] > 1) {{ free(x); for (int i = 0; i < 9; i++) free(g[i]); free(g); exit(2); }}
    if (x[1] > 1) {{ drop(g, 9); x[1] = 0; }}
    drop(g, 9);
    free(x);
    return 0;
}}
"""
    text = restyled(parse(Source.from_str("f.c", code)), ParseOptions()).source.text
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip().startswith(("if", "drop"))]
    assert lines == [
        "if (!x) { return 1; }",
        "if (x[0] > 1) { free(x); free(g); exit(2); }",
        "if (x[1] > 1) { drop(g, 9); x[1] = 0; }",
        "drop(g, 9);",
    ]


STRUCT = (
    HEAD
    + """
typedef struct { int n; double **row; } Matrix;
static int make(Matrix *m, int n) {
    m->n = n;
    m->row = calloc(n, sizeof *m->row);
    if (!m->row) return 2;
    for (int i = 0; i < n; i++) {
        m->row[i] = malloc(n * sizeof **m->row);
        if (!m->row[i]) return 2;
    }
    return 0;
}
int main(int argc, char **argv) {
    Matrix a = {0, NULL};
    int code = 0;
    double s = 0;
    if ((code = make(&a, atoi(argv[1]))) != 0) return code;
    for (int i = 0; i < a.n; i++) for (int j = 0; j < a.n; j++) a.row[i][j] = sin(i) + j;
    for (int t = 0; t < 50; t++)
        for (int i = 0; i < a.n; i++) for (int j = 0; j < a.n; j++) { a.row[i][j] += cos(j); s += a.row[i][j]; }
    printf("%g\\n", s);
    for (int i = 0; i < a.n; i++) free(a.row[i]);
    free(a.row);
    return code;
}
"""
)


def test_what_a_struct_begins_with_does_not_count_if_nothing_reads_it() -> None:
    facts = analyze(read_program(Source.from_str("struct.c", STRUCT)))
    assert facts is not None
    assert [(a.name, a.partition) for a in decide(facts).arrays] == [("a.row", "row")]


def test_what_is_looked_at_after_it_was_freed_early_is_freed() -> None:
    code = f"""{HEAD}typedef struct {{ int n; double **row; }} Rows;
static void drop(Rows *m) {{ for (int i = 0; i < m->n; i++) free(m->row[i]); free(m->row); m->row = NULL; }}
int main(void) {{
    Rows a = {{0, NULL}};
    if (rand() > 9) {{ drop(&a); printf("%d", a.row == NULL); return 1; }}
    if (rand() > 9) {{ drop(&a); puts("no"); return 1; }}
    return 0;
}}
"""
    text = restyled(parse(Source.from_str("f.c", code)), ParseOptions()).source.text
    assert text.count("drop(&a);") == 1
