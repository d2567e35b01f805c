"""Changing a size for a run: the one definition is rewritten, nothing else."""

import pytest

from chatmpi.analysis.diagnostics import UsageError
from chatmpi.analysis.parse import ParseOptions, parse
from chatmpi.analysis.source import Source
from chatmpi.verify.sizes import Size, definitions, resized, size_from_text


def with_size(text: str, *settings: str, defines: tuple[str, ...] = ()) -> str:
    """The program with the sizes set."""
    source = Source.from_str("program.c", text)
    sizes = [size_from_text(setting) for setting in settings]
    return resized(source, sizes, ParseOptions(defines=defines)).shown


def in_main(body: str) -> str:
    return f"#include <stdlib.h>\nint main(int argc, char **argv) {{ {body} return 0; }}\n"


@pytest.mark.parametrize(
    ("before", "setting", "after"),
    [
        ("#define N 100  /* points */\n", "N=7", "#define N 7  /* points */\n"),
        ("#define N (100)\n", "N=7", "#define N 7\n"),
        ("#define N 100\n#define M (2*N)\n", "M=7", "#define N 100\n#define M 7\n"),
        ("#define T -20\n", "T=-3", "#define T (-3)\n"),
        ("#define DT 0.5\n", "DT=1e-3", "#define DT 1e-3\n"),
        ("static const int n = 100, m = 50;\n", "n=7", "static const int n = 7, m = 50;\n"),
        ("#define N 100\nint n = N;\n", "n=7", "#define N 100\nint n = 7;\n"),
        ("/* N=100 */\n#define N 100\n", "N=7", "/* N=100 */\n#define N 7\n"),
        ("enum { N = 100, M = 2 * N };\n", "N=7", "enum { N = 7, M = 2 * N };\n"),
        ("long n = 100L;\n", "n=7L", "long n = 7L;\n"),
    ],
)
def test_definition_at_file_scope(before: str, setting: str, after: str) -> None:
    rest = in_main("")
    assert with_size(before + rest, setting) == after + rest


@pytest.mark.parametrize(
    ("before", "setting", "after"),
    [
        ("const int n = 100;", "n=7", "const int n = 7;"),
        ("int n = argc > 1 ? atoi(argv[1]) : 100;", "n=7", "int n = 7;"),
        ("int n; n = 100;", "n=7", "int n; n = 7;"),
        ("int n = 100; if (argc > 1) n = atoi(argv[1]);", "n=7", "int n = 7; if (argc > 1) n = atoi(argv[1]);"),
        ("int n; n = 100; if (argc > 1) n = atoi(argv[1]);", "n=7", "int n; n = 7; if (argc > 1) n = atoi(argv[1]);"),
        (
            "int n; if (argc > 1) n = atoi(argv[1]); else n = 100;",
            "n=7",
            "int n; if (argc > 1) n = atoi(argv[1]); else n = 7;",
        ),
        ("double h = 0.1;", "h=0.5", "double h = 0.5;"),
        ("int n = 100, m = 50;", "m=7", "int n = 100, m = 7;"),
    ],
)
def test_definition_in_main(before: str, setting: str, after: str) -> None:
    assert with_size(in_main(before), setting) == in_main(after)


def test_several_sizes_at_once() -> None:
    before, after = "#define N 10\n#define M 20\n", "#define N 1\n#define M 2\n"
    assert with_size(before + in_main(""), "M=2", "N=1") == after + in_main("")


def test_no_size_changes_nothing() -> None:
    assert with_size("not even C") == "not even C"


def names(body: str) -> list[str]:
    source = Source.from_str("program.c", body)
    return [d.name for d in definitions(parse(source))]


def test_what_the_program_computes_is_no_size() -> None:
    text = """
    #define N 10
    #define IDX(i, j) ((i) * N + (j))
    #define REAL double
    #define HELLO "hello"
    #define EMPTY
    int f(int k) { int twice = 2 * k; return twice; }
    int main(int argc, char **argv) {
      int n = 5, rows = n / 2, count = 0, steps = 3;
      double s = 0.0, largest = 0.0, x[N] = {0};
      for (int i = 0; i < n; i++) { int j = 1; s += x[i]; if (x[i] > largest) largest = x[i]; count++; }
      return f(count) + rows + steps;
    }
    """
    assert names(text) == ["N", "n", "steps"]


