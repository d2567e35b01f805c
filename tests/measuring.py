"""How much of a program's work and of its arrays each rank has."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

from running import STANDARD, Executable, Run, compile_c, run_ranks, run_sequential, tool

_RANK = "OMPI_COMM_WORLD_RANK"

# Counts the bytes that the program (not the MPI library) asks the heap for.
_COUNTER = f"""
#include <stdio.h>
#include <stdlib.h>
static size_t bytes;
void *__real_malloc(size_t);
void *__real_calloc(size_t, size_t);
void *__real_realloc(void *, size_t);
void *__wrap_malloc(size_t n) {{ bytes += n; return __real_malloc(n); }}
void *__wrap_calloc(size_t n, size_t each) {{ bytes += n * each; return __real_calloc(n, each); }}
void *__wrap_realloc(void *old, size_t n) {{ bytes += n; return __real_realloc(old, n); }}
__attribute__((destructor)) static void report(void)
{{
    char name[4096];
    const char *rank = getenv("{_RANK}");
    snprintf(name, sizeof name, "%s/%s", getenv("BYTES_FOLDER"), rank ? rank : "0");
    FILE *out = fopen(name, "w");
    if (out) {{
        fprintf(out, "%zu", bytes);
        fclose(out);
    }}
}}
"""
_WRAPPED = tuple(f"-Wl,--wrap={name}" for name in ("malloc", "calloc", "realloc"))


def executed_lines(text: str, folder: Path, scratch: Path, *arguments: str, ranks: int = 0) -> list[dict[int, int]]:
    """How often each source line was executed, by gcov: one table for each rank, `ranks` 0 for a sequential run.

    `folder` holds executables, `scratch` is for the counts and must be empty.
    """
    executable = compile_c(text, folder, mpi=ranks > 0, flags=(*STANDARD, "-O0", "--coverage"))
    if ranks == 0:
        _succeed(run_sequential(executable, *arguments, settings={"GCOV_PREFIX": str(scratch / "0")}))
    else:
        apart = ("sh", "-c", f'GCOV_PREFIX="$0/${_RANK}" exec "$@"', str(scratch))
        _succeed(run_ranks(executable, ranks, *arguments, wrapper=apart))
    return [_line_counts(executable, scratch / str(rank)) for rank in range(max(ranks, 1))]


def _line_counts(executable: Executable, folder: Path) -> dict[int, int]:
    (data,) = folder.rglob("*.gcda")
    (notes,) = executable.folder.glob("*.gcno")
    shutil.copy(notes, data.with_suffix(".gcno"))
    command = [tool("gcov"), "--json-format", "--stdout", data.name]
    said = subprocess.run(command, cwd=data.parent, capture_output=True, text=True, check=True)
    (report,) = [file for file in json.loads(said.stdout)["files"] if file["file"] == "program.c"]
    return {line["line_number"]: line["count"] for line in report["lines"]}


def lines_in(counts: dict[int, int], first: int, last: int) -> int:
    """How many lines were executed between two lines, both included, each as often as it was."""
    return sum(count for line, count in counts.items() if first <= line <= last)


def total_lines(counts: dict[int, int]) -> int:
    return sum(counts.values())


def array_bytes(text: str, folder: Path, scratch: Path, *arguments: str, ranks: int = 0) -> list[int]:
    """Bytes of heap, static and stack variables of each rank's program, `ranks` 0 for a sequential run.

    `folder` holds executables, `scratch` must be empty. Raises ValueError for arrays of variable length on the
    stack, which the compiler cannot tell the size of.
    """
    flags = (*STANDARD, "-O0", "-fstack-usage", "-save-temps", *_WRAPPED)
    executable = compile_c(text, folder, mpi=ranks > 0, flags=flags, beside=_COUNTER)
    settings = {"BYTES_FOLDER": str(scratch)}
    if ranks == 0:
        _succeed(run_sequential(executable, *arguments, settings=settings))
    else:
        _succeed(run_ranks(executable, ranks, *arguments, settings=settings))
    apart = _static_bytes(executable) + _stack_bytes(executable)
    return [apart + int((scratch / str(rank)).read_text()) for rank in range(max(ranks, 1))]


def _static_bytes(executable: Executable) -> int:
    (compiled,) = executable.folder.glob("*program.o")  # the whole program has the MPI library's variables too
    said = subprocess.run([tool("size"), str(compiled)], capture_output=True, text=True, check=True)
    _, data, bss, *_ = said.stdout.splitlines()[1].split()
    return int(data) + int(bss)


def _stack_bytes(executable: Executable) -> int:
    (usage,) = executable.folder.glob("*program.su")
    frames = [line.split("\t") for line in usage.read_text().splitlines()]
    unknown = [function for function, _, kind in frames if kind == "dynamic"]  # "dynamic,bounded": arguments
    if unknown:
        raise ValueError(f"arrays of variable length on the stack: {', '.join(unknown)}")
    return sum(int(size) for _, size, _ in frames)


def _succeed(run: Run) -> None:
    if run.status != 0:
        raise RuntimeError(f"exit status {run.status}: {run.stdout}{run.stderr}")
