"""What the front end makes of C text: expressions, statements, declarations, and the files around them."""

from __future__ import annotations

from pathlib import Path

import pytest
from parsing import (
    DOUBLE,
    INT,
    body,
    every,
    expression_of,
    first_statement,
    only,
    outline,
    program,
    spelled,
    variable,
)

from chatmpi.analysis import include_paths, tree
from chatmpi.analysis.diagnostics import UnreadableInput, UsageError
from chatmpi.analysis.parse import ParseOptions, parse
from chatmpi.analysis.source import Source
from chatmpi.analysis.tree import (
    Array,
    Binary,
    Call,
    Declaration,
    ExprStmt,
    For,
    Function,
    IntLiteral,
    Name,
    OtherType,
    Pointer,
    Scalar,
    Sizeof,
    Stmt,
    StringLiteral,
    UnknownExpr,
    UnknownStmt,
    statements,
    walk,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x + y * 2 - i", "((x + (y * 2)) - i)"),
        ("u[i*n+j] = u[(i-1)*n+j]", "(u[((i * n) + j)] = u[(((i - 1) * n) + j)])"),
        ("x += y, i <<= 2", "((x += y) , (i <<= 2))"),
        ("i = !j && ~n || -i", "(i = (((!j) && (~n)) || (-i)))"),
        ("*u++ = --i", "((*(u++)) = (--i))"),
        ("x = i < n ? x : 2.5f", "(x = ((i < n) ? x : 2.5f))"),
        ("x = (double)i / n", "(x = (((double)i) / n))"),
        ("i = j % 3 ^ n & 7 | 1", "(i = (((j % 3) ^ (n & 7)) | 1))"),
        ("f(n, i, j, &u[1], x, y)", "f(n, i, j, (&u[1]), x, y)"),
        ("i = 'a' + 0x1F + 017 + 10UL", "(i = (((97 + 31) + 15) + 10))"),
        ("i = 18446744073709551615u > 1", "(i = (18446744073709551615 > 1))"),
        ("2[u] = 1e-3", "(u[2] = 1e-3)"),
    ],
)
def test_operators_come_from_the_compiler(text: str, expected: str) -> None:
    assert outline(expression_of(body(f"{text};"))) == expected


def test_types_of_expressions() -> None:
    p = body("u[i] = i + x; i = n < 2; j = (n + 1u);", "")
    assert only(p, Binary, "i + x").type == DOUBLE
    assert only(p, Binary, "n < 2").type == INT
    assert only(p, Binary, "n + 1u").type == Scalar("unsigned int")


def test_members_through_pointers_and_unnamed_structs() -> None:
    before = "struct p { double x; struct { int k; }; }; struct p a[3], *q;"
    p = body("a[i].x = q->k + (*q).x + a->x;", before)
    assert outline(expression_of(p)) == "(a[i].x = ((q->k + (*q).x) + a->x))"


@pytest.mark.parametrize(
    ("text", "of", "operand"),
    [
        ("sizeof(double)", DOUBLE, None),
        ("sizeof(unsigned long int)", Scalar("unsigned long"), None),
        ("sizeof(struct p *)", Pointer(OtherType("struct p")), None),
        ("sizeof(real)", Scalar("float"), None),
        ("sizeof(double[n])", Array(DOUBLE, None), None),
        ("sizeof(double[8])", Array(DOUBLE, 8), None),
        ("sizeof u", None, "u"),
        ("sizeof(*u)", None, "(*u)"),
        ("sizeof (u)[0]", None, "u[0]"),
    ],
)
def test_sizeof_of_types_and_of_expressions(text: str, of: tree.CType | None, operand: str | None) -> None:
    p = body(f"i = {text};", "typedef float real; struct p { int a; };")
    found = only(p, Sizeof, text)
    assert found.of == of
    assert (found.operand and outline(found.operand)) == operand


def test_sizeof_of_a_type_of_variable_length_has_its_extents() -> None:
    p = body("i = sizeof(double[n + 1][3][n]); j = sizeof(int[4]);")
    first, second = every(p, Sizeof)
    assert [outline(e) for e in first.extents] == ["(n + 1)", "3", "n"]
    assert second.extents == ()


