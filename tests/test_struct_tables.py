"""Constant tables of structs that hold functions: their loops, members and entries, before and after they are spelled
anew."""

from __future__ import annotations

import pytest

from chatmpi.analysis.calls.specialise import read_program
from chatmpi.analysis.parse import parse
from chatmpi.analysis.restyle.one_entry import one_entry
from chatmpi.analysis.restyle.table_loops import table_loops
from chatmpi.analysis.restyle.table_members import table_members
from chatmpi.analysis.restyle.table_tests import table_tests
from chatmpi.analysis.source import Source, edited

HEAD = (
    "#include <stdio.h>\ndouble sin(double); double cos(double); double u[4];\n"
    "double sum(double (*g)(double), double w); void say(const char *t);\n"
    "struct rule { const char *name; double (*f)(double); double w; int n; };\n"
)
RULES = 'static const struct rule r[2] = { { "one", sin, 2, 5 }, { .f = cos, .w = 0.5 } };\n'
MAIN = "int main(void) { double s = 0; "


def program(text: str, end: str = "return s; }") -> str:
    return f"{HEAD}{text}{end}"


def spelled_anew(text: str) -> str:
    """What becomes of it when its loops are written out, and then its entries are known."""
    for one_pass in (table_loops, table_members, table_members):
        read = parse(Source.from_str("t.c", text))
        text = edited(read.source, one_pass(read)).shown
    return text


def same(one: str, other: str) -> bool:
    return one.split() == other.split()


LOOPS = [
    "for (size_t k = 0; k < sizeof r / sizeof r[0]; k++) s += sum(r[k].f, r[k].w);",
    "for (int k = 0; k < 2; k++) s += sum(r[k].f, r[k].w);",
    "for (short k = 0; k <= 1; ++k) { const int at = k; s += sum(r[at].f, r[at].w); }",
    "int k; for (k = 0; k != 2; k++) { s += sum(r[k].f, r[k].w); }",
]


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("table", [RULES, RULES.replace("static const ", ""), RULES.replace("static", "")])
def test_a_body_for_each_entry_has_what_the_entry_holds(loop: str, table: str) -> None:
    after = "{ { s += sum(sin, 2.0); } { s += sum(cos, 0.5); } }"
    assert same(spelled_anew(program(table + MAIN + loop)), program(MAIN + after))


def test_a_table_in_a_function_may_end_with_an_empty_entry() -> None:
    table = 'static const struct { double (*f)(double); const char *t; } q[] = { { sin, "a" }, { cos, "b" }, { 0 } }; '
    after = '{ { say("a"); s += sin(s); } { say("b"); s += (cos)(s); } }'
    for test in ("q[k].f", "q[k].t != NULL"):
        loop = f"for (int k = 0; {test}; k++) {{ say(q[k].t); s += %s(s); }}"
        first, second = (spelled_anew(program(MAIN + table + loop % call)) for call in ("q[k].f", "(*q[k].f)"))
        assert same(first, program(MAIN + after.replace("(cos)", "cos")))
        assert same(second, program(MAIN + after.replace("sin(s)", "(sin)(s)")))


def test_a_struct_with_a_name_stays() -> None:
    text = HEAD + "static const struct two { double (*f)(double); } t[1] = { { sin } }, other;\n"
    assert same(
        spelled_anew(text + MAIN + "return t[0].f(s); }"),
        HEAD + "static const struct two { double (*f)(double); } other;\n" + MAIN + "return sin(s); }",
    )
    alone = spelled_anew(text.replace(", other", "") + MAIN + "struct two a; return t[0].f(s); }")
    assert same(alone, HEAD + "struct two { double (*f)(double); };\n" + MAIN + "struct two a; return sin(s); }")


