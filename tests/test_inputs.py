"""Standard input that is read in loops, helper functions and as text: rank 0 makes each call, all get what it gives."""

from __future__ import annotations

import re

import pytest
from deciding import array, facts_of

from chatmpi.analysis.calls.specialise import read_program
from chatmpi.analysis.facts import analyze
from chatmpi.analysis.outside.obstacles import obstacles
from chatmpi.analysis.parse import ParseOptions
from chatmpi.analysis.source import Source
from chatmpi.generate.from_template import generate
from chatmpi.plan.decide import decide
from chatmpi.plan.plan import Plan
from chatmpi.verify.prove import prove
from chatmpi.verify.run import Trial, run
from chatmpi.verify.simulate.simulation import simulate

HEAD = "#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n#define MANY 40\n"
ELEMENTS = """
int main(void)
{
    int n;
    if (scanf("%d", &n) != 1 || n < 1) { fprintf(stderr, "bad size\\n"); return 2; }
    double *a = malloc(n * sizeof *a), *b = malloc(n * sizeof *b);
    for (int i = 0; i < n; i++)
        if (scanf("%lf", &a[i]) != 1) { printf("%d missing\\n", i); return 1; }
    for (int i = 0; i < n; i++)
        scanf("%lf", b + i);
    for (int t = 0; t < 9; t++)
        for (int i = 0; i < n; i++) a[i] = 0.5 * a[i] + b[i], b[i] = b[i] * b[i] - a[i];
    double s = 0.0;
    for (int i = 0; i < n; i++) s += a[i] * a[i];
    printf("%.6f\\n", s);
    for (int i = 0; i < n; i++) printf("%g %g\\n", a[i], a[i] > 2 ? b[i] : 0.0);
    return 0;
}
"""
POINTS = """
static double x[MANY], y[MANY], d[MANY];
int main(void)
{
    char name[16];
    int i = 0, c, lines = 0;
    if (fscanf(stdin, "%15s", name) != 1) return 3;
    while (i < MANY && scanf("%lf %lf", &x[i], &y[i]) == 2) i++;
    while ((c = getchar()) != EOF) lines += c == '\\n';
    for (int k = 0; k < MANY; k++) d[k] = x[k] * x[k] + y[k];
    double best = 0.0;
    for (int k = 0; k < MANY; k++) if (d[k] > best) best = d[k];
    printf("%s %d %d %g\\n", name, i, lines, best);
    for (int k = 0; k < MANY; k++) printf("%g %g\\n", x[k], d[k]);
    return 0;
}
"""
LINES = """
static int values(int n, double *v)
{
    char line[80];
    int count = 0;
    while (count < n && fgets(line, sizeof line, stdin) != NULL) {
        double x;
        if (line[0] != '#' && sscanf(line, "%lf", &x) == 1) v[count++] = x;
    }
    return count;
}
int main(void)
{
    double *v = malloc(MANY * sizeof *v), *w = malloc(MANY * sizeof *w);
    int n = values(MANY, v);
    for (int i = 0; i < MANY; i++) w[i] = i < n ? v[i] * v[i] : 0.0;
    double s = 0.0;
    for (int i = 0; i < MANY; i++) s += w[i];
    int all = feof(stdin) != 0;
    printf("%d %.6f %d\\n", n, s, all);
    return all ? 7 : 0;
}
"""
NUMBERS = " ".join(str(k % 7 - 1.5) for k in range(80))
CASES = {
    "elements": (ELEMENTS, (f"7 {NUMBERS}", "7 1 2 3", "", "x")),
    "points": (POINTS, (f"pts {NUMBERS}\nrest\nrest\n", "pts 1 2 3 4 5", "pts 1 2 3 x", "")),
    "lines": (LINES, ("# values\n1.5\n\n2 3\nx\n4", "")),
}