def test_sizeof_of_a_type_that_a_macro_is_given() -> None:
    p = body("double *v = NEW(double, n);", "#include <stdlib.h>\n#define NEW(T, k) malloc((k) * sizeof(T))")
    assert [s.of for s in every(p, Sizeof)] == [DOUBLE]


def test_what_the_tree_has_no_form_for_keeps_its_parts() -> None:
    p = body("i = ({ int k = n; k; }); u = (double[]){x, y};")
    kinds = {e.kind: e for e in every(p, UnknownExpr)}
    assert set(kinds) == {"statement expression", "compound literal"}
    assert [s.id for s in statements(p.functions[0])] == list(range(6))
    assert {n.symbol.name for n in walk(kinds["compound literal"]) if isinstance(n, Name)} == {"x", "y"}


def test_initialisers() -> None:
    p = program('int a[2][2] = {{1, 2}, [1] = {3}}; char s[] = "a\\tb"; struct {int k;} r = {.k = 4};')
    assert [n.value for n in every(p, IntLiteral)] == [2, 2, 1, 2, 1, 3, 4]
    assert [e.kind for e in every(p, UnknownExpr)] == ["designated initializer"] * 2
    assert [n.value for n in every(p, StringLiteral)] == ["a\tb"]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        (r'"%d \"q\"\n"', '%d "q"\n'),
        (r'"a" "b\0c"', "ab\0c"),
        (r'"\x41\102\\?"', "AB\\?"),
        ('"ü"', "Ã¼"),
        ('L"wide"', "wide"),
    ],
)
def test_strings_hold_what_the_program_gets(written: str, value: str) -> None:
    p = body(f"const void *s = {written};")
    assert [n.value for n in every(p, StringLiteral)] == [value]


# ---------------------------------------------------------------------------------------- statements


@pytest.mark.parametrize(
    ("header", "init", "condition", "step"),
    [
        ("for (i = 0; i < n; i++)", "i = 0;", "i < n", "i++"),
        ("for (int k = 0; k < n; k++)", "int k = 0;", "k < n", "k++"),
        ("for (;;)", None, None, None),
        ("for (i = 0;;)", "i = 0;", None, None),
        ("for (; i < n;)", None, "i < n", None),
        ("for (;; i++)", None, None, "i++"),
        ("for (i = 0; i < n;)", "i = 0;", "i < n", None),
        ("for (i = 0;; i++)", "i = 0;", None, "i++"),
        ("for (; i < n; i++)", None, "i < n", "i++"),
        ("for /* ; */ (u[';'] = 0; ; f(1,2,3,u,(x),\";\"[0]))", "u[';'] = 0;", None, 'f(1,2,3,u,(x),";"[0])'),
        ("for (i = 0 /* ; */; ; i++ // ;\n )", "i = 0 /* ; */;", None, "i++"),
    ],
)
def test_the_parts_of_for_are_told_apart(
    header: str, init: str | None, condition: str | None, step: str | None
) -> None:
    p = body(f"{header} break;")
    loop = first_statement(p)
    assert isinstance(loop, For)
    parts = [loop.init, loop.condition, loop.step]
    assert [part and p.source.at(part.span) for part in parts] == [init, condition, step]
    assert p.source.at(loop.body.span) == "break;"


@pytest.mark.parametrize(
    "text",
    [
        "x = y /* why */ ;",
        "(x = y);",
        "(void)x;",
        "return;",
        "return (void)x;",
        "int k = 2, *p = &k;",
        "for (;;) x = y ;",
        "while (i < n) i++;",
        "do i++; while (i < n) ;",
        "do { break; } while (i);",
        "if (i) x = 1; else y = 2 ;",
        "if (i) { continue; }",
        ";",
        "{ x = 1; }",
        "goto end;",
        "switch (i) { case 1: x = 2; break; default: ; }",
        'asm("nop");',
    ],
)
def test_a_statement_covers_its_semicolon(text: str) -> None:
    p = body(f"while (n) {{ {text} }} end: ;")
    loop = first_statement(p)
    assert isinstance(loop, tree.While)
    assert isinstance(loop.body, tree.Block)
    assert [p.source.at(s.span) for s in loop.body.body] == [text]
    assert not any(s.in_macro for s in statements(loop))


