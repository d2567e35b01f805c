"""The simulation: C as C is, broken MPI programs refuted, right ones in other styles accepted."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatmpi.analysis.parse import ParseOptions, parse
from chatmpi.analysis.source import Source
from chatmpi.corpus.index import programs
from chatmpi.judge import judge as verify
from chatmpi.translate import translate
from chatmpi.verify.simulate.as_python.compiled import compile_program
from chatmpi.verify.simulate.errors import Fault, Unsupported
from chatmpi.verify.simulate.formats import shown
from chatmpi.verify.simulate.inputs import Input
from chatmpi.verify.simulate.job import Simulation
from chatmpi.verify.simulate.outcome import run_alone
from chatmpi.verify.simulate.process import Process
from chatmpi.verify.simulate.simulation import simulate
from chatmpi.verify.simulate.terms import Terms
from chatmpi.verify.simulate.trials import Wanted
from chatmpi.verify.simulate.work import Limits, Work

PAIRS = Path(__file__).parent / "pairs"
HEADERS = "#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n#include <math.h>\n#include <time.h>\n"


def printed(text: str) -> str:
    """What a program prints when it is simulated alone."""
    terms = Terms()
    process = Process(terms, Limits(Work(), 10**8), Input("stdin", terms, 5))
    outcome = run_alone(compile_program(parse(Source.from_str("t.c", HEADERS + text)), terms), process)
    return "".join(map(shown, outcome.output))


def main(body: str) -> str:
    return printed(f"int main(void) {{ {body} return 0; }}")


# ------------------------------------------------------------------------------------------ C


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('printf("%d %d", -7 / 2, -7 % 2);', "-3 -1"),
        ('unsigned u = 7u - 9u; printf("%u", u);', "4294967294"),
        ('unsigned char c = 300; signed char s = 200; printf("%d %d", c, s);', "44 -56"),
        ('int i = -1; unsigned u = 1; printf("%d", i < u);', "0"),
        ('long b = 1L << 40; printf("%ld %d", b, (int)(b + 5));', "1099511627776 5"),
        ('int a = 3, *p = &a; (*p)++; p[0] <<= 2; printf("%d", a);', "16"),
        ('int i = 2; int j = i++ + ++i; printf("%d %d", i, j);', "4 6"),
        ('float f = 0.1f; f += 0.2; printf("%.9g", f);', "0.300000012"),
        ('double d = 1; d /= 3; float f = d; printf("%.9g %.17g", f, d);', "0.333333343 0.33333333333333331"),
        ('printf("%05.2f|%-4d|%4s|%c|%e", 3.14159, 42, "ab", 120, 1e10);', "03.14|42  |  ab|x|1.000000e+10"),
        ('double z[2][2] = {{1, 2}, {3}}, y[4] = {1}; printf("%g %g %g", z[1][0], z[1][1], y[3]);', "3 0 0"),
        ('int n = 3; double a[n][n]; a[2][1] = 5; printf("%g %zu", a[2][1], sizeof a);', "5 72"),
        ('int n = 3; printf("%zu %zu", sizeof(int[n + 1]), sizeof(double[2][n]));', "16 48"),
        ('double (*m)[3] = calloc(2, sizeof *m); m[1][2] = 4; printf("%g", *(*(m + 1) + 2)); free(m);', "4"),
        (
            "double **r = malloc(2 * sizeof *r); for (int i = 0; i < 2; i++) r[i] = calloc(2, sizeof **r); "
            'r[1][1] = 2; printf("%g", r[1][1] + r[0][1]);',
            "2",
        ),
        ('char s[] = "abc"; s[1] = 120; printf("%s %zu", s, strlen(s));', "axc 3"),
        (
            "int k = 0; for (int i = 0; i < 9; i++) { if (i % 2) continue; if (i == 6) break; k += i; }"
            ' printf("%d", k);',
            "6",
        ),
        ('int k = 0, i = 0; do { i++; if (i == 2) continue; k += i; } while (i < 4); printf("%d", k);', "8"),
        (
            "int m = 0; for (int i = 0; i < 6; i++) { switch (i) { case 1: case 2: m++; break; case 4: continue; "
            'default: m--; } m += 2; } printf("%d", m);',
            "9",
        ),
        (
            "double a[4] = {1, 2, 3, 4}, b[4]; memcpy(b, a, 2 * sizeof(double)); memset(a, 0, sizeof a); "
            'printf("%g %g", b[1], a[3]);',
            "2 0",
        ),
        ('printf("%.3f %.3f %.3f", sqrt(2), pow(2, 10), fmax(-1, fabs(-3)));', "1.414 1024.000 3.000"),
        ('int *p = malloc(2 * sizeof(int)); p[1] = 7; p = realloc(p, 4 * sizeof(int)); printf("%d", p[1]);', "7"),
        (
            'unsigned long s = 1; for (int i = 0; i < 3; i++) s = s * 6364136223846793005UL + 1; printf("%lu", s);',
            str(((6364136223846793005 + 1) * 6364136223846793005 + 1) * 6364136223846793005 % 2**64 + 1),
        ),
    ],
)
def test_c_is_what_c_is(body: str, expected: str) -> None:
    assert main(body) == expected


def test_structs_statics_and_functions() -> None:
    text = """
        enum { FEW = 3, MANY };
        typedef struct { double x, y[2]; int id; } Point;
        static Point points[MANY];
        static int counter(void) { static int calls = 5; return calls++; }
        static void halve(int n, double a[n][2]) { for (int i = 0; i < n; i++) a[i][1] *= 0.5; }
        static Point moved(Point p, double by) { p.x += by; return p; }
        int main(void) {
            Point *p = points + 1, q = {1, {2, 3}, 4};
            p->id = counter() + counter();
            p->y[1] = q.y[0];
            points[2] = *p;
            double a[FEW][2] = {{1, 2}, {3, 4}, {5, 6}};
            halve(FEW, a);
            q = moved(q, 10);
            printf("%d %g %g %g %zu", points[2].id, points[2].y[1], a[2][1], q.x, sizeof(Point));
            return 0;
        }"""
    assert printed(text) == "11 2 3 11 32"


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("int i = 2147483647; i++;", "overflow"),
        ('int n = 50000; int m = n * n; printf("%d", m);', "overflow"),
        ('int z = 0; printf("%d", 1 / z);', "division by zero"),
        ("int k = 40; int m = 1 << k;", "shift"),
        ("double a[3]; a[3] = 1;", "out of bounds"),
        ("double a[3]; *&a[3] = 1;", "beyond the end"),
        ("double a[3]; double *p = &a[4];", "out of bounds"),
        ("int i = -1; double a[3][3]; a[1][i] = 1;", "out of bounds"),
        ("double *a = malloc(3 * sizeof(double)); a[3] = 1;", r"element 3 of 3 \(of 'a'\)"),
        ("double *a = malloc(3 * sizeof(double)); a[-1] = 1;", "out of bounds"),
        ("double *a = malloc(3 * sizeof(double)); free(a); a[0] = 1;", "after free"),
        ("double *a = malloc(3 * sizeof(double)); free(a); free(a);", "freed twice"),
        ("double *a = NULL; a[0] = 1;", "null pointer"),
        ('double a[3]; printf("%g", a[1] + 1);', "never set"),
        ('int k; if (k == 1) puts("");', "never set"),
        ('double a[3], b[3]; a[0] = b[0]; memcpy(b, a, sizeof a); printf("%g", b[0] * 2);', "never set"),
        ("double x = 1e30; int i = x;", "does not fit"),
        ("double a[4] = {0}; memcpy(a, a + 1, 3 * sizeof(double));", "overlap"),
    ],
)
def test_what_c_does_not_allow(body: str, complaint: str) -> None:
    with pytest.raises(Fault, match=complaint):
        main(body)


def test_a_local_variable_ends_with_its_function() -> None:
    head = "typedef struct { double v[2]; } P; static double *kept;"
    once = "static P made(int k) { P p = {{k, k + 1}}; kept = &p.v[1]; return p; }"
    assert printed(f'{head}{once}int main(void) {{ P q = made(3); printf("%g", q.v[1]); return 0; }}') == "4"
    with pytest.raises(Fault, match="'p' is used after its function has returned"):
        printed(f"{head}{once}int main(void) {{ made(3); *kept = 1; return 0; }}")


def test_the_address_behind_the_last_element_may_be_taken() -> None:
    body = 'double a[2][3] = {{0}}; int n = 2; printf("%d", (int)(&a[n] - a) + (int)(&a[1][n + 1] - a[1]));'
    assert printed(f"int main(void) {{ {body} return 0; }}") == "5"


@pytest.mark.parametrize("body", ['char *e; strtok("a", e);', 'asm("nop");'])
def test_what_it_does_not_know_is_unsupported(body: str) -> None:
    with pytest.raises(Unsupported):
        main(body)


# ---------------------------------------------------------------------------------- candidates


def pair(name: str) -> tuple[str, str]:
    return (PAIRS / f"{name}.c").read_text(), (PAIRS / f"{name}_mpi.c").read_text()


def simulated(sequential: str, candidate: str) -> Simulation:
    return simulate(Source.from_str("a.c", sequential), Source.from_str("b.c", candidate), ParseOptions())


@pytest.mark.parametrize("name", ["heat", "matrix", "jacobi"])
def test_right_programs_hold(name: str) -> None:
    found = simulated(*pair(name))
    assert found.result == "holds", found
    assert {1, 2, 3, 5} <= {ranks for _, ranks in found.runs}
    assert len({sizes for sizes, _ in found.runs}) > 1


# What is replaced by what, and what is said.
_JACOBI = {
    "no exchange": ("MPI_Sendrecv(&u[1*n]", "if (0) MPI_Sendrecv(&u[1*n]", "never set"),
    "exchange once": ("MPI_Sendrecv(&u[1*n]", "if (it == 0) MPI_Sendrecv(&u[1*n]", ""),
    "one row too few": ("rows + 2)*n*sizeof(double)", "rows + 1)*n*sizeof(double)", ""),
    "bound": ("? n - 1 - row0 : rows + 1;", "? n - 1 - row0 : rows;", ""),
    "starts late": ("row_begin < 1 ? 1 - row0 : 1;", "row_begin < 1 ? 1 - row0 : 2;", ""),
    "swapped tags": (
        "below, 1, &u[0], n, MPI_DOUBLE, above, 1",
        "below, 1, &u[0], n, MPI_DOUBLE, above, 0",
        "deadlock",
    ),
    "wrong row sent": ("&u[rows*n], n, MPI_DOUBLE, below, 1", "&u[(rows - 1)*n], n, MPI_DOUBLE, below, 1", ""),
    "short message": ("&u[rows*n], n, MPI_DOUBLE, below, 1", "&u[rows*n], n - 2, MPI_DOUBLE, below, 1", ""),
    "long message": ("&u[rows*n], n, MPI_DOUBLE, below, 1", "&u[rows*n], n + 1, MPI_DOUBLE, below, 1", "truncated"),
    "wrong type": ("&u[rows*n], n, MPI_DOUBLE, below, 1", "&u[rows*n], n, MPI_FLOAT, below, 1", "as MPI_FLOAT"),
    "neighbour": ("rank + 1 < owners ? rank + 1", "rank + 1 < size ? rank + 1", ""),
    "neighbour out of range": ("rank + 1 < owners ? rank + 1 : MPI_PROC_NULL", "rank + 1", "among"),
    "sum for maximum": ("MPI_DOUBLE, MPI_MAX", "MPI_DOUBLE, MPI_SUM", ""),
    "no reduction": ("MPI_Allreduce(MPI_IN_PLACE, &err, 1", "if (0) MPI_Allreduce(MPI_IN_PLACE, &err, 1", ""),
    "reduction on some": ("MPI_Allreduce(MPI_IN_PLACE", "if (rank < 1) MPI_Allreduce(MPI_IN_PLACE", "MPI_"),
    "global row": ("(i + row0 == 0) ? 1.0", "(i == 0) ? 1.0", ""),
    "printed by all": ("if (rank == 0)\n    printf", "if (rank >= 0)\n    printf", "line 2 of the output"),
    "not printed": ("if (rank == 0)\n    printf", "if (rank == 1)\n    printf", ""),
    "no finalize": ("MPI_Finalize();", ";", "MPI_Finalize"),
    "block lost": ("* rank / size)", "* rank / (size + 1))", ""),
    "freed before": ("if (rank == 0)\n    printf", "free(u); if (rank == 0)\n    printf", "freed twice"),
    "exit status": ("MPI_Finalize();\n  return 0;", "MPI_Finalize();\n  return rank;", "status"),
}
_MATRIX = {
    "no allgather": ("allgather_blocks(y, n", "if (0) allgather_blocks(y, n", ""),
    "starts": ("(int)(begin * words) : 0;", "(int)(r * words) : 0;", ""),
    "wrong root": ("1, MPI_DOUBLE, MPI_MAX, 0, MPI", "1, MPI_DOUBLE, MPI_MAX, size - 1, MPI", ""),
    "roots differ": ("1, MPI_DOUBLE, MPI_MAX, 0, MPI", "1, MPI_DOUBLE, MPI_MAX, mpi_rank, MPI", "root"),
    "counts differ": ("&top, &top, 1, MPI_DOUBLE", "&top, &top, 1 + mpi_rank, MPI_DOUBLE", "count"),
    "halo on one side": ("MPI_Sendrecv(&a[rows*m]", "if (0) MPI_Sendrecv(&a[rows*m]", "never set"),
    "summed twice": (
        "odd += k;",
        "odd += k; MPI_Allreduce(MPI_IN_PLACE, &odd, 1, MPI_LONG, MPI_SUM, MPI_COMM_WORLD);",
        "",
    ),
}


@pytest.mark.parametrize(
    ("name", "change"),
    [("jacobi", c) for c in _JACOBI.items()] + [("matrix", c) for c in _MATRIX.items()],
    ids=lambda x: x if isinstance(x, str) else x[0].replace(" ", "-"),
)
def test_broken_programs_are_refuted(name: str, change: tuple[str, tuple[str, str, str]]) -> None:
    sequential, candidate = pair(name)
    old, new, said = change[1]
    assert old in candidate
    found = simulated(sequential, candidate.replace(old, new, 1))
    assert found.result == "refuted", found
    assert found.refutation is not None
    assert said in found.refutation.message
    assert "rank" in found.refutation.scope


_LEAST = """
#include <stdio.h>
#define N 60
int main(void) {
  static double x[N];
  double least = 1e9;
  int last = -1;
  for (int i = 0; i < N; i++) x[i] = 0.25 * (i * 37 % 101 - 50);
  for (int i = 0; i < N; i++)
    if (x[i] <= least) { least = x[i]; last = i; }
  printf("%d %g\\n", last, least);
  return 0;
}
"""


def test_the_data_do_not_decide_what_is_tried() -> None:
    """The first element is the least at all small sizes: a candidate that is right for rank 0 alone is refuted."""
    candidate = translate(Source.from_str("a.c", _LEAST)).source.text
    right = "last = i + my_offset;"
    assert right in candidate
    assert simulated(_LEAST, candidate).result == "holds"
    found = simulated(_LEAST, candidate.replace(right, "last = i;"))
    assert found.result == "refuted"
    assert found.refutation is not None
    assert "other data" in found.refutation.scope


def test_a_deadlock_tells_what_each_rank_waits_for() -> None:
    sequential, candidate = pair("jacobi")
    broken = candidate.replace("above, 0, &u[(rows + 1)*n]", "above, 7, &u[(rows + 1)*n]")
    found = simulated(sequential, broken).refutation
    assert found is not None
    assert "deadlock" in found.message
    assert [state[:7] for state in found.state[:3]] == ["rank 0:", "rank 1:", "rank 2:"]
    assert "MPI_Sendrecv" in found.state[0]
    assert "tag 7" in "".join(found.state)
    assert found.location is not None
    assert "MPI_Sendrecv" in broken.splitlines()[found.location.line - 1]


@pytest.mark.parametrize(
    "name", ["map/saxpy_chain", "reduction/extremes", "row_block/power_method", "stencil/ring_advection"]
)
def test_translations_hold(name: str) -> None:
    program = next(p for p in programs() if p.name == name)
    translation = translate(Source.from_str("a.c", program.text))
    assert simulated(translation.sequential.shown, translation.source.shown).result == "holds"


# -------------------------------------------------------------------------------------- the gate


def test_the_gate_accepts_what_reading_does_not_follow() -> None:
    """Nonblocking calls are nothing that reading knows."""
    sequential, candidate = pair("matrix")
    begin = candidate.index("    MPI_Sendrecv(&a[2*m]")
    end = candidate.index("    for (int i = larger(2, row_begin)")
    exchange = """    MPI_Request requests[4];
    MPI_Irecv(&a[(rows + 2)*m], m, MPI_DOUBLE, below, 0, MPI_COMM_WORLD, &requests[0]);
    MPI_Irecv(&a[0*m], 2*m, MPI_DOUBLE, above, 1, MPI_COMM_WORLD, &requests[1]);
    MPI_Isend(&a[2*m], m, MPI_DOUBLE, above, 0, MPI_COMM_WORLD, &requests[2]);
    MPI_Isend(&a[rows*m], 2*m, MPI_DOUBLE, below, 1, MPI_COMM_WORLD, &requests[3]);
    MPI_Waitall(4, requests, MPI_STATUSES_IGNORE);
