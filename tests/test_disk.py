"""Files that a simulated run writes and reads again: their text, and which rank may read it."""

from __future__ import annotations

import pytest
from test_simulation import main

from chatmpi.analysis.parse import ParseOptions, parse
from chatmpi.analysis.source import Source
from chatmpi.verify.simulate.errors import Unsupported
from chatmpi.verify.simulate.simulation import simulate
from chatmpi.verify.simulate.small_sizes import with_sizes
from chatmpi.verify.simulate.written_numbers import number_name, written_sizes

WRITTEN = 'FILE *f = fopen("a", "w"); %s fclose(f); f = fopen("./a", "r"); int n = 0; double x = 0; char s[20] = ""; %s'


@pytest.mark.parametrize(
    ("writing", "reading", "expected"),
    [
        ('fprintf(f, "%d\\n", 1013);', 'fscanf(f, "%d", &n); printf("%d", n);', "1013"),
        ('fputs("k 0.75 3", f);', 'fscanf(f, "%19s %lf%d", s, &x, &n); printf("%s %g %d", s, x, n);', "k 0.75 3"),
        ('fprintf(f, "%.1f", 0.25);', 'fscanf(f, "%lf", &x); printf("%g", x);', "0.2"),
        ('fprintf(f, "0.1");', 'float y; fscanf(f, "%f", &y); printf("%.9g", y);', "0.100000001"),
        ('fputs("a b\\nc", f);', 'while (fgets(s, 20, f)) printf("<%s>", s);', "<a b\n><c>"),
        ('fputs("1 2 3", f);', 'while (!feof(f)) n += fscanf(f, "%lf", &x); printf("%d", n);', "3"),
        ('fputs("1 2 3\\n", f);', 'while (!feof(f)) n += fscanf(f, "%lf", &x); printf("%d", n);', "2"),
        ("fputc('x', f);", 'printf("%c %d", fgetc(f), fgetc(f));', "x -1"),
        (
            'fputs("12", f); fclose(f); f = fopen("a", "a"); fputs("34", f);',
            'fscanf(f, "%d", &n); printf("%d", n);',
            "1234",
        ),
        ('fputs("5", f); fclose(f); f = fopen("a", "w");', 'n = fscanf(f, "%d", &n); printf("%d", n);', "-1"),
        ('fputs("5", f);', 'fclose(f); rename("a", "b"); f = fopen("a", "w"); printf("6");', "6"),
    ],
)
def test_what_is_written_is_read_again(writing: str, reading: str, expected: str) -> None:
    assert main(WRITTEN % (writing, reading)) == expected


@pytest.mark.parametrize(
    ("writing", "reading"),
    [
        ('double y; scanf("%lf", &y); fprintf(f, "%.3f", y);', ""),
        ('fprintf(f, "%g", 0.5 * sqrt(3));', ""),
        ('fprintf(f, "%p", (void *)f);', ""),
        ("int k = 7; fwrite(&k, sizeof k, 1, f);", ""),
        ("char t[30]; fgets(t, 30, stdin); fputs(t, f);", ""),
        ('fputs("5", f); fclose(f); f = fopen("b", "a");', 'f = fopen("b", "r");'),
        ('fputs("5", f);', 'fclose(f); remove("a"); f = fopen("a", "r");'),
        ('fputs("5", f);', 'fclose(f); system("rm a"); f = fopen("a", "r");'),
        ('fputs("5", f);', 'fclose(f); f = fopen("a", "a"); FILE *g = fopen("a", "r");'),
        ('fputs("5", f);', 'FILE *g = fopen("a", "w");'),
        ('fputs("0x1F", f);', 'fscanf(f, "%i", &n);'),
        ('fputs("1F", f);', 'fscanf(f, "%x", &n);'),
        ('fputs("infinite", f);', 'fscanf(f, "%lf", &x);'),
        ('fputs("-1", f);', 'unsigned u; fscanf(f, "%u", &u);'),
        ('fputs("1e", f);', 'fscanf(f, "%lf", &x);'),
        ('fputs("1", f);', "fread(&n, sizeof n, 1, f);"),
    ],
)
def test_what_is_not_known_as_text_is_not_read(writing: str, reading: str) -> None:
    with pytest.raises(Unsupported):
        main(WRITTEN % (writing, reading))


SEQUENTIAL = """#include <stdio.h>
int main(int argc, char **argv) {
    FILE *f = fopen("a", "w"); fprintf(f, "%d", 5 + argc); fclose(f);
    int n = 0; f = fopen("a", "r"); fscanf(f, "%d", &n); fclose(f);
    printf("%d\\n", n);
    f = fopen("a", "w"); fputs("end", f); fclose(f);
    return 0; }"""
