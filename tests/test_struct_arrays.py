"""Arrays of structs, and the arrays of their members that the analysis reads: before and after."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatmpi.analysis.parse import ParseOptions, parse
from chatmpi.analysis.restyle.passes import restyled
from chatmpi.analysis.source import Source
from chatmpi.translate import first_plan

TYPES = """#include <stdio.h>
#include <stdlib.h>
#include <string.h>
typedef struct { double x, y; } vec;
typedef struct body { vec at; double f[2]; double m; } body;
"""


def apart(text: str) -> str:
    """The program without its types, as it is read."""
    program = parse(Source.from_str("t.c", TYPES + text), ParseOptions())
    shown = restyled(program, ParseOptions()).source.shown
    assert shown.startswith(TYPES)
    return " ".join(shown.removeprefix(TYPES).split())


PAIRS = {
    "static array": (
        "static body b[8]; int main(void) { for (int i = 0; i < 8; i++) b[i].m = i; return 0; }",
        "static double b_m[8]; int main(void) { for (int i = 0; i < 8; i++) b_m[i] = i; return 0; }",
    ),
    "functions get what they use": (
        "double g(const body *p, int k) { return p[k].at.y; } void f(body *p, int n) { p[n].m = g(p, n); } "
        "int main(void) { body b[8]; f(b, 1); return 0; }",
        "double g(const double *p_at_y, int k) { return p_at_y[k]; } "
        "void f(double *p_at_y, double *p_m, int n) { p_m[n] = g(p_at_y, n); } "
        "int main(void) { double b_at_y[8], b_m[8]; f(b_at_y, b_m, 1); return 0; }",
    ),
    "prototype, member that is an array": (
        "void f(struct body p[], int n); int main(void) { struct body b[8]; f(b, 1); return 0; } "
        "void f(struct body p[], int n) { p[n].f[0] = 1; }",
        "void f(double p_f[][2], int n); int main(void) { double b_f[8][2]; f(b_f, 1); return 0; } "
        "void f(double p_f[][2], int n) { p_f[n][0] = 1; }",
    ),
    "allocated, tested and freed": (
        "int main(int n, char **v) { body *b = (body *)malloc(n * sizeof *b); if (!b) return 1; "
        "memset(b, 0, n * sizeof(body)); b[1].m = b[0].f[1]; free(b); return 0; }",
        "int main(int n, char **v) { double (*b_f)[2] = malloc(n * sizeof(double[2])); "
        "double *b_m = malloc(n * sizeof(double)); if ((!b_f || !b_m)) return 1; "
        "memset(b_f, 0, n * sizeof(double[2])); memset(b_m, 0, n * sizeof(double)); b_m[1] = b_f[0][1]; "
        "free(b_f); free(b_m); return 0; }",
    ),
    "structs copied": (
        "int main(void) { body b[8]; vec c = {1, 2}; b[1].at = c; b[0].at = b[1].at; c = b[0].at; return (int)c.x; }",
        "int main(void) { double b_at_x[8], b_at_y[8]; vec c = {1, 2}; b_at_x[1] = c.x; b_at_y[1] = c.y; "
        "b_at_x[0] = b_at_x[1]; b_at_y[0] = b_at_y[1]; c.x = b_at_x[0]; c.y = b_at_y[0]; return (int)c.x; }",
    ),
    "a value that reads what it changes": (
        "int main(void) { vec b[8]; b[1] = (vec){b[1].y, b[1].x}; return 0; }",
        "int main(void) { double b_x[8], b_y[8]; { const vec value = {b_y[1], b_x[1]}; b_x[1] = value.x; "
        "b_y[1] = value.y; } return 0; }",
    ),
    "a value with an array, at a number that steps": (
        "int main(void) { body b[8]; int n = 0; b[n++] = (body){{1, 2}, {3, 4}, 5}; return n + (int)b[0].f[1]; }",
        "int main(void) { double b_at_x[8], b_at_y[8], b_f[8][2], b_m[8]; int n = 0; { "
        "const struct body value = {{1, 2}, {3, 4}, 5}; b_at_x[n] = value.at.x; b_at_y[n] = value.at.y; "
        "b_f[n][0] = value.f[0]; b_f[n][1] = value.f[1]; b_m[n] = value.m; n++; } return n + (int)b_f[0][1]; }",
    ),
    "a pointer to a member's row": (
        "typedef struct { body *b; } all; double g(const all *a, int k) { const double *f = a->b[k].f; return f[1]; }",
        "typedef struct { double (*b_f)[2]; } all; double g(const all *a, int k) { return a->b_f[k][1]; }",
    ),
    "initialised": (
        "vec b[2] = {{1, 2}, {3}}; int main(void) { return (int)(b[0].x + b[1].y); }",
        "double b_x[2] = {1, 3}; double b_y[2] = {2, 0}; int main(void) { return (int)(b_x[0] + b_y[1]); }",
    ),
    "handed out by a function": (
        "static void make(int n, body **p) { *p = malloc(n * sizeof(body)); if (*p == NULL) exit(1); (*p)[0].m = 1; } "
        "int main(void) { body *b = NULL; make(4, &b); b[1].at.x = b[0].m; free(b); return 0; }",
        "static void make(int n, double **p_at_x, double **p_m) { (*p_at_x) = malloc(n * sizeof(double)); "
        "(*p_m) = malloc(n * sizeof(double)); if (((*p_at_x) == NULL || (*p_m) == NULL)) exit(1); (*p_m)[0] = 1; } "
        "int main(void) { double *b_at_x = NULL; double *b_m = NULL; make(4, &b_at_x, &b_m); b_at_x[1] = b_m[0]; "
        "free(b_at_x); free(b_m); return 0; }",
    ),
    "cells of a grid": (
        "double g(const body *p, int i, int j, int n) { return p[i + j*n].f[1]; } int main(int n, char **v) { "
        "body *b = malloc(n * n * sizeof *b); int c = 2*n + 1; b[c].f[n % 2] = 3; return (int)g(b, 1, 2, n); }",
        "double g(const double *p_f, int i, int j, int n) { return p_f[(long)(i + j*n) * 2 + 1]; } "
        "int main(int n, char **v) { double *b_f = malloc(n * n * sizeof(double) * 2); int c = 2*n + 1; "
        "b_f[(long)c * 2 + n % 2] = 3; return (int)g(b_f, 1, 2, n); }",
    ),
    "cells whose arrays are handed on": (
        "double g(const double *f) { return f[1]; } int main(int n, char **v) { "
        "body *b = malloc(n * n * sizeof *b); b[2*n + 1].f[0] = 3; return (int)g(b[n].f); }",
        "double g(const double *f) { return f[1]; } int main(int n, char **v) { "
        "double (*b_f)[2] = malloc(n * n * sizeof(double[2])); b_f[2*n + 1][0] = 3; return (int)g(b_f[n]); }",
    ),
    "one struct by its address": (
        "static void push(body *p) { p->m += 1; } int main(void) { body b[8]; push(&b[3]); return 0; }",
        "static void push(double *p_m) { p_m[0] += 1; } int main(void) { double b_m[8]; push(&b_m[3]); return 0; }",
    ),
}

STAYS = {
    "sorted": "int c(const void *a, const void *b); "
    "int main(void) { vec b[8]; b[0].x = 1; qsort(b, 8, sizeof *b, c); }",
    "read as bytes": "int main(void) { vec b[8]; b[0].x = 1; fread(b, sizeof(vec), 8, stdin); return 0; }",
    "seen as numbers": "int main(void) { vec b[8]; b[0].x = 1; double *d = (double *)b; return (int)d[1]; }",
    "address of a member": "void g(double *v) { v[1] = 0; } int main(void) { vec b[8]; g(&b[0].x); return 0; }",
    "linked": "struct n { struct n *next; int k; }; int main(void) { struct n b[8]; b[0].next = b; return b[0].k; }",
    "a subscript that it changes": "struct k { int a, b; }; int main(void) { struct k t[8], s = {0, 1}; s = t[s.a]; "
    "return s.b; }",
    "a number that its value knows": "int main(void) { vec b[8]; int n = 0; b[n++] = (vec){n, 1}; "
    "return (int)b[0].x; }",
    "bytes of other sizes": "int main(void) { vec *b = malloc(100); b[0].x = 1; return 0; }",
}


@pytest.mark.parametrize(("before", "after"), PAIRS.values(), ids=PAIRS)
def test_members_get_arrays(before: str, after: str) -> None:
    assert apart(before) == after


@pytest.mark.parametrize("text", STAYS.values(), ids=STAYS)
def test_structs_stay(text: str) -> None:
    assert apart(text) == text


def test_bodies_are_divided() -> None:
    plan = first_plan(Source.read(Path(__file__).parent / "regressions" / "array_of_structs.c"))
    divided = {a.name for a in plan.arrays if a.partition}
    assert {"b_vel_x", "b_vel_y", "b_acc_x", "b_acc_y"} <= divided


def test_matrices_of_structs_that_a_function_returns_are_divided() -> None:
    plan = first_plan(Source.read(Path(__file__).parent / "regressions" / "matrices_in_structs.c"))
    assert {"a.data", "c.data"} <= {a.name for a in plan.arrays if a.partition}
