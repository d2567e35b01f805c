"""Real runs: compiled by mpicc, run by mpirun, compared with the sequential program. Each way to be wrong is seen."""

import dataclasses
from pathlib import Path

import pytest

from chatmpi.analysis.diagnostics import UnreadableInput, UsageError
from chatmpi.analysis.parse import ParseOptions
from chatmpi.analysis.source import Source
from chatmpi.plan.plan import LoopPlan, Place, Plan, Reduction
from chatmpi.verify import run as run_stage
from chatmpi.verify import toolchain
from chatmpi.verify.isolation import isolation
from chatmpi.verify.run import Trial, run, tolerance_of
from chatmpi.verify.run_alone import run_alone
from chatmpi.verify.sandbox import Limits, run_limited
from chatmpi.verify.sizes import Size
from chatmpi.verify.verdict import Counterexample, Verdict

SEQUENTIAL = """\
#include <stdio.h>
#include <stdlib.h>
#define N 100
int main(int argc, char **argv) {
  int n = N, status = argc > 1 ? atoi(argv[1]) : 0;
  double *x = malloc((n + 1) * sizeof *x), s = 0.0;
  for (int i = 0; i <= n; i++) x[i] = 0.1 * i;
  for (int i = 0; i <= n; i++) s += x[i];
  printf("sum of %d = %.17g\\n", n, s);
  free(x);
  return status;
}
"""

MPI = """\
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#define N 100
int main(int argc, char **argv) {
  MPI_Init(&argc, &argv);
  int rank, size;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  int n = N, status = argc > 1 ? atoi(argv[1]) : 0;
  int lo = (n + 1) * rank / size, hi = (n + 1) * (rank + 1) / size;
  double *x = malloc((hi - lo + 1) * sizeof *x), s = 0.0;
  for (int i = lo; i < hi; i++) x[i - lo] = 0.1 * i;
  for (int i = lo; i < hi; i++) s += x[i - lo];
  MPI_Allreduce(MPI_IN_PLACE, &s, 1, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
  if (rank == 0)
    printf("sum of %d = %.17g\\n", n, s);
  free(x);
  MPI_Finalize();
  return status;
}
"""

PLAN = Plan("sum.c", (), (), (), (), (), (), 0.0, ())


def reducing(element: str, operation: str) -> Plan:
    loop = LoopPlan(
        Place(0, 8, 3), "i", "reduction", "distributed", None, 0, "1", (Reduction("s", 1, operation, element),), ""
    )
    return dataclasses.replace(PLAN, loops=(loop,))


DOUBLE_SUM = reducing("double", "SUM")


def run_texts(sequential: str, candidate: str, trial: Trial, plan: Plan = DOUBLE_SUM) -> Verdict:
    sources = Source.from_str("sum.c", sequential), Source.from_str("sum_mpi.c", candidate)
    return run(*sources, trial, plan, ParseOptions())


def refuted(candidate: str, trial: Trial, plan: Plan = DOUBLE_SUM) -> Counterexample:
    """The one counterexample that the candidate gives."""
    assert candidate != MPI
    verdict = run_texts(SEQUENTIAL, candidate, trial, plan)
    assert not verdict.accepted
    (counterexample,) = verdict.counterexamples
    assert counterexample.stage == "run"
    return counterexample


def test_right_program_at_several_ranks() -> None:
    verdict = run_texts(SEQUENTIAL, MPI, Trial((1, 3, 4)))
    assert verdict.accepted
    assert [c.scope for c in verdict.checks] == ["1 rank", "3 ranks", "4 ranks"]
    assert "sanitizers on" in verdict.checks[0].claim


def test_sizes_arguments_and_exit_status() -> None:
    trial = Trial((3,), sizes=(Size("N", "7"),), arguments=("5",))
    verdict = run_texts(SEQUENTIAL, MPI, trial)
    assert verdict.accepted
    assert verdict.checks[0].scope == "3 ranks, N=7, arguments 5"