def test_what_a_condition_chooses_to_set_is_set() -> None:
    chosen = "for (int k = 1; k < argc; k++) { int v = atoi(argv[k]); *(k == 1 ? &n : k == 2 ? &m : &q) = v; }"
    branches = "if (k == 1) n = v; else if (k == 2) m = v; else q = v;"
    written = chosen.replace("*(k == 1 ? &n : k == 2 ? &m : &q) = v;", branches)
    for text in (chosen, written):
        assert names(in_main(f"int n = 4, m = 5, q = 6, r = 7; {text}")) == ["r"]


def test_what_goes_through_the_command_line_is_no_size() -> None:
    for loop in ("while ((n = get(argc, argv)) != -1) q++;", "do { n = get(argc, argv); q++; } while (n != -1);"):
        assert names(in_main(f"int get(), n = 4, m = get(argc, argv), q = 6; {loop}")) == ["m"]


def test_words_of_the_command_line_set_sizes_wherever_they_stand() -> None:
    for value in (
        "atoi(argv[2])",
        "atoi(argv[k + 1])",
        "atoi(argv[++k])",
        "atoi(*++argv)",
        "strtol(argv[k] + 2, 0, 10)",
    ):
        text = in_main(f"int n = 4; for (int k = 1; k < argc; k++) n = {value};")
        assert names(text) == ["n"]
        assert with_size(text, "n=7") == text.replace("n = 4", "n = 7")
    for value in ("atoi(argv[k]) + k", "k < argc ? k : 3"):
        assert names(in_main(f"int n = 4; for (int k = 1; k < argc; k++) n = {value};")) == []


def refusal(text: str, *settings: str, defines: tuple[str, ...] = ()) -> str:
    with pytest.raises(UsageError) as caught:
        with_size(text, *settings, defines=defines)
    return str(caught.value)


def test_unknown_size_names_those_there_are() -> None:
    said = refusal("#define N 10\n" + in_main("int steps = 3;"), "K=3")
    assert "program.c defines no size 'K'" in said
    assert "sizes it defines: N, steps" in said


def test_several_definitions_are_refused_with_their_lines() -> None:
    said = refusal("int f(void) { int n = 1; return n; }\n" + in_main("int n = 2; (void)n;"), "n=3")
    assert "defines 'n' 2 times (lines 1, 3)" in said


def test_a_size_with_two_numbers_is_refused() -> None:
    said = refusal(in_main("int n; if (argc > 1) n = 5; else n = 6;"), "n=3")
    assert "defines 'n' 2 times" in said


def test_size_that_the_command_line_defines() -> None:
    said = refusal("#ifndef N\n#define N 10\n#endif\n" + in_main(""), "N=3", defines=("N=5",))
    assert "give -D N=3" in said


@pytest.mark.parametrize("text", ["", "N", "N=", "=3", "N=x", "N=3;", "N==3", "3=N", "N=1 2", "N=__import__", "N=--3"])
def test_malformed_setting(text: str) -> None:
    with pytest.raises(UsageError, match="NAME=VALUE"):
        size_from_text(text)


@pytest.mark.parametrize("text", ["N=64", " N = 64 ", "_n1=0x40", "h=1e-3", "h=.5f", "n=10UL", "t=-3"])
def test_well_formed_setting(text: str) -> None:
    name, _, value = text.partition("=")
    assert size_from_text(text) == Size(name.strip(), value.strip())


def test_a_number_keeps_its_type() -> None:
    source = Source.from_str("p.c", "#define N 33u\n#define M 0x10UL\nint main(void) { return N - M < 0; }\n")
    made = resized(source, [Size("N", "7"), Size("M", "9")], ParseOptions()).shown
    assert "#define N 7u\n#define M 9UL\n" in made