MEMBERS = [
    # the value is one of the member's type, and parentheses keep it together
    ("int n", "7", "7"),
    ("long n", "7", "7l"),
    ("double n", "7", "7.0"),
    ("double n", "-7", "(-7.0)"),
    ("double n", "2.0 / 3", "(2.0 / 3)"),
    ("double n", "2 / 3", "((double)(2 / 3))"),
    ("float n", "0.1", "((float)(0.1))"),
    ("unsigned char n", "300", "((unsigned char)(300))"),
    ("int n", "2.9", "((int)(2.9))"),
    ("double *n", "u", "u"),
    # an array has other elements, an address is not plain, a member has no value
    ("const double *n", "u + 1", None),
    ("void *n", "u", None),
    ("char n[4]", '"abc"', None),
    ("double (*n)(double)", "(double (*)(double))sum", None),
]


@pytest.mark.parametrize(("member", "value", "after"), MEMBERS)
def test_values_of_members(member: str, value: str, after: str | None) -> None:
    table = f"static const struct {{ double (*f)(double); {member}; }} q[1] = {{ {{ sin, {value} }} }};\n"
    shown = spelled_anew(program(table + MAIN + "s += 3 * (long)q[0].n; s += q[0].f(s); "))
    assert f"3 * (long){after or 'q[0].n'};" in shown
    assert ("q[1]" in shown) == (after is None)


STAYING = [
    # another entry, a table that changes, is handed out or of other length, a name that is hidden, a loop that is left
    RULES + MAIN + "int m = 2; for (int k = 0; k < m; k++) s += sum(r[k].f, r[k].w); ",
    RULES.replace("const", "") + MAIN + "r[0].f = cos; for (int k = 0; k < 2; k++) s += sum(r[k].f, r[k].w); ",
    RULES.replace("const", "")
    + "void set(struct rule *t); "
    + MAIN
    + "set(r); for (int k = 0; k < 2; k++) s += sum(r[k].f, r[k].w); ",
    RULES + MAIN + "for (int k = 0; k < 3; k++) if (k < 2) s += sum(r[k].f, r[k].w); ",
    RULES + MAIN + "for (int k = 0; k < 2; k++) { if (s > 1) break; s += sum(r[k].f, r[k].w); } ",
    RULES + MAIN + "for (int k = 0; k < 2; k++) { s += sum(r[k].f, r[k].w); k += s; } ",
    RULES.replace("r[2]", "r[3]") + MAIN + "for (int k = 0; k < 2; k++) s += sum(r[k].f, r[k].w); ",
    RULES.replace("{ .f", "[1] = { .f") + MAIN + "for (int k = 0; k < 2; k++) s += sum(r[k].f, r[k].w); ",
    "static const struct rule r[] = { \"one\", sin, 2, 5, 0, cos, 3, 1 };\n"
    + MAIN
    + "for (int k = 0; k < 2; k++) s += sum(r[k].f, r[k].w); ",
    "#define W 2\n" + RULES.replace("2, 5", "W, 5") + "#undef W\n#define W 3\n" + MAIN + "s += r[0].w; ",
    RULES + MAIN + "double sin = 2; s += sin + sum(r[0].f, 1); ",
]  # fmt: skip


@pytest.mark.parametrize("text", STAYING)
def test_what_is_not_known_stays(text: str) -> None:
    assert spelled_anew(program(text)) == program(text)


TABLE = "static const struct { double (*f)(double), (*g)(double); } q[] = { { sin }, { sin, cos }, { .g = 0 } };\n"
TESTS = [
    ("if (q[0].g) s++; s += 2;", "s += 2;"),
    ("if (q[1].g != NULL) s += q[1].g(s);", "s += q[1].g(s);"),
    ("if (!q[2].f) { s++; } else s--;", "{ s++; }"),
    ("if (q[2].f == NULL) s++;", "s++;"),
    ("if (s > 1) if (q[0].g) s++; else if (s > 2) s--; else s = 3;", "if (s > 1) { if (s > 2) s--; else s = 3; }"),
    ("if (s > 1) if (q[0].g) s++;", "if (s > 1) { }"),
    ("s = q[1].g ? s + 1 : s - 1;", "s = (s + 1);"),
    # a value of another type, a label, a number that is not known
    ("s = q[1].g ? 1 : s - 1;", None),
    ("if (q[0].g) { a: s++; } if (s < 3) goto a;", None),
    ("int k = s; if (q[k].g) s++;", None),
]


