"""Comparing outputs: text exactly, numbers within a tolerance where a reduction may reorder a sum."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatmpi.verify.outputs import close, first_difference


@given(st.binary(), st.floats(0, 1))
def test_an_output_is_itself(output: bytes, tolerance: float) -> None:
    assert first_difference(output, output, tolerance) is None


@given(st.binary(), st.binary())
def test_without_tolerance_only_equal_outputs_agree(one: bytes, other: bytes) -> None:
    assert (first_difference(one, other) is None) == (one == other)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_seventeen_digits_agree_with_themselves_rounded_to_six(value: float) -> None:
    rounded = float(f"{value:.5e}")
    assert close(f"{value:.17g}", f"{rounded:.17g}", 1.0001e-5)


@pytest.mark.parametrize(
    ("expected", "got", "shown"),
    [
        (b"a\nb\n", b"a\nc\n", "line 2: expected 'b', got 'c'"),
        (b"a\n", b"a\nb\n", "line 2: expected the end, got 'b'"),
        (b"a\nb\n", b"a\n", "line 2: expected 'b', got the end"),
        (b"a\n", b"a", "line 1: expected 'a', got 'a' without a line end"),
        (b"", b"x\n", "line 1: expected the end, got 'x'"),
        (b"\xff\n", b"\xfe\n", r"line 1: expected '\\xff', got '\\xfe'"),
        (b"sum 1.5\n", b"sum 1.25\n", "line 1: expected 'sum 1.5', got 'sum 1.25'"),
    ],
)
def test_first_differing_line_is_shown(expected: bytes, got: bytes, shown: str) -> None:
    assert str(first_difference(expected, got)) == shown


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("0.30000000000000004", "0.30000000000000010"),
        ("1.2345678901234567e+10", "1.2345678901234571e+10"),
        ("0.5", "0.6"),  # one unit of the last digit printed
        ("1", "0.999999"),  # %g of numbers that differ by far less
        ("-nan", "nan"),
        ("inf", "INF"),
        ("10000000000001", "10000000000002"),  # a sum printed by %.0f
        ("0.000", "-0.000"),
    ],
)
def test_numbers_that_agree_within_1e_12(one: str, other: str) -> None:
    assert first_difference(f"x = {one};\n".encode(), f"x = {other};\n".encode(), 1e-12) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("0.5", "0.7"),
        ("0.300000000000", "0.300000000002"),
        ("12", "13"),
        ("1.0", "nan"),
        ("inf", "-inf"),
        ("inf", "1e308"),
        ("1.5", "x"),
        ("1e5", "1e6"),
        ("1.0 2.0", "1.0"),
    ],
)
def test_numbers_that_differ(one: str, other: str) -> None:
    assert first_difference(f"x = {one};\n".encode(), f"x = {other};\n".encode(), 1e-12) is not None


def test_words_between_numbers_must_agree() -> None:
    assert first_difference(b"max 1.5\n", b"min 1.5\n", 1e-3) is not None


def test_numbers_inside_names_are_words() -> None:
    assert first_difference(b"x1 1.0\n", b"x2 1.0\n", 0.9) is not None


def test_huge_exponents_cost_nothing() -> None:
    assert first_difference(b"1e999999999\n", b"5e999999999\n", 1e-12) is not None
