"""Memory that helper functions make and hand out, and the returns and tests around it."""

from __future__ import annotations

import pytest

from chatmpi.analysis.calls.specialise import read_program
from chatmpi.analysis.facts import analyze
from chatmpi.analysis.parse import ParseOptions, parse
from chatmpi.analysis.restyle.passes import restyled
from chatmpi.analysis.source import Source
from chatmpi.plan.candidates import changing_size

HEAD = "#include <stdio.h>\n#include <stdlib.h>\nstatic double g[50];\ntypedef struct { int n; double *at; } V;\n"
USE = 'for (int i = 0; i < n; i++) x[i] = i; printf("%g\\n", x[n - 1]); free(x); return 0; }\n'
MAKE = """static int make(double **out, int n) {
    double *p;
    if (n < 1) return -1;
    p = malloc(n * sizeof *p);
    if (!p) return -2;
    BEFORE
    *out = p;
    AFTER
    return 0;
}
"""


def is_made(code: str, name: str) -> bool:
    """Whether an array is known to be made by a statement of main's body, which always happens."""
    facts = analyze(read_program(Source.from_str("t.c", HEAD + code)))
    assert facts is not None
    made = [a.statement for s, a in facts.arrays.allocations.items() if s.name == name]
    return bool(made) and made[0] in {s.id for s in facts.function.body.body}


def handed(before: str = "", after: str = "") -> str:
    return MAKE.replace("BEFORE", before).replace("AFTER", after)


ENDS = [
    "if (make(&x, n)) return 1;",
    'if (make(&x, n) != 0) { fprintf(stderr, "no %d\\n", n); exit(2); }',
    'int rc = make(&x, n); if (rc < 0) { puts("no"); return rc; }',
    "int rc; if ((rc = make(&x, n)) == -1) return 1;",
]
GOES_ON = [
    "make(&x, n);",
    "unsigned rc = make(&x, n); if (rc < 5 && rc) return 1;",  # -1 is a large number there
    "if (make(&x, n) == -2) return 1;",
    'if (make(&x, n)) { printf("%g\\n", g[3]); return 1; }',  # the end needs memory
    'if (make(&x, n)) puts("no");',
]


@pytest.mark.parametrize("test", ENDS)
def test_a_return_after_which_the_program_ends_is_an_end(test: str) -> None:
    assert is_made(f"{handed()}int main(int n, char **v) {{ double *x; {test} {USE}", "x")


@pytest.mark.parametrize("test", GOES_ON)
def test_a_return_after_which_the_program_goes_on_is_not(test: str) -> None:
    assert not is_made(f"{handed()}int main(int n, char **v) {{ double *x; {test} {USE}", "x")


SPOILT = [
    ("free(p);", ""),
    ("p++;", ""),
    ("g[0] = (*out)[0];", ""),  # what the caller had there is read
    ("", "*out = NULL;"),
    ("if (n > 9) return 0;", ""),
]


@pytest.mark.parametrize(("before", "after"), SPOILT)
def test_memory_is_not_handed_out_where_the_two_names_differ(before: str, after: str) -> None:
    code = f"{handed(before, after)}int main(int n, char **v) {{ double *x = g; if (make(&x, n)) return 1; {USE}"
    assert not is_made(code, "x")


def test_memory_is_handed_out_through_structs() -> None:
    code = (
        "static double *some(int n) { if (n < 1) return NULL; return calloc(n, sizeof(double)); }\n"
        "static int fill(V *v, int n) { v->n = n; v->at = some(n); return v->at ? 0 : -1; }\n"
        "int main(int n, char **a) { V v; if (fill(&v, n)) return 1;\n"
        'for (int i = 0; i < v.n; i++) v.at[i] = i; printf("%g\\n", v.at[n - 1]); free(v.at); return 0; }\n'
    )
    assert is_made(code, "v.at")


def test_a_pointer_that_is_only_tested_stays_the_only_way_to_its_memory() -> None:
    body = "double *x = malloc(8), *y = malloc(8); if (x && y) x[0] = y ? 1 : 2; if (x) free(x); return 0; }\n"
    assert is_made(f"int main(void) {{ {body}", "x")
    assert is_made(f"int main(void) {{ {body}", "y")


