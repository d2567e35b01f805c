"""Matrices of row pointers are arrays of rows, where each row is made once and stays where it is."""

from __future__ import annotations

import pytest
from deciding import HEAD, array, exchanged, facts_of, plan_of

from chatmpi.analysis import tree
from chatmpi.analysis.calls.specialise import read_program
from chatmpi.analysis.facts import analyze
from chatmpi.analysis.source import Source
from chatmpi.generate.from_template import generate
from chatmpi.plan.decide import decide
from chatmpi.translate import translate

EACH = "double **a = malloc(N*sizeof *a);\nfor (int i = 0; i < N; i++) a[i] = malloc(M*sizeof *a[i]);\n"
WORK = """
for (int i = 0; i < N; i++) for (int j = 0; j < M; j++) a[i][j] = i*j;
double s = 0;
for (int i = 0; i < N; i++) for (int j = 0; j < M; j++) s += a[i][j];
printf("%g\\n", s);
"""
ALLOCATIONS = {
    "each row": EACH,
    "filled at once": EACH.replace("a[i] = malloc", "{ a[i] = malloc").replace("*a[i]);", "*a[i]); a[i][0] = 1; }"),
    "one block": "double **a = malloc(sizeof(double *)*N);\na[0] = (double *) malloc(N*M*sizeof(double));\n"
    "for (int i = 1; i < N; i++) a[i] = a[i - 1] + M;\n",
    "from the first row": "double **a = malloc(N*sizeof *a);\n*&a[0];\na[0] = malloc(N*M*sizeof **a);\n"
    "for (int i = 1; i < N; i++) a[i] = &a[0][i*M];\n".replace("*&a[0];\n", ""),
    "a block with a name": "double *all = malloc(N*M*sizeof *all), **a;\na = malloc(N*sizeof *a);\n"
    "for (int i = 0; i < N; i++) a[i] = all + i*M;\n",
}


@pytest.mark.parametrize("made", ALLOCATIONS.values(), ids=ALLOCATIONS)
def test_rows_are_divided_however_they_get_their_memory(made: str) -> None:
    plan = plan_of(made + WORK)
    assert array(plan, "a").partition == "row"
    assert exchanged(plan) == ["reduce s"]
    translate(Source.from_str("rows.c", f"{HEAD}int main(void) {{\n{made}{WORK}return 0;\n}}\n"))


def test_only_local_rows_are_made_and_freed() -> None:
    code = f"{HEAD}int main(void) {{\n{EACH}{WORK}for (int i = 0; i < N; i++) free(a[i]);\nfree(a);\nreturn 0;\n}}\n"
    text = translate(Source.from_str("rows.c", code)).source.text
    assert "double **a = malloc(rows*sizeof *a);" in text
    assert "for (int i = 0; i < rows; i++) a[i] = malloc(M*sizeof *a[i]);" in text
    assert "for (int i = 0; i < rows; i++) free(a[i]);" in text


BOOK = """
static void fail(const char *why) { fprintf(stderr, "%s\\n", why); exit(1); }
static double **matrix(int nr, int nc) {
  int i;
  double **m = malloc((size_t)(nr + 1) * sizeof(double *));
  if (!m) fail("no memory");
  NULL_ROW
  for (i = 1; i <= nr; i++) {
    m[i] = malloc((size_t)(nc + 1) * sizeof(double));
    if (!m[i]) fail("no memory");
  }
  return m;
}
int main(void) {
  double **a = matrix(N, M), s = 0;
  for (int i = 1; i <= N; i++) for (int j = 1; j <= M; j++) a[i][j] = i*j;
  for (int i = 1; i <= N; i++) for (int j = 1; j <= M; j++) s += a[i][j];
  printf("%g\\n", s);
  for (int i = FREED; i <= N; i++) free(a[i]);
  free(a);
}
"""


@pytest.mark.parametrize("null", ["", "m[0] = NULL;"])
def test_rows_are_counted_from_1(null: str) -> None:
    code = HEAD + BOOK.replace("NULL_ROW", null).replace("FREED", "1")
    text = translate(Source.from_str("rows.c", code)).source.text
    assert "for (i = 0; i < rows; i++) {" in text
    assert "for (int i = 0; i < rows; i++) free(a[i]);" in text
    assert "m[0]" not in text


