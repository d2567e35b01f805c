"""Headers that compare a sum or a multiple of the loop's variable: the range is exact, or not known."""

from __future__ import annotations

import pytest
from deciding import loop_of, plan_of

HEAD = "size_t n = argc * 20; unsigned m = argc * 10; int k = argc, s = 0; unsigned char c = argc;\n"


def upper(header: str) -> str:
    """One past the last value of a loop's range; "" of a loop that is not counted."""
    found = loop_of(f'{HEAD}for ({header}) s += i;\nprintf("%d", s);').info.canonical
    return "" if found is None or found.upper is None else found.upper.text()


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("size_t i = 1; i + 1 < n; i++", "n - 1"),
        ("size_t i = 0; n >= 2 + i; i++", "n - 1"),
        ("unsigned i = 0; i + 1 <= m; i++", "m"),
        ("size_t i = 2; i - 1 < n; i++", "n + 1"),
        ("size_t i = 0; i + 4 <= n; i += 4", "n - 3"),
        ("unsigned i = 0; 2 * i < m; i++", "((m + 1) / 2)"),
        ("int i = 0; i * 3 + 1 <= k; i++", "((argc + 2) / 3)"),
        ("int i = 0; 3 * i < k; i++", "((argc + 2) / 3)"),
        # what may wrap, or is not the number that it seems to be
        ("unsigned i = 0; i + 3 <= m; i += 3", ""),
        ("unsigned i = 0; 3 * i < m; i++", ""),
        ("size_t i = 0; i + k < n; i++", ""),
        ("unsigned i = m; i + 1 < 50; i++", ""),
        ("size_t i = 0; i - 1 < n; i++", ""),
        ("unsigned i = 0; i + 1 < k; i++", ""),
        ("size_t i = 1; i + 1 < n - 1; i++", ""),
        ("size_t i = n; i + 1 > 5; i--", ""),
        ("int i = 0; k - i > 3 * i; i++", ""),
    ],
)
def test_the_range_of_a_sum(header: str, expected: str) -> None:
    assert upper(header) == expected


def test_a_stencil_of_size_t_is_divided_with_a_halo() -> None:
    body = "for (size_t i = 1; i + 1 < n; i++) b[i] = a[i - 1] + a[i + 1];"
    code = f"{HEAD}double *a = calloc(n, sizeof *a), *b = calloc(n, sizeof *b);\n"
    code += f"for (int t = 0; t < 99; t++) {{ {body}\nfor (size_t i = 0; i < n; i++) a[i] = b[i]; }}"
    found = plan_of(code + 'printf("%g", a[3]);')
    assert [c.kind for c in found.communications][:1] == ["halo"]
    assert all(a.partition for a in found.arrays)
