"""Levels of time in one array, and arrays behind pointers that are exchanged, are spelled as pointers to memory."""

from __future__ import annotations

import textwrap

import pytest
from parsing import program

from chatmpi.analysis.restyle.exchanged_arrays import exchanged_arrays
from chatmpi.analysis.restyle.time_levels import time_levels
from chatmpi.analysis.source import edited

_ROTATING = """\
static double v[4], u[3][N][M];
int main(void) {
    int t, old = 0, now = 1, new = 2;
    u[0][1][1] = v[0];
    for (t = 0; t < 9; t++) {
        u[new][1][2] = u[now][1][2] - u[old][1][2];
        int tmp = old;
        old = now; now = new; new = tmp;
    }
    return (int)u[now][1][1];
}
"""
_ROTATED = """\
static double v[4], u_old[N][M], u_now[N][M], u_new[N][M];
int main(void) {
    int t;
    double (*old)[M] = u_old;
    double (*now)[M] = u_now;
    double (*new)[M] = u_new;
    old[1][1] = v[0];
    for (t = 0; t < 9; t++) {
        new[1][2] = now[1][2] - old[1][2];
        double (*tmp)[M] = old;
        old = now; now = new; new = tmp;
    }
    return (int)now[1][1];
}
"""
_FLIPPING = """\
int main(void) {
    float u[2][N] = {{0}};
    int cur = 1;
    u[cur][2] = 1;
    for (int t = 0; t < 9; t++) { u[1 - cur][1] = u[cur][2]; cur = 1 - cur; }
    return (int)u[!cur][1];
}
"""
_FLIPPED = """\
int main(void) {
    float u_0[N] = {0}, u_1[N] = {0};
    float *u_cur = u_1;
    float *u_other = u_0;
    u_cur[2] = 1;
    for (int t = 0; t < 9; t++) { u_other[1] = u_cur[2]; { float *u_swap = u_cur; u_cur = u_other; u_other = u_swap; } }
    return (int)u_other[1];
}
"""
_ALTERNATING = """\
static double u[2][N];
int main(void) {
    u[0][2] = 1;
    for (int t = 0; t < STEPS; t++) {
        u[(t + 1) % 2][1] = u[t & 1][2];
    }
    return (int)u[STEPS % 2][1];
}
"""
_ALTERNATED = """\
static double u_0[N], u_1[N];
int main(void) {
    double *u_now = u_0;
    double *u_next = u_1;
    u_now[2] = 1;
    for (int t = 0; t < STEPS; t++) {
        u_next[1] = u_now[2];
        double *u_swap = u_now; u_now = u_next; u_next = u_swap;
    }
    return (int)u_now[1];
}
"""
_POINTERS = """\
int main(void) {
    int t, a = 0, b = 1;
    float *u[2];
    u[0] = malloc(N * sizeof(float));
    u[1] = malloc(N * sizeof(float));
    for (t = 0; t < 9; t++) {
        u[b][1] = u[a][2];
        int tmp = a;
        a = b; b = tmp;
    }
    t = u[a][1];
    free(u[0]);
    free(u[1]);
    return t;
}
"""
_POINTED = """\
int main(void) {
    int t;
    float *a, *b;
    a = malloc(N * sizeof(float));
    b = malloc(N * sizeof(float));
    for (t = 0; t < 9; t++) {
        b[1] = a[2];
        float *tmp = a;
        a = b; b = tmp;
    }
    t = a[1];
    return t;
}
"""
_TURNING = """\
static double u[3][N];
int main(void) {
    int v;
    v = 1;
    u[0][3] = 2;
    for (int t = 0; t < 9; t++) {
        u[(v + 2) % 3][1] = u[v][2] - u[(v + 1) % 3][2];
        v = (v + 2) % 3;
    }
    return (int)u[v][1] + v;
}
"""
_TURNED = """\
static double u_0[N], u_1[N], u_2[N];
int main(void) {
    int v;
    v = 1;
    double *u_v = u_1;
    double *u_v_1 = u_2;
    double *u_v_2 = u_0;
    u_v_2[3] = 2;
    for (int t = 0; t < 9; t++) {
        u_v_2[1] = u_v[2] - u_v_1[2];
        { v = (v + 2) % 3; double *u_swap = u_v_2; u_v_2 = u_v_1; u_v_1 = u_v; u_v = u_swap; }
    }
    return (int)u_v[1] + v;
}
"""
_DERIVED = """\
static double u[2][N];
int main(void) {
    int cur = 0;
    for (int t = 0; t < 9; t++) {
        int next = 1 - cur;
        u[next][1] = u[cur][2];
        cur = next;
    }
    return (int)u[cur][1];
}
"""
_PUT_IN = """\
static double u[2][N];
int main(void) {
    int cur = 0;
    for (int t = 0; t < 9; t++) {
        u[1 - cur][1] = u[cur][2];
        cur = (1 - cur);
    }
    return (int)u[cur][1];
}
"""
_SHARED = """\
static double h[2][N], q[2][N];
int main(void) {
    int i, cur = 0, next = 1, tmp;
    for (i = 0; i < 9; i++) {
        h[next][i] = q[cur][i];
        q[next][i] = h[cur][i];
        tmp = cur; cur = next;
        next = tmp;
    }
    return (int)h[cur][1];
}
"""
_APART = """\
static double h[2][N], q[2][N];
int main(void) {
    int i, h_cur = 0, h_next = 1, h_tmp, q_cur = 0, q_next = 1, q_tmp;
    for (i = 0; i < 9; i++) {
        h[h_next][i] = q[q_cur][i];
        q[q_next][i] = h[h_cur][i];
        h_tmp = h_cur;
        h_cur = h_next;
        h_next = h_tmp;
        q_tmp = q_cur;
        q_cur = q_next;
        q_next = q_tmp;
    }
    return (int)h[h_cur][1];
}
"""
_HEAD = "#include <stdlib.h>\n#define N 9\n#define M 8\n#define STEPS 5\n"


