"""Tests around what only frees memory, and what is freed where memory is missing."""

import pytest
from deciding import HEAD

from chatmpi.analysis import tree
from chatmpi.analysis.calls.specialise import read_program
from chatmpi.analysis.facts import analyze
from chatmpi.analysis.lowering.frees import plain_frees
from chatmpi.analysis.parse import parse
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
