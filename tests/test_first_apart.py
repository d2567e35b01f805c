"""Loops that ask whether an iteration is their first, before and after it is spelled anew."""

from __future__ import annotations

import pytest
from test_restyle import spelled_anew

ASKING = [
    (
        "for (int i = 0; i < n; i++) b[i] = (i ? b[i - 1] : 0) + a[i];",
        "if (0 < n) b[0] = ((double)(0)) + a[0]; for (int i = 1; i < n; i++) b[i] = (b[i - 1]) + a[i];",
    ),
    (
        "for (int i = 0; i < n; i++) { if (i == 0) b[i] = a[i]; else b[i] = b[i - 1] * a[i]; }",
        "if (0 < n) b[0] = a[0]; for (int i = 1; i < n; i++) { b[i] = b[i - 1] * a[i]; }",
    ),
    # nothing is carried on, the bound moves, the loop begins elsewhere, its counter is looked at
    ("for (int i = 0; i < n; i++) b[i] = i ? a[i - 1] : 0;", None),
    ("for (int i = 0; i < b[3]; i++) b[i] = i ? b[i - 1] : 0;", None),
    ("for (int i = 1; i < n; i++) b[i] = i ? b[i - 1] : 0;", None),
    ("int i; for (i = 0; i < n; i++) b[i] = i ? b[i - 1] : 0; m = i;", None),
    ("for (unsigned i = 0; i < n; i++) b[i] = i ? b[i - 1] : 0;", None),
]


@pytest.mark.parametrize(("before", "after"), ASKING)
def test_the_first_iteration_comes_before_the_loop(before: str, after: str | None) -> None:
    assert spelled_anew(before) == (after or before)
