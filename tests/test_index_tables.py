"""Tables of neighbours are spelled as what they hold, where nothing else can be read from them; variables that loops
set first are their own."""

from __future__ import annotations

import pytest
from deciding import facts_of

from chatmpi.analysis.parse import parse
from chatmpi.analysis.restyle.index_tables import index_tables
from chatmpi.analysis.restyle.own_values import own_values
from chatmpi.analysis.source import Source, edited

HEAD = "#include <stdlib.h>\n#include <stdio.h>\n#define N 40\nstatic double a[N][N], b[N][N];\n"
MAIN = """%s
int main(int argc, char **argv) {
  int n = N, i, k = argc;
  int *up = malloc(n * sizeof *up);
  %s
  %s
  for (i = 0; i < n; i++) for (int j = 0; j < n; j++) b[i][j] = a[up[i]][j];
  %s
  printf("%%g %%d\\n", b[1][k], argv[0] != NULL); free(up); return 0;
}
"""
WRAPPED = "for (i = 0; i < n; i++) up[i] = (i + n - 1) % n;"
FILL = "for (i = 0; i < n; i++) up[i] = i - 1;"


def test_a_macro_that_means_another_thing_later_keeps_a_table() -> None:
    fill = "for (i = 0; i < n; i++) up[i] = i - ONE;\n#undef ONE\n#define ONE 2\n"
    assert _spelled("", fill, functions="#define ONE 1") == ""
    assert _spelled("", fill.partition("\n")[0], functions="#define ONE 1") != ""


def _spelled(before: str, fill: str, after: str = "", functions: str = "") -> str:
    program = parse(Source.from_str("p.c", HEAD + MAIN % (functions, before, fill, after)))
    edits = index_tables(program)
    return edited(program.source, edits).shown if edits else ""


@pytest.mark.parametrize(
    ("fill", "entry"),
    [
        (FILL + " up[0] = n - 1;", "a[(i == (0) ? (n - 1) : (i - 1))][j]"),
        (FILL + " up[0] = 0; up[n - 1] = n - 3;", "a[(i == (n - 1) ? (n - 3) : (i == (0) ? (0) : (i - 1)))][j]"),
        (WRAPPED, "a[((i + n - 1) % n)][j]"),
        (
            "for (i = 0; i < n; i++) { if (i == 0) up[i] = n - 1; else up[i] = i - 1; }",
            "a[((i == 0) ? (n - 1) : (i - 1))][j]",
        ),
        ("for (i = 0; i < n; i++) { up[i] = i - 1; if (i < 1) up[i] = N - 1; }", "a[((i < 1) ? (N - 1) : (i - 1))][j]"),
        ("for (int r = 1; r < n; r++) up[r] = r - 1; up[0] = 0;", "a[(i == (0) ? (0) : (i - 1))][j]"),
    ],
)
def test_what_a_table_holds_stands_in_its_place(fill: str, entry: str) -> None:
    assert entry in _spelled("", fill)


def test_no_number_is_compared_with_itself() -> None:
    """Compilers would warn of it, and the program did not."""
    ends = _spelled("", FILL + " up[n - 1] = 0;", "b[0][0] = a[up[n - 1]][0];")
    assert "b[0][0] = a[(0)][0];" in ends
    assert "(n - 1) == (n - 1)" not in ends
    tested = "for (i = 0; i < n; i++) { if (i == n - 1) up[i] = 0; else up[i] = i + 1; }"
    assert "a[up[n - 1]][0]" in _spelled("", tested, "b[0][0] = a[up[n - 1]][0];")


@pytest.mark.parametrize(
    ("before", "fill", "after", "functions"),
    [
        ("", FILL + " if (k > 1) up[0] = 0;", "", ""),
        ("", FILL, "up[k] = 3;", ""),
        ("", WRAPPED + " n = n - 1;", "", ""),
        ("", WRAPPED, "n++;", ""),
        ("for (int t = 0; t < 3; t++) {", FILL + " up[0] = t;", "}", ""),
        ("b[0][0] = a[k][up[k]];", FILL, "", ""),
        ("", FILL, "f(up);", "static void f(int *p) { p[0] = 1; }"),
        ("", FILL, "int *q = up; q[1] = 7;", ""),
        ("", "for (i = 0; i < n; i++) { up[i] = i - 1; if (i == 5) break; }", "", ""),
        ("", "for (i = 0; i < n; i++) { up[i] = i - 1; i += k; }", "", ""),
        ("", "for (i = 0; i < n; i++) { int left = i - 1; up[i] = left; }", "", ""),
        ("", "for (i = 0; i < n; i++) up[i] = rand() % n;", "", ""),
        ("free(up); up = calloc(n, sizeof *up);", FILL, "", ""),
        ("int *keep = &n; keep[0] = 30;", WRAPPED, "", ""),
        ("", "for (size_t r = 0; r < N; r++) up[r] = r ? (int)r - 1 : 0;", "", ""),
    ],
)
def test_a_table_that_may_hold_something_else_stays(before: str, fill: str, after: str, functions: str) -> None:
    assert _spelled(before, fill, after, functions) == ""


GLOBAL = """
static int up[N]%s;
static void fill(void) { for (int i = %s; i < N; i++) up[i] = i ? i - 1 : 0; }
static void step(void) { for (int i = 0; i < N; i++) for (int j = 0; j < N; j++) b[i][j] = a[up[i]][j]; }
int main(void) { %s printf("%%g\\n", b[1][1]); return 0; }
"""


