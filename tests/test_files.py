"""Files are written by rank 0 alone and read by every rank; standard input is read by rank 0."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from comparing import difference
from deciding import facts_of
from running import SANITISED, compile_c, run_ranks, run_sequential

from chatmpi.analysis.outside.obstacles import obstacles
from chatmpi.generate.from_template import generate
from chatmpi.plan.decide import decide
from chatmpi.verify.prove import prove

PROGRAM = """
#include <stdio.h>
#include <stdlib.h>
#define M 5
int main(int argc, char **argv) {
    if (argc < 3) return 2;
    int n = 0, k = 0;
    FILE *in = fopen(argv[1], "r");
    if (!in) { printf("no %d\\n", argc); return 3; }
    if (fscanf(in, "%d", &n) != 1 || n < 1) return 4;
    double *u = malloc(n * M * sizeof *u), start;
    while (k < n * M && fscanf(in, "%lf", &start) == 1) { u[k] = start; k++; }
    fclose(in);
    for (; k < n * M; k++) u[k] = 0.5 * k;
    for (int t = 0; t < 500; t++)
        for (int i = 0; i < n; i++) for (int j = 0; j < M; j++) u[i * M + j] = 0.5 * u[i * M + j] + 1;
    FILE *f = fopen(argv[2], "w");
    if (f == NULL) { perror(argv[2]); return 5; }
    if (fprintf(f, "%d %d\\n", n, M) < 4) return 6;
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < M; j++) fprintf(f, "%g ", u[i * M + j]);
        fputc('\\n', f);
    }
    if (ferror(f)) return 8;
    if (fclose(f)) return 7;
    if ((f = fopen(argv[2], "r")) != NULL) {
        if (fscanf(f, "%d", &k) == 1) printf("%d again\\n", k);
        fclose(f);
    }
    return 0;
}
"""


@pytest.mark.parametrize("ranks", [1, 3])
def test_what_is_written_and_read_is_the_same(ranks: int, executables: Path, tmp_path: Path) -> None:
    facts = facts_of(PROGRAM)
    assert not obstacles(facts)
    plan = decide(facts)
    assert plan.opens
    assert not prove(facts, plan)[1]
    parallel = compile_c(generate(facts, plan).shown, executables, mpi=True, flags=SANITISED)
    assert not parallel.warnings
    sequential = compile_c(PROGRAM, executables, mpi=False)
    (tmp_path / "in").write_text("7\n1.5 2 3 4 5 6 7")
    for name in ("in", "missing"):
        expected = run_sequential(sequential, str(tmp_path / name), str(tmp_path / "expected"))
        actual = run_ranks(parallel, ranks, str(tmp_path / name), str(tmp_path / "actual"))
        assert actual.status == expected.status, actual.stderr
        assert difference(expected.stdout, actual.stdout, 0) is None
    assert (tmp_path / "actual").read_text() == (tmp_path / "expected").read_text()


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ('FILE *f = fopen("a", argv[1]); fclose(f);', "what stream this is"),
        ('FILE *f = fopen("a", "r+"); fclose(f);', "what stream this is"),
        ('FILE *f = fopen("a", "w"); if (argc) f = fopen("b", "r"); fclose(f);', "written only, or read only"),
        ('FILE *f = fopen("a", "w"); return fclose(f);', "the value of 'fclose' is used"),
        ('double x[9]; x[2] = printf("x");', "the value of 'printf' is used"),
        ('printf("%d", printf("x"));', "the value of 'printf' is used"),
        ('FILE *f = fopen("a", "r"); fprintf(f, "x");', "does not fit"),
        ('FILE *f = fopen("a", "r"); fclose(f); remove("a");', "other ranks read"),
        ('FILE *f = fopen("a", "w"), *all[1] = {f}; fprintf(all[0], "x");', "not followed"),
        ("char line[9]; fread(line, 1, 9, stdin);", "standard input in a way"),
        ('char *word = malloc(9); scanf("%s", word);', "how long the text is"),
    ],
)
def test_what_is_not_followed_is_refused(code: str, reason: str) -> None:
    assert any(reason in o.reason for o in obstacles(facts_of(code)))


OPENING = """#include <stdio.h>
#include <stdlib.h>
static FILE *opened(const char *name, const char *mode) {
    FILE *f = fopen(name, mode); if (!f) exit(1); return f; }