def test_what_has_no_form_says_what_it_is() -> None:
    p = body("switch (i) { case 1: x = 2; default: ; } here: x = 1; goto here;")
    assert [s.kind for s in every(p, UnknownStmt)] == ["switch", "case", "default", "label", "goto"]
    assert [s.label for s in every(p, UnknownStmt)] == [None, None, None, "here", "here"]
    assert p.source.at(every(p, UnknownStmt)[1].span) == "case 1: x = 2;"


def test_statements_are_numbered_in_the_order_of_the_source() -> None:
    p = program("""
        void f(int i) { for (int k = 0; k < 3; k++) { if (i) i = 1; else { i = 2; } } }
        int g(void) { return 0; }
    """)
    found = every(p, Stmt)
    assert [s.id for s in found] == list(range(len(found)))
    begins = [s.span.begin for s in found]
    assert begins == sorted(begins)


# -------------------------------------------------------------------------------------- declarations


@pytest.mark.parametrize(
    ("text", "declarators", "extents"),
    [
        ("double a[2][3]", ["a[2][3]"], [["2", "3"]]),
        ("double a[n][n+1], b", ["a[n][n+1]", "b"], [["n", "n+1"], []]),
        ("static const double *a, (*b)[4]", ["*a", "(*b)[4]"], [[], ["4"]]),
        ("double * const a[5] = {0}", ["* const a[5] = {0}"], [["5"]]),
        ("int a[] = {1, 2}", ["a[] = {1, 2}"], [[None]]),
        ("double const a = 1, b[2 /* ] */]", ["a = 1", "b[2 /* ] */]"], [[], ["2"]]),
        ("int (*a)(int, double b[7])", ["(*a)(int, double b[7])"], [[]]),
    ],
)
def test_declarators(text: str, declarators: list[str], extents: list[list[str | None]]) -> None:
    p = body(f"{text};")
    statement = first_statement(p)
    assert isinstance(statement, Declaration)
    assert p.source.at(statement.span) == f"{text};"
    found = statement.variables
    assert [p.source.at(v.span) for v in found] == declarators
    assert [[e and p.source.at(e.span) for e in v.extents] for v in found] == extents
    assert [len(v.brackets) for v in found] == [len(e) for e in extents]
    assert all(p.source.at(b).startswith("[") and p.source.at(b).endswith("]") for v in found for b in v.brackets)
    assert [p.source.at(v.name_span) for v in found] == ["a", "b"][: len(found)]


def test_types_of_variables() -> None:
    p = program("""
        #include <stddef.h>
        typedef double grid[3][4];
        enum colour { RED };
        grid g; size_t n; enum colour c; const float *p; int (*call)(int); extern double vague[]; char *const s = 0;
        long double l; unsigned char b; const int k = 2; struct tag *t; const double table[2];
    """)
    types = {v.symbol.name: v.symbol.type for v in p.globals}
    assert types == {
        "g": Array(Array(DOUBLE, 4), 3),
        "n": Scalar("unsigned long"),
        "c": INT,
        "p": Pointer(Scalar("float")),
        "call": Pointer(OtherType("int (int)")),
        "vague": Array(DOUBLE, None),
        "s": Pointer(Scalar("char")),
        "l": Scalar("long double"),
        "b": Scalar("unsigned char"),
        "k": INT,
        "t": Pointer(OtherType("struct tag")),
        "table": Array(DOUBLE, 2),
    }
    assert {v.symbol.name for v in p.globals if v.symbol.const} == {"s", "k", "table"}


def test_array_parameters_are_pointers_with_their_written_sizes() -> None:
    p = program("void f(int n, double a[n], double b[][n], double c[4][5]) { a[0] = b[0][0] + c[0][0]; }")
    a, b, c = p.functions[0].parameters[1:]
    assert [v.symbol.type for v in (a, b, c)] == [
        Pointer(DOUBLE),
        Pointer(Array(DOUBLE, None)),
        Pointer(Array(DOUBLE, 5)),
    ]
    assert [[e and outline(e) for e in v.extents] for v in (a, b, c)] == [["n"], [None, "n"], ["4", "5"]]
    assert {n.type for n in every(p, Name) if n.symbol.name == "a"} == {Pointer(DOUBLE)}


