"""Where the text stands that macros wrote, and which of it can be edited there."""

from __future__ import annotations

from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st
from parsing import body, every, expression_of, first_statement, only, outline, program, variable

from chatmpi.analysis import tree
from chatmpi.analysis.parse import ParseOptions, parse
from chatmpi.analysis.source import Source, Span
from chatmpi.analysis.tree import (
    Array,
    Binary,
    Declaration,
    Expr,
    FloatLiteral,
    For,
    IntLiteral,
    Name,
    Node,
    Pointer,
    Program,
    Scalar,
    Sizeof,
    UnknownStmt,
    children,
    walk,
)

MACROS = """
#define N 64
#define HALF (0.5)
#define M (N+2)
#define TWICE_N 2*N
#define IDX(i,j) ((i)*n+(j))
#define A(i,j) u[(i)*n+(j)]
#define SQ(x) x*x
#define SWAP(a,b) do { double t = a; a = b; b = t; } while (0)
#define FOR(i,n) for (int i = 0; i < n; i++)
#define LOOP(i) for (;;i++)
#define TWO(a,b) a = 1; b = 2
#define KEEP(s) s
"""


def texts(p: Program, kind: type[Node], in_macro: bool) -> list[str]:
    return [p.source.at(n.span) for n in walk(p.functions[0].body) if isinstance(n, kind) and n.in_macro == in_macro]


def test_a_literal_knows_its_macro() -> None:
    p = program(
        f"{MACROS}double a[N][M]; double b = HALF; int c = GIVEN; int d = 64; int e[TWICE_N];",
        ParseOptions(defines=("GIVEN=(7)",)),
    )
    found = [(n.macro, p.source.at(n.span), n.in_macro) for n in every(p, IntLiteral)]
    assert found == [
        ("N", "N", False),
        ("N", "M", True),
        (None, "M", True),
        ("GIVEN", "GIVEN", False),
        (None, "64", False),
        (None, "TWICE_N", True),
        ("N", "TWICE_N", True),
    ]
    half = every(p, FloatLiteral)[0]
    assert (half.macro, half.text, half.value, p.source.at(half.span)) == ("HALF", "0.5", 0.5, "HALF")


def test_a_whole_use_is_editable_and_so_are_its_arguments() -> None:
    p = body("u[IDX(i-1,j)] = A(i,j+1);", MACROS)
    index, product, *_ = [n for n in every(p, Binary) if p.source.at(n.span).startswith("IDX")]
    assert (index.op, index.in_macro) == ("+", False)
    assert (product.op, product.in_macro) == ("*", True)
    assert not only(p, Binary, "i-1").in_macro
    assert not only(p, Binary, "j+1").in_macro
    assert not only(p, tree.Index, "A(i,j+1)").in_macro
    assert not first_statement(p).in_macro


def test_what_a_macro_begins_or_ends_is_editable() -> None:
    p = body("for (i = N; i < N; i += 1) A(i,j) = A(i,j) * M;", MACROS)
    assert texts(p, For, True) == []
    assert not only(p, Binary, "i < N").in_macro
    assert not only(p, tree.Assign, "A(i,j) = A(i,j) * M").in_macro
    assert p.source.at(first_statement(p).span).endswith("M;")


def test_an_argument_that_is_used_twice_is_two_nodes_of_one_place() -> None:
    p = body("x = SQ(y);", MACROS)
    names = [n for n in every(p, Name) if n.symbol.name == "y"]
    assert len(names) == 2
    assert {p.source.at(n.span) for n in names} == {"y"}
    product = every(p, Binary)[0]
    assert (p.source.at(product.span), product.in_macro) == ("SQ(y)", True)
    assert not first_statement(p).in_macro


def test_macros_in_the_arguments_of_macros() -> None:
    p = body("u[IDX(IDX(i,N),j)] = SQ(A(i,j));", MACROS)
    inner = [n for n in every(p, Binary) if p.source.at(n.span) == "IDX(i,N)" and not n.in_macro]
    assert [n.op for n in inner] == ["+"]
    assert not only(p, IntLiteral, "N").in_macro
    elements = [n for n in every(p, tree.Index) if p.source.at(n.span) == "A(i,j)"]
    assert len(elements) == 2


