"""Which definitions and numbers of a program are made small when it is simulated, and what is said of it."""

import textwrap
from typing import Any

import pytest

from chatmpi.analysis.parse import ParseOptions, parse
from chatmpi.analysis.source import Source
from chatmpi.judge import judge
from chatmpi.verify.simulate import references
from chatmpi.verify.simulate.job import Reference, Simulated, Simulation
from chatmpi.verify.simulate.references import sequential_run, tried_once
from chatmpi.verify.simulate.simulation import simulate
from chatmpi.verify.simulate.small_sizes import Choice, asserted, choose, with_sizes
from chatmpi.verify.simulate.step_literals import fewer_steps
from chatmpi.verify.simulate.trials import Wanted, relied_on_for, trials, values_for
from chatmpi.verify.simulate.written_numbers import written_places
from chatmpi.verify.verdict import Verdict

OPTIONS = ParseOptions()


def program(text: str, name: str = "x.c") -> Source:
    return Source(name, textwrap.dedent(text))


def test_the_extent_of_a_table_that_is_written_out_stays() -> None:
    text = """
        #define N 40
        #define Q 9
        static const int c[Q] = {0, 1, 0, -1, 0, 1, -1, -1, 1};
        static double f[N][Q];
        int main(void) { for (int i = 0; i < N; i++) for (int q = 0; q < Q; q++) f[i][q] = c[q]; return 0; }
        """
    assert choose(parse(program(text), OPTIONS)).sizes == ("N",)


def test_a_bound_of_subscripts_is_a_size_and_another_bound_a_number_of_steps() -> None:
    text = """
        #define N 40
        #define STEPS 50
        #define K 3
        struct { double x[N]; } p;
        double c[K];
        int main(void) {
            for (int t = 0; t < STEPS; t++) for (int i = 0; i < N; i++) p.x[i] += c[t % 2];
            return 0;
        }
        """
    found = choose(parse(program(text), OPTIONS))
    assert found.sizes == ("N",)
    assert found.steps == ("STEPS",)


def test_what_the_candidate_asserts_is_left_as_it_is() -> None:
    text = """
        #include <stdio.h>
        #define BS 16
        static double a[40];
        int main(void) {
            %s
            for (int ii = 0; ii < 40; ii += BS) for (int i = ii; i < ii + BS && i < 40; i++) a[i] = i;
            printf("%%g\\n", a[39]);
            return 0;
        }
        """
    asserting = program(text % '_Static_assert(BS == 16, "made for 16");')
    assert asserted(parse(asserting, OPTIONS)) == {"BS"}
    assert simulate(program(text % ""), asserting, OPTIONS).skipped == []


@pytest.mark.parametrize(
    ("loop", "left"),
    [
        ("for (int t = 0; t < 50; t++) step();", {"50 steps": 3}),
        ("for (int t = 0; t < 50; t++) { step(); if (t % 10 == 9) step(); }", {"50 steps": 11}),
        ("int t = 0; while (t < 300 && s > 0.5) { step(); t++; }", {"300 steps": 3}),
        ("int t = 0; do { step(); t++; } while (s > 0.5 && t < 300);", {"300 steps": 3}),
        ("for (int t = 0; t < 50; t++) a[t] = f(t);", {}),  # a subscript
        ("for (int t = 0; t < 50; t++) s += 1.0;", {}),  # no loop around others
        ("for (int t = 0; t < 2; t++) step();", {}),
    ],
)
def test_step_counts_that_are_numbers(loop: str, left: dict[str, int]) -> None:
    text = f"""
        double s = 1.0, a[60];
        double f(int i) {{ return i; }}
        void step(void) {{ s *= 0.5; }}
        int main(void) {{ {loop} return 0; }}
        """
    before = parse(program(text), OPTIONS)
    assert fewer_steps(before, before) == left
    changed = with_sizes(before.source, before, left)
    assert changed is not None
    assert ("< 50" in changed.text or "< 300" in changed.text) == (not left and "50" in loop)


def test_steps_stay_where_the_other_program_writes_others() -> None:
    one, other = (
        parse(program(f"void f(void) {{}} int main(void) {{ for (int t = 0; t < {n}; t++) f(); return 0; }}"), OPTIONS)
        for n in (40, 41)
    )
    assert fewer_steps(one, other) == {}