static FILE *logged(const char *mode) { %s return opened("log", mode); }
int main(int argc, char **argv) { FILE *f = opened("a", argc > 1 ? "w" : "a"), *g = logged("w");
    fprintf(f, "%%d", argc); fprintf(g, "x"); fclose(f); fclose(g); %s return 0; }"""


@pytest.mark.parametrize(
    ("inside", "more", "followed"),
    [
        ("", "", True),
        ("mode = mode[0] == 'w' ? \"r\" : mode;", "", False),
        ("", 'FILE *in = opened("b", "r"); fclose(in);', False),
        ("", 'FILE *(*h)(const char *, const char *) = opened; FILE *in = h("b", "r"); fclose(in);', False),
    ],
)
def test_functions_that_open_files_are_followed(inside: str, more: str, followed: bool) -> None:
    facts = facts_of(OPENING % (inside, more))
    assert bool(obstacles(facts)) != followed
    assert len(facts.streams.written) == followed


def test_what_rank_0_is_answered_goes_to_all() -> None:
    code = """FILE *f = fopen("a", "w"); double x[90]; for (int i = 0; i < 90; i++) x[i] = i * 0.5;
    if (fwrite(x, sizeof *x, 90, f) != 90 || fclose(f)) return 1;
    for (int t = 0; t < 90; t++) for (int i = 0; i < 90; i++) x[i] = 0.5 * x[i] + t;
    int n = 0; for (int i = 0; i < 3; i++) n += printf("%g\\n", x[i]); if (n > 9) puts("long");"""
    facts = facts_of(code)
    assert not obstacles(facts)
    plan = decide(facts)
    assert plan.answered == ("fclose", "fwrite", "printf")
    assert not prove(facts, plan)[1]
    assert prove(facts, replace(plan, answered=()))[1]
    text = generate(facts, plan).shown
    assert (
        "share_size(rank == 0 ? fwrite(x, sizeof *x, 90, f) : 0) != 90 || share_int(rank == 0 ? fclose(f) : 0)" in text
    )
    assert 'n += share_int(rank == 0 ? printf("%g\\n", x[i]) : 0);' in text


def test_standard_output_may_be_set_up() -> None:
    assert not obstacles(facts_of("setvbuf(stdout, NULL, _IONBF, 0); setbuf(stderr, NULL); fflush(NULL);"))
    assert not obstacles(facts_of('fprintf(argc > 1 ? stderr : stdout, "%d", argc);'))
    assert obstacles(facts_of('fprintf(argc > 1 ? stdin : stdout, "%d", argc);'))


def test_standard_input_is_read_once_and_shared() -> None:
    code = """int n, k = 3; if (scanf("%d", &n) != 1 || n < 1) return 1; scanf("%d", &k);
    double *x = malloc(n * sizeof *x); for (int i = 0; i < n; i++) x[i] = i;
    for (int t = 0; t < 500; t++) for (int i = 0; i < n; i++) x[i] = 0.5 * x[i] + k;
    printf("%g\\n", x[n / 2]);"""
    facts = facts_of(code)
    assert not obstacles(facts)
    plan = decide(facts)
    assert plan.arrays[0].partition
    assert not prove(facts, plan)[1]
    text = generate(facts, plan).shown
    assert 'if (rank == 0)\n    items_read = scanf("%d", &n);' in text
    assert text.count("MPI_Bcast(&items_read, 1, MPI_INT, 0, MPI_COMM_WORLD);") == 1
    assert "MPI_Bcast(&k, 1, MPI_INT, 0, MPI_COMM_WORLD);" in text


EITHER = """#include <stdio.h>
#include <stdlib.h>
static int next(FILE *f, double *v) { return fscanf(f, "%%lf", v) == 1; }
int main(int argc, char **argv) {
    FILE *in = argc > 1 ? fopen(argv[1], "r") : stdin; char line[80]; int n;
    if (in == NULL) { perror(argv[1]); return 1; }
    if (!fgets(line, sizeof line, in) || sscanf(line, "%%d", &n) != 1 || n < 1) return 2;
    double *x = malloc(n * sizeof *x); for (int i = 0; i < n; i++) if (!next(in, &x[i])) return 3;
    %s
    if (in != stdin) fclose(in);
    for (int t = 0; t < 500; t++) for (int i = 0; i < n; i++) x[i] = 0.5 * x[i] + t;
    printf("%%g %%g\\n", x[0], x[n - 1]); return 0; }"""


def test_what_may_be_standard_input_is_read_by_rank_0(executables: Path, tmp_path: Path) -> None:
    assert obstacles(facts_of(EITHER % "rewind(in);"))
    facts = facts_of(EITHER % "")
    assert not obstacles(facts)
    assert facts.input_shared
    text = EITHER.replace("%%", "%").replace("%s", "")
    parallel = compile_c(generate(facts, decide(facts)).shown, executables, mpi=True, flags=SANITISED)
    (tmp_path / "in").write_text("3\n1.5 2 3\n")
    expected = run_sequential(compile_c(text, executables, mpi=False), str(tmp_path / "in"))
    actual = run_ranks(parallel, 2, str(tmp_path / "in"))
    assert (actual.status, actual.stdout) == (0, expected.stdout)


def test_a_time_that_decides_is_that_of_rank_0() -> None:
    code = """#include <stdio.h>
    #include <stdlib.h>
    #include <time.h>
    int main(void) { time_t start = time(NULL); srand((unsigned)time(NULL)); const char *set = getenv("STEPS");
    int steps = set ? atoi(set) : 40; static double x[900];
    for (int i = 0; i < 900; i++) x[i] = rand() % 100;
    for (int t = 0; t < steps; t++) for (int i = 0; i < 900; i++) x[i] = 0.5 * x[i] + t;
    printf("%g %ld\\n", x[7], (long)(time(NULL) - start)); return 0; }"""
    facts = facts_of(code)
    assert not obstacles(facts)
    plan = decide(facts)
    assert plan.agreed == ("getenv", "time")
    assert any("'time' that rank 0 gets" in note for note in plan.notes)
    assert not prove(facts, plan)[1]
    text = generate(facts, plan).shown
    assert "srand((unsigned)share_time(time(NULL)));" in text
    assert 'getenv_on_root("STEPS")' in text
    assert "(long)(time(NULL) - start)" in text


def test_a_loop_that_runs_until_some_time_is_refused() -> None:
    code = "clock_t start = clock(); double x[N]; while (clock() - start < 1000) for (int i = 0; i < N; i++) x[i] = i;"
    program = f"#include <time.h>\nint main(void) {{ enum {{ N = 9 }}; {code} return (int)x[2]; }}"
    assert any("differs between ranks" in o.reason for o in obstacles(facts_of(program)))


TIMING = """\
#include <stdio.h>
#include <time.h>
#include <errno.h>
#include <stdlib.h>
static double began, took; static double x[90];
static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec + 1e-9 * t.tv_nsec; }
static void tic(void) { began = now(); }
static double toc(void) { took += now() - began; return took; }
static void report(const char *what) { double t = toc(); if (t > 1e-9) fprintf(stderr, "%%s %%g\\n", what, t); }
static const char *stamp(void) { static char s[40]; time_t t = time(NULL);
    strftime(s, 40, "%%F", localtime(&t)); return s; }
