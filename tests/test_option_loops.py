"""Programs that take their sizes from a loop over the command line; headers that a file includes behind functions."""

from __future__ import annotations

from pathlib import Path

import pytest
from alike import assert_alike

from chatmpi.analysis.parse import parse
from chatmpi.analysis.source import Source
from chatmpi.translate import translate
from chatmpi.verify.simulate.small_sizes import choose

HEAD = "#define _POSIX_C_SOURCE 200809L\n#include <stdio.h>\n#include <stdlib.h>\n"
PATHS = """static int *dist;
static void paths(int n) {
  for (int k = 0; k < n; k++)
    for (int i = 0; i < n; i++)
      for (int j = 0; j < n; j++)
        if (dist[i*n + k] + dist[k*n + j] < dist[i*n + j]) dist[i*n + j] = dist[i*n + k] + dist[k*n + j];
}
"""
MAIN = "int main(int argc, char **argv) {\n  int n = 41, opt;\n"
REST = """  dist = malloc(sizeof(int)*n*n);
  if (!dist) return 1;
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) dist[i*n + j] = i == j ? 0 : (i*7 + j*13) % 101 + 1;
  paths(n);
  long sum = 0;
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) sum += dist[i*n + j];
  printf("%ld\\n", sum);
  free(dist);
  return 0;
}
"""
CHOOSE = "if (opt == 'n') n = atoi(optarg); else return 2;"
WORDS = 'for (opt = 1; opt < argc; opt++) if (!strcmp(argv[opt], "-n") && opt + 1 < argc) n = atoi(argv[++opt]);'
LOOPS = {
    "in a condition": (
        'while ((opt = getopt(argc, argv, "n:")) != -1)\n'
        "switch (opt) { case 'n': n = atoi(optarg); break; default: return 2; }"
    ),
    "in the body": f'for (;;) {{ opt = getopt(argc, argv, "n:"); if (opt == -1) break; {CHOOSE} }}',
    "before and at the end": (
        'opt = getopt(argc, argv, "n:");\n'
        f'while (opt != -1) {{ {CHOOSE} opt = getopt(argc, argv, "n:"); }}'
    ),
    "word by word": WORDS,
}  # fmt: skip


def program(loop: str, headers: str = "#include <string.h>\n#include <unistd.h>\n") -> Source:
    return Source.from_str("program.c", f"{HEAD}{headers}{PATHS}{MAIN}{loop}\n{REST}")


@pytest.mark.parametrize("loop", LOOPS.values(), ids=LOOPS)
def test_only_what_an_option_sets_is_a_size(loop: str) -> None:
    assert choose(parse(program(loop))).sizes == ("n",)


def assert_divided(source: Source, executables: Path) -> None:
    translation = translate(source)
    assert all(a.partition for a in translation.plan.arrays)
    assert_alike(source.shown, translation.source.shown, executables)


def test_a_program_with_an_option_loop_is_divided(executables: Path) -> None:
    assert_divided(program(LOOPS["in a condition"]), executables)


def test_a_header_behind_a_function_that_needs_it_is_included_before(executables: Path) -> None:
    late = program(WORDS, headers="").text.replace(MAIN, f"#include <string.h>\n{MAIN}")
    assert_divided(Source.from_str("program.c", late), executables)
