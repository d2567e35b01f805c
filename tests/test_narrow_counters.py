"""Loops that count in types narrower than int: divided where the counter does not wrap, or the loop would not end."""

from __future__ import annotations

import pytest
from deciding import loop_of

from chatmpi.analysis.source import Source
from chatmpi.translate import translate

HEAD = "int n = argc * 9, s = 0; unsigned char m = argc; unsigned short w = argc;\n"


@pytest.mark.parametrize(
    ("loop", "expected"),
    [
        ("for (unsigned char i = 0; i < N; i++) s += i;", "N"),
        ("for (unsigned short i = 0; i < 65535; i++) s += i;", "65535"),
        ("for (unsigned char i = 0; i < m; i++) s += i;", "m"),
        ("for (unsigned char i = 0; i < m - 1; i++) if (i == 3) return 1;", "m - 1"),
        ("for (unsigned char i = 0; i < n; i++) s += i;", "9*argc"),  # it would not end where n is more than 256
        ("for (short i = N - 1; i >= 0; i--) s += i;", "N"),
        ("for (short i = 9; i >= 0; i--) s += i;", "10"),
        ("for (unsigned char i = 0; i < n; i++) if (i == 3) break;", ""),
        ('for (unsigned char i = 0; i < n; i++) printf("%d", i);', ""),
        ("for (unsigned char i = 0; i < n; i += 3) s += i;", ""),
        ("for (unsigned char i = 0; i < 250; i += 3) s += i;", "250"),
        ("for (unsigned char i = 300; i < n; i++) s += i;", ""),
        ("for (unsigned char i = w; i < n; i++) s += i;", ""),
        ("for (unsigned char i = n; i < N; i++) s += i;", ""),
    ],
)
def test_the_range_of_a_narrow_counter(loop: str, expected: str) -> None:
    found = loop_of(f'{HEAD}{loop}\nprintf("%d", s);').info.counted
    assert (found.upper.text() if found is not None and found.upper is not None else "") == expected


STENCIL = """#include <stdio.h>
#include <stdint.h>
#define N 250u
static int a[N][N], b[N][N];
int main(void) {
    uint8_t i, j;
    for (i = 0; i < N; i++)
        for (j = 0; j < N; j++) {
            int v = (int)(i * (j < N / 2 ? j : N - j)) * 2;
            a[i][j] = (v - 400) / 3;
        }
    for (int t = 0; t < 9; t++) {
        for (i = 1; i < N - 1; i++)
            for (j = 0; j < N; j++)
                b[i][j] = (a[i - 1][j] + a[i + 1][j]) / 2;
        for (i = 1; i < N - 1; i++)
            for (j = 0; j < N; j++)
                a[i][j] = b[i][j];
    }
    long s = 0;
    for (i = 0; i < N; i++)
        for (j = 0; j < N; j++)
            s += a[i][j] * (j + 1);
    printf("%ld\\n", s);
    return 0;
}
"""


def test_local_indices_get_a_wider_type_and_signed_sums_stay_signed() -> None:
    made = translate(Source.from_str("p.c", STENCIL)).source.shown
    assert "    int i;\n    uint8_t j;\n" in made
    assert "v + (int)(" in made
