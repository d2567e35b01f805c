"""How much of a program's work and of its arrays each rank has."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
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
    snprintf(name, sizeof name, "%s/bytes%s", getenv("BYTES_FOLDER"), rank ? rank : "0");
    FILE *out = fopen(name, "w");
    if (out) {{
        fprintf(out, "%zu", bytes);
        fclose(out);
    }}
}}
"""
_WRAPPED = tuple(f"-Wl,--wrap={name}" for name in ("malloc", "calloc", "realloc"))
_INSTRUMENTS = (*STANDARD, "-O0", "--coverage", "-fprofile-update=single", "-fstack-usage", "-save-temps", *_WRAPPED)


@dataclass(frozen=True)
class Measured:
    """What one rank did: how often it executed each source line, and how many bytes its variables have."""

    lines: dict[int, int]
    heap: int
    fixed: int
    unknown: tuple[str, ...]  # functions with arrays of variable length, which the compiler cannot tell the size of

    @property
    def total_lines(self) -> int:
        return sum(self.lines.values())

    @property
    def bytes(self) -> int:
        """Raises ValueError if there are arrays of variable length on the stack."""
        if self.unknown:
            raise ValueError(f"arrays of variable length on the stack: {', '.join(self.unknown)}")
        return self.heap + self.fixed


def measure(text: str, folder: Path, scratch: Path, *arguments: str, ranks: int = 0) -> list[Measured]:
    """Run a program with instruments: one result for each rank, `ranks` 0 for a sequential run.

    `folder` holds executables, `scratch` is for the counts and must be empty.
    """
    executable = compile_c(text, folder, mpi=ranks > 0, flags=_INSTRUMENTS, beside=_COUNTER)
    scratch.mkdir(exist_ok=True)
    settings = {"BYTES_FOLDER": str(scratch)}
    if ranks == 0:
        _succeed(run_sequential(executable, *arguments, settings=settings | {"GCOV_PREFIX": str(scratch / "lines0")}))
    else:
        apart = ("sh", "-c", f'GCOV_PREFIX="$0/lines${_RANK}" exec "$@"', str(scratch))
        _succeed(run_ranks(executable, ranks, *arguments, settings=settings, wrapper=apart))
    frames = _frames(executable)
    fixed = _static_bytes(executable) + sum(int(size) for _, size, _ in frames)
    unknown = tuple(function for function, _, kind in frames if kind == "dynamic")  # "dynamic,bounded": arguments
    numbers = range(max(ranks, 1))
    lines = [_line_counts(executable, scratch / f"lines{rank}") for rank in numbers]
    heap = [int((scratch / f"bytes{rank}").read_text()) for rank in numbers]
    return [Measured(lines[rank], heap[rank], fixed, unknown) for rank in numbers]


def _line_counts(executable: Executable, folder: Path) -> dict[int, int]:
    (data,) = folder.rglob("*program.gcda")
    (notes,) = executable.folder.glob("*program.gcno")
    shutil.copy(notes, data.with_suffix(".gcno"))
    command = [tool("gcov"), "--json-format", "--stdout", data.name]
    said = subprocess.run(command, cwd=data.parent, capture_output=True, text=True, check=True)
    (report,) = [file for file in json.loads(said.stdout)["files"] if file["file"] == "program.c"]
    return {line["line_number"]: line["count"] for line in report["lines"]}


def lines_in(counts: dict[int, int], first: int, last: int) -> int:
    """How many lines were executed between two lines, both included, each as often as it was."""
    return sum(count for line, count in counts.items() if first <= line <= last)


def _static_bytes(executable: Executable) -> int:
    """Of the program's own variables: those of the MPI library and of the instruments do not count."""
    (compiled,) = executable.folder.glob("*program.o")
    said = subprocess.run([tool("nm"), "-S", str(compiled)], capture_output=True, text=True, check=True)
    symbols = [line.split() for line in said.stdout.splitlines()]
    return sum(
        int(size, 16)
        for _, size, kind, name in (s for s in symbols if len(s) == 4)
        if kind in "bBdDC" and not name.startswith("__gcov")
    )


def _frames(executable: Executable) -> list[list[str]]:
    """For each function its name, the bytes on the stack, and whether that is all."""
    (usage,) = executable.folder.glob("*program.su")
    return [line.split("\t") for line in usage.read_text().splitlines()]


def _succeed(run: Run) -> None:
    if run.status != 0:
        raise RuntimeError(f"exit status {run.status}: {run.stdout}{run.stderr}")