@pytest.mark.parametrize(
    ("null", "freed"), [("m[1] = NULL;", "1"), ("", "0"), ("if (nr > 3) m[0] = NULL;", "1"), ("m[0] = NULL;", "2")]
)
def test_rows_that_are_made_otherwise_stay_what_they_are(null: str, freed: str) -> None:
    facts = facts_of(HEAD + BOOK.replace("NULL_ROW", null).replace("FREED", freed))
    assert all(v.rows is None for v in facts.arrays.declared.values())


def test_rows_that_lie_apart_are_sent_one_by_one() -> None:
    far = "for (int i = 2; i < N; i++) for (int j = 0; j < M; j++) b[i][j] = a[i - 2][j];\n"
    code = EACH + EACH.replace("a", "b").replace("mblloc", "malloc") + WORK.replace("double s", far + "double s")
    facts = facts_of(code)
    plan = plan_of(code)
    assert exchanged(plan) == ["halo a", "reduce s"]
    assert generate(facts, plan).text.count("MPI_Sendrecv") == 2


@pytest.mark.parametrize(
    "change",
    [
        ("malloc(M*", "malloc((i + 1)*"),  # rows of different lengths
        ("WORK", "double *t = a[0]; a[0] = a[1]; a[1] = t;"),  # rows are exchanged
        ("WORK", "a[1] = a[0];"),  # two names for one row
        ("WORK", "double **p = &a[1]; p[0] = 0;"),
        ("WORK", "double ***p = N ? &a : 0;"),
        ("WORK", "a++;"),
        ("WORK", "a = a + 1;"),
        ("i < N; i++) a", "i < N - 1; i += 2) a"),  # some rows have no memory
        ("malloc(N*", "malloc((N - 1)*"),  # fewer pointers than rows
    ],
)
def test_what_may_change_rows_leaves_them_pointers(change: tuple[str, str]) -> None:
    facts = facts_of((EACH + "WORK\n").replace(*change).replace("WORK", ""))
    assert all(v.rows is None for v in facts.arrays.declared.values())


def test_rows_in_the_wrong_place_of_a_block_are_not_followed() -> None:
    facts = facts_of(ALLOCATIONS["one block"].replace("a[i - 1] + M", "a[i - 1] + M - 1"))
    assert all(v.rows is None for v in facts.arrays.declared.values())
    shared = "double **b = malloc(N*sizeof *b); for (int i = 0; i < N; i++) b[i] = all + i*M;"
    for more in ("all[3] = 1;", "double *p = all; p[3] = 1;", shared):
        facts = facts_of(ALLOCATIONS["a block with a name"] + more)
        assert all(v.rows is None for v in facts.arrays.declared.values())


GIVEN = """
static void *give(size_t n, size_t size) {
  void *p = calloc(n, size);
  if (p == NULL && n > 0) { fprintf(stderr, "no memory for %zu\\n", n); exit(1); }
  return p;
}
int main(int argc, char **argv) {
  int n = atoi(argv[1]);
  double **a = give(n, sizeof *a);
  for (int i = 0; i < n; i++) a[i] = give(n, sizeof(double));
  WORK
}
"""


def test_a_function_gives_each_row_its_memory() -> None:
    code = HEAD + GIVEN.replace("WORK", WORK.replace("N;", "n;").replace("M;", "n;"))
    facts = analyze(read_program(Source.from_str("rows.c", code)))
    assert facts is not None
    plan = decide(facts)
    assert array(plan, "a").partition == "row"
    text = generate(facts, plan).text
    assert "a = give((rows + 1), sizeof *a);" in text
    assert "for (int i = 0; i < rows; i++) a[i] = give(n, sizeof(double));" in text
    assert "calloc(n, size)" in text


@pytest.mark.parametrize(
    "change",
    [
        ("return p;", "count++; return p;"),  # it does more than give memory
        ("calloc(n, size)", "calloc(count, size)"),
        ("return p;", "return n > 5 ? p : last;"),
        ("if (p == NULL && n > 0)", "if (p == NULL || n > 9)"),
    ],
)
def test_functions_that_do_more_than_give_memory_stay_calls(change: tuple[str, str]) -> None:
    code = HEAD + "static int count; static void *last;" + GIVEN.replace(*change).replace("WORK", "")
    facts = analyze(read_program(Source.from_str("rows.c", code)))
    assert facts is not None
    assert all(v.rows is None for v in facts.arrays.declared.values())


