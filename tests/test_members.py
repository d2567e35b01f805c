"""Members of struct variables are variables of their own, where nothing uses the struct as a whole."""

from __future__ import annotations

import re

import pytest
from deciding import HEAD, array, exchanged, facts_of, plan_of

from chatmpi.analysis import tree
from chatmpi.analysis.calls.functions import expandable
from chatmpi.analysis.calls.specialise import read_program
from chatmpi.analysis.facts import analyze
from chatmpi.analysis.source import Source
from chatmpi.generate.from_template import generate
from chatmpi.plan.decide import decide
from chatmpi.translate import translate
from chatmpi.verify.sizes import definitions

GRID = """
typedef struct { int n; double h; double *u, *f, *next; } Grid;
int main(void) {
  Grid g = { .h = 0.1, .n = N };
  g.u = calloc(g.n, sizeof *g.u); g.f = malloc(g.n*sizeof *g.f); g.next = calloc(g.n, sizeof(double));
  for (int i = 0; i < g.n; i++) g.f[i] = i*g.h;
  for (int t = 0; t < 9; t++) {
    for (int i = 1; i < g.n - 1; i++) g.next[i] = 0.5*(g.u[i-1] + g.u[i+1] + g.f[i]);
    double *held = g.u; g.u = g.next; g.next = held;
  }
  double s = 0;
  for (int i = 0; i < g.n; i++) s += g.u[i];
  printf("%.12g\\n", s);
  free(g.u); free(g.f); free(g.next);
  return 0;
}
"""


def test_arrays_and_sizes_in_a_struct_are_divided_as_others_are() -> None:
    plan = plan_of(HEAD + GRID)
    assert {a.name: a.partition for a in plan.arrays} == {"g.u": "item", "g.f": "item", "g.next": "item"}
    assert exchanged(plan) == ["halo g.u", "reduce s"]
    text = translate(Source.from_str("grid.c", HEAD + GRID)).source.text
    assert "g.u = calloc((my_count + 2), sizeof *g.u);" in text
    assert "g.f[i] = (i + my_offset)*g.h;" in text


def test_an_array_that_lies_in_a_struct_becomes_a_pointer_where_no_other_variable_has_its_type() -> None:
    code = (
        "%sstatic struct { double a[N][M], x[M]; int steps; } d = { .steps = 3 };\n%s"
        "int main(void) {\n"
        "for (int t = 0; t < d.steps; t++) for (int i = 0; i < N; i++) for (int j = 0; j < M; j++) d.a[i][j] += i*j;\n"
        'double s = 0; for (int i = 0; i < N; i++) for (int j = 0; j < M; j++) s += d.a[i][j]; printf("%%g\\n", s);\n'
        "}\n"
    )
    plan = plan_of(code % (HEAD, ""))
    assert array(plan, "d.a").partition == "row"
    several = plan_of((code % (HEAD, "struct Grid other[2];\n")).replace("struct {", "struct Grid {"))
    assert array(several, "d.a").partition is None


@pytest.mark.parametrize(
    "use",
    ["struct P *q = N ? &p : 0;", "memcpy(&q, &p, sizeof p);", "((char *)&p)[0] = 1;"],
)
def test_a_struct_that_is_used_as_a_whole_stays_one(use: str) -> None:
    code = (
        f"#include <string.h>\n{HEAD}struct P {{ int n; double *u; }};\nint main(void) {{ struct P p, q; p.n = 9; {use}"
    )
    facts = facts_of(code.replace("q;", "r;") + " return p.n; }" if "*q" in use else code + " return p.n; }")
    assert not any(s.name == "p.n" for s in facts.touches.scopes)


@pytest.mark.parametrize(
    "body",
    [
        "int n; union { int m; float x; };",
        "int n : 4, m : 4;",
        "volatile int n; int m;",
        "union { int k; float x; } u; int n, m;",
    ],
)
def test_members_that_share_memory_stay_together(body: str) -> None:
    facts = facts_of(f"struct S {{ {body} }};\nint main(void) {{ struct S s; s.n = 1; s.m = 2; return s.n; }}")
    assert not any(s.name.startswith("s.") for s in facts.touches.scopes)


