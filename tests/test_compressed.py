"""Compressed rows whose starts are counted first: when each rank can keep the entries of its own rows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from deciding import HEAD, loop_at
from running import compile_c, run_ranks, run_sequential

from chatmpi.analysis.facts import Facts, analyze
from chatmpi.analysis.parse import parse
from chatmpi.analysis.source import Source
from chatmpi.generate.from_template import generate
from chatmpi.plan.decide import decide
from chatmpi.plan.kept_apart import not_kept
from chatmpi.translate import translate
from chatmpi.verify.prove import prove
from chatmpi.verify.simulate.small_sizes import choose
from chatmpi.verify.simulate.trials import values_for

DECLARED = """
static double x[N], y[N], val[N*N]; static int col[N*N], start[N + 1], len[N]; double s = 0; int c, k, a, b, i;
for (i = 0; i < N; i++) { len[i] = 1 + i % 3; start[i + 1] = start[i] + len[i]; }
"""
FILL = """
for (int i = 0; i < N; i++) {
  int k = start[i];
  for (int j = 0; j < N; j++) if ((i*j) % 7 == 1) { col[k] = j; val[k] = i + j; k++; }
}
"""
USE = """
for (int t = 0; t < 9; t++) {
  for (int i = 0; i < N; i++) { y[i] = 0; for (int k = start[i]; k < start[i + 1]; k++) y[i] += val[k]*x[col[k]]; }
  for (int i = 0; i < N; i++) x[i] = y[i]/9;
}
for (int i = 0; i < N; i++) s += x[i];
printf("%g", s);
"""
CSR = DECLARED + FILL + USE
BODY = FILL.split("{\n", 1)[1].rsplit("}", 1)[0]  # of the loop over rows


def facts_of(code: str) -> Facts:
    text = f"{HEAD}int main(int argc, char **argv) {{\n{code}\nreturn 0;\n}}\n"
    facts = analyze(parse(Source.from_str("program.c", text)), appending=True)
    assert facts is not None
    return facts


def change(old: str, new: str, code: str = CSR) -> str:
    assert old in code
    return code.replace(old, new, 1)


def test_rows_are_gone_through_where_they_were_filled() -> None:
    facts = facts_of(CSR)
    (found,) = facts.compressed
    assert found.starts.name == "start"
    assert {a.name for a in found.arrays} == {"col", "val"}
    assert [(c.counted, c.touched) for c in found.checks] == [(False, False)]
    plan = decide(facts)
    assert not_kept(plan, facts) == ""
    assert [loop_at(plan, "i", k).treatment for k in (1, 2)] == ["distributed"] * 2
    assert prove(facts, plan)[1] == ()
    whole = replace(loop_at(plan, "i", 1), treatment="replicated")
    other = replace(plan, loops=tuple(whole if x.place == whole.place else x for x in plan.loops))
    assert any("is not divided" in c.message for c in prove(facts, other)[1])


@pytest.mark.parametrize(
    ("code", "checks"),
    [
        (change("col[k] = j; val[k] = i + j; k++;", "col[k] = j; val[k++] = i + j;"), 1),
        (change("int k = start[i];\n", "k = start[i];\n"), 1),
        (change(BODY, "for (int k = start[i]; k < start[i + 1]; k++) { col[k] = k - start[i]; val[k] = i; }"), 1),
        (change(BODY, "for (int c = 0; c < len[i]; c++) { col[start[i] + c] = c; val[c + start[i]] = i; }"), 2),
        (change(BODY, "c = 0; while (c < 1 + i % 3) { col[start[i] + c] = c; val[start[i] + c] = i; c++; }"), 1),
        (change(BODY, "int base = start[i]; for (c = 0; c < len[i]; c++) { int at = base + c; val[at] = c; }"), 2),
        (change("for (int k = start[i]; k < start[i + 1]; k++)",
                "a = start[i]; b = start[i + 1]; for (int k = a; k < b; k++)"), 1),
        (change(BODY, "int c = 0; for (int j = 0; j < N; j += 7)"
                      " if (j > i) { col[start[i] + c] = j; val[start[i] + c++] = 2; }"), 1),
        # the last entry is not stepped over: it is looked at where it is put
        (change(BODY, "int k = start[i]; col[k] = i; val[k] = 2; k++; if (i > 3) { col[k] = 0; val[k] = 1; }"), 3),
    ],
)  # fmt: skip
def test_styles_of_filling(code: str, checks: int) -> None:
    (found,) = facts_of(code).compressed
    assert len(found.checks) == checks


@pytest.mark.parametrize(
    "code",
    [
        change("val[k]*x", "val[k + 1]*x"),  # an entry of another row
        change("k < start[i + 1]", "k < start[i + 2]"),
        change("val[k] = i + j; k++", "val[k] = i + j; k += 2"),
        change("for (int t", "val[0] = 3;\nfor (int t"),
        change("for (int t = 0; t < 9; t++) {\n", "for (int t = 0; t < 9; t++) {\n start[1] = t;"),
        change("for (int i = 0; i < N; i++) { y[i] = 0;", "for (int i = 1; i < N; i++) { y[i] = 0;"),
        change("int k = start[i];\n", "if (i % 2) k = start[i];\n"),
        change("int k = start[i];\n", "int k = start[i]; if (i == 3) continue;\n"),  # what comes behind is not reached
        change("int k = start[i];\n", "int k = start[i]; if (i == 3) k = 0;\n"),
        change("i < N; i++) { y[i] = 0;", "i < a; i++) { y[i] = 0;",
               change(FILL, "a = N; " + FILL.replace("i < N", "i < a") + "a = 3;")),  # other rows than were filled
        change("for (int k = start[i]; k < start[i + 1]; k++) y[i] +=", "for (int k = 0; k < 3; k++) y[i] +="),
        # nothing says that a row ends where the next one starts
        change("for (int k = start[i]; k < start[i + 1]; k++) y[i] += val[k]*x[col[k]];",
               "for (int k = 0; k < len[i]; k++) y[i] += val[start[i] + k]*x[col[start[i] + k]];"),
    ],
)  # fmt: skip
def test_what_rows_are_not_kept_for(code: str) -> None:
    assert all({"val"} - {a.name for a in found.arrays} for found in facts_of(code).compressed)


def test_loops_over_all_entries_are_run_over_those_of_a_ranks_rows() -> None:
    over_all = "int nnz = start[N]; for (int k = 0; k < nnz; k++) val[k] = 1.0/(1 + k);"
    facts = facts_of(change(USE, over_all + USE, change("val[k] = i + j; ", "")))
    (found,) = facts.compressed
    assert (len(found.entries), {a.name for a in found.arrays}) == (1, {"col", "val"})
    plan = decide(facts)
    assert not_kept(plan, facts) == ""
    assert loop_at(plan, "k").own
    assert len(found.checks) == 2  # also where rows are only read: what a loop over all fills is found by rows there
    assert facts_of(change("nnz = start[N]", "nnz = start[N - 1]", change(USE, over_all + USE))).compressed == ()


def test_what_a_row_has_room_for_is_found_by_its_number_where_the_loop_runs_in_local_indices() -> None:
    body = "y[i] = 1; for (int c = 0; c < 1 + i % 3; c++) { col[start[i] + c] = c; val[start[i] + c] = i; }"
    facts = facts_of(change(BODY, body))
    plan = decide(facts)
    assert loop_at(plan, "i", 1).partition is not None
    text = generate(facts, plan).text
    assert "if (start[i + my_offset] + (1 + (i + my_offset) % 3) > start[i + my_offset + 1])" in text


def test_a_plan_that_keeps_nothing_apart_can_be_given_back() -> None:
    text = f"{HEAD}int main(int argc, char **argv) {{\n{CSR}\nreturn 0;\n}}\n"
    source = Source.from_str("program.c", text)
    together = analyze(parse(source))
    assert together is not None
    plan = decide(together)
    assert not_kept(plan, facts_of(CSR))
    assert translate(source, plan=plan).verdict.accepted


def test_a_step_that_may_be_jumped_over_is_looked_at_where_the_entry_is_put() -> None:
    jumping = "{ col[k] = j; if (j > 3) { if (i > 3) continue; s = 0; } val[k] = i + j; k++; }"
    (found,) = facts_of(change("{ col[k] = j; val[k] = i + j; k++; }", jumping)).compressed
    assert sorted(c.touched for c in found.checks) == [False, True]


def test_a_row_that_is_longer_than_its_start_says_ends_the_program(tmp_path: Path) -> None:
    code = f"""{HEAD}
