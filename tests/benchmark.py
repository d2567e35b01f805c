"""How long chatmpi takes: `python tests/benchmark.py [REPEATS]`.

Each line is the median time of a whole process, and its ratio to that of an idle Python measured in the same run.
The generated files of 50, 100 and 200 loop nests show how time grows with size.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CORPUS = Path(__file__).parents[1] / "corpus" / "serial"


def nests(count: int) -> str:
    """A program of `count` loop nests over 40 pairs of arrays, about 18 lines each."""
    lines = ["#include <stdio.h>", "#include <stdlib.h>", "#define N 64", "int main(void) {", "  int i, j;"]
    lines += [f"  double *u{k} = malloc(N*N*sizeof(double)), *v{k} = malloc(N*N*sizeof(double));" for k in range(40)]
    lines.append("  double s = 0;")
    for k in range(count):
        a = k % 40
        body = [f"u{a}[i*N+j] = i*0.5 + j;", f"v{a}[i*N+j] = 0;"]
        if k >= 40 and k % 3 == 0:
            around = " + ".join(f"u{a}[{at}]" for at in ("(i-1)*N+j", "(i+1)*N+j", "i*N+j-1", "i*N+j+1"))
            body = ["if (i > 0 && i < N-1 && j > 0 && j < N-1)", f"  v{a}[i*N+j] = 0.25*({around});"]
        elif k >= 40 and k % 3 == 1:
            body = [f"double t = u{a}[i*N+j] * 0.5;", f"t = t + v{a}[i*N+j];", f"u{a}[i*N+j] = t;"]
        elif k >= 40:
            body = [f"s += u{a}[i*N+j] * v{a}[i*N+j];"]
        lines += ["  for (i = 0; i < N; i++)", "    for (j = 0; j < N; j++) {"]
        lines += [f"      {line}" for line in body]
        lines += ["      /* a line of comment */"] * 13 + ["    }"]
    return "\n".join([*lines, '  printf("%g\\n", s);', "  return 0;", "}", ""])


def median_seconds(command: list[str], repeats: int) -> float:
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


def main() -> None:
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    chatmpi = [sys.executable, "-m", "chatmpi"]
    with tempfile.TemporaryDirectory() as folder:
        commands = {"python -c pass": [sys.executable, "-c", "pass"], "chatmpi --help": [*chatmpi, "--help"]}
        stencil = CORPUS / "stencil" / "gray_scott.c"
        lines = len(stencil.read_text().splitlines())
        commands[f"translate, {lines} lines"] = [*chatmpi, "translate", str(stencil), "-o", "-"]
        for count in (50, 100, 200):
            path = Path(folder) / f"nests{count}.c"
            path.write_text(nests(count))
            lines = len(path.read_text().splitlines())
            commands[f"translate, {count} nests, {lines} lines"] = [*chatmpi, "translate", str(path), "-o", "-"]
        idle = 0.0
        for name, command in commands.items():
            seconds = median_seconds(command, repeats)
            idle = idle or seconds
            print(f"{name:36} {seconds:7.2f} s {seconds / idle:8.1f} x", flush=True)


if __name__ == "__main__":
    main()