SIM = """
typedef struct { int n; double *u, *v; } Grid;
typedef struct { double dt; Grid grid; } Sim;
static void fill(Grid *g, int n) {
  if (g == NULL) return;
  g->n = n; g->u = malloc(n * sizeof *g->u); g->v = malloc(n * sizeof *g->v);
  for (int i = 0; i < g->n; i++) { g->u[i] = i; g->v[i] = 0; }
}
static void advance(Sim *sim) {
  const Grid *g = &sim->grid;
  for (int i = 1; i < g->n - 1; i++) g->v[i] = g->u[i] + sim->dt*(g->u[i-1] + g->u[i+1]);
}
int main(void) {
  Sim sim, *s = &sim;
  s->dt = 0.1;
  fill(&s->grid, 200);
  USE
  for (int t = 0; t < 9; t++) advance(s);
  for (int i = 0; i < s->grid.n; i++) printf("%g\\n", s->grid.v[i]);
  free(sim.grid.u); free(s->grid.v);
}
"""


def test_a_pointer_that_only_points_at_one_object_is_that_object() -> None:
    plan = plan_of(HEAD + SIM.replace("USE", ""))
    assert {a.name: a.partition for a in plan.arrays} == {"sim.grid.u": "item", "sim.grid.v": "item"}
    assert exchanged(plan)[0] == "halo sim.grid.u"


@pytest.mark.parametrize("use", ["Sim other = {0}; if (s->dt > 0) s = &other;", "Sim **p = &s; (*p)++;", "s++;"])
def test_a_pointer_that_may_point_elsewhere_is_no_object(use: str) -> None:
    assert not any(a.partition for a in plan_of(HEAD + SIM.replace("USE", use)).arrays)


@pytest.mark.parametrize(
    ("arguments", "body", "binds"),
    [
        ("Grid *g, double *u", "u[0] = g->n;", True),
        ("Grid *g, double *u", "g->u = g->v; u[0] = 1;", False),
        ("Grid *g, double *u", "other(g); u[0] = 1;", False),
    ],
)
def test_an_array_is_handed_over_beside_its_struct_where_it_stays_its_array(
    arguments: str, body: str, binds: bool
) -> None:
    head = SIM[: SIM.index("static void fill")] + "static void other(Grid *g) { g->u = g->v; }\n"
    code = HEAD + head + f"static void f({arguments}) {{ {body} }}\nint main(void) {{ Grid g; f(&g, g.u); }}"
    program = facts_of(code).written
    f, main = program.function("f"), program.function("main")
    assert f is not None
    assert main is not None
    (call,) = [n for n in tree.walk(main) if isinstance(n, tree.Call)]
    assert expandable(program).binds(call, f) == binds


V2 = """
typedef struct { double x, y; } V2;
static V2 add(V2 a, V2 b) { a.x += b.x; a.y += b.y; return a; }
static V2 scale(V2 a, double s) { V2 r = { .y = s*a.y, .x = s*a.x }; return r; }
static V2 turned(V2 a) { if (a.x < 0) return (V2){ a.y, -a.x }; return (V2){ -a.y, a.x }; }
static double norm2(V2 a) { return a.x*a.x + a.y*a.y; }
static const V2 zero = { 0, 0 };
"""


def test_functions_on_the_values_of_structs_compute_like_others() -> None:
    code = f"""{HEAD}{V2}
    int main(void) {{
      static double u[N], v[N];
      V2 total = zero;
      for (int i = 0; i < N; i++) {{
        V2 p = turned((V2){{u[i], i}}); v[i] = norm2(scale(p, 2)); total = add(total, p);
      }}
      printf("%g %g\\n", total.x, total.y);
    }}
    """
    (loop,) = facts_of(code).loop_facts.values()
    assert not loop.blockers
    assert {(r.symbol.name, r.operation) for r in loop.reductions} == {("total.x", "SUM"), ("total.y", "SUM")}


@pytest.mark.parametrize(
    ("update", "blocked"),
    [
        ("p = (V2){ p.y, p.x };", True),  # each needs the other's old value
        ("p = turned(p);", True),
        ("p = add(p, (V2){ u[i], p.x });", True),
        ("V2 q = p; u[i] = q.x;", False),
        ("V2 *q = &p; q->x += u[i]; q->y = fmax(q->y, u[i]);", False),
        ("V2 q; q.x = i; u[i] = norm2(q);", False),
        ("p.y = fabs(p.x) + i; p.x = p.y; u[i] = norm2(p);", True),
    ],
)
def test_what_a_struct_holds_from_one_iteration_to_the_next_counts(update: str, blocked: bool) -> None:
    code = f"""{HEAD}{V2}
    int main(void) {{
      static double u[N];
      V2 p = {{ 1, 2 }};
      for (int i = 0; i < N; i++) {{ {update} }}
      printf("%g %g\\n", p.x, p.y);
    }}
    """
    (loop,) = facts_of(code).loop_facts.values()
    assert bool(loop.blockers) == blocked