SLOW = """
    #include <stdio.h>
    #include <mpi.h>
    static double u[0x64];
    static void step(void) { for (int i = 1; i < 0x64; i++) u[i] = 0.5 * u[i] + 0.25 * u[i - 1] + 1.0; }
    int main(int argc, char **argv) {
        int rank;
        MPI_Init(&argc, &argv);
        MPI_Comm_rank(MPI_COMM_WORLD, &rank);
        for (int t = 0; t < 16000; t++) step();
        if (rank == 0) printf("%.3f\\n", u[99]);
        MPI_Finalize();
        return 0;
    }
    """


def _sequential(text: str) -> str:
    lines = text.split("\n")
    return "\n".join(x for x in lines if "MPI" not in x and "mpi" not in x and "int rank" not in x).replace(
        "if (rank == 0) ", ""
    )


def test_a_slow_program_is_simulated_with_fewer_steps_and_this_is_said() -> None:
    found = simulate(program(_sequential(SLOW)), program(SLOW, "mpi.c"), OPTIONS)
    assert found.result == "holds"
    assert "3 of 16000 steps" in found.scope()


def test_a_sequential_run_serves_all_numbers_of_ranks_of_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    text = """
        #include <stdio.h>
        #define N 40
        static double x[N];
        int main(void) { for (int i = 0; i < N; i++) x[i] = i; printf("%g\\n", x[N - 1]); return 0; }
        """
    parallel = text.replace("{ for", "{ MPI_Init(0, 0); for").replace("return", "MPI_Finalize(); return")
    only_first = "int r; MPI_Comm_rank(MPI_COMM_WORLD, &r); if (r == 0) printf("
    candidate = parallel.replace("#include", "#include <mpi.h>\n#include", 1).replace("printf(", only_first)
    sizes: list[int] = []

    def noted(*given: Any) -> Reference:
        sizes.append(given[2])
        return sequential_run(*given)

    monkeypatch.setattr(references, "sequential_run", noted)
    found = simulate(program(text), program(candidate), OPTIONS, Wanted(thorough=True))
    assert len(found.runs) > 2 * len(sizes)
    assert len(set(sizes)) == len(sizes)


def test_what_differs_with_fewer_steps_only_is_not_refuted() -> None:
    wrong = SLOW.replace("u[99])", "u[99] + (u[1] < 1.8))")
    found = simulate(program(_sequential(SLOW)), program(wrong, "mpi.c"), OPTIONS)
    assert found.result == "unknown"
    assert "3 of 16000 steps only" in found.reason


def test_a_status_that_main_ends_with_is_part_of_what_it_does() -> None:
    text = (
        SLOW.replace("0x64", "40")
        .replace("99", "39")
        .replace("16000;", "4;")
        .replace("return 0;", "return u[3] > 1.0;")
    )
    found = simulate(program(_sequential(text)), program(text, "mpi.c"), OPTIONS)
    assert found.result == "holds"
    wrong = text.replace("return u", "return 2 * (u").replace("> 1.0", "> 1.0)")
    assert simulate(program(_sequential(text)), program(wrong, "mpi.c"), OPTIONS).result == "refuted"


NUMBERS = """
    #include <stdlib.h>
    typedef struct { int nx, ny; double *h; } State;
    static void init(State *s, int nx, int ny) { s->nx = nx; s->ny = ny; s->h = malloc(200 * 170 * sizeof(double)); }
    int main(void) {
        enum { M = 64 };
        double a[M], *b = malloc(99 * sizeof *b);      /* 170 in a comment */
        State s;
        init(&s, 200, 170);
        for (int i = 0; i < M; i++) a[i] = i % 17;
        for (int i = 0; i < 98; i++) b[i] = a[31];
        return (int)s.h[80 * 170 + 45];
    }
    """


def test_numbers_that_are_written_for_sizes() -> None:
    before = parse(program(NUMBERS), OPTIONS)
    found = choose(before)
    assert found.sizes == ("M",)
    assert found.numbers == ("the number 200", "the number 170", "the number 99")
    small = with_sizes(before.source, before, {"M": 5, "the number 200": 7, "the number 99": 6, "the number 80": 3})
    assert small is not None
    lines = small.text.split("\n")
    assert "malloc(7 * 170 * sizeof(double))" in lines[3]
    assert "{ M = 5 }" in lines[5]
    assert "malloc(6 * sizeof *b);      /* 170 in a comment */" in lines[6]
    assert "i < 5; i++" in lines[10]  # 98 is one less than 99
    assert "s.h[3 * 170 + 45]" in lines[11]