static int late(void) { return took > 3; }
static long parse(const char *s) { errno = 0; char *e; long n = strtol(s, &e, 10);
    if (e == s || errno) exit(1); return n; }
int main(int argc, char **argv) { long steps = argc > 1 ? parse(argv[1]) : 40; tic();
printf("%%s\\n", stamp()); for (int t = 0; t < steps; t++) for (int i = 0; i < 90; i++) x[i] = 0.5 * x[i] + t;
report("loop"); %s printf("%%g\\n", x[7]); return 0; }"""


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("if (toc() > 9) puts(stamp());", "'late' mixes"),
        ("if (took > 9) x[7] = 0;", "decides"),
        ("x[7] += late();", "decides"),
        ("double v = 0; if (took > 9) v = 1; else v += 2; if (v > 1) x[7] = 1;", "decides"),
        ("int k = 1; if (took > 9) { if (took < 20) k = 2; } x[k] = 0;", "decides"),
        ("int k = 1; if (took > 9) k = 2; for (int i = 0; i < k; i++) x[i] = 0;", "decides"),
        ('double v = 0; if (took > 9) v = x[7]; printf("%%g\\n", v);', "decides"),
        ('double v = 0; if (took > 9 && v == 0) v = took; else v -= 1; printf("%%g\\n", v);', ""),
        ('puts("x"); if (errno) x[7] = 1;', "error number"),
        ("", ""),
    ],
)
def test_times_may_be_kept_and_printed(code: str, reason: str) -> None:
    found = [o.reason for o in obstacles(facts_of(TIMING % code))]
    assert bool(found) == bool(reason)
    assert all(reason in r for r in found)