int main(int argc, char **argv) {{
    int n = atoi(argv[1]), *start = malloc((n + 1)*sizeof(int));
    start[0] = 0;
    for (int i = 0; i < n; i++) start[i + 1] = start[i] + 3 - (argc > 4 && i == 7);
    int *col = malloc(start[n]*sizeof(int));
    double *y = malloc(n*sizeof(double)), sum = 0;
    for (int i = 0; i < n; i++) {{
        int k = start[i];
        for (int j = 0; j < 3; j++) col[k++] = (i + j*j) % n;
    }}
    for (int t = 0; t < 20; t++)
        for (int i = 0; i < n; i++) {{
            y[i] = 0;
            for (int k = start[i]; k < start[i + 1]; k++) y[i] += sin(col[k] + t);
        }}
    for (int i = 0; i < n; i++) sum += y[i];
    printf("%.6f\\n", sum);
}}
"""
    made = translate(Source.from_str("csr.c", code))
    assert made.source.text.count("MPI_Abort") == 2
    serial, parallel = (compile_c(text, tmp_path, mpi=mpi) for text, mpi in ((code, False), (made.source.text, True)))
    assert run_ranks(parallel, 3, "20").stdout == run_sequential(serial, "20").stdout
    ended = run_ranks(parallel, 2, "20", "rows", "that", "overlap")
    assert ended.status != 0
    assert ended.stdout == ""


def test_room_for_entries_keeps_its_proportion_at_small_sizes() -> None:
    code = "#define MAXN 200\n#define MAXNZ 2000\nint a[MAXN], b[MAXNZ];\nint main(void) { return a[0] + b[0]; }\n"
    choice = choose(parse(Source.from_str("rooms.c", code)))
    assert {"MAXN": 7, "MAXNZ": 70} in list(values_for(choice.sizes, 7, choice))