@pytest.mark.parametrize(
    ("given", "first", "body", "spelled"),
    [
        ("", "0", "fill(); for (int t = 0; t < 3; t++) step();", True),
        ("", "0", "step(); fill(); step();", False),
        ("", "0", "fill(); step(); fill();", False),
        ("", "0", "for (int t = 0; t < 3; t++) { fill(); step(); }", False),
        ("", "1", "fill(); step();", False),  # up[0] is zero by itself: it is not the loop's
        (" = {5}", "0", "fill(); step();", False),
        ("", "0", "void (*f)(void) = step; f(); fill();", False),
    ],
)
def test_tables_of_the_file(given: str, first: str, body: str, spelled: bool) -> None:
    program = parse(Source.from_str("p.c", HEAD + GLOBAL % (given, first, body)))
    edits = index_tables(program)
    assert bool(edits) == spelled
    assert not edits or "a[(i ? i - 1 : 0)][j]" in edited(program.source, edits).shown


@pytest.mark.parametrize(
    ("code", "after"),
    [
        (
            "for (i = 0; i < 9; i++) { k = i + 1; s += k; } for (i = 0; i < 9; i++) { k = 2*i; s -= k; }",
            "{ k = i + 1; s += k; } for (i = 0; i < 9; i++) { int k = 2*i;",
        ),
        ("for (k = 0; k < 9; k++) s += k; for (i = 0; i < 9; i++) { k = 2*i; s -= k; }", "{ int k = 2*i; s -= k; }"),
        ("for (i = 0; i < 9; i++) { k = i; s += k; } for (i = 0; i < 9; i++) { k = 2*i; s -= k; } s += k;", None),
        (
            "for (i = 0; i < 9; i++) { k = i; s++; } for (i = 0; i < 9; i++) { k = i; s += k; } "
            "for (i = 0; i < 9; i++) { k = 2*i; s -= k; }",
            "{ k = i; s++; } for (i = 0; i < 9; i++) { k = i; s += k; } for (i = 0; i < 9; i++) { int k = 2*i; s",
        ),
        ("for (i = 0; i < 9; i++) { k = i; s += k; } for (i = 0; i < 9; i++) { s -= k; k = 2*i; }", None),
        ("for (i = 0; i < 9; i++) { k = i; s += k; } for (i = 0; i < 9; i++) { int *p = &k; k = 2; s -= *p; }", None),
        ("for (i = 0; i < 9; i++) { k = i; s += k; } for (i = 0; i < 9; i++) { if (i) k = 2; s -= k; }", None),
    ],
)
def test_a_variable_of_several_loops_is_one_of_each(code: str, after: str | None) -> None:
    text = f"int main(void) {{ int i, k = 0, s = 0; {code} return s; }}".replace("k = 0, s", "k, s")
    program = parse(Source.from_str("p.c", text))
    edits = own_values(program)
    assert bool(edits) == (after is not None)
    assert after is None or after in edited(program.source, edits).shown


def test_functions_that_call_each_other_read_no_table() -> None:
    """When they are come to first is not told by their callers, which they are themselves."""
    functions = """static int up[N];
static void odd(int n);
static void even(int n) { b[0][0] = a[up[n]][0]; if (n > 0) odd(n - 1); }
static void odd(int n) { if (n > 0) even(n - 1); }
int main(void) { for (int i = 0; i < N; i++) up[i] = i; even(4); printf("%g\\n", b[0][0]); return 0; }
"""
    assert index_tables(parse(Source.from_str("p.c", HEAD + functions))) == []


def test_entries_below_the_bound_of_a_partly_filled_table() -> None:
    text = (
        "#define N 40\nstatic double a[N][N], b[N][N];\nstatic int up[N], L;\nint main(int argc, char **argv) {\n"
        "  (void)argv; L = argc + 9;\n  for (int i = 0; i < L; i++) up[i] = i - 1;\n  up[0] = L - 1;\n"
        "  for (int i = 0; i < %s; i++) for (int j = 0; j < L; j++) b[i][j] = a[up[i]][j];\n  return b[1][1] > 0;\n}\n"
    )
    assert index_tables(parse(Source.from_str("p.c", text % "L")))
    assert not index_tables(parse(Source.from_str("p.c", text % "N")))
    assert not index_tables(parse(Source.from_str("p.c", (text % "L").replace("return b", "L = 3; return b"))))


COLOURS = """#include <stdio.h>
static double a[64][64];
int main(int argc, char **argv) {
  (void)argv; int n = argc + 9;
  %s
  for (int t = 0; t < 5; t++)
    for (int colour = 0; colour < 2; colour++)
      for (int i = 0; i < n; i++) for (int j = (i + colour) %% 2; j < n; j += 2)
        a[i][j] += 0.1*(a[i == n - 1 ? 0 : i + 1][j] + a[i == 0 ? n - 1 : i - 1][j]);
  printf("%%g\\n", a[3][3]);
  return 0;
}
"""


@pytest.mark.parametrize(
    ("tested", "divided"),
    [
        ("if (n < 2 || n % 2) return 1;", True),
        ("if (n < 2) return 1;", False),
        ("if (n < 2 || n % 2) return 1; n = n + argc;", False),
        ("for (int k = 0; k < 2; k++) { if (n % 2) return 1; n += k; }", False),
    ],
)
def test_what_is_tested_before_a_loop_holds_in_it(tested: str, divided: bool) -> None:
    """The two colours of a periodic grid are apart where its side is even."""
    found = facts_of(COLOURS % tested)
    rows = next(f for f in found.loop_facts.values() if f.info.canonical and f.info.canonical.variable.name == "i")
    assert rows.is_parallel == divided
