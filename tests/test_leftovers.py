"""What an MPI program no longer uses goes out of its text, or is said to be unused."""

from __future__ import annotations

import pytest

from chatmpi.analysis.parse import parse
from chatmpi.analysis.source import Source
from chatmpi.generate.leftovers import without_leftovers


def _left(made: str, written: str) -> str:
    return without_leftovers(Source.from_str("p_mpi.c", made), parse(Source.from_str("p.c", written))).text


USING = (
    "static int row(int i) { return i; }\nint main(int argc, char **argv) { int n = argc, k = 1, m; m = row(k); %s }\n"
)


@pytest.mark.parametrize(
    ("made", "left"),
    [
        ("int main(void) {\n    int n = 3;\n    return 0;\n}\n", "int main(void) {\n    return 0;\n}\n"),
        ("int main(void) { int k = 2, n = 1; return n; }\n", "int main(void) { int n = 1; return n; }\n"),
        ("int main(void) { int n = 1, k = 2; return n; }\n", "int main(void) { int n = 1; return n; }\n"),
        ("int f(void); int main(void) { int n = f(); return 0; }\n", "int n = f(); (void)n;  /* only the sequential"),
        (
            "int main(void) {\n  int m;\n  m = 2;\n  return 0;\n}\n",
            "  int m;\n  (void)m;  /* only the sequential program",
        ),
        (
            "int main(int argc, char **argv) {\n  return argc;\n}\n",
            ") {\n  (void)argv;  /* only the sequential program",
        ),
        (
            "static int row(int i) { return i; }\nint main(void) { return 0; }\n",
            "int main(void) { return 0; }\n",
        ),
        ("#define K k\nint main(void) { int k = 2; return K; }\n", "int k = 2;"),
        ("int main(void) { int k = 2;\n#ifdef DEBUG\nreturn k;\n#endif\nreturn 0; }\n", "int k = 2; (void)k;"),
    ],
)
def test_what_only_the_sequential_program_used(made: str, left: str) -> None:
    assert left in _left(made, USING % "return n + m + k + !argv;")


def test_what_the_program_never_used_stays() -> None:
    code = "static int row(int i, int j) { int n = 1; int m; m = 2; return i; }\nint main(void) { return 0; }\n"
    assert _left(code, code) == code


def test_a_text_that_is_no_c_stays() -> None:
    assert (
        _left("int main(void) { int k = 2; return q; }", USING % "return k;")
        == "int main(void) { int k = 2; return q; }"
    )