def test_reordered_sum_needs_the_plans_tolerance() -> None:
    sequential = SEQUENTIAL.replace("0.1 * i", "1.0 / (i + 1)")
    candidate = MPI.replace("0.1 * i", "1.0 / (i + 1)")
    assert run_texts(sequential, candidate, Trial((4,)), DOUBLE_SUM).accepted
    assert not run_texts(sequential, candidate, Trial((4,)), PLAN).accepted
    assert run_texts(sequential, candidate, Trial((4,), tolerance=1e-9), PLAN).accepted


@pytest.mark.parametrize(
    ("plan", "tolerance"),
    [
        (PLAN, 0.0),
        (DOUBLE_SUM, 1e-12),
        (reducing("double", "MAX"), 0.0),
        (reducing("int", "SUM"), 0.0),
        (reducing("float", "PROD"), 1e-5),
        (reducing("long double", "SUM"), 1e-12),
    ],
)
def test_tolerance_is_what_the_plan_reorders(plan: Plan, tolerance: float) -> None:
    assert tolerance_of(plan) == tolerance


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ("0.1 * i", "0.1 * (i - lo)", "standard output differs: line 1: expected 'sum of 100 = 50"),
        ("if (rank == 0)", "", "standard output differs: line 2: expected the end, got 'sum of 100"),
        ("return status", "return rank", "exit status 1, the sequential program's is 0"),
        ("  MPI_Finalize();\n", "", "without MPI_Finalize"),
        ("hi - lo + 1", "hi - lo - 1", "the sanitizer reports: heap-buffer-overflow"),
        ("int n = N,", "volatile int k = 2147483647; k += argc; int n = N,", "signed integer overflow"),
        ("free(x);", "if (rank == 1) abort();", "rank 1 was killed by SIGABRT"),
        ("free(x);", "if (rank == 1) MPI_Abort(MPI_COMM_WORLD, 7);", "exit status 7, the sequential program's is 0"),
        ("free(x);", 'if (rank == 0) fclose(fopen("x.txt", "w"));', "a file 'x.txt' is written that"),
        ("MPI_Finalize();", "MPI_Finalise();", "the C compiler does not take it"),
    ],
)
def test_wrong_program(right: str, wrong: str, message: str) -> None:
    assert message in refuted(MPI.replace(right, wrong), Trial((3,))).message


def test_fault_bears_its_line() -> None:
    location = refuted(MPI.replace("hi - lo + 1", "hi - lo - 1"), Trial((2,))).location
    assert location is not None
    assert (location.file, MPI.splitlines()[location.line - 1].strip()[:25]) == (
        "sum_mpi.c",
        "for (int i = lo; i < hi; ",
    )


def test_deadlock_ends_at_the_time_limit() -> None:
    candidate = MPI.replace("free(x);", "if (rank == 1) MPI_Barrier(MPI_COMM_WORLD); free(x);")
    found = refuted(candidate, Trial((2,), limits=Limits(seconds=2)))
    assert "still running after 2 s" in found.message
    assert found.witness == "2 ranks"


def test_endless_output_ends_at_its_limit() -> None:
    candidate = MPI.replace("free(x);", 'for (;;) puts("again and again and again and again");')
    found = refuted(candidate, Trial((2,), limits=Limits(output=1 << 24)))
    assert "wrote more than the limit allows" in found.message


def test_files_that_are_written_are_compared() -> None:
    write = 'FILE *f = fopen("s.txt", "w"); fprintf(f, "%g\\n", s VALUE); fclose(f); free(x);'
    sequential = SEQUENTIAL.replace("free(x);", write.replace("VALUE", ""))
    for change, accepted in (("", True), ("+ 1", False)):
        candidate = MPI.replace("free(x);", f"if (rank == 0) {{ {write.replace('VALUE', change)} }}")
        assert run_texts(sequential, candidate, Trial((2,))).accepted is accepted