def test_without_parentheses_the_precedence_decides() -> None:
    p = body("x = 1 + SQ(i + j);", MACROS)
    assert outline(expression_of(p)) == "(x = (((1 + i) + (j * i)) + j))"
    mangled = [n for n in every(p, Binary) if n.in_macro]
    assert {p.source.at(n.span) for n in mangled} >= {"SQ(i + j)"}
    assert "i + j" not in texts(p, Binary, False)


def test_macros_that_hold_statements() -> None:
    p = body("FOR(k, N) { u[k] = 0; SWAP(x, u[k]); } TWO(i,j);", MACROS)
    loop, first, second = p.functions[0].body.body
    assert isinstance(loop, For)
    assert not loop.in_macro
    assert isinstance(loop.init, Declaration)
    assert loop.init.in_macro
    assert loop.condition is not None
    assert loop.condition.in_macro
    assert p.source.at(variable(p, "k").name_span) == "k"
    assert [(p.source.at(s.span), s.in_macro) for s in every(p, tree.DoWhile)] == [("SWAP(x, u[k]);", False)]
    assert variable(p, "t").in_macro
    assert [(s.in_macro, p.source.at(s.span)) for s in (first, second)] == [(True, "TWO(i,j)")] * 2


def test_a_for_that_a_macro_wrote_with_parts_missing_is_unknown() -> None:
    p = body("LOOP(i) break;", MACROS)
    loop = first_statement(p)
    assert isinstance(loop, UnknownStmt)
    assert loop.kind == "for"
    assert [type(c).__name__ for c in children(loop)][-1] == "Break"


def test_a_statement_without_a_semicolon_of_its_own_is_not_editable() -> None:
    p = body("KEEP(x = y); x = 2; y = 3 END_", MACROS + "#define END_ ;\n")
    assert [s.in_macro for s in p.functions[0].body.body] == [True, False, True]


def test_definitions_of_macros() -> None:
    p = program("#define N 64 /* size */\n#  define F(a, ...) \\\n   g(a, __VA_ARGS__)\n#define NOTHING\nint x;\n")
    assert [(m.name, m.parameters, p.source.at(m.body_span)) for m in p.macros] == [
        ("N", None, "64"),
        ("F", ("a", "__VA_ARGS__"), "g(a, __VA_ARGS__)"),
        ("NOTHING", None, ""),
    ]
    assert p.source.at(p.macros[0].span) == "#define N 64"
    assert p.source.at(p.macros[1].span).startswith("#  define F(a, ...)")


def test_a_macro_that_names_a_macro_takes_the_arguments_behind_it() -> None:
    p = body("x = GET(y) + i;", MACROS + "#define GET SQ\n")
    assert outline(expression_of(p)) == "(x = ((y * y) + i))"
    assert [p.source.at(n.span) for n in every(p, Binary) if n.op == "*"] == ["GET(y)"]


def test_included_statements_stand_at_their_directive(tmp_path: Path) -> None:
    (tmp_path / "part.inc").write_text("x = 1;\ny = 2;\n")
    p = program(
        'void f(double x, double y) {\n#include "part.inc"\nx = 3; }\n',
        ParseOptions(include_dirs=(str(tmp_path),)),
    )
    found = [(p.source.at(s.span), s.in_macro) for s in p.functions[0].body.body]
    assert found == [('#include "part.inc"', True)] * 2 + [("x = 3;", False)]


# ------------------------------------------------------------------------------------- laws of macros

# Bodies use a parameter once: an argument that is used twice reaches several nodes, and a body without
# parentheses may tear it apart.
LAW_MACROS = (
    ("C", 0, "3"),
    ("S", 0, "a + b"),
    ("NEG", 0, "-b"),
    ("P", 0, "(S)"),
    ("E", 0, "u[C]"),
    ("ID", 1, "x"),
    ("INC", 1, "x + 1"),
    ("SUB", 1, "(a - (x))"),
    ("AT", 1, "u[x]"),
    ("CALL", 2, "f(x, S * y)"),
    ("DIFF", 2, "x - y"),
    ("DEEP", 2, "(SUB(INC(x)) * (y))"),
)
LAW_PARAMETERS = ("", "(x)", "(x,y)")
LAW_HEAD = "int zz, u[9]; int f(int, int);\n" + "".join(
    f"#define {name}{LAW_PARAMETERS[arity]} {written}\n" for name, arity, written in LAW_MACROS
)