def test_a_struct_that_stays_whole_is_a_variable_as_others_are() -> None:
    code = f"""{HEAD}{V2}
    void fill(V2 *p, double x) {{ p->x = x; if (x > 3) p->y = 1; else p->y = 2; while (x > 1) x /= 2; p->x += x; }}
    double use(V2 p) {{ double s = 0; while (p.x > 1) {{ p.x /= 2; s += p.y; }} return s; }}
    int main(void) {{
      static double u[N];
      V2 p = {{ 1, 2 }}, outer; void (*f)(V2 *, double) = fill; f(&outer, 1); BEFORE
      for (int i = 0; i < N; i++) {{ BODY u[i] = use(p) + outer.x; }}
      printf("%g\\n", u[3]);
    }}
    """

    def blockers(before: str, body: str) -> bool:
        (loop,) = facts_of(code.replace("BEFORE", before).replace("BODY", body)).loop_facts.values()
        return bool(loop.blockers)

    assert not blockers("", "")
    assert not blockers("", "V2 q; q.x = outer.y; q.y = i; u[i] = use(q);")
    assert blockers("", "outer.y = i;")


VECTOR = """
typedef struct { int size; double *at; } Vector;
static Vector vec_new(int n) {
  MAKE
}
static void vec_free(Vector *v) { free(v->at); v->at = NULL; v->size = 0; }
static double *vec_at(const Vector *v, int i) { return &v->at[i]; }
static void axpy(double a, const Vector *x, Vector *y) { for (int i = 0; i < x->size; i++) y->at[i] += a * x->at[i]; }
int main(void) {
  enum { COUNT = 900 };
  Vector x = vec_new(COUNT), y;
  y = vec_new(COUNT);
  for (int i = 0; i < COUNT; i++) { *vec_at(&x, i) = i; y.at[i] = 1; }
  for (int t = 0; t < 50; t++) axpy(0.5, &x, &y);
  double last = *vec_at(&y, COUNT - 1);
  printf("%g\\n", last);
  vec_free(&x); vec_free(&y);
}
"""


@pytest.mark.parametrize(
    "made",
    [
        "Vector v = { n, NULL }; v.at = calloc(n, sizeof *v.at); if (!v.at) exit(1); return v;",
        "Vector v; v.size = n; v.at = calloc(n, sizeof *v.at); return v;",
        "Vector v = { .at = calloc(n, sizeof(double)), .size = n }; if (v.at == NULL) exit(1); return v;",
        "if (n < 0) exit(1); return (Vector){ n, calloc(n, sizeof(double)) };",
    ],
)
def test_a_function_makes_a_struct_with_memory_of_its_own(made: str) -> None:
    code = HEAD + VECTOR.replace("MAKE", made)
    facts = analyze(read_program(Source.from_str("vector.c", code)))
    assert facts is not None
    partitions = {a.name: a.partition for a in decide(facts).arrays}
    assert partitions == {"x.at": "item", "y.at": "item"}


def test_sizes_that_main_enumerates_are_called_in_functions_what_these_call_them() -> None:
    code = HEAD + VECTOR.replace("MAKE", "Vector v = { n, malloc(n * sizeof(double)) }; return v;")
    program = read_program(Source.from_str("vector.c", code))
    facts = analyze(program)
    assert facts is not None
    text = generate(facts, decide(facts)).text
    functions = text[: text.index("int main(void)")]
    assert "COUNT" not in re.sub("main_COUNT", "", functions)
    assert [d.name for d in definitions(program)][-1] == "COUNT"


def test_a_copy_of_a_struct_that_a_function_changes_is_no_other_name_for_it() -> None:
    code = f"""{HEAD}
    typedef struct {{ int n; double *u; }} G;
    static G g;
    static void f(G old, double *v) {{ g.n = 3; for (int i = 0; i < old.n; i++) v[i] = i; }}
    static void k(G old, double *v) {{ for (int i = 0; i < old.n; i++) v[i] = i; }}
    int main(void) {{ static double v[N]; G h = {{ N, v }}; CALL; }}
    """

    def binds(call: str) -> bool:
        program = facts_of(code.replace("CALL", call)).written
        (found,) = [n for n in tree.walk(program.functions[-1]) if isinstance(n, tree.Call)]
        callee = program.function(found.name or "")
        assert callee is not None
        return expandable(program).binds(found, callee)

    assert binds("f(h, v)")
    assert not binds("f(g, v)")
    assert not binds("k(g, v)")  # f might have been called: it is never asked when