def test_a_number_that_a_condition_chooses_for_a_member_is_one_of_its_sizes() -> None:
    text = """
        #include <stdlib.h>
        struct grid { int nx; double *f; };
        int main(int argc, char **argv) {
            struct grid g;
            g.nx = argc > 1 ? atoi(argv[1]) : 40;
            g.f = calloc(g.nx, sizeof(double));
            return (int)g.f[0];
        }
        """
    assert choose(parse(program(text), OPTIONS)).numbers == ("the number 40",)


def test_numbers_of_members_that_a_list_names_are_sizes() -> None:
    text = """
        struct grid { int nx, ny; double h; };
        static void step(const struct grid *g, double *f) { for (int i = 0; i < g->nx; i++) f[i] = g->h; }
        static double f[90];
        int main(int argc, char **argv) {
            struct grid g = { .nx = argc > 1 ? 50 : 40, .ny = 70, .h = 0.5 };
            step(&g, f);
            return (int)f[g.ny];
        }
        """
    assert set(choose(parse(program(text), OPTIONS)).numbers) == {f"the number {n}" for n in (40, 50, 70, 90)}


def test_tables_that_are_written_out_keep_their_numbers_and_unsigned_numbers_are_sizes() -> None:
    text = """
        static const int born[9] = {0, 0, 0, 1, 0, 0, 0, 0, 0};
        static const double w[2][12] = {{1, 2, 3}, {0}};
        static double f[90], g[70] = {0};
        int main(void) {
            for (unsigned i = 0; i < 60u; i++) f[i] = born[i % 9] + w[1][i % 12] + g[i];
            for (int k = 0; k < 12; k++) f[k] += 1;
            return 0;
        }
        """
    assert set(choose(parse(program(text), OPTIONS)).numbers) == {f"the number {n}" for n in (60, 70, 90)}


def test_a_product_of_numbers_that_only_the_other_program_writes() -> None:
    before, after = (parse(program(t), OPTIONS) for t in (NUMBERS, "int main(void) { return 34000 + 200 + 34000u; }"))
    values = {"the number 200": 7, "the number 170": 8}
    small = with_sizes(after.source, after, values, before.source)
    assert small is not None
    assert small.text == "int main(void) { return 56 + 7 + 56u; }"


def test_a_few_rows_that_are_printed_follow_the_size() -> None:
    text = """
        #include <stdio.h>
        #include <mpi.h>
        #define N 40
        static double u[N];
        int main(int argc, char **argv) {
            int rank;
            MPI_Init(&argc, &argv);
            MPI_Comm_rank(MPI_COMM_WORLD, &rank);
            for (int i = 0; i < N; i++) u[i] = i * 0.5;
            if (rank == 0) for (int i = 0; i < 12; i++) printf("%g ", u[i]);
            MPI_Finalize();
            return 0;
        }
        """
    found = simulate(program(_sequential(text)), program(text, "mpi.c"), OPTIONS)
    assert found.result == "holds"
    assert "N=7, 7 for 12; N=4, 4 for 12" in found.scope()


def test_places_are_what_functions_of_the_program_are_given_too() -> None:
    text = """static double u[4000]; static double at(const double *a, int i) { return a[i]; }
    int main(void) { double s = 0; for (int t = 0; t < 5; t++) s += at(u, 100 + t) + u[70]; return s > 1e9; }"""
    assert written_places(parse(Source.from_str("a.c", text), ParseOptions())) == ("the number 100", "the number 70")


MADE_BY_HELPERS = """
    #include <stdlib.h>
    typedef struct { int nx, ny; double *cell; } Grid;
    static Grid *made(int rows, int columns) {
        Grid *g = malloc(sizeof *g);
        g->nx = rows, g->ny = columns, g->cell = calloc((size_t)rows * columns, sizeof *g->cell);
        return g;
    }
    static void put(Grid *g, int i, int j, double v) { g->cell[i * g->ny + j] = v; }
    static void step(const Grid *%(old)s, Grid *%(new)s) {
        for (int i = 0; i < %(old)s->nx; i++) for (int j = 0; j < %(old)s->ny; j++) put(%(new)s, i, j, 1.0);
    }
    static void run(Grid *%(old)s, Grid *%(new)s, int times) {
        for (int t = 0; t < times; t++) step(%(old)s, %(new)s);
    }
    int main(int argc, char **argv) {
        int n = argc > 1 ? atoi(argv[1]) : 64, steps = argc > 2 ? atoi(argv[2]) : 10;
        Grid *a = made(n, n), *b = made(n, n);
        run(a, b, steps);
        return b->cell[0] > 2.0;
    }
    """


