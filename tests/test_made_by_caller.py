"""Arrays of structs that a function makes and returns: their callers make them, where that is the same."""

from __future__ import annotations

import pytest

from chatmpi.analysis.parse import ParseOptions, parse
from chatmpi.analysis.restyle.made_by_caller import made_by_caller
from chatmpi.analysis.source import Source, edited

FRAME = """#include <stdio.h>
#include <stdlib.h>
typedef struct {{ double x; int k; }} item;
struct all {{ item *items; int n; }};
void look(item *a);
{}
int main(int argc, char **argv)
{{
    int n = atoi(argv[1]);
    struct all all;
    {}
    return 0;
}}
"""


def spelled_anew(maker: str, main: str) -> tuple[str, str]:
    program = parse(Source.from_str("t.c", FRAME.format(maker, main)), ParseOptions())
    text = edited(program.source, made_by_caller(program)).text
    begin, end = text.index("look(item *a);") + 14, text.index("int main(")
    return " ".join(text[begin:end].split()), " ".join(text[text.index("struct all all;") + 15 : -14].split())


FILLED = "for (int i = 0; i < n; i++) s[i].k = i;"
MAKER = f"static item *make(int n) {{ item *s = malloc(n * sizeof *s); {FILLED} return s; }}"

MADE = [
    (
        MAKER,
        "item *a = make(n), *b = make(n + 1); free(a); free(b);",
        f"static void make(item *s, int n) {{ {FILLED} }}",
        "item *a = malloc(n * sizeof(item)), *b = malloc((n + 1) * sizeof(item)); make(a, n); make(b, n + 1);"
        " free(a); free(b);",
    ),
    (
        f"item *make(void);\nitem *make(void) {{ item *s; s = (item *)calloc(9, sizeof(item)); if (!s) return NULL;"
        f" int n = 9; {FILLED} return s; }}",
        "all.items = make(); free(all.items);",
        f"void make(item *s); void make(item *s) {{ if (!s) return; int n = 9; {FILLED} }}",
        "all.items = calloc(9, sizeof(item)); make(all.items); free(all.items);",
    ),
]


@pytest.mark.parametrize(("maker", "main", "as_given", "as_made"), MADE)
def test_callers_make_what_is_returned(maker: str, main: str, as_given: str, as_made: str) -> None:
    assert spelled_anew(maker, main) == (as_given, as_made)


CALLED = "item *a = make(n); look(a);"
KEPT = [
    # the pointer has other memory, or what is returned is something else
    (f"item *make(int n) {{ item *s = malloc(n * sizeof *s); {FILLED} s++; return s; }}", CALLED),
    (f"item *make(int n) {{ item *s = malloc(n * sizeof *s); {FILLED} return s + 1; }}", CALLED),
    (
        f"item *make(int n) {{ item *s = malloc(n * sizeof *s); {FILLED} if (n > 5) return NULL; return s; }}",
        CALLED,
    ),
    # the caller cannot know how much
    (
        f'item *make(int n) {{ n = n + atoi("1"); item *s = malloc(n * sizeof *s); {FILLED} return s; }}',
        CALLED,
    ),
    (f"item *make(int n) {{ n++; item *s = malloc(n * sizeof *s); {FILLED} return s; }}", CALLED),
    # the call is something else than a pointer's value, or happens in another order then
    (MAKER, "look(make(n));"),
    (MAKER, "item *a = make(n++); look(a);"),
    (MAKER, "item *a = make(n); int k = a[0].k; look(a + k); item *b = make(n), c = b[0]; look(&c);"),
    (MAKER, "item *(*f)(int) = make; look(f(n));"),
]


@pytest.mark.parametrize(("maker", "main"), KEPT)
def test_it_stays_where_that_is_something_else(maker: str, main: str) -> None:
    assert spelled_anew(maker, main) == (maker, main)
