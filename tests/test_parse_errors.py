"""What the front end refuses: where, why, and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from parsing import body, program

from chatmpi.analysis.diagnostics import UnreadableInput
from chatmpi.analysis.parse import ParseOptions, parse
from chatmpi.analysis.source import Source


@pytest.mark.parametrize(
    ("text", "place", "message", "hint"),
    [
        ("int main(void) { int x = 3 return x; }\n", (1, 27), "expected ';'", "syntax"),
        ('#include "nope.h"\nint x;\n', (1, 10), "'nope.h' file not found", "-I"),
        ("#include <nope.h>\nint x;\n", (1, 10), "'nope.h' file not found", "-I"),
        ("int main(void) { return work(1); }\n", (1, 25), "undeclared function 'work'", "include the header"),
        ("int main(void) { return N; }\n", (1, 25), "undeclared identifier 'N'", "-D NAME=VALUE"),
        ("real x;\n", (1, 1), "unknown type name 'real'", "-I"),
        ("int main(void) { if (1) { return 0;\n", (1, 36), "expected '}'", "syntax"),
        ("int main(void) { /* return 0; }\n", (1, 18), "unterminated /* comment", "syntax"),
        ("#include <iostream>\nint main() { std::cout << 1; }\n", (1, 1), "chatmpi reads C, not C++", "C version"),
        ("int x;\nclass A { int y; };\n", (2, 1), "chatmpi reads C, not C++", "C version"),
        ("int x;\n\n\ntemplate<class T> T f(T x);\n", (4, 1), "chatmpi reads C, not C++", "C version"),
        ("\x7fELF\0\1", (1, 5), "NUL byte", "C source file"),
        ("", (1, 1), "empty", "C source file"),
        (" \n\t\n", (1, 1), "empty", "C source file"),
        ("\ufeff\n", (1, 1), "empty", "C source file"),
    ],
)
def test_what_cannot_be_read_says_where_why_and_what_to_do(
    text: str, place: tuple[int, int], message: str, hint: str
) -> None:
    with pytest.raises(UnreadableInput) as caught:
        parse(Source.from_str("t.c", text))
    found = caught.value.diagnostics[0]
    assert found.location is not None
    assert (found.location.file, found.location.line, found.location.column) == ("t.c", *place)
    assert found.severity == "error"
    assert message in found.message
    assert hint in found.hint


@pytest.mark.parametrize("suffix", ["cc", "cpp", "cxx", "hpp", "cu"])
def test_files_of_other_languages_are_refused_by_name(suffix: str) -> None:
    with pytest.raises(UnreadableInput, match="not C"):
        parse(Source.from_str(f"a.{suffix}", "int main(void) { return 0; }\n"))


def test_at_most_a_few_errors_are_shown() -> None:
    with pytest.raises(UnreadableInput) as caught:
        body("".join(f"a{k} = 1;\n" for k in range(40)))
    *errors, last = caught.value.diagnostics
    assert [d.message for d in errors] == [f"use of undeclared identifier 'a{k}'" for k in range(5)]
    assert last.severity == "note"


def test_an_error_in_a_header_of_the_user_is_shown_there(tmp_path: Path) -> None:
    (tmp_path / "bad.h").write_text("int ok;\nint f(;\n")
    with pytest.raises(UnreadableInput) as caught:
        program('#include "bad.h"\n', ParseOptions(include_dirs=(str(tmp_path),)))
    found = caught.value.diagnostics[0]
    assert found.location is not None
    assert (Path(found.location.file).name, found.location.line) == ("bad.h", 2)
    assert found.source_line == "int f(;"


def test_warnings_do_not_matter() -> None:
    assert program("#warning careful\nint f(void) { int unused; 1; }\n").functions


DEEP = {
    "parentheses": "int x = " + "(" * 10_000 + "1" + ")" * 10_000 + ";",
    "signs": "int x = " + "- " * 10_000 + "1;",
    "sums": "int f(int a) { return a" + " + a" * 10_000 + "; }",
    "casts": "int x = " + "(int)" * 10_000 + "1;",
    "blocks": "void f(void) { " + "{" * 10_000 + "}" * 10_000 + "}",
    "loops": "void f(void) { " + "for (;;) " * 10_000 + "; }",
    "else-ifs": "void f(int a) { if (a) ; " + "else if (a) ; " * 10_000 + "}",
    "labels": "void f(void) { " + "".join(f"l{k}: " for k in range(10_000)) + "; }",
    "pointers": "int " + "*" * 10_000 + "p;",
    "300 pointers": "int " + "*" * 300 + "p;",
    "subscripts": "int f(int *a) { return a" + "[0]" * 10_000 + "; }",
    "commas": "int f(int a) { return a" + ", a" * 30_000 + "; }",
    "300 terms": "int f(int a) { return a" + " + a" * 300 + "; }",
    "300 loops": "void f(void) { " + "for (;;) " * 300 + "; }",
}


@pytest.mark.parametrize("kind", DEEP)
def test_what_nests_too_deep_gets_one_clear_message(kind: str) -> None:
    with pytest.raises(UnreadableInput, match="nest") as caught:
        parse(Source.from_str("t.c", DEEP[kind]))
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize(
    "text",
    [
        "int f(int a) { return a" + " + a" * 200 + "; }",
        "int a[] = {" + "1, -2, " * 20_000 + "};",
        "enum e {" + ", ".join(f"A{k}" for k in range(3_000)) + "};",
        "void f(int a) { " + "a = a + 1; if (a) a = 2; else a = 3; " * 2_000 + "}",
        "void f(int a) { switch (a) {" + "".join(f"case {k}: a += {k}; break; " for k in range(2_000)) + "} }",
        "void f(int a, int b) { " + "for (a = 0; a < 3; a++) for (b = 0; b < 3; b++) ; " * 1_000 + "}",
        "int " + ", ".join(f"a{k} = {k}" for k in range(200)) + ";",
    ],
)
def test_what_is_only_long_is_read(text: str) -> None:
    assert parse(Source.from_str("t.c", text))


def test_names_that_mpi_3_removed_are_said_to_be_so() -> None:
    text = "#include <mpi.h>\nint main(void) {\n  int x;\n  MPI_Aint a;\n  MPI_Address(&x, &a);\n  return 0;\n}\n"
    with pytest.raises(UnreadableInput, match=r"'MPI_Address' was removed in MPI 3.0; MPI_Get_address takes its place"):
        parse(Source.from_str("a.c", text), ParseOptions())