@pytest.mark.parametrize(("old", "new"), [("a", "b"), ("from", "to"), ("n", "steps")])
def test_sizes_do_not_hang_on_the_names_of_parameters(old: str, new: str) -> None:
    found = choose(parse(program(MADE_BY_HELPERS % {"old": old, "new": new}), OPTIONS))
    assert (found.sizes, found.steps) == (("n",), ("steps",))


RELYING = """
    #include <stdio.h>
    #include <stdlib.h>
    #include <mpi.h>
    static void butterflies(double *a, int n) {
        for (int length = 2; length <= n; length *= 2)
            for (int i = 0; i < n; i += length)
                for (int k = i; k < i + length / 2; k++) {
                    double low = a[k], high = a[k + length / 2];
                    a[k] = low + high, a[k + length / 2] = low - high;
                }
    }
    int main(int argc, char **argv) {
        int rank;
        int n = argc > 1 ? atoi(argv[1]) : 64;
        MPI_Init(&argc, &argv);
        MPI_Comm_rank(MPI_COMM_WORLD, &rank);
        enum { M = 256 };
        double a[M], *u = malloc(n * sizeof *u), sum = 0;
        for (int i = 0; i < n; i++) u[i] = i;
        for (int i = 0; i < n; i++) sum += u[i];
        for (int t = 0; t < M; t++) a[t] = t;
        butterflies(a, M);
        if (rank == 0) printf("%g %g %g\\n", sum, a[1], a[M / 2]);
        free(u);
        MPI_Finalize();
        return 0;
    }
    """


def test_a_size_that_a_program_relies_on_is_halved() -> None:
    found = simulate(program(_sequential(RELYING)), program(RELYING, "mpi.c"), OPTIONS)
    assert found.result == "holds"
    assert "M=8" in found.scope()
    assert "M=16" in found.scope()


def test_a_number_that_a_program_relies_on_stays() -> None:
    choice = Choice(sizes=("n", "the number 27"), steps=())
    assert {"n": 7} in relied_on_for(choice.sizes, 7, choice)


_FIFTH_POWER = """
    #include <stdio.h>
    {include}
    #define N 40
    static double a[N];
    int main(int argc, char **argv) {{
        {start}
        for (int i = 0; i < N; i++) for (int j = 0; j < N; j++) for (int k = 0; k < N; k++)
            for (int l = 0; l < N; l++) for (int m = 0; m < N; m++) if (m == l) a[i] += 1.0;
        if ({first}) printf("%g\\n", a[N - 1]);
        {end}
        return 0;
    }}
    """
_PARALLEL = {
    "include": "#include <mpi.h>",
    "start": "int rank; MPI_Init(&argc, &argv); MPI_Comm_rank(MPI_COMM_WORLD, &rank);",
    "first": "rank == 0",
    "end": "MPI_Finalize();",
}


def test_where_a_size_takes_most_of_the_time_smaller_ones_come_first() -> None:
    plain = dict.fromkeys(("include", "start", "end"), "") | {"first": "1"}
    before, after = (program(_FIFTH_POWER.format(**kind)) for kind in (plain, _PARALLEL))
    found = simulate(before, after, OPTIONS, Wanted(thorough=True, seconds=0.3))
    assert found.result == "holds"
    assert found.left
    assert {"N=4", "N=2"} <= {sizes for sizes, _ in found.runs}


def test_one_size_is_not_enough_where_there_are_more() -> None:
    """Nothing but the least that is asked for: then it is not known, and why."""
    plain = dict.fromkeys(("include", "start", "end"), "") | {"first": "1"}
    before, after = (program(_FIFTH_POWER.format(**kind)) for kind in (plain, _PARALLEL))
    found = simulate(before, after, OPTIONS, Wanted(thorough=True, seconds=0.06))
    assert found.result == "unknown"
    assert "more than" in found.reason


@pytest.mark.parametrize("other", ["argc > 1 ? atoi(argv[0]) : 6", "argc > 1 ? atoi(argv[2]) : 6", "atoi(argv[1])"])
def test_a_size_that_is_taken_from_elsewhere_is_refuted_as_it_is_written(other: str) -> None:
    text = """
        #include <stdio.h>
        #include <stdlib.h>
        {include}
        int main(int argc, char **argv) {{
            {start}
            int n = {size};
            double *a = malloc((n + 1) * sizeof(double));
            for (int i = 0; i < n; i++) a[i] = i;
            if ({first}) for (int i = 0; i < n; i++) printf("%g\\n", a[i]);
            free(a);
            {end}
            return 0;
        }}
        """
    plain = dict.fromkeys(("include", "start", "end"), "") | {"first": "1"}
    before = program(text.format(size="argc > 1 ? atoi(argv[1]) : 6", **plain))
    assert simulate(before, program(text.format(size=other, **_PARALLEL)), OPTIONS).result == "refuted"


