"""The instruments that the corpus is measured with: each must show a fault where there is one."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import running
from comparing import difference
from measuring import lines_in, measure
from resizing import with_size
from running import BuildFailure, Hang, compile_c, run_ranks, run_sequential, session_members

HELLO = """\
#include <stdio.h>
int main(int argc, char **argv)
{
    printf("%d arguments, %s\\n", argc - 1, argc > 1 ? argv[1] : "none");
    return argc - 1;
}
"""

UNUSED = """\
int main(void)
{
    int unused;
    return 0;
}
"""

RANK_SUM = """\
#include <mpi.h>
#include <stdio.h>
int main(int argc, char **argv)
{
    MPI_Init(&argc, &argv);
    int rank, sum;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Reduce(&rank, &sum, 1, MPI_INT, MPI_SUM, 0, MPI_COMM_WORLD);
    if (rank == 0)
        printf("sum %d%s\\n", sum, argc > 1 ? argv[1] : "");
    MPI_Finalize();
    return argc > 1 ? 3 : 0;
}
"""

DEADLOCK = """\
#include <mpi.h>
#include <stdio.h>
int main(int argc, char **argv)
{
    MPI_Init(&argc, &argv);
    int rank, size, word;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    if (rank == 0) {
        puts("before");
        fflush(stdout);
    }
    MPI_Recv(&word, 1, MPI_INT, (rank + 1) % size, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    MPI_Finalize();
    return 0;
}
"""

# Rank r of P has block r of 1000 words; line 13 is the work.
BLOCKS = """\
#include <mpi.h>
#include <stdlib.h>
static double table[100];
int main(int argc, char **argv)
{
    MPI_Init(&argc, &argv);
    int rank, size, n = 1000;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    int begin = n * rank / size, end = n * (rank + 1) / size;
    double *a = malloc((end - begin) * sizeof(double));
    for (int i = begin; i < end; i++)
        a[i - begin] = table[i % 100];
    free(a);
    MPI_Finalize();
    return 0;
}
"""

ON_THE_STACK = """\
int main(void)
{
    double a[1000];
    a[0] = 1.0;
    return a[0] < 1.0;
}
"""


def test_a_program_is_compiled_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = compile_c(HELLO, tmp_path, mpi=False)
    monkeypatch.delattr(running, "_build")
    assert compile_c(HELLO, tmp_path, mpi=False) == first
    with pytest.raises(NameError):
        compile_c(HELLO + "\n", tmp_path, mpi=False)


def test_warnings_are_kept(executables: Path) -> None:
    executable = compile_c(UNUSED, executables, mpi=False)
    assert executable.warnings == ("unused variable 'unused' [-Wunused-variable]",)


def test_a_program_that_is_not_c_says_where(executables: Path) -> None:
    with pytest.raises(BuildFailure, match=r"program\.c:1"):
        compile_c("no program", executables, mpi=False)


def test_arguments_output_and_status(executables: Path) -> None:
    run = run_sequential(compile_c(HELLO, executables, mpi=False), "seven")
    assert (run.stdout, run.status) == ("1 arguments, seven\n", 1)


@pytest.mark.parametrize("ranks", [1, 3, 8])
def test_all_ranks_take_part(ranks: int, executables: Path) -> None:
    run = run_ranks(compile_c(RANK_SUM, executables, mpi=True), ranks)
    assert (run.stdout, run.status) == (f"sum {ranks * (ranks - 1) // 2}\n", 0)


def test_exit_status_of_ranks(executables: Path) -> None:
    run = run_ranks(compile_c(RANK_SUM, executables, mpi=True), 2, "!")
    assert (run.stdout, run.status) == ("sum 1!\n", 3)


def test_a_hang_is_reported_and_leaves_nothing_running(executables: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[int] = []
    end = running._end

    def noting(process: subprocess.Popen[str]) -> tuple[str, str]:
        started.append(process.pid)
        assert len(session_members(process.pid)) >= 3  # mpirun and its ranks
        return end(process)

    monkeypatch.setattr(running, "_end", noting)
    with pytest.raises(Hang, match=r"not done after 2 s: .*mpirun(.|\n)*before"):
        run_ranks(compile_c(DEADLOCK, executables, mpi=True), 2, timeout=2)
    (session,) = started
    assert session_members(session) == []


@pytest.mark.parametrize(
    ("expected", "actual", "tolerance"),
    [
        ("n 7\n", "n 7\n", 0.0),
        ("sum 1.000000000001\n", "sum 1\n", 1e-11),
        ("sum 1\n", "sum 0.9999999999999\n", 1e-12),
        ("x=-2.5e-03, y=4\n", "x=-2.5000000001e-3, y=4\n", 1e-9),
        ("   12.5 ok\n", "12.4999999999999 ok\n", 1e-12),
        ("123456789012345\n", "123456789012346\n", 1e-12),
    ],
)
def test_outputs_that_agree(expected: str, actual: str, tolerance: float) -> None:
    assert difference(expected, actual, tolerance) is None


@pytest.mark.parametrize(
    ("expected", "actual", "tolerance"),
    [
        ("n 7\n", "n 8\n", 1.0),  # integers are never close
        ("x 1.5\n", "x 1.50\n", 0.0),
        ("x 1.5", "x 1.5\n", 0.0),
        ("x 1.5\n", "y 1.5\n", 1e-12),
        ("x 1.5\n", "x 1.5 2\n", 1e-12),
        ("x 1.5\n", "x -1.5\n", 1e-12),
        ("x 1.5\n", "x nan\n", 1e-12),
        ("x 1.5\n", "x 1.5\nx 1.5\n", 1e-12),
        ("x 1.5\ny 2.5\n", "x 1.5\n", 1e-12),
        ("x 1.000000000002\n", "x 1.0\n", 1e-12),
        ("x 0\n", "x 1e-300\n", 1e-12),
    ],
)
def test_outputs_that_differ(expected: str, actual: str, tolerance: float) -> None:
    assert difference(expected, actual, tolerance) is not None


def test_a_difference_names_its_line() -> None:
    assert difference("a\nb 1\n", "a\nb 2\n", 0.0) == "line 2: expected 'b 1', got 'b 2'"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("#define N 64\nint n = N;\n", "#define N 9\nint n = N;\n"),
        ("# define N 64 /* rows, #define N 3 */\n", "# define N 9 /* rows, #define N 3 */\n"),
        ("const int N = 64;\n", "const int N = 9;\n"),
        ("int main(void) { int i, M = 2, N = 64, k; }\n", "int main(void) { int i, M = 2, N = 9, k; }\n"),
        ("static long N = 64L; // N = 3;\n", "static long N = 9; // N = 3;\n"),
        ('int N = 64;\nputs("int N = 3;");\n', 'int N = 9;\nputs("int N = 3;");\n'),
        ("int N = 64;\nif (argc > 1) { N = 7; }\n", "int N = 9;\nif (argc > 1) { N = 7; }\n"),
        ("#define NN 5\nint MN = 5;\nint N = 64;\n", "#define NN 5\nint MN = 5;\nint N = 9;\n"),
    ],
)
def test_a_size_is_changed_where_it_is_defined(before: str, after: str) -> None:
    assert with_size(before, "N", 9) == after


@pytest.mark.parametrize(
    "text",
    [
        "int n = 64;\n",
        "#define N 64\nconst int N = 64;\n",
        "void f(void) { int N = 1; }\nint main(void) { int N = 64; }\n",
        "#define N (2 * 32)\n",
        "int N = M;\n",
        "x.N = 64;\nN = 64;\n",
        "/* int N = 64; */\n",
    ],
)
def test_a_size_without_its_one_number_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="not once"):
        with_size(text, "N", 9)


def test_lines_are_counted_for_each_rank(executables: Path, tmp_path: Path) -> None:
    ranks = measure(BLOCKS, executables, tmp_path, ranks=3)
    assert [r.lines[13] for r in ranks] == [333, 333, 334]
    assert [lines_in(r.lines, 13, 14) for r in ranks] == [334, 334, 335]
    assert all(r.total_lines > 2 * r.lines[13] for r in ranks)


def test_lines_are_counted_in_a_sequential_run(executables: Path, tmp_path: Path) -> None:
    (found,) = measure(HELLO, executables, tmp_path)
    assert found.lines[4] == 1


def test_bytes_are_counted_for_each_rank(executables: Path, tmp_path: Path) -> None:
    ranks = [r.bytes for r in measure(BLOCKS, executables, tmp_path, ranks=3)]
    assert [b - ranks[0] for b in ranks] == [0, 0, 8]
    assert 8 * 333 + 8 * 100 <= ranks[0] <= 8 * 333 + 8 * 100 + 500


def test_bytes_on_the_stack_are_counted(executables: Path, tmp_path: Path) -> None:
    (found,) = measure(ON_THE_STACK, executables, tmp_path)
    assert 7800 <= found.bytes <= 8500  # a leaf function has 128 bytes below its frame


def test_arrays_of_variable_length_are_not_miscounted(executables: Path, tmp_path: Path) -> None:
    text = ON_THE_STACK.replace("(void)", "(int argc, char **argv)").replace("a[1000]", "a[argc + !argv]")
    (found,) = measure(text, executables, tmp_path)
    with pytest.raises(ValueError, match="variable length"):
        _ = found.bytes


@pytest.mark.parametrize("fault", ["a[argc]", "b[argc * 1000000000 * 3]"])
def test_sanitizers_find_faults(fault: str, executables: Path) -> None:
    text = f"int a[1]; int b[3];\nint main(int argc, char **argv) {{ return {fault} + !argv; }}\n"
    run = run_sequential(compile_c(text, executables, mpi=False, flags=running.SANITISED))
    assert run.status != 0
    assert "runtime error" in run.stderr or "AddressSanitizer" in run.stderr