def test_shadowing_variables_are_two_symbols() -> None:
    p = program("int k; void f(int k) { { int k = 1; k = 2; } k = 3; { extern int k; k = 4; } }")
    written = [s.expr.target for s in every(p, ExprStmt) if isinstance(s.expr, tree.Assign)]
    symbols = [t.symbol for t in written if isinstance(t, Name)]
    assert [s.storage for s in symbols] == ["local", "parameter", "global"]
    assert symbols[2].uid == p.globals[0].symbol.uid
    assert len({s.uid for s in symbols}) == 3


def test_storage() -> None:
    p = program("""
        enum { RED = 1 };
        extern double total; double total = 0;
        static int calls;
        static int f(int a) { static int kept; int local = RED; kept += a + local + calls; return kept; }
        int main(void) { return f(1) + (int)total; }
    """)
    storages = {n.symbol.name: n.symbol.storage for n in every(p, Name)}
    assert storages == {
        **{"RED": "enumerator", "total": "global", "calls": "global", "f": "function"},
        **{"a": "parameter", "kept": "static", "local": "local"},
    }
    assert len({v.symbol.uid for v in p.globals if v.symbol.name == "total"}) == 1


def test_functions_know_their_places() -> None:
    p = program("static double *f ( int n , char **v ) { return 0; }")
    f = p.functions[0]
    assert p.source.at(f.span) == p.source.text.strip()
    assert p.source.at(f.name_span) == "f"
    assert [p.source.at(v.span) for v in f.parameters] == ["n", "**v"]
    assert f.returns == Pointer(DOUBLE)


def test_who_declares_which_function(tmp_path: Path) -> None:
    (tmp_path / "own.h").write_text("double mine(double);\nstatic inline int twice(int a) { return 2 * a; }\n")
    text = """
        #include <math.h>
        #include "own.h"
        int later(int);
        int elsewhere(int);
        double sqrt(double);
        int main(void) { int inner(int); return later(1) + inner(2) + (int)(mine(1) + __builtin_fabs(2.0)); }
        int later(int a) { return a; }
    """
    p = program(text, ParseOptions(include_dirs=(str(tmp_path),)))
    assert p.declared_functions == {"mine", "twice", "elsewhere", "inner"}
    assert {"sqrt", "cos", "__builtin_fabs"} <= p.system_functions
    assert [f.symbol.name for f in p.functions] == ["main", "later"]
    assert [i.name for i in p.includes] == ["math.h", "own.h"]
    assert spelled(p, tuple(i.span for i in p.includes)) == ["#include <math.h>", '#include "own.h"']


# ------------------------------------------------------------------------------------------- reading


def test_utf_8_and_a_byte_order_mark() -> None:
    source = Source.from_bytes("t.c", '\ufeff/* Größe ∂u/∂t */ int größe = 1; char *s = "ü";\n'.encode())
    p = parse(source)
    assert [source.at(v.name_span).encode("latin-1").decode() for v in p.globals] == ["größe", "s"]
    assert source.at(p.globals[1].span).startswith("*s")


def test_line_ends_of_windows() -> None:
    p = parse(Source.from_str("t.c", "#define N 3\r\nint a[N];\r\nvoid f(void)\r\n{\r\n  a[0] = 1;\r\n}\r\n"))
    assert p.source.at(first_statement(p).span) == "a[0] = 1;"


@pytest.mark.parametrize("name", ["-", "-x.c", "/nowhere/at all/größe.c", "<stdin>"])
def test_any_name_will_do(name: str) -> None:
    assert parse(Source.from_str(name, "int main(void) { return 0; }\n")).functions[0].symbol.name == "main"