def test_sizes_lie_apart_in_the_order_of_what_is_written_for_them() -> None:
    """A range that the size of the command line must be in: `if (n < BAND || n > ROOM) return 2;`."""
    choice = Choice(("BAND", "ROOM", "n"), (), written=(("BAND", 12), ("ROOM", 8192)))
    assert {"BAND": 7, "n": 15, "ROOM": 23} in list(values_for(choice.sizes, 7, choice))


def test_values_that_a_program_asks_for() -> None:
    text = """
        #include <stdio.h>
        #include <stdlib.h>
        int main(int argc, char **argv) {
            int rows, dims, steps = 50;
            double r[3];
            if (argc != 4) return 1;
            rows = atoi(argv[1]);
            dims = atoi(argv[2]);
            steps = atoi(argv[3]);
            if (rows % 16 != 0 || rows < 1) return 1;
            double *a = calloc(rows * dims, sizeof *a);
            for (int t = 0; t < steps; t++)
                for (int i = 0; i < rows; i++)
                    for (int d = 0; d < dims; d++) { r[d] = i; a[i * dims + d] += r[d]; }
            printf("%g\\n", a[rows - 1]);
            free(a);
            return 0;
        }
        """
    source = program(text)
    choice = choose(parse(source, OPTIONS))
    assert set(choice.sizes) == {"rows", "dims"}
    assert {"rows": 32, "dims": 3} in list(relied_on_for(choice.sizes, 7, choice))
    job = Simulated(Simulation(), parse(source, OPTIONS), parse(source, OPTIONS), OPTIONS, Wanted())
    found = tried_once(job, {"rows": 16, "dims": 3, "steps": 2}, 7)
    assert found is not None
    assert found.arguments == ("7", "7", "7")
    assert found.operations < 60_000  # two steps, whatever is given for them


def test_steps_are_odd_and_even() -> None:
    """Arrays that change places are back after two steps: what is wrong after an odd number of them is seen."""
    choice = Choice(("N",), ("T",))
    counts = {values["T"] for trial in trials(choice, Wanted()) for values in trial.values}
    assert counts == {3, 4}
    assert {trial.values[0]["T"] for trial in trials(Choice((), ("T",)), Wanted())} == {3, 4}


def test_a_variable_that_is_given_several_numbers_is_made_small_by_each() -> None:
    text = """
        #include <stdio.h>
        static void count(int n) { int s = 0; for (int i = 1; i < n; i++) s += n % i; printf("%d\\n", s); }
        int main(void) { int n; n = 2048; count(n); n = 5000; count(n); return 0; }
        """
    found = choose(parse(program(text), OPTIONS))
    assert found.sizes == ()
    assert found.numbers == ("the number 5000", "the number 2048")


def test_stated_arguments_reach_the_simulation() -> None:
    """A program that takes nothing but `-n SIZE`: its number is made small, and used as it is too."""
    head = "#include <mpi.h>\n#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n"
    begin = 'int main(int argc, char **argv) {\n  if (argc < 3 || strcmp(argv[1], "-n")) return 1;\n'
    begin += "  int n = atoi(argv[2]);\n"
    sequential = head.replace("#include <mpi.h>\n", "") + begin + '  printf("%d\\n", n * n);\n  return 0;\n}\n'
    ranks = "  int rank;\n  MPI_Init(&argc, &argv);\n  MPI_Comm_rank(MPI_COMM_WORLD, &rank);\n"
    right = head + begin + ranks + '  if (rank == 0) printf("%d\\n", n * n);\n  MPI_Finalize();\n  return 0;\n}\n'
    wrong = right.replace("n * n", "n * n + n / 500")

    def judged(text: str, *arguments: str) -> Verdict:
        wanted = Wanted(ranks=(2, 3), arguments=arguments, refusals=True)
        return judge(Source.from_str("a.c", sequential), Source.from_str("b.c", text), wanted=wanted)

    assert judged(right).word == "UNKNOWN"
    verdict = judged(right, "-n", "500")
    assert verdict.word == "CHECKED"
    assert "arguments -n 7; arguments -n 12; arguments -n 500" in str(verdict.checks)
    assert judged(wrong, "-n", "50").word == "CHECKED"
    (found,) = judged(wrong, "-n", "500").counterexamples
    assert (found.expected, found.came) == ("250000", "250001")
    assert "arguments -n 500" in found.witness