"""
    other = candidate[:begin] + exchange + candidate[end:]
    before = Source.from_str("matrix.c", sequential)
    verdict = verify(before, Source.from_str("matrix_mpi.c", other))
    assert verdict.accepted
    assert verdict.stage_reached() == "simulated"
    assert verdict.word == "CHECKED"
    assert "n=7" in next(c.scope for c in verdict.checks if c.stage == "simulated")
    assert any("does not follow the plan" in note for note in verdict.notes)

    late = other.replace("MPI_Waitall(4, requests, MPI_STATUSES_IGNORE);\n", "", 1)
    refuted = verify(before, Source.from_str("matrix_mpi.c", late))
    assert not refuted.accepted
    assert refuted.counterexamples[0].stage == "simulated"


def test_of_what_cannot_be_simulated_nothing_is_said() -> None:
    sequential, candidate = pair("matrix")
    other = candidate.replace("MPI_Reduce(mpi_rank == 0", 'MPI_Close_port("x"); MPI_Reduce(mpi_rank == 0')
    verdict = verify(Source.from_str("matrix.c", sequential), Source.from_str("matrix_mpi.c", other))
    assert not verdict.accepted
    assert verdict.word == "UNKNOWN"
    assert any("MPI_Close_port" in reason for reason in verdict.undecided)


def test_what_may_be_done_is_counted_and_not_timed() -> None:
    sequential, candidate = (Source.from_str(f"{n}.c", text) for n, text in enumerate(pair("matrix")))
    first, again = (simulate(sequential, candidate, ParseOptions()) for _ in range(2))
    assert (first.result, first.runs, first.operations) == (again.result, again.runs, again.operations)
    few = simulate(sequential, candidate, ParseOptions(), Wanted(seconds=1e-3))
    assert few.result == "unknown"
    assert "million operations" in few.reason


def test_a_program_that_asks_for_arguments_gets_some() -> None:
    sequential = """#include <stdio.h>
    #include <stdlib.h>
    int main(int argc, char **argv) {
        if (argc != 3) { fprintf(stderr, "usage\\n"); return 1; }
        int n = atoi(argv[1]); FILE *f = fopen(argv[2], "r"); int m;
        if (f == NULL || fscanf(f, "P2 %d", &m) != 1) return 2;
        fclose(f); double s = 0; for (int i = 0; i < n; i++) s += 0.5 * i;
        printf("%g\\n", s); return 0; }"""
    parallel = sequential.replace("#include <stdio.h>", "#include <mpi.h>\n#include <stdio.h>", 1)
    start = "{\n        MPI_Init(&argc, &argv); int r; MPI_Comm_rank(MPI_COMM_WORLD, &r);\n        if"
    parallel = parallel.replace("{\n        if", start)
    parallel = parallel.replace('printf("%g\\n", s);', 'if (r == 0) printf("%g\\n", s); MPI_Finalize();')
    sources = Source.from_str("a.c", sequential), Source.from_str("b.c", parallel)
    found = simulate(*sources, ParseOptions())
    assert (found.result, found.reason) == ("holds", "")
    wrong = Source.from_str("b.c", parallel.replace("0.5 * i", "0.5 * i * r"))
    assert simulate(sources[0], wrong, ParseOptions()).result == "refuted"


def test_a_grid_is_simulated_with_three_ranks_in_each_direction() -> None:
    """A block that begins a row too early where there are three columns of blocks."""
    folder = Path(__file__).parents[1] / "corpus" / "baselines"
    sequential, right = (Source.read(folder / f"plate_cartesian{end}.c") for end in ("", "_mpi"))
    wrong = right.text.replace("N * c[1] / dims[1]}", "N / dims[1] * c[1]}")
    assert wrong != right.text
    found = simulate(sequential, Source.from_str("c.c", wrong), ParseOptions())
    assert found.refutation is not None
    assert found.refutation.ranks == 9


@pytest.mark.parametrize(("begin", "holds"), [(1, True), (0, False)])
def test_elements_that_nobody_uses_need_no_value_where_arrays_are_summed(begin: int, holds: bool) -> None:
    """Vectors counted from 1 have an element 0."""
    sequential = f"""{HEADERS}
        int main(int argc, char **argv) {{
            int n = argc > 1 ? atoi(argv[1]) : 40;
            double *y = malloc((n + 1) * sizeof *y), s = 0;
            for (int j = 1; j <= n; j++) y[j] = 0;
            for (int i = 0; i < n; i++) for (int j = 1; j <= n; j++) y[j] += i * j;
            for (int j = 1; j <= n; j++) s += y[j];
            printf("%g", s);
            return 0;
        }}"""
    candidate = (
        sequential.replace("char **argv) {", "char **argv) { int r, p; MPI_Init(&argc, &argv);"
                           "MPI_Comm_rank(MPI_COMM_WORLD, &r); MPI_Comm_size(MPI_COMM_WORLD, &p);")
        .replace("int i = 0; i < n; i++", "int i = r; i < n; i += p")
        .replace("s = 0;", "s = 0; if (r) memset(y, 0, (n + 1) * sizeof *y);")
        .replace("for (int j = 1; j <= n; j++) s +=",
                 "MPI_Allreduce(MPI_IN_PLACE, y, n + 1, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);"
                 f"for (int j = {begin}; j <= n; j++) s +=")
        .replace('printf("%g", s);', 'if (r == 0) printf("%g", s); MPI_Finalize();')
        .replace("#include <stdio.h>", "#include <mpi.h>\n#include <stdio.h>")
    )  # fmt: skip
    found = simulated(sequential, candidate)
    assert found.result == ("holds" if holds else "refuted")
    assert holds or "never set" in str(found.refutation)


def test_a_message_that_is_shorter_leaves_the_rest_as_it_was() -> None:
    sequential = '#include <stdio.h>\nint main(void) { printf("%d\\n", 12); return 0; }\n'
    candidate = """#include <mpi.h>
