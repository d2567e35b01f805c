"""Levels of time in an array of pointers that are exchanged by their numbers, before and after they have names."""

from __future__ import annotations

import pytest
from deciding import HEAD, exchanged

from chatmpi.analysis.facts import analyze
from chatmpi.analysis.parse import ParseOptions, parse
from chatmpi.analysis.restyle.numbered_levels import numbered_levels
from chatmpi.analysis.source import Source, edited
from chatmpi.plan.decide import decide

FRAME = HEAD + "int main(int argc, char **argv) {{ int n = 40 + argc; double *u[2];\n{}\nreturn 0; }}\n"
MADE = "for (int l = 0; l < 2; l++) u[l] = calloc(n, sizeof *u[l]);\n"
NAMED = "u_0 = calloc(n, sizeof *u_0);\nu_1 = calloc(n, sizeof *u_1);\n"
SWAP = "double *t = u[0]; u[0] = u[1]; u[1] = t;\n"
SWAPPED = "double *t = u_0; u_0 = u_1; u_1 = t;\n"
LEVELS = [
    (MADE + SWAP, NAMED + SWAPPED),
    (
        "for (int l = 0; l < 2; ++l) { double *p = malloc(8); u[l] = p; }\n" + SWAP,
        "{ double *p = malloc(8); u_0 = p; }\n{ double *p = malloc(8); u_1 = p; }\n" + SWAPPED,
    ),
    (MADE + SWAP + "u[1][n - 1] = 1;", NAMED + SWAPPED + "u_1[n - 1] = 1;"),
    (MADE + SWAP + "for (int l = 0; l < 2; l++) u[l][l] = l;", NAMED + SWAPPED + "u_0[0] = 0;\nu_1[1] = 1;"),
    # they are not exchanged, some have no number, their addresses are taken, the loop is left or runs otherwise
    (MADE, None),
    (MADE + SWAP + "u[n % 2][0] = 1;", None),
    (MADE + SWAP + "for (int l = 0; l < 2; l++) u[1 - l][l] = l;", None),
    (MADE + SWAP + "double **p = &u[1];", None),
    (MADE + SWAP + "double **p = u;", None),
    (MADE.replace("u[l] =", "if (l) break; else u[l] =") + SWAP, None),
    (MADE.replace("l < 2", "l < n - 39") + SWAP, None),
    ("for (int l = 0; l < 2; l++) { static int k; u[l] = malloc(8); u[l][0] = k++; }\n" + SWAP, None),
]


@pytest.mark.parametrize(("before", "after"), LEVELS)
def test_levels_that_are_exchanged_by_number_have_names(before: str, after: str | None) -> None:
    read = parse(Source.from_str("p.c", FRAME.format(before)), ParseOptions())
    wanted = FRAME.replace("*u[2]", "*u_0, *u_1").format(after) if after else FRAME.format(before)
    assert edited(read.source, numbered_levels(read)).text == wanted


def test_named_levels_are_divided() -> None:
    step = "for (int s = 0; s < 3; s++) { for (int i = 1; i < n; i++) u[1][i] = u[0][i - 1] + 1;\n" + SWAP + "}\n"
    show = 'double s = 0; for (int i = 0; i < n; i++) s += u[0][i]; printf("%g\\n", s);'
    read = parse(Source.from_str("p.c", FRAME.format(MADE + step + show)), ParseOptions())
    facts = analyze(parse(edited(read.source, numbered_levels(read)), ParseOptions()))
    assert facts is not None
    assert exchanged(decide(facts)) == ["halo u_0", "reduce s"]