MATRICES = """
typedef struct { double e[N][N]; int used; } Matrix;
static Matrix a, b;
static void fill(Matrix *m, int k) {
  m->used = k;
  for (int i = 0; i < N; i++) for (int j = 0; j < N; j++) m->e[i][j] = i*k + j;
}
static void scale(const Matrix *from, Matrix *to) {
  for (int t = 0; t < 99; t++) for (int i = 0; i < N; i++) for (int j = 0; j < N; j++) to->e[i][j] += 0.5*from->e[i][j];
}
int main(void) {
  Matrix c;
  fill(&a, 1); fill(&b, 2); fill(&c, 3);
  scale(&a, &b); scale(&b, &c);
  USE
  double s = 0;
  for (int i = 0; i < N; i++) s += c.e[i][i];
  printf("%g\\n", s);
}
"""


def test_arrays_in_several_structs_of_one_type_are_divided_together() -> None:
    facts = analyze(read_program(Source.from_str("matrices.c", HEAD + MATRICES.replace("USE", ""))))
    assert facts is not None
    plan = decide(facts)
    assert {x.name: x.partition for x in plan.arrays} == {"a.e": "row", "b.e": "row", "c.e": "row"}
    text = generate(facts, plan).text
    assert "typedef struct { double (*e)[N]; int used; } Matrix;" in text
    assert "c.e = malloc(rows * sizeof *c.e);" in text


@pytest.mark.parametrize("use", ["Matrix d = c; scale(&d, &c);", "if (sizeof(Matrix) > 9) a.e[0][0] = 1;"])
def test_arrays_in_structs_stay_where_one_is_used_whole(use: str) -> None:
    facts = analyze(read_program(Source.from_str("matrices.c", HEAD + MATRICES.replace("USE", use))))
    assert facts is not None
    assert not any(x.partition for x in decide(facts).arrays)


CLEARED = """
typedef struct { double *m; int rows, cols; } Mat;
static void make(Mat *a, int rows, int cols) {
  a->rows = rows; a->cols = cols; a->m = calloc(rows*cols, sizeof(double)); }
static void clear(Mat *a) { free(a->m); a->m = NULL; a->rows = 0; a->cols = 0; }
static Mat a;
int main(int argc, char **argv) {
  (void)argv; int n = 20*argc + 3, m = n + 2;
  make(&a, n, m);
  for (int i = 0; i < a.rows; i++) for (int j = 0; j < a.cols; j++) a.m[i*a.cols + j] = i - j;
  double s = 0;
  for (int i = 0; i < a.rows; i++) for (int j = 0; j < a.cols; j++) s += a.m[i*a.cols + j];
  %s
  clear(&a);
  printf("%%.12g %%d\\n", s, %s);
  return 0;
}
"""


@pytest.mark.parametrize(
    ("behind", "printed", "divided"),
    [("", "n", True), ("", "a.cols", False), ("a.cols = m - 1; s += a.m[1*a.cols + 1];", "n", False)],
)
def test_what_a_struct_is_given_when_it_is_done_with_changes_nothing(behind: str, printed: str, divided: bool) -> None:
    plan = plan_of(HEAD + CLEARED % (behind, printed))
    assert ("a.m" in {a.name for a in plan.arrays if a.partition}) == divided


@pytest.mark.parametrize(
    ("clear", "printed", "divided"),
    [
        ("a->m = NULL; a->rows = a->cols = 0;", "n", True),
        ("a->m = NULL, a->rows = 0, a->cols = 0;", "n", True),
        ("memset(a, 0, sizeof *a);", "n", True),
        ("memset(a, 0, sizeof(Mat));", "n", True),
        ("*a = (Mat){0};", "n", True),
        ("a->m = NULL; a->rows = a->cols = 0;", "a.rows", False),
        ("memset(a, 0, sizeof *a);", "a.cols", False),
        ("memset(a, 0, sizeof a);", "n", False),  # not all of it, or no zeros
        ("memset(a, 1, sizeof *a);", "n", False),
    ],
)
def test_a_struct_may_be_cleared_at_once_when_it_is_done_with(clear: str, printed: str, divided: bool) -> None:
    code = (CLEARED % ("", printed)).replace("a->m = NULL; a->rows = 0; a->cols = 0;", clear)
    plan = plan_of("#include <string.h>\n" + HEAD + code)
    assert ("a.m" in {a.name for a in plan.arrays if a.partition}) == divided


def test_a_struct_that_begins_with_zeros_may_be_set_to_them_at_once() -> None:
    code = (CLEARED % ("", "n")).replace("static Mat a;\n", "")
    code = code.replace("make(&a", "Mat a; memset(&a, 0, sizeof a); make(&a")
    assert array(plan_of("#include <string.h>\n" + HEAD + code), "a.m").partition is not None