@pytest.mark.parametrize(("before", "after"), TESTS)
def test_tests_of_what_is_known_are_decided(before: str, after: str | None) -> None:
    read = parse(Source.from_str("t.c", program(TABLE + MAIN + before)))
    assert same(edited(read.source, table_tests(read)).shown, program(TABLE + MAIN + (after or before)))


def test_members_of_members_and_those_with_no_value() -> None:
    table = "static const struct { struct { int n; double h; } g; double (*f)(double); } q[] = "
    table += "{ { { 3, 0.5 }, sin }, { .f = cos, .g = { .h = 2 } } };\n"
    uses = "s += q[0].g.n * q[0].g.h + q[1].g.h + q[1].f(q[0].f(s)); "
    after = "s += 3 * 0.5 + 2.0 + cos(sin(s)); "
    assert same(spelled_anew(program(table + MAIN + uses)), program(MAIN + after))


@pytest.mark.parametrize("member", ["int n : 2", "union { int n; double other; }"])
def test_members_that_do_not_hold_what_is_written_stay(member: str) -> None:
    table = f"static const struct {{ double (*f)(double); {member}; }} q[] = {{ {{ sin, {{}} }} }};\n"
    text = program(table.replace("{}", "3" if ":" in member else "{ 3 }") + MAIN + "s += q[0].f(s) + q[0].n; ")
    assert spelled_anew(text) == text


def test_a_table_that_a_pointer_of_file_scope_leads_to_may_change() -> None:
    text = program(RULES.replace("const", "") + "struct rule *best = r;\n" + MAIN + "s = r[0].f(s); ")
    assert spelled_anew(text) == text


RUN = "static double run(double a, const struct rule *p) { return p->f(a) * p->w + %s; }\n"


def test_a_parameter_that_points_at_one_entry_is_that_entry() -> None:
    before = RULES + "static double run(double, const struct rule *);\n" + RUN % "sum(p->f, a)"
    before += MAIN + "s = run(s, &r[1]) + run(2, r + 1); "
    after = (
        RULES
        + "static double run(double);\nstatic double run(double a) { return r[1].f(a) * r[1].w + sum(r[1].f, a); }\n"
    )
    after += MAIN + "s = run(s) + run(2); "
    read = parse(Source.from_str("t.c", program(before)))
    assert edited(read.source, one_entry(read)).shown == program(after)


@pytest.mark.parametrize(
    ("use", "call"),
    [
        ("a", "run(s, &r[0]) + run(s, &r[1])"),
        ("(p + 1)->w", "run(s, &r[0])"),
        ("(*p).w", "run(s, &r[0])"),
        ("(p++)->w", "run(s, &r[0])"),
        ("a", "run(s, &r[k])"),
        ("a", "run(s, &other)"),
    ],
)
def test_other_pointers_to_entries_stay(use: str, call: str) -> None:
    text = RULES + "int k; struct rule other;\n" + RUN % use + MAIN + f"s = {call}; "
    assert one_entry(parse(Source.from_str("t.c", program(text)))) == []


def test_each_call_with_an_entry_of_its_own_has_a_function_of_its_own() -> None:
    text = RULES + "static void fill(const struct rule *p) { for (int i = 0; i < 4; i++) u[i] = p->f(p->w * i); }\n"
    loop = "for (const struct rule *p = r; p < r + 2; p++) { fill(p); s += u[1]; } "
    shown = read_program(Source.from_str("t.c", program(text + MAIN + loop))).source.text
    assert "u[i] = sin(2.0 * i);" in shown
    assert "u[i] = cos(0.5 * i);" in shown
    assert "rule r[2]" not in shown
