"""Grids of pointers to rows (`double ***`) are arrays of planes, where each plane is made once and stays in place."""

from __future__ import annotations

import pytest
from deciding import HEAD, array, exchanged, facts_of, plan_of

from chatmpi.analysis.calls.specialise import read_program
from chatmpi.analysis.facts import analyze
from chatmpi.analysis.source import Source
from chatmpi.generate.from_template import generate
from chatmpi.plan.decide import decide
from chatmpi.translate import translate

EACH = """
double ***a = malloc(N*sizeof *a);
for (int i = 0; i < N; i++) {
  a[i] = malloc(M*sizeof *a[i]);
  for (int j = 0; j < M; j++) a[i][j] = malloc(M*sizeof(double));
}
"""
TABLES = """
double *all = calloc((size_t)N*M*M, sizeof *all), **lines = malloc(N*M*sizeof *lines), ***a = malloc(N*sizeof *a);
for (int i = 0; i < N; i++) {
  a[i] = lines + i*M;
  for (int j = 0; j < M; j++) a[i][j] = &all[(i*M + j)*M];
}
"""
ALLOCATIONS = {
    "each row": EACH,
    "in two loops": EACH.replace("  for (int j", "}\nfor (int i = 0; i < N; i++) {\n  for (int j"),
    "filled at once": EACH.replace("a[i][j] = malloc", "{ a[i][j] = malloc").replace("e));", "e)); a[i][j][0] = 1; }"),
    "tables": TABLES,
    "one block for the rows": EACH.replace("double ***a", "double *all = malloc(N*M*M*sizeof(double)), ***a").replace(
        "malloc(M*sizeof(double))", "all + i*M*M + j*M"
    ),
    "in the first": """
double ***a = malloc(N*sizeof *a);
a[0] = malloc(N*M*sizeof **a);
a[0][0] = malloc(N*M*M*sizeof ***a);
for (int i = 0; i < N; i++) {
  a[i] = &a[0][i*M];
  for (int j = 0; j < M; j++) a[i][j] = a[0][0] + (i*M + j)*M;
}
""",
}  # fmt: skip
FILLED = "for (int i = 0; i < N; i++) for (int j = 0; j < M; j++) for (int k = 0; k < M; k++) a[i][j][k] = i*j + k;\n"
WORK = f"""
{FILLED}
double s = 0;
for (int i = 1; i < N - 1; i++) for (int j = 0; j < M; j++) for (int k = 0; k < M; k++)
  s += a[i - 1][j][k]*a[i + 1][j][k];
printf("%g\\n", s);
"""


@pytest.mark.parametrize("made", ALLOCATIONS.values(), ids=ALLOCATIONS)
def test_planes_are_divided_however_they_get_their_memory(made: str) -> None:
    facts = facts_of(made + WORK)
    plan = decide(facts)
    assert array(plan, "a").partition == "row"
    assert exchanged(plan) == ["halo a", "reduce s"]
    text = generate(facts, plan).text
    if "a[i][j] = malloc" in made:
        assert "MPI_Sendrecv(a[1][plane_row], M, MPI_DOUBLE" in text
    else:
        assert "MPI_Sendrecv(a[1][0], M*M, MPI_DOUBLE" in text


@pytest.mark.parametrize("made", [EACH, TABLES])
def test_planes_are_made_and_freed_on_each_rank(made: str) -> None:
    freed = "for (int i = 0; i < N; i++) { for (int j = 0; j < M; j++) free(a[i][j]); free(a[i]); }"
    freed = freed if made is EACH else "free(a[0][0]); free(a[0]);"
    alone = WORK.replace("a[i - 1]", "a[i]").replace("a[i + 1]", "a[i]")
    code = f"{HEAD}int main(void) {{\n{made}{alone}{freed}\nfree(a);\nreturn 0;\n}}\n"
    text = translate(Source.from_str("planes.c", code)).source.text
    more = "" if made is EACH else " + 1"  # a[0][0] is there on every rank
    assert f"for (int i = 0; i < rows{more}; i++) {{" in text


def test_a_function_makes_planes_and_fills_them() -> None:
    own = """static double ***grid(int n, int m) {
  int i, j, k;
  double ***p = malloc(n*sizeof(double **));
  for (i = 0; i < n; i++) {
    p[i] = malloc(m*sizeof(double *));
    for (j = 0; j < m; j++) {
      p[i][j] = malloc(m*sizeof(double));
      for (k = 0; k < m; k++) p[i][j][k] = 0.0;
    }
  }
  return p;
}
"""
    code = f"{HEAD}{own}int main(void) {{\ndouble ***a = grid(N, M);\n{WORK}return 0;\n}}\n"
    facts = analyze(read_program(Source.from_str("planes.c", code)))
    assert facts is not None
    text = generate(facts, decide(facts)).text
    begin = text.index("for (i = 0; i < rows")
    made = text[begin : text.index("for (i = ", begin + 1)]
    assert "p[i][j] = malloc" in made
    assert "0.0" not in made
    assert text.count("p[i][j] = malloc") == 1


@pytest.mark.parametrize(
    "change",
    [
        ("malloc(M*sizeof(double))", "malloc((j + 1)*sizeof(double))"),  # rows of different lengths
        ("malloc(M*sizeof *a[i])", "malloc((i + 1)*sizeof *a[i])"),
        ("j < M; j++) a", "j < M - 1; j++) a"),  # a row without memory
        ("WORK", "double **t = a[0]; a[0] = a[1]; a[1] = t;"),  # planes are exchanged
        ("WORK", "double *t = a[0][0]; a[0][0] = a[0][1]; a[0][1] = t;"),
        ("WORK", "a[1] = a[0];"),
        ("WORK", "a[1][1] = a[0][0];"),
        ("WORK", "double **p = &a[1][0]; p[0] = 0;"),
        ("WORK", "double **p = a[1]; p[0] = 0;"),
        ("WORK", "int take(double **); take(a[1]);"),
        ("WORK", "printf(\"%zu\", sizeof a[1]);"),
    ],
)  # fmt: skip
def test_what_may_change_planes_leaves_them_pointers(change: tuple[str, str]) -> None:
    facts = facts_of((EACH + "WORK\n").replace(*change).replace("WORK", ""))
    assert all(v.rows is None for v in facts.arrays.declared.values())


def test_rows_in_the_wrong_place_of_a_block_are_not_followed() -> None:
    for wrong in ("&all[(i*M + j)*N]", "&all[(i*M + j)*M + 1]", "&all[(j*M + i)*M]"):
        facts = facts_of(TABLES.replace("&all[(i*M + j)*M]", wrong) + FILLED)
        assert all(v.rows is None for v in facts.arrays.declared.values())


def test_planes_are_not_sent_where_only_rows_can_be() -> None:
    """One plane for all ranks would be a broadcast of pointers."""
    code = EACH + FILLED + "for (int i = 0; i < N; i++) for (int j = 0; j < M; j++) a[i][j][0] += a[0][j][1];\n"
    assert not any(c.startswith("row_broadcast") for c in exchanged(plan_of(code)))