PARALLEL = """#include <mpi.h>
#include <stdio.h>
int main(int argc, char **argv) {
    MPI_Init(&argc, &argv); int r, n = 0, some = 1; FILE *f; MPI_Comm_rank(MPI_COMM_WORLD, &r);
    if (r == 0) { f = fopen("a", "w"); fprintf(f, "%%d", 5 + argc); fclose(f); }
    %s
    if (%s) { f = fopen("a", "r"); fscanf(f, "%%d", &n); fclose(f); }
    %s
    if (r == 0) { printf("%%d\\n", n); f = fopen("a", "w"); fputs("end", f); fclose(f); }
    MPI_Finalize(); return 0; }"""
BARRIER = "MPI_Barrier(MPI_COMM_WORLD);"
FROM_ROOT = "MPI_Bcast(&some, 1, MPI_INT, 0, MPI_COMM_WORLD);"
TO_ROOT = "int sum; MPI_Reduce(&some, &sum, 1, MPI_INT, MPI_SUM, 0, MPI_COMM_WORLD);"


@pytest.mark.parametrize(
    ("before", "who", "after", "result", "reason"),
    [
        (BARRIER, "1", BARRIER, "holds", ""),
        (FROM_ROOT, "1", TO_ROOT, "holds", ""),
        ("", "r == 0", "", "holds", ""),
        ("", "1", BARRIER, "unknown", "reading the file 'a', which may be written"),
        (TO_ROOT, "1", BARRIER, "unknown", "reading the file 'a', which may be written"),
        (BARRIER, "1", "", "unknown", "at the same time"),
        (BARRIER, "1", FROM_ROOT, "unknown", "at the same time"),
    ],
)
def test_a_rank_reads_what_it_knows_to_be_written(before: str, who: str, after: str, result: str, reason: str) -> None:
    sources = Source.from_str("a.c", SEQUENTIAL), Source.from_str("b.c", PARALLEL % (before, who, after))
    found = simulate(*sources, ParseOptions())
    assert found.result == result, (found.reason, found.refutation)
    assert reason in found.reason


def test_sizes_in_what_is_written_into_a_file_are_made_small() -> None:
    text = """#include <stdio.h>
    int main(void) { FILE *f = fopen("a500", "w"); int n; fprintf(f, "n 5000\\n300 %40d k600 .700\\n", 1); fclose(f);
    printf("5000 300"); f = fopen("a", "r"); %s return 0; }"""
    source = Source.from_str("a.c", text.replace("%s", 'fscanf(f, "n %d", &n);'))
    program = parse(source, ParseOptions())
    names = number_name(5000), number_name(300)
    assert written_sizes(program, ()) == names
    sized = with_sizes(source, program, dict(zip(names, (7, 9), strict=True)))
    assert sized is not None
    assert sized.text == source.text.replace('"n 5000\\n300 ', '"n 7\\n9 ')
    assert not written_sizes(parse(Source.from_str("b.c", text.replace("%s", "")), ParseOptions()), ())


LARGE = """#include <stdio.h>
int main(int argc, char **argv) { %s
    FILE *f; int n = 0; double s = 0;
    if (r == 0) { f = fopen("a", "w"); fputs("n 90000000\\n", f); fclose(f); } %s
    f = fopen("a", "r"); fscanf(f, "n %%d", &n); fclose(f);
    for (int i = 0; i < n; i++) s += 0.5 * i;
    if (r == 0) printf("%%g\\n", s); %s
    return 0; }"""


def test_what_is_too_much_for_a_simulation_as_it_is_filed_is_simulated_at_small_sizes() -> None:
    start = "MPI_Init(&argc, &argv); int r; MPI_Comm_rank(MPI_COMM_WORLD, &r);"
    parallel = "#include <mpi.h>\n" + LARGE % (start, BARRIER, "MPI_Finalize();")
    sources = Source.from_str("a.c", LARGE % ("int r = 0;", "", "")), Source.from_str("b.c", parallel)
    found = simulate(*sources, ParseOptions())
    assert found.result == "holds", found.reason
    assert "for 90000000" in found.runs[0][0]
    wrong = Source.from_str("b.c", parallel.replace("0.5 * i", "0.5 * i * (r + i % 2)"))
    assert simulate(sources[0], wrong, ParseOptions()).result != "holds"
