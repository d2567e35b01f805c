"""Arrays that every iteration fills before it reads them are room to work in; those that are not keep their order."""

from __future__ import annotations

import pytest
from deciding import facts_of, loop_of

_BEFORE = """
double u[N][N], v[N][N], r[N], *h = malloc(N * sizeof *h); int i, j, m = u[1][1] > 0 ? N : N / 2;
for (i = 0; i < N; i++) for (j = 0; j < N; j++) u[i][j] = i * j;
"""
_ROWS = 2  # the loop over rows comes behind the two that begin u
_FILL = "for (j = 0; j < N; j++) r[j] = u[i][j];"
_USE = "for (j = 1; j < N; j++) v[i][j] = r[j] + r[j - 1];"


def works_in(body: str, after: str = "") -> set[str]:
    """The arrays that the loop over rows works in; none if its iterations are not independent."""
    facts = loop_of(f'{_BEFORE} for (i = 1; i < N - 1; i++) {{ {body} }} {after}\nprintf("%g", v[2][3]);', _ROWS)
    return {s.name for s in facts.work} if facts.is_parallel else set()


@pytest.mark.parametrize(
    "body",
    [
        f"{_FILL} {_USE}",
        f"r[0] = 1; for (j = 1; j < N; j++) r[j] = r[j - 1] + u[i][j]; {_USE}",
        f"r[0] = r[N - 1] = 0; for (j = 1; j < N - 1; j++) r[j] = u[i][j]; {_USE}",
        f"for (j = N - 1; j >= 0; j--) r[j] = u[i][j]; {_USE}",
        f"r[N - 1] = 1; for (j = N - 2; j >= 0; j--) r[j] = 2 * r[j + 1]; {_USE}",
        f"if (u[i][0] > 3) {{ {_FILL} {_USE} }}",
        f"if (i % 3 == 0) continue; {_FILL} {_USE}",
        f"for (j = 0; j < N; j += 2) r[j] = 1; for (j = 1; j < N; j += 2) r[j] = u[i][j]; {_USE}",
        "for (j = 0; j < m; j++) r[j] = u[i][j]; for (j = 0; j < m; j++) v[i][j] = r[j];",
        "for (j = 0; j < i; j++) r[j] = u[i][j]; for (j = 0; j < i; j++) v[i][j] = r[i - 1 - j];",
        f"{_FILL} for (j = 0; j < N; j++) r[j] *= 2; {_USE}",
        f"for (j = 0; j < N; j++) r[j] = 0; for (j = 0; j < N; j++) r[(int)u[i][j]] += 1; {_USE}",
    ],
)
def test_what_is_filled_in_each_iteration_is_room_to_work(body: str) -> None:
    assert works_in(body) == {"r"}
    assert works_in(body.replace("r[", "h["), "free(h);") == {"h"}


@pytest.mark.parametrize(
    "body",
    [
        f"{_USE} {_FILL}",
        f"for (j = 1; j < N; j++) r[j] = u[i][j]; {_USE}",
        f"for (j = 0; j < N; j++) r[j] = 0.5 * r[j] + u[i][j]; {_USE}",
        f"for (j = 0; j < N; j++) if (u[i][j] > 0) r[j] = 1; {_USE}",
        f"if (u[i][0] > 3) {{ {_FILL} }} {_USE}",
        f"if (u[i][0] > 3) {{ {_FILL} }} if (u[i][0] > 3) {{ {_USE} }}",
        f"for (j = 0; j < N; j++) {{ if (u[i][j] < 0) break; r[j] = 1; }} {_USE}",
        f"for (j = 0; j < N; j += 2) r[j] = u[i][j]; {_USE}",
        f"for (j = 0; j < m; j++) r[j] = u[i][j]; {_USE}",
        f"for (j = 0; j < N; j++) r[(j * j) % N] = u[i][j]; {_USE}",
        "for (j = 0; j < N; j++) { v[i][j] = r[j]; r[j] = u[i][j]; }",
        f"for (j = 0; j < N - 1; j++) r[j] = 0; for (j = 0; j < N; j++) r[(int)u[i][j]] += 1; {_USE}",
        f"r[0] = 1; for (j = 1; j < N; j++) r[j - 1] = r[j] + u[i][j]; {_USE}",
    ],
)
def test_what_may_come_from_an_earlier_iteration_is_not(body: str) -> None:
    assert works_in(body) == set()