FRAME = """#include <stdlib.h>
static int init(double *a) { a[0] = 1; return a[1] > 0; }
int f(int n, double *a, double *b) {
%s
}
"""
APART = [
    ("if (init(a) != 0 || init(b) != 0) return 1; return 0;",
     "if (init(a) != 0) return 1; if (init(b) != 0) return 1; return 0;"),
    ("if (!(init(a) && n && init(b))) exit(1); return 0;",
     "if (!(init(a)) || !(n)) exit(1); if (!(init(b))) exit(1); return 0;"),
    ("if (n && init(a)) b[0] = 1; return 0;", "if (n) { if (init(a)) b[0] = 1; } return 0;"),
    ("if (n && init(a)) b[0] = 1; else return 2; return 0;",
     "if (!(n)) return 2; if (!(init(a))) return 2; b[0] = 1; return 0;"),
    ("while (n && init(a)) { n--; } return 0;", "while (n) { if (!(init(a))) break; n--; } return 0;"),
    ("return init(a) || init(b);", "if (init(a)) return 1; return (init(b)) != 0;"),
    ("if (n) return init(a) && init(b); return 0;",
     "if (n) { if (!(init(a))) return 0; return (init(b)) != 0; } return 0;"),
    # nothing is to be followed, or it is left as it is
    ("if (init(a) || n) return 1; return 0;", None),
    ("if (n || init(a)) b[0] = 1; return 0;", None),
    ("if (n && init(a)) b[0] = 1; else b[0] = 2; return 0;", None),
    ("if (n || abs(n) > 2) return 1; return 0;", None),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), APART)
def test_calls_that_happen_sometimes_stand_in_statements(before: str, after: str | None) -> None:
    program = parse(Source.from_str("t.c", FRAME % before), ParseOptions())
    text = restyled(program, ParseOptions()).source.shown
    assert " ".join(text.split()).removesuffix(" }").endswith(after or before), text


IN_BRANCHES = """int main(int argc, char **argv) { int n = 40, m = 9; double *x;
    if (argc > 1) { ONE } else { OTHER }
    for (int i = 0; i < n; i++) for (int j = 0; j < m; j++) x[i * m + j] = i * j;
    printf("%g\\n", x[n - 1]); return 0; }
"""


@pytest.mark.parametrize(
    ("one", "other", "stands"),
    [
        ("m = argc; x = malloc(n * m * sizeof *x);", "m = 7; x = malloc(n * m * sizeof *x);", True),
        ("x = malloc(n * m * sizeof *x); m = 2;", "x = malloc(n * m * sizeof *x);", False),
        ("x = malloc(n * m * sizeof *x);", "x = malloc(n * m * sizeof *x); m = 2;", False),
    ],
)
def test_memory_that_either_branch_makes_has_its_size_where_nothing_changes_it_later(
    one: str, other: str, stands: bool
) -> None:
    facts = analyze(
        read_program(Source.from_str("t.c", HEAD + IN_BRANCHES.replace("ONE", one).replace("OTHER", other)))
    )
    assert facts is not None
    x = next(s for s in facts.extents if s.name == "x")
    assert (changing_size(x, facts) == "") == stands


@pytest.mark.parametrize(
    "code",
    [
        "double *x = malloc(n * sizeof *x); if (n > 3) { free(x); x = malloc(n * sizeof *x); }",
        "double *x; if (n > 3) x = malloc(n * sizeof *x); else x = malloc(9 * sizeof *x);",
        "double *x; if (n > 3) x = malloc(n * sizeof *x); if (n < 4) x = malloc(n * sizeof *x);",
    ],
)
def test_memory_that_is_made_in_turn_or_in_different_amounts_is_not_followed(code: str) -> None:
    facts = analyze(read_program(Source.from_str("t.c", f"{HEAD}int main(int n, char **v) {{ {code} {USE}")))
    assert facts is not None
    assert all(s.name != "x" for s in facts.arrays.allocations)


def test_a_function_may_return_its_memory_or_null() -> None:
    read = """#include <stdio.h>
    #include <stdlib.h>
    static double *input(int n) {
    double *a = malloc(n * sizeof *a);
    if (a == NULL) return NULL;
    for (int i = 0; i < n; i++) if (scanf("%%lf", &a[i]) != 1) { free(a); return NULL; }
    return %s; }
    int main(void) { double *u = input(30), s = 0; if (!u) return 1;
    for (int i = 0; i < 30; i++) s += u[i]; printf("%%g\\n", s); return 0; }"""
    for name, known in (("a", True), ("a + 1", False)):
        facts = analyze(read_program(Source.from_str("p.c", read % name)))
        assert facts is not None
        assert any(s.name == "u" for s in facts.arrays.allocations) == known