def test_standard_headers_of_our_own_do_for_common_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(include_paths, "system_directories", lambda: ())
    names = sorted(str(f.relative_to(include_paths.STANDARD)) for f in Path(include_paths.STANDARD).rglob("*.h"))
    assert "sys/time.h" in names
    text = "".join(f"#include <{name}>\n" for name in [*names, "mpi.h"])
    p = program(
        text
        + """
        int main(int argc, char **argv) {
            bool ok = INT_MAX > 0 && DBL_EPSILON < M_PI && isfinite(sqrt(2.0)) && errno != EDOM;
            uint64_t n = UINT64_C(5);
            struct timeval t;
            gettimeofday(&t, NULL);
            assert(ok);
            fprintf(stderr, "%" PRIu64 " %zu\\n", n, strlen(argv[0]));
            double complex z = 1.0 + 2.0 * I;
            return (int)creal(z) + argc + (int)offsetof(struct tm, tm_sec);
        }
        """
    )
    assert {"printf", "malloc", "cos", "memcpy", "gettimeofday", "MPI_Init"} <= p.system_functions
    assert p.declared_functions == frozenset()


@pytest.mark.skipif(not include_paths.system_directories(), reason="no C compiler")
def test_the_system_s_headers_take_over_where_ours_lack_something() -> None:
    p = program('#include <stdio.h>\n#include <sys/stat.h>\nint main(void) { struct stat s; return stat("a", &s); }')
    assert {"stat", "printf"} <= p.system_functions


def test_mpi_programs_are_read_without_an_mpi() -> None:
    p = program("""
        #include <mpi.h>
        static MPI_Comm world = MPI_COMM_WORLD;
        static MPI_Request requests[2] = {MPI_REQUEST_NULL, MPI_REQUEST_NULL};
        int main(int argc, char **argv) {
            int rank, left = MPI_PROC_NULL;
            double x = 0, sum;
            MPI_Status status;
            MPI_Init(&argc, &argv);
            MPI_Comm_rank(world, &rank);
            MPI_Irecv(&x, 1, MPI_DOUBLE, left, 0, MPI_COMM_WORLD, &requests[0]);
            MPI_Waitall(2, requests, MPI_STATUSES_IGNORE);
            MPI_Recv(&x, 1, MPI_DOUBLE, MPI_ANY_SOURCE, MPI_ANY_TAG, world, &status);
            MPI_Allreduce(MPI_IN_PLACE, &sum, 1, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
            if (status.MPI_SOURCE == rank) MPI_Abort(MPI_COMM_WORLD, 1);
            return MPI_Finalize();
        }
    """)
    calls = [c.name for c in every(p, Call)]
    assert calls == [
        f"MPI_{c}" for c in ["Init", "Comm_rank", "Irecv", "Waitall", "Recv", "Allreduce", "Abort", "Finalize"]
    ]
    names = {n.symbol.name for n in every(p, Name)}
    assert {"MPI_COMM_WORLD", "MPI_DOUBLE", "MPI_SUM", "MPI_IN_PLACE", "MPI_PROC_NULL", "MPI_ANY_TAG"} <= names
    assert "MPI_Init" in p.system_functions


def test_a_wrong_type_in_an_mpi_call_is_an_error() -> None:
    with pytest.raises(UnreadableInput, match="incompatible pointer"):
        program("#include <mpi.h>\nint main(void) { int r; return MPI_Comm_rank(MPI_DOUBLE, &r); }")


def test_parsing_twice_gives_the_same_tree() -> None:
    text = "#include <math.h>\nint k; double f(double x) { return sin(x) + k + cos(x); }\n"
    assert program(text) == program(text)


def test_defines_and_standard_reach_the_compiler() -> None:
    options = ParseOptions(defines=("N=5", "FLAG"), standard="c99")
    p = program("#ifndef FLAG\n#error no\n#endif\nlong v = __STDC_VERSION__; int a[N];", options)
    assert variable(p, "a").symbol.type == Array(INT, 5)
    assert [n.value for n in every(p, IntLiteral)] == [199901, 5]


def test_function_is_found_by_name() -> None:
    p = program("int f(void) { return 1; }")
    assert isinstance(p.function("f"), Function)
    assert p.function("g") is None


def test_a_standard_that_does_not_exist() -> None:
    with pytest.raises(UsageError, match="c\\+\\+17"):
        program("int x;", ParseOptions(standard="c++17"))


def test_headers_beside_the_file_are_found(tmp_path: Path) -> None:
    (tmp_path / "size.h").write_text("#define N 12\n")
    main = tmp_path / "main.c"
    main.write_text('#include "size.h"\ndouble a[N];\n')
    assert parse(Source.read(main)).globals[0].symbol.type == Array(DOUBLE, 12)