def made(code: str) -> tuple[Source, Plan]:
    facts = facts_of(HEAD + code)
    assert not obstacles(facts)
    plan = decide(facts)
    assert not prove(facts, plan)[1]
    return generate(facts, plan), plan


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_all_ranks_get_what_rank_0_reads(name: str) -> None:
    code, inputs = CASES[name]
    before, (after, plan) = Source.from_str("program.c", HEAD + code), made(code)
    for text in inputs:
        verdict = run(before, after, Trial((3,), standard_input=text.encode()), plan, ParseOptions())
        assert verdict.accepted, (text, verdict.counterexamples)


@pytest.mark.parametrize("name", CASES)
def test_the_simulation_follows(name: str) -> None:
    code = CASES[name][0]
    found = simulate(Source.from_str("program.c", HEAD + code), made(code)[0], ParseOptions())
    assert (found.result, found.reason) == ("holds", "")


def test_arrays_that_are_read_into_are_distributed() -> None:
    plan = decide(facts_of(HEAD + ELEMENTS))
    assert array(plan, "a").partition
    assert array(plan, "b").partition
    assert [(k.row, k.element) for k in plan.kept] == [("i", "a[i]"), ("i", "*(b + i)")]


def test_a_value_that_another_rank_keeps_is_stored_beside() -> None:
    text = made(ELEMENTS)[0].shown
    mine = "my_begin <= i && i < my_end ? &a[i - my_offset] : &others_a"
    assert f'if (scan_on_root("%lf", {mine}, 1, MPI_DOUBLE) != 1)' in text


def test_a_file_is_read_by_every_rank_and_kept_by_owners() -> None:
    code = """FILE *f = fopen("numbers", "r"); if (!f) return 1;
    for (int i = 0; i < N; i++) if (fscanf(f, "%lf", &x[i]) != 1) return 2;
    fclose(f); double s = 0; for (int i = 0; i < N; i++) s += x[i] * x[i]; printf("%g\\n", s);"""
    facts = facts_of("static double x[N];" + code)
    plan = decide(facts)
    assert array(plan, "x").partition
    assert not prove(facts, plan)[1]
    mine = "my_begin <= i && i < my_end ? &x[i - my_offset] : &others_x"
    assert f'fscanf(f, "%lf", {mine})' in generate(facts, plan).shown


@pytest.mark.parametrize(
    "code",
    [
        "char *line = NULL; size_t n = 0; getline(&line, &n, stdin);",
        'char *word = malloc(9); scanf("%s", word);',
        'const char *form = "%d"; int k; scanf(form, &k);',
        "return getchar();",
        'int k = 0; static double x[N]; while (scanf("%d %lf", &k, &x[k]) == 2) puts("");',
        "char all[90]; fread(all, 1, 90, stdin);",
    ],
)
def test_what_is_not_followed_is_refused(code: str) -> None:
    assert any(re.search("read|standard input|format|stores", o.reason) for o in obstacles(facts_of(code)))


def test_a_parameter_that_only_told_which_stream_is_read_is_said_to_be_unused() -> None:
    code = (
        "#include <stdio.h>\n#include <stdlib.h>\nstatic double *given(FILE *in, int n) {\n"
        "    double *a = malloc(n * sizeof *a);\n"
        '    for (int i = 0; i < n; i++) if (fscanf(in, "%lf", &a[i]) != 1) exit(2);\n    return a;\n}\n'
        'int main(void) {\n    int n;\n    if (scanf("%d", &n) != 1) return 1;\n'
        "    double *a = given(stdin, n), s = 0;\n    for (int i = 0; i < n; i++) s += a[i] * a[i];\n"
        '    printf("%.9f\\n", s);\n    return 0;\n}\n'
    )
    facts = analyze(read_program(Source.from_str("read.c", code)))
    assert facts is not None
    text = generate(facts, decide(facts)).text
    assert "FILE *in, int n) {\n    (void)in;" in text
    assert "(void)n;" not in text