def written_use(name_and_arguments: tuple[str, ...]) -> str:
    name, *arguments = name_and_arguments
    return f"{name}({', '.join(arguments)})"


def uses(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    calls = [st.tuples(st.just(name), *[inner] * arity).map(written_use) for name, arity, _ in LAW_MACROS if arity]
    operators = st.tuples(inner, st.sampled_from(["+", "-", "*", "<"]), inner).map(" ".join)
    return st.one_of(*calls, operators, inner.map(lambda e: f"({e})"), inner.map(lambda e: f"u[{e}]"))


EXPRESSIONS = st.recursive(
    st.sampled_from(["a", "b", "7", *(name for name, arity, _ in LAW_MACROS if not arity)]), uses, max_leaves=8
)


def replaced(node: Node, gone: set[int]) -> str:
    """The outline of a function's statements, with some expressions replaced by `zz`."""
    if id(node) in gone:
        return "zz"
    parts = " ".join(replaced(c, gone) for c in children(node))
    own = getattr(node, "op", "") or (outline(node) if isinstance(node, Name | IntLiteral) else "")
    return f"({type(node).__name__} {own} {parts})" if not isinstance(node, Name) else outline(node)


@settings(max_examples=60)
@given(EXPRESSIONS)
@example("(DIFF(C, C) * a)")
@example("DIFF(ID(C), DIFF(C, b)) * 7")
def test_replacing_an_editable_expression_replaces_just_that(text: str) -> None:
    head = f"{LAW_HEAD}int g(int a, int b) {{ a = {text}; return "
    before = program(head + "0; }\n")
    statement = before.functions[0].body.body[0]
    places: dict[Span, set[int]] = {}
    for node in walk(statement):
        if isinstance(node, Expr) and not node.in_macro and outline(node) not in ("u", "f"):
            places.setdefault(node.span, set()).add(id(node))
    assert places
    for span, gone in places.items():
        source = before.source
        edited = Source("t.c", f"{source.text[: span.begin]} zz {source.text[span.end :]}")
        after = parse(edited).functions[0].body.body[0]
        assert replaced(after, set()) == replaced(statement, gone), source.at(span)


@settings(max_examples=40)
@given(st.binary(max_size=40).filter(lambda b: b"*/" not in b and b"\0" not in b and b"\\\n" not in b))
def test_offsets_count_bytes_whatever_they_are(comment: bytes) -> None:
    source = Source.from_bytes("t.c", b"/*" + comment + b"*/ int x; /*" + comment + b"*/ int y = 1;\n")
    p = parse(source)
    assert [source.at(v.span) for v in p.globals] == ["x", "y = 1"]


def test_spans_nest() -> None:
    p = body("FOR(k, N) if (k < M) { u[IDX(k,j)] = SQ(x + y) * A(k,TWICE_N); SWAP(x,y); TWO(i,j); }", MACROS)
    for node in walk(p.functions[0].body):
        for part in children(node):
            assert node.span.begin <= part.span.begin
            assert part.span.end <= node.span.end


def test_types_that_macros_write_in_sizeof() -> None:
    code = "#define REAL double\n#define ROW REAL *\nint f() { return sizeof(REAL) + sizeof(ROW) + sizeof(bool); }\n"
    read = parse(Source.from_str("program.c", "#include <stdbool.h>\n" + code))
    kinds = [n.of for n in walk(read.functions[0]) if isinstance(n, Sizeof)]
    sized = parse(Source.from_str("p.c", "#define N 9\n#define T int\nint f(void) { return sizeof(T[N]); }"))
    assert [n.of for n in walk(sized.functions[0]) if isinstance(n, Sizeof)] == [Array(Scalar("int"), None)]
    assert kinds == [Scalar("double"), Pointer(Scalar("double")), Scalar("_Bool")]
