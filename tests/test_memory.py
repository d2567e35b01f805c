"""Memory per rank: amounts as people write them, what a plan needs, and what becomes of a limit."""

from pathlib import Path

import deciding
import pytest

import chatmpi
from chatmpi import cli
from chatmpi.analysis.source import Source
from chatmpi.generate.from_template import generate
from chatmpi.plan.decide import Wishes, decide
from chatmpi.plan.quantities import amount, bytes_in
from chatmpi.translate import make_plan
from chatmpi.verify.verdict import Verdict

GEMV = Source.from_str(
    "gemv.c",
    """#include <stdio.h>
#define N 1000
static double a[N][N], x[N], y[N];
int main(void) {
  for (int i = 0; i < N; i++) { x[i] = i; for (int j = 0; j < N; j++) a[i][j] = i - j; }
  for (int i = 0; i < N; i++) { double s = 0; for (int j = 0; j < N; j++) s += a[i][j] * x[j]; y[i] = s; }
  printf("%g", y[0]);
}
""",
)


@pytest.mark.parametrize(
    ("text", "size"),
    [("512M", 512_000_000), ("2GiB", 2 << 30), ("4096", 4096), ("1.5 kB", 1500), ("", None), ("M", None), ("-1", None)],
)
def test_amounts_of_memory(text: str, size: int | None) -> None:
    assert bytes_in(text) == size


def test_amounts_as_text() -> None:
    assert [amount(n) for n in (12, 12_500, 8e6, 2.5e9)] == ["12 bytes", "12.5 kB", "8 MB", "2.5 GB"]


def test_a_plan_says_what_a_rank_holds() -> None:
    plan = make_plan(GEMV)
    assert plan.memory is not None
    assert "8 ranks" in plan.memory.basis
    a, x = deciding.array(plan, "a"), deciding.array(plan, "x")
    assert (a.bytes_per_rank, a.bytes_in_all) == (1e6, 8e6)
    assert x.bytes_per_rank == 8000
    assert plan.memory.total == sum(v.bytes_per_rank for v in plan.arrays) + plan.memory.copies


def test_more_ranks_need_less_memory_each() -> None:
    facts = deciding.facts_of(GEMV.text)
    assert [deciding.array(decide(facts, Wishes(ranks=r)), "a").bytes_per_rank for r in (8, 100)] == [1e6, 8e4]


def test_what_does_not_fit_is_refused_with_the_least_amount() -> None:
    with pytest.raises(chatmpi.NothingDistributed, match=r"500 kB of memory per rank are enough: 1 MB"):
        chatmpi.translate(GEMV, memory_per_rank="500k")
    plan = chatmpi.explain(GEMV, memory_per_rank="500k")
    assert "1 MB are the least" in plan.obstacle
    assert chatmpi.explain(GEMV, memory_per_rank="500k", nominal_ranks=64).obstacle == ""


def test_the_command_says_so_and_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "gemv.c"
    file.write_text(GEMV.text)
    assert cli.exit_status(["translate", str(file), "--memory-per-rank", "500k"]) == 3
    said = capsys.readouterr().err
    assert "are the least, at 8 ranks" in said
    assert "nothing is written" in said
    assert list(tmp_path.iterdir()) == [file]
    assert cli.exit_status(["explain", str(file), "--memory-per-rank", "500k"]) == 3
    assert cli.exit_status(["explain", str(file), "--memory-per-rank", "lots"]) == 2


@pytest.mark.parametrize("memory", ["much", 0, -5])
def test_what_is_no_amount_is_refused(memory: str | int) -> None:
    with pytest.raises(chatmpi.UsageError, match="no amount"):
        chatmpi.explain(GEMV, memory_per_rank=memory)


def test_explain_shows_the_plan_that_translate_carries_out(monkeypatch: pytest.MonkeyPatch) -> None:
    real = __import__("importlib").import_module("chatmpi.translate")
    gate = real.gate

    def doubting(facts: object, plan: chatmpi.Plan, *others: object) -> Verdict:
        """Accepts plain plans only."""
        if not plan.plain:
            return Verdict((), (), (), ("too long",))
        accepted: Verdict = gate(facts, plan, *others)
        return accepted

    monkeypatch.setattr(real, "gate", doubting)
    plan = chatmpi.explain(GEMV)
    assert plan.plain
    assert "too long" in plan.notes[0]
    assert plan == chatmpi.translate(GEMV).plan
    assert chatmpi.translate(GEMV, plan=plan).plan == plan


def test_explain_says_where_translate_writes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    real = __import__("importlib").import_module("chatmpi.translate")
    refused = Verdict((), (), (), ("too long",))
    monkeypatch.setattr(real, "gate", lambda *_: refused)
    plan = chatmpi.explain(GEMV)
    assert plan.is_distributed
    assert "too long" in plan.obstacle
    with pytest.raises(chatmpi.NothingDistributed, match="too long"):
        chatmpi.translate(GEMV)


@pytest.mark.parametrize(
    ("condition", "aborts"),
    [
        ("!x", True),
        ("!(x != NULL)", True),
        ("!(x && y)", True),
        ("NULL == x || !y", True),
        ("!(n > 2)", False),
        ("!x || n < 3", False),
        ("x != NULL", False),
        ("!strchr(argv[0], 47)", False),
        ("(word = strchr(argv[0], 47)) == NULL", False),
    ],
)
def test_a_rank_whose_memory_fails_ends_all(condition: str, aborts: bool) -> None:
    code = f"""#include <string.h>
    #include <stdio.h>
    #include <stdlib.h>
    int main(int argc, char **argv) {{ int n = argc + 90; double *x = malloc(n * sizeof *x), *y = malloc(n * sizeof *y);
    char *word = argv[0]; if ({condition}) {{ puts(word); return 1; }}
    for (int t = 0; t < 90; t++) for (int i = 0; i < n; i++) x[i] = y[i] = t;
    printf("%g", x[3]); }}"""
    facts = deciding.facts_of(code)
    text = generate(facts, decide(facts)).shown
    assert ("MPI_Abort" in text) == aborts


def test_a_helper_function_that_lacks_memory_does_not_return() -> None:
    code = """#include <stdio.h>
    #include <stdlib.h>
    static int solve(int n, double *sum) {
      double *x = malloc(n * sizeof *x); if (!x) return -1;
      double *y = calloc(n, sizeof *y); if (y == NULL) { free(x); return -1; }
      for (int i = 0; i < n; i++) x[i] = i;
      for (int t = 0; t < 90; t++) for (int i = 0; i < n; i++) y[i] += x[i];
      *sum = 0; for (int i = 0; i < n; i++) *sum += y[i]; free(x); free(y); return 0; }
    int main(void) { double s; if (solve(900, &s)) return 1; printf("%g\\n", s); return 0; }"""
    facts = deciding.facts_of(code)
    plan = decide(facts)
    assert all(a.partition for a in plan.arrays)
    assert generate(facts, plan).shown.count("MPI_Abort(MPI_COMM_WORLD, 1);") == 2