#include <stdio.h>
int main(int argc, char **argv) {
    int rank, size, a[3] = {3, 4, 5};
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    if (rank == 1) MPI_Send(a, 1, MPI_INT, 0, 0, MPI_COMM_WORLD);
    if (rank == 0 && size > 1) MPI_Recv(a, 3, MPI_INT, 1, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    if (rank == 0) printf("%d\\n", a[0] + a[1] + a[2]);
    MPI_Finalize();
    return 0;
}
"""
    assert simulated(sequential, candidate).result == "holds"


@pytest.mark.parametrize(("place", "result"), [("1", "holds"), ("0", "refuted")])
def test_a_size_that_the_command_line_may_give_is_also_given_there(place: str, result: str) -> None:
    head = "#include <stdio.h>\n#include <stdlib.h>\n"
    body = (
        "long n = 5000; if (argc > 1) { n = atol(argv[PLACE]); if (n <= 0) END } double s = 0; "
        "for (long i = FROM; i < n; i += BY) s += 1.0 / (i + 1);"
    )
    sequential = body.replace("PLACE", "1").replace("END", "return 1;").replace("FROM", "0").replace("BY", "1")
    candidate = body.replace("PLACE", place).replace("END", "{ MPI_Finalize(); return 1; }")
    candidate = candidate.replace("FROM", "rank").replace("BY", "size")
    before = f'{head}int main(int argc, char **argv) {{ {sequential} printf("%g\\n", s); return 0; }}'
    after = (
        f"{head}#include <mpi.h>\nint main(int argc, char **argv) {{ int rank, size; MPI_Init(&argc, &argv); "
        "MPI_Comm_rank(MPI_COMM_WORLD, &rank); MPI_Comm_size(MPI_COMM_WORLD, &size); "
        f"{candidate} double all; MPI_Reduce(&s, &all, 1, MPI_DOUBLE, MPI_SUM, 0, MPI_COMM_WORLD); "
        'if (rank == 0) printf("%g\\n", all); MPI_Finalize(); return 0; }'
    )
    found = simulate(
        Source.from_str("s.c", before), Source.from_str("c.c", after), ParseOptions(), Wanted(refusals=True)
    )
    assert found.result == result


def beside(sequential: str, candidate: str) -> Simulation:
    """Two programs by what is in their main."""
    alone = f"{HEADERS}#define N 40\nint main(int argc, char **argv) {{ {sequential} return 0; }}"
    begin = "int rank; MPI_Init(&argc, &argv); MPI_Comm_rank(MPI_COMM_WORLD, &rank);"
    ranks = f"#include <mpi.h>\n{HEADERS}#define N 40\nint main(int argc, char **argv) {{ {begin} {candidate} "
    return simulated(alone, f"{ranks} MPI_Finalize(); return 0; }}")


@pytest.mark.parametrize(("all_say", "result"), [("rank == 0", "holds"), ("1", "refuted")])
def test_what_a_program_says_of_senseless_arguments_is_compared(all_say: str, result: str) -> None:
    body = "int n = argc > 1 ? atoi(argv[1]) : 9; if (n < 1) { SAY return 1; } "
    alone = body.replace("SAY", 'printf("none\\n");') + 'printf("%g\\n", 0.5 * n);'
    ranks = (
        body.replace("SAY", f'if ({all_say}) printf("none\\n"); MPI_Finalize();')
        + 'if (rank == 0) printf("%g\\n", 0.5 * n);'
    )
    assert beside(alone, ranks).result == result


def test_where_memory_fails_for_a_senseless_size_ranks_may_need_less() -> None:
    alone = "double *a = malloc(atoi(argv[1]) * sizeof *a); if (!a) return 1; free(a);"
    ranks = "double *a = malloc((rank == 0 ? 9 : atoi(argv[1]) / 2 + 1) * sizeof *a); if (!a) return 1; free(a);"
    assert beside(alone, ranks).result == "holds"


@pytest.mark.parametrize(("shown", "result"), [("N * 0.5", "holds"), ("N * 0.25", "refuted")])
def test_time_passes_where_a_program_waits_for_it(shown: str, result: str) -> None:
    now = "timespec_get(&t, TIME_UTC); now = t.tv_sec + 1e-9 * t.tv_nsec;"
    waits = f"struct timespec t; double begin, now; {now} begin = now; do {{ {now} }} while (now - begin < 1e-6);"
    found = beside(f'{waits} printf("%g\\n", N * 0.5);', f'{waits} if (rank == 0) printf("%g\\n", {shown});')
    assert found.result == result, found


def test_what_cannot_be_told_at_one_size_may_be_refuted_at_another() -> None:
    """The first size that is tried is 7."""
    found = beside('printf("%g\\n", sqrt(N));', 'if (rank == 0) printf("%g\\n", sqrt(7.0));')
    assert found.result == "refuted", found
