"""Ghost cells whose number has a name, in arrays that one subscript reaches: `q[i*s + j]`, s = n + 2*G."""

from __future__ import annotations

import pytest
from deciding import array, plan_of

from chatmpi.plan.plan import Plan

PROGRAM = """#include <stdio.h>
#include <stdlib.h>
%s
int main(int argc, char **argv) {
    %s
    double *q = calloc((size_t)s * s, sizeof *q), *r = calloc((size_t)s * s, sizeof *r), mass = 0;
    for (int i = G; i < n + G; i++) for (int j = G; j < n + G; j++) q[i*s + j] = (i * j) %% 7;
    for (int t = 0; t < 9; t++) {
        for (int i = G; i < n + G; i++) for (int j = G; j < n + G; j++)
            r[i*s + j] = q[i*s + j] + 0.1 * (q[(i - 2)*s + j] - q[(i + 2)*s + j] + q[i*s + j - 1]);
        %s
        for (int i = G; i < n + G; i++) for (int j = G; j < n + G; j++) q[i*s + j] = r[i*s + j];
    }
    for (int i = G; i < n + G; i++) for (int j = G; j < n + G; j++) mass += q[i*s + j];
    printf("%%.10f\\n", mass);
    return 0;
}
"""
OWN = "int n = argc > 1 ? atoi(argv[1]) : 37, s = n + 2*G;"
OF_FILE = "n = argc > 1 ? atoi(argv[1]) : 37; s = n + 2*G;"


def plan(declared: str, set_up: str, in_step: str = "") -> Plan:
    return plan_of(PROGRAM % (declared, set_up, in_step))


@pytest.mark.parametrize(
    ("declared", "set_up"),
    [
        ("#define G 2", OWN),
        ("enum { G = 2 };", OWN),
        ("static const int G = 2;", OWN),
        ("#define G 2\nstatic int n, s;", OF_FILE),
    ],
)
def test_rows_and_their_ghosts_are_found(declared: str, set_up: str) -> None:
    found = plan(declared, set_up)
    assert (array(found, "q").partition, array(found, "r").partition) == ("row", "row")
    assert found.partitions[0].requires == ("G >= 1",)  # else `j - 1` would lie in another row
    assert [c.kind for c in found.communications] == ["halo", "reduce"]


@pytest.mark.parametrize(
    "changing",
    [
        "void change(void) { if (s > 99) s = 5; }",
        "int change(void) { static int k; return k++ ? 0 : s++; }",
    ],
)
def test_a_size_of_the_file_that_a_call_changes_is_no_size(changing: str) -> None:
    found = plan(f"#define G 2\nstatic int n, s;\n{changing}", OF_FILE, "change();")
    assert "halo" not in {c.kind for c in found.communications}


def test_a_size_that_was_read_before_it_was_set_is_no_size() -> None:
    found = plan("#define G 2\nstatic int n, s;", "int old = s;" + OF_FILE + "if (old > 3) return 1;")
    assert "halo" not in {c.kind for c in found.communications}


MIRROR = """for (int g = 0; g < %s; g++) for (int j = 0; j < s; j++) {
            q[(G - 1 - g)*s + j] = q[(G + g)*s + j];
            q[(n + G + g)*s + j] = q[(n + G - 1 - g)*s + j];
        }"""


@pytest.mark.parametrize("layers", ["G", "2"])
def test_mirrored_ghosts_are_left_to_the_owner_of_the_edge_which_has_what_they_mirror(layers: str) -> None:
    found = plan("#define G 2", OWN, MIRROR % layers)
    assert array(found, "q").partition == "row"
    assert [c.kind for c in found.communications] == ["halo", "reduce"]
    assert found.partitions[0].min_block == 4


@pytest.mark.parametrize("layers", [1, 3, 4])
def test_the_blocks_at_the_ends_have_all_rows_that_a_loop_over_layers_touches(layers: int) -> None:
    assert plan(f"#define G {layers}", OWN, MIRROR % "G").partitions[0].min_block == 2 * layers