def spelled(text: str) -> str:
    p = program(_HEAD + text)
    return edited(p.source, time_levels(p)).text.removeprefix(_HEAD)


_PAIRS = [
    (_ROTATING, _ROTATED),
    (_FLIPPING, _FLIPPED),
    (_ALTERNATING, _ALTERNATED),
    (_TURNING, _TURNED),
    (_DERIVED, _PUT_IN),
    (_SHARED, _APART),
    (_POINTERS, _POINTED),
]


@pytest.mark.parametrize(("text", "expected"), _PAIRS)
def test_levels_become_pointers(text: str, expected: str) -> None:
    assert spelled(text) == expected


@pytest.mark.parametrize(
    ("text", "change"),
    [
        (_ROTATING, ("new = 2", "new = 1")),  # two begin at the same level
        (_ROTATING, ("new = tmp;", "new = tmp; v[old] = 1;")),  # a level is used as a number
        (_ROTATING, ("old = now;", "old = now; old = old + 0;")),
        (_ROTATING, ("u[new][1][2] =", "u[2][1][2] =")),  # a fixed level while levels rotate
        (_ROTATING, ("= v[0];", "= sizeof u;")),
        (_FLIPPING, ("cur = 1 - cur;", "cur = 1 - cur; if (t > 3) cur = 0;")),
        (_FLIPPING, ("cur = 1 - cur;", "cur = 1 - cur; cur++;")),
        (_TURNING, ("v = (v + 2) % 3", "v = (v + 3) % 2")),
        (_TURNING, ("v = (v + 2) % 3", "v = (v - 1) % 3")),  # of a negative number
        (_TURNING, ("+ v;", "+ (int)u[1][1];")),
        (_TURNING, ("v = 1", "v = 3")),
        (_TURNING, ("v = 1", "if (u[0][0]) v = 1")),
        (_DERIVED, ("cur = next;", "cur = 1 - cur; u[next][2] = 1;")),
        (_DERIVED, ("cur = next;", "next = cur; cur = 1 - cur;")),
        (_FLIPPING, ("int cur = 1", "int cur = u[0][0] > 0")),
        (_FLIPPING, ("u[!cur]", "u[1]")),
        (_ALTERNATING, ("t < STEPS", "t <= STEPS")),
        (_ALTERNATING, ("= u[t & 1][2];", "= u[t & 1][2]; if (u[t & 1][0] > 3) break;")),
        (_ALTERNATING, ("= u[t & 1][2];", "= u[t & 1][2]; if (u[t & 1][0] > 3) continue;")),
        (_ALTERNATING, ("u[STEPS % 2]", "u[1]")),  # right for 5 steps only
        (_ALTERNATING, ("t++", "t += 2")),
        (_SHARED, ("next = tmp;", "next = tmp; cur += i;")),
        (_SHARED, ("next = tmp;", "next = tmp; if (i > 3) tmp = 0;")),
        (_SHARED, ("(int)h[cur][1]", "cur")),
        (_POINTERS, ("int tmp = a;", "int tmp = a; u[a] = 0;")),
        (_POINTERS, ("u[b][1] = u[a][2];", "u[1] = malloc(8);")),
        (_POINTERS, ("float *u[2];\n", "float *u[2];\n    int c = a;\n    t = u[c] == 0;\n")),
        (_ALTERNATING.replace("main(void) {", "main(int n, char **a) {"), ("STEPS", "n")),  # may be negative
    ],
)
def test_what_is_more_than_a_level_stays(text: str, change: tuple[str, str]) -> None:
    assert change[0] in text
    changed = text.replace(*change)
    assert spelled(changed) == changed


_EXCHANGE = "{ double *t = p; p = q; q = t; } return (int)p[1];"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            f"double a[N], b[N] = {{0}}; double *p = a, *q = b; {_EXCHANGE}",
            f"double *p = malloc(N * sizeof *p), *q = calloc(N, sizeof *q); {_EXCHANGE}",
        ),
        (
            f"double a[N + 2], b[N + 2], c[3]; a[1] = 2; double *p = a, *q = b; {_EXCHANGE}",
            "double c[3]; double *p = malloc((N + 2) * sizeof *p); double *q = malloc((N + 2) * sizeof *q); "
            f"p[1] = 2; {_EXCHANGE}",
        ),
        (f"double a[N], b[N]; double *p = a, *q = b; {_EXCHANGE.replace('p[1]', 'a[1]')}", ""),
        (f"double a[N], b[N]; double *p = a, *q = b; b[0] = 1; {_EXCHANGE}", ""),
        ("double a[N], b[N]; double *p = a, *q = b; return (int)(p[1] + q[1]);", ""),
        (f"double a[N] = {{1, 2}}, b[N]; double *p = a, *q = b; {_EXCHANGE}", ""),
    ],
)
def test_arrays_behind_pointers_that_are_exchanged(body: str, expected: str) -> None:
    p = program(f"{_HEAD}int main(void) {{ {body} }}")
    found = " ".join(edited(p.source, exchanged_arrays(p)).text.removeprefix(_HEAD).split())
    assert found == " ".join(textwrap.dedent(f"int main(void) {{ {expected or body} }}").split())
