"""Loops whose step is found as the program runs: where they lead is known, which iterations they have is not."""

import pytest
from deciding import facts_of, plan_of

HEAD = "int n = atoi(argv[1]), s = atoi(argv[2]), w = s > 0 ? s : 1, i; double a[N], x = 0;\n"


@pytest.mark.parametrize(
    ("header", "is_read"),
    [
        ("i = 0; i < n; i += n / 8 + 1", True),
        ("i = 0; i < n; i = i + (1 + n / 8)", True),
        ("i = 2; i < s; i += s", True),
        ("i = n; i >= 0; i -= n / 3 + 1", True),
        # the step may be zero or lead back; what a variable was given by a condition is not known
        ("i = 0; i < n; i += w", False),
        ("i = 0; i < n; i += s", False),
        ("i = 0; i < n; i += n / 8", False),
        ("i = -5; i < n; i += n / 2", False),
        ("i = n; i >= 0; i += w", False),
        ("i = n; i >= 0; i = w - i", False),
    ],
)
def test_steps_that_are_surely_positive(header: str, is_read: bool) -> None:
    (info,) = facts_of(f'{HEAD}for ({header}) x += a[i];\nprintf("%g", x);').loops.values()
    assert info.canonical is None
    assert (info.counted is not None) == is_read


@pytest.mark.parametrize("body", ["if (a[i] < 0) break; x++;", "n--; x++;", "x++; i++;"])
def test_what_the_body_does_to_the_step_or_the_end(body: str) -> None:
    (info,) = facts_of(f'{HEAD}for (i = 0; i < n; i += n / 9 + 1) {{ {body} }}\nprintf("%g", x);').loops.values()
    assert info.counted is None


def test_arrays_of_which_some_elements_are_printed_stay_distributed() -> None:
    plan = plan_of(
        "int n = atoi(argv[1]); double *a = malloc(n * n * sizeof *a), t = 0;\n"
        "for (int i = 0; i < n; i++) for (int j = 0; j < n; j++) a[i * n + j] = sin(i) * j;\n"
        "for (int i = 0; i < n; i++) for (int j = 0; j < n; j++) t += a[i * n + j];\n"
        'for (int j = 0; j < n; j += n / 8 + 1) printf("%g", a[j]);'
        'printf("%g", t);'
    )
    assert [a.partition for a in plan.arrays] == ["row"]
