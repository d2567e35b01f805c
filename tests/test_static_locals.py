"""Static variables of helper functions: state that outlives a call, and what only looks like it."""

from __future__ import annotations

import pytest
from deciding import HEAD

from chatmpi.analysis.calls.specialise import read_program
from chatmpi.analysis.calls.statics import keeps_state
from chatmpi.analysis.facts import analyze
from chatmpi.analysis.parse import ParseOptions, parse
from chatmpi.analysis.restyle.static_locals import static_locals
from chatmpi.analysis.source import Source, edited
from chatmpi.plan.decide import decide


def after(code: str) -> str:
    program = parse(Source.from_str("program.c", code), ParseOptions())
    return edited(program.source, static_locals(program)).text


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (  # without an iteration, the first call returns 3
            "int f(int n) {\n    static int t = 3;\n    for (int i = 0; i < n; i++) t = i;\n    return t;\n}\n",
            "static int f_t = 3;\nint f(int n) {\n    for (int i = 0; i < n; i++) f_t = i;\n    return f_t;\n}\n",
        ),
        (
            "int f(int n, int *y) {\n    static int i;\n    for (i = 0; i < n; i++) y[i] = i;\n    return i;\n}\n",
            "int f(int n, int *y) {\n    int i;\n    for (i = 0; i < n; i++) y[i] = i;\n    return i;\n}\n",
        ),
        (
            "unsigned r(void) {\n    static unsigned s = 1;\n    s = s * 69069 + 1;\n    return s;\n}\n",
            "static unsigned r_s = 1;\nunsigned r(void) {\n    r_s = r_s * 69069 + 1;\n    return r_s;\n}\n",
        ),
        (  # two of one name
            "int f(void) { static int k; return k++; }\nint g(int k) { return k; }\n",
            "static int f_k;\nint f(void) { return f_k++; }\nint g(int k) { return k; }\n",
        ),
        (  # its address goes elsewhere: set first or not, it is one object
            "void set(int *p);\nint f(void) {\n    static int k;\n    set(&k);\n    return k;\n}\n",
            "void set(int *p);\nstatic int f_k;\nint f(void) {\n    set(&f_k);\n    return f_k;\n}\n",
        ),
        (  # the call inside changes what the one around it reads
            "int f(int n) {\n    static int k;\n    k = n;\n    if (n > 0) f(n - 1);\n    return k;\n}\n",
            "static int f_k;\nint f(int n) {\n    f_k = n;\n    if (n > 0) f(n - 1);\n    return f_k;\n}\n",
        ),
        (  # nothing writes it
            "int f(int i) {\n    static const int w[2] = {1, 2};\n    static int two = 2;\n    return w[i] * two;\n}\n",
            "int f(int i) {\n    static const int w[2] = {1, 2};\n    static int two = 2;\n    return w[i] * two;\n}\n",
        ),
        (  # an extent that only the function knows
            "int f(int i) {\n    enum { N = 3 };\n    static int w[N];\n    return w[i % N]++;\n}\n",
            "int f(int i) {\n    enum { N = 3 };\n    static int w[N];\n    return w[i % N]++;\n}\n",
        ),
    ],
)  # fmt: skip
def test_static_variables(before: str, expected: str) -> None:
    assert after(before) == expected


def test_a_table_that_is_handed_on_may_be_written() -> None:
    program = parse(Source.from_str("p.c", "void g(int *p); int f(void) { static int w[2]; g(w); return w[0]; }"))
    assert keeps_state(program.functions[0])


def test_helpers_with_statics_are_divided() -> None:
    code = f"""{HEAD}
    static double next(void) {{ static unsigned s = 7u; s = s * 1664525u + 1013904223u; return s / 4294967296.0; }}
    static void smooth(int n, const double *a, double *b) {{
        static const double w[3] = {{0.25, 0.5, 0.25}};
        static int i;
        for (i = 1; i < n - 1; i++) b[i] = w[0] * a[i - 1] + w[1] * a[i] + w[2] * a[i + 1];
    }}
    int main(void) {{
        static double u[N], v[N];
        double t = 0;
        for (int i = 0; i < N; i++) u[i] = next();
        for (int k = 0; k < 1000; k++) {{ smooth(N, u, v); smooth(N, v, u); }}
        for (int i = 0; i < N; i++) t += u[i];
        printf("%f\\n", t);
        return 0;
    }}
    """
    facts = analyze(read_program(Source.from_str("program.c", code)))
    assert facts is not None
    assert [a.partition for a in decide(facts).arrays if a.name in ("u", "v")] == ["item", "item"]
