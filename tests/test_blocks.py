"""memcpy, memmove and memset are read as the loops that they are, and stay calls in the text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from deciding import HEAD, array, facts_of, plan_of
from running import SANITISED, compile_c, run_ranks, run_sequential

from chatmpi.analysis import tree
from chatmpi.analysis.numbers.values import text
from chatmpi.generate.from_template import generate
from chatmpi.verify.prove import prove

START = """
int n = 50, m = 8;
double *a = malloc(n * sizeof *a), *b = malloc(n * sizeof *b), *q = malloc(n * m * sizeof *q);
static double u[N][M], v[N][M]; double (*w)[m] = malloc(sizeof(double[n][m])); int *t = malloc(n * sizeof *t);
for (int i = 0; i < n; i++) { a[i] = i; for (int j = 0; j < m; j++) q[i * m + j] = w[i][j] = i + j; b[i] = 1; }
for (int i = 0; i < n; i++) t[i] = i;
"""
SHOW = """
double s = 0; for (int i = 0; i < n; i++) s += a[i] + b[i] + t[i];
for (int i = 0; i < n; i++) { for (int j = 0; j < m; j++) s += q[i*m+j] + w[i][j]; }
for (int i = 0; i < N; i++) for (int j = 0; j < M; j++) s += u[i][j] + v[i][j];
printf("%g\\n", s);
"""


def program(code: str) -> str:
    head = HEAD.replace("#include <math.h>", "#include <string.h>")
    return f"{head}int main(void) {{\n{START}{code}{SHOW}return 0;\n}}\n"


def loops(code: str) -> list[str]:
    """The loops that stand for block operations, as C."""
    found: list[str] = []
    for s in tree.statements(facts_of(program(code)).function.body):
        if isinstance(s, tree.BlockLoop):
            headers: list[str] = []
            body: tree.Stmt = s
            while isinstance(body, tree.For):
                assert isinstance(body.init, tree.Declaration)
                assert body.condition is not None
                start = body.init.variables[0].init
                assert start is not None
                headers.append(f"{text(start)}; {text(body.condition)}")
                body = body.body
            assert isinstance(body, tree.ExprStmt)
            shown = " / ".join([*headers, text(body.expr)])
            found.append(shown.replace(f"{s.call.name}::", ""))
    return found


@pytest.mark.parametrize(
    ("call", "loop"),
    [
        ("memcpy(b, a, n * sizeof *a);", "0; i < n / b[i] = a[i]"),
        (  # of each row as many elements as there are
            "for (int k = 0; k < n; k++) memcpy(u[k], v[k], m * sizeof(double));",
            "0; i < m / u[k][i] = v[k][i]",
        ),
        (
            "for (int r = 0; r < 9; r++) memcpy(q + r * m + 1, 1 + r * m + b, (m - 2) * sizeof *q);",
            "0; i < (m - 2) / q[((r*m) + 1) + i] = b[(1 + (r*m)) + i]",
        ),
        ("memcpy(b, &a[2], sizeof(double) * (n - 2));", "0; i < (n - 2) / b[i] = a[2 + i]"),
        ("memcpy(u, v, sizeof u);", "0; i < N / 0; j < M / u[i][j] = v[i][j]"),
        ("memcpy(&u[0][0], &v[0][0], N * M * sizeof(double));", "0; i < N / 0; j < M / u[i][j] = v[i][j]"),
        ("memcpy(u[3], v[5], sizeof u[3]);", "0; i < M / u[3][i] = v[5][i]"),
        ("memset(w[1], 0, m * sizeof(double));", "0; i < m / w[1][i] = 0.0"),
        ("memset(w, 0, sizeof(double[n][m]));", "0; i < n / 0; j < m / w[i][j] = 0.0"),
        ("memset(t, -1, n * sizeof *t);", "0; i < n / t[i] = -1"),
        (
            "int k = 9; if (m > 3) k = m; size_t bytes = k * sizeof *a; memset(a, 0, bytes);",
            "0; i < k / a[i] = 0.0",
        ),
        ("memmove(&a[1], a, (n - 1) * sizeof *a);", "(n - 1) - 1; i >= 0 / a[1 + i] = a[i]"),
        ("memmove(a, &a[1], (n - 1) * sizeof *a);", "0; i < (n - 1) / a[i] = a[1 + i]"),
    ],
)
def test_a_call_is_a_loop(call: str, loop: str) -> None:
    assert loops(call) == [loop]


@pytest.mark.parametrize(
    "call",
    [
        "memcpy(b, a, n * sizeof(int));",  # half of the elements' bytes
        "memcpy(t, a, n * sizeof(int));",  # bytes of another type
        "memset(a, 1, n * sizeof *a);",  # no number that C knows
        "memset(t, 1, n * sizeof *t);",
        "memmove(&a[m], a, (n - m) * sizeof *a);",  # m may be negative for all that is known here
        "memcpy(u[0], v[0], 2 * m * sizeof(double));",  # perhaps more than a row
        "memcpy(b, a, n * 8);",
        "if (memcpy(b, a, n * sizeof *a) != b) n++;",
        "int k = 9; if (m > 3) k = m; size_t bytes = k * sizeof *a; k++; memset(a, 0, bytes);",
        "int k = 9, *p = &k; size_t bytes = k * sizeof *a; *p = 3; memset(a, 0, bytes);",
        "int k = 9; for (int r = 0; r < 2; r++) { size_t bytes = k * sizeof *a; k = r; memset(a, 0, bytes); }",
    ],
)
def test_what_is_no_plain_loop_stays_a_call(call: str) -> None:
    assert loops(call) == []


def text_of(code: str) -> str:
    facts = facts_of(program(code))
    return generate(facts, plan_of(program(code))).shown


def test_each_rank_copies_its_own_block() -> None:
    shown = text_of("memcpy(b, a, n * sizeof *a);")
    assert re.search(r"memcpy\(b, a, \w+ \* sizeof \*a\);", shown)
    assert "n * sizeof *a);" not in shown.split("memcpy")[1]


def test_a_part_is_cut_at_the_blocks_ends() -> None:
    shown = text_of("memcpy(&b[3], &a[3], (n - 5) * sizeof *a);")
    assert "if (memcpy_count > 0)" in shown
    assert "memcpy(&b[memcpy_first + 3], &a[memcpy_first + 3], memcpy_count * sizeof *a);" in shown


def test_the_size_of_an_array_that_becomes_a_pointer_is_said_anew() -> None:
    shown = text_of("memcpy(u, v, sizeof u);")
    assert re.search(r"memcpy\(u, v, \(size_t\)\w+ \* sizeof \*u\);", shown)


def test_a_row_is_copied_by_its_owner() -> None:
    plan = plan_of(program("memcpy(u[0], u[1], sizeof u[0]);"))
    assert array(plan, "u").partition is not None
    assert len(plan.guards) == 1


WRITTEN = """
for (int k = 0; k < 99; k++) { for (int i = 0; i < n; i++) a[i] = 0.5 * a[i] + k;
for (int i = 0; i < N; i++) for (int j = 0; j < M; j++) u[i][j] = 0.5 * u[i][j] + k; }
FILE *f = fopen("blocks.bin", "wb"); if (f == NULL) return 1;
fwrite(u, sizeof u, 1, f);
fwrite(&a[2], sizeof *a, n - 5, f);
for (int i = 0; i < N; i++) fwrite(u[i], sizeof(double), M, f);
fclose(f);
"""


def test_what_is_written_is_collected_block_by_block() -> None:
    facts = facts_of(program(WRITTEN))
    plan = plan_of(program(WRITTEN))
    assert not prove(facts, plan)[1]
    assert [x.treatment for x in plan.loops].count("printed") >= 3
    shown = generate(facts, plan).shown
    assert "fwrite(u, sizeof *u, (size_t)(end - begin), f);" in shown
    assert "fwrite(&a[fwrite_first + 2], sizeof *a, fwrite_count, f);" in shown
    assert "fwrite(u[i], sizeof(double), M, f);" in shown


@pytest.mark.parametrize("ranks", [1, 3])
def test_the_files_are_the_same(ranks: int, executables: Path, tmp_path: Path) -> None:
    code = program(WRITTEN).replace('"blocks.bin"', "argv[1]").replace("main(void)", "main(int argc, char **argv)")
    code = code.replace("int n = 50", "if (argc < 2) return 2; int n = 50")
    facts = facts_of(code)
    parallel = compile_c(generate(facts, plan_of(code)).shown, executables, mpi=True, flags=SANITISED)
    expected = run_sequential(compile_c(code, executables, mpi=False), str(tmp_path / "expected"))
    actual = run_ranks(parallel, ranks, str(tmp_path / "actual"))
    assert (actual.status, actual.stdout) == (0, expected.stdout), actual.stderr
    assert (tmp_path / "actual").read_bytes() == (tmp_path / "expected").read_bytes()


@pytest.mark.parametrize(
    ("call", "written"),
    [
        ("fwrite(g.a, sizeof *g.a, n * m, f);", "fwrite(g_a_rows, sizeof *g.a, (size_t)(end - begin)*m, f);"),
        ("fwrite(g.a + m, sizeof *g.a, n * m - m, f);", "fwrite(g_a_rows + m, sizeof *g.a, n * m - m, f);"),
    ],
)
def test_an_array_of_a_struct_is_written_from_copies(call: str, written: str) -> None:
    code = f"""struct grid {{ int w; double *a; }} g; g.a = malloc(n * m * sizeof *g.a);
for (int i = 0; i < n; i++) for (int j = 0; j < m; j++) g.a[i * m + j] = i + j;
FILE *f = fopen("g.bin", "wb"); if (f == NULL) return 1;
{call} fclose(f);"""
    facts = facts_of(program(code))
    plan = plan_of(program(code))
    assert not prove(facts, plan)[1]
    assert written in generate(facts, plan).shown


def test_the_number_in_a_named_type_is_no_size() -> None:
    """It comes from a macro, and whoever changes the macro changes the type too."""
    code = "typedef double vec[N]; static vec x, y; x[0] = y[0] = 1;\n"
    assert loops(f"{code}memcpy(x, y, sizeof(vec));") == []
    assert loops(f"{code}memcpy(x, y, sizeof x);") == []


@pytest.mark.parametrize(
    "copying",
    [
        "memcpy(u[0], v[0], n * sizeof(double));",  # all rows at once, perhaps
        "for (int k = 0; k < n; k++) memcpy(u[k], v[k], n * m * sizeof(double));",
        "for (int k = 0; k < n; k++) { m = m + n; memcpy(u[k], v[k], m * sizeof(double)); }",
    ],
)
def test_more_than_a_row_perhaps_is_no_row(copying: str) -> None:
    assert loops(copying) == []