def test_a_block_with_a_name_is_freed_by_ranks_without_rows() -> None:
    freed = "free(a[0]); free(a);\n"
    code = f"{HEAD}int main(void) {{\n{ALLOCATIONS['a block with a name']}{WORK}{freed}return 0;\n}}\n"
    text = translate(Source.from_str("rows.c", code)).source.text
    assert "for (int i = 0; i < rows + 1; i++) a[i] = all + i*M;" in text
    assert "malloc((rows + 1)*M*sizeof *all)" in text


SUMS = """
double **h = malloc(4*sizeof *h), x[N], s = 0;
MADE
for (int i = 0; i < N; i++) x[i] = sin(i);
for (int i = 0; i < N; i++) for (int j = 0; j < M; j++) h[(i*7) % 4][j] += exp(x[i]*j);
for (int i = 0; i < 4; i++) for (int j = 0; j < M; j++) s += h[i][j] / (1 + i);
printf("%g\\n", s);
"""


def test_sums_in_rows_of_one_piece_are_added_up_at_once() -> None:
    code = SUMS.replace("MADE", "h[0] = calloc(4*M, sizeof **h); for (int i = 1; i < 4; i++) h[i] = h[i - 1] + M;")
    facts = facts_of(code)
    text = generate(facts, plan_of(code)).text
    assert "MPI_Allreduce(MPI_IN_PLACE, h[0], 4*M, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);" in text
    apart = SUMS.replace("MADE", "for (int i = 0; i < 4; i++) h[i] = calloc(M, sizeof **h);")
    assert "allreduce h" not in exchanged(plan_of(apart))


def test_rows_of_one_block_are_gone_through_beyond_their_ends() -> None:
    """`a[0][k]` reaches all rows of a block: these stay together; rows with memory of their own end where they end."""
    fill = "for (int k = 0; k < N*M; k++) a[0][k] = k % 7;"
    block = "double **a = malloc(N*sizeof *a); a[0] = malloc(N*M*sizeof **a);\n"
    block += "for (int i = 1; i < N; i++) a[i] = a[i-1] + M;"
    sweep = "for (int t = 0; t < 9; t++) for (int i = 0; i < N; i++) for (int j = 0; j < M; j++) a[i][j] *= 0.5 + i;"
    shown = 'double s = 0; for (int i = 0; i < N; i++) for (int j = 0; j < M; j++) s += a[i][j]; printf("%g\\n", s);'
    for filled, divided in ((fill, False), ("", True)):
        code = f"{HEAD}int main(void) {{ {block}\n{filled}\n{sweep}\n{shown}\nreturn 0; }}"
        assert any(x.name == "a" and x.partition for x in plan_of(code).arrays) == divided


@pytest.mark.parametrize("made", ["each row", "one block"])
def test_assertions_that_memory_is_there_go_with_the_rows(made: str) -> None:
    asserted = ALLOCATIONS[made].replace("*a);\n", '*a);\nassert(a && "rows");\n')
    asserted = asserted.replace("a[i] = malloc(M*sizeof *a[i]);", "{ a[i] = malloc(M*sizeof *a[i]); assert(a[i]); }")
    asserted = asserted.replace("sizeof(double));\n", "sizeof(double));\nassert(a[0] != NULL);\n")
    facts = facts_of(f"#include <assert.h>\n{HEAD}int main(void) {{\n{asserted}{WORK}return 0;\n}}\n")
    assert [v.rows is None for v in facts.arrays.declared.values()] == [False]


def test_an_assertion_of_an_element_is_no_test_of_memory() -> None:
    made = ALLOCATIONS["one block"] + "a[0][0] = 1;\nassert(a[0][0] > 0);\n"
    facts = facts_of(f"#include <assert.h>\n{HEAD}int main(void) {{\n{made}{WORK}return 0;\n}}\n")
    assert not any(isinstance(s, tree.If) for s in tree.statements(facts.function.body))


def test_single_elements_of_rows_of_one_block_ask_for_rows_that_long() -> None:
    made = ALLOCATIONS["one block"].replace("M", "m")
    work = WORK.replace("M", "m").replace("s = 0", "s = a[0][1]")
    code = f"{HEAD}int main(int argc, char **argv) {{\nint m = atoi(argv[1]);\n{made}{work}return 0;\n}}\n"
    facts = facts_of(code)
    plan = decide(facts)
    assert array(plan, "a").partition == "row"
    assert "m >= 2 ?" in generate(facts, plan).text  # else a[0][1] is the first element of the next row