def test_standard_input_reaches_both() -> None:
    read = 'int k; if (scanf("%d", &k) != 1) k = -1; '
    sequential = SEQUENTIAL.replace("free(x);", read + 'printf("%d\\n", k); free(x);')
    candidate = MPI.replace("free(x);", f'if (rank == 0) {{ {read} printf("%d\\n", k); }} free(x);')
    assert run_texts(sequential, candidate, Trial((2,), standard_input=b"42\n")).accepted
    constant = candidate.replace('"%d\\n", k', '"42\\n"')
    assert run_texts(sequential, constant, Trial((2,), standard_input=b"42\n")).accepted
    assert not run_texts(sequential, constant, Trial((2,), standard_input=b"43\n")).accepted


def test_program_with_a_fault_of_its_own_runs_without_sanitizers() -> None:
    sequential = SEQUENTIAL.replace("int n = N,", "volatile int k = 2147483647; k += argc; int n = N,")
    candidate = MPI.replace("int n = N,", "volatile int k = 2147483647; k += argc; int n = N,")
    verdict = run_texts(sequential, candidate, Trial((2,)))
    assert verdict.accepted
    assert "no sanitizers: the sequential program fails under them, sum.c:5:" in verdict.checks[0].claim


def test_header_beside_the_program_is_found(tmp_path: Path) -> None:
    (tmp_path / "size.h").write_text("#define N 100\n")
    texts = [text.replace("#define N 100", '#include "size.h"') for text in (SEQUENTIAL, MPI)]
    before = Source.from_str(str(tmp_path / "sum.c"), texts[0])
    after = Source.from_str("elsewhere_mpi.c", texts[1])
    assert run(before, after, Trial((2,)), DOUBLE_SUM, ParseOptions()).accepted


def test_defines_and_include_directories_reach_the_compiler(tmp_path: Path) -> None:
    (tmp_path / "size.h").write_text("#define N COUNT\n")
    texts = [text.replace("#define N 100", "#include <size.h>") for text in (SEQUENTIAL, MPI)]
    sources = Source.from_str("sum.c", texts[0]), Source.from_str("sum_mpi.c", texts[1])
    options = ParseOptions(include_dirs=(str(tmp_path),), defines=("COUNT=30",), standard="c11")
    assert run(*sources, Trial((2,)), DOUBLE_SUM, options).accepted


def test_sequential_program_that_does_not_compile() -> None:
    with pytest.raises(UnreadableInput, match=r"sum\.c:5:\d+: error: the C compiler does not take this program"):
        run_texts(SEQUENTIAL.replace("int n = N", "int n = M"), MPI, Trial((2,)))


def test_sequential_program_that_does_not_end() -> None:
    with pytest.raises(UsageError, match="still runs after 1 s"):
        run_texts(SEQUENTIAL.replace("free(x);", "for (;;);"), MPI, Trial((2,), limits=Limits(seconds=1)))


def test_sequential_program_that_crashes() -> None:
    with pytest.raises(UsageError, match="the sequential program itself crashes"):
        run_texts(SEQUENTIAL.replace("free(x);", "abort();"), MPI, Trial((2,)))


def test_size_that_the_program_was_not_made_for() -> None:
    candidate = MPI.replace("#define N 100", '#define N 100\n_Static_assert(N == 100, "halo of N / 10 rows");')
    with pytest.raises(UsageError, match="does not allow N=7: static assertion failed"):
        run_texts(SEQUENTIAL, candidate, Trial((2,), sizes=(Size("N", "7"),)))


def test_missing_mpi_says_how_to_get_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match=r"'mpicc'[\s\S]*pip install 'chatmpi\[mpi\]'"):
        run_texts(SEQUENTIAL, MPI, Trial((2,)))


def test_launcher_that_does_not_start_is_not_the_programs_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    launcher = tmp_path / "mpirun"
    launcher.write_text("#!/bin/sh\necho no slots today >&2\nexit 9\n")
    launcher.chmod(0o755)
    real = toolchain.find_toolchain()
    broken = dataclasses.replace(real, mpirun=str(launcher))
    monkeypatch.setattr(run_stage, "find_toolchain", lambda: broken)
    with pytest.raises(UsageError, match="cannot start 2 ranks: no slots today"):
        run_texts(SEQUENTIAL, MPI, Trial((2,)))