@pytest.mark.parametrize(
    ("after", "free"),
    [
        ('printf("%g", r[2]);', False),
        ("for (j = 0; j < N; j++) v[0][j] += r[j];", False),
        (
            "for (i = 0; i < N; i++) { for (j = 0; j < N; j++) r[j] = 1; for (j = 0; j < N; j++) v[j][i] += r[j]; }",
            True,
        ),
        ("for (j = 0; j < N; j++) r[j] = 0;", True),
        ("double *p = r; v[0][0] = p[1];", False),
    ],
)
def test_what_the_loop_leaves_must_not_be_read(after: str, free: bool) -> None:
    assert works_in(f"{_FILL} {_USE}", after) == ({"r"} if free else set())


def test_a_loop_that_fills_for_another_in_the_same_step_does_not_work_in_it() -> None:
    """What the first loop leaves is read by the second: both lie in one iteration of the loop around."""
    rows = f"for (i = 1; i < N - 1; i++) {{ {_FILL} {_USE} }}"
    text = f"{_BEFORE} for (int t = 0; t < 5; t++) {{ {rows} for (j = 0; j < N; j++) v[0][j] += r[j]; }}\n" + (
        'printf("%g", v[2][3]);'
    )
    assert not loop_of(text, _ROWS + 1).is_parallel


@pytest.mark.parametrize(("change", "works"), [("", True), ("n = N / 2;", False)])
def test_an_unknown_element_is_any_of_those_that_the_array_was_made_with(change: str, works: bool) -> None:
    text = f"""{_BEFORE} int n = argc; double w[n]; {change}
        for (i = 1; i < N - 1; i++) {{ for (j = 0; j < n; j++) w[j] = 0; w[(int)u[i][1]] += 1; v[i][2] = w[0]; }}
        printf("%g", v[2][3]);"""
    assert loop_of(text, _ROWS).is_parallel == works


OWN = """
static double a[N][M]; double s = 0;
for (int i = 0; i < N; i++) {
    double *tmp = malloc(M * sizeof *tmp);
    for (int j = 0; j < M; j++) tmp[j] = i + j;
    for (int j = 1; j < M; j++) tmp[j] += 0.5 * tmp[j - 1];
    for (int j = 0; j < M; j++) a[i][j] = tmp[j];
    free(tmp);
}
for (int i = 0; i < N; i++) s += a[i][2];
printf("%g", s);
"""


@pytest.mark.parametrize(
    ("old", "new", "parallel"),
    [
        ("", "", True),
        ("malloc(M * sizeof *tmp)", "calloc(M, sizeof *tmp)", True),
        ("    free(tmp);\n", "", True),
        ("*tmp);\n", '*tmp);\n if (!tmp) { fprintf(stderr, "row %d", i); exit(1); }\n', True),
        ("*tmp);\n", "*tmp);\n if (!tmp) break;\n", False),
        ("*tmp);\n", "*tmp);\n if (!tmp) { a[0][0] = 1; exit(1); }\n", False),
        ("*tmp);\n", "*tmp);\n if (!tmp || a[1][1] > 0) exit(1);\n", False),
        ("free(tmp);", "kept = tmp;", False),  # it outlives the iteration
        ("    double *tmp = malloc", "    tmp = malloc", False),
        ("tmp[j] = i + j;", "tmp[j] = i + j; free(kept);", False),
    ],
)
def test_memory_that_an_iteration_gets_and_gives_back(old: str, new: str, parallel: bool) -> None:
    assert old in OWN
    changed = OWN.replace(old, new, 1) if old else OWN
    declared = "double *kept = NULL;" + ("" if "double *tmp" in changed else " double *tmp;")
    facts = facts_of(declared + changed)
    assert facts.loop_facts[min(facts.loop_facts)].is_parallel == parallel