def test_chatmpi_may_itself_be_a_rank(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PMI_RANK", "3")
    assert run_texts(SEQUENTIAL, MPI, Trial((2,))).accepted


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert run_texts(SEQUENTIAL, MPI, Trial((2,))).accepted
    assert list(tmp_path.iterdir()) == []


# ------------------------------------------------------------------------------------ hostile conditions


_SWAP = """if (rank < 2 && size > 1) {
    double mine = 1, other;
    MPI_Send(&mine, 1, MPI_DOUBLE, 1 - rank, 0, MPI_COMM_WORLD);
    MPI_Recv(&other, 1, MPI_DOUBLE, 1 - rank, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
  }
  free(x);"""


def test_sends_that_only_buffers_let_go_on_hang_when_they_are_synchronous() -> None:
    found = refuted(MPI.replace("free(x);", _SWAP), Trial((2,), limits=Limits(seconds=4)))
    assert "still running after 4 s" in found.message
    assert found.witness == "2 ranks, standard sends made synchronous"


def test_all_standard_sends_work_when_they_are_synchronous() -> None:
    right = """if (size > 1) {
    int to = (rank + 1) % size, from = (rank + size - 1) % size, a = rank, b = -1, c = rank, d = -1;
    MPI_Request r[2];
    MPI_Sendrecv(&a, 1, MPI_INT, to, 1, &b, 1, MPI_INT, from, 1, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    MPI_Sendrecv_replace(&c, 1, MPI_INT, to, 2, from, 2, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    MPI_Irecv(&d, 1, MPI_INT, from, 3, MPI_COMM_WORLD, &r[0]);
    MPI_Send_init(&a, 1, MPI_INT, to, 3, MPI_COMM_WORLD, &r[1]);
    MPI_Start(&r[1]);
    MPI_Waitall(2, r, MPI_STATUSES_IGNORE);
    MPI_Request_free(&r[1]);
    if (b != from || c != from || d != from)
      abort();
  }
  free(x);"""
    verdict = run_texts(SEQUENTIAL, MPI.replace("free(x);", right), Trial((3,)))
    assert verdict.accepted
    assert "standard sends as they are and synchronous" in verdict.checks[0].claim


def test_program_that_wraps_sends_itself_is_run_as_it_is() -> None:
    own = """int MPI_Send(const void *b, int n, MPI_Datatype t, int to, int tag, MPI_Comm c) {
  return PMPI_Send(b, n, t, to, tag, c);
}
int main("""
    verdict = run_texts(SEQUENTIAL, MPI.replace("int main(", own), Trial((2,)))
    assert verdict.accepted
    assert "sends as they are" in verdict.checks[0].claim


def test_memory_that_was_never_set_shows() -> None:
    """A cell more than was set is added: without the fill it would be 0."""
    found = refuted(MPI.replace("i < hi; i++) s +=", "i <= hi; i++) s +="), Trial((2,)))
    assert "standard output differs" in found.message


@pytest.mark.skipif(not isolation().prefix, reason="the system does not allow a network namespace")
def test_programs_have_no_network(tmp_path: Path) -> None:
    command = ["/bin/cat", "/proc/net/dev"]
    done = run_limited([], command, 1, tmp_path / "run", {"PATH": "/bin"}, b"", Limits(), sanitized=False)
    names = [line.split(":")[0].strip() for line in done.stdout.decode().splitlines() if ":" in line]
    assert names == ["lo"]


def test_a_program_alone() -> None:
    source = Source.from_str("sum_mpi.c", MPI)
    assert run_alone(source, Trial((2,)), ParseOptions()).word == "RUN"
    swap = Source.from_str("sum_mpi.c", MPI.replace("free(x);", _SWAP))
    (found,) = run_alone(swap, Trial((2,), limits=Limits(seconds=4)), ParseOptions()).counterexamples
    assert "a deadlock, or too much work" in found.message
    crash = Source.from_str("sum_mpi.c", MPI.replace("free(x);", "free(x); free(x);"))
    (found,) = run_alone(crash, Trial((2,)), ParseOptions()).counterexamples
    assert "double-free" in found.message
